//! Cut, copy and paste: their keys, and a clipboard that is read aside where the window would wait for its owner.

use std::{sync::Arc, thread, time::Duration};

use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Plugin, RawInput, ViewportCommand, pos2};

/// How long the owner of the clipboard may take to answer.
pub const ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// The most bytes that are read from the clipboard.
pub const MOST_PASTED: usize = 64 * 1024 * 1024;

/// The most bytes of text that go into a field at once: a field lays out all of its text at each key.
pub const MOST_IN_FIELD: usize = 64 * 1024;

/// Which of the two clipboards of X11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// What was copied.
    Clipboard,
    /// What is selected.
    Primary,
}

/// Why nothing was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is no text.
    Nothing,
    /// Whoever has it did not answer within [`ANSWERS_WITHIN`].
    Silent,
    /// It is longer than [`MOST_PASTED`].
    TooLong,
    /// It is longer than [`MOST_IN_FIELD`], and the field that it was for can do nothing else with it.
    TooLongForField,
    /// The system's words.
    Failed(String),
}

/// A middle click, and what was selected somewhere then.
#[derive(Debug)]
pub struct MiddleClick {
    /// Where in the window, in pixels.
    pub at: (i16, i16),
    /// What is to be pasted there.
    pub text: Result<String, Unread>,
}

/// Reads the clipboard; may take as long as it likes.
pub type Reader = Arc<dyn Fn() -> Result<String, Unread> + Send + Sync>;

/// Has the keys for cut, copy and paste do that in every field, and reads the clipboard.
///
/// By itself egui reads it on the thread that draws, and waits for its owner, another program that may be busy. Where
/// there is a [`Reader`], it is asked on a thread of its own; what is typed meanwhile waits, so that it comes behind what
/// is pasted.
#[derive(Default)]
pub struct Clipboard {
    reader: Option<Reader>,
    middle_clicks: Option<Receiver<MiddleClick>>,
    /// What is being read.
    answer: Option<Receiver<Result<String, Unread>>>,
    /// A menu asked for these, in the field that has the keyboard.
    asked: Vec<Edit>,
    /// Keys that came behind a paste.
    waiting: Vec<Event>,
    /// Too long for a field.
    long: Option<String>,
    failed: Option<Unread>,
}

impl Clipboard {
    /// Reads it so from here on.
    pub fn read_by(&mut self, reader: Reader) {
        self.reader = Some(reader);
    }

    /// Where to report middle clicks that do not come as events.
    pub fn middle_clicks(&mut self) -> Sender<MiddleClick> {
        let (clicked, clicks) = unbounded();
        self.middle_clicks = Some(clicks);
        clicked
    }

    /// A text that was pasted and is longer than [`MOST_IN_FIELD`], once.
    pub fn take_long(&mut self) -> Option<String> {
        self.long.take()
    }

    /// Nobody takes that text in this frame.
    pub fn drop_long(&mut self) {
        if self.long.take().is_some() {
            self.failed = Some(Unread::TooLongForField);
        }
    }

    /// Why the last paste came to nothing, once.
    pub fn take_failure(&mut self) -> Option<Unread> {
        self.failed.take()
    }

    fn begin(&mut self, ctx: &Context) {
        let Some(reader) = self.reader.clone() else {
            return ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
        };
        let ((tell, answer), ctx) = (unbounded(), ctx.clone());
        let read = move || {
            // Nobody takes it where the window was closed.
            let _ = tell.send(reader().map(|text| text.replace("\r\n", "\n")));
            ctx.request_repaint();
        };
        match thread::Builder::new().name("clipboard".to_owned()).spawn(read) {
            Ok(_) => self.answer = Some(answer),
            Err(error) => self.failed = Some(Unread::Failed(error.to_string())),
        }
    }

    /// What was read, as an event, if that is over.
    fn answered(&mut self) -> Option<Event> {
        let answer = match self.answer.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(Unread::Nothing),
            Ok(answer) => answer,
        };
        self.answer = None;
        self.pasted(answer).map(Event::Paste)
    }

    fn pasted(&mut self, answer: Result<String, Unread>) -> Option<String> {
        match answer {
            Ok(text) => Some(text),
            Err(why) => {
                self.failed = (why != Unread::Nothing).then_some(why);
                None
            }
        }
    }
}

impl Plugin for Clipboard {
    fn debug_name(&self) -> &'static str {
        "clipboard"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let read = self.answered();
        let mut events: Vec<Event> = self.asked.drain(..).map(Edit::pressed).collect();
        if self.answer.is_none() {
            events.extend(read);
            events.append(&mut self.waiting);
        }
        events.append(&mut input.events);
        for event in events {
            if self.answer.is_some() && is_typed(&event) {
                self.waiting.push(event);
                continue;
            }
            match event {
                Event::Key { key, pressed: true, modifiers, .. } => match edit(key, modifiers) {
                    Some(Edit::Cut) => input.events.push(Event::Cut),
                    Some(Edit::Copy) => input.events.push(Event::Copy),
                    Some(Edit::Paste) => self.begin(ctx),
                    Some(Edit::SelectAll) | None => input.events.push(event),
                },
                Event::Paste(text) | Event::MiddleClickPaste { text, .. } if text.len() > MOST_IN_FIELD => {
                    self.long = Some(text);
                }
                event => input.events.push(event),
            }
        }
        let clicks: Vec<MiddleClick> = self.middle_clicks.iter().flat_map(Receiver::try_iter).collect();
        for MiddleClick { at: (x, y), text } in clicks {
            let scale = ctx.pixels_per_point();
            let pos = pos2(f32::from(x) / scale, f32::from(y) / scale);
            match self.pasted(text) {
                Some(text) if text.len() > MOST_IN_FIELD => self.long = Some(text),
                Some(text) => {
                    input.events.extend([Event::PointerMoved(pos), Event::MiddleClickPaste { pos, text }]);
                }
                None => {}
            }
        }
    }
}

/// What is done in a field with the clipboard and what is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Takes what is selected away, to the clipboard.
    Cut,
    /// Puts it on the clipboard.
    Copy,
    /// Puts what is on the clipboard there.
    Paste,
    /// Selects all.
    SelectAll,
}

impl Edit {
    /// Its keys.
    #[must_use]
    pub fn keys(self) -> KeyboardShortcut {
        let key = match self {
            Self::Cut => Key::X,
            Self::Copy => Key::C,
            Self::Paste => Key::V,
            Self::SelectAll => Key::A,
        };
        KeyboardShortcut::new(Modifiers::COMMAND, key)
    }

    fn pressed(self) -> Event {
        let KeyboardShortcut { modifiers, logical_key: key } = self.keys();
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }
}

/// Does that in the field that has the keyboard by the next frame.
pub fn edit_field(ctx: &Context, edit: Edit) {
    ctx.with_plugin(|clipboard: &mut Clipboard| clipboard.asked.push(edit));
    ctx.request_repaint();
}

/// What these keys mean in a field.
fn edit(key: Key, modifiers: Modifiers) -> Option<Edit> {
    let (command, shift) = (modifiers.command_only() || modifiers == Modifiers::COMMAND, modifiers.shift_only());
    match key {
        Key::Cut => Some(Edit::Cut),
        Key::Copy => Some(Edit::Copy),
        Key::Paste => Some(Edit::Paste),
        Key::X if command => Some(Edit::Cut),
        Key::C | Key::Insert if command => Some(Edit::Copy),
        Key::V if command => Some(Edit::Paste),
        Key::Delete if shift => Some(Edit::Cut),
        Key::Insert if shift => Some(Edit::Paste),
        _ => None,
    }
}

/// Whether an event is of the keyboard.
fn is_typed(event: &Event) -> bool {
    matches!(event, Event::Key { .. } | Event::Text(_) | Event::Ime(_) | Event::Paste(_) | Event::Cut | Event::Copy)
}
