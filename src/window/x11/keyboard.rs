//! The keyboard where no window manager gives it to a window: in a kiosk, under a bare `xinit`.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use egui::{Context, Event, Plugin, RawInput};
use x11rb::{
    CURRENT_TIME,
    connection::Connection as _,
    protocol::xproto::{ConnectionExt as _, EventMask, InputFocus, MapState, Window},
};

/// How long a window that has just been opened may take until it shows; only then it can have the keyboard.
const SHOWS_WITHIN: Duration = Duration::from_secs(5);

/// From one look whether it shows to the next.
const LOOK: Duration = Duration::from_millis(20);

/// Takes the keyboard when the window opens and when it is clicked, if it has no keyboard and nobody manages windows.
///
/// Then the X server gives keys to the window under the pointer, and the toolkit drops them: it was never told that it
/// has the keyboard.
#[derive(Debug)]
pub struct Keyboard {
    window: Window,
    /// The window has opened.
    opened: bool,
}

impl Keyboard {
    /// For this window.
    #[must_use]
    pub fn of(window: Window) -> Self {
        Self { window, opened: false }
    }
}

impl Plugin for Keyboard {
    fn debug_name(&self) -> &'static str {
        "keyboard without a window manager"
    }

    fn input_hook(&mut self, _: &Context, input: &mut RawInput) {
        let opens = !std::mem::replace(&mut self.opened, true);
        let pressed = |event: &Event| matches!(event, Event::PointerButton { pressed: true, .. });
        if input.focused || !(opens || input.events.iter().any(pressed)) {
            return;
        }
        let window = self.window;
        let take = move || {
            if let Err(error) = take(window) {
                tracing::warn!("the keyboard could not be taken: {error}");
            }
        };
        if let Err(error) = thread::Builder::new().name("keyboard".to_owned()).spawn(take) {
            tracing::warn!("the keyboard could not be taken: {error}");
        }
    }
}

/// Has the keyboard given to this window, unless that is a window manager's to decide.
fn take(window: Window) -> Result<(), Box<dyn Error>> {
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots.get(screen).ok_or("no screen")?.root;
    let started = Instant::now();
    loop {
        // Whoever manages windows has their wishes redirected to it, and no other program can.
        let events = connection.get_window_attributes(root)?.reply()?.all_event_masks;
        if events.contains(EventMask::SUBSTRUCTURE_REDIRECT) {
            return Ok(());
        }
        if connection.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE {
            break;
        }
        if started.elapsed() > SHOWS_WITHIN {
            return Err("the window does not show".into());
        }
        thread::sleep(LOOK);
    }
    connection.set_input_focus(InputFocus::POINTER_ROOT, window, CURRENT_TIME)?.check()?;
    Ok(())
}
