//! What a file is asked for.

use std::path::Path;

use crate::{core::Key, history::Format, net::ConnId};

/// What a file is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum FileWanted {
    /// To write messages of the history to.
    Export {
        /// Which.
        what: Exported,
        /// In which form.
        format: Format,
    },
    /// To take messages in from, into the history.
    Import,
    /// To take saved messages in from, into the settings.
    ImportSaved,
    /// To send to this conversation.
    Send(Key),
    /// To write what this connection receives to, from now on.
    Record(ConnId),
    /// To save a text in.
    SaveText {
        /// What the file is called, unless the user has another name for it.
        name: String,
        /// The text.
        text: String,
    },
}

/// Which messages are exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// Those of a conversation, as far as they are in the history.
    Conversation(Key),
    /// Those that have this text.
    Found(String),
    /// All.
    All,
}

impl FileWanted {
    /// Whether a file is to be written, rather than read.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        !matches!(self, Self::Import | Self::ImportSaved | Self::Send(_))
    }

    /// How the name of such a file ends.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        match self {
            Self::Export { format, .. } => Some(extension(*format)),
            Self::Import => Some(extension(Format::JsonLines)),
            Self::ImportSaved => Some("toml"),
            Self::Send(_) => None,
            Self::Record(_) => Some(extension(Format::RawReceived)),
            Self::SaveText { name, .. } => Path::new(name).extension()?.to_str(),
        }
    }
}

/// How the name of an exported file ends.
#[must_use]
pub fn extension(format: Format) -> &'static str {
    match format {
        Format::Text => "txt",
        Format::Csv => "csv",
        Format::JsonLines => "jsonl",
        Format::RawReceived => "bin",
    }
}
