//! Sending again and again.

use std::time::Instant;

use super::{
    super::{
        ConnId, EventKind, SocketId,
        repeat::{Repeat, Rounds},
    },
    EventLoop,
};

/// Messages of one connection that are late and sent in one turn; the others follow in the next.
const SENT_A_TURN: usize = 64;

impl EventLoop {
    pub(super) fn repeat(&mut self, conn: ConnId, repeat: Repeat) {
        if self.conns.contains_key(&conn) || self.udp_of.contains_key(&conn) {
            self.repeating.insert(conn, (Instant::now(), Rounds::new(repeat)));
        } else {
            self.cx.events.event(EventKind::RepeatEnded { conn });
        }
    }

    pub(super) fn stop_repeating(&mut self, conn: ConnId) {
        if self.repeating.remove(&conn).is_some() {
            self.cx.events.event(EventKind::RepeatEnded { conn });
        }
    }

    /// When the next message is due. Never while nobody takes events.
    pub(super) fn next_repeated(&self) -> Option<Instant> {
        if self.cx.events.is_stalled() {
            return None;
        }
        self.repeating.values().filter_map(|(since, rounds)| Some(*since + rounds.due()?)).min()
    }

    /// Queue what is due.
    pub(super) fn send_repeated(&mut self) {
        if self.repeating.is_empty() || self.cx.events.is_stalled() {
            return;
        }
        let now = Instant::now();
        let mut over = Vec::new();
        for (conn, (since, rounds)) in &mut self.repeating {
            for _ in 0..SENT_A_TURN {
                let over_udp = self.udp_of.get(conn).copied();
                if over_udp.is_none() && !self.conns.contains_key(conn) {
                    break;
                }
                let Some(bytes) = rounds.take_due(now.saturating_duration_since(*since)) else { break };
                let message = self.cx.ids.next_reply();
                self.cx.events.event(EventKind::Repeated { conn: *conn, message, bytes: bytes.clone() });
                let socket = over_udp.unwrap_or(SocketId::Conn(*conn));
                let served = match (self.conns.get_mut(conn), self.udp.get_mut(&socket)) {
                    (Some(connection), _) => {
                        let taken = connection.send(message, bytes, &mut self.cx);
                        Some((taken, &mut connection.in_ready))
                    }
                    (None, Some(endpoint)) => {
                        let taken = endpoint.send(*conn, message, bytes, &mut self.cx);
                        Some((taken, &mut endpoint.in_ready))
                    }
                    (None, None) => None,
                };
                let Some((taken, in_ready)) = served else { break };
                if !std::mem::replace(in_ready, true) {
                    self.ready.push_back(socket);
                }
                if !taken {
                    over.push(*conn);
                    break;
                }
            }
            if rounds.due().is_none() {
                over.push(*conn);
            }
        }
        for conn in over {
            self.stop_repeating(conn);
        }
    }
}
