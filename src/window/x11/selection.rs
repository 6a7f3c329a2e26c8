//! The selections of X11 - what was copied, and what is selected - read without waiting long for their owners.

use std::{
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::Sender;
use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME, NONE,
    connection::Connection as _,
    errors::ReplyOrIdError,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ButtonIndex, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, ModMask, Property,
            Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
};

use crate::window::clipboard::{ANSWERS_WITHIN, MOST_PASTED, MiddleClick, Selection, Unread};

/// From one look for an answer to the next.
const LOOK: Duration = Duration::from_millis(2);

/// What a selection is asked for in, the best first.
const FORMATS: [&str; 3] = ["UTF8_STRING", "text/plain;charset=utf-8", "STRING"];

/// Four bytes at a time, as the protocol counts them.
const ALL_OF_IT: u32 = u32::MAX / 4;

/// The text of a selection. Waits for [`ANSWERS_WITHIN`] at most from one answer of its owner to the next.
///
/// # Errors
/// Where there is none, or its owner does not answer.
pub fn read(selection: Selection) -> Result<String, Unread> {
    let reader = Reader::new().map_err(unread)?;
    let owner = reader.owner(selection).map_err(unread)?;
    if owner == NONE {
        return Err(Unread::Nothing);
    }
    for format in FORMATS {
        if let Some(bytes) = reader.convert(selection, format)? {
            return Ok(match format {
                "STRING" => bytes.into_iter().map(char::from).collect(),
                _ => String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    Err(Unread::Nothing)
}

/// Has middle clicks into this window come here and not to the toolkit, which would read the selection while the window
/// stands still. The thread ends with the connection.
///
/// # Errors
/// Where the X server or the system refuses that.
pub fn take_middle_clicks(
    window: Window,
    to: Sender<MiddleClick>,
    wake: impl Fn() + Send + 'static,
) -> Result<(), Unread> {
    let (connection, _) = x11rb::connect(None).map_err(unread)?;
    let (mask, mode) = (EventMask::BUTTON_PRESS, GrabMode::ASYNC);
    connection
        .grab_button(false, window, mask, mode, mode, NONE, NONE, ButtonIndex::M2, ModMask::ANY)
        .map_err(unread)?
        .check()
        .map_err(unread)?;
    let clicks = move || {
        while let Ok(event) = connection.wait_for_event() {
            let Event::ButtonPress(press) = event else { continue };
            // The pointer goes back to the toolkit at once.
            let given_back = connection.ungrab_pointer(CURRENT_TIME).is_ok() && connection.flush().is_ok();
            let at = (press.event_x, press.event_y);
            if !given_back
                || to
                    .send(MiddleClick { at, text: read(Selection::Primary).map(|text| text.replace("\r\n", "\n")) })
                    .is_err()
            {
                return;
            }
            wake();
        }
    };
    thread::Builder::new().name("middle-click".to_owned()).spawn(clicks).map(drop).map_err(unread)
}

fn unread(error: impl std::fmt::Display) -> Unread {
    Unread::Failed(error.to_string())
}

/// A connection with a window that answers come to.
struct Reader {
    connection: RustConnection,
    window: Window,
    /// The property that answers are put in.
    answer: Atom,
}

impl Reader {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots.get(screen).ok_or("no screen")?.root;
        let window = connection.generate_id()?;
        let events = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let (class, visual) = (WindowClass::INPUT_OUTPUT, 0);
        connection.create_window(COPY_DEPTH_FROM_PARENT, window, root, 0, 0, 1, 1, 0, class, visual, &events)?;
        let answer = connection.intern_atom(false, b"SOCKHOP_PASTE")?.reply()?.atom;
        Ok(Self { connection, window, answer })
    }

    fn atom(&self, name: &str) -> Result<Atom, ReplyOrIdError> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    fn selection(&self, selection: Selection) -> Result<Atom, ReplyOrIdError> {
        match selection {
            Selection::Primary => Ok(AtomEnum::PRIMARY.into()),
            Selection::Clipboard => self.atom("CLIPBOARD"),
        }
    }

    fn owner(&self, selection: Selection) -> Result<Window, ReplyOrIdError> {
        Ok(self.connection.get_selection_owner(self.selection(selection)?)?.reply()?.owner)
    }

    /// The selection in this format; `None`, if its owner does not have it so.
    fn convert(&self, selection: Selection, format: &str) -> Result<Option<Vec<u8>>, Unread> {
        let (selection, format) = (self.selection(selection).map_err(unread)?, self.atom(format).map_err(unread)?);
        let in_parts = self.atom("INCR").map_err(unread)?;
        self.connection.convert_selection(self.window, selection, format, self.answer, CURRENT_TIME).map_err(unread)?;
        self.connection.flush().map_err(unread)?;
        let answered = self.wait(|event| match event {
            Event::SelectionNotify(answer) if answer.target == format => Some(answer.property),
            _ => None,
        })?;
        if answered == NONE {
            return Ok(None);
        }
        let (kind, mut bytes) = self.take_answer()?;
        if kind != in_parts {
            return Ok(Some(bytes));
        }
        // https://tronche.com/gui/x/icccm/sec-2.html, 2.7.2: each part is a new value of the property, an empty one the end.
        bytes.clear();
        loop {
            self.wait(|event| match event {
                Event::PropertyNotify(changed)
                    if changed.atom == self.answer && changed.state == Property::NEW_VALUE =>
                {
                    Some(())
                }
                _ => None,
            })?;
            let (_, part) = self.take_answer()?;
            if part.is_empty() {
                return Ok(Some(bytes));
            }
            bytes.extend(part);
            if bytes.len() > MOST_PASTED {
                return Err(Unread::TooLong);
            }
        }
    }

    /// What was put in the property, and of which kind. It is free for the next part then.
    fn take_answer(&self) -> Result<(Atom, Vec<u8>), Unread> {
        let reply = self
            .connection
            .get_property(true, self.window, self.answer, AtomEnum::ANY, 0, ALL_OF_IT)
            .map_err(unread)?
            .reply()
            .map_err(unread)?;
        self.connection.flush().map_err(unread)?;
        Ok((reply.type_, reply.value))
    }

    fn wait<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, Unread> {
        let until = Instant::now() + ANSWERS_WITHIN;
        loop {
            match self.connection.poll_for_event().map_err(unread)? {
                Some(event) => {
                    if let Some(found) = wanted(&event) {
                        return Ok(found);
                    }
                }
                None if Instant::now() >= until => return Err(Unread::Silent),
                None => thread::sleep(LOOK),
            }
        }
    }
}
