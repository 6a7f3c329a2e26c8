//! A device that is known when it comes back: by its address, or by the first that it says.

use serde::{Deserialize, Serialize};

use super::{AutoReply, ConversationOptions, LineEnding};
use crate::wire::{Framing, QUIET_TAIL, text::TextEncoding};

/// The most devices that are known.
pub const MOST_DEVICES: usize = 200;

/// The most characters of [`Device::first_line`].
pub const LONGEST_FIRST_LINE: usize = 200;

/// A device, with its name and the manner in which it is talked with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// The IP address it comes from, or host and port that we connect to; empty: any.
    pub address: String,
    /// How the first message that it sends begins; empty: with anything. It is known by the one or the other.
    pub first_line: String,
    /// What it is called.
    pub name: String,
    /// Encoding of text.
    pub encoding: TextEncoding,
    /// Where a message ends.
    pub framing: Framing,
    /// The quiet time, in milliseconds.
    pub quiet_ms: u64,
    /// What is added to each message sent.
    pub line_ending: LineEnding,
    /// Whether rules answer it.
    pub by_rules: bool,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            address: String::new(),
            first_line: String::new(),
            name: String::new(),
            encoding: TextEncoding::default(),
            framing: Framing::Line,
            quiet_ms: QUIET_TAIL.as_millis() as u64,
            line_ending: LineEnding::Lf,
            by_rules: false,
        }
    }
}

impl Device {
    /// Remembers this manner.
    pub fn remember(&mut self, manner: &ConversationOptions) {
        self.encoding = manner.encoding;
        self.framing = manner.framing();
        self.quiet_ms = manner.options.quiet.as_millis() as u64;
        self.line_ending = manner.line_ending;
        self.by_rules = manner.options.auto_reply == AutoReply::Rules;
    }

    /// The manner in which it is talked with, where it is another's otherwise.
    #[must_use]
    pub fn manner(&self, mut manner: ConversationOptions) -> ConversationOptions {
        manner.encoding = self.encoding;
        manner.options.unit = self.encoding.unit();
        manner.options.framing = self.framing;
        manner.options.quiet = std::time::Duration::from_millis(self.quiet_ms);
        manner.line_ending = self.line_ending;
        if self.by_rules {
            manner.options.auto_reply = AutoReply::Rules;
        }
        manner
    }
}
