//! What the user chose, kept in `settings.toml`.

use std::{net::IpAddr, time::Duration};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    chat::{
        AutoReply, ConnOptions, ConversationOptions, Device, LEAST_PEER_TIMEOUT, LineEnding, MAX_CLIENTS, MOST_CLIENTS,
        MOST_DEVICES, MOST_PEER_TIMEOUT, MOST_RULES, PEER_TIMEOUT, RECV_SIZE, Relay, Rule, Written, address::ZonedIp,
    },
    wire::{
        Framing, LONGEST_QUIET, QUIET_TAIL,
        text::{self, TextEncoding},
    },
};

/// The most messages that are saved.
pub const MOST_SAVED: usize = 200;

/// Text sizes that may be chosen, in percent.
pub const TEXT_SIZES: std::ops::RangeInclusive<u16> = 80..=200;

/// The most bytes that one `recv` may ask for.
pub const LARGEST_RECV: usize = 1024 * 1024;

/// Characters of a name for this network, before it is made one that may be shown.
pub const LONGEST_LAN_NAME: usize = 200;

/// Addresses that are remembered to be connected to again; past it the one connected to longest ago goes.
pub const RECENT_PEERS: usize = 5;

/// What the user chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Which address to listen on.
    pub listen_on: ListenOn,
    /// Port to listen on; 0 for any free one.
    pub port: u16,
    /// Connections that the system may hold before accept, at least 1.
    pub backlog: u32,
    /// Set `SO_REUSEADDR` before bind.
    pub reuse_address: bool,
    /// Clients at once, 1 to [`MOST_CLIENTS`].
    pub max_clients: usize,
    /// Whether the server's socket is one of TCP or of UDP.
    pub server_over: Transport,
    /// The same of a client's.
    pub client_over: Transport,
    /// The multicast group that the UDP socket in the server's place joins, as typed; empty for none.
    pub udp_group: String,
    /// Whether what a client says goes to all others.
    pub relay: Relay,
    /// Encoding of text, sent and received.
    pub encoding: TextEncoding,
    /// Where a received message ends.
    pub framing: Framing,
    /// Milliseconds without a byte after which a message ends, or a tail with no line ending is shown: 1 to
    /// [`LONGEST_QUIET`].
    pub quiet_ms: u64,
    /// What is added to each message sent, where its length does not say where it ends.
    pub line_ending: LineEnding,
    /// Bytes for one recv, 1 to [`LARGEST_RECV`].
    pub recv_size: usize,
    /// What Enter does in an empty field, where a line ending is set.
    pub empty_enter: EmptyEnter,
    /// What is answered to each message.
    pub auto_reply: AutoReplyChoice,
    /// The text of a fixed answer.
    pub reply_text: String,
    /// What is answered to which message, where rules answer.
    pub rules: Vec<Rule>,
    /// Devices that are known when they come back, at most [`MOST_DEVICES`].
    pub devices: Vec<Device>,
    /// Messages to be sent with a click or a key, at most [`MOST_SAVED`].
    pub saved_messages: Vec<SavedMessage>,
    /// Keep our side open when the peer finishes sending.
    pub half_open: bool,
    /// Seconds for which a peer's system may answer nothing before the connection is given up: 0 for as long as our
    /// system waits by itself, or [`LEAST_PEER_TIMEOUT`] to [`MOST_PEER_TIMEOUT`].
    pub peer_timeout: u64,
    /// Keep conversations in the history.
    pub keep_history: bool,
    /// How old messages in the history grow before they are removed.
    pub remove_after: RemoveAfter,
    /// Show the inspector.
    pub inspector: bool,
    /// Show all of the server's card.
    pub server_unfolded: bool,
    /// Tell of new messages while the window is not in front.
    pub notify: bool,
    /// Language of the window.
    pub language: Language,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Size of text, in percent; see [`TEXT_SIZES`].
    pub text_size: u16,
    /// Size of text while the window is projected, in percent; see [`TEXT_SIZES`].
    pub presenter_text_size: u16,
    /// The address last connected to, as typed.
    pub last_peer: String,
    /// Addresses connected to, as typed, the latest first; at most [`RECENT_PEERS`].
    pub recent_peers: Vec<String>,
    /// Those of them that were last talked to over UDP.
    pub recent_over_udp: Vec<String>,
    /// The labs done to their end, by their ids.
    pub labs_done: Vec<String>,
    /// Whether other Sockhops see this one.
    pub visible: Visible,
    /// What we call ourselves on this network; empty for this computer's name.
    pub lan_name: String,
    /// Our colour on this network, from 0 on.
    pub lan_colour: u8,
    /// Whether others are told what was read, and we are.
    pub read_receipts: bool,
    /// Interfaces that are used though they are of Docker, virtual machines or tunnels, by name.
    pub lan_interfaces: Vec<String>,
    /// Where the window was.
    pub window: WindowPlace,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen_on: ListenOn::AllInterfaces,
            port: 8888,
            backlog: 5,
            reuse_address: true,
            max_clients: MAX_CLIENTS,
            server_over: Transport::Tcp,
            client_over: Transport::Tcp,
            udp_group: String::new(),
            relay: Relay::Off,
            encoding: TextEncoding::default(),
            framing: Framing::Line,
            quiet_ms: QUIET_TAIL.as_millis() as u64,
            line_ending: LineEnding::Lf,
            recv_size: RECV_SIZE,
            empty_enter: EmptyEnter::Ask,
            auto_reply: AutoReplyChoice::Off,
            reply_text: "数据已收到".to_owned(),
            rules: Vec::new(),
            devices: Vec::new(),
            saved_messages: Vec::new(),
            half_open: false,
            peer_timeout: PEER_TIMEOUT.as_secs(),
            keep_history: true,
            remove_after: RemoveAfter::Never,
            inspector: false,
            server_unfolded: false,
            notify: true,
            language: Language::System,
            theme: Theme::System,
            text_size: 100,
            presenter_text_size: 160,
            last_peer: String::new(),
            recent_peers: Vec::new(),
            recent_over_udp: Vec::new(),
            labs_done: Vec::new(),
            visible: Visible::Unanswered,
            lan_name: String::new(),
            lan_colour: 0,
            read_receipts: true,
            lan_interfaces: Vec::new(),
            window: WindowPlace::default(),
        }
    }
}

/// Whether other Sockhops on this network see this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visible {
    /// The user has not been asked yet, or has not answered: as off.
    #[default]
    Unanswered,
    /// They do.
    On,
    /// They do not.
    Off,
}

/// Which address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenOn {
    /// `0.0.0.0`: every interface.
    AllInterfaces,
    /// `127.0.0.1`: this computer only.
    ThisComputer,
    /// One address, of an interface or typed.
    Address(ZonedIp),
}

impl ListenOn {
    /// The address to bind to.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        match self {
            Self::AllInterfaces => std::net::Ipv4Addr::UNSPECIFIED.into(),
            Self::ThisComputer => std::net::Ipv4Addr::LOCALHOST.into(),
            Self::Address(ip) => ip.ip,
        }
    }

    /// The same, with the interface where the address is one on each.
    #[must_use]
    pub fn zoned_ip(self) -> ZonedIp {
        match self {
            Self::Address(ip) => ip,
            Self::AllInterfaces | Self::ThisComputer => self.ip().into(),
        }
    }
}

/// What a socket goes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A connection: a stream of bytes.
    #[default]
    Tcp,
    /// Datagrams, without a connection.
    Udp,
}

/// What Enter does in an empty field, where a line ending is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyEnter {
    /// It asks which of the other two it is to do from then on.
    #[default]
    Ask,
    /// It sends the line ending alone, as a terminal does.
    Send,
    /// Nothing.
    Nothing,
}

/// What is answered to each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AutoReplyChoice {
    /// Nothing.
    #[default]
    Off,
    /// What was received.
    Echo,
    /// [`Settings::reply_text`].
    Text,
    /// What [`Settings::rules`] say.
    Rules,
}

/// A message that is kept to be sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedMessage {
    /// What it is called.
    pub name: String,
    /// What is written.
    pub text: String,
    /// How.
    pub written: Written,
    /// For which device, as the window names it; empty: for all.
    pub device: String,
    /// With Alt and which digit it is sent, 1 to 9; 0: with none.
    pub key: u8,
}

/// Messages in a file of their own, to be handed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedMessages {
    /// They.
    pub message: Vec<SavedMessage>,
}

impl SavedMessages {
    /// As a text for a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        // What has only texts and numbers in it is always TOML.
        toml::to_string(self).unwrap_or_default()
    }

    /// From the text of a file; those beyond [`MOST_SAVED`] are left out.
    ///
    /// # Errors
    /// Where it is none: why, in one line.
    pub fn from_text(text: &str) -> Result<Vec<SavedMessage>, String> {
        let one_line = |error: toml::de::Error| error.message().lines().collect::<Vec<_>>().join(" ");
        let mut messages = toml::from_str::<Self>(text).map_err(one_line)?.message;
        messages.truncate(MOST_SAVED);
        Ok(messages)
    }
}

/// How old messages in the history grow before they are removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RemoveAfter {
    /// They stay.
    #[default]
    Never,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 365 days.
    Year,
}

impl RemoveAfter {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Never, Self::Day, Self::Week, Self::Month, Self::Year];

    /// That age; None if there is none.
    #[must_use]
    pub fn age(self) -> Option<SignedDuration> {
        let days = match self {
            Self::Never => return None,
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        };
        Some(SignedDuration::from_hours(days * 24))
    }
}

/// Language of the window and of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Language {
    /// As the system has it.
    #[default]
    #[serde(rename = "system")]
    #[value(skip)]
    System,
    /// English.
    #[serde(rename = "en")]
    #[value(name = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    #[value(name = "zh-CN")]
    Chinese,
}

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Where the window was, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowPlace {
    /// Left and top of the outer frame, where the system tells.
    pub position: Option<(i32, i32)>,
    /// Width and height of the inside.
    pub size: (u32, u32),
    /// Whether it filled the screen.
    pub maximized: bool,
}

impl Default for WindowPlace {
    fn default() -> Self {
        Self { position: None, size: (1280, 800), maximized: false }
    }
}

/// Whether so many seconds may be [`Settings::peer_timeout`].
#[must_use]
pub fn may_be_peer_timeout(seconds: u64) -> bool {
    seconds == 0 || (LEAST_PEER_TIMEOUT..=MOST_PEER_TIMEOUT).contains(&Duration::from_secs(seconds))
}

impl Settings {
    /// Remembers an address that was connected to, and over what.
    pub fn remember_peer(&mut self, typed: String, over: Transport) {
        self.recent_peers.retain(|recent| *recent != typed);
        self.recent_peers.insert(0, typed.clone());
        self.recent_peers.truncate(RECENT_PEERS);
        self.recent_over_udp.retain(|recent| *recent != typed && self.recent_peers.contains(recent));
        if over == Transport::Udp {
            self.recent_over_udp.push(typed.clone());
        }
        self.last_peer = typed;
    }

    /// Over what an address was connected to the last time.
    #[must_use]
    pub fn recent_over(&self, typed: &str) -> Transport {
        let over_udp = self.recent_over_udp.iter().any(|recent| recent == typed);
        if over_udp { Transport::Udp } else { Transport::Tcp }
    }

    /// Forgets an address.
    pub fn forget_peer(&mut self, typed: &str) {
        self.recent_peers.retain(|recent| recent != typed);
        self.recent_over_udp.retain(|recent| recent != typed);
        if self.last_peer == typed {
            self.last_peer = self.recent_peers.first().cloned().unwrap_or_default();
        }
    }

    /// How a conversation with these settings begins.
    #[must_use]
    pub fn conversation_options(&self) -> ConversationOptions {
        let (encoding, line_ending) = (self.encoding, self.line_ending);
        ConversationOptions { encoding, line_ending, options: self.conn_options(), reconnect: false }
    }

    /// What a connection with these settings does on its own.
    #[must_use]
    pub fn conn_options(&self) -> ConnOptions {
        ConnOptions {
            framing: self.framing,
            unit: self.encoding.unit(),
            quiet: Duration::from_millis(self.quiet_ms),
            recv_size: self.recv_size,
            auto_reply: match self.auto_reply {
                AutoReplyChoice::Off => AutoReply::Off,
                AutoReplyChoice::Echo => AutoReply::Echo,
                AutoReplyChoice::Rules => AutoReply::Rules,
                AutoReplyChoice::Text => AutoReply::Fixed(
                    text::encode_message(
                        &self.reply_text,
                        self.encoding,
                        self.framing,
                        &self.line_ending.bytes(self.encoding),
                    )
                    .bytes
                    .into(),
                ),
            },
            half_open: self.half_open,
            peer_timeout: (self.peer_timeout > 0).then(|| Duration::from_secs(self.peer_timeout)),
            ..ConnOptions::default()
        }
    }

    pub(super) fn checked(self) -> Result<Self, String> {
        let range = |name: &str, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} is {value}, not {least} to {most}"))
            }
        };
        range("backlog", self.backlog as usize, 1, i32::MAX as usize)?;
        range("max_clients", self.max_clients, 1, MOST_CLIENTS)?;
        range("recv_size", self.recv_size, 1, LARGEST_RECV)?;
        range("quiet_ms", self.quiet_ms as usize, 1, LONGEST_QUIET.as_millis() as usize)?;
        range("the number of saved_messages", self.saved_messages.len(), 0, MOST_SAVED)?;
        range("the number of devices", self.devices.len(), 0, MOST_DEVICES)?;
        range("the number of rules", self.rules.len(), 0, MOST_RULES)?;
        if !may_be_peer_timeout(self.peer_timeout) {
            let (least, most) = (LEAST_PEER_TIMEOUT.as_secs(), MOST_PEER_TIMEOUT.as_secs());
            return Err(format!("peer_timeout is {}, not 0 or {least} to {most}", self.peer_timeout));
        }
        for (name, size) in [("text_size", self.text_size), ("presenter_text_size", self.presenter_text_size)] {
            range(name, size.into(), (*TEXT_SIZES.start()).into(), (*TEXT_SIZES.end()).into())?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_addresses_are_remembered_the_latest_first_and_each_once() {
        let mut settings = Settings::default();
        for host in ["a", "b", "c", "a", "d", "e", "f", "a"] {
            settings.remember_peer(host.to_owned(), Transport::Udp);
        }
        assert_eq!(settings.recent_peers, ["a", "f", "e", "d", "c"]);
        assert_eq!(settings.recent_over_udp, ["c", "d", "e", "f", "a"]);
        settings.remember_peer("a".to_owned(), Transport::Tcp);
        assert_eq!(["a", "f"].map(|host| settings.recent_over(host)), [Transport::Tcp, Transport::Udp]);
        settings.forget_peer("a");
        assert_eq!((settings.recent_peers.len(), settings.last_peer.as_str()), (4, "f"));
        for host in ["f", "e", "d", "c"] {
            settings.forget_peer(host);
        }
        assert_eq!(settings, Settings::default());
    }
}
