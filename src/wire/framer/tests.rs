//! What holds of a framer in a few cases; `tests/wire` has the properties.

use super::*;

/// Raw bytes, header, trailer, boundary of each message so far.
fn taken(out: &mut BatchBuilder) -> Vec<(Vec<u8>, u8, u8, Boundary)> {
    let batch = out.take();
    batch.messages().map(|(raw, cut)| (raw.to_vec(), cut.header, cut.trailer, cut.boundary)).collect()
}

fn pushed(framer: &mut Framer, bytes: &[u8]) -> Vec<(Vec<u8>, u8, u8, Boundary)> {
    let mut out = BatchBuilder::default();
    framer.push(bytes, Duration::ZERO, &mut out).unwrap();
    taken(&mut out)
}

#[test]
fn a_line_ends_at_lf_or_crlf_and_a_cr_alone_is_text() {
    let mut framer = Framer::new(Framing::Line, 1);
    assert_eq!(
        pushed(&mut framer, b"one\ntwo\r\n\nth\rree\r"),
        [
            (b"one\n".to_vec(), 0, 1, Boundary::Newline),
            (b"two\r\n".to_vec(), 0, 2, Boundary::Newline),
            (b"\n".to_vec(), 0, 1, Boundary::Newline),
        ]
    );
    assert_eq!(pushed(&mut framer, b"\n"), [(b"th\rree\r\n".to_vec(), 0, 2, Boundary::Newline)]);
}

#[test]
fn with_two_byte_units_only_an_aligned_line_feed_ends_a_line() {
    let mut framer = Framer::new(Framing::Line, 2);
    // U+0A00 and U+000A; the first has the byte 0A where it is no line feed.
    assert_eq!(pushed(&mut framer, b"\x00\x0a\x00"), []);
    assert_eq!(pushed(&mut framer, b"\x61\x0d\x00\x0a"), []);
    assert_eq!(
        pushed(&mut framer, b"\x00\x0a\x00"),
        [
            (b"\x00\x0a\x00\x61\x0d\x00\x0a\x00".to_vec(), 0, 4, Boundary::Newline),
            (b"\x0a\x00".to_vec(), 0, 2, Boundary::Newline),
        ]
    );
}

#[test]
fn half_a_code_unit_stays_behind_when_it_is_quiet() {
    let mut framer = Framer::new(Framing::Line, 2);
    let mut out = BatchBuilder::default();
    let now = Duration::ZERO;
    framer.push(b"a\0\x0a", now, &mut out).unwrap();
    framer.quiet(now + QUIET_TAIL, &mut out);
    assert_eq!(taken(&mut out), [(b"a\0".to_vec(), 0, 0, Boundary::Quiet)]);
    assert_eq!(framer.deadline(), None);
    assert_eq!(pushed(&mut framer, b"\0"), [(b"\x0a\0".to_vec(), 0, 2, Boundary::Newline)]);
}

#[test]
fn a_line_of_exactly_the_longest_length_is_whole() {
    let mut framer = Framer::new(Framing::Line, 1);
    let mut line = vec![b'a'; LONGEST_MESSAGE - 1];
    line.push(b'\n');
    assert_eq!(pushed(&mut framer, &line), [(line.clone(), 0, 1, Boundary::Newline)]);
}

#[test]
fn each_recv_is_a_chunk_and_a_long_one_is_several() {
    let mut framer = Framer::new(Framing::Chunk, 1);
    assert_eq!(pushed(&mut framer, b""), []);
    assert_eq!(pushed(&mut framer, b"a\nb"), [(b"a\nb".to_vec(), 0, 0, Boundary::Recv)]);
    let long = vec![b'a'; LONGEST_MESSAGE + 1];
    let ends: Vec<_> = pushed(&mut framer, &long).into_iter().map(|(raw, .., end)| (raw.len(), end)).collect();
    assert_eq!(ends, [(LONGEST_MESSAGE, Boundary::Cut), (1, Boundary::Recv)]);
}

#[test]
fn a_length_may_be_zero_and_a_long_message_comes_in_parts() {
    let mut framer = Framer::new(Framing::LENGTH, 1);
    assert_eq!(pushed(&mut framer, &[0, 0, 0, 0]), [(vec![0; 4], 4, 0, Boundary::Length)]);
    let mut bytes = (2 * LONGEST_MESSAGE as u32).to_be_bytes().to_vec();
    bytes.resize(4 + 2 * LONGEST_MESSAGE, b'a');
    let parts: Vec<_> =
        pushed(&mut framer, &bytes).into_iter().map(|(raw, header, _, end)| (raw.len(), header, end)).collect();
    assert_eq!(parts, [(LONGEST_MESSAGE + 4, 4, Boundary::Cut), (LONGEST_MESSAGE, 0, Boundary::Length)]);
}

#[test]
fn a_stream_that_ends_in_a_prefix_has_that_much_of_a_header() {
    let mut framer = Framer::new(Framing::LENGTH, 1);
    let mut out = BatchBuilder::default();
    assert_eq!(pushed(&mut framer, &[0, 0]), []);
    framer.finish(&mut out);
    assert_eq!(taken(&mut out), [(vec![0, 0], 2, 0, Boundary::EndOfStream)]);
}

#[test]
fn text_where_a_prefix_should_be_is_given_as_text() {
    let mut framer = Framer::new(Framing::LENGTH, 1);
    let mut out = BatchBuilder::default();
    framer.push(b"hello\n", Duration::ZERO, &mut out).unwrap_err();
    framer.finish(&mut out);
    assert_eq!(taken(&mut out), [(b"hello\n".to_vec(), 0, 0, Boundary::EndOfStream)]);
}

#[test]
fn another_encoding_does_not_cut_a_prefixed_message() {
    let mut framer = Framer::new(Framing::LENGTH, 1);
    let mut out = BatchBuilder::default();
    assert_eq!(pushed(&mut framer, b"\0\0\0\x02a"), []);
    framer.reframe(Framing::LENGTH, 2, &mut out);
    assert!(out.is_empty());
    assert_eq!(pushed(&mut framer, b"b"), [(b"\0\0\0\x02ab".to_vec(), 4, 0, Boundary::Length)]);
    assert_eq!(pushed(&mut framer, b"\0"), []);
    framer.reframe(Framing::Line, 2, &mut out);
    assert_eq!(taken(&mut out), [(b"\0".to_vec(), 1, 0, Boundary::Reframed)]);
    assert_eq!(pushed(&mut framer, b"\n\0"), [(b"\n\0".to_vec(), 0, 2, Boundary::Newline)]);
}

#[test]
fn the_longest_line_is_not_remembered_once_it_has_ended() {
    for (length, kept) in [(PENDING_KEPT, PENDING_KEPT), (PENDING_KEPT + 1, 0)] {
        let mut framer = Framer::new(Framing::Line, 1);
        assert_eq!(pushed(&mut framer, &vec![b'a'; length]), []);
        assert_eq!(pushed(&mut framer, b"\n").len(), 1);
        assert_eq!(framer.pending.capacity(), kept, "after {length}");
    }
}

#[test]
fn the_code_unit_says_where_lines_end_and_nothing_else() {
    let mut out = BatchBuilder::default();
    for (framing, unit, cuts) in [(Framing::Line, 1, 0), (Framing::Line, 2, 1), (Framing::Chunk, 1, 1)] {
        let mut framer = Framer::new(Framing::Line, 1);
        assert_eq!(pushed(&mut framer, b"ab"), []);
        framer.reframe(framing, unit, &mut out);
        assert_eq!(out.take().cuts.len(), cuts, "{framing:?} {unit}");
    }
    assert_eq!((Framer::new(Framing::Line, 2).unit, Framer::new(Framing::Line, 9).unit), (2, 1));
}

#[test]
fn nothing_waits_for_quiet_but_a_line() {
    let now = Duration::ZERO;
    for (framing, unit, bytes, waits) in [
        (Framing::Line, 1, &b"a"[..], true),
        (Framing::Line, 1, b"a\n", false),
        (Framing::Line, 2, b"a", false),
        (Framing::Line, 2, b"ab", true),
        (Framing::Cr, 1, b"a", true),
        (Framing::Chunk, 1, b"a", false),
    ] {
        let (mut framer, mut out) = (Framer::new(framing, unit), BatchBuilder::default());
        assert_eq!(framer.deadline(), None);
        framer.push(bytes, now, &mut out).unwrap();
        assert_eq!(framer.deadline(), waits.then_some(now + QUIET_TAIL), "{framing:?} {unit} {bytes:?}");
        out.take();
        framer.quiet(now + QUIET_TAIL.saturating_sub(Duration::from_nanos(1)), &mut out);
        assert!(out.is_empty());
        framer.quiet(now + QUIET_TAIL, &mut out);
        assert_eq!(!out.is_empty(), waits);
    }
}
