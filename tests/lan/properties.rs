//! The properties of bytes that strangers send.

use proptest::prelude::*;

#[path = "checks.rs"]
mod checks;

proptest! {
    #[test]
    fn any_packet_is_a_beacon_or_none(packet in proptest::collection::vec(any::<u8>(), 0..1_300)) {
        checks::beacon(&packet);
    }

    #[test]
    fn a_beacon_whatever_it_says_is_read_as_it_was_written(
        name in "\\PC{0,60}", run in any::<u64>(), n in any::<u64>(), tcp in any::<u16>(), colour in any::<u8>(),
    ) {
        let id = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let packet = serde_json::json!({
            "sockhop": 1, "t": "here", "id": id, "run": run, "n": n, "name": name, "colour": colour, "state": "here",
            "tcp": tcp, "door": null,
        });
        checks::beacon(packet.to_string().as_bytes());
    }

    #[test]
    fn frames_are_the_same_however_the_bytes_are_cut(
        lengths in proptest::collection::vec((0_u32..40, 0_u8..12), 0..6),
        rest in proptest::collection::vec(any::<u8>(), 0..80),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Vec::new();
        for (length, kind) in lengths {
            bytes.extend(length.to_be_bytes());
            bytes.push(kind);
            bytes.extend(vec![b'1'; length.saturating_sub(1) as usize]);
        }
        bytes.extend(rest);
        checks::frames(&bytes, cut.index(bytes.len() + 1));
    }

    #[test]
    fn bytes_of_a_stranger_make_no_link(
        head in proptest::sample::select(vec![&b"\x16\x03\x01"[..], b"\x17\x03\x03", b"GET / HTTP/1.1\r\n", b""]),
        bytes in proptest::collection::vec(any::<u8>(), 0..3_000),
        dials in any::<bool>(),
    ) {
        checks::link(&checks::somebody(), &[head, &bytes[..]].concat(), dials);
    }
}
