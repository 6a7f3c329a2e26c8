//! Events on their way to the receiver: bounded, and the thread is woken when there is room again.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use jiff::{SignedDuration, Timestamp};

use super::{
    BYTES_IN_FLIGHT, Call, ConnId, EVENTS_IN_FLIGHT, Errno, Event, EventKind, Outcome, SocketCall, SocketId,
    waker::LoopWaker,
};
use crate::wire::Cut;

/// How long events gather at most while there is more to do. In a flood, the receiver is woken once for
/// many of them.
const GATHER: Duration = Duration::from_micros(250);

/// When so many events or bytes wait, the receiver is to take them, whomever they concern: the thread is not to stop
/// reading for want of room.
const SOON_AT_MOST: (usize, usize) = (EVENTS_IN_FLIGHT / 4 * 3, BYTES_IN_FLIGHT / 4);

/// How soon the receiver is to look at what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It comes from connections that nobody looks at ([`super::Command::InSight`]): it may wait for more of it.
    Soon,
    /// At once.
    Now,
}

/// The two ends of the queue. `wake` is called by the sending end, see [`super::Net::start`].
pub(super) fn event_queue(waker: Arc<LoopWaker>, wake: Box<dyn Fn(Urgency) + Send>) -> (EventSender, EventReceiver) {
    let (sender, receiver) = crossbeam_channel::bounded(EVENTS_IN_FLIGHT);
    let fill = Arc::new(QueueFill::default());
    let now = Instant::now();
    (
        EventSender {
            channel: sender,
            fill: Arc::clone(&fill),
            outbox: VecDeque::new(),
            sender_waits: false,
            wake,
            in_sight: None,
            now,
            base: (now, Timestamp::now()),
            flushed: now,
        },
        EventReceiver { channel: receiver, fill, waker },
    )
}

/// What both ends know of how full the channel is.
#[derive(Debug, Default)]
struct QueueFill {
    /// Bytes that the events in the channel hold besides themselves.
    bytes: AtomicUsize,
    /// The thread waits for the receiver to drain the channel to half.
    sender_waits: AtomicBool,
    /// How urgently the receiver was woken since it last found the channel empty: as a number one more than [`Urgency`],
    /// 0 if it was not.
    woken: AtomicU8,
    /// Whatever comes is urgent.
    hurries: AtomicBool,
}

/// [`QueueFill::woken`] of a receiver that is awake.
const AWAKE: u8 = Urgency::Now as u8 + 1;

/// A socket as its rows name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SocketLabel {
    pub(super) socket: SocketId,
    pub(super) fd: i64,
}

/// The thread's end, with the thread's clock. Events gather in an outbox and go out on
/// [`Self::flush`], so that the receiver does not wake before the sockets have been served.
pub(super) struct EventSender {
    channel: Sender<Event>,
    fill: Arc<QueueFill>,
    outbox: VecDeque<Event>,
    sender_waits: bool,
    wake: Box<dyn Fn(Urgency) + Send>,
    /// The connection that somebody looks at.
    pub(super) in_sight: Option<ConnId>,
    now: Instant,
    /// The same moment on both clocks. The wall clock is counted from it: one reading serves both.
    base: (Instant, Timestamp),
    /// When events were last handed over.
    flushed: Instant,
}

impl EventSender {
    /// A turn begins: read both clocks.
    pub(super) fn begin_turn(&mut self) {
        self.now = Instant::now();
        self.base = (self.now, Timestamp::now());
    }

    /// Read the clock: [`Self::now`] and the time of events stand still between two ticks.
    pub(super) fn tick(&mut self) {
        self.now = Instant::now();
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Report something that happened at the last tick.
    pub(super) fn event(&mut self, kind: EventKind) {
        let at = self.stamp(self.now);
        self.outbox.push_back(Event { at, kind });
    }

    /// Reports a call that has just returned. It counts as waiting from `since` on.
    pub(super) fn call(&mut self, label: SocketLabel, call: Call, outcome: Outcome, since: Instant) {
        self.tick();
        self.row(label, call, outcome, self.now.saturating_duration_since(since), self.now, 1);
    }

    /// Report a call, or several in one row, that returned at some moment of this turn.
    pub(super) fn row(
        &mut self,
        label: SocketLabel,
        call: Call,
        outcome: Outcome,
        waited: Duration,
        at: Instant,
        count: u32,
    ) {
        let at = self.stamp(at);
        let row = SocketCall { socket: label.socket, fd: label.fd, call, outcome, at, waited, count };
        self.outbox.push_back(Event { at, kind: EventKind::Call(row) });
    }

    /// The wall clock that long ago.
    pub(super) fn wall_clock_before(&self, ago: Duration) -> Timestamp {
        let now = self.stamp(self.now);
        SignedDuration::try_from(ago).ok().and_then(|ago| now.checked_sub(ago).ok()).unwrap_or(now)
    }

    /// The wall clock at a moment of this turn.
    fn stamp(&self, at: Instant) -> Timestamp {
        let (instant, stamp) = self.base;
        let since = SignedDuration::from_nanos(at.saturating_duration_since(instant).as_nanos() as i64);
        stamp.checked_add(since).unwrap_or(stamp)
    }

    /// Report a call that gives back nothing but success.
    pub(super) fn plain_call(&mut self, label: SocketLabel, call: Call, result: &io::Result<()>, since: Instant) {
        let outcome = match result {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(Errno::of(error)),
        };
        self.call(label, call, outcome, since);
    }

    /// Whether events wait here for the receiver to drain. As long as they do, nothing may be read.
    pub(super) fn is_stalled(&self) -> bool {
        self.sender_waits
    }

    /// Whether so many events wait here that nothing at all may be done that makes more.
    pub(super) fn is_full(&self) -> bool {
        self.sender_waits && self.outbox.len() >= EVENTS_IN_FLIGHT
    }

    /// Events that have not been handed over.
    pub(super) fn gathered(&self) -> usize {
        self.outbox.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Whether a flush would move something again after a stall.
    pub(super) fn has_room_again(&self) -> bool {
        self.sender_waits && self.is_half_empty()
    }

    /// Whether what has gathered should no longer wait for more.
    pub(super) fn is_late(&self) -> bool {
        self.now.saturating_duration_since(self.flushed) > GATHER
    }

    /// Hand over what has gathered, as far as there is room.
    pub(super) fn flush(&mut self) {
        self.flushed = self.now;
        loop {
            if self.sender_waits && !self.is_half_empty() {
                return;
            }
            if let Some(urgency) = self.hand_over() {
                let level = urgency as u8 + 1;
                if self.fill.woken.fetch_max(level, Ordering::SeqCst) < level {
                    (self.wake)(urgency);
                }
            }
            self.sender_waits = !self.outbox.is_empty();
            if self.outbox.capacity() > EVENTS_IN_FLIGHT && self.outbox.is_empty() {
                // There were very many at once.
                self.outbox = VecDeque::new();
            }
            self.fill.sender_waits.store(self.sender_waits, Ordering::SeqCst);
            // The receiver may have drained it all before it could see that we wait.
            if !self.has_room_again() {
                return;
            }
        }
    }

    /// How urgent it is, if anything was handed over.
    fn hand_over(&mut self) -> Option<Urgency> {
        let mut urgency = None;
        while self.fill.bytes.load(Ordering::SeqCst) < BYTES_IN_FLIGHT {
            let Some(event) = self.outbox.pop_front() else { break };
            let (weight, of_it) = (weight(&event), self.urgency(&event.kind));
            // Counted before it is there: the receiver subtracts as soon as it has it.
            if weight > 0 {
                self.fill.bytes.fetch_add(weight, Ordering::SeqCst);
            }
            match self.channel.try_send(event) {
                Ok(()) => urgency = urgency.max(Some(of_it)),
                Err(TrySendError::Full(event)) => {
                    self.fill.bytes.fetch_sub(weight, Ordering::SeqCst);
                    self.outbox.push_front(event);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {
                    self.outbox.clear();
                    break;
                }
            }
        }
        let (events, bytes) = SOON_AT_MOST;
        let many = self.channel.len() > events || self.fill.bytes.load(Ordering::SeqCst) > bytes;
        if many || self.fill.hurries.load(Ordering::Relaxed) { urgency.map(|_| Urgency::Now) } else { urgency }
    }

    /// What a connection says and does by itself may wait while nobody looks at it; what was asked for may not.
    fn urgency(&self, event: &EventKind) -> Urgency {
        let conn = match event {
            EventKind::Call(SocketCall { socket: SocketId::Conn(conn), .. })
            | EventKind::Accepted { conn, .. }
            | EventKind::Received { conn, .. }
            | EventKind::Unfinished { conn, .. }
            | EventKind::Acknowledged { conn, .. }
            | EventKind::PeerFinished { conn }
            | EventKind::Closed { conn, .. } => Some(*conn),
            EventKind::Call(SocketCall { call: Call::Accept, .. }) => None,
            _ => return Urgency::Now,
        };
        if conn.is_some() && conn == self.in_sight { Urgency::Now } else { Urgency::Soon }
    }

    fn is_half_empty(&self) -> bool {
        self.fill.is_half_empty(self.channel.len())
    }
}

impl QueueFill {
    fn is_half_empty(&self, events: usize) -> bool {
        events <= EVENTS_IN_FLIGHT / 2 && self.bytes.load(Ordering::SeqCst) <= BYTES_IN_FLIGHT / 2
    }
}

/// The receiver's end.
#[derive(Debug)]
pub(super) struct EventReceiver {
    channel: Receiver<Event>,
    fill: Arc<QueueFill>,
    waker: Arc<LoopWaker>,
}

impl EventReceiver {
    pub(super) fn try_recv(&self) -> Option<Event> {
        if let Ok(event) = self.channel.try_recv() {
            return Some(self.taken(event));
        }
        // Empty: from here on the receiver has to be woken, except for what came in just now.
        self.fill.woken.store(0, Ordering::SeqCst);
        let event = self.channel.try_recv().ok()?;
        self.fill.woken.store(AWAKE, Ordering::SeqCst);
        Some(self.taken(event))
    }

    /// From here on, whatever comes is urgent, or not.
    pub(super) fn hurry(&self, on: bool) {
        self.fill.hurries.store(on, Ordering::Relaxed);
    }

    pub(super) fn recv_timeout(&self, limit: Duration) -> Option<Event> {
        if let Some(event) = self.try_recv() {
            return Some(event);
        }
        self.channel.recv_timeout(limit).ok().map(|event| self.taken(event))
    }

    fn taken(&self, event: Event) -> Event {
        let weight = weight(&event);
        if weight > 0 {
            self.fill.bytes.fetch_sub(weight, Ordering::SeqCst);
        }
        if self.fill.sender_waits.load(Ordering::SeqCst)
            && self.fill.is_half_empty(self.channel.len())
            && self.fill.sender_waits.swap(false, Ordering::SeqCst)
        {
            self.waker.wake();
        }
        event
    }
}

/// Bytes that an event holds besides itself.
fn weight(event: &Event) -> usize {
    match &event.kind {
        EventKind::Received { batch, recv_ends, .. } => {
            batch.bytes.len() + batch.cuts.len() * size_of::<Cut>() + recv_ends.len() * size_of::<u64>()
        }
        EventKind::AutoReplied { bytes, .. } | EventKind::Repeated { bytes, .. } => bytes.len(),
        EventKind::Unfinished { held, .. } => held.len(),
        _ => 0,
    }
}
