//! How many bytes of a connection's stream the other machine has not acknowledged, and whether it answers at all, as the
//! kernel has it.

use std::{net::SocketAddr, time::Duration};

use mio::net::TcpStream;

/// Which socket in the kernel is ours: its addresses, and the number that no other socket ever has.
///
/// The addresses alone would not do: after a reset another socket may have the same ones before we know of it, and
/// what is acknowledged to that one would pass for what was sent over ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct SocketIdentity {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux is asked"))]
    local: SocketAddr,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux is asked"))]
    peer: SocketAddr,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux is asked"))]
    cookie: u64,
}

impl SocketIdentity {
    /// `None`, where the system has no such number.
    pub(super) fn of(stream: &TcpStream, local: SocketAddr, peer: SocketAddr) -> Option<Self> {
        Some(Self { local, peer, cookie: system::cookie(stream)? })
    }
}

/// What the kernel knows of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SendQueue {
    /// Bytes that are sent, or wait to be, and are not acknowledged; a FIN counts as one (tcp(7), `SIOCOUTQ`).
    pub(super) bytes: u64,
    /// Whether the peer's system answers; `None` where ours doesn't say.
    pub(super) answers: Option<Answers>,
}

/// Whether the peer's system answers (tcp(7), `TCP_INFO`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// None of our bytes are on their way, for the peer has said that it has no room for a segment.
    pub(super) no_room: bool,
    /// Something was sent again, or a probe was sent, and there is no answer so far.
    pub(super) unanswered: bool,
    /// How long ago the last segment came from the peer.
    pub(super) heard: Duration,
}

/// Asks the kernel, one socket at a time.
#[derive(Debug, Default)]
pub(super) struct SendQueues {
    system: system::SendQueues,
}

impl SendQueues {
    /// `None`, if the socket is no longer there or the system doesn't say.
    ///
    /// Does not wait: a question of its own costs the kernel a look into its hash of connections, some microseconds,
    /// however many there are. A reading of `/proc/net/tcp` would cost more with each of them.
    pub(super) fn ask(&mut self, socket: SocketIdentity) -> Option<SendQueue> {
        self.system.ask(socket)
    }
}

/// Over netlink (`sock_diag(7)`), by hand: two structures of fixed size are less than the crates that know all of them.
#[cfg(target_os = "linux")]
mod system {
    use std::{
        io,
        net::{IpAddr, SocketAddr},
        os::fd::OwnedFd,
        time::Duration,
    };

    use mio::net::TcpStream;
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, sendto, socket_with, sockopt,
    };

    use super::{Answers, SendQueue, SocketIdentity};

    #[derive(Debug, Default)]
    pub(super) struct SendQueues {
        netlink: Option<OwnedFd>,
        /// Of the last question, so that its answer is known.
        number: u32,
    }

    pub(super) fn cookie(stream: &TcpStream) -> Option<u64> {
        sockopt::socket_cookie(stream).inspect_err(|error| tracing::debug!("a socket's cookie: {error}")).ok()
    }

    impl SendQueues {
        pub(super) fn ask(&mut self, socket: SocketIdentity) -> Option<SendQueue> {
            self.try_to_ask(socket).inspect_err(|error| tracing::debug!("asking for a send queue: {error}")).ok()?
        }

        fn try_to_ask(&mut self, socket: SocketIdentity) -> io::Result<Option<SendQueue>> {
            let netlink = if let Some(netlink) = &self.netlink {
                netlink
            } else {
                let (flags, protocol) = (SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, Some(netlink::SOCK_DIAG));
                self.netlink.insert(socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, protocol)?)
            };
            self.number = self.number.wrapping_add(1);
            let kernel = netlink::SocketAddrNetlink::new(0, 0);
            sendto(netlink, &question(self.number, socket), SendFlags::empty(), &kernel)?;
            // The kernel has answered by the time that `sendto` returns. What is left of an earlier question goes first.
            let mut buffer = [0; 1024];
            loop {
                let (length, _) = recv(netlink, &mut buffer, RecvFlags::empty())?;
                let answer = buffer.get(..length).unwrap_or_default();
                if number(answer) == Some(self.number) {
                    return Ok(send_queue(answer));
                }
            }
        }
    }

    /// A `nlmsghdr` and an `inet_diag_req_v2`.
    fn question(number: u32, SocketIdentity { local, peer, cookie }: SocketIdentity) -> Vec<u8> {
        let (local_ip, peer_ip) = (local.ip().to_canonical(), peer.ip().to_canonical());
        let family = if local_ip.is_ipv4() { AF_INET } else { AF_INET6 };
        let interface = if let SocketAddr::V6(peer) = peer { peer.scope_id() } else { 0 };
        let mut message = Vec::with_capacity(QUESTION_LENGTH as usize);
        message.extend(QUESTION_LENGTH.to_ne_bytes());
        message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        message.extend(NLM_F_REQUEST.to_ne_bytes());
        message.extend(number.to_ne_bytes());
        message.extend(0_u32.to_ne_bytes());
        message.extend([family, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0]);
        message.extend(ALL_STATES.to_ne_bytes());
        message.extend(local.port().to_be_bytes());
        message.extend(peer.port().to_be_bytes());
        message.extend(address(local_ip));
        message.extend(address(peer_ip));
        message.extend(interface.to_ne_bytes());
        message.extend((cookie as u32).to_ne_bytes());
        message.extend(((cookie >> 32) as u32).to_ne_bytes());
        message
    }

    fn address(ip: IpAddr) -> [u8; 16] {
        match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, d] = ip.octets();
                [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            }
            IpAddr::V6(ip) => ip.octets(),
        }
    }

    fn number(answer: &[u8]) -> Option<u32> {
        word(answer, 8)
    }

    /// What an `inet_diag_msg` says; nothing of an error: the socket is gone, or another has its addresses.
    fn send_queue(answer: &[u8]) -> Option<SendQueue> {
        let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
        let bytes = (kind == SOCK_DIAG_BY_FAMILY).then(|| word(answer, WQUEUE_AT)).flatten()?;
        Some(SendQueue { bytes: bytes.into(), answers: attribute(answer, INET_DIAG_INFO).and_then(answers) })
    }

    /// The contents of one of the attributes (netlink(7), `rtattr`) that follow.
    fn attribute(answer: &[u8], wanted: u16) -> Option<&[u8]> {
        let mut rest = answer.get(ATTRIBUTES_AT..)?;
        loop {
            let length = usize::from(u16::from_ne_bytes(rest.get(..2)?.try_into().ok()?));
            let kind = u16::from_ne_bytes(rest.get(2..4)?.try_into().ok()?);
            if kind == wanted {
                return rest.get(4..length);
            }
            // An attribute has its own four bytes at the least.
            rest = rest.get(length.max(4).next_multiple_of(4)..)?;
        }
    }

    /// Of a `tcp_info`: `tcpi_retransmits` and `tcpi_probes`, which begin again with each answer; the later of
    /// `tcpi_last_data_recv` and `tcpi_last_ack_recv`; `tcpi_unacked`, and whether `tcpi_snd_wnd` is less than
    /// `tcpi_snd_mss`. The window is not told before Linux 5.4.
    fn answers(info: &[u8]) -> Option<Answers> {
        let (retransmits, probes) = (*info.get(2)?, *info.get(3)?);
        let heard = word(info, 52)?.min(word(info, 56)?);
        Some(Answers {
            no_room: word(info, 24)? == 0 && word(info, 228).is_some_and(|window| Some(window) < word(info, 16)),
            unanswered: retransmits > 0 || probes > 0,
            heard: Duration::from_millis(heard.into()),
        })
    }

    fn word(answer: &[u8], at: usize) -> Option<u32> {
        Some(u32::from_ne_bytes(answer.get(at..at + 4)?.try_into().ok()?))
    }

    // From the kernel's `linux/netlink.h`, `linux/sock_diag.h`, `linux/inet_diag.h` and `linux/socket.h`.
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST: u16 = 1;
    const AF_INET: u8 = 2;
    const AF_INET6: u8 = 10;
    const IPPROTO_TCP: u8 = 6;
    const ALL_STATES: u32 = u32::MAX;
    /// The header's 16 bytes, and the 56 of an `inet_diag_req_v2`.
    const QUESTION_LENGTH: u32 = 72;
    /// After the header: four bytes, the 48 of an `inet_diag_sockid`, `idiag_expires` and `idiag_rqueue`.
    const WQUEUE_AT: usize = 16 + 4 + 48 + 4 + 4;
    /// After it, `idiag_uid` and `idiag_inode`.
    const ATTRIBUTES_AT: usize = WQUEUE_AT + 4 + 4 + 4;
    const INET_DIAG_INFO: u16 = 2;
}

#[cfg(not(target_os = "linux"))]
mod system {
    use mio::net::TcpStream;

    use super::{SendQueue, SocketIdentity};

    #[derive(Debug, Default)]
    pub(super) struct SendQueues;

    pub(super) fn cookie(_: &TcpStream) -> Option<u64> {
        None
    }

    impl SendQueues {
        #[expect(clippy::unused_self, reason = "elsewhere there is something to ask")]
        pub(super) fn ask(&mut self, _: SocketIdentity) -> Option<SendQueue> {
            None
        }
    }
}
