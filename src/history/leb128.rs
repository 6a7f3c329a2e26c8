//! Numbers in few bytes, LEB128: seven bits a byte, the lowest first, the eighth set in all but the last.

/// Adds a number.
pub(super) fn put(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Adds a step that may go back. Zigzag: a small one takes as few bytes in either direction.
pub(super) fn put_step(step: i64, bytes: &mut Vec<u8>) {
    put((step << 1 ^ step >> 63) as u64, bytes);
}

/// Takes a number from the front; `None` if there is none.
pub(super) fn get(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Takes a step of [`put_step`] from the front.
pub(super) fn get_step(bytes: &mut &[u8]) -> Option<i64> {
    let zigzag = get(bytes)?;
    Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
}
