//! One encrypted link between two keys, over any stream of bytes: bytes in, frames out, and back.
//!
//! It knows no socket, no address and no clock. Who it is with is certain once [`Link::peer`] says so, and, at the end that
//! dialled, once the other has said something: a client is done before the server has looked at its key.

use std::{
    collections::VecDeque,
    io::{self, Read as _, Write},
};

use rustls::{ClientConnection, Connection, ServerConnection, pki_types::ServerName};

use super::{
    frame::{Frame, FrameError, FrameReader, LONGEST_FIRST_FRAME, LONGEST_FRAME},
    limits::{BYTES_BEFORE_AUTHENTICATION, SEND_QUEUE},
    tls::{ALPN, Tls, key_of},
};
use crate::chat::PersonId;

/// Bytes that rustls holds for a link that is not written to.
const TLS_BUFFER: usize = 64 * 1024;

/// Which end of a link we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// We dialled.
    Dialled,
    /// We were dialled.
    Accepted,
}

/// Why a link ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// More bytes than a handshake has.
    #[error("more than {BYTES_BEFORE_AUTHENTICATION} bytes before a key was proved")]
    TooManyBytes,
    /// TLS says so.
    #[error("{0}")]
    Tls(String),
    /// It speaks TLS, but is no Sockhop.
    #[error("no ALPN `sockhop/1`")]
    OtherProtocol,
    /// It has proved no key.
    #[error("no key")]
    NoKey,
    /// It has our own key.
    #[error("our own key")]
    OwnKey,
    /// It has another key than the one that was dialled.
    #[error("another key")]
    OtherKey,
    /// A frame can't be taken.
    #[error("{0}")]
    Frame(#[from] FrameError),
}

/// What came of bytes that were taken in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The frames that are whole.
    pub frames: Vec<Frame>,
    /// The other side has ended the stream in order.
    pub ended: bool,
}

/// One end of a link.
pub struct Link {
    tls: Box<Connection>,
    end: End,
    us: PersonId,
    /// The key that was dialled, if one was.
    expected: Option<PersonId>,
    peer: Option<PersonId>,
    bytes_before: usize,
    frames: FrameReader,
    /// The first word was taken: long frames may come.
    greeted: bool,
    /// Frames that rustls does not have yet, and how much of the first it has.
    queue: VecDeque<Vec<u8>>,
    written: usize,
    queued: usize,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("end", &self.end).field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Link {
    /// The end that dials: somebody, or whoever is there.
    ///
    /// # Errors
    /// What rustls says.
    pub fn dial(tls: &Tls, expected: Option<PersonId>) -> Result<Self, LinkError> {
        let name = ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into());
        let client = ClientConnection::new(tls.client.clone(), name).map_err(|error| of_tls(&error))?;
        Ok(Self::new(client.into(), End::Dialled, tls.id, expected))
    }

    /// The end that was dialled.
    ///
    /// # Errors
    /// What rustls says.
    pub fn accept(tls: &Tls) -> Result<Self, LinkError> {
        let server = ServerConnection::new(tls.server.clone()).map_err(|error| of_tls(&error))?;
        Ok(Self::new(server.into(), End::Accepted, tls.id, None))
    }

    fn new(mut tls: Connection, end: End, us: PersonId, expected: Option<PersonId>) -> Self {
        tls.set_buffer_limit(Some(TLS_BUFFER));
        Self {
            tls: Box::new(tls),
            end,
            us,
            expected,
            peer: None,
            bytes_before: 0,
            frames: FrameReader::default(),
            greeted: false,
            queue: VecDeque::new(),
            written: 0,
            queued: 0,
        }
    }

    /// Which end it is.
    #[must_use]
    pub fn end(&self) -> End {
        self.end
    }

    /// The key that the other end has proved.
    #[must_use]
    pub fn peer(&self) -> Option<PersonId> {
        self.peer
    }

    /// The other has said its first word, and it was taken.
    pub fn greeted(&mut self) {
        self.greeted = true;
    }

    /// Takes in bytes of the stream, however they are cut.
    ///
    /// # Errors
    /// Where the link is to be closed. What rustls wants to say about it can still be written.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<Taken, LinkError> {
        let mut taken = Taken::default();
        while !bytes.is_empty() {
            let mut now = bytes;
            if self.peer.is_none() {
                let left = BYTES_BEFORE_AUTHENTICATION.saturating_sub(self.bytes_before);
                now = bytes.get(..left.min(bytes.len())).unwrap_or_default();
                if now.is_empty() {
                    return Err(LinkError::TooManyBytes);
                }
            }
            let before = now.len();
            self.tls.read_tls(&mut now).map_err(|error| LinkError::Tls(error.to_string()))?;
            let count = before - now.len();
            if count == 0 {
                // After its end nothing comes any more.
                return Ok(taken);
            }
            bytes = bytes.get(count..).unwrap_or_default();
            if self.peer.is_none() {
                self.bytes_before += count;
            }
            let state = self.tls.process_new_packets().map_err(|error| of_tls(&error))?;
            if self.peer.is_none() && !self.tls.is_handshaking() {
                self.peer = Some(self.proved()?);
            }
            self.drain(&mut taken)?;
            taken.ended |= state.peer_has_closed();
        }
        Ok(taken)
    }

    /// Who the other is, now that the handshake is done.
    fn proved(&self) -> Result<PersonId, LinkError> {
        if self.tls.alpn_protocol() != Some(ALPN) {
            return Err(LinkError::OtherProtocol);
        }
        let key = self.tls.peer_certificates().and_then(<[_]>::first).ok_or(LinkError::NoKey)?;
        let key = key_of(key).ok_or(LinkError::NoKey)?;
        if key == self.us {
            return Err(LinkError::OwnKey);
        }
        if self.expected.is_some_and(|expected| expected != key) {
            return Err(LinkError::OtherKey);
        }
        Ok(key)
    }

    fn drain(&mut self, taken: &mut Taken) -> Result<(), LinkError> {
        if self.peer.is_none() {
            return Ok(());
        }
        let longest = if self.greeted { LONGEST_FRAME } else { LONGEST_FIRST_FRAME };
        let mut plain = [0; 4096];
        // An end without a word, or nothing more now.
        while let Ok(count @ 1..) = self.tls.reader().read(&mut plain) {
            self.frames.push(plain.get(..count).unwrap_or_default(), longest, &mut taken.frames)?;
        }
        Ok(())
    }

    /// Hands a frame over.
    pub fn send(&mut self, frame: Vec<u8>) {
        self.queued += frame.len();
        self.queue.push_back(frame);
    }

    /// Whether more may be handed over: less than [`SEND_QUEUE`] is on its way.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.queued < SEND_QUEUE
    }

    /// Says that nothing more is sent.
    pub fn end_in_order(&mut self) {
        self.tls.send_close_notify();
    }

    /// Whether there is something to be written to the stream.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.tls.wants_write() || (!self.queue.is_empty() && self.peer.is_some())
    }

    /// Writes to the stream what it takes.
    ///
    /// # Errors
    /// Those of the stream; [`io::ErrorKind::WouldBlock`] where it takes no more now.
    pub fn write(&mut self, mut to: impl Write) -> io::Result<()> {
        loop {
            self.fill();
            if !self.tls.wants_write() {
                return Ok(());
            }
            if self.tls.write_tls(&mut to)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
    }

    /// Hands rustls as much of the queue as it has room for.
    fn fill(&mut self) {
        if self.peer.is_none() {
            return;
        }
        while let Some(first) = self.queue.front() {
            let rest = first.get(self.written..).unwrap_or_default();
            let count = self.tls.writer().write(rest).unwrap_or(0);
            self.written += count;
            self.queued -= count;
            if self.written < first.len() {
                return;
            }
            self.queue.pop_front();
            self.written = 0;
        }
    }

    /// Bytes that both ends of this link know and nobody else (RFC 8446 section 7.5).
    pub(super) fn exported(&self, label: &[u8]) -> Option<[u8; 32]> {
        self.tls.export_keying_material([0; 32], label, None).ok()
    }
}

fn of_tls(error: &rustls::Error) -> LinkError {
    LinkError::Tls(error.to_string())
}
