//! Messages that came and went, as core decided them: what is told of each.

use std::{
    io::{self, Write},
    time::Instant,
};

use jiff::Timestamp;

use super::{
    super::{
        copies::Said,
        options::Direction,
        report::{Form, Message, Report, Told, Unended},
    },
    Peer, Phase, Role, Session, cost,
};
use crate::{
    chat::{Delivery, Happening, JournalEntry, Received, Sent},
    core::{Core, Key},
    explain,
    i18n::Words,
    net::{Cause, Command, ConnId},
    wire::{Boundary, Looks, text::Decoded},
};

impl<W: Write> Session<'_, W> {
    /// Tells what these entries of the journal make or change.
    pub(super) fn tell_entries(&mut self, core: &Core, at: Timestamp, journal: Vec<JournalEntry>) -> io::Result<()> {
        for entry in journal {
            match core.key_of(entry.session()) {
                Some(Key::Everyone) => self.tell_entry_of_everyone(at, &entry)?,
                Some(Key::Conn(conn)) => self.tell_entry(at, conn, entry)?,
                // `sockhop lan` tells of people.
                Some(Key::Past(_) | Key::Person(_) | Key::Nearby) | None => {}
            }
        }
        Ok(())
    }

    fn tell_entry_of_everyone(&mut self, at: Timestamp, entry: &JournalEntry) -> io::Result<()> {
        if let JournalEntry::Delivery { number, delivery: Delivery::ToAll { clients, .. }, .. } = entry
            && let Some(bytes) = self.to_all.remove(number)
            && *clients == 0
        {
            // The last client had left before the line reached the network.
            self.returned.push_back(bytes);
            return self.tell_nobody(at);
        }
        Ok(())
    }

    fn tell_entry(&mut self, at: Timestamp, conn: ConnId, entry: JournalEntry) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
        let (address, encoding) = (peer.address, self.settings.encoding);
        let tells = self.options.direction != Direction::SendOnly;
        match entry {
            JournalEntry::Received { batch, .. } => {
                let mut first = peer.messages_in == 0;
                // Over UDP a call is of no one conversation.
                peer.active = Instant::now();
                peer.messages_in += batch.cuts.len() as u64;
                self.copies.write(at, address, Said::Received, &batch.bytes)?;
                match self.report.form() {
                    _ if !tells => Ok(()),
                    Form::Raw => self.report.raw(&batch.bytes),
                    Form::Json | Form::Plain => {
                        for (raw, cut) in batch.messages() {
                            let received = Received { raw, cut, carry: peer.carry, begins: None };
                            let decoded = received.decode(encoding);
                            peer.carry = decoded.split_char;
                            let message = Message {
                                ended: Unended::of(cut.boundary),
                                continued: std::mem::replace(&mut peer.goes_on, goes_on(cut.boundary)),
                                ..message(&decoded, received.payload(), received.raw.len())
                            };
                            let told = Told::Received { conn, peer: address, message };
                            self.report.tell(self.words, at, &told)?;
                            if std::mem::take(&mut first)
                                && let Some(looks) = Looks::of(&received.raw)
                            {
                                self.report.note(self.words, at, &explain::looks(self.words, looks))?;
                            }
                        }
                        Ok(())
                    }
                }
            }
            JournalEntry::Sent { number, raw, cut, delivery, auto, encoding, .. } => {
                let sent = Sent { raw, cut, delivery, auto, encoding, begins: None };
                if sent.delivery == Delivery::Waiting {
                    // An automatic reply.
                    peer.queued += cost(sent.raw.len());
                    peer.unsent.push_back((number, sent));
                    return Ok(());
                }
                self.send_ended(at, conn, &sent, auto)
            }
            JournalEntry::Delivery { number, delivery, .. } => {
                let Some(sent) = peer.take_unsent(number) else { return Ok(()) };
                self.send_ended(at, conn, &Sent { delivery, ..sent }, false)
            }
            JournalEntry::Acknowledged { numbers, bytes, .. } => {
                let messages = numbers.end.0 - numbers.start.0;
                let told = Told::Acknowledged { conn, peer: address, messages, bytes };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::Urgent { byte, position, last_told }, .. } => {
                let told = Told::Urgent { conn, peer: address, byte, position, last_told };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::NeverAcknowledged { messages, bytes }, .. } => {
                let told = Told::NeverAcknowledged { conn, peer: address, messages, bytes };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::PeerFinished, .. } => {
                (peer.goes_on, peer.has_ended) = (false, true);
                self.report.tell(self.words, at, &Told::PeerFinished { conn, peer: address })?;
                if self.report.form() == Form::Raw && self.settings.half_open {
                    // Nothing is left for the other direction, or its end has yet to be read.
                    if self.options.direction == Direction::ReceiveOnly {
                        self.command(Command::FinishSending { conn });
                    } else if self.role == Role::Listen {
                        self.finish_clients();
                    }
                }
                let closes = matches!(self.role, Role::Connect(_)) && !self.settings.half_open;
                if closes && self.phase == Phase::Open {
                    // The connection closes once its queue is sent; what comes after would be lost.
                    self.phase = Phase::Finished;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The kernel took a message, or it failed. `relayed`: another client said it, and it was never counted as waiting.
    fn send_ended(&mut self, at: Timestamp, conn: ConnId, sent: &Sent, relayed: bool) -> io::Result<()> {
        self.send_ended_of(at, conn, sent, relayed)?;
        self.stop_once_sent(conn);
        Ok(())
    }

    fn send_ended_of(&mut self, at: Timestamp, conn: ConnId, sent: &Sent, relayed: bool) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
        if !relayed {
            peer.queued = peer.queued.saturating_sub(cost(sent.raw.len()));
        }
        match &sent.delivery {
            Delivery::Sent => {
                peer.progress = Instant::now();
                peer.active = peer.progress;
                peer.told = None;
                self.copies.write(at, peer.address, Said::Sent, &sent.raw)?;
                let said = (sent, relayed);
                tell_sent(&mut self.report, self.words, at, (conn, peer), said)
            }
            Delivery::Failed(error) => {
                let is_client = matches!(self.role, Role::Connect(_));
                if error.cause() == Cause::NotReading && !sent.auto && is_client {
                    // Automatic replies filled the queue; the line goes out when some of them have.
                    self.returned.push_back(sent.raw.clone());
                    return Ok(());
                }
                if self.options.reconnect && !sent.auto && is_client && self.phase < Phase::Quitting {
                    // It goes out over the next connection.
                    self.returned.push_back(sent.raw.clone());
                    return Ok(());
                }
                peer.unsent_lines += u64::from(!sent.auto);
                if peer.told.replace(error.cause()) == Some(error.cause()) {
                    return Ok(());
                }
                let address = peer.address;
                if self.options.udp && is_client {
                    // The others may be taken; but not all was.
                    self.failure = Some(error.clone());
                }
                if error.cause() == Cause::NotReading {
                    // What it would get from here on has a hole.
                    self.command(Command::Close { conn });
                }
                self.tell_error(at, Some(conn), Some(address), error)
            }
            Delivery::Waiting
            | Delivery::Acknowledged
            | Delivery::ToAll { .. }
            | Delivery::Delivered
            | Delivery::Read
            | Delivery::GivenUp(_)
            | Delivery::ToPeople { .. } => Ok(()),
        }
    }
}

/// Tells that the kernel took a message: its text, and its bytes with framing.
fn tell_sent<W: Write>(
    report: &mut Report<W>,
    words: &Words,
    at: Timestamp,
    (conn, peer): (ConnId, &mut Peer),
    (sent, relayed): (&Sent, bool),
) -> io::Result<()> {
    peer.messages_out += 1;
    if report.form() == Form::Raw {
        return Ok(());
    }
    let decoded = if sent.auto && !relayed {
        // An echo goes out as it came, with half a character at its end.
        let echo = Received { raw: sent.raw.clone(), cut: sent.cut, carry: peer.carry_out, begins: None };
        let decoded = echo.decode(sent.encoding);
        peer.carry_out = decoded.split_char;
        decoded
    } else {
        sent.decode()
    };
    let message = message(&decoded, sent.payload(), sent.raw.len());
    report.tell(words, at, &Told::Sent { conn, peer: peer.address, message, relayed })
}

/// What is told of a message in either direction.
fn message<'a>(decoded: &'a Decoded, payload: &'a [u8], bytes: usize) -> Message<'a> {
    let hex = if decoded.malformed { payload } else { &[] };
    Message { text: &decoded.text, bytes, malformed: decoded.malformed, hex, ..Message::default() }
}

/// Whether what comes next belongs to the message that this boundary ended.
fn goes_on(boundary: Boundary) -> bool {
    matches!(boundary, Boundary::Quiet | Boundary::Cut)
}
