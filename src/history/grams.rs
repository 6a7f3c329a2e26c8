//! What of a folded text can be looked up: its characters, pairs and triples.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
};

/// All grams of the folded texts, each once, as words for FTS5's `ascii` tokenizer.
pub(super) fn words<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut seen: HashSet<Gram, BuildHasherDefault<MultiplyHasher>> = HashSet::default();
    let mut words = String::new();
    for text in texts {
        let (mut a, mut b) = (None, None);
        for c in text.chars() {
            for gram in [Some(Gram::one(c)), Gram::pair(b, c), Gram::triple(a, b, c)].into_iter().flatten() {
                if seen.insert(gram) {
                    gram.push_word(&mut words);
                    words.push(' ');
                }
            }
            (a, b) = (b, Some(c));
        }
    }
    words
}

/// An FTS5 query for the texts whose [`words`] have the grams of the folded needle. None, if it has none.
pub(super) fn query(needle: &str) -> Option<String> {
    let chars: Vec<char> = needle.chars().collect();
    let at = |place: usize| chars.get(place).copied();
    let mut wanted = Vec::new();
    if let [c] = chars.as_slice() {
        wanted.push(Gram::one(*c));
    }
    for (place, c) in (1_usize..).zip(chars.iter().skip(1)) {
        let before = place.checked_sub(2).and_then(at);
        let triple = Gram::triple(before, at(place - 1), *c);
        let covered_by_next = at(place + 1).is_some_and(|next| Gram::triple(at(place - 1), Some(*c), next).is_some());
        // A pair is there wherever a triple is that has it in it.
        let pair = if triple.is_some() || covered_by_next { None } else { Gram::pair(at(place - 1), *c) };
        wanted.extend(triple.or(pair).filter(|gram| !wanted.contains(gram)));
    }
    let step = wanted.len().div_ceil(MOST_WORDS).max(1);
    let mut query = String::new();
    for gram in wanted.iter().step_by(step) {
        query.push_str(if query.is_empty() { "\"" } else { " AND \"" });
        gram.push_word(&mut query);
        query.push('"');
    }
    (!query.is_empty()).then_some(query)
}

/// One to three characters beside each other: 21 bits each, one more than the character's number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Gram(u64);

impl Gram {
    fn one(c: char) -> Self {
        Self(u64::from(u32::from(c)) + 1)
    }

    fn pair(before: Option<char>, c: char) -> Option<Self> {
        Some(Self(Self::one(before?).0 << CHAR_BITS | Self::one(c).0))
    }

    /// Only in scripts of few letters: where there are thousands of characters, a pair is rare enough.
    fn triple(a: Option<char>, b: Option<char>, c: char) -> Option<Self> {
        let few = |c: &char| *c < '\u{2e80}';
        let (a, b) = (a.filter(few)?, b.filter(few)?);
        few(&c).then_some(Self(Self::one(a).0 << (2 * CHAR_BITS) | Self::one(b).0 << CHAR_BITS | Self::one(c).0))
    }

    /// As a word for the `ascii` tokenizer, to which all from U+0080 on is part of a word, and of what is before
    /// only letters and digits. The others take the places from U+0080 on; that these are letters too makes some
    /// texts look as if they had a gram, and searching looks at the text itself anyway.
    fn push_word(self, words: &mut String) {
        for place in (0..3).rev() {
            let number = (self.0 >> (place * CHAR_BITS)) as u32 & ((1 << CHAR_BITS) - 1);
            let c = number.checked_sub(1).and_then(char::from_u32);
            words.extend(c.and_then(|c| match c {
                'a'..='z' | '0'..='9' | '\u{80}'.. => Some(c),
                _ => char::from_u32(u32::from(c) + 0x80),
            }));
        }
    }
}

const CHAR_BITS: u32 = 21;

/// The most words in a query; a longer needle is looked up by some of its grams.
const MOST_WORDS: usize = 16;

/// A hash for numbers that nobody chooses to collide: a multiplication spreads them well enough.
#[derive(Default)]
struct MultiplyHasher(u64);

impl Hasher for MultiplyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fold::fold, *};

    #[test]
    fn a_needle_is_looked_up_by_its_longest_grams() {
        let query = |needle: &str| query(&fold(needle));
        assert_eq!(query(""), None);
        assert_eq!(query("A"), Some("\"a\"".to_owned()));
        assert_eq!(query("ab"), Some("\"ab\"".to_owned()));
        assert_eq!(query("abcd"), Some("\"abc\" AND \"bcd\"".to_owned()));
        assert_eq!(query("你好吗"), Some("\"你好\" AND \"好吗\"".to_owned()));
        assert_eq!(query("ab你cde"), Some("\"ab\" AND \"b你\" AND \"你c\" AND \"cde\"".to_owned()));
        assert_eq!(query("\"*\""), Some("\"\u{a2}\u{aa}\u{a2}\"".to_owned()));
        assert_eq!(query("aaaa"), Some("\"aaa\"".to_owned()));
    }

    #[test]
    fn every_word_of_the_query_for_a_part_is_among_the_words_of_the_whole() {
        let text = fold("Line 0042: 你好 a\"b' \0 (x) 😀😀 AND Ünï\tcode");
        let words = words([text.as_str()].into_iter());
        let words: Vec<_> = words.split(' ').collect();
        let chars: Vec<char> = text.chars().collect();
        for start in 0..chars.len() {
            for end in start + 1..=chars.len() {
                let needle: String = chars[start..end].iter().collect();
                for word in query(&needle).unwrap().split(" AND ") {
                    assert!(words.contains(&word.trim_matches('"')), "{needle:?} {word}");
                }
            }
        }
    }
}
