//! Where a byte is in a piece of memory, such as the line feed, fast also where it is frequent.

use memchr::{memchr, memchr_iter};

/// Call `found` with the offset of each such byte in `bytes`, in order.
///
/// `memchr` alone is the fastest there is for long lines, but starts again at each line: with 40 bytes
/// a line, this takes less than half its time.
pub(super) fn for_each(byte: u8, bytes: &[u8], mut found: impl FnMut(usize)) {
    let mut at = 0;
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        let mut left = places(byte, block);
        if left == 0 {
            let Some(next) = memchr(byte, after) else { return };
            at += BLOCK + next;
            rest = after.get(next..).unwrap_or_default();
            continue;
        }
        while left != 0 {
            found(at + left.trailing_zeros() as usize);
            left &= left - 1;
        }
        at += BLOCK;
        rest = after;
    }
    for place in memchr_iter(byte, rest) {
        found(at + place);
    }
}

/// One bit a byte, the first byte's lowest: whether it is that byte.
///
/// Written so that the compiler makes vector instructions of the comparison on every processor.
fn places(wanted: u8, block: &[u8; BLOCK]) -> u64 {
    let mut bits = [0; BLOCK];
    for ((bit, byte), place) in bits.iter_mut().zip(block).zip(PLACES.as_flattened()) {
        *bit = if *byte == wanted { *place } else { 0 };
    }
    // No two of the eights share a bit, so that one word holds them all: the first byte of each in
    // its first byte, and so on.
    let (eights, _) = bits.as_chunks::<8>();
    let columns = eights.iter().fold(0, |all, eight| all | u64::from_le_bytes(*eight));
    if columns == 0 { 0 } else { transpose(columns) }
}

/// The 8 by 8 bits of a word with rows and columns exchanged (Hacker's Delight, 7-3).
fn transpose(mut bits: u64) -> u64 {
    for (distance, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let differing = (bits ^ (bits >> distance)) & mask;
        bits ^= differing ^ (differing << distance);
    }
    bits
}

/// Bytes looked at together: as many as a `u64` has bits.
const BLOCK: usize = u64::BITS as usize;

/// The bit of each eight bytes.
const PLACES: [[u8; 8]; BLOCK / 8] = [[1; 8], [2; 8], [4; 8], [8; 8], [16; 8], [32; 8], [64; 8], [128; 8]];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Vec<usize> {
        let mut all = Vec::new();
        for_each(b'\n', bytes, |lf| all.push(lf));
        all
    }

    #[test]
    fn every_line_feed_is_found_wherever_it_is() {
        for length in 0..200 {
            let mut bytes = vec![b'a'; length];
            assert!(found(&bytes).is_empty());
            for at in 0..length {
                bytes[at] = b'\n';
                assert_eq!(found(&bytes), [at], "{at} of {length}");
                bytes[at] = b'a';
            }
        }
    }

    #[test]
    fn what_is_found_is_what_memchr_finds() {
        // Bytes of a simple generator, of which a share is LF: none, few, half, all.
        for share in [0, 1, 3, 20, 128, 256] {
            let mut state = 1_u32;
            let bytes: Vec<u8> = (0..5000)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if state >> 24 < share { b'\n' } else { (state >> 16) as u8 }
                })
                .collect();
            assert_eq!(found(&bytes), memchr_iter(b'\n', &bytes).collect::<Vec<_>>());
        }
    }
}
