//! What is said of each error, and what is not.

use std::io;

use super::*;
use crate::{
    host::{Interface, InterfaceKind, Link, LinkState, PortOwner},
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
    Facts { interfaces: addresses.iter().map(interface).collect(), ..Facts::default() }
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
        english(&NetError::ours(Operation::LookUp, Target::Name("a.example".to_owned(), 80), reason), &Facts::default())
    };
    let again = failed("failed to lookup address information: Temporary failure in name resolution");
    assert!(again.what.starts_with("No name server has answered about a.example"), "{again}");
    let unknown = failed("failed to lookup address information: Name or service not known");
    assert!(unknown.what.starts_with("No address was found"), "{unknown}");
    let late =
        NetError::ours(Operation::LookUp, Target::Name("a.example".to_owned(), 80), Reason::Limit(Limit::ConnectTime));
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

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_sends_no_datagram_for_is_explained() {
    let to = ([10, 9, 0, 255], 7000).into();
    let call = Call::SendTo { len: 70_000, to };
    let error_of = |errno| NetError::new(call, Target::Address(to), &io::Error::from_raw_os_error(errno));
    let too_long = english(&error_of(90), &Facts::default());
    assert!(too_long.what.starts_with("One datagram cannot have so many bytes"), "{too_long}");
    assert!(too_long.what.contains("EMSGSIZE (90)") && too_long.todo.contains("TCP"), "{too_long}");
    let ours = NetError::ours(CallKind::SendTo, Target::Address(to), Reason::Limit(Limit::Datagram(65_507)));
    let ours = english(&ours, &Facts::default());
    assert!(ours.what.contains("65,507") || ours.what.contains("65507"), "{ours}");
    for errno in [13, 1] {
        let refused = english(&error_of(errno), &Facts::default());
        assert!(refused.what.starts_with("The system sent no datagram to 10.9.0.255:7000"), "{refused}");
        assert!(refused.todo.contains("SO_BROADCAST") && refused.todo.contains("firewall"), "{refused}");
    }
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

#[cfg(target_os = "linux")]
#[test]
fn an_address_of_ipv6_is_answered_with_those_of_ipv6_as_they_have_to_be_written() {
    let facts = facts(&[("192.168.1.5", 24), ("fd00::5", 64), ("fe80::5", 64)]);
    let of6 = english(&error_of(Call::Bind("[fd00::9]:80".parse().unwrap()), 99), &facts);
    assert!(of6.todo.contains("fe80::5%eth0") && of6.todo.contains(":: stands for all its IPv6"), "{of6}");
    assert!(!of6.todo.contains("0.0.0.0"), "{of6}");
    let of4 = english(&error_of(Call::Bind("10.1.1.1:80".parse().unwrap()), 99), &facts);
    assert!(of4.todo.contains("192.168.1.5, fd00::5") && of4.todo.contains("all its IPv4"), "{of4}");
}

#[cfg(target_os = "linux")]
#[test]
fn only_this_computer_itself_refuses_for_certain_because_nobody_listens() {
    let refused = |address: &str| english(&error_of(Call::Connect(address.parse().unwrap()), 111), &Facts::default());
    assert!(!refused("127.0.0.1:80").what.contains("firewall"));
    assert!(refused("192.168.1.9:80").what.contains("or a firewall refuses"));
    let unspecified = refused("0.0.0.0:80");
    assert!(
        unspecified.todo.contains("address to listen on") && unspecified.todo.contains("127.0.0.1"),
        "{unspecified}"
    );
    assert!(refused("[::]:80").todo.contains("to ::1"));
}

#[test]
fn a_length_that_is_text_is_told_as_text() {
    let too_long = |bytes: [u8; 4]| {
        let prefix = u64::from(u32::from_be_bytes(bytes));
        let target = Target::Address(([127, 0, 0, 1], 80).into());
        let error = NetError::ours(CallKind::Recv, target, Reason::Limit(Limit::Prefix(prefix)));
        english(&error, &Facts::default()).what
    };
    assert!(too_long(*b"hell").contains("the text “hell”"), "{}", too_long(*b"hell"));
    assert!(too_long([0xe4, 0xbd, 0xa0, 0xe5]).contains("the text “你”"));
    assert!(too_long(*b"GET ").contains("“GET ”"));
    assert!(too_long([0x7f, 0xff, 0xff, 0xff]).contains("2147483647"), "{}", too_long([0x7f, 0xff, 0xff, 0xff]));
    assert!(too_long([0x02, 0, 0, 0]).contains("33554432"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_exception_of_a_program_is_told_with_each_systems_number() {
    let words = i18n::words(Language::English);
    let told = in_full(&words, &error_of(Call::Connect(([127, 0, 0, 1], 8888).into()), 111), &Facts::default());
    let last = told.lines().last().unwrap();
    assert_eq!(
        last,
        "Python: ConnectionRefusedError, Linux [Errno 111], macOS [Errno 61] · Windows [WinError 10061] \
         No connection could be made because the target machine actively refused it"
    );
    // What the system gave no number for is no exception of a program's either.
    assert_eq!(exception(&words, &NetError::busy()), None);
}

#[test]
fn only_an_address_to_listen_on_leads_elsewhere() {
    let words = i18n::words(Language::English);
    let told = |host: &str, peer: &str| {
        let origin = Origin::Outgoing { host: host.to_owned(), port: 80 };
        connected_elsewhere(&words, &origin, peer.parse().unwrap())
    };
    assert!(told("0.0.0.0", "127.0.0.1:80").unwrap().contains("127.0.0.1"));
    assert!(told("[::]", "[::1]:80").unwrap().contains("::1"));
    assert_eq!(told("127.0.0.1", "127.0.0.1:80"), None);
    assert_eq!(told("localhost", "127.0.0.1:80"), None);
    assert_eq!(connected_elsewhere(&words, &Origin::Accepted, "127.0.0.1:80".parse().unwrap()), None);
}
