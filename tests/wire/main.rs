//! What holds of framing and of encodings, for any bytes and any way they are cut into reads.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

mod checks;

use std::time::Duration;

use proptest::{collection::vec, prelude::*, sample::Index};
use sockhop::wire::{
    BatchBuilder, Boundary, ByteOrder, Delimiter, FixedLength, Framer, Framing, LONGEST_DELIMITER, LONGEST_MESSAGE,
    LONGEST_PREFIXED, LengthPrefix, MISSING_TOLD_AFTER, MOST_PREFIX_OFFSET, PrefixWidth, QUIET_TAIL, Unfinished,
    decode_escapes, decode_hex, encode_escapes, encode_hex,
    text::{self, OFFERED, READ_AS, SplitChar, TextEncoding},
};

use checks::{
    Receiver, Step, lines_by_search, messages, nothing_is_lost, pieces_are_the_text, reads, reads_do_not_matter,
    text_read_by_read_is_the_text,
};

fn places(bytes: &[u8], cuts: &[Index]) -> Vec<usize> {
    cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect()
}

/// Bytes in which what framing looks at is frequent.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(b"\n".to_vec()),
        3 => Just(b"\r\n".to_vec()),
        3 => Just(b"\n\0".to_vec()),
        3 => Just(b"\r\0\n\0".to_vec()),
        1 => Just(vec![0]),
        3 => vec(any::<u8>(), 0..40),
        1 => (LONGEST_MESSAGE - 3..LONGEST_MESSAGE + 4).prop_map(|length| vec![b'a'; length]),
        1 => (1..3 * LONGEST_MESSAGE).prop_map(|length| vec![b'b'; length]),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Messages behind length prefixes, the last perhaps not whole.
fn prefixed_stream() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![
        4 => 0..50_usize,
        1 => LONGEST_MESSAGE - 5..LONGEST_MESSAGE + 6,
        1 => 2 * LONGEST_MESSAGE - 1..2 * LONGEST_MESSAGE + 2,
        1 => 0..4 * LONGEST_MESSAGE,
    ];
    (vec(length, 0..6), 0..10_usize).prop_map(|(lengths, missing)| {
        let mut bytes = Vec::new();
        for length in lengths {
            bytes.extend((length as u32).to_be_bytes());
            bytes.extend((0..length).map(|at| at as u8));
        }
        bytes.truncate(bytes.len().saturating_sub(missing));
        bytes
    })
}

fn framing() -> impl Strategy<Value = (Framing, u8)> {
    let framing = prop_oneof![
        2 => Just(Framing::Line),
        1 => Just(Framing::Chunk),
        2 => Just(Framing::LENGTH),
        1 => length_prefix().prop_map(Framing::Length),
        1 => Just(Framing::Cr),
        2 => delimiter().prop_map(Framing::Delimiter),
        1 => fixed_length().prop_map(Framing::Fixed),
        1 => Just(Framing::Quiet),
    ];
    (framing, 1..=2_u8)
}

/// Delimiters that are in [`stream`] often, also halves of them and ones that overlap themselves.
fn delimiter() -> impl Strategy<Value = Delimiter> {
    let bytes = prop_oneof![
        proptest::sample::select(vec![
            &b"\r\n"[..],
            b"\n",
            b"\0",
            b"\n\0",
            b"\n\n",
            b"aa",
            b"a\n",
            b"\r\n\r\n",
            b"bb\n"
        ])
        .prop_map(<[u8]>::to_vec),
        Just(vec![b'a'; LONGEST_DELIMITER]),
        vec(any::<u8>(), 1..=LONGEST_DELIMITER),
    ];
    bytes.prop_map(|bytes| Delimiter::new(&bytes).unwrap())
}

fn fixed_length() -> impl Strategy<Value = FixedLength> {
    prop_oneof![1..40_usize, LONGEST_MESSAGE - 2..=LONGEST_MESSAGE].prop_map(|length| FixedLength::new(length).unwrap())
}

fn length_prefix() -> impl Strategy<Value = LengthPrefix> {
    let width = proptest::sample::select(PrefixWidth::ALL.to_vec());
    let order = prop_oneof![Just(ByteOrder::Big), Just(ByteOrder::Little)];
    (width, order, any::<bool>(), 0..=MOST_PREFIX_OFFSET)
        .prop_map(|(width, order, counts_itself, offset)| LengthPrefix { width, order, counts_itself, offset })
}

/// Bytes in which characters, and halves of them, are frequent in each encoding.
fn bytes_of_any_encoding() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..60),
        vec(
            proptest::sample::select(b"\x81\x30\xfe\x39\xe4\xbd\xa0\xf0\x9f\x00\xd8\xdc\x40aA\x88\x62".to_vec()),
            0..60
        ),
        any::<String>().prop_map(String::into_bytes),
        any::<String>().prop_map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

fn boundary() -> impl Strategy<Value = Boundary> {
    proptest::sample::select(vec![
        Boundary::Newline,
        Boundary::Recv,
        Boundary::Length,
        Boundary::Quiet,
        Boundary::Cut,
        Boundary::EndOfStream,
    ])
}

fn encoding() -> impl Strategy<Value = TextEncoding> {
    proptest::sample::select(OFFERED.to_vec())
}

/// Whether the standard's encoder gives the character the bytes of another.
fn is_sent_as_another(character: char, encoding: TextEncoding) -> bool {
    match encoding.name() {
        "Shift_JIS" => "¥‾−".contains(character),
        // GB 18030-2022 has moved some characters out of the private use area.
        "GBK" | "gb18030" => ('\u{e000}'..='\u{f8ff}').contains(&character),
        _ => false,
    }
}

/// Text that `encoding` has bytes for.
fn text_of(encoding: TextEncoding) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        proptest::char::range(' ', '~'),
        proptest::char::range('\u{a0}', '\u{17f}'),
        proptest::char::range('\u{3041}', '\u{30ff}'),
        proptest::char::range('\u{4e00}', '\u{9fa5}'),
        proptest::char::range('\u{ac00}', '\u{d7a3}'),
        proptest::char::range('\u{1f300}', '\u{1f6ff}'),
    ];
    vec(character, 0..60).prop_map(move |characters| {
        characters
            .into_iter()
            .filter(|character| text::encode(&character.to_string(), encoding).unmappable.is_none())
            .filter(|character| !is_sent_as_another(*character, encoding))
            .collect()
    })
}

proptest! {
    #[test]
    fn messages_are_the_same_however_the_bytes_were_read(
        (framing, unit) in framing(), bytes in prop_oneof![stream(), prefixed_stream()],
        cuts in vec(any::<Index>(), 0..20), take_each in 1..5_usize,
    ) {
        let ends = places(&bytes, &cuts);
        reads_do_not_matter(framing, unit, &bytes, ends, take_each);
    }

    #[test]
    fn prefixed_messages_are_the_same_however_the_bytes_were_read(
        bytes in prefixed_stream(), cuts in vec(any::<Index>(), 0..20), take_each in 1..5_usize,
    ) {
        prop_assert_eq!(
            messages(Framing::LENGTH, 1, &reads(&bytes, places(&bytes, &cuts)), take_each),
            messages(Framing::LENGTH, 1, &[&bytes], 1)
        );
    }

    #[test]
    fn pushes_quiet_and_reframing_lose_nothing_and_hold_little_back(
        first in framing(),
        steps in vec(prop_oneof![
            3 => prop_oneof![stream(), prefixed_stream()].prop_map(Step::Push),
            1 => (0..=QUIET_TAIL.as_millis() as u64).prop_map(|pause| Step::Pause(Duration::from_millis(pause))),
            1 => Just(Step::Pause(QUIET_TAIL)),
            1 => Just(Step::Pause(MISSING_TOLD_AFTER)),
            1 => framing().prop_map(|(framing, unit)| Step::Reframe(framing, unit)),
        ], 1..20),
    ) {
        nothing_is_lost(first, steps);
    }

    #[test]
    fn whatever_comes_in_small_reads_little_is_held_back(
        first in framing(), bytes in prop_oneof![stream(), prefixed_stream()], cuts in vec(any::<Index>(), 0..20),
    ) {
        let steps = reads(&bytes, places(&bytes, &cuts)).into_iter().map(|read| Step::Push(read.to_vec()));
        nothing_is_lost(first, steps.collect());
    }

    #[test]
    fn encode_then_decode_is_identity((encoding, text) in encoding().prop_flat_map(|e| (Just(e), text_of(e)))) {
        let encoded = text::encode(&text, encoding);
        prop_assert_eq!(encoded.unmappable, None);
        let decoded = text::decode(encoding, SplitChar::default(), &encoded.bytes, Boundary::Newline);
        prop_assert_eq!((decoded.text, decoded.malformed, decoded.split_char), (text, false, SplitChar::default()));
    }

    #[test]
    fn text_decoded_read_by_read_is_the_text_decoded_whole(
        encoding in encoding(), bytes in bytes_of_any_encoding(), cuts in vec(any::<Index>(), 0..20),
    ) {
        let ends = places(&bytes, &cuts);
        text_read_by_read_is_the_text(encoding, &bytes, ends);
    }

    #[test]
    fn pieces_tile_the_bytes_and_their_characters_are_the_text(
        encoding in proptest::sample::select(READ_AS.to_vec()),
        before in vec(any::<u8>(), 0..4),
        bytes in bytes_of_any_encoding(),
        boundary in boundary(),
    ) {
        pieces_are_the_text(encoding, &before, &bytes, boundary);
    }

    #[test]
    fn what_is_sent_as_a_message_is_received_as_that_message(
        framing in prop_oneof![
            Just(Framing::Line), Just(Framing::Cr), Just(Framing::LENGTH), length_prefix().prop_map(Framing::Length),
        ],
        crlf in any::<bool>(),
        (encoding, texts) in encoding().prop_flat_map(|e| (Just(e), vec(text_of(e), 0..5))),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        // A line is one line, and a CR at its end is part of its ending.
        let texts: Vec<String> = texts.into_iter().map(|text| text.replace(['\r', '\n'], "")).collect();
        // A text that is longer than its prefix can say is sent as several.
        let texts: Vec<String> = texts
            .into_iter()
            .filter(|text| text::encode(text, encoding).bytes.len() <= framing.longest_sent())
            .collect();
        let ending = if framing == Framing::Cr { "\r" } else if crlf { "\r\n" } else { "\n" };
        let ending = text::encode(ending, encoding).bytes;
        let bytes: Vec<u8> =
            texts.iter().flat_map(|text| text::encode_message(text, encoding, framing, &ending).bytes).collect();
        let received: Vec<String> = messages(framing, encoding.unit(), &reads(&bytes, places(&bytes, &cuts)), 1)
            .iter()
            .map(|message| text::decode(encoding, SplitChar::default(), message.payload(), message.boundary).text)
            .collect();
        prop_assert_eq!(received, texts);
    }

    #[test]
    fn hex_written_and_read_again_is_the_same_bytes(bytes in vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(decode_hex(&encode_hex(&bytes)), Ok(bytes));
    }

    #[test]
    fn no_hex_text_panics(text in "[0-9a-fA-FxX\\\\ ,\n你]{0,40}|\\PC{0,20}") {
        let _ = decode_hex(&text);
    }

    #[test]
    fn bytes_written_with_escapes_and_read_again_are_the_same(bytes in bytes_of_any_encoding()) {
        prop_assert_eq!(decode_escapes(&encode_escapes(&bytes), TextEncoding::default()), Ok(bytes));
    }

    #[test]
    fn no_text_with_escapes_panics(text in "(\\\\[rnt0exu\\\\{}dD8-9a]|[0-9a-fA-F]|你){0,30}", encoding in encoding()) {
        let _ = decode_escapes(&text, encoding);
    }

    #[test]
    fn a_framing_written_and_read_again_is_the_same((framing, _) in framing()) {
        prop_assert_eq!(framing.to_string().parse(), Ok(framing));
    }
}

#[test]
fn a_line_longer_than_the_longest_is_cut_the_same_way_in_reads_of_any_size() {
    let mut bytes = vec![b'a'; LONGEST_MESSAGE];
    bytes.extend(b"\nshort\r\n");
    bytes.extend(vec![b'b'; 2 * LONGEST_MESSAGE + 7]);
    let expected = lines_by_search(1, &bytes);
    for size in [1, 7, 4096, LONGEST_MESSAGE, bytes.len()] {
        let mut framer = Framer::new(Framing::Line, 1);
        let mut receiver = Receiver::default();
        for read in bytes.chunks(size) {
            framer.push(read, Duration::ZERO, &mut receiver.builder).unwrap();
        }
        framer.finish(&mut receiver.builder);
        receiver.take();
        assert_eq!(receiver.messages, expected, "reads of {size}");
    }
}

#[test]
fn a_batch_keeps_no_more_memory_than_its_bytes() {
    let mut framer = Framer::new(Framing::Line, 1);
    let mut builder = BatchBuilder::default();
    for _ in 0..100 {
        framer.push(&b"0123456789\n".repeat(100), Duration::ZERO, &mut builder).unwrap();
    }
    let batch = builder.take();
    assert_eq!(batch.bytes.len(), 110_000);
    // The same buffer comes back as a Vec, without a copy, when nobody else holds it.
    let buffer = Vec::from(batch.bytes);
    assert_eq!(buffer.capacity(), buffer.len());
}

#[test]
fn a_tail_is_due_only_after_the_quiet() {
    let start = Duration::ZERO;
    let mut framer = Framer::new(Framing::Line, 1);
    let mut receiver = Receiver::default();
    assert_eq!(framer.deadline(), None);
    framer.push("one\n你".as_bytes(), start, &mut receiver.builder).unwrap();
    let later = start + Duration::from_millis(150);
    framer.push("好".as_bytes(), later, &mut receiver.builder).unwrap();
    assert_eq!(framer.deadline(), Some(later + QUIET_TAIL));
    framer.quiet(start + QUIET_TAIL, &mut receiver.builder);
    receiver.take();
    assert_eq!(receiver.messages.len(), 1);
    framer.quiet(later + QUIET_TAIL, &mut receiver.builder);
    receiver.take();
    assert_eq!(receiver.messages[1].raw, "你好".as_bytes());
    assert_eq!(receiver.messages[1].boundary, Boundary::Quiet);
    assert_eq!(framer.deadline(), None);
}

#[test]
fn a_prefix_too_long_is_an_error_and_the_messages_before_it_are_there() {
    let mut framer = Framer::new(Framing::LENGTH, 1);
    let mut receiver = Receiver::default();
    let mut bytes = vec![0, 0, 0, 2, b'h', b'i'];
    bytes.extend((LONGEST_PREFIXED as u32 + 1).to_be_bytes());
    bytes.extend(b"rest");
    let error = framer.push(&bytes, Duration::ZERO, &mut receiver.builder).unwrap_err();
    assert_eq!(error, sockhop::wire::FramingError::PrefixTooLong(LONGEST_PREFIXED as u64 + 1));
    receiver.take();
    assert_eq!(receiver.messages[0].payload(), b"hi");
    assert_eq!(framer.push(b"more", Duration::ZERO, &mut receiver.builder), Err(error));
    framer.finish(&mut receiver.builder);
    receiver.take();
    assert_eq!(receiver.raw(), bytes);
}

#[test]
fn a_delimiter_of_which_a_part_came_before_the_quiet_ends_the_message() {
    let start = Duration::ZERO;
    let mut framer = Framer::new(Framing::Delimiter(Delimiter::new(b"##\r\n").unwrap()), 1);
    let mut receiver = Receiver::default();
    framer.push(b"one##\r", start, &mut receiver.builder).unwrap();
    assert_eq!(framer.quiet(start + QUIET_TAIL, &mut receiver.builder), None);
    framer.push(b"\ntwo##\r\n", start + QUIET_TAIL, &mut receiver.builder).unwrap();
    receiver.take();
    let cut: Vec<_> = receiver.messages.iter().map(|m| (&m.raw[..], m.trailer, m.boundary)).collect();
    let expected: [(&[u8], usize, Boundary); 3] =
        [(b"one##\r", 0, Boundary::Quiet), (b"\n", 1, Boundary::Newline), (b"two##\r\n", 4, Boundary::Newline)];
    assert_eq!(cut, expected);
}

#[test]
fn what_is_missing_of_a_message_is_told_once_in_each_pause() {
    let start = Duration::ZERO;
    let mut framer = Framer::new(Framing::LENGTH, 1);
    let mut receiver = Receiver::default();
    framer.push(b"\0\0", start, &mut receiver.builder).unwrap();
    assert_eq!(framer.unfinished(), Some(Unfinished { came: 2, of: None }));
    framer.push(b"\0\x05he", start, &mut receiver.builder).unwrap();
    let due = start + MISSING_TOLD_AFTER;
    assert_eq!(framer.quiet(due.checked_sub(Duration::from_nanos(1)).unwrap(), &mut receiver.builder), None);
    assert_eq!(framer.quiet(due, &mut receiver.builder), Some(Unfinished { came: 2, of: Some(5) }));
    assert_eq!(framer.quiet(due + QUIET_TAIL, &mut receiver.builder), None);
    framer.push(b"l", due, &mut receiver.builder).unwrap();
    let later = due + MISSING_TOLD_AFTER;
    assert_eq!(framer.quiet(later, &mut receiver.builder), Some(Unfinished { came: 3, of: Some(5) }));
    framer.push(b"lo", later, &mut receiver.builder).unwrap();
    assert_eq!((framer.unfinished(), framer.deadline()), (None, None));
    receiver.take();
    assert_eq!(receiver.messages[0].payload(), b"hello");
}

#[test]
fn a_prefix_that_counts_itself_and_says_less_is_an_error() {
    let prefix = LengthPrefix { counts_itself: true, width: PrefixWidth::Two, ..LengthPrefix::NETWORK };
    let mut framer = Framer::new(Framing::Length(prefix), 1);
    let mut receiver = Receiver::default();
    let error = framer.push(b"\0\x04hi\0\x01", Duration::ZERO, &mut receiver.builder).unwrap_err();
    assert_eq!(error, sockhop::wire::FramingError::PrefixTooShort(1));
    receiver.take();
    assert_eq!(receiver.messages[0].payload(), b"hi");
}

#[test]
fn a_message_ends_with_a_pause_where_that_is_chosen() {
    let start = Duration::ZERO;
    let mut framer = Framer::new(Framing::Quiet, 2).with_quiet(Duration::from_millis(20));
    let mut receiver = Receiver::default();
    framer.push(b"one\n", start, &mut receiver.builder).unwrap();
    framer.push(b"two", start + Duration::from_millis(19), &mut receiver.builder).unwrap();
    assert_eq!(framer.deadline(), Some(start + Duration::from_millis(39)));
    framer.quiet(start + Duration::from_millis(38), &mut receiver.builder);
    assert!(receiver.builder.is_empty());
    framer.quiet(start + Duration::from_millis(39), &mut receiver.builder);
    receiver.take();
    assert_eq!((&receiver.messages[0].raw[..], receiver.messages[0].boundary), (&b"one\ntwo"[..], Boundary::Pause));
}
