//! What goes over the wire of one link, reported byte by byte while somebody looks at it, and at no other time.

use std::io::{self, Write};

use mio::Token;

use super::Thread;
use crate::{chat::PersonId, lan::EventKind};

/// Writes to a stream, and keeps what the stream took. That is bounded by what a link hands over in one turn, its send
/// queue and the buffer of TLS.
pub(super) struct Tap<'a, W> {
    to: &'a mut W,
    taken: Option<&'a mut Vec<u8>>,
}

impl<'a, W> Tap<'a, W> {
    pub fn new(to: &'a mut W, taken: Option<&'a mut Vec<u8>>) -> Self {
        Self { to, taken }
    }
}

impl<W: Write> Write for Tap<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        if let Some(taken) = &mut self.taken {
            taken.extend_from_slice(bytes.get(..count).unwrap_or_default());
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Thread {
    /// Whom this connection is with, if it is the link that is looked at.
    pub(super) fn watched_on(&self, token: Token) -> Option<PersonId> {
        let watched = self.watched?;
        self.peers.get(&watched).is_some_and(|peer| peer.link == Some(token)).then_some(watched)
    }

    /// These bytes went over the wire.
    pub(super) fn crossed(&mut self, with: PersonId, ours: bool, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.tell(EventKind::OnTheWire { with, ours, bytes: bytes.to_vec().into() });
        }
    }
}
