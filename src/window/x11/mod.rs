//! What is asked of the X server beside the toolkit, on connections of its own.

mod keyboard;
pub mod scale;
mod selection;

use std::sync::Arc;

use eframe::CreationContext;
use keyboard::Keyboard;

use super::clipboard::{Clipboard, Selection};

/// Whether a window of this process opens on X11: a Wayland display that is named is tried first.
#[must_use]
pub fn is_used() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET")
}

/// Has the keyboard taken where nobody gives it.
pub fn take_keyboard(created: &CreationContext<'_>) {
    if let Some(window) = window(created) {
        created.egui_ctx.add_plugin(Keyboard::of(window));
    }
}

/// The server's number of the window; `None`, if it is not on X11.
fn window(created: &CreationContext<'_>) -> Option<u32> {
    // On X11 the toolkit's number of a window is the server's.
    let window = created.winit_window().filter(|_| is_used())?;
    u32::try_from(u64::from(window.id())).ok()
}

/// Has the clipboard read here, and middle clicks too.
pub fn read_selections(created: &CreationContext<'_>) {
    let ctx = &created.egui_ctx;
    if !is_used() {
        return;
    }
    let window = window(created);
    let Some(clicked) = ctx.with_plugin(|clipboard: &mut Clipboard| {
        clipboard.read_by(Arc::new(|| selection::read(Selection::Clipboard)));
        clipboard.middle_clicks()
    }) else {
        return;
    };
    let wake = {
        let ctx = ctx.clone();
        move || ctx.request_repaint()
    };
    if let Some(Err(error)) = window.map(|window| selection::take_middle_clicks(window, clicked, wake)) {
        tracing::warn!(?error, "middle clicks are left to the toolkit");
    }
}
