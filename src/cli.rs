//! The command line: commands, flags, and what they change of the settings.

mod conn;
pub mod examples;
mod lan;
mod values;
mod words;

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, CommandFactory as _, Parser, Subcommand, error::ErrorKind};

use crate::{
    chat::{Admission, ConversationOptions, Relay},
    history::Format,
    host,
    net::{MOST_CLIENTS, interface_number},
    settings::{Language, ListenOn, Settings},
};

use values::Networks;
use words::Wrong;

pub use conn::ConnArgs;
pub use lan::{LanArgs, NearbyArgs, PortArgs, SayArgs, VerifyArgs};
pub use values::{GroupArg, NoGroup};

pub use crate::chat::address::{AddressError, ListenAddress, PeerAddress, USUAL_PORT};

/// Chat over a bare TCP socket, and see what the socket does.
#[derive(Clone, Debug, Parser)]
#[command(name = "sockhop", version, about, max_term_width = 100)]
pub struct Cli {
    /// Listen as soon as the window is open
    #[arg(long, value_name = "ADDR:PORT", value_parser = host::listen_address)]
    pub listen: Option<ListenAddress>,

    /// Connect as soon as the window is open
    #[arg(long, value_name = "HOST:PORT", value_parser = host::peer_address)]
    pub connect: Option<PeerAddress>,

    /// Keep settings, history and log in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Language of the window and of the terminal
    #[arg(long, global = true)]
    pub lang: Option<Language>,

    /// Write one CSV row for each frame of the window to this file
    #[arg(long, value_name = "FILE")]
    pub frame_log: Option<PathBuf>,

    /// TCP port where encrypted links are taken; any free one if it is in use
    #[arg(long, value_name = "PORT")]
    pub lan_port: Option<u16>,

    /// UDP port of beacons; only those with the same one find each other
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub beacon_port: Option<u16>,

    /// Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them
    #[arg(long, value_name = "FILE")]
    pub tls_keys: Option<PathBuf>,

    /// Without one, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do in the terminal.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Wait for clients, in the terminal; each line typed goes to all of them
    #[command(after_long_help = examples::in_english(&examples::LISTEN))]
    Listen(ListenArgs),
    /// Connect to a server, in the terminal; each line typed goes to it
    #[command(after_long_help = examples::in_english(&examples::CONNECT))]
    Connect(ConnectArgs),
    /// List this computer’s addresses
    Interfaces(InterfacesArgs),
    /// List, search or export kept conversations, also while a window is open
    History(HistoryArgs),
    /// List the Sockhops on this network
    Nearby(NearbyArgs),
    /// Be seen on this network, in the terminal; lines typed as “NAME: text” go to that person, encrypted
    Lan(LanArgs),
    /// Write one message to a person on this network and wait until it is delivered; exit status 1 if it is not
    Say(SayArgs),
    /// Compare six digits with a person on this network
    Verify(VerifyArgs),
}

/// `sockhop listen`
#[derive(Clone, Debug, Default, Args)]
pub struct ListenArgs {
    /// Address and port to listen on, or only a port; port 0 takes any free one. Without an address it is every interface,
    /// of IPv4 and IPv6, and without a port 8888
    #[arg(value_name = "ADDR:PORT", value_parser = host::listen_address)]
    pub address: Option<ListenAddress>,

    /// The port, where it is not written with the address
    #[arg(value_name = "PORT", value_parser = host::lone_port)]
    pub port: Option<u16>,

    /// Over UDP: each line is a datagram, as it is, and each address that is heard a conversation; with --json the events
    /// are bound, ready, has_port, heard, dropped and ended instead of those of connections
    #[arg(long, conflicts_with_all = ["framing", "delimiter", "fixed", "prefix", "quiet_ms", "recv_size", "half_open", "keepalive", "peer_timeout", "raw", "backlog", "max_clients", "once", "allow", "deny", "relay", "relay_names"])]
    pub udp: bool,

    /// Join this multicast group: ADDRESS, or ADDRESS%INTERFACE
    #[arg(long, value_name = "ADDRESS", requires = "udp", value_parser = values::group)]
    pub group: Option<GroupArg>,

    /// Connections that the system may hold before they are accepted; 5 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    pub backlog: Option<u32>,

    /// Clients at once; 1024 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_CLIENTS as i64))]
    pub max_clients: Option<u32>,

    /// Serve one client, then end: with status 0, or 1 if the connection was reset
    #[arg(long)]
    pub once: bool,

    /// Let only these connect: ADDRESS or ADDRESS/BITS, again and again, or @FILE with one on each line
    #[arg(long, value_name = "NETWORK", value_parser = values::networks)]
    pub allow: Vec<Networks>,

    /// Do not let these connect, even if they are allowed: as with --allow
    #[arg(long, value_name = "NETWORK", value_parser = values::networks)]
    pub deny: Vec<Networks>,

    /// Send what a client says to all other clients: a room to chat in. A line that lacks its ending gets one; with --raw
    /// all stays as it is
    #[arg(long, conflicts_with = "once")]
    pub relay: bool,

    /// As --relay, each message with the address of who said it before it
    #[arg(long, conflicts_with = "once")]
    pub relay_names: bool,

    /// For each client.
    #[command(flatten)]
    pub conn: ConnArgs,
}

/// `sockhop connect`
#[derive(Clone, Debug, Args)]
pub struct ConnectArgs {
    /// Name or address, and port, of the server; without a port, 8888
    #[arg(value_name = "HOST:PORT", value_parser = values::peer_address)]
    pub peer: PeerAddress,

    /// The port, where it is not written with the address
    #[arg(value_name = "PORT", value_parser = host::lone_port)]
    pub port: Option<u16>,

    /// Over UDP: each line is a datagram, as it is, and each address that is heard a conversation; with --json the events
    /// are bound, ready, has_port, heard, dropped and ended instead of those of connections
    #[arg(long, conflicts_with_all = ["framing", "delimiter", "fixed", "prefix", "quiet_ms", "recv_size", "half_open", "keepalive", "peer_timeout", "raw", "connect_timeout", "reconnect", "probe"])]
    pub udp: bool,

    /// Connect from this address and port, or only from this port
    #[arg(long, value_name = "ADDR:PORT", value_parser = host::listen_address)]
    pub bind: Option<ListenAddress>,

    /// Give connecting up after this long, the look-up included; 10 after the look-up by default
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    pub connect_timeout: Option<Duration>,

    /// Connect again when the connection cannot be made or ends, after 1 second and then ever later, up to 30
    #[arg(long)]
    pub reconnect: bool,

    /// Only try to connect: exit status 0 if a program listens there, else 1
    #[arg(long, conflicts_with = "reconnect")]
    pub probe: bool,

    /// For the connection.
    #[command(flatten)]
    pub conn: ConnArgs,
}

/// `sockhop interfaces`
#[derive(Clone, Copy, Debug, Args)]
pub struct InterfacesArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `sockhop history`
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: HistoryCommand,
}

/// What can be done with the history in the terminal. It is never written.
#[derive(Clone, Debug, Subcommand)]
pub enum HistoryCommand {
    /// List conversations, the one opened last first
    List(HistoryListArgs),
    /// Find messages with this text, the newest first; exit status 1 if there is none
    Search(HistorySearchArgs),
    /// Write messages to a file or to standard output
    Export(HistoryExportArgs),
}

/// `sockhop history list`
#[derive(Clone, Copy, Debug, Args)]
pub struct HistoryListArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `sockhop history search`
#[derive(Clone, Debug, Args)]
pub struct HistorySearchArgs {
    /// The text; upper and lower case are alike
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub text: String,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `sockhop history export`
#[derive(Clone, Debug, Args)]
pub struct HistoryExportArgs {
    /// Conversations, by the ids that `history list` prints; without one, all of them
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,

    /// text for reading, csv for a spreadsheet, jsonl to import again, raw for the bytes received
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = values::format())]
    pub format: Format,

    /// Write to this file, whole or not at all; what is there is replaced
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl Cli {
    /// The command line of this process. Wrong usage, and `--help`, end the process as clap does it, in the user's
    /// language.
    #[must_use]
    pub fn from_process() -> Self {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let parsed = Self::try_parse_from(&arguments).map_err(Wrong::Parsed);
        match parsed.and_then(|cli| cli.checked().map_err(Wrong::Used)) {
            Ok(cli) => cli,
            Err(wrong) => words::end_with(wrong, &arguments),
        }
    }

    /// Whether the saved settings hold: those of the window, and in the terminal only where that was asked for. What a
    /// script does must not depend on what was chosen in a window.
    #[must_use]
    pub fn uses_settings(&self) -> bool {
        match &self.command {
            None => true,
            Some(Command::Listen(args)) => args.conn.settings,
            Some(Command::Connect(args)) => args.conn.settings,
            Some(
                Command::Interfaces(_)
                | Command::History(_)
                | Command::Nearby(_)
                | Command::Lan(_)
                | Command::Say(_)
                | Command::Verify(_),
            ) => false,
        }
    }

    fn checked(self) -> Result<Self, WrongUse> {
        let ports = self.lan_port.is_some() || self.beacon_port.is_some() || self.tls_keys.is_some();
        let of_window = self.listen.is_some() || self.connect.is_some() || self.frame_log.is_some() || ports;
        let wrong = match &self.command {
            Some(_) if of_window => Some(WrongUse::OfTheWindow),
            Some(Command::Listen(ListenArgs { address: Some(address), port: Some(_), .. })) => {
                address.port.is_some().then_some(WrongUse::PortTwice)
            }
            Some(Command::Connect(ConnectArgs { peer, udp: false, .. })) if peer.many().is_some() => {
                peer.many().map(WrongUse::Many)
            }
            Some(Command::Connect(ConnectArgs { peer, port: Some(port), .. })) => match port {
                0 => Some(WrongUse::PortZero),
                _ => peer.port.is_some().then_some(WrongUse::PortTwice),
            },
            _ => None,
        };
        wrong.map_or(Ok(self), Err)
    }
}

/// Arguments that are right by themselves, but not together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum WrongUse {
    #[error("--listen, --connect, --frame-log, and ports before a subcommand are for the window, not for a subcommand")]
    OfTheWindow,
    #[error("the port was given twice")]
    PortTwice,
    #[error("nobody can be reached at port 0: ports are numbers from 1 to 65535")]
    PortZero,
    #[error("{0} stands for many computers at once; TCP connects two")]
    Many(IpAddr),
}

impl WrongUse {
    fn into_clap(self) -> clap::Error {
        let kind = if self == Self::OfTheWindow { ErrorKind::ArgumentConflict } else { ErrorKind::ValueValidation };
        Cli::command().error(kind, self)
    }
}

impl ConnectArgs {
    /// Whom to connect to: host and port, the usual one if none was given.
    #[must_use]
    pub fn target(&self) -> (String, u16) {
        (self.peer.host.clone(), self.port.or(self.peer.port).unwrap_or(USUAL_PORT))
    }

    /// How the conversation is held with these settings.
    ///
    /// # Errors
    /// If there is no interface of the zone that was given with the address to connect from.
    pub fn manner(&self, settings: &Settings) -> Result<ConversationOptions, AddressError> {
        let mut manner = self.conn.manner(settings);
        manner.options.local = match self.bind {
            Some(ListenAddress { ip: Some(ip), port }) => Some(ip.with_port(port.unwrap_or(0), interface_number)?),
            Some(ListenAddress { ip: None, port }) => Some(([0, 0, 0, 0], port.unwrap_or(0)).into()),
            None => None,
        };
        manner.options.connect_limit = self.connect_timeout;
        manner.reconnect = self.reconnect;
        Ok(manner)
    }
}

impl ListenArgs {
    /// The address to bind to: what was given, the rest as saved.
    ///
    /// # Errors
    /// If there is no interface of the zone that was given.
    pub fn bind_to(&self, saved: &Settings) -> Result<SocketAddr, AddressError> {
        let given = self.address.map(|address| ListenAddress { port: address.port.or(self.port), ..address });
        let address = ListenAddress::over(given, saved)?;
        let is_any = given.is_none_or(|given| given.ip.is_none()) && saved.listen_on == ListenOn::AllInterfaces;
        // Where no address was asked for, the one that serves both families, if this system has both.
        if is_any && host::has_ipv6() { Ok((Ipv6Addr::UNSPECIFIED, address.port()).into()) } else { Ok(address) }
    }

    /// Who may connect.
    #[must_use]
    pub fn admission(&self) -> Admission {
        let all = |lists: &[Networks]| lists.iter().flat_map(|list| list.0.iter().copied()).collect();
        Admission { allow: all(&self.allow), deny: all(&self.deny) }
    }

    /// The settings to begin with, changed by what was given. The address is apart: [`Self::bind_to`].
    #[must_use]
    pub fn over(&self, saved: Settings) -> Settings {
        let saved = self.conn.over(saved);
        Settings {
            backlog: self.backlog.unwrap_or(saved.backlog),
            max_clients: self.max_clients.map_or(saved.max_clients, |most| most as usize),
            relay: match (self.relay, self.relay_names) {
                (_, true) => Relay::Named,
                (true, false) => Relay::Plain,
                (false, false) => saved.relay,
            },
            ..saved
        }
    }
}

impl ListenAddress {
    /// The address to bind to: what was given, the rest as saved.
    ///
    /// # Errors
    /// If there is no interface of the zone that was given.
    pub fn over(given: Option<Self>, saved: &Settings) -> Result<SocketAddr, AddressError> {
        let Self { ip, port } = given.unwrap_or_default();
        let ip = ip.unwrap_or_else(|| saved.listen_on.zoned_ip());
        ip.with_port(port.unwrap_or(saved.port), interface_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::LineEnding,
        settings::AutoReplyChoice,
        wire::{Framing, text::TextEncoding},
    };

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        let cli = Cli::try_parse_from(line.split_whitespace())?;
        cli.checked().map_err(WrongUse::into_clap)
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_address_to_listen_on_may_leave_out_what_is_saved() {
        let saved = Settings { port: 10_000, ..Settings::default() };
        let at = |text: &str| ListenAddress::over(Some(text.parse().expect(text)), &saved).expect(text).to_string();
        assert_eq!(at("127.0.0.1:8888"), "127.0.0.1:8888");
        assert_eq!(at("8888"), "0.0.0.0:8888");
        assert_eq!(at(":0"), "0.0.0.0:0");
        assert_eq!(at("[::1]:8888"), "[::1]:8888");
        assert_eq!(at("::1"), "[::1]:10000");
        assert_eq!(at("[::]"), "[::]:10000");
        assert_eq!(at("localhost:1"), "127.0.0.1:1");
        assert_eq!(at("192.168.1.5"), "192.168.1.5:10000");
        assert_eq!(ListenAddress::over(None, &saved).expect("saved").to_string(), "0.0.0.0:10000");
    }

    #[test]
    fn the_port_may_stand_by_itself() {
        let target = |line: &str| match parse(line).expect(line).command {
            Some(Command::Connect(args)) => args.target(),
            _ => panic!("not connect"),
        };
        for line in
            ["sockhop connect 127.0.0.1:9000", "sockhop connect 127.0.0.1 9000", "sockhop connect 127.0.0.1 ９０００"]
        {
            assert_eq!(target(line), ("127.0.0.1".to_owned(), 9000), "{line}");
        }
        assert_eq!(target("sockhop connect localhost"), ("localhost".to_owned(), USUAL_PORT));
        let Some(Command::Listen(args)) = parse("sockhop listen 127.0.0.1 9000").expect("valid").command else {
            panic!("not listen")
        };
        assert_eq!(args.bind_to(&Settings::default()).expect("an address").to_string(), "127.0.0.1:9000");
    }

    #[test]
    fn without_an_address_it_listens_on_both_families_where_there_are_both() {
        let at = |line: &str, saved: &Settings| match parse(line).expect(line).command {
            Some(Command::Listen(args)) => args.bind_to(saved).expect("an address").to_string(),
            _ => panic!("not listen"),
        };
        let all = if host::has_ipv6() { "[::]" } else { "0.0.0.0" };
        assert_eq!(at("sockhop listen 9000", &Settings::default()), format!("{all}:9000"));
        assert_eq!(at("sockhop listen", &Settings::default()), format!("{all}:8888"));
        assert_eq!(at("sockhop listen 0.0.0.0:9000", &Settings::default()), "0.0.0.0:9000");
        let here = Settings { listen_on: ListenOn::ThisComputer, ..Settings::default() };
        assert_eq!(at("sockhop listen 9000", &here), "127.0.0.1:9000");
    }

    #[test]
    fn a_client_s_own_address_may_be_a_port_alone() {
        let local = |line: &str| match parse(line).expect(line).command {
            Some(Command::Connect(args)) => {
                args.manner(&Settings::default()).expect("an address").options.local.expect("one").to_string()
            }
            _ => panic!("not connect"),
        };
        assert_eq!(local("sockhop connect a:1 --bind 4000"), "0.0.0.0:4000");
        assert_eq!(local("sockhop connect a:1 --bind 127.0.0.2"), "127.0.0.2:0");
        assert_eq!(local("sockhop connect a:1 --bind [::1]:4000"), "[::1]:4000");
    }

    #[test]
    fn where_a_message_ends_is_one_thing() {
        let settings = |line: &str| match parse(line).expect(line).command {
            Some(Command::Connect(args)) => args.conn.over(Settings::default()),
            _ => panic!("not connect"),
        };
        let framing = |line: &str| settings(line).framing.to_string();
        assert_eq!(framing(r"sockhop connect a:1 --delimiter ##\r\n"), "delimiter 23 23 0d 0a");
        assert_eq!(framing("sockhop connect a:1 --fixed 16"), "fixed 16");
        assert_eq!(framing("sockhop connect a:1 --prefix 4"), "length");
        assert_eq!(
            framing("sockhop connect a:1 --prefix 2 --prefix-order little --prefix-self --prefix-offset 4"),
            "length 2 little itself at 4"
        );
        assert_eq!(framing("sockhop connect a:1 --framing cr"), "cr");
        let quiet = settings("sockhop connect a:1 --framing quiet --quiet-ms 50");
        assert_eq!((quiet.framing, quiet.quiet_ms), (Framing::Quiet, 50));
        // What ends a message that comes ends one that is sent, too.
        let delimited = settings(r"sockhop connect a:1 --delimiter \x03");
        assert_eq!(delimited.line_ending.bytes(delimited.encoding), b"\x03");
        let other = settings(r"sockhop connect a:1 --delimiter \x03 --line-ending cr");
        assert_eq!(other.line_ending, LineEnding::Cr);
        let raw = settings("sockhop connect a:1 --raw");
        assert_eq!((raw.framing, raw.line_ending), (Framing::Chunk, LineEnding::None));
        assert_eq!(raw.encoding, TextEncoding::default());
    }

    #[test]
    fn an_interface_that_there_is_not_is_told() {
        let none = ListenAddress::over("[fe80::1%nosuch0]:80".parse().ok(), &Settings::default());
        assert_eq!(none, Err(AddressError::NoSuchZone("nosuch0".to_owned())));
    }

    #[test]
    fn what_is_not_given_comes_from_the_saved_settings() {
        let saved = Settings {
            backlog: 7,
            framing: Framing::Chunk,
            auto_reply: AutoReplyChoice::Echo,
            half_open: true,
            ..Settings::default()
        };
        let cli = parse("sockhop listen 1 --max-clients 3 --encoding gbk --line-ending crlf").expect("valid");
        let Some(Command::Listen(args)) = cli.command else { panic!("not listen") };
        let settings = args.over(saved.clone());
        assert_eq!((settings.backlog, settings.max_clients), (7, 3));
        assert_eq!((settings.framing, settings.encoding.name()), (Framing::Chunk, "GBK"));
        assert_eq!(settings.line_ending, LineEnding::Crlf);
        assert_eq!((settings.auto_reply, settings.half_open), (AutoReplyChoice::Echo, true));
        assert_eq!(settings.peer_timeout, 60);
        let cli = parse("sockhop connect a:1 --reply hi --peer-timeout 0").expect("valid");
        let Some(Command::Connect(args)) = cli.command else { panic!("not connect") };
        let settings = args.conn.over(saved);
        assert_eq!(settings.conn_options().peer_timeout, None);
        assert_eq!((settings.auto_reply, settings.reply_text.as_str()), (AutoReplyChoice::Text, "hi"));
    }

    #[test]
    fn the_data_folder_and_the_language_stand_before_or_after_a_subcommand() {
        for line in ["sockhop --data-dir d --lang zh-CN listen", "sockhop listen --data-dir d --lang zh-CN"] {
            let cli = parse(line).expect(line);
            assert_eq!(cli.data_dir, Some(PathBuf::from("d")));
            assert_eq!(cli.lang, Some(Language::Chinese));
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for line in [
            "sockhop listen --backlog 0",
            "sockhop listen --max-clients 20001",
            "sockhop listen --recv-size 0",
            "sockhop listen --peer-timeout 2",
            "sockhop listen --peer-timeout 86401",
            "sockhop connect a:1 --peer-timeout soon",
            "sockhop listen --framing words",
            "sockhop listen --encoding klingon",
            "sockhop listen --reply a --echo",
            "sockhop listen --reply a --no-reply",
            "sockhop listen --raw --json",
            "sockhop listen --send-only --receive-only",
            "sockhop listen --delimiter a --fixed 3",
            "sockhop listen --framing line --prefix 2",
            "sockhop listen --prefix 3",
            "sockhop listen --prefix-order little",
            "sockhop listen --delimiter \\q",
            "sockhop listen --fixed 0",
            "sockhop listen --quiet-ms 0",
            "sockhop listen --idle 0",
            "sockhop listen --allow lan",
            "sockhop listen --deny @/nowhere",
            "sockhop listen --once --relay",
            "sockhop listen --bind 1",
            "sockhop connect a:1 --probe --reconnect",
            "sockhop connect a:1 --connect-timeout soon",
            "sockhop connect a:no-such-service",
            "sockhop listen a.example:80",
            "sockhop connect",
            "sockhop connect 127.1",
            "sockhop connect a:1 2",
            "sockhop connect a b",
            "sockhop connect a 0",
            "sockhop listen 1 2",
            "sockhop listen 224.0.0.1",
            "sockhop connect a:1 --backlog 5",
            "sockhop --lang fr",
            "sockhop --listen 1 interfaces",
            "sockhop speak",
            "sockhop history",
            "sockhop history search",
            "sockhop history export x",
            "sockhop history export --format pdf",
        ] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }
}
