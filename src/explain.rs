//! Errors in the user's language: what failed, and what to do about it.

mod address;
mod case;
pub mod diagnoses;
mod exceptions;
mod facts;
pub mod held;
mod mistake;
mod pasted;
mod people;
mod system_words;

use std::net::{IpAddr, SocketAddr};

pub use address::address_error;
use case::Case;
pub use exceptions::{Exception, Printed, System};
pub use facts::Facts;
use i18n_embed_fl::fl;
pub use mistake::{explain_pasted, pasted_exception, whose_call};
pub use pasted::{MOST_READ, Mistake, Pasted};
pub use people::{given_up, person_happening};
pub use system_words::of_system;

use crate::{
    chat::Origin,
    i18n::Words,
    net::{
        CONNECT_LIMIT, CallKind, Cause, CloseReason, Errno, Limit, NetError, Operation, QUEUE_LIMIT, Reason, Target,
    },
    wire::{LONGEST_PREFIXED, Looks, Unfinished, mark, visible},
};

/// An error in the user's language, each part one line without a full stop at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What failed: the call, the address, and the system's name and number for it.
    pub what: String,
    /// What to do about it; empty where there is nothing to do.
    pub todo: String,
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        if self.todo.is_empty() { Ok(()) } else { write!(f, "\n{}", self.todo) }
    }
}

/// What failed and what to do about it.
#[must_use]
pub fn explain(words: &Words, error: &NetError, facts: &Facts) -> Explanation {
    let case = Case::of(error, facts);
    let sentence = case.as_ref().map_or_else(|| sentence(words, error), |case| case.sentence(words));
    let what = match error.errno() {
        Some(number) => {
            fl!(words, "error-line", what = sentence, call = error.operation.name(), errno = name_and_number(number))
        }
        None => fl!(words, "error-line-ours", what = sentence, call = error.operation.name()),
    };
    let todo = case.map_or_else(|| todo(words, error, facts), |case| case.todo(words, error, facts));
    Explanation { what, todo }
}

/// The exception that a student's own program gets from the same error, with the numbers of each system, in one line;
/// None where the system gave no number.
#[must_use]
pub fn exception(words: &Words, error: &NetError) -> Option<String> {
    Some(Exception::of(error.errno()?)?.told(words))
}

/// What failed, what to do about it, and the exception that a program gets, each in a line of its own.
#[must_use]
pub fn in_full(words: &Words, error: &NetError, facts: &Facts) -> String {
    with_exception(words, error, explain(words, error, facts).to_string())
}

/// The same without what to do: a diagnosis says it, and knows more.
#[must_use]
pub fn beside_a_diagnosis(words: &Words, error: &NetError, facts: &Facts) -> String {
    with_exception(words, error, explain(words, error, facts).what)
}

fn with_exception(words: &Words, error: &NetError, mut lines: String) -> String {
    if let Some(exception) = exception(words, error) {
        lines.push('\n');
        lines.push_str(&exception);
    }
    lines
}

/// That a connection led elsewhere than its address says: 0.0.0.0 and :: are addresses to listen on. `peer` is where it
/// led to.
#[must_use]
pub fn connected_elsewhere(words: &Words, origin: &Origin, peer: SocketAddr) -> Option<String> {
    let Origin::Outgoing { host, .. } = origin else { return None };
    let asked: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
    (asked.is_unspecified() && !peer.ip().is_unspecified())
        .then(|| fl!(words, "connected-unspecified", ip = asked.to_string(), peer = peer.ip().to_string()))
}

/// That a stream begins as another protocol does, in one line.
#[must_use]
pub fn looks(words: &Words, looks: Looks) -> String {
    match looks {
        Looks::Tls => fl!(words, "looks-tls"),
        Looks::Http => fl!(words, "looks-http"),
        Looks::Telnet => fl!(words, "looks-telnet"),
        Looks::Ssh => fl!(words, "looks-ssh"),
    }
}

/// Why a connection is no more, in one line.
#[must_use]
pub fn close_reason(words: &Words, reason: &CloseReason) -> String {
    match reason {
        CloseReason::ByUs => fl!(words, "close-by-us"),
        CloseReason::Orderly => fl!(words, "close-orderly"),
        CloseReason::ResetByUs => fl!(words, "close-reset-by-us"),
        CloseReason::Failed(error) => explain(words, error, &Facts::default()).what,
        CloseReason::Quit => fl!(words, "close-quit"),
        CloseReason::SocketClosed => fl!(words, "close-udp"),
        CloseReason::Forgotten => fl!(words, "close-forgotten"),
        CloseReason::LetGo => fl!(words, "close-let-go"),
    }
}

/// How much came of a message whose length is known, of which no byte has come for a while.
#[must_use]
pub fn unfinished(words: &Words, Unfinished { came, of }: Unfinished) -> String {
    match of {
        Some(of) => {
            let missing = of.saturating_sub(came);
            fl!(words, "unfinished", missing = missing, of = of)
        }
        None => fl!(words, "unfinished-prefix", came = came),
    }
}

/// That an urgent byte came, and where, in one line.
#[must_use]
pub fn urgent(words: &Words, byte: u8, position: u64, last_told: bool) -> String {
    let shown =
        if byte.is_ascii_graphic() { format!("0x{byte:02X} ({})", char::from(byte)) } else { format!("0x{byte:02X}") };
    let position = position.to_string();
    if last_told {
        fl!(words, "row-urgent-last", byte = shown, position = position)
    } else {
        fl!(words, "row-urgent", byte = shown, position = position)
    }
}

/// How much of what we sent a vanished peer has never acknowledged, in one line.
#[must_use]
pub fn never_acknowledged(words: &Words, messages: u64, bytes: u64) -> String {
    fl!(words, "row-never-acknowledged", messages = messages, bytes = bytes)
}

fn name_and_number(errno: Errno) -> String {
    match errno.name() {
        Some(name) => format!("{name} ({})", errno.0),
        None => format!("errno {}", errno.0),
    }
}

/// What failed, with the address as far as it is known.
fn sentence(words: &Words, error: &NetError) -> String {
    let target = error.target.to_string();
    let call = error.operation.name();
    let connect = error.is_of(CallKind::Connect);
    match error.cause() {
        _ if error.is_of_vanished_peer() => fl!(words, "error-vanished", target = target),
        Cause::AddressInUse if connect => fl!(words, "error-no-port-left"),
        Cause::AddressInUse => fl!(words, "error-address-in-use", target = target),
        Cause::UdpAddressInUse => fl!(words, "error-udp-in-use", target = target),
        Cause::AddressNotHere if connect => fl!(words, "error-cannot-connect-to", target = target),
        Cause::AddressNotHere => fl!(words, "error-address-not-here", ip = ip_of(&error.target)),
        Cause::NotPermitted if error.reason == Reason::NotAdmitted => fl!(words, "error-not-admitted", target = target),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port", target = target),
        Cause::NotPermitted if error.is_of(CallKind::SendTo) => fl!(words, "error-send-not-permitted", target = target),
        Cause::NotPermitted => fl!(words, "error-not-permitted", target = target),
        Cause::Refused if !is_loopback(&error.target) => fl!(words, "error-refused-elsewhere", target = target),
        Cause::Refused => fl!(words, "error-refused", target = target),
        Cause::TimedOut if connect && error.errno().is_none() => {
            let limit = if let Reason::Limit(Limit::ConnectTimeSet(set)) = error.reason { set } else { CONNECT_LIMIT };
            fl!(words, "error-timed-out-limit", target = target, seconds = limit.as_secs_f64())
        }
        Cause::TimedOut => fl!(words, "error-timed-out", target = target),
        Cause::Unreachable => fl!(words, "error-unreachable", target = target),
        Cause::NameNotFound => fl!(words, "error-name-not-found", name = name_of(&error.target)),
        Cause::ManyComputers => fl!(words, "address-many", ip = ip_of(&error.target)),
        Cause::Itself => fl!(words, "error-itself", target = target),
        Cause::Reset if error.is_of(CallKind::Accept) => fl!(words, "error-gave-up"),
        Cause::Reset => fl!(words, "error-reset", target = target),
        Cause::TooManyFiles => fl!(words, "error-too-many-files"),
        Cause::DatagramTooLong => match error.reason {
            Reason::Limit(Limit::Datagram(most)) => {
                fl!(words, "error-datagram-too-long-most", target = target, most = most)
            }
            _ => fl!(words, "error-datagram-too-long"),
        },
        Cause::NotTaken => fl!(words, "error-not-taken", mib = QUEUE_MIB),
        Cause::Busy => fl!(words, "error-busy"),
        Cause::NotReading => fl!(words, "error-not-reading", target = target, mib = QUEUE_MIB),
        Cause::EndedBeforeSent => fl!(words, "error-ended-before-sent"),
        Cause::WriteFinished => fl!(words, "error-write-finished"),
        Cause::NoSuchSocket => fl!(words, "error-no-such-socket"),
        Cause::NoSocketYet => fl!(words, "error-no-socket-yet", call = call),
        Cause::OutOfOrder => fl!(words, "error-out-of-order", call = call),
        Cause::PrefixTooLong(bytes) if let Some(text) = text_of_prefix(bytes) => {
            fl!(words, "error-prefix-is-text", text = text)
        }
        Cause::PrefixTooLong(bytes) => {
            fl!(words, "error-prefix-too-long", bytes = bytes.to_string(), mib = LONGEST_PREFIXED_MIB)
        }
        Cause::PrefixTooShort(bytes) => fl!(words, "error-prefix-too-short", bytes = bytes.to_string()),
        Cause::TooManyClients(most) => fl!(words, "error-too-many-clients", target = target, most = most),
        Cause::Cancelled => fl!(words, "error-cancelled", target = target),
        Cause::Other => fl!(words, "error-other", target = target, words = error.reason.to_string()),
    }
}

fn todo(words: &Words, error: &NetError, facts: &Facts) -> String {
    if let Some(why) = &facts.why {
        let Explanation { what, todo } = diagnoses::diagnosis(words, why);
        return fl!(words, "term-what-and-todo", what = what, todo = todo);
    }
    match error.cause() {
        _ if error.is_of_vanished_peer() => fl!(words, "error-vanished-todo"),
        _ if error.is_of(CallKind::Connect)
            && let Some((ip, loopback)) = unspecified(error) =>
        {
            fl!(words, "error-unspecified-todo", ip = ip, loopback = loopback)
        }
        Cause::AddressInUse if error.is_of(CallKind::Connect) => fl!(words, "error-no-port-left-todo"),
        Cause::AddressInUse => match &facts.port_owner {
            Some(owner) if owner.pid == std::process::id() => fl!(words, "error-address-in-use-todo-self"),
            Some(owner) => {
                fl!(words, "error-address-in-use-todo-owner", name = owner.name.as_str(), pid = owner.pid.to_string())
            }
            None if cfg!(windows) => fl!(words, "error-address-in-use-todo-windows"),
            None if facts.port_held.is_some() => held::todo(words, facts),
            None => fl!(words, "error-address-in-use-todo"),
        },
        Cause::UdpAddressInUse => fl!(words, "error-udp-in-use-todo"),
        Cause::AddressNotHere if error.is_of(CallKind::Connect) => fl!(words, "error-cannot-connect-to-todo"),
        Cause::AddressNotHere if is_ipv6(&error.target) => match facts.list(words, true) {
            Some(addresses) => fl!(words, "error-address-not-here-todo-list-ipv6", addresses = addresses),
            None => fl!(words, "error-address-not-here-todo"),
        },
        Cause::AddressNotHere => match facts.list(words, true) {
            Some(addresses) => fl!(words, "error-address-not-here-todo-list", addresses = addresses),
            None => fl!(words, "error-address-not-here-todo"),
        },
        Cause::NotPermitted if error.reason == Reason::NotAdmitted => fl!(words, "error-not-admitted-todo"),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port-todo"),
        Cause::NotPermitted if error.is_of(CallKind::SendTo) => fl!(words, "error-send-not-permitted-todo"),
        Cause::NotPermitted => fl!(words, "error-not-permitted-todo"),
        Cause::Refused | Cause::Itself => fl!(words, "error-refused-todo"),
        Cause::TimedOut if error.is_of(CallKind::Connect) && facts.is_own(&error.target) => {
            fl!(words, "error-timed-out-todo-here")
        }
        Cause::TimedOut => fl!(words, "error-timed-out-todo"),
        Cause::Unreachable => match facts.list(words, false) {
            Some(addresses) => fl!(words, "error-unreachable-todo-list", addresses = addresses),
            None => fl!(words, "error-unreachable-todo"),
        },
        Cause::NameNotFound => fl!(words, "error-name-not-found-todo"),
        Cause::ManyComputers => fl!(words, "error-many-todo"),
        Cause::Reset if error.is_of(CallKind::Accept) => String::new(),
        Cause::Reset => fl!(words, "error-reset-todo"),
        Cause::TooManyFiles => fl!(words, "error-too-many-files-todo"),
        Cause::DatagramTooLong => fl!(words, "error-datagram-too-long-todo"),
        Cause::NotTaken => fl!(words, "error-not-taken-todo"),
        Cause::Busy => fl!(words, "error-busy-todo"),
        Cause::NotReading => fl!(words, "error-not-reading-todo"),
        Cause::EndedBeforeSent | Cause::NoSuchSocket => fl!(words, "error-connect-again-todo"),
        Cause::WriteFinished => fl!(words, "error-write-finished-todo"),
        Cause::NoSocketYet => fl!(words, "error-no-socket-yet-todo"),
        Cause::OutOfOrder => match error.operation {
            Operation::Call(CallKind::Connect | CallKind::Recv | CallKind::Send | CallKind::ShutdownWrite) => {
                fl!(words, "error-out-of-order-todo-client")
            }
            _ => fl!(words, "error-out-of-order-todo"),
        },
        Cause::PrefixTooLong(_) | Cause::PrefixTooShort(_) => fl!(words, "error-prefix-too-long-todo"),
        Cause::TooManyClients(_) => fl!(words, "error-too-many-clients-todo"),
        Cause::Cancelled | Cause::Other => String::new(),
    }
}

/// The address that is only for listening, if the error is of it, and the one of this computer to connect to instead.
fn unspecified(error: &NetError) -> Option<(&'static str, &'static str)> {
    match &error.target {
        Target::Address(address) if address.ip().is_unspecified() => {
            Some(if address.is_ipv4() { ("0.0.0.0", "127.0.0.1") } else { ("::", "::1") })
        }
        _ => None,
    }
}

/// The text that the four bytes of a length prefix are, if they are any.
fn text_of_prefix(prefix: u64) -> Option<String> {
    let bytes = u32::try_from(prefix).ok()?.to_be_bytes();
    let text = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok()?;
        let seen = |c: char| mark(c).is_none() || matches!(c, '\n' | '\r' | '\t');
        text.chars().all(seen).then(|| visible(text, &[]).into_owned())
    };
    // A character of Chinese has three bytes: then the fourth begins the next one.
    text(&bytes).or_else(|| {
        let next = u8::try_from(prefix & 0xff).ok()?;
        let first = text(bytes.get(..3)?).filter(|_| matches!(next, 0xc2..=0xf4))?;
        (!first.is_ascii()).then_some(first)
    })
}

fn is_low_port(error: &NetError) -> bool {
    // Windows asks for no right.
    cfg!(not(windows))
        && error.is_of(CallKind::Bind)
        && matches!(error.target, Target::Address(address) if (1..FIRST_FREE_PORT).contains(&address.port()))
}

/// Whether it is this computer alone: no firewall of another one is between.
fn is_loopback(target: &Target) -> bool {
    matches!(target, Target::Address(address) if address.ip().is_loopback() || address.ip().is_unspecified())
}

fn is_ipv6(target: &Target) -> bool {
    matches!(target, Target::Address(address) if address.is_ipv6())
}

fn ip_of(target: &Target) -> String {
    match target {
        Target::Address(address) => address.ip().to_string(),
        Target::Name(..) | Target::None => target.to_string(),
    }
}

fn name_of(target: &Target) -> String {
    match target {
        Target::Name(name, _) => name.clone(),
        Target::Address(_) | Target::None => target.to_string(),
    }
}

/// The first port that needs no special right.
const FIRST_FREE_PORT: u16 = 1024;

const QUEUE_MIB: usize = QUEUE_LIMIT / (1024 * 1024);

const LONGEST_PREFIXED_MIB: usize = LONGEST_PREFIXED / (1024 * 1024);

#[cfg(test)]
mod tests;
