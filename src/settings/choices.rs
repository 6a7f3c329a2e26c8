//! What the user chose, kept in `settings.toml` and written whole at every change.

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::atomic_file::{self, write_atomically};
use crate::{
    chat::{
        AutoReply, ConnOptions, ConversationOptions, LineEnding, MAX_CLIENTS, MOST_CLIENTS, RECV_SIZE, address::ZonedIp,
    },
    wire::{
        Framing,
        text::{self, TextEncoding},
    },
};

/// Text sizes that may be chosen, in percent.
pub const TEXT_SIZES: std::ops::RangeInclusive<u16> = 80..=200;

/// The most bytes that one `recv` may ask for.
pub const LARGEST_RECV: usize = 1024 * 1024;

/// What the user chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// Encoding of text, sent and received.
    pub encoding: TextEncoding,
    /// Where a received message ends.
    pub framing: Framing,
    /// What is added to each message sent with line framing.
    pub line_ending: LineEnding,
    /// Bytes for one recv, 1 to [`LARGEST_RECV`].
    pub recv_size: usize,
    /// What is answered to each message.
    pub auto_reply: AutoReplyChoice,
    /// The text of a fixed answer.
    pub reply_text: String,
    /// Keep our side open when the peer finishes sending.
    pub half_open: bool,
    /// Keep conversations in the history.
    pub keep_history: bool,
    /// How old messages in the history grow before they are removed.
    pub remove_after: RemoveAfter,
    /// Show the inspector.
    pub inspector: bool,
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
    /// The labs done to their end, by their ids.
    pub labs_done: Vec<String>,
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
            encoding: TextEncoding::default(),
            framing: Framing::Line,
            line_ending: LineEnding::Lf,
            recv_size: RECV_SIZE,
            auto_reply: AutoReplyChoice::Off,
            reply_text: "数据已收到".to_owned(),
            half_open: false,
            keep_history: true,
            remove_after: RemoveAfter::Never,
            inspector: false,
            language: Language::System,
            theme: Theme::System,
            text_size: 100,
            presenter_text_size: 160,
            last_peer: String::new(),
            labs_done: Vec::new(),
            window: WindowPlace::default(),
        }
    }
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
#[serde(default, deny_unknown_fields)]
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

/// A settings file that could not be used, and where it was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// What is wrong with it, in one line.
    pub why: String,
    /// Where it is now; `None` if it could not be moved and is still there.
    pub set_aside: Option<PathBuf>,
}

/// Settings could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct SaveError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Settings {
    /// Settings from a file; defaults where there is none. A file that can't be used is set aside.
    #[must_use]
    pub fn load(path: &Path) -> (Self, Option<Damaged>) {
        match Self::read(path) {
            Ok(settings) => (settings, None),
            Err(why) => (Self::default(), Some(set_aside(path, why))),
        }
    }

    /// Settings from a file, which stays as it is; defaults where there is none.
    ///
    /// # Errors
    /// Where the file can't be used: why, in one line.
    pub fn read(path: &Path) -> Result<Self, String> {
        match fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str::<Self>(&text).map_err(|error| error.message().to_owned()).and_then(Self::checked)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Write them all, whole or not at all: to a file beside, which then takes the place of the old one.
    ///
    /// # Errors
    /// Where the folder can't be written to.
    pub fn save(&self, path: &Path) -> Result<(), SaveError> {
        let write = || -> io::Result<()> {
            let text = toml::to_string_pretty(self).map_err(io::Error::other)?;
            write_atomically(path, text.as_bytes())
        };
        write().map_err(|source| SaveError { path: path.to_owned(), source })
    }

    /// How a conversation with these settings begins.
    #[must_use]
    pub fn conversation_options(&self) -> ConversationOptions {
        let (encoding, line_ending) = (self.encoding, self.line_ending);
        ConversationOptions { encoding, line_ending, options: self.conn_options() }
    }

    /// What a connection with these settings does on its own.
    #[must_use]
    pub fn conn_options(&self) -> ConnOptions {
        ConnOptions {
            framing: self.framing,
            unit: self.encoding.unit(),
            recv_size: self.recv_size,
            auto_reply: match self.auto_reply {
                AutoReplyChoice::Off => AutoReply::Off,
                AutoReplyChoice::Echo => AutoReply::Echo,
                AutoReplyChoice::Text => AutoReply::Fixed(
                    text::encode_message(&self.reply_text, self.encoding, self.framing, self.line_ending.text())
                        .bytes
                        .into(),
                ),
            },
            half_open: self.half_open,
        }
    }

    fn checked(self) -> Result<Self, String> {
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
        for (name, size) in [("text_size", self.text_size), ("presenter_text_size", self.presenter_text_size)] {
            range(name, size.into(), (*TEXT_SIZES.start()).into(), (*TEXT_SIZES.end()).into())?;
        }
        Ok(self)
    }
}

/// Sets the file aside, if that can be done.
fn set_aside(path: &Path, why: String) -> Damaged {
    Damaged { why, set_aside: atomic_file::set_aside(path).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_saved() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("settings.toml");
        let settings = Settings {
            listen_on: ListenOn::Address("fe80::1%eth0".parse()?),
            port: 10000,
            backlog: 128,
            reply_text: "收到 \"quoted\"\n".to_owned(),
            language: Language::Chinese,
            window: WindowPlace { position: Some((-5, 7)), size: (1024, 640), maximized: true },
            ..Settings::default()
        };
        settings.save(&path)?;
        assert_eq!(Settings::load(&path), (settings, None));
        Ok(())
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_defaults_are_used() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("settings.toml");
        for text in ["port = [", "port = 99999", "backlog = 0", "\u{0}", "colour = 3"] {
            fs::write(&path, text)?;
            let (settings, damaged) = Settings::load(&path);
            assert_eq!(settings, Settings::default(), "{text:?}");
            let aside = damaged.and_then(|damaged| damaged.set_aside).ok_or("not set aside")?;
            assert_eq!(fs::read_to_string(aside)?, text);
            assert!(!path.exists());
        }
        Ok(())
    }

    #[test]
    fn no_file_means_defaults_and_no_notice() {
        assert_eq!(Settings::load(Path::new("/nonexistent/settings.toml")), (Settings::default(), None));
    }
}
