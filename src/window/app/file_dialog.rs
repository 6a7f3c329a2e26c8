//! Asking for a file, by a dialog of our own and by the system's, and what is done with the file.

use std::{
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context as Polling, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, bounded};
use directories::UserDirs;
use egui::Context;
use jiff::{Timestamp, civil::Date};

use super::{App, dialog::Dialog};
use crate::{
    atomic_file::write_atomically,
    chat::Origin,
    core::{Conversation, Input, Key, NoticeKind},
    history::Format,
    window::{
        file_wanted::{Exported, FileWanted},
        parts::{
            file_dialog::{FileDialog, file_name},
            notices::Confirmation,
        },
    },
};

/// Files being asked for, and texts being saved.
#[derive(Default)]
pub(super) struct Files {
    /// Where a file was chosen last.
    folder: Option<PathBuf>,
    /// In which form messages were exported last.
    format: Option<Format>,
    /// The system's dialog is wanted.
    wants_browser: bool,
    browsing: Option<Browsing>,
    saving: Vec<Saving>,
}

/// The system's dialog, open.
struct Browsing {
    chosen: Pin<Box<dyn Future<Output = Option<rfd::FileHandle>>>>,
    since: Instant,
}

/// A text on its way to a file.
struct Saving {
    path: PathBuf,
    outcome: Receiver<io::Result<()>>,
}

/// Draws the window when the system's dialog has an answer.
struct Redraw(Context);

impl Wake for Redraw {
    fn wake(self: Arc<Self>) {
        self.0.request_repaint();
    }
}

impl App {
    /// Show the dialog that asks for a file.
    pub(super) fn ask_file(&mut self, wanted: FileWanted) {
        let wanted = match wanted {
            FileWanted::Export { what, format } => {
                FileWanted::Export { what, format: self.files.format.unwrap_or(format) }
            }
            wanted => wanted,
        };
        let folder = self.files.folder.clone().filter(|folder| folder.is_dir()).or_else(|| {
            let user = UserDirs::new()?;
            let documents = user.document_dir().filter(|folder| folder.is_dir());
            Some(documents.unwrap_or(user.home_dir()).to_owned())
        });
        let name = self.suggested_name(&wanted);
        self.front.dialog = Some(Dialog::File(FileDialog::new(wanted, folder.unwrap_or_default(), &name)));
        self.files.browsing = None;
    }

    /// Have the system's dialog opened beside ours.
    pub(super) fn browse_files(&mut self) {
        self.files.wants_browser = true;
    }

    /// Do with a file what it was asked for.
    pub(super) fn file_chosen(&mut self, ctx: &Context, wanted: FileWanted, path: PathBuf) {
        self.front.dialog = None;
        self.files.browsing = None;
        self.files.folder = path.parent().map(PathBuf::from);
        match wanted {
            FileWanted::Export { what, format } => {
                self.files.format = Some(format);
                self.export(&what, format, path);
            }
            FileWanted::Import => self.import(path),
            FileWanted::Record(conn) => self.driver.record(conn, path),
            FileWanted::SaveText { text, .. } => self.save_text(ctx, path, text),
        }
    }

    /// Open the system's dialog if it is wanted. Not before the frame is drawn: some systems want their dialogs opened
    /// by the thread of the window, and belonging to it.
    pub(super) fn open_browser(&mut self, frame: &eframe::Frame) {
        if !std::mem::take(&mut self.files.wants_browser) || self.files.browsing.is_some() {
            return;
        }
        let Some(Dialog::File(dialog)) = &self.front.dialog else { return };
        let mut asking = rfd::AsyncFileDialog::new().set_title(dialog.title(&self.words)).set_parent(frame);
        let path = dialog.path();
        let saving = dialog.wanted().is_saving();
        let ending = dialog.wanted().extension().map(str::to_owned);
        let (folder, name) =
            if path.is_dir() { (Some(path.as_path()), None) } else { (path.parent(), path.file_name()) };
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            asking = asking.set_directory(folder);
        }
        if let Some(ending) = ending {
            asking = asking.add_filter(format!(".{ending}"), &[ending]);
        }
        let chosen: Pin<Box<dyn Future<Output = _>>> = if saving {
            let name = name.map(|name| name.to_string_lossy().into_owned());
            Box::pin(asking.set_file_name(name.unwrap_or_default()).save_file())
        } else {
            Box::pin(asking.pick_file())
        };
        self.files.browsing = Some(Browsing { chosen, since: Instant::now() });
    }

    /// Take what the system's dialog has to say, and what came of texts being saved.
    pub(super) fn look_after_files(&mut self, ctx: &Context) {
        if let Some(browsing) = &mut self.files.browsing {
            let waker = Waker::from(Arc::new(Redraw(ctx.clone())));
            let polled = browsing.chosen.as_mut().poll(&mut Polling::from_waker(&waker));
            let at_once = browsing.since.elapsed() < TOO_SOON;
            let Some(Dialog::File(dialog)) = &mut self.front.dialog else {
                // Ours was closed: nobody waits for an answer.
                self.files.browsing = None;
                return;
            };
            dialog.browsing = polled.is_pending();
            if let Poll::Ready(chosen) = polled {
                self.files.browsing = None;
                match chosen {
                    Some(file) => dialog.browsed(file.path().to_owned()),
                    // Nobody is so fast: there was none to answer.
                    None => dialog.no_browser = at_once,
                }
            }
        }
        let saving = std::mem::take(&mut self.files.saving);
        for save in saving {
            match save.outcome.try_recv() {
                Ok(Ok(())) => self.front.toasts.confirm(Confirmation::Saved(save.path)),
                Ok(Err(error)) => self.not_saved(save.path, &error),
                Err(crossbeam_channel::TryRecvError::Empty) => self.files.saving.push(save),
                Err(crossbeam_channel::TryRecvError::Disconnected) => {
                    self.not_saved(save.path, &io::ErrorKind::BrokenPipe.into());
                }
            }
        }
    }

    /// Write a text to a file on a thread of its own, since some disks are slow.
    fn save_text(&mut self, ctx: &Context, path: PathBuf, text: String) {
        let (done, outcome) = bounded(1);
        let (to, ctx) = (path.clone(), ctx.clone());
        let saving = thread::Builder::new().name("saving".to_owned()).spawn(move || {
            // Nobody waits for it where the window was closed meanwhile.
            if done.send(write_atomically(&to, text.as_bytes())).is_ok() {
                ctx.request_repaint();
            }
        });
        match saving {
            Ok(_) => self.files.saving.push(Saving { path, outcome }),
            Err(error) => self.not_saved(path, &error),
        }
    }

    fn not_saved(&mut self, path: PathBuf, error: &io::Error) {
        self.change(Input::Notice(NoticeKind::FileNotWritten { path, why: error.to_string() }));
    }

    /// What such a file would be called.
    fn suggested_name(&self, wanted: &FileWanted) -> String {
        let today = Timestamp::now().to_zoned(self.machine.zone.clone()).date();
        let (day, what) = match wanted {
            FileWanted::SaveText { name, .. } => return file_name(name),
            FileWanted::Export { what: Exported::Conversation(key), .. } => (self.day_of(*key), self.name_of(*key)),
            FileWanted::Record(conn) => (None, self.name_of(Key::Conn(*conn))),
            FileWanted::Export { what: Exported::Found(text), .. } => (None, text.clone()),
            FileWanted::Export { what: Exported::All, .. } | FileWanted::Import => (None, String::new()),
        };
        let name = file_name(&format!("sockhop {} {what}", day.unwrap_or(today)));
        wanted.extension().map_or(name.clone(), |ending| format!("{name}.{ending}"))
    }

    /// The day of a past session.
    fn day_of(&self, key: Key) -> Option<Date> {
        let open = self.core().past().open.as_ref().filter(|open| open.key() == key)?;
        Some(open.summary.session.opened.to_zoned(self.machine.zone.clone()).date())
    }

    /// What tells a conversation from others in the name of a file.
    fn name_of(&self, key: Key) -> String {
        let Some(Conversation { name, peer, origin, .. }) = self.core().conversation(key) else {
            return String::new();
        };
        match (name, peer, origin) {
            (Some(name), _, _) => name.clone(),
            (None, Some(peer), _) => peer.ip().to_string(),
            (None, None, Origin::Outgoing { host, .. }) => host.clone(),
            (None, None, Origin::Everyone | Origin::Accepted) => i18n_embed_fl::fl!(self.words, "everyone"),
        }
    }
}

/// No person answers the system's dialog within this time.
const TOO_SOON: Duration = Duration::from_millis(400);
