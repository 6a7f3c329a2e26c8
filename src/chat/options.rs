//! How conversations are held: what the user may choose for each.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::wire::{
    Boundary, Cut, Delimiter, Framing, QUIET_TAIL,
    text::{self, TextEncoding},
};

/// Default of [`ConnOptions::recv_size`], in bytes.
pub const RECV_SIZE: usize = 4096;

/// Default of [`ConnOptions::peer_timeout`].
///
/// A minute, because a shorter interruption must end no connection: a laptop that changes its Wi-Fi, a switch that
/// restarts, a lid that was closed by mistake. By themselves systems wait much longer: two hours at the least where
/// nothing is sent (RFC 9293, 3.8.4), and about 15 minutes on Linux where something is (tcp(7), `tcp_retries2`; RFC 9293,
/// 3.8.3 asks for 100 seconds). A program that is stopped, in a debugger or by Ctrl+Z, is not concerned: its system
/// answers for it.
pub const PEER_TIMEOUT: Duration = Duration::from_mins(1);

/// The least of [`ConnOptions::peer_timeout`]: keepalive counts in whole seconds, and one lost segment must not end a
/// connection.
pub const LEAST_PEER_TIMEOUT: Duration = Duration::from_secs(3);

/// The most of [`ConnOptions::peer_timeout`]: a day.
pub const MOST_PEER_TIMEOUT: Duration = Duration::from_hours(24);

/// The most of [`ConnOptions::keepalive`], in seconds: `MAX_TCP_KEEPIDLE` of Linux.
pub const LONGEST_KEEPALIVE: u64 = 32_767;

/// Clients of a server at once, unless set otherwise.
pub const MAX_CLIENTS: usize = 1024;

/// The most clients of a server at once that can be set.
pub const MOST_CLIENTS: usize = 20_000;

/// Addresses that one UDP socket knows at once; with one more, the one that was not heard for longest is let go.
pub const MOST_UDP_PEERS: usize = 1_024;

/// What `recvfrom` asks for, in bytes: more than any datagram has (RFC 768: its length is a number of 16 bits).
pub const LARGEST_DATAGRAM: usize = 65_535;

/// In which manner a conversation is held; the user may change it at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationOptions {
    /// Encoding of text, sent and received.
    pub encoding: TextEncoding,
    /// What is added to each message sent, if its framing [takes an ending](Framing::takes_ending).
    pub line_ending: LineEnding,
    /// What the connection does on its own.
    pub options: ConnOptions,
    /// Whether a client connects again when it could not connect, and when the connection ends without our asking for
    /// it.
    pub reconnect: bool,
}

impl ConversationOptions {
    /// Where a received message ends.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.options.framing
    }

    /// The same with another automatic reply.
    #[must_use]
    pub fn replying(mut self, auto_reply: AutoReply) -> Self {
        self.options.auto_reply = auto_reply;
        self
    }

    /// The same where what is said are datagrams: each is a message, whole, and nothing is added but what was asked for.
    #[must_use]
    pub fn of_datagrams(mut self) -> Self {
        self.options.framing = Framing::Chunk;
        self.reconnect = false;
        self
    }

    /// What of bytes that we send in this manner is framing.
    #[must_use]
    pub fn cut_of(&self, raw: &[u8]) -> Cut {
        let cut = Cut { end: raw.len() as u32, header: 0, trailer: 0, boundary: Boundary::Length };
        match self.options.framing {
            Framing::Length(prefix) => Cut { header: prefix.header().min(raw.len()) as u8, ..cut },
            Framing::Fixed(_) => cut,
            Framing::Line | Framing::Chunk | Framing::Cr | Framing::Delimiter(_) | Framing::Quiet => {
                let ending = self.ending();
                let trailer = if raw.ends_with(&ending) { ending.len() as u8 } else { 0 };
                Cut { trailer, boundary: Boundary::Newline, ..cut }
            }
        }
    }

    /// The bytes that are added to each message sent, if its framing takes an ending.
    #[must_use]
    pub fn ending(&self) -> Vec<u8> {
        self.line_ending.bytes(self.encoding)
    }
}

/// What is added to each message sent, where its length does not say where it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LineEnding {
    /// Nothing.
    None,
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    Crlf,
    /// `\r`
    Cr,
    /// These bytes, whatever the encoding.
    #[value(skip)]
    Own(Delimiter),
}

impl LineEnding {
    /// Those that have a name.
    pub const NAMED: [Self; 4] = [Self::None, Self::Lf, Self::Crlf, Self::Cr];

    /// Its bytes.
    #[must_use]
    pub fn bytes(self, encoding: TextEncoding) -> Vec<u8> {
        match self {
            Self::Own(bytes) => bytes.as_slice().to_vec(),
            named => text::encode(named.line_break().unwrap_or_default(), encoding).bytes,
        }
    }

    /// The characters that end a line, if it does.
    #[must_use]
    pub fn line_break(self) -> Option<&'static str> {
        match self {
            Self::Lf => Some("\n"),
            Self::Crlf => Some("\r\n"),
            Self::Cr => Some("\r"),
            Self::None | Self::Own(_) => None,
        }
    }
}

/// What the server does with what a client says, besides showing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relay {
    /// Nothing.
    #[default]
    Off,
    /// It sends it to all other clients, byte for byte.
    Plain,
    /// The same, each message with the address of who said it before it.
    Named,
}

/// What a connection does on its own; set at its start, and changeable while it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnOptions {
    /// Where one received message ends.
    pub framing: Framing,
    /// Bytes in a code unit of the text encoding: 2 for UTF-16, else 1. A line ends at a whole unit.
    pub unit: u8,
    /// After how long without a byte a message ends, or a tail with no line ending is shown: from
    /// [`SHORTEST_QUIET`](crate::wire::SHORTEST_QUIET) to [`LONGEST_QUIET`](crate::wire::LONGEST_QUIET).
    pub quiet: Duration,
    /// Bytes asked of each `recv`, at least 1.
    pub recv_size: usize,
    /// What is answered to each message received.
    pub auto_reply: AutoReply,
    /// Keep our side open when the peer finishes sending; else close once the queue is sent.
    pub half_open: bool,
    /// For how long the peer's system may answer nothing, neither what we send nor keepalive probes, before the
    /// connection is given up; from [`LEAST_PEER_TIMEOUT`] to [`MOST_PEER_TIMEOUT`]. `None`: for as long as our
    /// system waits by itself.
    pub peer_timeout: Option<Duration>,
    /// After how long without a word from the peer our system asks whether it is there (tcp(7), `TCP_KEEPIDLE`), in
    /// whole seconds. `None`: as fits [`Self::peer_timeout`].
    pub keepalive: Option<Duration>,
    /// Of a client: from where it connects. An address of no computer (`0.0.0.0`, `::`) is any of this one's, and port 0
    /// any port. `None`: the system chooses both.
    pub local: Option<SocketAddr>,
    /// Of a client: for how long it tries to connect, the look-up included. `None`:
    /// [`CONNECT_LIMIT`](crate::net::CONNECT_LIMIT) after the look-up.
    pub connect_limit: Option<Duration>,
}

impl Default for ConnOptions {
    fn default() -> Self {
        Self {
            framing: Framing::Line,
            unit: 1,
            quiet: QUIET_TAIL,
            recv_size: RECV_SIZE,
            auto_reply: AutoReply::Off,
            half_open: false,
            peer_timeout: Some(PEER_TIMEOUT),
            keepalive: None,
            local: None,
            connect_limit: None,
        }
    }
}

/// What is answered to each message received, without asking anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AutoReply {
    /// Nothing.
    #[default]
    Off,
    /// The same bytes, framing included.
    Echo,
    /// These bytes, already encoded and with their line ending or prefix.
    Fixed(Bytes),
    /// What the user's rules say: decided in core, and sent by its command.
    Rules,
}
