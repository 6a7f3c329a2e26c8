//! The states of a connection, put to the test.

use super::*;
use TcpState::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};

fn history(facts: &[(i64, Fact)]) -> History {
    let mut all = Facts::default();
    for (second, fact) in facts {
        all.add(Timestamp::from_second(*second).unwrap(), *fact);
    }
    all.history()
}

fn states(stays: &[StatePeriod]) -> Vec<TcpState> {
    stays.iter().map(|stay| stay.state).collect()
}

fn from_kernel(stays: &[StatePeriod]) -> Vec<TcpState> {
    stays.iter().filter(|stay| stay.source == Source::Kernel).map(|stay| stay.state).collect()
}

fn seen(ours: TcpState, peer: TcpState) -> Fact {
    Fact::Seen { ours: KernelReading::In(ours), peer: KernelReading::In(peer) }
}

fn far(ours: TcpState) -> Fact {
    Fact::Seen { ours: KernelReading::In(ours), peer: KernelReading::Unknown }
}

fn sent(packets: &[Packet]) -> Vec<(&'static str, End)> {
    packets.iter().filter(|packet| packet.sent).map(|packet| (packet.flags, packet.from)).collect()
}

#[test]
fn an_active_open_passes_through_syn_sent_and_the_other_end_through_syn_received() {
    let mut facts = vec![(1, Fact::ConnectCalled)];
    assert_eq!(states(&history(&facts).ours), [Closed, SynSent]);
    assert_eq!(history(&facts).peer, []);
    assert_eq!(sent(&history(&facts).handshake()), [("SYN", End::Ours)]);
    facts.push((2, Fact::Connected));
    let open = history(&facts);
    assert_eq!(states(&open.ours), [Closed, SynSent, Established]);
    assert_eq!(states(&open.peer), [Listen, SynReceived, Established]);
    assert_eq!(sent(&open.handshake()), [("SYN", End::Ours), ("SYN+ACK", End::Peer), ("ACK", End::Ours)]);
    assert_eq!(sent(&open.close()), []);
    assert_eq!(from_kernel(&open.ours), []);
    facts.push((3, far(Established)));
    assert_eq!(from_kernel(&history(&facts).ours), [Established]);
    assert_eq!(from_kernel(&history(&facts).peer), []);
}

#[test]
fn a_look_while_it_connects_that_found_nothing_yet_says_nothing() {
    let gone = Fact::Seen { ours: KernelReading::Gone, peer: KernelReading::Gone };
    let facts = [(1, Fact::ConnectCalled), (2, gone), (3, Fact::Connected), (4, seen(Established, Established))];
    assert_eq!(states(&history(&facts[..2]).ours), [Closed, SynSent]);
    assert_eq!(states(&history(&facts).ours), [Closed, SynSent, Established]);
    // Calls have the time at which their turn began: a look may seem to be later than one that it was before.
    let facts = [(1, Fact::ConnectCalled), (2, Fact::Connected), (3, gone), (4, seen(Established, Established))];
    assert_eq!(states(&history(&facts[..3]).ours), [Closed, SynSent, Established]);
    assert_eq!(states(&history(&facts).ours), [Closed, SynSent, Established]);
}

#[test]
fn a_passive_open_passes_through_syn_received() {
    let open = history(&[(1, Fact::Accepted), (2, seen(Established, Established))]);
    assert_eq!(states(&open.ours), [Listen, SynReceived, Established]);
    assert_eq!(states(&open.peer), [Closed, SynSent, Established]);
    assert_eq!(sent(&open.handshake()), [("SYN", End::Peer), ("SYN+ACK", End::Ours), ("ACK", End::Peer)]);
    assert_eq!(from_kernel(&open.peer), [Established]);
    assert_eq!(open.closed_first(), None);
}

#[test]
fn the_end_that_closes_first_holds_time_wait() {
    let mut facts = vec![(1, Fact::Accepted), (2, seen(Established, Established)), (3, Fact::Closed)];
    let closed = history(&facts);
    assert_eq!(states(&closed.ours), [Listen, SynReceived, Established, FinWait1, FinWait2]);
    assert_eq!(closed.now(End::Peer).unwrap().state, CloseWait);
    facts.push((4, seen(FinWait2, CloseWait)));
    facts.push((5, Fact::Seen { ours: KernelReading::In(TimeWait), peer: KernelReading::Gone }));
    let over = history(&facts);
    assert_eq!(states(&over.ours[2..]), [Established, FinWait1, FinWait2, TimeWait]);
    assert_eq!(from_kernel(&over.ours), [Established, FinWait2, TimeWait]);
    assert_eq!(states(&over.peer[2..]), [Established, CloseWait, LastAck, Closed]);
    assert_eq!(over.closed_first(), Some(Closer::One(End::Ours)));
    assert_eq!(over.time_wait(), Some(End::Ours));
    let four = [("FIN", End::Ours), ("ACK", End::Peer), ("FIN", End::Peer), ("ACK", End::Ours)];
    assert_eq!(sent(&over.close()), four);
    facts.push((70, Fact::Seen { ours: KernelReading::Gone, peer: KernelReading::Gone }));
    let gone = history(&facts);
    assert_eq!(
        gone.now(End::Ours).unwrap(),
        StatePeriod { state: Closed, at: Timestamp::from_second(70).unwrap(), source: Source::Kernel }
    );
    assert_eq!(gone.reset, None);
}

#[test]
fn the_end_that_closes_second_passes_through_last_ack() {
    let mut facts = vec![(1, Fact::Accepted), (2, Fact::PeerFinished)];
    let half = history(&facts);
    assert_eq!(states(&half.ours[2..]), [Established, CloseWait]);
    assert_eq!(states(&half.peer[2..]), [Established, FinWait1, FinWait2]);
    facts.push((3, Fact::Closed));
    let over = history(&facts);
    assert_eq!(states(&over.ours[2..]), [Established, CloseWait, LastAck, Closed]);
    assert_eq!(states(&over.peer[2..]), [Established, FinWait1, FinWait2, TimeWait]);
    assert_eq!(over.closed_first(), Some(Closer::One(End::Peer)));
    assert_eq!(over.closed_at, Timestamp::from_second(2).ok());
    assert_eq!(over.time_wait(), Some(End::Peer));
    // The other end is out of reach: its ACK does not come.
    facts.push((4, far(LastAck)));
    let waiting = history(&facts);
    assert_eq!(waiting.now(End::Ours).unwrap().state, LastAck);
    assert_eq!(waiting.now(End::Peer).unwrap().state, FinWait2);
    assert_eq!(waiting.time_wait(), None);
}

#[test]
fn a_fin_that_is_not_acknowledged_yet_stays_in_fin_wait_1() {
    let waiting = history(&[(1, Fact::Accepted), (2, Fact::WriteFinished), (3, far(FinWait1))]);
    assert_eq!(states(&waiting.ours[2..]), [Established, FinWait1]);
    assert_eq!(waiting.now(End::Peer).unwrap().state, Established);
    assert_eq!(sent(&waiting.close()), [("FIN", End::Ours)]);
}

#[test]
fn both_ends_that_close_at_once_pass_through_closing() {
    let facts = [(1, Fact::Accepted), (2, Fact::Closed), (3, seen(Closing, Closing)), (4, seen(TimeWait, TimeWait))];
    let both = history(&facts);
    assert_eq!(states(&both.ours[2..]), [Established, FinWait1, Closing, TimeWait]);
    assert_eq!(states(&both.peer[2..]), [Established, FinWait1, Closing, TimeWait]);
    assert_eq!(both.closed_first(), Some(Closer::Both));
    assert_eq!(both.close()[1], Packet { flags: "FIN", from: End::Peer, sent: true });
}

#[test]
fn what_is_seen_of_the_other_end_says_where_ours_is() {
    let peer_is = |state| Fact::Seen { ours: KernelReading::Unknown, peer: KernelReading::In(state) };
    let facts = [(1, Fact::Accepted), (2, Fact::WriteFinished), (3, far(FinWait1)), (4, peer_is(Closing))];
    assert_eq!(states(&history(&facts).ours[2..]), [Established, FinWait1, Closing]);
}

#[test]
fn an_end_that_is_no_more_does_not_come_back() {
    let gone = Fact::Seen { ours: KernelReading::In(Established), peer: KernelReading::Gone };
    let facts = [(1, Fact::Accepted), (2, seen(Established, Established)), (3, gone), (4, Fact::Closed)];
    assert_eq!(states(&history(&facts).peer), [Closed, SynSent, Established, Closed]);
}

#[test]
fn a_half_close_leaves_the_other_end_in_close_wait() {
    let mut facts = vec![(1, Fact::ConnectCalled), (2, Fact::Connected), (3, Fact::WriteFinished)];
    facts.push((4, far(FinWait2)));
    let half = history(&facts);
    assert_eq!(half.now(End::Ours).unwrap().state, FinWait2);
    assert_eq!(
        half.now(End::Peer),
        Some(StatePeriod { state: CloseWait, at: Timestamp::from_second(3).unwrap(), source: Source::Inferred })
    );
    facts.push((5, Fact::PeerFinished));
    facts.push((6, Fact::Closed));
    let over = history(&facts);
    assert_eq!(over.now(End::Ours).unwrap().state, TimeWait);
    assert_eq!(over.now(End::Peer).unwrap().state, Closed);
}

#[test]
fn a_reset_ends_both_ends_at_once_whoever_sent_it() {
    let ours = history(&[(1, Fact::Accepted), (2, Fact::LingerZero), (2, Fact::Closed)]);
    assert_eq!(states(&ours.ours[2..]), [Established, Closed]);
    assert_eq!(states(&ours.peer[2..]), [Established, Closed]);
    assert_eq!(ours.reset, Some(End::Ours));
    assert_eq!(ours.close(), [Packet { flags: "RST", from: End::Ours, sent: true }]);
    let theirs = history(&[(1, Fact::Accepted), (2, Fact::ResetByPeer), (3, Fact::Closed)]);
    assert_eq!(states(&theirs.ours[2..]), [Established, Closed]);
    assert_eq!(theirs.reset, Some(End::Peer));
    assert_eq!(theirs.closed_first(), None);
    // The kernel resets in place of a FIN if there was something left to read.
    let gone = Fact::Seen { ours: KernelReading::Gone, peer: KernelReading::Gone };
    let unread = history(&[(1, Fact::Accepted), (2, seen(Established, Established)), (3, Fact::Closed), (4, gone)]);
    assert_eq!(unread.reset, Some(End::Ours));
    assert_eq!(unread.time_wait(), None);
    assert_eq!(unread.now(End::Ours).unwrap().state, Closed);
}

#[test]
fn a_refused_connect_is_answered_by_a_reset() {
    let refused = history(&[(1, Fact::ConnectCalled), (2, Fact::ConnectFailed { refused: true }), (2, Fact::Closed)]);
    assert_eq!(states(&refused.ours), [Closed, SynSent, Closed]);
    assert_eq!(states(&refused.peer), [Closed]);
    assert_eq!(sent(&refused.handshake()), [("SYN", End::Ours), ("RST", End::Peer)]);
    let silent = history(&[(1, Fact::ConnectCalled), (2, Fact::ConnectFailed { refused: false })]);
    assert_eq!(states(&silent.peer), []);
    assert_eq!(sent(&silent.handshake()), [("SYN", End::Ours)]);
}

#[test]
fn a_look_that_is_told_late_stands_where_it_was_made() {
    let late = history(&[
        (1, Fact::Accepted),
        (5, Fact::PeerFinished),
        (4, seen(Established, Established)),
        (6, Fact::Closed),
    ]);
    assert_eq!(states(&late.ours[2..]), [Established, CloseWait, LastAck, Closed]);
    assert_eq!(from_kernel(&late.ours), [Established]);
}

#[test]
fn facts_are_bounded_and_the_end_is_never_left_out() {
    let mut facts = Facts::default();
    for second in 0..1000 {
        let state = if second % 2 == 0 { Established } else { FinWait1 };
        facts.add(Timestamp::from_second(second).unwrap(), far(state));
    }
    facts.add(Timestamp::from_second(2000).unwrap(), Fact::Closed);
    assert_eq!(facts.facts.len(), FACTS_KEPT + 1);
    assert_eq!(facts.facts.last().unwrap().1, Fact::Closed);
}

#[test]
fn the_same_look_again_is_a_fact_only_after_something_happened() {
    let mut facts = Facts::default();
    assert!(facts.is_empty() && !facts.peer_was_seen());
    let mut add = |second, fact| {
        facts.add(Timestamp::from_second(second).unwrap(), fact);
        (facts.facts.len(), facts.peer_was_seen())
    };
    assert_eq!(add(1, Fact::Accepted), (1, false));
    assert_eq!(add(2, far(Established)), (2, false));
    assert_eq!(add(3, far(Established)), (2, false));
    assert_eq!(add(4, Fact::LingerZero), (3, false));
    assert_eq!(add(5, far(Established)), (4, false));
    assert_eq!(add(6, seen(Established, Established)), (5, true));
    assert_eq!(add(7, far(Established)), (6, true));
}

#[test]
fn of_two_ends_that_close_at_once_one_in_time_wait_has_the_others_ack() {
    let facts = [
        (1, Fact::Accepted),
        (2, seen(Established, Established)),
        (3, seen(FinWait1, FinWait1)),
        (4, seen(Closing, TimeWait)),
    ];
    let four = [("FIN", End::Ours), ("FIN", End::Peer), ("ACK", End::Peer), ("ACK", End::Ours)];
    assert_eq!(sent(&history(&facts).close()), four);
    assert_eq!(sent(&history(&[facts[0], facts[1], (3, seen(Closing, Closing))]).close()), four[..2]);
}

#[test]
fn what_was_inferred_is_taken_back_to_the_first_that_the_kernel_said() {
    let facts = [(1, far(Established)), (2, Fact::Closed), (3, far(Established))];
    assert_eq!(states(&history(&facts[..2]).ours), [Established, FinWait1, FinWait2]);
    assert_eq!(states(&history(&facts).ours), [Established]);
}
