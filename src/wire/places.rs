//! Where a byte is in a piece of memory, such as the line feed, fast also where it is frequent.

use memchr::memchr;
use wide::u8x16;

/// Call `found` with the offset of each such byte in `bytes`, in order.
///
/// `memchr` alone is the fastest there is for long lines, but starts again at each line: with 40 bytes
/// a line, this takes less than half its time.
pub(super) fn for_each(byte: u8, bytes: &[u8], mut found: impl FnMut(usize)) {
    let mut at = 0;
    let mut rest = bytes;
    // The last bytes, filled up with others than the one that is looked for. As a block like all others they have no call of
    // `found` of their own: one with a single call becomes a part of this loop, also in a program that is built small.
    let mut filled = [!byte; BLOCK];
    while !rest.is_empty() {
        let (block, after) = rest.split_first_chunk::<BLOCK>().unwrap_or_else(|| {
            for (to, from) in filled.iter_mut().zip(rest) {
                *to = *from;
            }
            (&filled, &[])
        });
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
}

/// One bit a byte, the first byte's lowest: whether it is that byte.
fn places(wanted: u8, block: &[u8; BLOCK]) -> u64 {
    let wanted = u8x16::splat(wanted);
    let bits_of = |quarter: &[u8; 16]| u64::from(u8x16::from(*quarter).simd_eq(wanted).to_bitmask());
    // Not a loop: where a program is built small, it would stay one.
    let [first, second, third, fourth] = block.as_chunks().0 else { return 0 };
    bits_of(first) | bits_of(second) << 16 | bits_of(third) << 32 | bits_of(fourth) << 48
}

/// Bytes looked at together: as many as a `u64` has bits.
const BLOCK: usize = u64::BITS as usize;

#[cfg(test)]
mod tests {
    use memchr::memchr_iter;

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
