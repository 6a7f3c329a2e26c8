//! The kernel's TCP sockets over netlink (`sock_diag(7)`): what `/proc/net/tcp` has, and a listener's backlog and the
//! time that is left of a timer besides.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, sendto, socket_with};

use super::sockets::{TcpState, TimerKind};

/// A socket as the kernel has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) state: TcpState,
    pub(super) timer: Option<(TimerKind, Duration)>,
    /// Of a listening socket, the connections in its accept queue.
    pub(super) unread: u32,
    /// Of a listening socket, its backlog.
    pub(super) unacknowledged: u32,
    /// 0, where no program holds it.
    pub(super) inode: u64,
}

/// All TCP sockets of this network namespace.
pub(super) fn all() -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    dump(AF_INET, &mut found)?;
    // There may be no IPv6.
    if let Err(error) = dump(AF_INET6, &mut found) {
        tracing::debug!("listing the sockets of IPv6: {error}");
    }
    Ok(found)
}

fn dump(family: u8, found: &mut Vec<Found>) -> io::Result<()> {
    let (flags, protocol) = (SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, Some(netlink::SOCK_DIAG));
    let netlink = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, protocol)?;
    sendto(&netlink, &question(family), SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))?;
    // Each part of the answer is ready by the time that the one before it was received (`netlink_recvmsg` in the
    // kernel's `net/netlink/af_netlink.c`).
    let mut buffer = vec![0; PART];
    loop {
        let (length, _) = recv(&netlink, buffer.as_mut_slice(), RecvFlags::empty())?;
        let mut rest = buffer.get(..length).unwrap_or_default();
        if rest.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while let Some(header) = rest.get(..HEADER) {
            let length = word(header, 0).unwrap_or(0) as usize;
            let kind = header.get(4..6).and_then(|kind| kind.try_into().ok()).map_or(0, u16::from_ne_bytes);
            match kind {
                NLMSG_DONE => return Ok(()),
                NLMSG_ERROR => {
                    let number = word(rest, HEADER).map_or(0, |number| number as i32);
                    return Err(io::Error::from_raw_os_error(-number));
                }
                SOCK_DIAG_BY_FAMILY => {
                    found.extend(rest.get(HEADER..length.max(HEADER)).and_then(|message| socket(family, message)));
                }
                _ => {}
            }
            rest = rest.get(length.max(HEADER).next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

/// A `nlmsghdr` and an `inet_diag_req_v2` for all sockets of a family.
fn question(family: u8) -> Vec<u8> {
    let mut message = Vec::with_capacity(QUESTION);
    message.extend((QUESTION as u32).to_ne_bytes());
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend([family, IPPROTO_TCP, 0, 0]);
    message.extend(u32::MAX.to_ne_bytes());
    // Of any addresses.
    message.resize(QUESTION, 0);
    message
}

/// What an `inet_diag_msg` says.
fn socket(family: u8, message: &[u8]) -> Option<Found> {
    let port = |at: usize| Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?));
    let ip = |at: usize| -> Option<IpAddr> {
        Some(if family == AF_INET {
            let octets: [u8; 4] = message.get(at..at + 4)?.try_into().ok()?;
            Ipv4Addr::from(octets).into()
        } else {
            let octets: [u8; 16] = message.get(at..at + 16)?.try_into().ok()?;
            Ipv6Addr::from(octets).into()
        })
    };
    let left = Duration::from_millis(word(message, 52)?.into());
    Some(Found {
        local: SocketAddr::new(ip(8)?, port(4)?),
        remote: SocketAddr::new(ip(24)?, port(6)?),
        state: state(*message.get(1)?)?,
        timer: timer(*message.get(2)?).map(|kind| (kind, left)),
        unread: word(message, 56)?,
        unacknowledged: word(message, 60)?,
        inode: word(message, 68)?.into(),
    })
}

/// From the kernel's `net/tcp_states.h`.
fn state(number: u8) -> Option<TcpState> {
    Some(match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        7 => TcpState::Closed,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => return None,
    })
}

/// `idiag_timer` (`sock_diag(7)`).
fn timer(number: u8) -> Option<TimerKind> {
    Some(match number {
        1 => TimerKind::Retransmit,
        2 => TimerKind::KeepAlive,
        3 => TimerKind::TimeWait,
        4 => TimerKind::Probe,
        _ => return None,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

// From the kernel's `linux/netlink.h`, `linux/sock_diag.h` and `linux/socket.h`.
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
/// A `nlmsghdr`.
const HEADER: usize = 16;
/// With the 56 bytes of an `inet_diag_req_v2`.
const QUESTION: usize = HEADER + 56;
/// The kernel's parts of an answer are no larger.
const PART: usize = 64 * 1024;
