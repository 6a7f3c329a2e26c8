//! Texts of a format, in which a fuzzer would be long in finding its words.

/// The text in which each byte of ASCII is itself, and every other byte one of these pieces.
pub fn spell(bytes: &[u8], pieces: &[&str]) -> Vec<u8> {
    let spelled = |byte: &u8| match byte.checked_sub(0x80) {
        None => vec![*byte],
        Some(piece) => pieces.get(usize::from(piece)).map_or_else(|| vec![*byte], |piece| piece.as_bytes().to_vec()),
    };
    bytes.iter().flat_map(spelled).collect()
}
