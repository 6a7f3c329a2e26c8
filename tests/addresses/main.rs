//! What holds of addresses as people type them, whatever they type.

mod checks;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use checks::all_holds;
use proptest::prelude::*;
use sockhop::chat::address::{PeerAddress, is_host};

#[test]
fn an_ipv6_address_without_a_port_is_written_in_brackets() {
    all_holds("[1::2:3333]");
}

#[test]
fn a_name_in_which_something_hides_or_that_would_be_read_otherwise_stays_in_ascii() {
    for (name, of_name) in [("xn--mgba3gch31f060k", "with a joiner"), ("xn--a-ohne", "in quotation marks")] {
        let typed = format!("é.{name}");
        assert_eq!(typed.parse().map(|peer: PeerAddress| peer.host), Ok(format!("xn--9ca.{name}")), "{of_name}");
        all_holds(&typed);
    }
}

#[test]
fn no_host_begins_as_an_option_does() {
    for typed in ["-é", "-é.example:80", "－é", "\u{fe63}é", "xn----cja.é"] {
        assert!(typed.parse::<PeerAddress>().is_err() && !is_host(typed), "{typed}");
    }
}

fn any_ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|n| Ipv4Addr::from(n).into()),
        any::<u128>().prop_map(|n| Ipv6Addr::from(n).into())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_address_is_read_as_it_is_written(ip in any_ip(), port in any::<u16>()) {
        let address = SocketAddr::new(ip, port);
        for typed in [address.to_string(), ip.to_string(), format!("{ip} {port}"), format!("http://{address}/")] {
            all_holds(&typed);
        }
    }

    #[test]
    fn whatever_is_typed_is_no_other_address(typed in "[0-9a-fx.:%\\[\\] /：。]{0,24}|[0-9a-c.:\\[\\] 一ü]{0,16}|\\PC{0,24}") {
        all_holds(&typed);
    }
}
