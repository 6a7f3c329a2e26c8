//! What connections, listeners and messages are told apart by, in one run of the program.
//!
//! Core counts what it asks for, and the network thread what comes by itself; each counts alone, so that neither waits
//! for the other and core is the same in every run. Even ids are core's, odd ones the thread's.

/// A connection, accepted or asked for. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// A listening socket. Counted from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(pub u64);

/// A message sent. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

impl ConnId {
    /// The one that was asked for as the `count`th, from 1.
    #[must_use]
    pub const fn asked(count: u64) -> Self {
        Self(2 * count)
    }

    /// The one that was accepted as the `count`th, from 1.
    #[must_use]
    pub const fn accepted(count: u64) -> Self {
        Self(2 * count - 1)
    }

    /// Which one it is of those accepted, or of those asked for, from 1: what people and scripts are told.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0.div_ceil(2)
    }
}

impl MessageId {
    /// The one that was asked for as the `count`th, from 1.
    #[must_use]
    pub const fn asked(count: u64) -> Self {
        Self(2 * count)
    }

    /// The automatic reply that was the `count`th, from 1.
    #[must_use]
    pub const fn reply(count: u64) -> Self {
        Self(2 * count - 1)
    }
}

impl serde::Serialize for ConnId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_and_what_comes_by_itself_never_have_the_same_id() {
        let conns: Vec<u64> = (1..4).flat_map(|count| [ConnId::accepted(count).0, ConnId::asked(count).0]).collect();
        assert_eq!(conns, [1, 2, 3, 4, 5, 6]);
        let messages: Vec<u64> =
            (1..4).flat_map(|count| [MessageId::reply(count).0, MessageId::asked(count).0]).collect();
        assert_eq!(messages, [1, 2, 3, 4, 5, 6]);
        assert_eq!([ConnId::accepted(7).number(), ConnId::asked(7).number()], [7, 7]);
    }
}
