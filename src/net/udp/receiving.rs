//! What came to a UDP socket: who sent it, and what is answered by itself.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use bytes::Bytes;

use super::{
    super::{
        AutoReply, Call, CloseReason, Errno, EventKind, LARGEST_DATAGRAM, NetError, Outcome, READ_BUDGET, Target,
        connection::IoContext,
    },
    AROUND_A_DATAGRAM, Changed, Returned, UdpEndpoint, report,
};
use crate::wire::{Batch, Boundary, Cut};

/// Datagrams of one address that came one after the other.
struct Heard {
    from: SocketAddr,
    bytes: Vec<u8>,
    cuts: Vec<Cut>,
}

impl UdpEndpoint {
    /// Take what came, within the budget of one turn.
    pub(super) fn receive(&mut self, cx: &mut IoContext, changed: &mut Changed) {
        if cx.scratch.len() < LARGEST_DATAGRAM {
            cx.scratch.resize(LARGEST_DATAGRAM, 0);
        }
        let mut heard: Vec<Heard> = Vec::new();
        let (mut calls, mut budget, mut failed) = (Vec::new(), READ_BUDGET, None);
        for _ in 0..self.calls_a_turn(|requested| requested.recv) {
            if budget == 0 || failed.is_some() {
                break;
            }
            let Some(buffer) = cx.scratch.get_mut(..LARGEST_DATAGRAM) else { break };
            let call = Call::RecvFrom(LARGEST_DATAGRAM);
            let outcome = match self.socket.recv_from(buffer) {
                Ok((came, from)) => {
                    budget = budget.saturating_sub(came.max(AROUND_A_DATAGRAM));
                    let bytes = buffer.get(..came).unwrap_or_default();
                    add(&mut heard, without_flow(from), bytes, came == LARGEST_DATAGRAM);
                    Outcome::BytesFrom { bytes: came as u64, from }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    self.recv_waits(call, &mut cx.events);
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let outcome = Outcome::Failed(Errno::of(&error));
                    let target = self.local.map_or(Target::None, Target::Address);
                    failed = Some(NetError::new(call, target, &error));
                    outcome
                }
            };
            cx.events.tick();
            let at = cx.events.now();
            calls.push(Returned { call, outcome, waited: at.saturating_duration_since(self.ready_since), at });
            self.ready_since = at;
        }
        if let Some(requested) = self.stepped.as_mut().filter(|_| !calls.is_empty()) {
            requested.recv = false;
        }
        report(self.label, calls, &mut cx.events);
        self.drops.noticed(!heard.is_empty());
        for one in heard {
            self.deliver(one, cx, changed);
        }
        if let Some(error) = failed {
            cx.events.event(EventKind::StepFailed { socket: self.label.socket, error });
        }
    }

    /// Report what came from one address, and answer it.
    fn deliver(&mut self, Heard { from, bytes, cuts }: Heard, cx: &mut IoContext, changed: &mut Changed) {
        if !self.peers.contains_key(&from) {
            if self.peers.len() >= self.most_peers {
                self.let_silent_go(cx, changed);
            }
            let conn = cx.ids.next_accepted();
            self.begin(from, conn, cx.events.now());
            changed.begun.push(conn);
            let local = self.local.unwrap_or_else(|| SocketAddr::new(unspecified(from.ip()), 0));
            cx.events.event(EventKind::UdpHeard { socket: self.label.socket, conn, peer: from, local });
        }
        let now = cx.events.now();
        let Some(peer) = self.peers.get_mut(&from) else { return };
        let conn = peer.conn;
        peer.heard = now;
        let batch = Batch { bytes: bytes.into(), cuts };
        let mut replies: Vec<Bytes> = Vec::new();
        match &peer.auto_reply {
            AutoReply::Off | AutoReply::Rules => {}
            AutoReply::Fixed(reply) => replies.extend(batch.cuts.iter().map(|_| reply.clone())),
            AutoReply::Echo => {
                // Each is echoed by itself: together they would be one.
                for (one, cut) in batch.messages() {
                    if let Some(peer) = self.peers.get_mut(&from) {
                        peer.bytes_in += one.len() as u64;
                        let cut = Cut { end: one.len() as u32, ..cut };
                        let alone = Batch { bytes: one.clone(), cuts: vec![cut] };
                        cx.events.event(EventKind::Received { conn, batch: alone, recv_ends: vec![peer.bytes_in] });
                    }
                    let message = cx.ids.next_reply();
                    cx.events.event(EventKind::AutoReplied { conn, message, bytes: one.clone() });
                    self.send(conn, message, one, cx);
                }
                return;
            }
        }
        let ends = batch.cuts.iter().map(|cut| peer.bytes_in + u64::from(cut.end));
        let recv_ends = ends.collect();
        peer.bytes_in += batch.bytes.len() as u64;
        cx.events.event(EventKind::Received { conn, batch, recv_ends });
        for reply in replies {
            let message = cx.ids.next_reply();
            cx.events.event(EventKind::AutoReplied { conn, message, bytes: reply.clone() });
            self.send(conn, message, reply, cx);
        }
    }

    /// The address that was not heard for longest makes room.
    fn let_silent_go(&mut self, cx: &mut IoContext, changed: &mut Changed) {
        let others = self.peers.iter().filter(|(address, _)| self.target != Some(**address));
        let silent = others.min_by_key(|(_, peer)| peer.heard).map(|(address, peer)| (*address, peer.conn));
        if let Some((address, conn)) = silent {
            self.end(address, CloseReason::LetGo, cx);
            changed.over.push(conn);
        }
    }
}

/// One more datagram, beside those of the same address if it follows them.
fn add(heard: &mut Vec<Heard>, from: SocketAddr, datagram: &[u8], cut: bool) {
    if heard.last().is_none_or(|last| last.from != from) {
        heard.push(Heard { from, bytes: Vec::new(), cuts: Vec::new() });
    }
    let Some(last) = heard.last_mut() else { return };
    last.bytes.extend_from_slice(datagram);
    let boundary = if cut { Boundary::Cut } else { Boundary::Length };
    last.cuts.push(Cut { end: last.bytes.len() as u32, header: 0, trailer: 0, boundary });
}

/// Without the flow label, which is no part of an address.
fn without_flow(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(mut v6) => {
            v6.set_flowinfo(0);
            v6.into()
        }
        v4 @ SocketAddr::V4(_) => v4,
    }
}

fn unspecified(ip: IpAddr) -> IpAddr {
    if ip.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}
