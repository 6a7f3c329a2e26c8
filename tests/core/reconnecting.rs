//! Clients that connect again by themselves: after which ends, how soon, and that they can be stopped.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sockhop::{
    chat::{Happening, JournalEntry, RowKind},
    core::{ConnState, ConversationOptions, Core, FIRST_WAIT, GOOD_AFTER, Input, Key, LONGEST_WAIT, WakeReason},
    net::{CallKind, CloseReason, Command, ConnId, Event, EventKind, Limit, NetError, Reason, Target},
};

use crate::address;

/// A client that connects again, and its clock.
struct Client {
    core: Core,
    now: Timestamp,
    conn: ConnId,
}

impl Client {
    fn new(reconnect: bool) -> Self {
        let mut core = Core::default();
        let manner = ConversationOptions { reconnect, ..ConversationOptions::default() };
        let input = Input::Connect { target: ("here".to_owned(), 9), name: Some("device".to_owned()), manner };
        let now = Timestamp::UNIX_EPOCH;
        let Some(Key::Conn(conn)) = core.apply(input, now).show else { panic!("a conversation") };
        Self { core, now, conn }
    }

    fn happens(&mut self, kind: EventKind) -> Vec<JournalEntry> {
        self.core.apply(Input::Net(Event { at: self.now, kind }), self.now).journal
    }

    fn connected(&mut self) {
        self.happens(EventKind::Connected { conn: self.conn, peer: address(9), local: address(5) });
    }

    fn refused(&mut self) -> Vec<JournalEntry> {
        let error = NetError::ours(CallKind::Connect, Target::Address(address(9)), Reason::Limit(Limit::ConnectTime));
        self.happens(EventKind::ConnectFailed { conn: self.conn, error })
    }

    fn closed(&mut self, reason: CloseReason) {
        self.happens(EventKind::Closed { conn: self.conn, reason, bytes_in: 0, bytes_out: 0 });
    }

    fn passes(&mut self, time: Duration) {
        self.now += SignedDuration::try_from(time).unwrap();
    }

    /// How long it waits now; none, if it does not connect again.
    fn waits(&self) -> Option<Duration> {
        let (due, why) = self.core.next_wake(self.now)?;
        assert_eq!(why, WakeReason::Reconnect);
        assert_eq!(self.core.reconnecting(self.conn).map(|waiting| waiting.due), Some(due));
        due.duration_since(self.now).try_into().ok()
    }

    /// Waits for its time, and gives the attempt that is made then.
    fn attempt(&mut self) -> ConnId {
        let wait = self.waits().unwrap();
        self.passes(wait.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(self.core.apply(Input::Wake, self.now).commands.is_empty(), "too early");
        self.passes(Duration::from_millis(1));
        let effects = self.core.apply(Input::Wake, self.now);
        assert_eq!(effects.show, None, "what is in sight stays");
        let [Command::Connect { conn, host, port, .. }] = effects.commands.as_slice() else {
            panic!("{:?}", effects.commands)
        };
        assert_eq!((host.as_str(), *port), ("here", 9));
        self.conn = *conn;
        *conn
    }

    fn failures(&self) -> usize {
        let rows = self.core.conversation(Key::Conn(self.conn)).unwrap().entries();
        rows.iter().filter(|(_, row)| matches!(row.kind, RowKind::Happened(Happening::ConnectFailed(_)))).count()
    }
}

#[test]
fn one_that_cannot_connect_tries_again_in_its_conversation_and_waits_longer_each_time() {
    let mut client = Client::new(true);
    let first = client.conn;
    let mut waits = Vec::new();
    for _ in 0..7 {
        let journal = client.refused();
        assert!(!journal.iter().any(|entry| matches!(entry, JournalEntry::Ended { .. })), "it is not over");
        waits.push(client.waits().unwrap());
        assert_eq!(client.attempt(), first);
    }
    let seconds: Vec<u64> = waits.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [1, 2, 4, 8, 16, LONGEST_WAIT.as_secs(), LONGEST_WAIT.as_secs()]);
    assert_eq!(client.failures(), 1, "the same again is no row");
    client.connected();
    assert_eq!(client.core.conversation(Key::Conn(first)).unwrap().state, ConnState::Open);
    assert_eq!(client.waits(), None);
}

#[test]
fn one_that_was_connected_goes_on_in_a_conversation_of_its_own_with_its_name() {
    let mut client = Client::new(true);
    let first = client.conn;
    client.connected();
    client.passes(GOOD_AFTER);
    client.closed(CloseReason::Orderly);
    assert_eq!(client.waits(), Some(FIRST_WAIT));
    let second = client.attempt();
    assert_ne!(first, second);
    assert_eq!(client.core.conversation(Key::Conn(second)).unwrap().name.as_deref(), Some("device"));
    // A server that closes each client at once is not asked every second.
    let mut waits = Vec::new();
    for _ in 0..3 {
        client.connected();
        client.closed(CloseReason::Orderly);
        waits.push(client.waits().unwrap().as_secs());
        client.attempt();
    }
    assert_eq!(waits, [2, 4, 8]);
    client.connected();
    client.passes(GOOD_AFTER);
    client.closed(CloseReason::Orderly);
    assert_eq!(client.waits(), Some(FIRST_WAIT));
}

#[test]
fn what_ends_as_wished_is_not_made_again() {
    for reason in [CloseReason::ByUs, CloseReason::ResetByUs, CloseReason::Quit] {
        let mut client = Client::new(true);
        client.connected();
        client.closed(reason);
        assert_eq!(client.core.next_wake(client.now), None);
    }
    // We finished sending first.
    let mut client = Client::new(true);
    client.connected();
    client.happens(EventKind::WriteFinished { conn: client.conn });
    client.happens(EventKind::PeerFinished { conn: client.conn });
    client.closed(CloseReason::Orderly);
    assert_eq!(client.core.next_wake(client.now), None);
    let mut client = Client::new(false);
    client.refused();
    assert_eq!(client.core.next_wake(client.now), None);
}

#[test]
fn it_can_be_stopped_and_is_over_then() {
    let mut client = Client::new(true);
    client.refused();
    let journal = client.core.apply(Input::StopReconnecting(client.conn), client.now).journal;
    assert!(matches!(journal.as_slice(), [JournalEntry::Ended { .. }]), "{journal:?}");
    assert_eq!((client.core.reconnecting(client.conn), client.core.next_wake(client.now)), (None, None));
    // Before it has failed, too: the failure then ends it.
    let mut client = Client::new(true);
    let _ = client.core.apply(Input::StopReconnecting(client.conn), client.now);
    let journal = client.refused();
    assert!(journal.iter().any(|entry| matches!(entry, JournalEntry::Ended { .. })));
    // And one that is removed.
    let mut client = Client::new(true);
    client.refused();
    let _ = client.core.apply(Input::Removed(vec![client.conn]), client.now);
    assert_eq!(client.core.next_wake(client.now), None);
}
