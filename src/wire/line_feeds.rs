//! Where the line feeds are in a piece of memory, fast also when lines are short.

use memchr::{memchr, memchr_iter};

/// Call `found` with the offset of each LF byte in `bytes`, in order.
///
/// `memchr` alone is the fastest there is for long lines, but starts anew at each line: with 40 bytes
/// a line, this takes less than half its time.
pub(super) fn for_each_line_feed(bytes: &[u8], mut found: impl FnMut(usize)) {
    let mut at = 0;
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        let mut left = line_feeds(block);
        if left == 0 {
            let Some(next) = memchr(b'\n', after) else { return };
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
    for lf in memchr_iter(b'\n', rest) {
        found(at + lf);
    }
}

/// One bit a byte, the first byte's lowest: whether it is LF.
///
/// Written so that the compiler makes vector instructions of the comparison on every processor.
fn line_feeds(block: &[u8; BLOCK]) -> u64 {
    let mut bits = [0; BLOCK];
    for ((bit, byte), place) in bits.iter_mut().zip(block).zip(PLACES.as_flattened()) {
        *bit = if *byte == b'\n' { *place } else { 0 };
    }
    // No two of eight bytes share a bit, so that their sum is all their bits; the multiplication
    // leaves it in the highest byte.
    let (eights, _) = bits.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |mask, eight| (mask << 8) | (u64::from_le_bytes(*eight).wrapping_mul(0x0101_0101_0101_0101) >> 56))
}

/// Bytes looked at together: as many as a `u64` has bits.
const BLOCK: usize = u64::BITS as usize;

/// The bit of each byte among its eight neighbours.
const PLACES: [[u8; 8]; BLOCK / 8] = [[1, 2, 4, 8, 16, 32, 64, 128]; BLOCK / 8];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Vec<usize> {
        let mut all = Vec::new();
        for_each_line_feed(bytes, |lf| all.push(lf));
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
