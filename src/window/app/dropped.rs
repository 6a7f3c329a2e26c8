//! What comes into the window from outside: files that are dropped on it or chosen, and the clipboard where it fails.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    string::FromUtf8Error,
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use super::App;
use crate::{
    core::{Input, Key, MOST_SENT, NotPasted, NotTaken, NoticeKind},
    settings::{MOST_SAVED, SavedMessages},
    window::{
        clipboard::{Clipboard, MOST_IN_FIELD, MOST_PASTED, Unread},
        parts::composer::Offered,
        screen::Screen,
    },
};

/// Files that were dropped or chosen and are being read, one thread each; few, for each takes a hand.
#[derive(Debug)]
pub(super) struct Dropped {
    read: Sender<ReadFile>,
    files: Receiver<ReadFile>,
}

/// A file that was read.
#[derive(Debug)]
struct ReadFile {
    /// To be sent in this conversation; `None`: its messages are to be saved.
    key: Option<Key>,
    path: PathBuf,
    bytes: Result<Vec<u8>, NotTaken>,
}

impl Default for Dropped {
    fn default() -> Self {
        let (read, files) = unbounded();
        Self { read, files }
    }
}

impl App {
    /// Takes what came: a text that fits goes into the field, anything else is offered to be sent as it is.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        for (place, file) in dropped.into_iter().enumerate() {
            let path = file.path().to_owned();
            if place > 0 {
                self.not_taken(path, NotTaken::OneAtATime);
            } else if self.can_write() {
                self.read_file(ctx, path, Some(self.selection.conversation));
            } else {
                self.not_taken(path, NotTaken::NobodyToSendTo);
            }
        }
        while let Ok(ReadFile { key, path, bytes }) = self.files.dropped.files.try_recv() {
            let Some(key) = key else {
                self.import_saved(ctx, path, bytes);
                continue;
            };
            match bytes.map(String::from_utf8) {
                Ok(Ok(text)) if text.len() <= MOST_IN_FIELD && !text.contains('\0') => {
                    self.screens.conversation.composer.insert(key, &text);
                }
                Ok(bytes) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let bytes = bytes.map_or_else(FromUtf8Error::into_bytes, String::into_bytes).into();
                    self.screens.conversation.composer.offer(key, Offered::File { name, bytes });
                }
                Err(why) => self.not_taken(path, why),
            }
        }
        let failed = ctx.with_plugin(|clipboard: &mut Clipboard| {
            clipboard.drop_long();
            clipboard.take_failure()
        });
        if let Some(why) = failed.flatten() {
            self.change(Input::Notice(NoticeKind::NotPasted(match why {
                Unread::Nothing => return,
                Unread::Silent => NotPasted::Silent,
                Unread::TooLong => NotPasted::TooLong { most: MOST_PASTED as u64 },
                Unread::TooLongForField => NotPasted::TooLong { most: MOST_IN_FIELD as u64 },
                Unread::Failed(why) => NotPasted::Failed(why),
            })));
        }
    }

    /// Whether a conversation with a field to write in is in sight.
    fn can_write(&self) -> bool {
        let covered = self.screens.stage.shows(Screen::History) || self.screens.stage.shows(Screen::Network);
        let key = self.selection.conversation;
        self.front.dialog.is_none()
            && !covered
            && match key {
                Key::Everyone => self.core().connected_clients() > 0,
                key => self.core().conversation(key).is_some(),
            }
    }

    /// Have a file read, to be sent in a conversation; or to save the messages in it, where none is given.
    pub(super) fn read_file(&mut self, ctx: &Context, path: PathBuf, key: Option<Key>) {
        let (read, ctx) = (self.files.dropped.read.clone(), ctx.clone());
        let of = path.clone();
        let begun = thread::Builder::new().name("dropped-file".to_owned()).spawn(move || {
            let bytes = read_file(&of);
            // Nobody takes it where the window was closed.
            let _ = read.send(ReadFile { key, path: of, bytes });
            ctx.request_repaint();
        });
        if let Err(error) = begun {
            self.not_taken(path, NotTaken::Unread(error.to_string()));
        }
    }

    /// Saves the messages of a file that are not saved yet.
    fn import_saved(&mut self, ctx: &Context, path: PathBuf, bytes: Result<Vec<u8>, NotTaken>) {
        let messages = bytes.and_then(|bytes| {
            let text = String::from_utf8(bytes).map_err(|error| NotTaken::Unread(error.to_string()))?;
            SavedMessages::from_text(&text).map_err(NotTaken::Unread)
        });
        match messages {
            Ok(messages) => {
                let mut settings = self.settings.clone();
                for message in messages {
                    if settings.saved_messages.len() < MOST_SAVED && !settings.saved_messages.contains(&message) {
                        settings.saved_messages.push(message);
                    }
                }
                self.set_settings(ctx, settings);
            }
            Err(why) => self.not_taken(path, why),
        }
    }

    fn not_taken(&mut self, path: PathBuf, why: NotTaken) {
        self.change(Input::Notice(NoticeKind::NotTaken { path, why }));
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, NotTaken> {
    let unread = |error: std::io::Error| NotTaken::Unread(error.to_string());
    let about = std::fs::metadata(path).map_err(unread)?;
    if about.is_dir() {
        return Err(NotTaken::Folder);
    }
    if !about.is_file() {
        return Err(unread(std::io::ErrorKind::Unsupported.into()));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    File::open(path).map_err(unread)?.take(MOST_SENT as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() > MOST_SENT { Err(NotTaken::TooLarge { most: MOST_SENT as u64 }) } else { Ok(bytes) }
}
