//! Why nobody listens where somebody was asked, though a program waits for somebody.

use std::net::{IpAddr, SocketAddr};

use super::{Diagnosis, Facts, Program};
use crate::host::{SocketRow, plain};

/// Why `connect` was refused on this machine, as the tables of its sockets say.
#[must_use]
pub fn refused(facts: &Facts) -> Option<Diagnosis> {
    let asked = facts.peer.filter(|_| facts.peer_is_here && facts.ports_are_known)?;
    let (ip, port) = plain(asked);
    let on_port: Vec<&SocketRow> = facts.listening.iter().filter(|row| row.local.port() == port).collect();
    match on_port.as_slice() {
        [row] if !serves(row.local.ip(), ip) => {
            let (program, listens) = (Program::of(row), row.local);
            return Some(Diagnosis::ListensElsewhere { program, listens, asked });
        }
        [] => {}
        // Somebody does by now, or there is more than one to choose from.
        _ => return None,
    }
    let mut udp = facts.udp.iter().filter(|one| one.local.port() == port && serves(one.local.ip(), ip));
    match (udp.next(), udp.next()) {
        (Some(one), None) => {
            let program = one.owner.clone().map_or(Program::Unknown, Program::Other);
            return Some(Diagnosis::OnlyUdp { program, port });
        }
        (None, _) => {}
        (Some(_), Some(_)) => return None,
    }
    let is_python = |row: &&SocketRow| row.owner.as_ref().is_some_and(|owner| owner.name.starts_with("python"));
    let mut python = facts.listening.iter().filter(is_python);
    match (python.next(), python.next()) {
        (Some(row), None) => Some(Diagnosis::OtherPort { program: Program::of(row), listens: row.local, asked: port }),
        _ => None,
    }
}

/// Whether a socket bound there may be meant by who asks this address: one of all IPv6 addresses as a rule serves IPv4
/// too.
fn serves(bound: IpAddr, ip: IpAddr) -> bool {
    let bound = bound.to_canonical();
    bound == ip || bound.is_unspecified() && (bound.is_ipv6() || ip.is_ipv4())
}

/// Whether connections to this address may be those of a socket that listens there.
pub(super) fn may_take(bound: SocketAddr, asked: SocketAddr) -> bool {
    bound.port() == asked.port() && serves(bound.ip(), plain(asked).0)
}
