//! What a session waits for: room for more lines, the time for the next, and the end of a silence.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use bytes::Bytes;
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{
    super::{
        input::Line,
        outgoing::{self, Wrong},
        report::{Form, Told},
    },
    Peer, Phase, Role, Session,
};
use crate::{
    chat::{CallKind, JournalEntry, Sent, SocketCall, SocketId},
    net::Command,
    wire::Batch,
};

/// When this much waits for a peer, standard input waits too. Well below [`crate::net::QUEUE_LIMIT`],
/// where lines would be lost.
pub(super) const QUEUED_AT_MOST: usize = 512 * 1024;

/// How long a client that takes nothing keeps the lines back from all others.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often it is told how many clients were turned away.
const REFUSED_TOLD: Duration = Duration::from_secs(1);

/// What a message takes of [`QUEUED_AT_MOST`]: its bytes, and something for itself.
pub(super) fn cost(bytes: usize) -> usize {
    bytes + 256
}

/// Clients that were turned away: the first is told, later ones are counted.
#[derive(Debug, Default)]
pub(super) struct Refused {
    told: Option<Instant>,
    since: u64,
}

impl Refused {
    /// One was turned away. Whether it is told by itself.
    pub fn is_told(&mut self, now: Instant) -> bool {
        let is_told = self.since == 0 && self.told.is_none_or(|told| now.duration_since(told) >= REFUSED_TOLD);
        if is_told {
            self.told = Some(now);
        } else {
            self.since += 1;
        }
        is_told
    }

    fn due(&self) -> Option<Instant> {
        self.told.filter(|_| self.since > 0).map(|told| told + REFUSED_TOLD)
    }
}

impl<W: Write> Session<'_, W> {
    /// Whether a line can be sent now. While not, standard input is left to wait.
    pub fn wants_lines(&self, now: Instant) -> bool {
        if self.phase != Phase::Open || self.next_line.is_some_and(|next| now < next) {
            return false;
        }
        let full = |peer: &Peer| peer.queued >= QUEUED_AT_MOST;
        match self.role {
            Role::Connect(_) => !self.peers.values().any(full),
            // One who does not read at all must not keep all others waiting.
            Role::Listen => {
                !self.peers.is_empty()
                    && !self
                        .peers
                        .values()
                        .any(|peer| full(peer) && now.saturating_duration_since(peer.progress) < PATIENCE)
            }
        }
    }

    /// Whether the end of standard input may be taken in: a client's not before there is a connection that it ends.
    pub fn may_end_input(&self) -> bool {
        self.phase >= Phase::Open
            && self.returned.is_empty()
            && self.next_line.is_none_or(|next| Instant::now() >= next)
    }

    /// When [`Self::wants_lines`] may change without any event.
    pub fn patience_ends(&self) -> Option<Instant> {
        if self.phase != Phase::Open {
            return None;
        }
        let patience = match self.role {
            Role::Listen => self
                .peers
                .values()
                .filter(|peer| peer.queued >= QUEUED_AT_MOST)
                .map(|peer| peer.progress + PATIENCE)
                .max(),
            Role::Connect(_) => None,
        };
        patience.into_iter().chain(self.next_line).min()
    }

    /// When [`Self::check_time`] has something to do.
    pub fn wakes(&self) -> Option<Instant> {
        let idle = self.options.idle.and_then(|idle| self.peers.values().map(|peer| peer.active + idle).min());
        idle.into_iter().chain(self.refused.due()).min()
    }

    /// Time has passed.
    pub fn check_time(&mut self, now: Instant) -> io::Result<()> {
        if self.refused.due().is_some_and(|due| due <= now) {
            self.tell_refused(false)?;
        }
        let Some(idle) = self.options.idle.filter(|_| self.phase < Phase::Quitting) else { return Ok(()) };
        let silent: Vec<_> = (self.peers.iter_mut())
            .filter(|(_, peer)| now.saturating_duration_since(peer.active) >= idle)
            .map(|(conn, peer)| {
                // Told once: the end follows.
                peer.active = now + idle;
                (*conn, peer.address)
            })
            .collect();
        for (conn, peer) in silent {
            self.report.tell(self.words, Timestamp::now(), &Told::Idle { conn, peer, seconds: idle })?;
            self.command(Command::Close { conn });
        }
        Ok(())
    }

    /// Tells how many clients were turned away since it was told last.
    pub(super) fn tell_refused(&mut self, last: bool) -> io::Result<()> {
        let clients = std::mem::take(&mut self.refused.since);
        self.refused.told = if last { None } else { Some(Instant::now()) };
        if clients == 0 {
            return Ok(());
        }
        self.report.tell(self.words, Timestamp::now(), &Told::TurnedAway { clients })
    }

    /// Something came or went over a connection.
    pub(super) fn was_active(&mut self, call: &SocketCall) {
        if let SocketId::Conn(conn) = call.socket
            && matches!(call.call.kind(), CallKind::Recv | CallKind::Send)
            && let Some(peer) = self.peers.get_mut(&conn)
        {
            peer.active = Instant::now();
        }
    }

    /// How many lines may be sent together.
    pub fn lines_at_once(&self) -> usize {
        match (self.role, self.options.delay) {
            (Role::Connect(_), None) => usize::MAX,
            _ => 1,
        }
    }

    /// The bytes of lines, ready for the wire; none, if there is nothing to send. `piped`: nobody types them, and one that
    /// can't be sent as it is ends the session.
    pub fn encode(&mut self, lines: Vec<Line>, piped: bool) -> io::Result<Option<Batch>> {
        self.had_input = true;
        let encoded = outgoing::encode(lines, &self.settings.conversation_options());
        if let Some(wrong) = encoded.wrong {
            let encoding = self.settings.encoding.name();
            let text = match wrong {
                Wrong::Unmappable(character) if piped => {
                    fl!(self.words, "term-no-character", character = character.to_string(), encoding = encoding)
                }
                Wrong::Unmappable(character) => {
                    fl!(self.words, "term-unmappable", character = character.to_string(), encoding = encoding)
                }
                Wrong::NoText => fl!(self.words, "term-no-text", encoding = encoding),
            };
            if piped {
                if self.report.form() == Form::Json {
                    let told = Told::Error {
                        conn: None,
                        peer: None,
                        call: "send",
                        errno: None,
                        exception: None,
                        message: &text,
                    };
                    self.report.tell(self.words, Timestamp::now(), &told)?;
                }
                self.wrong_input = Some(text);
                self.stop();
                return Ok(None);
            }
            self.report.note(self.words, Timestamp::now(), &text)?;
        }
        if let Some(delay) = self.options.delay {
            self.next_line = Some(Instant::now() + delay);
        }
        Ok((!encoded.batch.cuts.is_empty()).then_some(encoded.batch))
    }

    /// Messages were sent on their way, with these entries of the journal.
    pub fn sent(&mut self, journal: Vec<JournalEntry>) {
        let now = Instant::now();
        for entry in journal {
            let JournalEntry::Sent { number, raw, cut, delivery, auto, encoding, .. } = entry else { continue };
            for peer in self.peers.values_mut() {
                if peer.queued == 0 {
                    peer.progress = now;
                }
                peer.queued += cost(raw.len());
            }
            match self.role {
                Role::Listen => _ = self.to_all.insert(number, raw),
                Role::Connect(conn) => {
                    if let Some(peer) = self.peers.get_mut(&conn) {
                        let sent = Sent { raw, cut, delivery, auto, encoding, begins: None };
                        peer.unsent.push_back((number, sent));
                    }
                }
            }
        }
        if self.input_ended {
            self.finish_clients();
        }
    }

    /// A message that came to nobody: to be sent before any line.
    pub fn take_returned(&mut self) -> Option<Bytes> {
        self.returned.pop_front()
    }
}
