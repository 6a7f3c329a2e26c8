//! The same call in Python, as the course writes it, and in Rust.

use std::net::IpAddr;

use super::words::{family, option_text, tuple};
use crate::{
    chat::{Direction, Group, RowKind, Sent},
    core::{CallRow, Core, Key},
    net::{Call, SocketCall, SocketId, SocketOption},
    programs::{python_codec, python_string},
    wire::text::{self, TextEncoding},
};

/// What a `send` was given, as a program would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The text, its line ending included; None, where the bytes are none in that encoding, or too many to be written.
    text: Option<String>,
    /// The conversation's.
    encoding: TextEncoding,
    /// Whether its length is before it, as `struct.pack` with `!I` writes it.
    prefixed: bool,
}

/// Characters of a text that are written out.
const WRITTEN_OUT: usize = 40;

impl Sending {
    /// What this call was given, if it was one whole message that is in memory.
    #[must_use]
    pub fn of(core: &Core, row: &CallRow) -> Option<Self> {
        let (SocketId::Conn(conn), Call::Send(asked)) = (row.call.socket, row.call.call) else { return None };
        let bytes = row.bytes()?;
        let conversation = core.conversation(Key::Conn(conn))?;
        let encoding = conversation.manner().encoding;
        let mut carried = conversation.entries().carrying(Direction::Out, bytes.clone());
        let (first, more) = (carried.next(), carried.next());
        let whole = |sent: &&Sent| more.is_none() && sent.begins == Some(bytes.start) && sent.raw.len() == asked;
        let sent = first.and_then(|(_, row)| if let RowKind::Sent(sent) = &row.kind { Some(sent) } else { None });
        let Some(sent) = sent.filter(whole) else { return Some(Self { text: None, encoding, prefixed: false }) };
        // As it was written, whatever the conversation is read in since.
        let encoding = sent.encoding;
        let (header, payload) = sent.raw.split_at_checked(sent.cut.header.into()).unwrap_or_default();
        let prefixed = header == (payload.len() as u32).to_be_bytes();
        // A length of another kind is not written out.
        let text = (prefixed || header.is_empty()).then(|| text::decode_whole(encoding, payload)).flatten();
        // Not what was written, but what was sent: it has to come to the same bytes again.
        let text = text.filter(|text| text.chars().count() <= WRITTEN_OUT);
        let text = text.filter(|text| text::encode(text, encoding).bytes == payload);
        Some(Self { text, encoding, prefixed })
    }

    fn in_python(&self) -> String {
        let codec = python_string(&python_codec(self.encoding)).replace('"', "'");
        let data = match &self.text {
            Some(text) => format!("{}.encode({codec})", python_string(text)),
            None => "data".to_owned(),
        };
        if self.prefixed { format!("struct.pack('!I', len({data})) + {data}") } else { data }
    }

    fn in_rust(&self) -> String {
        match &self.text {
            Some(text) if self.encoding == TextEncoding::default() && !self.prefixed => format!("{text:?}.as_bytes()"),
            _ => "&data".to_owned(),
        }
    }
}

/// What the socket is called in the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The socket that listens.
    Server,
    /// A socket that `accept` returned.
    Accepted,
    /// A socket that connects.
    Client,
    /// A UDP socket that hears anybody.
    UdpServer,
    /// A UDP socket that was opened to send.
    UdpClient,
}

impl Part {
    /// The part of this socket; `accepted` tells which kind of connection it is, `udp` that it is none.
    #[must_use]
    pub fn of(socket: SocketId, accepted: bool, udp: bool) -> Self {
        match socket {
            SocketId::Listener(_) if udp => Self::UdpServer,
            SocketId::Conn(_) if udp => Self::UdpClient,
            SocketId::Listener(_) => Self::Server,
            SocketId::Conn(_) if accepted => Self::Accepted,
            SocketId::Conn(_) => Self::Client,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Server | Self::UdpServer => "server",
            Self::Accepted => "conn",
            Self::Client | Self::UdpClient => "client",
        }
    }
}

/// The call in Python.
#[must_use]
pub fn in_python(call: &SocketCall, part: Part, sending: Option<&Sending>) -> String {
    let it = part.name();
    match call.call {
        Call::Socket { ipv6 } => format!("{it} = socket({}, SOCK_STREAM)", family(ipv6)),
        Call::DatagramSocket { ipv6 } => format!("{it} = socket({}, SOCK_DGRAM)", family(ipv6)),
        Call::RecvFrom(size) => format!("data, addr = {it}.recvfrom({size})"),
        Call::SendTo { to, .. } => format!("{it}.sendto(data, {})", tuple(to)),
        Call::SetOption(option @ (SocketOption::JoinGroup(group) | SocketOption::LeaveGroup(group))) => {
            let (level, name, ip) = option_text(option);
            let request = if group.ip.is_ipv4() {
                format!("inet_aton('{ip}') + inet_aton('0.0.0.0')")
            } else {
                format!("inet_pton(AF_INET6, '{ip}') + struct.pack('@I', {})", group.interface)
            };
            format!("{it}.setsockopt({level}, {name}, {request})")
        }
        Call::SetOption(SocketOption::Linger(seconds)) => {
            format!("{it}.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, {seconds}))")
        }
        Call::SetOption(option) => {
            let (level, name, value) = option_text(option);
            let value = if value == "1" { "True" } else { "False" };
            format!("{it}.setsockopt({level}, {name}, {value})")
        }
        Call::GetOption(option) => {
            let (level, name, _) = option_text(option);
            format!("{it}.getsockopt({level}, {name})")
        }
        Call::Bind(address) => format!("{it}.bind({})", tuple(address)),
        Call::Listen(backlog) => format!("{it}.listen({backlog})"),
        Call::Accept => format!("conn, addr = {it}.accept()"),
        Call::Connect(address) => format!("{it}.connect({})", tuple(address)),
        Call::LocalName => format!("{it}.getsockname()"),
        Call::Recv(size) => format!("data = {it}.recv({size})"),
        Call::Send(_) => format!("{it}.send({})", sending.map_or_else(|| "data".to_owned(), Sending::in_python)),
        Call::ShutdownWrite => format!("{it}.shutdown(SHUT_WR)"),
        Call::Close => format!("{it}.close()"),
    }
}

fn membership(it: &str, verb: &str, Group { ip, interface }: Group) -> String {
    match ip {
        IpAddr::V4(ip) => format!("{it}.{verb}_multicast_v4(&\"{ip}\".parse()?, &Ipv4Addr::UNSPECIFIED)?;"),
        IpAddr::V6(ip) => format!("{it}.{verb}_multicast_v6(&\"{ip}\".parse()?, {interface})?;"),
    }
}

/// The call in Rust, by the standard library where it has it, else by the crate socket2.
#[must_use]
pub fn in_rust(call: &SocketCall, part: Part, sending: Option<&Sending>) -> String {
    let it = part.name();
    match (call.call, part) {
        (Call::DatagramSocket { .. }, Part::UdpClient) => format!("let {it} = UdpSocket::bind(\"0.0.0.0:0\")?;"),
        (Call::DatagramSocket { .. }, _) => "// UdpSocket::bind: socket + bind".to_owned(),
        (Call::Bind(address), Part::UdpServer | Part::UdpClient) => {
            format!("let {it} = UdpSocket::bind(\"{address}\")?;")
        }
        (Call::RecvFrom(size), _) => {
            format!("let mut data = [0; {size}];\nlet (n, addr) = {it}.recv_from(&mut data)?;")
        }
        (Call::SendTo { to, .. }, _) => format!("{it}.send_to(&data, \"{to}\")?;"),
        (Call::Socket { .. }, Part::Client) => "// TcpStream::connect: socket + connect".to_owned(),
        (Call::Socket { .. } | Call::Listen(_), _) => "// TcpListener::bind: socket + bind + listen".to_owned(),
        (Call::SetOption(option), _) => match option {
            SocketOption::ReuseAddress(yes) => format!("SockRef::from(&{it}).set_reuse_address({yes})?; // socket2"),
            SocketOption::ExclusiveAddress(yes) => {
                format!(
                    "setsockopt({it}.as_raw_socket() as usize, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, &{}, 4); // windows-sys",
                    u8::from(yes)
                )
            }
            SocketOption::NoDelay(yes) => format!("{it}.set_nodelay({yes})?;"),
            SocketOption::Ipv6Only(yes) => format!("SockRef::from(&{it}).set_only_v6({yes})?; // socket2"),
            SocketOption::Linger(seconds) => {
                format!("SockRef::from(&{it}).set_linger(Some(Duration::from_secs({seconds})))?; // socket2")
            }
            SocketOption::Error => format!("{it}.take_error()?;"),
            SocketOption::Broadcast(yes) => format!("{it}.set_broadcast({yes})?;"),
            SocketOption::JoinGroup(group) => membership(it, "join", group),
            SocketOption::LeaveGroup(group) => membership(it, "leave", group),
        },
        (Call::GetOption(option), _) => match option {
            SocketOption::ReuseAddress(_) => format!("SockRef::from(&{it}).reuse_address()?; // socket2"),
            SocketOption::ExclusiveAddress(_) => {
                format!(
                    "getsockopt({it}.as_raw_socket() as usize, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, &mut on, &mut 4); // windows-sys"
                )
            }
            SocketOption::NoDelay(_) => format!("{it}.nodelay()?;"),
            SocketOption::Ipv6Only(_) => format!("SockRef::from(&{it}).only_v6()?; // socket2"),
            SocketOption::Linger(_) => format!("SockRef::from(&{it}).linger()?; // socket2"),
            SocketOption::Error => format!("{it}.take_error()?;"),
            // Nobody asks for these.
            SocketOption::Broadcast(_) | SocketOption::JoinGroup(_) | SocketOption::LeaveGroup(_) => String::new(),
        },
        (Call::Bind(address), _) => format!("let {it} = TcpListener::bind(\"{address}\")?;"),
        (Call::Accept, _) => format!("let (conn, addr) = {it}.accept()?;"),
        (Call::Connect(address), _) => format!("let {it} = TcpStream::connect(\"{address}\")?;"),
        (Call::LocalName, _) => format!("{it}.local_addr()?;"),
        (Call::Recv(size), _) => format!("let mut data = [0; {size}];\nlet n = {it}.read(&mut data)?;"),
        (Call::Send(_), _) => {
            format!("{it}.write({})?;", sending.map_or_else(|| "&data".to_owned(), Sending::in_rust))
        }
        (Call::ShutdownWrite, _) => format!("{it}.shutdown(Shutdown::Write)?;"),
        (Call::Close, _) => format!("drop({it});"),
    }
}
