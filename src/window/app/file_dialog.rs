//! Asking for a file, by the system's dialog or by a path field of our own, and what is done with the file.

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    task::{Context as Polling, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use directories::UserDirs;
use egui::Context;
use jiff::{Timestamp, civil::Date};

use super::{App, dialog::Dialog, dropped::Dropped};
use crate::{
    atomic_file::{Readers, write_atomically},
    chat::Origin,
    core::{Conversation, Input, Key, NoticeKind},
    history::Format,
    window::{
        file_wanted::{Exported, FileWanted},
        parts::{
            file_dialog::{Absence, FileDialog, file_name},
            notices::Confirmation,
        },
        system_dialog::{Choice, Native, SystemDialog},
    },
};

/// No person answers the system's dialog within this time.
const TOO_SOON: Duration = Duration::from_millis(400);

/// A system that has not said within this time whether it has a file dialog has none.
const PATIENCE: Duration = Duration::from_secs(4);

/// Files being asked for, and texts being saved.
pub(super) struct Files {
    /// Files that were dropped on the window.
    pub(super) dropped: Dropped,
    /// Where a file was chosen last.
    folder: Option<PathBuf>,
    /// In which form messages were exported last.
    format: Option<Format>,
    system: Arc<dyn SystemDialog>,
    /// The system is being asked.
    asking: Option<Asking>,
    saving: Vec<Saving>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            dropped: Dropped::default(),
            folder: None,
            format: None,
            system: Arc::new(Native),
            asking: None,
            saving: Vec::new(),
        }
    }
}

/// The system is asked for a file.
struct Asking {
    /// Our own dialog for the same file, should the system have none.
    instead: FileDialog,
    stage: Stage,
    /// Since when it is at this stage.
    since: Instant,
}

/// How far that has come.
enum Stage {
    /// Nothing was done yet.
    Wanted,
    /// A thread finds out whether there is a dialog.
    Looking(Receiver<bool>),
    /// The dialog is open.
    Open(Choice),
}

/// What comes next of a question to the system.
enum Next {
    Wait,
    Stage(Stage),
    /// The user chose this file.
    Chosen(PathBuf),
    /// The user wants no file.
    Cancelled,
    /// There is no dialog.
    Absent(Absence),
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
    /// Have files asked for by this dialog, in place of the system's.
    pub fn set_system_dialog(&mut self, dialog: Arc<dyn SystemDialog>) {
        self.files.system = dialog;
    }

    /// Ask for a file: the system's dialog at once, and a path field where there is none.
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
        let instead = FileDialog::new(wanted, folder.unwrap_or_default(), &name);
        if self.files.asking.is_some() {
            self.show_path_field(instead, Absence::Busy);
        } else {
            self.files.asking = Some(Asking { instead, stage: Stage::Wanted, since: Instant::now() });
        }
    }

    /// Take the question to the system as far as it goes now: the one place where it is decided which dialog asks.
    pub(super) fn follow_asking(&mut self, ctx: &Context, frame: &eframe::Frame) {
        while let Some(mut asking) = self.files.asking.take() {
            match self.next_of_asking(&mut asking, ctx, frame) {
                Next::Wait => {
                    self.files.asking = Some(asking);
                    return;
                }
                Next::Stage(stage) => {
                    self.files.asking = Some(Asking { stage, since: Instant::now(), ..asking });
                }
                Next::Chosen(path) => {
                    let wanted = asking.instead.wanted_as(&path);
                    self.use_file(ctx, wanted, path);
                }
                Next::Cancelled => {}
                Next::Absent(why) => {
                    self.show_path_field(asking.instead, why);
                    ctx.request_repaint();
                }
            }
        }
    }

    fn next_of_asking(&self, asking: &mut Asking, ctx: &Context, frame: &eframe::Frame) -> Next {
        let waited = asking.since.elapsed();
        match &mut asking.stage {
            Stage::Wanted => {
                let (answer, found) = bounded(1);
                let (system, ctx) = (Arc::clone(&self.files.system), ctx.clone());
                let looking = thread::Builder::new().name("file-dialog".to_owned()).spawn(move || {
                    // Nobody waits for it where the window was closed meanwhile.
                    if answer.send(system.is_there()).is_ok() {
                        ctx.request_repaint();
                    }
                });
                match looking {
                    Ok(_) => Next::Stage(Stage::Looking(found)),
                    Err(error) => {
                        tracing::warn!("no thread for the file dialog: {error}");
                        Next::Absent(Absence::NotShown)
                    }
                }
            }
            Stage::Looking(found) => match found.try_recv() {
                Ok(true) => {
                    let question = asking.instead.question(&self.words);
                    Next::Stage(Stage::Open(self.files.system.ask(question, frame)))
                }
                Err(TryRecvError::Empty) if waited < PATIENCE => {
                    ctx.request_repaint_after(PATIENCE.saturating_sub(waited));
                    Next::Wait
                }
                Ok(false) | Err(_) => Next::Absent(Absence::None),
            },
            Stage::Open(choice) => {
                let waker = Waker::from(Arc::new(Redraw(ctx.clone())));
                match choice.as_mut().poll(&mut Polling::from_waker(&waker)) {
                    Poll::Pending => Next::Wait,
                    Poll::Ready(Some(path)) => Next::Chosen(path),
                    // Nobody is so fast: there was none to answer.
                    Poll::Ready(None) if waited < TOO_SOON => Next::Absent(Absence::NotShown),
                    Poll::Ready(None) => Next::Cancelled,
                }
            }
        }
    }

    fn show_path_field(&mut self, mut dialog: FileDialog, why: Absence) {
        dialog.why = why;
        self.front.dialog = Some(Dialog::File(dialog));
    }

    /// The user chose a file in our own dialog.
    pub(super) fn file_chosen(&mut self, ctx: &Context, wanted: FileWanted, path: PathBuf) {
        self.front.dialog = None;
        self.use_file(ctx, wanted, path);
    }

    /// Do with a file what it was asked for.
    fn use_file(&mut self, ctx: &Context, wanted: FileWanted, path: PathBuf) {
        self.files.folder = path.parent().map(PathBuf::from);
        match wanted {
            FileWanted::Export { what, format } => {
                self.files.format = Some(format);
                self.export(&what, format, path);
            }
            FileWanted::Import => self.import(path),
            FileWanted::ImportSaved => self.read_file(ctx, path, None),
            FileWanted::Send(key) => self.read_file(ctx, path, Some(key)),
            FileWanted::Record(conn) => self.driver.record(conn, path),
            FileWanted::SaveText { text, .. } => self.save_text(ctx, path, text),
        }
    }

    /// Say what came of texts being saved.
    pub(super) fn look_after_saving(&mut self) {
        let saving = std::mem::take(&mut self.files.saving);
        for save in saving {
            match save.outcome.try_recv() {
                Ok(Ok(())) => self.front.toasts.confirm(Confirmation::Saved(save.path)),
                Ok(Err(error)) => self.not_saved(save.path, &error),
                Err(TryRecvError::Empty) => self.files.saving.push(save),
                Err(TryRecvError::Disconnected) => {
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
            if done.send(write_atomically(&to, text.as_bytes(), Readers::AsUsual)).is_ok() {
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
            FileWanted::Export { what: Exported::All, .. }
            | FileWanted::Import
            | FileWanted::ImportSaved
            | FileWanted::Send(_) => (None, String::new()),
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
            (None, None, Origin::Outgoing { host, .. } | Origin::Datagrams { host, .. }) => host.clone(),
            (None, None, Origin::Person(id)) => id.tag(),
            (None, None, Origin::Nearby) => i18n_embed_fl::fl!(self.words, "nearby-all"),
            (None, None, Origin::Everyone | Origin::Accepted | Origin::Heard) => {
                i18n_embed_fl::fl!(self.words, "everyone")
            }
        }
    }
}
