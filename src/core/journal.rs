//! What an event means for the rows of a conversation: decided here, once, as entries of the journal.
//!
//! An entry is applied to its own conversation by [`Conversation::apply`], the function that replays it, so what is in
//! memory cannot differ from the journal. What is not in the journal (ids of messages under way, places in the stream,
//! what was seen) is noted beside it.

use std::{collections::BTreeMap, ops::Range};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    Broadcast, ConnState, Conversation, ConversationOptions, Core, Effects, Key, NoticeKind,
    acknowledged::Unacknowledged, answer_loop::OtherSide, reframe, reframe::Uncounted,
};
use crate::{
    chat::{
        AutoReply, CloseReason, ConnId, ConversationChange, Delivery, Happening, JournalEntry, MessageId, NetError,
        Origin, Relay, RowKind, RowNumber, Sent, Session, SessionId, payload,
    },
    wire::{Batch, Cut, text::TextEncoding},
};

/// A message that we send: its bytes, what of them is framing, and the encoding in which it was written.
type Written = (Bytes, Cut, TextEncoding);

/// Bytes of messages cut again that make one entry of the journal, about.
const BATCH_BYTES: usize = 64 * 1024;

/// A message to everyone changes its row this often at most while its shares end.
const BROADCAST_STEPS: usize = 16;

/// The conversations that a journal tells of, as it tells of them: without what is known of their sockets.
#[must_use]
pub fn replay(journal: &[JournalEntry]) -> BTreeMap<SessionId, Conversation> {
    let mut conversations: BTreeMap<SessionId, Conversation> = BTreeMap::new();
    for entry in journal {
        conversations.entry(entry.session()).or_default().apply(entry);
    }
    conversations
}

impl Core {
    /// An id that no conversation has, in no run of the program: the time in microseconds, or the next one after the
    /// last.
    pub(super) fn new_id(&mut self, now: Timestamp) -> SessionId {
        let now = u64::try_from(now.as_microsecond()).unwrap_or_default();
        self.last_id = SessionId(now.max(self.last_id.0 + 1));
        self.last_id
    }

    /// A new conversation, and its first entry.
    pub(super) fn open(
        &mut self,
        origin: Origin,
        manner: ConversationOptions,
        at: Timestamp,
        now: Timestamp,
    ) -> Conversation {
        let id = self.new_id(now);
        let session =
            Session { id, origin, peer: None, local: None, name: None, encoding: manner.encoding, opened: at };
        Conversation::opened(&session, manner)
    }

    /// Decides an entry: its conversation is changed by it, and it goes into the journal.
    pub(super) fn decide(&mut self, key: Key, entry: impl FnOnce(SessionId, RowNumber) -> JournalEntry) {
        let Some(conversation) = self.conversation_mut(key) else { return };
        let entry = entry(conversation.id, conversation.entries().end());
        conversation.apply(&entry);
        let weight = entry.weight();
        let keeps = conversation.keeps(&entry);
        self.memory.grew(weight);
        if keeps {
            self.effects.journal.push(entry);
        }
    }

    /// Something happened to a connection.
    pub(super) fn decide_happening(&mut self, conn: ConnId, at: Timestamp, what: Happening) {
        self.decide(Key::Conn(conn), |session, number| JournalEntry::Happened { session, number, at, what });
    }

    pub(super) fn decide_change(&mut self, key: Key, change: ConversationChange) {
        self.decide(key, |session, _| JournalEntry::Changed { session, change });
    }

    pub(super) fn decide_end(&mut self, conn: ConnId, at: Timestamp) {
        self.decide(Key::Conn(conn), |session, _| JournalEntry::Ended { session, at });
    }

    pub(super) fn decide_delivery(&mut self, key: Key, number: RowNumber, delivery: Delivery) {
        self.decide(key, |session, _| JournalEntry::Delivery { session, number, delivery });
    }

    /// A row for a message that we send. Gives its number.
    pub(super) fn decide_sent(
        &mut self,
        key: Key,
        at: Timestamp,
        (raw, cut, encoding): Written,
        delivery: Delivery,
        auto: bool,
    ) -> RowNumber {
        let row = self.conversation(key).map_or_else(RowNumber::default, |c| c.entries().end());
        self.decide(key, |session, number| JournalEntry::Sent {
            session,
            number,
            at,
            raw,
            cut,
            delivery,
            auto,
            encoding,
        });
        row
    }

    /// Messages came.
    pub(super) fn received(&mut self, conn: ConnId, batch: Batch, recv_ends: &[u64], at: Timestamp) {
        let Some(conversation) = self.conversation_mut(Key::Conn(conn)) else { return };
        let answers = conversation.manner().options.auto_reply != AutoReply::Off;
        if answers && self.answers_go_round(conn, &batch, at) {
            self.stop_answering(conn, at);
        }
        let Some(conversation) = self.conversation_mut(Key::Conn(conn)) else { return };
        let first = conversation.entries().end();
        let (bytes, messages) = (batch.bytes.len(), batch.cuts.len());
        let first_ever = conversation.messages_in == 0;
        if conversation.manner().options.auto_reply == AutoReply::Echo {
            conversation.last_cuts.clone_from(&batch.cuts);
        }
        conversation.recvs_ended(bytes, messages, recv_ends, at);
        conversation.unfinished = None;
        let came = batch.clone();
        let batch = self.join_tails(conn, batch, at);
        if !batch.cuts.is_empty() {
            self.decide(Key::Conn(conn), |session, first| JournalEntry::Received { session, first, at, batch });
        }
        if self.relay() != Relay::Off {
            self.relay_from(conn, &came, at);
        }
        if let Some(conversation) = self.conversation_mut(Key::Conn(conn)) {
            conversation.unseen(first, messages);
        }
        if first_ever {
            self.recognise_first_line(conn);
        }
        self.answer_by_rules(conn, &came, at);
    }

    /// An automatic reply was queued: one message, or all those of the last batch once more.
    pub(super) fn auto_replied(&mut self, conn: ConnId, message: MessageId, bytes: &Bytes, at: Timestamp) {
        let key = Key::Conn(conn);
        let Some(conversation) = self.conversation_mut(key) else { return };
        let echoed = Batch { cuts: std::mem::take(&mut conversation.last_cuts), bytes: bytes.clone() };
        let whole = echoed.cuts.last().is_some_and(|last| last.end as usize == bytes.len());
        let messages: Vec<(Bytes, Cut)> =
            if whole { echoed.messages().collect() } else { vec![(bytes.clone(), conversation.cut_of(bytes))] };
        let (first, encoding) = (conversation.entries().end(), conversation.manner().encoding);
        for (raw, cut) in &messages {
            conversation.answers.answered(at, payload(raw, *cut));
        }
        for (raw, cut) in messages {
            self.decide_sent(key, at, (raw, cut, encoding), Delivery::Waiting, true);
        }
        if let Some(conversation) = self.conversation_mut(key) {
            let end = conversation.entries().end();
            conversation.waiting.push_back((message, first..end));
        }
    }

    /// Whether what came makes our automatic answers and the other side's go round without end.
    fn answers_go_round(&mut self, conn: ConnId, batch: &Batch, at: Timestamp) -> bool {
        let answers = |conversation: &Conversation| conversation.manner().options.auto_reply != AutoReply::Off;
        let other = self.other_end(conn).and_then(|other| self.conversation(Key::Conn(other)));
        let answers_here = other.is_some_and(answers);
        let Some(conversation) = self.conversation_mut(Key::Conn(conn)) else { return false };
        let options = &conversation.manner.options;
        let hears_our_text = matches!(options.auto_reply, AutoReply::Fixed(_) | AutoReply::Rules);
        conversation.answers.is_loop(at, batch, options.recv_size, OtherSide { answers_here, hears_our_text })
    }

    /// This connection answers no more, and the user is told.
    fn stop_answering(&mut self, conn: ConnId, at: Timestamp) {
        let key = Key::Conn(conn);
        let Some(manner) = self.conversation(key).map(|c| c.manner().clone()) else { return };
        self.drop_answers(conn);
        self.change_options(key, manner.replying(AutoReply::Off));
        self.notice(at, NoticeKind::AnswersWentRound { conn });
    }

    /// The user sends a message.
    pub(super) fn sending(&mut self, key: Key, message: MessageId, raw_and_cut: (Bytes, Cut), at: Timestamp) {
        self.sending_as(key, message, raw_and_cut, at, false);
    }

    /// The same; `auto`: nobody has written it.
    pub(super) fn sending_as(
        &mut self,
        key: Key,
        message: MessageId,
        (raw, cut): (Bytes, Cut),
        at: Timestamp,
        auto: bool,
    ) {
        let Some(conversation) = self.conversation(key).filter(|_| !matches!(key, Key::Past(_))) else { return };
        let encoding = conversation.manner().encoding;
        if key == Key::Everyone && conversation.id == SessionId::default() {
            let id = self.new_id(at);
            self.everyone.id = id;
            self.everyone.opened = at;
            let session = Box::new(self.everyone.session());
            self.decide(key, |_, _| JournalEntry::Opened(session));
        }
        let number = self.decide_sent(key, at, (raw, cut, encoding), Delivery::Waiting, auto);
        self.waits(key, message, number);
    }

    /// The user sends several messages in one go.
    pub(super) fn sending_batch(&mut self, key: Key, message: MessageId, batch: &Batch, at: Timestamp) {
        let Some(conversation) = self.conversation(key) else { return };
        let (first, encoding) = (conversation.entries().end(), conversation.manner().encoding);
        for (raw, cut) in batch.messages() {
            self.decide_sent(key, at, (raw, cut, encoding), Delivery::Waiting, false);
        }
        if let Some(conversation) = self.conversation_mut(key) {
            let end = conversation.entries().end();
            conversation.waiting.push_back((message, first..end));
        }
    }

    /// The user sends a message again that failed.
    pub(super) fn resending(&mut self, key: Key, number: RowNumber, message: MessageId) {
        let row = self.conversation(key).and_then(|conversation| conversation.entries().get(number));
        if !matches!(key, Key::Past(_)) && row.is_some_and(|row| matches!(row.kind, RowKind::Sent(_))) {
            self.decide_delivery(key, number, Delivery::Waiting);
            self.waits(key, message, number);
        }
    }

    fn waits(&mut self, key: Key, message: MessageId, number: RowNumber) {
        if key == Key::Everyone {
            self.broadcasts.insert(message, Broadcast { number, clients: usize::MAX, sent: 0, failed: 0, error: None });
        } else if let Some(conversation) = self.conversation_mut(key) {
            conversation.waiting.push_back((message, number..RowNumber(number.0 + 1)));
        }
    }

    /// A message could not even be handed to the network thread.
    pub(super) fn not_sent(&mut self, key: Key, message: MessageId, error: &NetError) {
        let numbers = if key == Key::Everyone {
            self.broadcasts.remove(&message).map(|broadcast| broadcast.number..RowNumber(broadcast.number.0 + 1))
        } else {
            self.conversation_mut(key).and_then(|conversation| conversation.take_waiting(message))
        };
        for number in numbers.into_iter().flat_map(|numbers| numbers.start.0..numbers.end.0) {
            self.decide_delivery(key, RowNumber(number), Delivery::Failed(error.clone()));
        }
    }

    /// A message to everyone was handed to so many clients.
    pub(super) fn broadcast_started(&mut self, message: MessageId, clients: usize) {
        let Some(broadcast) = self.broadcasts.get_mut(&message) else { return };
        broadcast.clients = clients;
        let (number, delivery) = (broadcast.number, broadcast.delivery());
        if clients == 0 {
            self.broadcasts.remove(&message);
        }
        self.decide_delivery(Key::Everyone, number, delivery);
    }

    /// A message to one peer, or one peer's share of a message to everyone, was sent or failed.
    pub(super) fn send_ended(
        &mut self,
        conn: ConnId,
        message: MessageId,
        sent: Result<usize, NetError>,
        at: Timestamp,
    ) {
        if self.relayed(conn, message, &sent, at) {
            return;
        }
        let key = Key::Conn(conn);
        let conversation = self.conversation_mut(key);
        let mut begins = sent.as_ref().ok().and_then(|bytes| Some(conversation?.took(*bytes)));
        let error = sent.err();
        let delivery = error.clone().map_or(Delivery::Sent, Delivery::Failed);
        if let Some((share, auto)) = self.share_ended(message, error) {
            let number = self.decide_sent(key, at, share, delivery, auto);
            self.note_begins(key, number, begins);
            self.note_unacknowledged(key, number..RowNumber(number.0 + 1), begins, at);
            return;
        }
        let waited = self.conversation_mut(key).and_then(|conversation| conversation.take_waiting(message));
        if let Some(numbers) = &waited {
            self.note_unacknowledged(key, numbers.clone(), begins, at);
        }
        for number in waited.into_iter().flat_map(|numbers| numbers.start.0..numbers.end.0).map(RowNumber) {
            self.decide_delivery(key, number, delivery.clone());
            let bytes = self.note_begins(key, number, begins);
            begins = begins.map(|begins| begins + bytes);
        }
    }

    /// Notes messages that the kernel took just now, if it did.
    pub(super) fn note_unacknowledged(
        &mut self,
        key: Key,
        numbers: Range<RowNumber>,
        begins: Option<u64>,
        at: Timestamp,
    ) {
        if let (Some(_), Some(conversation)) = (begins, self.conversation_mut(key)) {
            let end = conversation.bytes_out;
            conversation.messages_out += numbers.end.0 - numbers.start.0;
            conversation.unacknowledged.took(numbers, end, at);
        }
    }

    /// Notes where in the outgoing stream a row's bytes began. Gives how many they are.
    pub(super) fn note_begins(&mut self, key: Key, number: RowNumber, begins: Option<u64>) -> u64 {
        let Some(conversation) = self.conversation_mut(key) else { return 0 };
        if let Some(begins) = begins {
            conversation.began(number, begins);
        }
        conversation.entries().get(number).map_or(0, |row| row.bytes() as u64)
    }

    /// One client's share of a message to everyone ended. Gives its bytes, for a row of that client's own, and whether
    /// nobody has written it.
    fn share_ended(&mut self, message: MessageId, error: Option<NetError>) -> Option<(Written, bool)> {
        let broadcast = self.broadcasts.get_mut(&message)?;
        match error {
            None => broadcast.sent += 1,
            Some(error) => {
                broadcast.failed += 1;
                broadcast.error = Some(error);
            }
        }
        let (ended, clients) = (broadcast.sent + broadcast.failed, broadcast.clients);
        let (number, delivery, done) = (broadcast.number, broadcast.delivery(), ended >= clients);
        if done {
            self.broadcasts.remove(&message);
        }
        if done || ended.is_multiple_of((clients / BROADCAST_STEPS).max(1)) {
            self.decide_delivery(Key::Everyone, number, delivery);
        }
        match self.everyone.entries().get(number).map(|row| &row.kind) {
            Some(RowKind::Sent(Sent { raw, cut, encoding, auto, .. })) => Some(((raw.clone(), *cut, *encoding), *auto)),
            _ => None,
        }
    }

    /// The user holds a conversation in another manner from here on.
    pub(super) fn set_manner(&mut self, key: Key, manner: ConversationOptions) {
        let Some(conversation) = self.conversation_mut(key) else { return };
        let framing_of = |manner: &ConversationOptions| (manner.options.framing, manner.options.unit);
        let recut = framing_of(&manner) != framing_of(conversation.manner());
        let (encoding, over) = (manner.encoding, conversation.state.is_over());
        let recode = encoding != conversation.manner().encoding;
        if matches!(key, Key::Conn(_)) {
            if recode {
                self.decide_change(key, ConversationChange::Encoding(encoding));
            }
            if let Some(conversation) = self.conversation_mut(key) {
                conversation.manner = manner;
            }
            // While the connection lives, the network thread says where in the stream the change falls.
            if recut && over {
                self.framing_changed(key);
            }
        } else {
            conversation.set_manner(manner);
        }
    }

    /// The framing changed at this point of the stream: what came before is cut again.
    pub(super) fn framing_changed(&mut self, key: Key) {
        let Some(conversation) = self.conversation_mut(key) else { return };
        conversation.unfinished = None;
        let options = conversation.manner().options.clone();
        let (stream_end, continues) = (conversation.bytes_in, !conversation.state.is_over());
        let known_from = conversation.recvs_known_from;
        let (unread_here, unread_bytes) = conversation.unread_in_memory();
        let numbers = conversation.entries().first()..conversation.entries().end();
        let first_in_memory = numbers.start;
        let rows: Vec<Uncounted> = (conversation.entries().iter())
            .map(|(number, row)| Uncounted { at: row.at, kind: row.kind.clone(), was: Some(number) })
            .collect();
        let recv_ends = conversation.recv_ends.make_contiguous();
        let rows = reframe::reframe(rows, recv_ends, known_from, stream_end, &options, continues);
        self.decide(key, |session, _| JournalEntry::Replaced { session, numbers });
        let renumbered = self.decide_again(key, rows);
        if let Some(conversation) = self.conversation_mut(key) {
            conversation.unread -= unread_here;
            conversation.mark_unread(unread_bytes);
            for (_, numbers) in &mut conversation.waiting {
                if let Some(first) = renumbered.get(&numbers.start) {
                    *numbers = *first..RowNumber(first.0 + numbers.end.0 - numbers.start.0);
                }
            }
            let mut unacknowledged = std::mem::take(&mut conversation.unacknowledged);
            unacknowledged.renumber(first_in_memory, &renumbered, conversation.entries());
            conversation.unacknowledged = unacknowledged;
        }
    }

    /// Rows that come again under later numbers. Gives the new number of each that is no received message.
    fn decide_again(&mut self, key: Key, rows: Vec<Uncounted>) -> BTreeMap<RowNumber, RowNumber> {
        let mut renumbered = BTreeMap::new();
        // Messages that came at one time go together, as they do when they come.
        let mut together = Together::default();
        for Uncounted { at, kind, was } in rows {
            if !together.takes(at, &kind) {
                self.decide_together(key, &mut together);
            }
            let number = match kind {
                RowKind::Received(received) => {
                    together.push(at, &received.raw, received.cut);
                    continue;
                }
                RowKind::Sent(Sent { raw, cut, delivery, auto, encoding, begins }) => {
                    let number = self.decide_sent(key, at, (raw, cut, encoding), delivery, auto);
                    self.note_begins(key, number, begins);
                    number
                }
                RowKind::Happened(what) => {
                    let number = self.conversation(key).map_or_else(RowNumber::default, |c| c.entries().end());
                    self.decide(key, |session, number| JournalEntry::Happened { session, number, at, what });
                    number
                }
            };
            renumbered.extend(was.map(|was| (was, number)));
        }
        self.decide_together(key, &mut together);
        renumbered
    }

    fn decide_together(&mut self, key: Key, together: &mut Together) {
        let Together { at, bytes, cuts } = std::mem::take(together);
        if let Some(at) = at {
            let batch = Batch { bytes: bytes.into(), cuts };
            self.decide(key, |session, first| JournalEntry::Received { session, first, at, batch });
        }
    }

    /// What is to be done about what was decided so far.
    pub(super) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// A connection failed before it was made, or was closed.
    pub(super) fn over(&mut self, conn: ConnId, at: Timestamp, what: Happening, state: ConnState) {
        self.cut_long_send_short(Key::Conn(conn), at);
        if let Happening::Closed(CloseReason::Failed(error)) = &what
            && error.is_of_vanished_peer()
            && let Some((messages, bytes)) = self.conversation(Key::Conn(conn)).and_then(|c| c.unacknowledged.left())
        {
            self.decide_happening(conn, at, Happening::NeverAcknowledged { messages, bytes });
        }
        self.decide_happening(conn, at, what);
        self.decide_end(conn, at);
        self.with(conn, |conversation| {
            conversation.state = state;
            conversation.recording = None;
            conversation.silent_since = None;
            (conversation.no_room, conversation.reading_held_up) = (false, false);
            conversation.ended_at = Some(at);
            conversation.unfinished = None;
            conversation.repeating = None;
            // What is not acknowledged by now, nobody will know of.
            conversation.unacknowledged = Unacknowledged::default();
        });
    }
}

/// Received messages that make one entry of the journal.
#[derive(Default)]
struct Together {
    at: Option<Timestamp>,
    bytes: Vec<u8>,
    cuts: Vec<Cut>,
}

impl Together {
    fn takes(&self, at: Timestamp, kind: &RowKind) -> bool {
        let fits = self.at == Some(at) && self.bytes.len() < BATCH_BYTES && matches!(kind, RowKind::Received(_));
        self.at.is_none() || fits
    }

    fn push(&mut self, at: Timestamp, raw: &[u8], cut: Cut) {
        self.at = Some(at);
        self.bytes.extend_from_slice(raw);
        self.cuts.push(Cut { end: self.bytes.len() as u32, ..cut });
    }
}
