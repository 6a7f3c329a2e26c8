//! How a message is written by hand: as text, as text with escapes, or as hex.

use serde::{Deserialize, Serialize};

use super::ConversationOptions;
use crate::wire::{
    EscapeError, HexError, decode_escapes, decode_hex,
    text::{self, Encoded},
};

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// As text: it is sent with its framing.
    #[default]
    Text,
    /// As text in which a backslash begins an escape: nothing is added.
    Escapes,
    /// As hex: nothing is added.
    Hex,
}

/// Why what is written is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// It is no hex.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// An escape in it is none.
    #[error(transparent)]
    Escape(#[from] EscapeError),
}

impl Written {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Escapes, Self::Hex];

    /// What is written, as it goes on the wire in a conversation that is held in this manner.
    ///
    /// # Errors
    /// Where it is not written so.
    pub fn encode(self, written: &str, manner: &ConversationOptions) -> Result<Encoded, NotWritten> {
        let exact = |bytes| Encoded { bytes, unmappable: None };
        Ok(match self {
            Self::Text => text::encode_message(written, manner.encoding, manner.framing(), &manner.ending()),
            Self::Escapes => exact(decode_escapes(written, manner.encoding)?),
            Self::Hex => exact(decode_hex(written)?),
        })
    }
}
