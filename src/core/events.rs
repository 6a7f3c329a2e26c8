//! What the network thread tells, and what follows from it.

use jiff::Timestamp;

use super::{ConnState, Conversation, Core, Key, Notice, NoticeKind, Unfinished, sockets, tcp_states};
use crate::{
    chat::{
        Cause, CloseReason, ConnId, ConversationChange, Happening, JournalEntry, NetError, Origin, SessionId, SocketId,
    },
    net::{Event, EventKind},
};

impl Core {
    pub(super) fn happened(&mut self, Event { at, kind }: Event, now: Timestamp) {
        match kind {
            EventKind::Call(call) => {
                self.step_returned(call.socket);
                if let SocketId::Conn(conn) = call.socket
                    && let Some(conversation) = self.conversations.get_mut(conn)
                    && let Some(fact) = sockets::fact_of(&call, &conversation.state)
                    && !conversation.origin.is_udp()
                {
                    conversation.tcp.add(call.at, fact);
                }
                self.calls_so_far += 1;
                self.calls.entry(call.socket).or_default().push(self.calls_so_far, call, &mut self.descriptors);
            }
            EventKind::Listening { listener, local, backlog } => {
                self.watching.changed();
                self.server.listening(listener, local, backlog);
                self.loopback_answered(listener, Some(local), now);
            }
            EventKind::ListenFailed { listener, error } => {
                self.watching.changed();
                self.server.failed(listener, &error);
                self.gone_without_conversation(SocketId::Listener(listener));
                self.loopback_answered(listener, None, now);
                self.notice(at, NoticeKind::Net { conn: None, error });
            }
            EventKind::StepFailed { socket, error } => {
                self.step_returned(socket);
                let conn = match socket {
                    SocketId::Conn(conn) => Some(conn),
                    SocketId::Listener(_) => None,
                };
                if let Some(conn) = conn {
                    self.with(conn, Conversation::step_failed);
                }
                if !self.lab_tells_of(socket) {
                    self.notice(at, NoticeKind::Net { conn, error });
                }
            }
            EventKind::StepWaiting { socket, call } => {
                self.step_returned(socket);
                self.calls.entry(socket).or_default().waits(call);
            }
            EventKind::Stepping { conn, stepped } => {
                self.with(conn, |c| c.stepped = stepped);
                self.waits_no_more(SocketId::Conn(conn));
            }
            EventKind::AcceptFailed { error, .. } => self.notice(at, NoticeKind::Net { conn: None, error }),
            EventKind::TurnedAway { conn, error, .. } => {
                self.gone_without_conversation(SocketId::Conn(conn));
                self.notice(at, NoticeKind::Net { conn: None, error });
            }
            EventKind::AcceptingPaused { listener, paused } => {
                self.server.accepting(listener, !paused);
                self.waits_no_more(SocketId::Listener(listener));
            }
            EventKind::ListenerClosed { listener } => {
                self.watching.changed();
                self.server.closed(listener);
                self.gone_without_conversation(SocketId::Listener(listener));
            }
            EventKind::Accepted { conn, peer, local, .. } => {
                let mut conversation = self.open(Origin::Accepted, self.manner.clone(), at, now);
                conversation.peer = Some(peer);
                conversation.local = Some(local);
                conversation.state = ConnState::Open;
                if let Some(other) = self.connects_from(peer, local) {
                    conversation.student = self.conversation(Key::Conn(other)).and_then(|other| other.student);
                    let is_of_lab = self.lab.as_ref().is_some_and(|lab| lab.made(other));
                    if conversation.student.is_some() || is_of_lab {
                        conversation.keep_nothing();
                    }
                }
                conversation.tcp.add(at, tcp_states::Fact::Accepted);
                let session = Box::new(conversation.session());
                self.conversations.insert(conn, conversation);
                self.decide(Key::Conn(conn), |_, _| JournalEntry::Opened(session));
                self.decide_happening(conn, at, Happening::Accepted(peer));
                self.recognise_address(conn);
                self.connected_clients += 1;
                self.joins_room(conn, at);
                self.pair(conn);
                self.may_be_ill(conn);
            }
            EventKind::LookingUp { conn, host } => self.with(conn, |c| c.state = ConnState::LookingUp(host)),
            EventKind::Connecting { conn, address, local } => {
                self.with(conn, |c| {
                    c.state = ConnState::Connecting(address);
                    (c.connecting_from, c.connecting_to) = (local, Some(address));
                });
                self.may_be_ill(conn);
                self.connecting(conn, local, address);
            }
            EventKind::Connected { conn, peer, local } => {
                let (peer_now, local) = (Some(peer), Some(local));
                self.decide_change(Key::Conn(conn), ConversationChange::Addresses { peer: peer_now, local });
                self.decide_happening(conn, at, Happening::Connected(peer));
                self.with(conn, |c| {
                    c.state = ConnState::Open;
                    c.tcp.add(at, tcp_states::Fact::Connected);
                });
                self.pair(conn);
                self.may_be_ill(conn);
            }
            EventKind::ConnectFailed { conn, error } => {
                self.with(conn, |c| c.tcp.add(at, sockets::fact_of_failure(&error)));
                if self.will_try_again(conn, &error, at) {
                    return;
                }
                self.over(conn, at, Happening::ConnectFailed(error.clone()), ConnState::Failed(error.clone()));
                if error.cause() != Cause::Cancelled && self.is_worth_telling(conn, &error) {
                    self.notice(at, NoticeKind::Net { conn: Some(conn), error });
                }
                self.ended(conn, at);
                self.may_be_ill(conn);
            }
            EventKind::Received { conn, batch, recv_ends } => {
                self.may_be_well(conn);
                self.received(conn, batch, &recv_ends, at);
            }
            EventKind::Unfinished { conn, unfinished: so_far, held } => {
                self.with(conn, |c| c.unfinished = Some(Unfinished { so_far, held }));
            }
            EventKind::Reframed { conn } => self.framing_changed(Key::Conn(conn)),
            EventKind::AutoReplied { conn, message, bytes } => self.auto_replied(conn, message, &bytes, at),
            EventKind::Repeated { conn, message, bytes } => self.repeated(conn, message, bytes, at),
            EventKind::RepeatEnded { conn } => self.with(conn, |c| c.repeating = None),
            EventKind::Sent { conn, message, bytes } => {
                self.send_ended(conn, message, Ok(bytes), at);
                self.may_be_well(conn);
            }
            EventKind::Acknowledged { conn, bytes } => self.acknowledged(conn, bytes),
            EventKind::NoRoom { conn, no_room } => {
                self.with(conn, |c| c.no_room = no_room);
                self.may_be_ill(conn);
            }
            EventKind::ReadingHeldUp { conn, held } => self.with(conn, |c| c.reading_held_up = held),
            EventKind::AnsweredByReset { conn, from } => self.answered_by_reset(conn, from),
            EventKind::Silent { conn, since } => self.with(conn, |c| c.silent_since = since),
            EventKind::SendFailed { conn, message, error } => self.send_ended(conn, message, Err(error), at),
            EventKind::SendingToAll { message, clients } => self.broadcast_started(message, clients),
            EventKind::Urgent { conn, byte, position, last_told } => {
                self.decide_happening(conn, at, Happening::Urgent { byte, position, last_told });
            }
            EventKind::PeerFinished { conn } => {
                self.decide_happening(conn, at, Happening::PeerFinished);
                self.with(conn, |c| {
                    c.finished_first.get_or_insert(tcp_states::End::Peer);
                    c.state.finished(ConnState::PeerFinished);
                });
                self.may_be_ill(conn);
            }
            EventKind::WriteFinished { conn } => {
                self.decide_happening(conn, at, Happening::WriteFinished);
                self.end_is_wished(conn);
                self.with(conn, |c| {
                    c.finished_first.get_or_insert(tcp_states::End::Ours);
                    c.finished_at = Some(c.bytes_in);
                    c.state.finished(ConnState::WeFinished);
                });
                self.may_be_ill(conn);
            }
            EventKind::UdpBound { listener, local, group } => {
                self.watching.changed();
                self.server.bound(listener, local, group);
                self.waits_no_more(SocketId::Listener(listener));
                self.loopback_answered(listener, Some(local), now);
            }
            EventKind::UdpReady { conn, peer, local } => self.udp_ready(conn, peer, local),
            EventKind::UdpHeard { socket, conn, peer, local } => self.heard(socket, conn, (peer, local), (at, now)),
            EventKind::UdpDropped { socket, datagrams } => self.udp_dropped(socket, datagrams),
            EventKind::Closed { conn, reason, .. } => {
                let failed = if let CloseReason::Failed(error) = &reason { Some(error.clone()) } else { None };
                let accepted = self.is_client(conn);
                if reason == CloseReason::LetGo {
                    self.address_let_go(at);
                }
                self.closed_with(conn, &reason, at);
                self.over(conn, at, Happening::Closed(reason.clone()), ConnState::Closed(reason));
                self.connected_clients -= usize::from(accepted);
                self.leaves_room(conn);
                if let Some(error) = failed.filter(|error| self.is_worth_telling(conn, error)) {
                    self.notice(at, NoticeKind::Net { conn: Some(conn), error });
                }
                self.waits_no_more(SocketId::Conn(conn));
                self.ended(conn, at);
                self.may_be_ill(conn);
                self.diagnose_one(conn, now);
            }
            EventKind::Stopped => {
                self.stop_all_reconnecting(now);
                self.cut_long_send_short(Key::Everyone, at);
                if self.everyone.id != SessionId::default() {
                    self.decide(Key::Everyone, |session, _| JournalEntry::Ended { session, at });
                }
            }
        }
    }

    fn waits_no_more(&mut self, socket: SocketId) {
        if let Some(calls) = self.calls.get_mut(&socket) {
            calls.waits_no_more();
        }
    }

    /// Whether a connection's failure is told: of many students that fail in the same way, one is; of those of a lab, none;
    /// nor of a client that said nothing: health checks reset each of their connections.
    fn is_worth_telling(&self, conn: ConnId, error: &NetError) -> bool {
        // What was answered by RST is said where it was sent.
        let is_said = |one: &Conversation| one.said_nothing() || one.answered_by_reset.is_some();
        if self.conversations.get(conn).is_some_and(is_said) {
            return false;
        }
        let is_student = |conn| self.conversation(Key::Conn(conn)).is_some_and(|c| c.student.is_some());
        let told = |notice: &Notice| match &notice.kind {
            NoticeKind::Net { conn: Some(conn), error: told } => told.cause() == error.cause() && is_student(*conn),
            _ => false,
        };
        let is_told = self.is_leaving(conn) || self.lab_tells_of(SocketId::Conn(conn));
        !is_told && (!is_student(conn) || !self.notices.last().is_some_and(told))
    }
}
