//! Addresses as people write them.

use super::*;

fn peer(typed: &str) -> Result<(String, Option<u16>), AddressError> {
    typed.parse::<PeerAddress>().map(|peer| (peer.host, peer.port))
}

#[test]
fn names_and_addresses_are_hosts_and_what_commands_a_shell_is_not() {
    for host in ["a", "a.example", "my_pi", "例子.测试", "bücher.example", "127.0.0.1", "::1", "fe80::1%wlp2s0"] {
        assert!(is_host(host), "{host}");
    }
    let long = "a".repeat(LONGEST_HOST + 1);
    for no_host in [
        "",
        " ",
        "a b",
        "-x",
        "$(touch${IFS}pwned)",
        "`id`",
        "a;b",
        "a|b",
        "a'b",
        "a\"b",
        "a\\b",
        "a/b",
        "a@b",
        "a&b",
        "a\u{202e}b",
        "a\u{200b}b",
        "a\nb",
        "fe80::1%$(id)",
        "::g",
        &long,
    ] {
        assert!(!is_host(no_host), "{no_host:?}");
    }
}

#[test]
fn the_usual_port_is_taken_where_none_is_written() {
    let to = |typed: &str| typed.parse::<PeerAddress>().map(|peer| peer.or_port(8888));
    assert_eq!(to("192.168.1.20"), Ok(("192.168.1.20".to_owned(), 8888)));
    assert_eq!(to("192.168.1.20:9"), Ok(("192.168.1.20".to_owned(), 9)));
}

#[test]
fn addresses_are_taken_as_people_write_them() {
    for (typed, host, port) in [
        ("192.168.1.20:8888", "192.168.1.20", Some(8888)),
        (" 192.168.1.20 ", "192.168.1.20", None),
        ("127.0.0.1 8888", "127.0.0.1", Some(8888)),
        ("127.0.0.1  :  8888", "127.0.0.1", Some(8888)),
        ("127.0.0.1\t8888", "127.0.0.1", Some(8888)),
        ("127.0.0.1：8888", "127.0.0.1", Some(8888)),
        ("１２７。０．0.1：８８８８", "127.0.0.1", Some(8888)),
        ("127.0.0.1，8888", "127.0.0.1", Some(8888)),
        ("('127.0.0.1', 8888)", "127.0.0.1", Some(8888)),
        ("localhost:1", "localhost", Some(1)),
        ("localhost 1", "localhost", Some(1)),
        ("my-pc_2.local.", "my-pc_2.local.", None),
        ("[::1]:9", "::1", Some(9)),
        ("[::1] 9", "::1", Some(9)),
        ("::1 9", "::1", Some(9)),
        ("::1", "::1", None),
        ("[fe80::1%eth0]", "fe80::1%eth0", None),
        ("fe80::1%eth0", "fe80::1%eth0", None),
        ("[fe80::1%3]:80", "fe80::1%3", Some(80)),
        ("2001:db8:0:0:0:0:0:80", "2001:db8::80", None),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", None),
        ("http://127.0.0.1:9/", "127.0.0.1", Some(9)),
        ("HTTP://127.0.0.1/a:b?c=1", "127.0.0.1", Some(80)),
        ("https://[::1]/", "::1", Some(443)),
        ("tcp://host:7", "host", Some(7)),
        ("bücher.example:80", "bücher.example", Some(80)),
        ("例子。测试", "例子.测试", None),
    ] {
        assert_eq!(peer(typed), Ok((host.to_owned(), port)), "{typed}");
    }
    assert!("http://a:1/".parse::<PeerAddress>().is_ok_and(|peer| peer.of_web));
    assert!("a:1".parse::<PeerAddress>().is_ok_and(|peer| !peer.of_web));
}

#[test]
fn no_other_address_is_taken_than_was_typed() {
    for (typed, probably) in [
        ("127.0.0.010:80", Some("127.0.0.10")),
        ("127.1:80", Some("127.0.0.1")),
        ("192.168.1", Some("192.168.1.1")),
        ("127.0.0.1.", Some("127.0.0.1")),
        ("192.168.1.256", None),
        ("1.2.3.4.5", None),
        ("0x7f.0.0.1", None),
        ("0x7f000001", None),
        ("2130706433:80", None),
        ("10.1", None),
    ] {
        match peer(typed) {
            Err(AddressError::NotWhole { meant, .. }) => assert_eq!(meant.as_deref(), probably, "{typed}"),
            other => panic!("{typed}: {other:?}"),
        }
    }
}

#[test]
fn what_may_be_meant_in_two_ways_is_refused_with_how_to_write_it() {
    for (typed, meant) in [
        ("fd00::20:8888", "[fd00::20]:8888"),
        ("fe80::1%eth0:80", "[fe80::1%eth0]:80"),
        ("1:2:3:4:5:6:7:8:80", "[1:2:3:4:5:6:7:8]:80"),
    ] {
        assert_eq!(peer(typed), Err(AddressError::Brackets(meant.to_owned())), "{typed}");
    }
    for typed in ["fd00::1:abcd", "fd00::1:5"] {
        assert_eq!(peer(typed), Ok((typed.to_owned(), None)), "what may be no port is none");
    }
}

#[test]
fn an_address_has_its_interface_as_a_host_where_it_has_one() {
    let host = |text: &str| host_of(text.parse().unwrap());
    assert_eq!(host("[fe80::1%2]:80"), "fe80::1%2");
    assert_eq!(host("[fd00::1]:80"), "fd00::1");
    assert_eq!(host("127.0.0.1:80"), "127.0.0.1");
}

#[test]
fn what_is_no_address_is_refused() {
    let host = |text: &str| AddressError::Host(text.to_owned());
    let port = |text: &str| AddressError::Port(text.to_owned());
    for (typed, error) in [
        ("", AddressError::Empty),
        ("  ", AddressError::Empty),
        (":8888", AddressError::NoHost(8888)),
        ("8888", AddressError::NoHost(8888)),
        ("a:0", AddressError::PortZero),
        ("a:65536", port("65536")),
        ("a:+80", port("+80")),
        ("a:http", port("http")),
        ("a:", port("")),
        ("a b:1", host("a b:1")),
        ("a/b:1", host("a/b")),
        ("1.2.3.4/24", host("1.2.3.4/24")),
        ("user@a:1", host("user@a")),
        ("-f:1", host("-f")),
        ("$(touch${IFS}x):80", host("$(touch${IFS}x)")),
        ("[a]:1", host("a")),
        ("[::1", host("[::1")),
        ("a..b", host("a..b")),
        ("fe80::1", AddressError::NoZone("fe80::1".parse().unwrap())),
        ("[fe80::1]:80", AddressError::NoZone("fe80::1".parse().unwrap())),
        ("224.0.0.1:80", AddressError::Many([224, 0, 0, 1].into())),
        ("255.255.255.255", AddressError::Many([255; 4].into())),
        ("[ff02::1%eth0]:80", AddressError::Many("ff02::1".parse().unwrap())),
    ] {
        assert_eq!(peer(typed), Err(error), "{typed}");
    }
    assert_eq!(peer(&format!("{}:1", "a".repeat(64))), Err(host(&"a".repeat(64))));
}

#[test]
fn an_address_to_listen_on_is_a_port_an_address_or_both() {
    let ip = |text: &str| text.parse::<ZonedIp>().ok();
    for (typed, address, port) in [
        ("8888", None, Some(8888)),
        (":8888", None, Some(8888)),
        ("：８８８８", None, Some(8888)),
        ("0", None, Some(0)),
        ("127.0.0.1", ip("127.0.0.1"), None),
        ("0.0.0.0 80", ip("0.0.0.0"), Some(80)),
        ("localhost:80", ip("127.0.0.1"), Some(80)),
        ("[::]:80", ip("::"), Some(80)),
        ("::", ip("::"), None),
        ("[fe80::1%lo]:80", ip("fe80::1%lo"), Some(80)),
    ] {
        assert_eq!(typed.parse(), Ok(ListenAddress { ip: address, port }), "{typed}");
    }
    for typed in ["", "a.example:80", "224.0.0.1", "255.255.255.255:80", "fe80::1", "127.1", "192.168.1"] {
        assert!(typed.parse::<ListenAddress>().is_err(), "{typed}");
    }
}

#[test]
fn a_zone_becomes_the_interface_s_number() {
    let ip: ZonedIp = "fe80::1%lo".parse().unwrap();
    assert_eq!(ip.with_port(80, |name| (name == "lo").then_some(1)).unwrap().to_string(), "[fe80::1%1]:80");
    assert_eq!(ip.with_port(80, |_| None), Err(AddressError::NoSuchZone("lo".to_owned())));
    assert_eq!(ip.to_string(), "fe80::1%lo");
}

#[test]
fn a_name_is_looked_up_in_ascii() {
    assert_eq!(name_to_look_up("bücher.example"), "xn--bcher-kva.example");
    assert_eq!(name_to_look_up("host"), "host");
}
