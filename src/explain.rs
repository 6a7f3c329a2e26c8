//! Errors in the user's language: what failed, and what to do about it.

use std::net::IpAddr;

use i18n_embed_fl::fl;

use crate::{
    host::{self, PortOwner},
    i18n::Words,
    net::{CONNECT_LIMIT, CallKind, Cause, CloseReason, Errno, NetError, Operation, QUEUE_LIMIT, Target},
    wire::LONGEST_PREFIXED,
};

/// What is known of this machine that makes an explanation better. Nothing in it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who listens on the port of the error's target.
    pub port_owner: Option<PortOwner>,
    /// This machine's addresses.
    pub addresses: Vec<IpAddr>,
}

impl Facts {
    /// What this machine tells that helps to explain this error. May take its time: it asks the system.
    #[must_use]
    pub fn gather(error: &NetError) -> Self {
        match (error.cause(), &error.target) {
            (Cause::AddressInUse, Target::Address(address)) if !error.is_of(CallKind::Connect) => {
                Self { port_owner: host::who_listens_on(address.port()), ..Self::default() }
            }
            (Cause::AddressNotHere | Cause::Unreachable, _) => {
                let interfaces = host::interfaces().unwrap_or_default();
                // Loopback is an address to listen on, but leads nowhere else.
                let counts = |address: &IpAddr| error.cause() == Cause::AddressNotHere || !address.is_loopback();
                let addresses = interfaces.into_iter().map(|interface| interface.address).filter(counts).collect();
                Self { addresses, port_owner: None }
            }
            _ => Self::default(),
        }
    }
}

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
    let sentence = sentence(words, error);
    let what = match error.errno() {
        Some(number) => {
            fl!(words, "error-line", what = sentence, call = error.operation.name(), errno = name_and_number(number))
        }
        None => fl!(words, "error-line-ours", what = sentence, call = error.operation.name()),
    };
    Explanation { what, todo: todo(words, error, facts) }
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
    }
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
        Cause::AddressInUse if connect => fl!(words, "error-no-port-left"),
        Cause::AddressInUse => fl!(words, "error-address-in-use", target = target),
        Cause::AddressNotHere if connect => fl!(words, "error-cannot-connect-to", target = target),
        Cause::AddressNotHere => fl!(words, "error-address-not-here", ip = ip_of(&error.target)),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port", target = target),
        Cause::NotPermitted => fl!(words, "error-not-permitted", target = target),
        Cause::Refused => fl!(words, "error-refused", target = target),
        Cause::TimedOut if connect && error.errno().is_none() => {
            fl!(words, "error-timed-out-limit", target = target, seconds = CONNECT_LIMIT.as_secs())
        }
        Cause::TimedOut => fl!(words, "error-timed-out", target = target),
        Cause::Unreachable => fl!(words, "error-unreachable", target = target),
        Cause::NameNotFound => fl!(words, "error-name-not-found", name = name_of(&error.target)),
        Cause::Reset if error.is_of(CallKind::Accept) => fl!(words, "error-gave-up"),
        Cause::Reset => fl!(words, "error-reset", target = target),
        Cause::TooManyFiles => fl!(words, "error-too-many-files"),
        Cause::Busy => fl!(words, "error-busy"),
        Cause::NotReading => fl!(words, "error-not-reading", target = target, mib = QUEUE_MIB),
        Cause::EndedBeforeSent => fl!(words, "error-ended-before-sent"),
        Cause::WriteFinished => fl!(words, "error-write-finished"),
        Cause::NoSuchSocket => fl!(words, "error-no-such-socket"),
        Cause::NoSocketYet => fl!(words, "error-no-socket-yet", call = call),
        Cause::OutOfOrder => fl!(words, "error-out-of-order", call = call),
        Cause::PrefixTooLong(bytes) => {
            fl!(words, "error-prefix-too-long", bytes = bytes.to_string(), mib = LONGEST_PREFIXED_MIB)
        }
        Cause::TooManyClients(most) => fl!(words, "error-too-many-clients", target = target, most = most),
        Cause::Cancelled => fl!(words, "error-cancelled", target = target),
        Cause::Other => fl!(words, "error-other", target = target, words = error.reason.to_string()),
    }
}

fn todo(words: &Words, error: &NetError, facts: &Facts) -> String {
    match error.cause() {
        Cause::AddressInUse if error.is_of(CallKind::Connect) => fl!(words, "error-no-port-left-todo"),
        Cause::AddressInUse => match &facts.port_owner {
            Some(owner) if owner.pid == std::process::id() => fl!(words, "error-address-in-use-todo-self"),
            Some(owner) => {
                fl!(words, "error-address-in-use-todo-owner", name = owner.name.as_str(), pid = owner.pid.to_string())
            }
            None => fl!(words, "error-address-in-use-todo"),
        },
        Cause::AddressNotHere if error.is_of(CallKind::Connect) => fl!(words, "error-cannot-connect-to-todo"),
        Cause::AddressNotHere if facts.addresses.is_empty() => fl!(words, "error-address-not-here-todo"),
        Cause::AddressNotHere => fl!(words, "error-address-not-here-todo-list", addresses = list(&facts.addresses)),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port-todo"),
        Cause::NotPermitted => fl!(words, "error-not-permitted-todo"),
        Cause::Refused => fl!(words, "error-refused-todo"),
        Cause::TimedOut => fl!(words, "error-timed-out-todo"),
        Cause::Unreachable if facts.addresses.is_empty() => fl!(words, "error-unreachable-todo"),
        Cause::Unreachable => fl!(words, "error-unreachable-todo-list", addresses = list(&facts.addresses)),
        Cause::NameNotFound => fl!(words, "error-name-not-found-todo"),
        Cause::Reset if error.is_of(CallKind::Accept) => String::new(),
        Cause::Reset => fl!(words, "error-reset-todo"),
        Cause::TooManyFiles => fl!(words, "error-too-many-files-todo"),
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
        Cause::PrefixTooLong(_) => fl!(words, "error-prefix-too-long-todo"),
        Cause::TooManyClients(_) => fl!(words, "error-too-many-clients-todo"),
        Cause::Cancelled | Cause::Other => String::new(),
    }
}

fn is_low_port(error: &NetError) -> bool {
    error.is_of(CallKind::Bind)
        && matches!(error.target, Target::Address(address) if (1..FIRST_FREE_PORT).contains(&address.port()))
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

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// The first port that needs no special right.
const FIRST_FREE_PORT: u16 = 1024;

const QUEUE_MIB: usize = QUEUE_LIMIT / (1024 * 1024);

const LONGEST_PREFIXED_MIB: usize = LONGEST_PREFIXED / (1024 * 1024);

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{
        i18n,
        net::{Call, Limit, Reason},
        settings::Language,
    };

    fn error_of(call: Call, errno: i32) -> NetError {
        let target = match call {
            Call::Bind(address) | Call::Connect(address) => Target::Address(address),
            _ => Target::None,
        };
        NetError::new(call, target, &io::Error::from_raw_os_error(errno))
    }

    fn english(error: &NetError, facts: &Facts) -> Explanation {
        explain(&i18n::words(Language::English), error, facts)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_failed_names_the_call_the_address_and_the_number() {
        let refused = english(&error_of(Call::Connect(([127, 0, 0, 1], 8888).into()), 111), &Facts::default());
        assert_eq!(refused.what, "Nobody listens at 127.0.0.1:8888 – connect: ECONNREFUSED (111)");
        assert_eq!(refused.todo, "Start the server first, and check its address and port");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_in_use_tells_by_whom() {
        let error = error_of(Call::Bind(([0, 0, 0, 0], 8888).into()), 98);
        let owned_by =
            |name: &str, pid| Facts { port_owner: Some(PortOwner { name: name.to_owned(), pid }), ..Facts::default() };
        assert!(english(&error, &owned_by("python3", 1)).todo.contains("python3 (process 1)"));
        let own = english(&error, &owned_by("sockhop", std::process::id())).todo;
        assert!(own.starts_with("This Sockhop"), "{own}");
        assert!(!english(&error, &Facts::default()).todo.is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_of_another_machine_tells_which_are_ours() {
        let error = error_of(Call::Bind(([192, 0, 2, 1], 8888).into()), 99);
        let facts = Facts { addresses: vec![IpAddr::from([192, 168, 1, 5])], ..Facts::default() };
        let explained = english(&error, &facts);
        assert_eq!(explained.what, "192.0.2.1 is not an address of this machine – bind: EADDRNOTAVAIL (99)");
        assert!(explained.todo.contains("192.168.1.5"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_a_low_port_is_blamed_for_a_missing_right() {
        let low = english(&error_of(Call::Bind(([0, 0, 0, 0], 80).into()), 13), &Facts::default());
        assert!(low.what.contains("1024"), "{low}");
        let high = english(&error_of(Call::Bind(([0, 0, 0, 0], 8080).into()), 13), &Facts::default());
        assert!(!high.what.contains("1024"), "{high}");
    }

    #[test]
    fn every_cause_is_explained_in_both_languages() {
        let of_the_kernel = [
            Cause::AddressInUse,
            Cause::AddressNotHere,
            Cause::NotPermitted,
            Cause::Refused,
            Cause::TimedOut,
            Cause::Unreachable,
            Cause::NameNotFound,
            Cause::Reset,
            Cause::TooManyFiles,
            Cause::OutOfOrder,
            Cause::Other,
        ];
        let ours = [
            Reason::Limit(Limit::SendQueue),
            Reason::Limit(Limit::Clients(3)),
            Reason::Limit(Limit::Prefix(1 << 30)),
            Reason::Limit(Limit::Commands),
            Reason::Limit(Limit::ConnectTime),
            Reason::Closed,
            Reason::WriteFinished,
            Reason::NoSuchSocket,
            Reason::NoSocketYet,
            Reason::OutOfOrder,
            Reason::NoAddress,
            Reason::Cancelled,
        ];
        let reasons: Vec<Reason> = of_the_kernel.map(Reason::Broken).into_iter().chain(ours).collect();
        let facts = [Facts::default(), Facts { addresses: vec![IpAddr::from([10, 0, 0, 1])], port_owner: None }];
        for language in [Language::English, Language::Chinese] {
            let words = i18n::words(language);
            for reason in &reasons {
                for call in [CallKind::Bind, CallKind::Connect, CallKind::Recv, CallKind::Accept] {
                    for facts in &facts {
                        let target = Target::Address(([10, 1, 2, 3], 80).into());
                        let explained = explain(&words, &NetError::ours(call, target, reason.clone()), facts);
                        assert!(explained.what.ends_with(call.name()), "{explained}");
                        // Fluent shows a missing argument as its name in braces.
                        assert!(!explained.to_string().contains(['{', '$']), "{explained}");
                        assert!(!explained.to_string().contains("No localization"), "{explained}");
                    }
                }
            }
        }
    }
}
