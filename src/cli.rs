//! The command line: commands, flags, and what they change of the settings.

mod words;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand, error::ErrorKind};

use crate::{
    chat::{LEAST_PEER_TIMEOUT, LineEnding, MOST_PEER_TIMEOUT},
    history::Format,
    net::{MOST_CLIENTS, interface_number},
    settings::{AutoReplyChoice, LARGEST_RECV, Language, Settings, may_be_peer_timeout},
    wire::{
        Framing,
        text::{OFFERED, TextEncoding},
    },
};

use words::Wrong;

pub use crate::chat::address::{AddressError, ListenAddress, PeerAddress, USUAL_PORT};

/// Chat over a bare TCP socket, and see what the socket does.
#[derive(Clone, Debug, Parser)]
#[command(name = "sockhop", version, about, max_term_width = 100)]
pub struct Cli {
    /// Listen as soon as the window is open
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<ListenAddress>,

    /// Connect as soon as the window is open
    #[arg(long, value_name = "HOST:PORT")]
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

    /// Without one, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do in the terminal.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Wait for clients, in the terminal; each line typed goes to all of them
    Listen(ListenArgs),
    /// Connect to a server, in the terminal; each line typed goes to it
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
    /// Address and port to listen on, or only a port; port 0 takes any free one, and without any it is 0.0.0.0:8888
    #[arg(value_name = "ADDR:PORT")]
    pub address: Option<ListenAddress>,

    /// The port, where it is not written with the address
    #[arg(value_name = "PORT", value_parser = lone_port)]
    pub port: Option<u16>,

    /// Connections that the system may hold before they are accepted; 5 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    pub backlog: Option<u32>,

    /// Clients at once; 1024 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_CLIENTS as i64))]
    pub max_clients: Option<u32>,

    /// For each client.
    #[command(flatten)]
    pub conn: ConnArgs,
}

/// `sockhop connect`
#[derive(Clone, Debug, Args)]
pub struct ConnectArgs {
    /// Name or address, and port, of the server; without a port, 8888
    #[arg(value_name = "HOST:PORT")]
    pub peer: PeerAddress,

    /// The port, where it is not written with the address
    #[arg(value_name = "PORT", value_parser = lone_port)]
    pub port: Option<u16>,

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
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format_parser())]
    pub format: Format,

    /// Write to this file, whole or not at all; what is there is replaced
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `sockhop nearby`
#[derive(Clone, Debug, Args)]
pub struct NearbyArgs {
    /// How long to look, in seconds
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop lan`
#[derive(Clone, Debug, Args)]
pub struct LanArgs {
    /// What others see; this computer’s name by default
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Print one JSON object a line, and take one a line: {"say":"text","to":"NAME or id"}
    #[arg(long)]
    pub json: bool,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop say`
#[derive(Clone, Debug, Args)]
pub struct SayArgs {
    /// The person’s name, or the id that `nearby --json` prints
    #[arg(value_name = "NAME")]
    pub person: String,

    /// The text; it may have many lines
    #[arg(value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub said: String,

    /// How long to wait until it is delivered, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub wait: u64,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop verify`
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    /// The person’s name, or the id that `nearby --json` prints
    #[arg(value_name = "NAME")]
    pub person: String,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// Where to be on this network.
#[derive(Clone, Copy, Debug, Args)]
pub struct PortArgs {
    /// TCP port where encrypted links are taken; any free one if it is in use
    #[arg(long, value_name = "PORT", default_value_t = crate::lan::LAN_PORT)]
    pub lan_port: u16,

    /// UDP port of beacons; only those with the same one find each other
    #[arg(long, value_name = "PORT", default_value_t = crate::lan::BEACON_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub beacon_port: u16,
}

/// What `listen` and `connect` have in common. What is not given is as [`Settings::default`] has it, whatever the
/// window's settings are, unless `--settings` is given.
#[derive(Clone, Debug, Default, Args)]
pub struct ConnArgs {
    /// What is not given here comes from the window’s saved settings, not from the defaults
    #[arg(long)]
    pub settings: bool,

    /// Where a received message ends; by default at the end of a line
    #[arg(long, value_parser = framing_parser())]
    pub framing: Option<Framing>,

    /// Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<TextEncoding>,

    /// What is added to each line sent; LF by default
    #[arg(long)]
    pub line_ending: Option<LineEnding>,

    /// Bytes asked of each recv; 4096 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST_RECV as i64))]
    pub recv_size: Option<u32>,

    /// Answer each message with this text
    #[arg(long, value_name = "TEXT", conflicts_with = "echo")]
    pub reply: Option<String>,

    /// Answer each message with itself
    #[arg(long)]
    pub echo: bool,

    /// Keep this end open when the peer finishes sending
    #[arg(long)]
    pub half_open: bool,

    /// Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default,
    /// 0 leaves it to this system
    #[arg(long, value_name = "SECONDS", value_parser = peer_timeout)]
    pub peer_timeout: Option<u64>,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
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
        let ports = self.lan_port.is_some() || self.beacon_port.is_some();
        let of_window = self.listen.is_some() || self.connect.is_some() || self.frame_log.is_some() || ports;
        let wrong = match &self.command {
            Some(_) if of_window => Some(WrongUse::OfTheWindow),
            Some(Command::Listen(ListenArgs { address: Some(address), port: Some(_), .. })) => {
                address.port.is_some().then_some(WrongUse::PortTwice)
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
}

impl WrongUse {
    fn into_clap(self) -> clap::Error {
        let kind = if self == Self::OfTheWindow { ErrorKind::ArgumentConflict } else { ErrorKind::ValueValidation };
        Cli::command().error(kind, self)
    }
}

/// Why a value of ours can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum WrongValue {
    #[error("not 0, and not a number from {least} to {most}", least = LEAST_PEER_TIMEOUT.as_secs(), most = MOST_PEER_TIMEOUT.as_secs())]
    PeerTimeout,
    #[error("not an encoding that can be sent; there are {}", OFFERED.map(TextEncoding::name).join(", "))]
    Encoding,
}

impl ConnectArgs {
    /// Whom to connect to: host and port, the usual one if none was given.
    #[must_use]
    pub fn target(&self) -> (String, u16) {
        (self.peer.host.clone(), self.port.or(self.peer.port).unwrap_or(USUAL_PORT))
    }
}

impl ListenArgs {
    /// The address to bind to: what was given, the rest as saved.
    ///
    /// # Errors
    /// If there is no interface of the zone that was given.
    pub fn bind_to(&self, saved: &Settings) -> Result<SocketAddr, AddressError> {
        let given = self.address.map(|address| ListenAddress { port: address.port.or(self.port), ..address });
        ListenAddress::over(given, saved)
    }

    /// The settings to begin with, changed by what was given. The address is apart: [`Self::bind_to`].
    #[must_use]
    pub fn over(&self, saved: Settings) -> Settings {
        let saved = self.conn.over(saved);
        Settings {
            backlog: self.backlog.unwrap_or(saved.backlog),
            max_clients: self.max_clients.map_or(saved.max_clients, |most| most as usize),
            ..saved
        }
    }
}

impl ConnArgs {
    /// The settings to begin with, changed by what was given.
    #[must_use]
    pub fn over(&self, saved: Settings) -> Settings {
        let (auto_reply, reply_text) = match &self.reply {
            Some(text) => (AutoReplyChoice::Text, text.clone()),
            None if self.echo => (AutoReplyChoice::Echo, saved.reply_text),
            None => (saved.auto_reply, saved.reply_text),
        };
        Settings {
            framing: self.framing.unwrap_or(saved.framing),
            encoding: self.encoding.unwrap_or(saved.encoding),
            line_ending: self.line_ending.unwrap_or(saved.line_ending),
            recv_size: self.recv_size.map_or(saved.recv_size, |size| size as usize),
            auto_reply,
            reply_text,
            half_open: self.half_open || saved.half_open,
            peer_timeout: self.peer_timeout.unwrap_or(saved.peer_timeout),
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

/// A port that stands by itself.
fn lone_port(text: &str) -> Result<u16, AddressError> {
    match text.parse()? {
        ListenAddress { ip: None, port: Some(port) } => Ok(port),
        _ => Err(AddressError::Port(text.to_owned())),
    }
}

fn framing_parser() -> impl clap::builder::TypedValueParser<Value = Framing> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(["line", "chunk", "length"]).map(|name| match name.as_str() {
        "chunk" => Framing::Chunk,
        "length" => Framing::Length,
        _ => Framing::Line,
    })
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(["text", "csv", "jsonl", "raw"]).map(|name| match name.as_str() {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        "raw" => Format::RawReceived,
        _ => Format::Text,
    })
}

fn peer_timeout(text: &str) -> Result<u64, WrongValue> {
    text.parse().ok().filter(|seconds| may_be_peer_timeout(*seconds)).ok_or(WrongValue::PeerTimeout)
}

fn encoding(label: &str) -> Result<TextEncoding, WrongValue> {
    TextEncoding::named(label).ok_or(WrongValue::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

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
