//! What another framing would make of the last bytes received, while it is being chosen.

use std::time::Duration;

use bytes::Bytes;

use super::Conversation;
use crate::{
    chat::{ConnOptions, RowKind},
    wire::{BatchBuilder, Cut, Framer, FramingError, Unfinished},
};

/// Bytes that are cut for it, at least those of one message.
pub const PREVIEWED: usize = 4096;

/// What the framing makes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The messages that are whole.
    pub messages: Vec<(Bytes, Cut)>,
    /// What is behind the last of them.
    pub rest: Bytes,
    /// How much of a message that is, if its length is known.
    pub unfinished: Option<Unfinished>,
    /// Why the bytes cannot be cut so.
    pub error: Option<FramingError>,
}

impl Conversation {
    /// The last bytes that came here, cut in this way: each message as it is now is taken for one `recv`, at its time.
    #[must_use]
    pub fn preview(&self, options: &ConnOptions) -> Preview {
        let mut reads = Vec::new();
        let mut bytes = 0;
        for (_, row) in self.entries().iter().rev() {
            if let RowKind::Received(received) = &row.kind {
                if bytes > 0 && bytes + received.raw.len() > PREVIEWED {
                    break;
                }
                bytes += received.raw.len();
                reads.push((row.at, received.raw.clone()));
            }
        }
        reads.reverse();
        let held = self.unfinished.as_ref().map(|unfinished| unfinished.held.clone()).filter(|held| !held.is_empty());
        if let Some(held) = held {
            let at = reads.last().map_or(self.opened, |(at, _)| *at);
            reads.push((at, held));
        }
        let Some((start, _)) = reads.first().cloned() else { return Preview::default() };
        let (mut framer, mut out) =
            (Framer::new(options.framing, options.unit).with_quiet(options.quiet), BatchBuilder::default());
        let mut error = None;
        for (at, read) in reads {
            let now = Duration::try_from(at.duration_since(start)).unwrap_or_default();
            framer.quiet(now, &mut out);
            error = framer.push(&read, now, &mut out).err();
            if error.is_some() {
                break;
            }
        }
        let messages = out.take().messages().collect();
        let rest = Bytes::copy_from_slice(framer.held());
        Preview { messages, rest, unfinished: framer.unfinished(), error }
    }
}
