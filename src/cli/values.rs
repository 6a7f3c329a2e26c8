//! Values of arguments: how each is read, and why one can't be used.

use std::{fs, io::Read as _, net::IpAddr, time::Duration};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{AddressError, PeerAddress};
use crate::{
    chat::{Group, LEAST_PEER_TIMEOUT, MOST_PEER_TIMEOUT, Network, NotANetwork},
    history::Format,
    host,
    net::interface_number,
    private_file,
    settings::may_be_peer_timeout,
    wire::{
        EscapeError, FixedLength, Framing, LONGEST_DELIMITER, LONGEST_MESSAGE, PrefixWidth, decode_escapes,
        text::{OFFERED, TextEncoding},
    },
};

/// The longest time that can be asked for: a day.
const LONGEST: Duration = Duration::from_hours(24);

/// Bytes of a file with networks, at most: a longer one is none.
const LONGEST_LIST: u64 = 1024 * 1024;

/// Why a value of ours can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WrongValue {
    #[error("not 0, and not a number from {least} to {most}", least = LEAST_PEER_TIMEOUT.as_secs(), most = MOST_PEER_TIMEOUT.as_secs())]
    PeerTimeout,
    #[error("not an encoding that can be sent; there are {}", OFFERED.map(TextEncoding::name).join(", "))]
    Encoding,
    #[error("not a number of seconds from 0.001 to {}", LONGEST.as_secs())]
    Seconds,
    #[error(transparent)]
    Escapes(EscapeError),
    #[error("not 1 to {LONGEST_DELIMITER} bytes")]
    DelimiterLength,
    #[error("not a number from 1 to {LONGEST_MESSAGE}")]
    Fixed,
    #[error(transparent)]
    Network(#[from] NotANetwork),
    #[error("{path} cannot be read: {why}")]
    NetworkFile { path: String, why: String },
    #[error("no multicast address: 224.0.0.0 to 239.255.255.255, or one that begins with ff")]
    Group,
}

/// A multicast group as it was typed, with the interface to join it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupArg {
    ip: IpAddr,
    interface: Option<String>,
}

impl GroupArg {
    /// The group, on the interface of that name.
    ///
    /// # Errors
    /// If there is no interface of that name.
    pub fn group(&self) -> Result<Group, AddressError> {
        let number = self
            .interface
            .as_ref()
            .map(|name| interface_number(name).ok_or_else(|| AddressError::NoSuchZone(name.clone())));
        Ok(Group { ip: self.ip, interface: number.transpose()?.unwrap_or(0) })
    }
}

impl std::str::FromStr for GroupArg {
    type Err = NoGroup;

    fn from_str(text: &str) -> Result<Self, NoGroup> {
        let (ip, interface) = match text.split_once('%') {
            Some((ip, interface)) => (ip, Some(interface.to_owned())),
            None => (text, None),
        };
        let ip: IpAddr = ip.trim_matches(['[', ']']).parse().map_err(|_| NoGroup)?;
        if ip.is_multicast() { Ok(Self { ip, interface }) } else { Err(NoGroup) }
    }
}

/// What was typed is no multicast address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoGroup;

pub(super) fn group(text: &str) -> Result<GroupArg, WrongValue> {
    text.parse().map_err(|NoGroup| WrongValue::Group)
}

/// What ends a message, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelimiterText(String);

impl DelimiterText {
    /// Its bytes in that encoding.
    #[must_use]
    pub fn bytes(&self, encoding: TextEncoding) -> Vec<u8> {
        // In an encoding without them, characters are taken as the terminal has them.
        decode_escapes(&self.0, encoding)
            .or_else(|_| decode_escapes(&self.0, TextEncoding::default()))
            .unwrap_or_default()
    }
}

/// Networks of one argument: one of them, or those of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Networks(pub Vec<Network>);

pub(super) fn delimiter(text: &str) -> Result<DelimiterText, WrongValue> {
    let bytes = decode_escapes(text, TextEncoding::default()).map_err(WrongValue::Escapes)?;
    if (1..=LONGEST_DELIMITER).contains(&bytes.len()) {
        Ok(DelimiterText(text.to_owned()))
    } else {
        Err(WrongValue::DelimiterLength)
    }
}

pub(super) fn fixed(text: &str) -> Result<FixedLength, WrongValue> {
    text.parse().ok().and_then(FixedLength::new).ok_or(WrongValue::Fixed)
}

pub(super) fn prefix_width() -> impl TypedValueParser<Value = PrefixWidth> {
    PossibleValuesParser::new(["1", "2", "4"]).map(|width| match width.as_str() {
        "1" => PrefixWidth::One,
        "2" => PrefixWidth::Two,
        _ => PrefixWidth::Four,
    })
}

pub(super) fn framing() -> impl TypedValueParser<Value = Framing> {
    PossibleValuesParser::new(["line", "cr", "chunk", "length", "quiet"])
        .map(|name| name.parse().unwrap_or(Framing::Line))
}

pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["text", "csv", "jsonl", "raw"]).map(|name| match name.as_str() {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        "raw" => Format::RawReceived,
        _ => Format::Text,
    })
}

pub(super) fn peer_timeout(text: &str) -> Result<u64, WrongValue> {
    text.parse().ok().filter(|seconds| may_be_peer_timeout(*seconds)).ok_or(WrongValue::PeerTimeout)
}

pub(super) fn encoding(label: &str) -> Result<TextEncoding, WrongValue> {
    TextEncoding::named(label).ok_or(WrongValue::Encoding)
}

/// Seconds, also a part of one.
pub(super) fn seconds(text: &str) -> Result<Duration, WrongValue> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| (Duration::from_millis(1)..=LONGEST).contains(duration)).ok_or(WrongValue::Seconds)
}

/// An address or a network, or `@FILE` with one on each line; what is behind `#` is a comment.
pub(super) fn networks(text: &str) -> Result<Networks, WrongValue> {
    let Some(path) = text.strip_prefix('@') else { return Ok(Networks(vec![text.parse()?])) };
    let read = || {
        private_file::check_plain(path.as_ref())?;
        let mut listed = String::new();
        fs::File::open(path)?.take(LONGEST_LIST).read_to_string(&mut listed)?;
        Ok::<_, std::io::Error>(listed)
    };
    let listed = read().map_err(|error| WrongValue::NetworkFile { path: path.to_owned(), why: error.to_string() })?;
    let lines = listed.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let networks = lines.filter(|line| !line.is_empty()).map(str::parse).collect::<Result<_, NotANetwork>>()?;
    Ok(Networks(networks))
}

/// Whom to connect to; with UDP also many at once, which is looked at again with the other arguments.
pub(super) fn peer_address(text: &str) -> Result<PeerAddress, AddressError> {
    match host::peer_address(text) {
        Err(AddressError::Many(_)) => PeerAddress::of_datagrams(text),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_seconds_may_be_a_part_of_one() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("90"), Ok(Duration::from_secs(90)));
        for wrong in ["0", "-1", "soon", "1e99", "nan", "86401", ""] {
            assert_eq!(seconds(wrong), Err(WrongValue::Seconds), "{wrong}");
        }
    }

    #[test]
    fn a_delimiter_is_read_with_its_escapes() {
        let bytes = |text: &str| delimiter(text).map(|text| text.bytes(TextEncoding::default()));
        assert_eq!(bytes(r"\r"), Ok(b"\r".to_vec()));
        assert_eq!(bytes(r"\x03"), Ok(b"\x03".to_vec()));
        assert_eq!(bytes(r"##\r\n"), Ok(b"##\r\n".to_vec()));
        assert_eq!(delimiter(""), Err(WrongValue::DelimiterLength));
        assert!(matches!(delimiter(r"\q"), Err(WrongValue::Escapes(_))));
        let gbk = TextEncoding::named("gbk").unwrap();
        assert_eq!(delimiter("。").unwrap().bytes(gbk), b"\xa1\xa3");
    }

    #[test]
    fn networks_may_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("allowed");
        fs::write(&path, "127.0.0.1 # this computer\n\n# the classroom\n192.168.1.0/24\n").unwrap();
        let of_file = networks(&format!("@{}", path.display())).unwrap();
        assert_eq!(of_file.0.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1/32", "192.168.1.0/24"]);
        assert!(matches!(networks("@/nowhere"), Err(WrongValue::NetworkFile { .. })));
        assert!(matches!(networks("@/dev/zero"), Err(WrongValue::NetworkFile { .. })));
        assert!(matches!(networks("lan"), Err(WrongValue::Network(_))));
    }
}
