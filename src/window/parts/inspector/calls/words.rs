//! A call in words: as a programmer writes it, what it gave back, and what it does.

use std::{net::SocketAddr, time::Duration};

use i18n_embed_fl::fl;

use super::shape::WAIT_TOLD;
use crate::window::Cx;
use crate::{
    chat::{Direction, Group, RowKind, RowNumber},
    core::{
        CallRow, Core, Descriptor, Key,
        diagram::{Diagram, Lane},
    },
    i18n::Words,
    net::{Call, Errno, Outcome, SocketCall, SocketId, SocketOption},
    wire::{
        Boundary,
        text::{self, SplitChar},
        visible,
    },
};

/// Bytes of a message that are shown beside the call that carried it.
const PREVIEW: usize = 48;

/// The text of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowText {
    /// Which socket the call was made on, with a space after it; nothing for a call that only makes one.
    pub socket: String,
    /// The call and its arguments.
    pub call: String,
    /// How long it waited, where that is told.
    pub wait: Option<String>,
    /// What it gave back.
    pub result: String,
    /// Whether that is an error.
    pub failed: bool,
}

impl RowText {
    /// The text of this call.
    #[must_use]
    pub fn new(cx: &Cx<'_>, row: &CallRow) -> Self {
        let call = &row.call;
        let times = if call.count > 1 { format!(" ×{}", call.count) } else { String::new() };
        let waited =
            (call.waited >= WAIT_TOLD).then(|| fl!(cx.words, "calls-waited", time = duration(cx.words, call.waited)));
        let (mut result, failed) = result(cx, call);
        let socket = if matches!(call.call, Call::Socket { .. } | Call::DatagramSocket { .. }) {
            String::new()
        } else {
            prefix(row.descriptor)
        };
        if let Some((_, preview)) = carried(cx, row) {
            result = format!("{result} {preview}");
        }
        Self { socket, call: format!("{}{times}", call_text(call.call)), wait: waited, result, failed }
    }

    /// All of it in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}{}", self.socket, self.line_without_socket())
    }

    /// All of it but the socket in one line.
    #[must_use]
    pub fn line_without_socket(&self) -> String {
        match &self.wait {
            Some(wait) => format!("{} {wait} {}", self.call, self.result),
            None => format!("{} {}", self.call, self.result),
        }
    }
}

/// The number of a socket; where it is not the first with this number, which it is.
#[must_use]
pub fn number(descriptor: Descriptor) -> String {
    match descriptor {
        Descriptor { fd, nth: 0 | 1 } => fd.to_string(),
        Descriptor { fd, nth } => format!("{fd} #{nth}"),
    }
}

/// What begins a row: `fd 11 `.
#[must_use]
pub fn prefix(descriptor: Option<Descriptor>) -> String {
    descriptor.map(|descriptor| format!("fd {} ", number(descriptor))).unwrap_or_default()
}

/// What a socket says that was just accepted: all of it, if that fits.
#[must_use]
pub fn is_new(cx: &Cx<'_>, descriptor: Option<Descriptor>, fits: impl Fn(&str) -> bool) -> String {
    let fd = prefix(descriptor);
    let whole = fl!(cx.words, "lane-new-whole", fd = fd.trim_end());
    if fits(&whole) { whole } else { fl!(cx.words, "lane-new", fd = fd.trim_end()) }
}

/// The call as a programmer writes it; the level of an option, which follows from its name, is left out.
#[must_use]
pub fn call_text(call: Call) -> String {
    match call {
        Call::Socket { ipv6 } => format!("socket({}, SOCK_STREAM)", family(ipv6)),
        Call::DatagramSocket { ipv6 } => format!("socket({}, SOCK_DGRAM)", family(ipv6)),
        Call::RecvFrom(size) => format!("recvfrom({size})"),
        Call::SendTo { len, to } => format!("sendto({len}, {})", tuple(to)),
        Call::SetOption(option) => {
            let (_, name, value) = option_text(option);
            format!("setsockopt({name}, {value})")
        }
        Call::GetOption(option) => {
            let (_, name, _) = option_text(option);
            format!("getsockopt({name})")
        }
        Call::Bind(address) => format!("bind({})", tuple(address)),
        Call::Listen(backlog) => format!("listen({backlog})"),
        Call::Accept => "accept()".to_owned(),
        Call::Connect(address) => format!("connect({})", tuple(address)),
        Call::LocalName => "getsockname()".to_owned(),
        Call::Recv(size) => format!("recv({size})"),
        Call::Send(len) => format!("send({len})"),
        Call::ShutdownWrite => "shutdown(SHUT_WR)".to_owned(),
        Call::Close => "close()".to_owned(),
    }
}

/// `AF_INET` or `AF_INET6`.
#[must_use]
pub fn family(ipv6: bool) -> &'static str {
    if ipv6 { "AF_INET6" } else { "AF_INET" }
}

/// Level, name and value of a socket option, as in C and Python.
#[must_use]
pub fn option_text(option: SocketOption) -> (&'static str, &'static str, String) {
    let on = |on: bool| i32::from(on).to_string();
    match option {
        SocketOption::ReuseAddress(yes) => ("SOL_SOCKET", "SO_REUSEADDR", on(yes)),
        SocketOption::ExclusiveAddress(yes) => ("SOL_SOCKET", "SO_EXCLUSIVEADDRUSE", on(yes)),
        SocketOption::NoDelay(yes) => ("IPPROTO_TCP", "TCP_NODELAY", on(yes)),
        SocketOption::Ipv6Only(yes) => ("IPPROTO_IPV6", "IPV6_V6ONLY", on(yes)),
        SocketOption::Linger(seconds) => ("SOL_SOCKET", "SO_LINGER", format!("(1, {seconds})")),
        SocketOption::Error => ("SOL_SOCKET", "SO_ERROR", String::new()),
        SocketOption::Broadcast(yes) => ("SOL_SOCKET", "SO_BROADCAST", on(yes)),
        SocketOption::JoinGroup(Group { ip, .. }) if ip.is_ipv4() => {
            ("IPPROTO_IP", "IP_ADD_MEMBERSHIP", ip.to_string())
        }
        SocketOption::JoinGroup(Group { ip, .. }) => ("IPPROTO_IPV6", "IPV6_JOIN_GROUP", ip.to_string()),
        SocketOption::LeaveGroup(Group { ip, .. }) if ip.is_ipv4() => {
            ("IPPROTO_IP", "IP_DROP_MEMBERSHIP", ip.to_string())
        }
        SocketOption::LeaveGroup(Group { ip, .. }) => ("IPPROTO_IPV6", "IPV6_LEAVE_GROUP", ip.to_string()),
    }
}

/// An address as Python writes it.
#[must_use]
pub fn tuple(address: SocketAddr) -> String {
    format!("('{}', {})", address.ip(), address.port())
}

fn result(cx: &Cx<'_>, call: &SocketCall) -> (String, bool) {
    let words = cx.words;
    let text = match call.outcome {
        Outcome::Done => "→ 0".to_owned(),
        Outcome::Descriptor(fd) => format!("→ fd {fd}"),
        Outcome::Accepted { conn, fd, peer } => {
            // Which one with that number, its own calls know.
            let first = cx.core.calls(SocketId::Conn(conn)).and_then(|log| log.iter().next());
            let new = first.and_then(|row| row.descriptor).filter(|new| new.fd == fd);
            let fd = number(new.unwrap_or(Descriptor { fd, nth: 1 }));
            format!("→ fd {fd}, {}", tuple(peer))
        }
        Outcome::Bytes(0) if matches!(call.call, Call::Recv(_)) => {
            format!("→ {} · {}", fl!(words, "bytes", count = 0), fl!(words, "calls-peer-finished"))
        }
        Outcome::BytesFrom { bytes, from } => {
            format!("→ {}, {}", fl!(words, "bytes", count = bytes), tuple(from))
        }
        Outcome::Bytes(bytes) => format!("→ {}", fl!(words, "bytes", count = bytes)),
        Outcome::Address(address) => format!("→ {}", tuple(address)),
        Outcome::InProgress => "→ EINPROGRESS".to_owned(),
        Outcome::Failed(errno) => return (format!("→ {}", name_and_number(errno)), true),
    };
    (text, false)
}

fn name_and_number(errno: Errno) -> String {
    errno.name().map_or_else(|| format!("errno {}", errno.0), |name| format!("{name} ({})", errno.0))
}

/// A wait, as long as it need be.
#[must_use]
pub fn duration(words: &Words, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        1_000..100_000 => format!("{seconds:.1} s"),
        _ => {
            let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
            fl!(words, "duration-minutes", minutes = minutes, seconds = seconds)
        }
    }
}

/// The message that a call carried, or the first of several, and the first of the bytes it carried, as text.
#[must_use]
pub fn carried(cx: &Cx<'_>, row: &CallRow) -> Option<(RowNumber, String)> {
    let SocketId::Conn(conn) = row.call.socket else { return None };
    let bytes = row.bytes().filter(|bytes| !bytes.is_empty())?;
    let conversation = cx.core.conversation(Key::Conn(conn))?;
    let direction = direction(row.call.call);
    let (mut first, mut at, mut encoding) = (None, bytes.start, conversation.manner().encoding);
    let mut raw: Vec<u8> = Vec::new();
    for (id, entry) in conversation.entries().carrying(direction, bytes.clone()) {
        let begins = entry.begins(direction)?;
        if let (None, RowKind::Sent(sent)) = (first, &entry.kind) {
            encoding = sent.encoding;
        }
        first.get_or_insert(id);
        if begins > at {
            // The message that these bytes began with is not in memory any more.
            break;
        }
        let skip = (at - begins) as usize;
        let room = (PREVIEW - raw.len()).min((bytes.end - at) as usize);
        raw.extend(entry.raw().iter().skip(skip).take(room));
        at = bytes.start + raw.len() as u64;
        if raw.len() == PREVIEW || at >= bytes.end {
            break;
        }
    }
    let first = first?;
    let more = at < bytes.end;
    let decoded =
        text::decode(encoding, SplitChar::default(), &raw, if more { Boundary::Cut } else { Boundary::Newline });
    let mut shown = visible(decoded.text.trim_end_matches(['\r', '\n']), &[]).into_owned();
    if more {
        shown.push('…');
    }
    Some((first, shown))
}

/// The direction in which a call moves bytes.
#[must_use]
pub fn direction(call: Call) -> Direction {
    if matches!(call, Call::Send(_) | Call::SendTo { .. }) { Direction::Out } else { Direction::In }
}

/// What a socket is called where nothing else is said of it.
#[must_use]
pub fn socket_name(cx: &Cx<'_>, socket: SocketId, descriptor: Option<Descriptor>) -> String {
    let fd = descriptor.map(number);
    match socket {
        SocketId::Listener(_) => {
            let fd = fd.unwrap_or_else(|| "–".to_owned());
            if is_udp(cx.core, socket) {
                fl!(cx.words, "calls-udp-socket", fd = fd)
            } else {
                fl!(cx.words, "calls-listener", fd = fd)
            }
        }
        SocketId::Conn(conn) => {
            let title = cx.core.conversation(Key::Conn(conn)).map(|c| cx.title(c)).unwrap_or_default();
            match fd {
                Some(fd) => format!("fd {fd} · {title}"),
                None => title,
            }
        }
    }
}

/// The same, and which of our sockets is its other end.
#[must_use]
pub fn lane_name(cx: &Cx<'_>, diagram: &Diagram, lane: &Lane) -> String {
    let name = socket_name(cx, lane.socket, lane.descriptor);
    let other = match lane.socket {
        SocketId::Conn(conn) => diagram.other_end(conn),
        SocketId::Listener(_) => None,
    };
    match other.and_then(|other| diagram.descriptor_of(SocketId::Conn(other))) {
        Some(other) => format!("{name} · {}", fl!(cx.words, "calls-other-end", fd = number(other))),
        None => name,
    }
}

/// Whether it is a UDP socket, as far as its calls are kept.
#[must_use]
pub fn is_udp(core: &Core, socket: SocketId) -> bool {
    let of_udp = |call: Call| matches!(call, Call::DatagramSocket { .. } | Call::RecvFrom(_) | Call::SendTo { .. });
    let calls = core.calls(socket);
    calls.is_some_and(|log| {
        let (first, last) = (log.iter().next(), log.last());
        first.into_iter().chain(last).any(|row| of_udp(row.call.call))
    })
}

/// What the call does, in two or three sentences.
#[must_use]
pub fn meaning(words: &Words, call: &SocketCall, udp: bool) -> String {
    match call.call {
        Call::Socket { .. } => fl!(words, "meaning-socket"),
        Call::SetOption(option) | Call::GetOption(option) => match option {
            SocketOption::ReuseAddress(_) => fl!(words, "meaning-reuse-address"),
            SocketOption::ExclusiveAddress(_) => fl!(words, "meaning-exclusive-address"),
            SocketOption::NoDelay(_) => fl!(words, "meaning-no-delay"),
            SocketOption::Ipv6Only(_) => fl!(words, "meaning-ipv6-only"),
            SocketOption::Linger(_) => fl!(words, "meaning-linger"),
            SocketOption::Error => fl!(words, "meaning-so-error"),
            SocketOption::Broadcast(_) => fl!(words, "meaning-broadcast"),
            SocketOption::JoinGroup(_) => fl!(words, "meaning-join-group"),
            SocketOption::LeaveGroup(_) => fl!(words, "meaning-leave-group"),
        },
        Call::DatagramSocket { .. } => fl!(words, "meaning-datagram-socket"),
        Call::RecvFrom(_) => fl!(words, "meaning-recvfrom"),
        Call::SendTo { .. } => fl!(words, "meaning-sendto"),
        Call::Close if udp => fl!(words, "meaning-close-udp"),
        Call::Bind(_) => fl!(words, "meaning-bind"),
        Call::Listen(_) => fl!(words, "meaning-listen"),
        Call::Accept => fl!(words, "meaning-accept"),
        Call::Connect(_) => fl!(words, "meaning-connect"),
        Call::LocalName => fl!(words, "meaning-getsockname"),
        Call::Recv(_) => fl!(words, "meaning-recv"),
        Call::Send(_) => fl!(words, "meaning-send"),
        Call::ShutdownWrite => fl!(words, "meaning-shutdown"),
        Call::Close if matches!(call.socket, SocketId::Listener(_)) => fl!(words, "meaning-close-listener"),
        Call::Close => fl!(words, "meaning-close"),
    }
}
