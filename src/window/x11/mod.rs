//! What is asked of the X server beside the toolkit, on connections of its own.

pub mod scale;
mod selection;

use std::sync::Arc;

use eframe::CreationContext;

use super::clipboard::{Clipboard, Selection};

/// Whether a window of this process opens on X11: a Wayland display that is named is tried first.
#[must_use]
pub fn is_used() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET")
}

/// Has the clipboard read here, and middle clicks too.
pub fn read_selections(created: &CreationContext<'_>) {
    let ctx = &created.egui_ctx;
    if !is_used() {
        return;
    }
    // On X11 the toolkit's number of a window is the server's.
    let window = created.winit_window().and_then(|window| u32::try_from(u64::from(window.id())).ok());
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
