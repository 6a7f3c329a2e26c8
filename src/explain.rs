//! Errors in the user's language: what failed, and what to do about it.

mod people;
mod system_words;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use i18n_embed_fl::fl;
pub use people::{given_up, person_happening};
pub use system_words::of_system;

use crate::{
    chat::address::AddressError,
    host::{self, Interface, InterfaceKind, PortOwner},
    i18n::{self, Words},
    net::{
        CONNECT_LIMIT, CallKind, Cause, CloseReason, Errno, Limit, NetError, Operation, QUEUE_LIMIT, Reason, Target,
    },
    wire::LONGEST_PREFIXED,
};

/// What is known of this machine that makes an explanation better. Nothing in it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who listens on the port of the error's target.
    pub port_owner: Option<PortOwner>,
    /// This machine's addresses, with what is known of their links.
    pub interfaces: Vec<Interface>,
}

impl Facts {
    /// What this machine tells that helps to explain this error. May take its time: it asks the system.
    #[must_use]
    pub fn gather(error: &NetError) -> Self {
        match (error.cause(), &error.target) {
            (Cause::AddressInUse, Target::Address(address)) if !error.is_of(CallKind::Connect) => {
                Self { port_owner: host::who_listens_on(address.port()), ..Self::default() }
            }
            _ => Self { interfaces: host::interfaces().unwrap_or_default(), ..Self::default() },
        }
    }

    /// This machine's addresses as they are listed, those of IPv4 first; loopback leads nowhere else.
    fn list(&self, words: &Words, with_loopback: bool) -> Option<String> {
        let counts = |one: &&IpAddr| with_loopback || !one.is_loopback();
        let addresses = || self.interfaces.iter().map(|one| &one.address).filter(counts);
        let (of4, of6) = (addresses().filter(|one| one.is_ipv4()), addresses().filter(|one| one.is_ipv6()));
        let listed: Vec<String> = of4.chain(of6).map(IpAddr::to_string).collect();
        (!listed.is_empty()).then(|| i18n::listed_and(words, &listed))
    }

    /// The interface whose network this address is in.
    fn network_of(&self, ip: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|one| {
            !one.address.is_loopback() && one.link.prefix.is_some_and(|prefix| in_network(one.address, prefix, ip))
        })
    }

    /// Whether it stands for all of a network that this machine is in.
    fn is_broadcast(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(v4) = ip else { return false };
        let hosts = |prefix: u8| u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
        self.network_of(ip)
            .and_then(|one| one.link.prefix)
            .is_some_and(|prefix| prefix < 31 && u32::from(v4) & hosts(prefix) == hosts(prefix))
    }

    /// Whether the system was asked, and has no IPv6.
    fn has_no_ipv6(&self) -> bool {
        !self.interfaces.is_empty() && !self.interfaces.iter().any(|one| one.address.is_ipv6())
    }
}

fn in_network(own: IpAddr, prefix: u8, other: IpAddr) -> bool {
    match (own, other) {
        (IpAddr::V4(own), IpAddr::V4(other)) => {
            (u32::from(own) ^ u32::from(other)).checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
        }
        (IpAddr::V6(own), IpAddr::V6(other)) => {
            (u128::from(own) ^ u128::from(other)).checked_shr(128 - u32::from(prefix.min(128))).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// What follows from the call, the address and this machine together, where the error's cause alone says too little or
/// something else.
enum Case<'a> {
    /// The address is of IPv6, which this machine does not have.
    NoIpv6(IpAddr),
    /// An IPv6 address that is one on each interface, without the interface.
    NoZone(IpAddr),
    /// The address stands for many computers.
    Many(IpAddr),
    /// In the own network, nobody has the address.
    NobodyThere(IpAddr, &'a Interface),
    /// In the own network, but its link is cut.
    Cut(&'a Interface),
    /// The system lets nothing go there.
    NotLetThrough(IpAddr),
    /// No local port is left for that address.
    NoPortLeft,
    /// No name server has answered.
    NoNameServer(&'a str),
}

impl<'a> Case<'a> {
    fn of(error: &'a NetError, facts: &'a Facts) -> Option<Self> {
        let (ip, port) = match &error.target {
            Target::Address(address) => (address.ip(), address.port()),
            Target::Name(name, _) if error.operation == Operation::LookUp => {
                return (error.cause() == Cause::TimedOut).then_some(Self::NoNameServer(name));
            }
            Target::Name(..) | Target::None => return None,
        };
        let is = |name: &str| error.errno().and_then(Errno::name).is_some_and(|found| found.ends_with(name));
        let call = |kind: CallKind| error.is_of(kind);
        let tells = matches!(
            error.cause(),
            Cause::AddressNotHere | Cause::Unreachable | Cause::NotPermitted | Cause::OutOfOrder | Cause::Other
        );
        if error.cause() == Cause::ManyComputers {
            return Some(Self::Many(ip));
        }
        if !tells || !(call(CallKind::Connect) || call(CallKind::Bind) || call(CallKind::Socket)) {
            return None;
        }
        let connects = call(CallKind::Connect);
        let zone = if let Target::Address(SocketAddr::V6(address)) = error.target { address.scope_id() } else { 0 };
        let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if is("EAFNOSUPPORT") && ip.is_ipv6()
            || error.cause() != Cause::NotPermitted && ip.is_ipv6() && facts.has_no_ipv6()
        {
            Some(Self::NoIpv6(ip))
        } else if link_local && zone == 0 {
            Some(Self::NoZone(ip))
        } else if ip.is_multicast() || ip == IpAddr::from([255; 4]) || facts.is_broadcast(ip) {
            Some(Self::Many(ip))
        } else if connects && error.cause() == Cause::Unreachable {
            match facts.network_of(ip) {
                Some(one) if one.link.is_cut() => Some(Self::Cut(one)),
                // The kernel has asked for it in the network, and nobody has answered.
                Some(one) if is("EHOSTUNREACH") => Some(Self::NobodyThere(ip, one)),
                _ => None,
            }
        } else if connects && is("EINVAL") {
            Some(Self::NotLetThrough(ip))
        } else if connects && error.cause() == Cause::AddressNotHere && port != 0 && !ip.is_unspecified() {
            Some(Self::NoPortLeft)
        } else {
            None
        }
    }

    fn sentence(&self, words: &Words) -> String {
        match self {
            Self::NoIpv6(ip) => fl!(words, "error-no-ipv6", ip = ip.to_string()),
            Self::NoZone(ip) => fl!(words, "error-no-zone", ip = ip.to_string()),
            Self::Many(ip) => fl!(words, "address-many", ip = ip.to_string()),
            Self::NobodyThere(ip, _) => fl!(words, "error-nobody-there", ip = ip.to_string()),
            Self::Cut(one) => fl!(words, "error-cut", interface = one.name.as_str()),
            Self::NotLetThrough(ip) => fl!(words, "error-not-let-through", ip = ip.to_string()),
            Self::NoPortLeft => fl!(words, "error-no-port-left"),
            Self::NoNameServer(name) => fl!(words, "error-no-name-server", name = (*name).to_owned()),
        }
    }

    fn todo(&self, words: &Words, error: &NetError, facts: &Facts) -> String {
        match self {
            Self::NoIpv6(_) if error.is_of(CallKind::Connect) => fl!(words, "error-no-ipv6-todo"),
            Self::NoIpv6(_) => fl!(words, "error-no-ipv6-todo-listen"),
            Self::NoZone(ip) => {
                let links = |one: &&Interface| one.address.is_ipv6() && !one.address.is_loopback();
                let name = facts.interfaces.iter().find(links).map_or("eth0", |one| one.name.as_str());
                fl!(words, "error-no-zone-todo", address = format!("{ip}%{name}"))
            }
            Self::Many(_) => fl!(words, "error-many-todo"),
            Self::NobodyThere(_, one) => fl!(words, "error-nobody-there-todo", interface = one.name.as_str()),
            Self::Cut(_) => fl!(words, "error-cut-todo"),
            Self::NotLetThrough(_) => fl!(words, "error-not-let-through-todo"),
            Self::NoPortLeft => fl!(words, "error-no-port-left-todo"),
            Self::NoNameServer(_) => fl!(words, "error-no-name-server-todo"),
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

/// What is wrong with an address as it was written. These are the interfaces of which one may have been meant.
#[must_use]
pub fn address_error(words: &Words, error: &AddressError, interfaces: &[Interface]) -> String {
    match error {
        AddressError::Empty => fl!(words, "address-empty"),
        AddressError::NoHost(_) => fl!(words, "address-no-host"),
        AddressError::Port(_) | AddressError::PortZero => fl!(words, "address-port"),
        AddressError::Host(_) => fl!(words, "address-host"),
        AddressError::NotAnIp(_) => fl!(words, "ip-wrong"),
        AddressError::NotWhole { meant: Some(meant), .. } => {
            fl!(words, "address-not-whole-meant", meant = meant.as_str())
        }
        AddressError::NotWhole { meant: None, .. } => fl!(words, "address-not-whole"),
        AddressError::Brackets(meant) => fl!(words, "address-brackets", meant = meant.as_str()),
        AddressError::NoZone(ip) => {
            fl!(words, "address-no-zone", ip = ip.to_string(), interface = an_interface(interfaces, *ip))
        }
        AddressError::NoSuchZone(zone) => fl!(words, "address-no-such-zone", zone = zone.as_str()),
        AddressError::Many(ip) => fl!(words, "address-many", ip = ip.to_string()),
    }
}

/// An interface that may be meant where none was written: the one that has the address, or one in use.
fn an_interface(interfaces: &[Interface], ip: Ipv6Addr) -> &str {
    let has = |interface: &&Interface| interface.address == IpAddr::V6(ip);
    let links = |interface: &&Interface| interface.kind != InterfaceKind::Loopback && interface.address.is_ipv6();
    let found = interfaces.iter().find(has).or_else(|| interfaces.iter().find(links));
    found.map_or("eth0", |interface| interface.name.as_str())
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
        Cause::AddressNotHere if connect => fl!(words, "error-cannot-connect-to", target = target),
        Cause::AddressNotHere => fl!(words, "error-address-not-here", ip = ip_of(&error.target)),
        Cause::NotPermitted if error.reason == Reason::NotAdmitted => fl!(words, "error-not-admitted", target = target),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port", target = target),
        Cause::NotPermitted => fl!(words, "error-not-permitted", target = target),
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
        Cause::PrefixTooShort(bytes) => fl!(words, "error-prefix-too-short", bytes = bytes.to_string()),
        Cause::TooManyClients(most) => fl!(words, "error-too-many-clients", target = target, most = most),
        Cause::Cancelled => fl!(words, "error-cancelled", target = target),
        Cause::Other => fl!(words, "error-other", target = target, words = error.reason.to_string()),
    }
}

fn todo(words: &Words, error: &NetError, facts: &Facts) -> String {
    match error.cause() {
        _ if error.is_of_vanished_peer() => fl!(words, "error-vanished-todo"),
        Cause::AddressInUse if error.is_of(CallKind::Connect) => fl!(words, "error-no-port-left-todo"),
        Cause::AddressInUse => match &facts.port_owner {
            Some(owner) if owner.pid == std::process::id() => fl!(words, "error-address-in-use-todo-self"),
            Some(owner) => {
                fl!(words, "error-address-in-use-todo-owner", name = owner.name.as_str(), pid = owner.pid.to_string())
            }
            None if cfg!(windows) => fl!(words, "error-address-in-use-todo-windows"),
            None => fl!(words, "error-address-in-use-todo"),
        },
        Cause::AddressNotHere if error.is_of(CallKind::Connect) => fl!(words, "error-cannot-connect-to-todo"),
        Cause::AddressNotHere => match facts.list(words, true) {
            Some(addresses) => fl!(words, "error-address-not-here-todo-list", addresses = addresses),
            None => fl!(words, "error-address-not-here-todo"),
        },
        Cause::NotPermitted if error.reason == Reason::NotAdmitted => fl!(words, "error-not-admitted-todo"),
        Cause::NotPermitted if is_low_port(error) => fl!(words, "error-low-port-todo"),
        Cause::NotPermitted => fl!(words, "error-not-permitted-todo"),
        Cause::Refused | Cause::Itself => fl!(words, "error-refused-todo"),
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

fn is_low_port(error: &NetError) -> bool {
    // Windows asks for no right.
    cfg!(not(windows))
        && error.is_of(CallKind::Bind)
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

/// The first port that needs no special right.
const FIRST_FREE_PORT: u16 = 1024;

const QUEUE_MIB: usize = QUEUE_LIMIT / (1024 * 1024);

const LONGEST_PREFIXED_MIB: usize = LONGEST_PREFIXED / (1024 * 1024);

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{
        host::{Link, LinkState},
        i18n,
        net::{Call, Limit, Reason},
        settings::Language,
    };

    #[cfg(any(target_os = "linux", windows))]
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
        assert_eq!(refused.what, "No program listens on 127.0.0.1:8888 – connect: ECONNREFUSED (111)");
        assert_eq!(refused.todo, "Start the server first; if it is running, check its address and port");
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
        let facts = facts(&[("192.168.1.5", 24)]);
        let explained = english(&error, &facts);
        assert_eq!(explained.what, "192.0.2.1 is not an address of this computer – bind: EADDRNOTAVAIL (99)");
        assert!(explained.todo.contains("192.168.1.5"));
    }

    /// Of a machine with these addresses.
    fn facts(addresses: &[(&str, u8)]) -> Facts {
        let interface = |(address, prefix): &(&str, u8)| Interface {
            name: "eth0".to_owned(),
            address: address.parse().unwrap(),
            kind: InterfaceKind::Lan,
            link: Link { prefix: Some(*prefix), ..Link::default() },
        };
        Facts { interfaces: addresses.iter().map(interface).collect(), port_owner: None }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn advice_follows_from_the_call_the_address_and_the_machine_together() {
        const EINVAL: i32 = 22;
        const EAFNOSUPPORT: i32 = 97;
        const EADDRNOTAVAIL: i32 = 99;
        const ENETUNREACH: i32 = 101;
        const EHOSTUNREACH: i32 = 113;
        let connect = |address: &str, errno| error_of(Call::Connect(address.parse().unwrap()), errno);
        let bind = |address: &str, errno| error_of(Call::Bind(address.parse().unwrap()), errno);
        let both = facts(&[("192.168.1.5", 24), ("fd00::5", 64)]);
        let only4 = facts(&[("192.168.1.5", 24)]);
        let none = Facts::default();
        for (error, facts, what, todo) in [
            (connect("192.168.1.9:80", EHOSTUNREACH), &both, "No computer answers at 192.168.1.9", "eth0"),
            (connect("10.1.1.1:80", EHOSTUNREACH), &both, "No route to 10.1.1.1:80", "same network"),
            (connect("10.1.1.1:80", ENETUNREACH), &none, "No route to 10.1.1.1:80", "Check"),
            (connect("192.168.1.255:80", ENETUNREACH), &both, "192.168.1.255 stands for many", "one computer"),
            (connect("224.0.0.1:80", ENETUNREACH), &none, "224.0.0.1 stands for many", "one computer"),
            (connect("10.1.1.1:80", EINVAL), &both, "The system sends nothing to 10.1.1.1", "route"),
            (connect("[fe80::1]:80", EINVAL), &both, "fe80::1 is on every interface", "fe80::1%eth0"),
            (connect("10.1.1.1:80", EADDRNOTAVAIL), &both, "No free port is left", "Close some"),
            (connect("10.1.1.1:0", EADDRNOTAVAIL), &both, "10.1.1.1:0 is not an address", "port 0"),
            (connect("[::1]:80", EADDRNOTAVAIL), &only4, "This computer has no IPv6", "IPv4"),
            (connect("[2001:db8::1]:80", ENETUNREACH), &only4, "This computer has no IPv6", "IPv4"),
            (connect("[2001:db8::1]:80", ENETUNREACH), &both, "No route to", "same network"),
            (bind("[::]:80", EAFNOSUPPORT), &none, "This computer has no IPv6", "0.0.0.0"),
            (bind("[::1]:80", EADDRNOTAVAIL), &only4, "This computer has no IPv6", "0.0.0.0"),
            (bind("[fe80::1]:80", EINVAL), &both, "fe80::1 is on every interface", "fe80::1%eth0"),
            (bind("10.1.1.1:80", EADDRNOTAVAIL), &both, "10.1.1.1 is not an address of this", "192.168.1.5"),
            (bind("10.1.1.1:80", EINVAL), &both, "bind cannot be called now", "The order"),
        ] {
            let explained = english(&error, facts);
            assert!(explained.what.starts_with(what), "{explained}");
            assert!(explained.todo.contains(todo), "{explained}");
        }
        let socket = NetError::new(
            Call::Socket { ipv6: true },
            Target::Address("[::]:8888".parse().unwrap()),
            &io::Error::from_raw_os_error(EAFNOSUPPORT),
        );
        assert!(english(&socket, &none).what.starts_with("This computer has no IPv6"));
    }

    #[test]
    fn a_cut_link_is_told_in_place_of_an_absent_computer() {
        let mut facts = facts(&[("192.168.1.5", 24)]);
        facts.interfaces[0].link.state = LinkState::NoCarrier;
        let error = NetError::ours(
            CallKind::Connect,
            Target::Address(([192, 168, 1, 9], 80).into()),
            Reason::Broken(Cause::Unreachable),
        );
        assert!(english(&error, &facts).what.starts_with("eth0 is not connected"));
    }

    #[test]
    fn a_name_server_that_does_not_answer_is_no_unknown_name() {
        let failed = |text: &str| {
            let reason = Reason::of_look_up(&io::Error::other(text));
            english(
                &NetError::ours(Operation::LookUp, Target::Name("a.example".to_owned(), 80), reason),
                &Facts::default(),
            )
        };
        let again = failed("failed to lookup address information: Temporary failure in name resolution");
        assert!(again.what.starts_with("No name server has answered about a.example"), "{again}");
        let unknown = failed("failed to lookup address information: Name or service not known");
        assert!(unknown.what.starts_with("No address was found"), "{unknown}");
        let late = NetError::ours(
            Operation::LookUp,
            Target::Name("a.example".to_owned(), 80),
            Reason::Limit(Limit::ConnectTime),
        );
        let late = english(&late, &Facts::default());
        assert!(late.what.starts_with("No name server has answered") && !late.todo.contains("firewall"), "{late}");
    }

    #[cfg(windows)]
    #[test]
    fn a_port_that_windows_keeps_from_us_is_told_as_in_use_and_never_as_one_that_needs_a_right() {
        let kept = |port, owner: Option<PortOwner>| {
            let facts = Facts { port_owner: owner, ..Facts::default() };
            english(&error_of(Call::Bind(([0, 0, 0, 0], port).into()), 10_013), &facts)
        };
        let by_nobody = kept(80, None);
        assert!(by_nobody.what.contains("in use") && by_nobody.what.contains("WSAEACCES (10013)"), "{by_nobody}");
        assert!(by_nobody.todo.contains("excludedportrange"), "{by_nobody}");
        let by_python = kept(8888, Some(PortOwner { name: "python.exe".to_owned(), pid: 9 }));
        assert!(by_python.todo.contains("python.exe (process 9)"), "{by_python}");
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
            Reason::Limit(Limit::ShortPrefix(1)),
            Reason::Limit(Limit::Commands),
            Reason::Limit(Limit::ConnectTime),
            Reason::Closed,
            Reason::WriteFinished,
            Reason::NoSuchSocket,
            Reason::NoSocketYet,
            Reason::OutOfOrder,
            Reason::NoAddress,
            Reason::ManyComputers,
            Reason::Itself,
            Reason::Cancelled,
        ];
        let reasons: Vec<Reason> = of_the_kernel.map(Reason::Broken).into_iter().chain(ours).collect();
        let facts = [Facts::default(), facts(&[("10.0.0.1", 8)])];
        for language in [Language::English, Language::Chinese] {
            let words = i18n::words(language);
            for reason in &reasons {
                for call in [CallKind::Bind, CallKind::Connect, CallKind::Recv, CallKind::Accept] {
                    for facts in &facts {
                        let target = Target::Address(([10, 1, 2, 3], 80).into());
                        let explained = explain(&words, &NetError::ours(call, target, reason.clone()), facts);
                        assert!(explained.what.trim_end_matches('）').ends_with(call.name()), "{explained}");
                        // Fluent shows a missing argument as its name in braces.
                        assert!(!explained.to_string().contains(['{', '$']), "{explained}");
                        assert!(!explained.to_string().contains("No localization"), "{explained}");
                    }
                }
            }
        }
    }
}
