//! What keeps a server from a port on which nobody listens, in the user's language.

use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{Facts, diagnoses};
use crate::{host::PortHeld, i18n::Words};

/// What to do about it, for a server that could not have the port.
pub(super) fn todo(words: &Words, facts: &Facts) -> String {
    match &facts.port_held {
        None | Some(PortHeld::Listening { .. }) => fl!(words, "error-address-in-use-todo"),
        Some(PortHeld::Connections { count, ours: true, .. }) => fl!(words, "held-by-own", count = count.to_owned()),
        Some(PortHeld::Connections { count, owner: Some(owner), .. }) => {
            let program = diagnoses::process(words, owner);
            fl!(words, "held-by-connections", program = program, count = count.to_owned())
        }
        Some(PortHeld::Connections { .. }) => fl!(words, "held-by-kernel"),
        Some(PortHeld::TimeWait { ends: None }) => fl!(words, "held-time-wait-untold"),
        Some(PortHeld::TimeWait { ends: Some(ends) }) => {
            let seconds = seconds_left(*ends);
            // With it, only a socket without it keeps us off (`inet_csk_bind_conflict` in `net/ipv4`).
            if facts.reuse_address == Some(true) {
                fl!(words, "held-time-wait", seconds = seconds)
            } else {
                fl!(words, "held-time-wait-unset", seconds = seconds)
            }
        }
    }
}

/// What holds the port that our server has left; nothing where nothing does.
#[must_use]
pub fn left(words: &Words, held: &PortHeld, port: u16) -> Option<String> {
    let port = port.to_string();
    match held {
        PortHeld::Connections { count, .. } => {
            Some(fl!(words, "left-connections", port = port, count = count.to_owned()))
        }
        PortHeld::TimeWait { ends: Some(ends) } => {
            Some(fl!(words, "left-time-wait", port = port, seconds = seconds_left(*ends)))
        }
        PortHeld::Listening { .. } | PortHeld::TimeWait { ends: None } => None,
    }
}

/// Whole seconds until then.
#[must_use]
pub fn seconds_left(ends: Timestamp) -> u64 {
    u64::try_from(ends.duration_since(Timestamp::now()).as_millis()).unwrap_or(0).div_ceil(1000)
}
