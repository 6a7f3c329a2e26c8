//! The address or name of another computer, as somebody typed it.

use std::{fmt, str::FromStr};

use crate::chat::address::{AddressError, LONGEST_HOST, PeerAddress, narrow};

/// An address or a name that may be handed to a program as an argument: it can't be taken for an option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Destination(String);

/// Why what was typed is no [`Destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Nothing was typed.
    #[error("an address or a name is missing")]
    Empty,
    /// It begins with `-`, as an option of a program does.
    #[error("neither an address nor a name begins with -")]
    Dash,
    /// No address and no name has this character.
    #[error("{0:?} is in no address and in no name")]
    Character(char),
    /// No name has more than 253 characters (RFC 1035 section 2.3.4, without the lengths in between).
    #[error("longer than any name")]
    TooLong,
    /// Something like an IPv4 address, which programs read in different ways: `127.1`.
    #[error("not a whole IPv4 address")]
    NotWhole,
}

impl Destination {
    /// The address or name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(typed: &str) -> Result<Self, DestinationError> {
        let typed = narrow(typed);
        let inside = typed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&typed);
        // Letters of any script, as in 例子.测试; `%` and what follows it is the zone of an IPv6 address.
        let strange = |character: char| !(character.is_alphanumeric() || ".-_:%".contains(character));
        if inside.is_empty() {
            Err(DestinationError::Empty)
        } else if inside.starts_with('-') {
            Err(DestinationError::Dash)
        } else if let Some(character) = inside.chars().find(|character| strange(*character)) {
            Err(DestinationError::Character(character))
        } else if inside.chars().count() > LONGEST_HOST {
            Err(DestinationError::TooLong)
        } else if matches!(inside.parse::<PeerAddress>(), Err(AddressError::NotWhole { .. })) {
            Err(DestinationError::NotWhole)
        } else {
            Ok(Self(inside.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_taken_as_people_type_them() {
        for (typed, read) in [
            (" 192.168.1.20 ", "192.168.1.20"),
            ("192。168。1。20", "192.168.1.20"),
            ("１２７．0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("[fe80::1%eth0]", "fe80::1%eth0"),
            ("localhost", "localhost"),
            ("my-pc_2.local", "my-pc_2.local"),
            ("例子.测试", "例子.测试"),
        ] {
            assert_eq!(typed.parse::<Destination>().as_ref().map(Destination::as_str), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_a_program_could_take_for_something_else_is_refused() {
        for (typed, error) in [
            ("", DestinationError::Empty),
            ("[]", DestinationError::Empty),
            ("-f", DestinationError::Dash),
            (" --help", DestinationError::Dash),
            ("[-f]", DestinationError::Dash),
            ("a b", DestinationError::Character(' ')),
            ("a;reboot", DestinationError::Character(';')),
            ("a\0b", DestinationError::Character('\0')),
            ("http://a", DestinationError::Character('/')),
            ("127.1", DestinationError::NotWhole),
            ("127.0.0.010", DestinationError::NotWhole),
        ] {
            assert_eq!(typed.parse::<Destination>(), Err(error), "{typed}");
        }
        assert_eq!("a".repeat(254).parse::<Destination>(), Err(DestinationError::TooLong));
        assert!("a".repeat(253).parse::<Destination>().is_ok());
    }
}
