//! The smallest programs for the other end of a connection: Python as the course writes it, Rust, and `nc`.

mod nc;
mod python;
mod rust;

use std::net::IpAddr;

pub use python::{codec_name as python_codec, quoted as python_string};

use crate::{
    chat::LineEnding,
    wire::{
        Framing, mark,
        text::{self, TextEncoding},
    },
};

/// In which language a program is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python 3 with its standard library.
    #[default]
    Python,
    /// Rust with its standard library.
    Rust,
    /// A command for a shell, with OpenBSD's `nc`.
    Nc,
}

impl Language {
    /// All, the course's own first.
    pub const ALL: [Self; 3] = [Self::Python, Self::Rust, Self::Nc];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Nc => "nc",
        }
    }

    /// How the names of its files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Rust => "rs",
            Self::Nc => "sh",
        }
    }

    /// What a comment begins with.
    #[must_use]
    pub fn comment(self) -> &'static str {
        match self {
            Self::Python | Self::Nc => "# ",
            Self::Rust => "// ",
        }
    }
}

/// Which end of the connection the program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It connects, says [`GREETINGS`], and waits for one message.
    Client,
    /// It listens, accepts one client, waits for one message, and answers with [`ANSWERS`].
    Server,
}

/// What a client says: the first that the encoding has bytes for.
pub const GREETINGS: [&str; 2] = ["你好", "hello"];

/// What a server answers: the first that the encoding has bytes for.
pub const ANSWERS: [&str; 2] = ["数据已收到", "received"];

/// What stands in the programs in the user's language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// What a server says when it listens, before its address.
    pub listening: String,
    /// What the bytes written out in a program are, and that received ones are printed as bytes.
    pub as_bytes: String,
    /// What happens to what is typed into `nc`.
    pub typed_lines: String,
    /// The same, where the first message is in the command.
    pub typed_after: String,
    /// That `iconv` shows what came when the connection ends.
    pub shown_late: String,
}

/// A program to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which end it is.
    pub role: Role,
    /// The IP address or name it connects to or listens on.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The encoding of its text.
    pub encoding: TextEncoding,
    /// Where its messages end.
    pub framing: Framing,
    /// What it receives is ended by this, where the length does not say where it ends.
    pub ending: LineEnding,
    /// What stands in it in the user's language.
    pub remarks: Remarks,
}

impl Wanted {
    /// The program.
    #[must_use]
    pub fn write(&self, language: Language) -> String {
        match language {
            Language::Python => python::write(self),
            Language::Rust => rust::write(self),
            Language::Nc => nc::write(self),
        }
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self, language: Language) -> String {
        let name = match self.role {
            Role::Client => "client",
            Role::Server => "server",
        };
        format!("{name}.{}", language.extension())
    }

    /// The text that it sends, without framing.
    #[must_use]
    pub fn text(&self) -> &'static str {
        let [first, other] = match self.role {
            Role::Client => GREETINGS,
            Role::Server => ANSWERS,
        };
        if text::encode(first, self.encoding).unmappable.is_none() { first } else { other }
    }

    /// The text with the line ending that it has with line framing.
    fn line(&self) -> String {
        let ending = match self.framing {
            // The other side waits for the end of the line.
            Framing::Line => self.ending.line_break().filter(|ending| ending.ends_with('\n')).unwrap_or("\n"),
            Framing::Cr => "\r",
            Framing::Chunk | Framing::Length(_) | Framing::Delimiter(_) | Framing::Fixed(_) | Framing::Quiet => "",
        };
        format!("{}{ending}", self.text())
    }

    /// What is behind the text that it sends, as bytes.
    fn delimiter(&self) -> &[u8] {
        if let Framing::Delimiter(delimiter) = &self.framing { delimiter.as_slice() } else { &[] }
    }

    /// What ends the message that it receives; `None` where it takes what one `recv` gives, or a length says it.
    fn received_ending(&self) -> Option<Vec<u8>> {
        match self.framing {
            Framing::Line => Some(text::encode("\n", self.encoding).bytes),
            Framing::Cr | Framing::Delimiter(_) | Framing::Quiet => {
                Some(self.ending.bytes(self.encoding)).filter(|ending| !ending.is_empty())
            }
            Framing::Chunk | Framing::Length(_) | Framing::Fixed(_) => None,
        }
    }

    /// Where it connects to or listens, as one writes it: an IPv6 address in brackets.
    #[must_use]
    pub fn address(&self) -> String {
        let (host, port) = (&self.host, self.port);
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    fn is_ipv6(&self) -> bool {
        // A link-local address may have the name of an interface behind it.
        let address = self.host.split('%').next().unwrap_or_default();
        matches!(address.parse(), Ok(IpAddr::V6(_)))
    }

    fn is_utf_8(&self) -> bool {
        self.encoding == TextEncoding::default()
    }
}

/// A remark as a comment, on one line.
fn comment(language: Language, remark: &str) -> String {
    let on_one_line: String = remark.chars().map(|c| if mark(c).is_some() { ' ' } else { c }).collect();
    format!("{}{on_one_line}\n", language.comment())
}
