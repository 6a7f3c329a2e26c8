//! What the user is told that did not go well.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Core, NotSaid, TaskKind};
use crate::{
    chat::{ConnId, NetError, PersonId},
    history::{Trouble, Unavailable},
};

/// Notices kept in the log; past it the oldest go.
pub const NOTICES_KEPT: usize = 500;

/// Something the user is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Counted from 1.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened; the words come with the language.
    pub kind: NoticeKind,
}

/// Why nothing was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPasted {
    /// The program that has the clipboard does not answer.
    Silent,
    /// The text is too long.
    TooLong {
        /// The most bytes that are pasted.
        most: u64,
    },
    /// The clipboard could not be read; the system's words.
    Failed(String),
}

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// No conversation is open to send it in.
    NobodyToSendTo,
    /// It is a folder.
    Folder,
    /// It is too large.
    TooLarge {
        /// The most bytes of a file.
        most: u64,
    },
    /// Another that was dropped with it was taken.
    OneAtATime,
    /// It could not be read; the system's words.
    Unread(String),
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum NoticeKind {
    /// A call on a socket failed.
    Net {
        /// On which connection, if on one.
        conn: Option<ConnId>,
        /// Which call, on which address, why.
        error: NetError,
    },
    /// More answers of rules would have waited for their time than [`ANSWERS_WAITING`](super::ANSWERS_WAITING).
    AnswersLeftOut,
    /// A client answered what others said, and they that: what it says goes to nobody any more.
    RelayWentRound {
        /// The client.
        conn: ConnId,
    },
    /// Our automatic answers and the other side's answered each other: this connection answers no more.
    AnswersWentRound {
        /// On which connection.
        conn: ConnId,
    },
    /// A panic ended the program the last time.
    EndedByFault {
        /// Where in the source.
        place: String,
        /// The file that says more.
        log: PathBuf,
    },
    /// The settings file could not be used.
    SettingsDamaged {
        /// What is wrong with it, in one line.
        why: String,
        /// Where it is now; `None` if it could not be moved and is still there.
        set_aside: Option<PathBuf>,
    },
    /// A value in the settings file could not be used; the default holds in its place.
    SettingIgnored {
        /// Its key.
        key: String,
        /// What is wrong with it, in one line.
        why: String,
    },
    /// There is no folder to keep files in.
    NoFolder,
    /// The settings could not be written.
    SettingsNotSaved {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        why: String,
    },
    /// A character of a sent text has no bytes in the chosen encoding; `?` was sent in its place.
    Unmappable {
        /// The first such character.
        character: char,
        /// The encoding's name.
        encoding: &'static str,
    },
    /// The frame log could not be written.
    FrameLog {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        why: String,
    },
    /// Something went wrong with the history.
    History(Trouble),
    /// The history takes nothing, as on a disk that hangs: conversations go on without it.
    HistoryStuck,
    /// What the history was asked to do could not be done.
    TaskFailed {
        /// What.
        task: TaskKind,
        /// In which line of the file that is taken in something is wrong.
        line: Option<u64>,
        /// Why, in the system's words.
        why: String,
    },
    /// The history was asked to do something while it is not open.
    HistoryClosed,
    /// A conversation to be exported is not in the history.
    NothingKept,
    /// A file could not be written.
    FileNotWritten {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        why: String,
    },
    /// What a connection receives could not be recorded, or no further.
    NotRecorded {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        why: String,
    },
    /// A recording was stopped while its file took nothing: what waited for it is not in it.
    RecordingCutShort {
        /// The file.
        path: PathBuf,
        /// How many bytes are missing at its end.
        bytes: u64,
    },
    /// No more connections are recorded at once.
    TooManyRecordings {
        /// How many.
        most: usize,
    },
    /// There is no history in this run.
    NoHistory {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unavailable,
    },
    /// The file of a lab could not be used; the lab is not offered.
    LabDamaged {
        /// The file's name.
        file: String,
        /// The line, counted from 1; 0 where it is the file as a whole.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Messages that have grown old were not removed: they are most of all, by this computer's clock.
    MostIsOld {
        /// How many.
        messages: u64,
        /// Of how many.
        of: u64,
    },
    /// What was sent in pieces was not sent to its end.
    NotAllSent {
        /// How many bytes are left.
        bytes: u64,
    },
    /// Nothing was pasted.
    NotPasted(NotPasted),
    /// A file that was dropped on the window was not taken.
    NotTaken {
        /// The file.
        path: PathBuf,
        /// Why.
        why: NotTaken,
    },
    /// A text to a person was not taken.
    NotSaid {
        /// Who it was for; nobody, if it was for everyone nearby.
        to: PersonId,
        /// Why.
        why: NotSaid,
    },
    /// Too many closed conversations: the oldest are let go from here on.
    ClosedLetGo,
    /// More addresses sent datagrams than a UDP socket knows: those not heard for longest are let go from here on.
    AddressesLetGo {
        /// How many it knows.
        most: usize,
    },
}

impl Core {
    pub(super) fn notice(&mut self, at: Timestamp, kind: NoticeKind) {
        if self.notices.len() == NOTICES_KEPT {
            self.notices.remove(0);
        }
        self.notices_so_far += 1;
        self.notices.push(Notice { number: self.notices_so_far, at, kind });
    }

    /// Tells it, unless it is told already.
    pub(super) fn notice_once(&mut self, at: Timestamp, kind: NoticeKind) {
        if !self.notices.iter().any(|notice| notice.kind == kind) {
            self.notice(at, kind);
        }
    }
}
