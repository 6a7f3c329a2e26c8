//! Records of any kind, and what a history that was given them has to know.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*};
use sockhop::{
    chat::{
        ConversationChange, Delivery, Happening, JournalEntry, Origin, Received, Row, RowKind, RowNumber, Sent, Session,
    },
    history::SessionSummary,
    net::{CallKind, Cause, CloseReason, Errno, Limit, NetError, Operation, Reason, Target},
    wire::{
        Batch, Boundary, Cut,
        text::{self, OFFERED, SplitChar, TextEncoding},
    },
};

/// Something that is to happen, before ids and numbers are given out.
#[derive(Clone, Debug)]
pub enum Step {
    Open { origin: Origin, name: Option<String>, encoding: TextEncoding },
    Receive { who: usize, messages: Vec<(Vec<u8>, u8, u8, Boundary)> },
    Send { who: usize, raw: Vec<u8>, delivery: Delivery, auto: bool, encoding: TextEncoding },
    Deliver { who: usize, which: usize, delivery: Delivery },
    Acknowledge { who: usize, first: usize, count: usize },
    Happen { who: usize, what: Happening },
    Change { who: usize, change: ConversationChange },
    Replace { who: usize, last: usize },
    Skip { who: usize },
    End { who: usize },
    Restart,
}

/// Any number of steps.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..40)
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..8_usize;
    prop_oneof![
        2 => (origin(), option::of(".{0,8}"), encoding())
            .prop_map(|(origin, name, encoding)| Step::Open { origin, name, encoding }),
        8 => (who(), vec(message(), 1..6)).prop_map(|(who, messages)| Step::Receive { who, messages }),
        4 => (who(), alike()).prop_map(|(who, messages)| Step::Receive { who, messages }),
        4 => (who(), vec(any::<u8>(), 0..20), delivery(), any::<bool>(), encoding())
            .prop_map(|(who, raw, delivery, auto, encoding)| Step::Send { who, raw, delivery, auto, encoding }),
        2 => (who(), 0..4_usize, delivery()).prop_map(|(who, which, delivery)| Step::Deliver { who, which, delivery }),
        2 => (who(), 0..6_usize, 0..6_usize).prop_map(|(who, first, count)| Step::Acknowledge { who, first, count }),
        2 => (who(), happening()).prop_map(|(who, what)| Step::Happen { who, what }),
        2 => (who(), change()).prop_map(|(who, change)| Step::Change { who, change }),
        1 => (who(), 0..5_usize).prop_map(|(who, last)| Step::Replace { who, last }),
        1 => who().prop_map(|who| Step::Skip { who }),
        1 => who().prop_map(|who| Step::End { who }),
        1 => Just(Step::Restart),
    ]
}

/// Any bytes, and text in the encodings that there are, cut also in the middle of a character.
fn message() -> impl Strategy<Value = (Vec<u8>, u8, u8, Boundary)> {
    let cut_text = ("[a-z你好😀é]{0,6}", encoding(), 0..3_usize).prop_map(|(text, encoding, less)| {
        let mut bytes = text::encode(&text, encoding).bytes;
        bytes.truncate(bytes.len().saturating_sub(less));
        bytes
    });
    let raw = prop_oneof![vec(any::<u8>(), 0..20), cut_text];
    (raw, 0..5_u8, 0..3_u8, boundary())
}

/// Messages that are framed in the same way, as those of one connection mostly are.
fn alike() -> impl Strategy<Value = Vec<(Vec<u8>, u8, u8, Boundary)>> {
    (vec(vec(any::<u8>(), 0..60), 1..60), 0..5_u8, 0..3_u8, boundary()).prop_map(|(raws, header, trailer, boundary)| {
        raws.into_iter().map(|raw| (raw, header, trailer, boundary)).collect()
    })
}

fn boundary() -> impl Strategy<Value = Boundary> {
    use Boundary::{Cut, EndOfStream, Length, Newline, Quiet, Recv, Reframed};
    prop::sample::select(vec![Newline, Recv, Length, Quiet, Cut, Reframed, EndOfStream])
}

fn encoding() -> impl Strategy<Value = TextEncoding> {
    prop::sample::select(OFFERED.to_vec())
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Everyone),
        Just(Origin::Accepted),
        (".{0,12}", any::<u16>()).prop_map(|(host, port)| Origin::Outgoing { host, port }),
    ]
}

fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<IpAddr>(), any::<u16>()).prop_map(SocketAddr::from)
}

fn error() -> impl Strategy<Value = NetError> {
    let target = prop_oneof![
        Just(Target::None),
        address().prop_map(Target::Address),
        (".{0,8}", any::<u16>()).prop_map(|(host, port)| Target::Name(host, port)),
    ];
    let cause = prop::sample::select(vec![
        Cause::AddressInUse,
        Cause::AddressNotHere,
        Cause::NotPermitted,
        Cause::Refused,
        Cause::TimedOut,
        Cause::Unreachable,
        Cause::NameNotFound,
        Cause::Reset,
        Cause::TooManyFiles,
        Cause::OutOfOrder,
        Cause::Other,
    ]);
    let kernel = (cause, option::of(any::<i32>().prop_map(Errno)), ".{0,3}");
    let reason = prop_oneof![
        kernel.prop_map(|(cause, errno, text)| Reason::Kernel { cause, errno, text }),
        prop::sample::select(vec![
            Reason::Limit(Limit::SendQueue),
            Reason::Limit(Limit::Clients(7)),
            Reason::Limit(Limit::Prefix(u64::MAX)),
            Reason::Limit(Limit::Commands),
            Reason::Closed,
            Reason::WriteFinished,
            Reason::NoSuchSocket,
            Reason::NoSocketYet,
            Reason::NoAddress,
            Reason::Cancelled,
        ]),
    ];
    let anything = prop_oneof![
        prop::sample::select(CallKind::ALL.to_vec()).prop_map(Operation::Call),
        Just(Operation::LookUp),
        Just(Operation::QueueCommand),
        Just(Operation::Unknown),
    ];
    let any_reason = (anything, reason);
    // These mean something with these calls alone.
    let some = prop::sample::select(vec![
        (CallKind::Connect.into(), Reason::Limit(Limit::ConnectTime)),
        (Operation::LookUp, Reason::Limit(Limit::ConnectTime)),
        (CallKind::Socket.into(), Reason::OutOfOrder),
        (CallKind::Send.into(), Reason::Broken(Cause::Reset)),
        (CallKind::Send.into(), Reason::Broken(Cause::TimedOut)),
        (CallKind::Send.into(), Reason::Broken(Cause::OutOfOrder)),
        (CallKind::Send.into(), Reason::Broken(Cause::Unreachable)),
    ]);
    (prop_oneof![4 => any_reason, 1 => some], target)
        .prop_map(|((operation, reason), target)| NetError::ours(operation, target, reason))
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        Just(Delivery::Waiting),
        Just(Delivery::Sent),
        Just(Delivery::Acknowledged),
        error().prop_map(Delivery::Failed),
        (any::<u32>(), any::<u32>(), any::<u32>(), option::of(error())).prop_map(|(clients, sent, failed, error)| {
            Delivery::ToAll { clients: clients as usize, sent: sent as usize, failed: failed as usize, error }
        }),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        address().prop_map(Happening::Accepted),
        address().prop_map(Happening::Connected),
        error().prop_map(Happening::ConnectFailed),
        Just(Happening::PeerFinished),
        Just(Happening::WriteFinished),
        any::<(u8, u32, bool)>().prop_map(|(byte, position, last_told)| {
            Happening::Urgent { byte, position: position.into(), last_told }
        }),
        any::<(u32, u32)>().prop_map(|(messages, bytes)| {
            Happening::NeverAcknowledged { messages: messages.into(), bytes: bytes.into() }
        }),
        any::<(u32, u32)>().prop_map(|(bytes, of)| Happening::NotSent { bytes: bytes.into(), of: of.into() }),
        Just(Happening::Closed(CloseReason::ByUs)),
        Just(Happening::Closed(CloseReason::Orderly)),
        Just(Happening::Closed(CloseReason::ResetByUs)),
        error().prop_map(|error| Happening::Closed(CloseReason::Failed(error))),
        Just(Happening::Closed(CloseReason::Quit)),
    ]
}

fn change() -> impl Strategy<Value = ConversationChange> {
    prop_oneof![
        option::of(".{0,8}").prop_map(ConversationChange::Name),
        encoding().prop_map(ConversationChange::Encoding),
        (option::of(address()), option::of(address()))
            .prop_map(|(peer, local)| ConversationChange::Addresses { peer, local }),
    ]
}

/// Give each message the beginning of its first character anew; what the last one leaves.
fn carried(rows: &mut BTreeMap<u64, Row>, encoding: TextEncoding) -> SplitChar {
    let mut before = SplitChar::default();
    for row in rows.values_mut() {
        if let RowKind::Received(Received { carry, cut, .. }) = &mut row.kind {
            *carry = before;
            let open = cut.boundary.is_open();
            before = row.decode(encoding).filter(|_| open).map_or(SplitChar::default(), |decoded| decoded.split_char);
        }
    }
    before
}

/// What a history that was given some records has to know.
#[derive(Default)]
pub struct Known {
    /// In the order in which they were opened.
    pub sessions: Vec<(SessionSummary, BTreeMap<u64, Row>)>,
    /// Which of them still go on, as places in `sessions`.
    open: Vec<usize>,
    next: Vec<u64>,
    carry: Vec<SplitChar>,
    clock: i64,
}

impl Known {
    /// The record of messages received in that session, and what has to be known after it.
    pub fn received(&mut self, place: usize, batch: Batch) -> JournalEntry {
        let at = self.tick();
        let (next, carry) = (&mut self.next[place], &mut self.carry[place]);
        let (summary, rows) = &mut self.sessions[place];
        let first = *next;
        for (raw, cut) in batch.messages() {
            let cut = Cut { end: raw.len() as u32, ..cut };
            let row = Row {
                number: RowNumber(*next),
                at,
                kind: RowKind::Received(Received { raw, cut, carry: *carry, begins: None }),
            };
            let decoded = row.decode(summary.session.encoding).unwrap();
            *carry = if cut.boundary.is_open() { decoded.split_char } else { SplitChar::default() };
            rows.insert(*next, row);
            *next += 1;
        }
        summary.messages += batch.cuts.len() as u64;
        summary.bytes += batch.bytes.len() as u64;
        summary.last = at;
        JournalEntry::Received { session: summary.session.id, first: RowNumber(first), at, batch }
    }

    /// The record of what was received last in that session, once more.
    pub fn again(&self, place: usize) -> JournalEntry {
        let (summary, rows) = &self.sessions[place];
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for row in rows.values() {
            bytes.extend_from_slice(row.raw());
            cuts.push(Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline });
        }
        JournalEntry::Received {
            session: summary.session.id,
            first: RowNumber(0),
            at: summary.last,
            batch: Batch { bytes: bytes.into(), cuts },
        }
    }

    /// Let go of what was received, so that a flood does not fill the memory.
    pub fn forget_rows(&mut self, place: usize) {
        self.sessions[place].1.clear();
    }

    fn tick(&mut self) -> Timestamp {
        self.clock += 1_000_000_007;
        Timestamp::from_nanosecond(i128::from(self.clock)).unwrap()
    }

    /// The records of a step, and what has to be known after them.
    pub fn records(&mut self, step: Step) -> Option<JournalEntry> {
        let at = self.tick();
        if let Step::Open { origin, name, encoding } = step {
            let id = crate::book::new_session();
            let session = Session { id, origin, peer: None, local: None, name, encoding, opened: at };
            self.open.push(self.sessions.len());
            let summary = SessionSummary { session: session.clone(), ended: None, last: at, messages: 0, bytes: 0 };
            self.sessions.push((summary, BTreeMap::new()));
            self.next.push(0);
            self.carry.push(SplitChar::default());
            return Some(JournalEntry::Opened(Box::new(session)));
        }
        let (Step::Receive { who, .. }
        | Step::Send { who, .. }
        | Step::Deliver { who, .. }
        | Step::Acknowledge { who, .. }
        | Step::Happen { who, .. }
        | Step::Change { who, .. }
        | Step::Replace { who, .. }
        | Step::Skip { who }
        | Step::End { who }) = step
        else {
            // The sessions of a run that has ended get no more rows.
            self.open.clear();
            return None;
        };
        let place = *self.open.get(who)?;
        let (next, carry) = (&mut self.next[place], &mut self.carry[place]);
        let (summary, rows) = &mut self.sessions[place];
        let session = summary.session.id;
        match step {
            Step::Open { .. } | Step::Restart => None,
            Step::Receive { messages, .. } => {
                let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
                for (raw, header, trailer, boundary) in messages {
                    bytes.extend_from_slice(&raw);
                    cuts.push(Cut { end: bytes.len() as u32, header, trailer, boundary });
                }
                Some(self.received(place, Batch { bytes: bytes.into(), cuts }))
            }
            Step::Send { raw, delivery, auto, encoding, .. } => {
                let raw = Bytes::from(raw);
                let cut = Cut { end: raw.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline };
                summary.messages += 1;
                summary.bytes += raw.len() as u64;
                summary.last = at;
                let number = RowNumber(*next);
                *next += 1;
                let entry = JournalEntry::Sent {
                    session,
                    number,
                    at,
                    raw: raw.clone(),
                    cut,
                    delivery: delivery.clone(),
                    auto,
                    encoding,
                };
                let kind = RowKind::Sent(Sent { raw, cut, delivery, auto, encoding, begins: None });
                rows.insert(number.0, Row { number, at, kind });
                Some(entry)
            }
            Step::Deliver { which, delivery: new, .. } => {
                let sent = |row: &&mut Row| matches!(row.kind, RowKind::Sent(_));
                let Row { number, kind: RowKind::Sent(Sent { delivery, .. }), .. } =
                    rows.values_mut().filter(sent).nth(which)?
                else {
                    return None;
                };
                *delivery = new.clone();
                Some(JournalEntry::Delivery { session, number: *number, delivery: new })
            }
            Step::Acknowledge { first, count, .. } => {
                let numbers = first as u64..(first + count) as u64;
                for (_, row) in rows.range_mut(numbers.clone()) {
                    if let RowKind::Sent(Sent { delivery: delivery @ Delivery::Sent, .. }) = &mut row.kind {
                        *delivery = Delivery::Acknowledged;
                    }
                }
                let numbers = RowNumber(numbers.start)..RowNumber(numbers.end);
                Some(JournalEntry::Acknowledged { session, numbers, bytes: 0 })
            }
            Step::Happen { what, .. } => {
                let number = RowNumber(*next);
                *next += 1;
                summary.last = at;
                rows.insert(number.0, Row { number, at, kind: RowKind::Happened(what.clone()) });
                Some(JournalEntry::Happened { session, number, at, what })
            }
            Step::Change { change, .. } => {
                match change.clone() {
                    ConversationChange::Name(name) => summary.session.name = name,
                    ConversationChange::Addresses { peer, local } => {
                        (summary.session.peer, summary.session.local) = (peer, local);
                    }
                    ConversationChange::Encoding(encoding) => {
                        summary.session.encoding = encoding;
                        *carry = carried(rows, encoding);
                    }
                }
                Some(JournalEntry::Changed { session, change })
            }
            Step::Replace { last, .. } => {
                let numbers = next.saturating_sub(last as u64)..*next;
                for number in numbers.clone() {
                    if let Some(row) = rows.remove(&number)
                        && !matches!(row.kind, RowKind::Happened(_))
                    {
                        summary.messages -= 1;
                        summary.bytes -= row.raw().len() as u64;
                    }
                }
                *carry = SplitChar::default();
                Some(JournalEntry::Replaced { session, numbers: RowNumber(numbers.start)..RowNumber(numbers.end) })
            }
            Step::Skip { .. } => {
                *next += 3;
                None
            }
            Step::End { who } => {
                summary.ended = Some(at);
                self.open.remove(who);
                Some(JournalEntry::Ended { session, at })
            }
        }
    }
}
