//! Texts made alike for searching: what looks or reads the same is the same, whichever way it is written.
//!
//! A text is cut into characters as readers see them, each with what combines with it. Each is folded by itself, so that
//! a part of a text folds to a part of the folded text, and a place in the one can be told in the other. Folding is
//! compatibility decomposition (UAX #15: full width, ligatures, 한 as one or as three), then without marks, in lower
//! case with ß as ss, and composed again. Folding twice changes nothing.

use std::{iter::Peekable, ops::Range, str::CharIndices, sync::LazyLock};

use icu_normalizer::{
    ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed,
};
use memchr::memmem;

const DECOMPOSING: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMPOSING: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const CLASSES: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();

/// Adds the text to `folded`, which is UTF-8 as well.
pub(super) fn fold_into(text: &str, folded: &mut Vec<u8>) {
    let mut rest = text;
    while !rest.is_empty() {
        // Most texts are of ASCII alone, which can be seen many bytes at once.
        let plain = if rest.is_ascii() { rest.len() } else { plain(rest) };
        let start = folded.len();
        folded.extend_from_slice(rest.get(..plain).unwrap_or_default().as_bytes());
        folded.get_mut(start..).unwrap_or_default().make_ascii_lowercase();
        rest = rest.get(plain..).unwrap_or_default();
        if let Some((range, fold)) = pieces(rest).next() {
            let (piece, after) = rest.split_at(range.end);
            fold.push(piece, folded);
            rest = after;
        }
    }
}

/// How many bytes there are at the beginning of which only the case changes: ASCII and ideographs, and nothing that
/// the next character may combine with.
fn plain(text: &str) -> usize {
    // From U+4000 to U+9FFF characters begin with 0xe4 to 0xe9; those from 0x80 to 0xbf continue one.
    let end = text.bytes().position(|byte| !matches!(byte, 0..=0xbf | 0xe4..=0xe9)).unwrap_or(text.len());
    if end == text.len() {
        return end;
    }
    text.get(..end).and_then(|plain| plain.char_indices().next_back()).map_or(0, |(last, _)| last)
}

/// The text, folded.
pub(super) fn fold(text: &str) -> String {
    let mut folded = Vec::with_capacity(text.len());
    fold_into(text, &mut folded);
    // Only characters were added.
    String::from_utf8(folded).unwrap_or_default()
}

/// What is looked for, folded: white space around it was not meant.
pub(super) fn needle(text: &str) -> String {
    fold(text.trim()).trim().to_owned()
}

/// Where a text has what is looked for, by the rules of [`Question::Search`](super::Question::Search); in bytes, at most
/// `most` times.
#[must_use]
pub fn found_in(text: &str, looked_for: &str, most: usize) -> Vec<Range<usize>> {
    matches(text, &needle(looked_for), most)
}

/// A text that is folded once, for all that is looked for in it.
#[derive(Debug)]
pub struct Folded {
    folded: Vec<u8>,
    /// Where each piece begins in the folded text, and its range in the text; `None` where they are the same places.
    places: Option<Vec<(usize, Range<usize>)>>,
}

impl Folded {
    /// Folds it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self { folded: text.to_ascii_lowercase().into_bytes(), places: None };
        }
        let mut folded = Vec::with_capacity(text.len());
        let mut places = Vec::new();
        for (range, fold) in pieces(text) {
            places.push((folded.len(), range.clone()));
            fold.push(text.get(range).unwrap_or_default(), &mut folded);
        }
        Self { folded, places: Some(places) }
    }

    /// What [`found_in`] says of it.
    #[must_use]
    pub fn found(&self, looked_for: &str, most: usize) -> Vec<Range<usize>> {
        self.matches(&needle(looked_for), most)
    }

    fn matches(&self, needle: &str, most: usize) -> Vec<Range<usize>> {
        if needle.is_empty() {
            return Vec::new();
        }
        let starts = memmem::find_iter(&self.folded, needle);
        let Some(places) = &self.places else {
            return starts.take(most).map(|at| at..at + needle.len()).collect();
        };
        let piece = |place: usize| {
            // Of pieces that are nothing when folded, the last begins where the one after them does.
            let after = places.partition_point(|(start, _)| *start <= place);
            after.checked_sub(1).and_then(|at| places.get(at)).map_or(place..place, |(_, range)| range.clone())
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        for start in starts {
            let (begin, end) = (piece(start).start, piece(start + needle.len() - 1).end);
            if found.last().is_none_or(|last| last.end <= begin) {
                found.push(begin..end);
                if found.len() == most {
                    break;
                }
            }
        }
        found
    }
}

/// Where `needle`, folded, is in the text, in bytes, at most `most` times and never overlapping. A character of the
/// text of which a part is found is found whole.
pub(super) fn matches(text: &str, needle: &str, most: usize) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    Folded::new(text).matches(needle, most)
}

/// How a piece is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fold {
    /// It becomes this character.
    To(char),
    /// That has to be worked out.
    Slow,
}

impl Fold {
    fn push(self, piece: &str, folded: &mut Vec<u8>) {
        let Self::To(c) = self else { return fold_piece(piece, folded) };
        folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The text's characters, each with what combines with it.
fn pieces(text: &str) -> Pieces<'_> {
    Pieces { chars: text.char_indices().peekable(), end: text.len() }
}

struct Pieces<'t> {
    chars: Peekable<CharIndices<'t>>,
    end: usize,
}

impl Iterator for Pieces<'_> {
    type Item = (Range<usize>, Fold);

    fn next(&mut self) -> Option<Self::Item> {
        let (start, c) = self.chars.next()?;
        let mut fold = Known::of(c).fold;
        while let Some((_, next)) = self.chars.next_if(|(_, next)| Known::of(*next).combines) {
            // Marks are gone when it is folded.
            if !is_mark(next) {
                fold = Fold::Slow;
            }
        }
        let end = self.chars.peek().map_or(self.end, |(place, _)| *place);
        Some((start..end, fold))
    }
}

/// What is known of a character by itself.
#[derive(Clone, Copy, Debug)]
struct Known {
    fold: Fold,
    combines: bool,
}

/// The characters of the scripts of few letters, worked out once.
static FIRST: LazyLock<Vec<Known>> = LazyLock::new(|| ('\0'..FIRST_END).map(Known::worked_out).collect());

/// The character after [`FIRST`].
const FIRST_END: char = '\u{3100}';

impl Known {
    fn of(c: char) -> Self {
        match FIRST.get(c as usize) {
            Some(known) => *known,
            None => quick(c).map_or_else(|| Self::worked_out(c), |to| Self { fold: Fold::To(to), combines: false }),
        }
    }

    fn worked_out(c: char) -> Self {
        let mut folded = Vec::new();
        fold_piece(c.encode_utf8(&mut [0; 4]), &mut folded);
        let mut folded = std::str::from_utf8(&folded).unwrap_or_default().chars();
        let fold = match (folded.next(), folded.next()) {
            (Some(one), None) => Fold::To(one),
            _ => Fold::Slow,
        };
        Self { fold, combines: combines(c) }
    }
}

/// What ideographs, syllables of Hangul, pictures and ASCII at full width become. None of them combines with the one
/// before.
fn quick(c: char) -> Option<char> {
    match c {
        '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '가'..='힣'
        | '\u{1f300}'..='\u{1f3fa}'
        | '\u{1f400}'..='\u{1faff}' => Some(c),
        '！'..='～' => char::from_u32(u32::from(c) - FULL_WIDTH).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

/// Whether the character belongs to the one before.
fn combines(c: char) -> bool {
    let first = DECOMPOSING.normalize_iter(std::iter::once(c)).next().unwrap_or(c);
    CLASSES.get_u8(first) != 0 || is_mark(first) || composes_backwards(first)
}

fn fold_piece(piece: &str, folded: &mut Vec<u8>) {
    let start = folded.len();
    let mut buffer = [0; 4];
    let decomposed = piece.chars().flat_map(decomposed);
    // A letter that is the capital of several is each of them, such as ſ and s.
    let lower = decomposed
        .filter(|c| !is_mark(*c))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_mark(*c));
    for c in COMPOSING.normalize_iter(lower) {
        folded.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
    debug_assert!(std::str::from_utf8(folded.get(start..).unwrap_or_default()).is_ok(), "{piece:?}");
}

/// The character in its parts. A mark that stands by itself is one, not a blank with a mark.
fn decomposed(c: char) -> impl Iterator<Item = char> {
    let mut parts = DECOMPOSING.normalize_iter(std::iter::once(c)).peekable();
    let stays = !c.is_whitespace() && parts.peek() == Some(&' ');
    stays.then_some(c).into_iter().chain(parts.filter(move |_| !stays))
}

/// Whether it says how a letter is pronounced, and nothing that is written without it is another word; or whether
/// nothing is seen of it. Vowels of scripts that write them as marks, and Japanese voicing, are none.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20f0}' | '\u{2de0}'..='\u{2dff}'
        | '\u{a66f}' | '\u{a674}'..='\u{a67d}' | '\u{fe20}'..='\u{fe2f}'
        // Not seen: DerivedCoreProperties.txt, Default_Ignorable_Code_Point, but for the fillers of Hangul.
        | '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a letter becomes one with the one before it: vowels and ends of syllables.
fn composes_backwards(c: char) -> bool {
    matches!(c,
        '\u{9be}' | '\u{9d7}' | '\u{b3e}' | '\u{b56}' | '\u{b57}' | '\u{bbe}' | '\u{bd7}' | '\u{cc2}' | '\u{cd5}'
        | '\u{cd6}' | '\u{d3e}' | '\u{d57}' | '\u{dcf}' | '\u{ddf}' | '\u{102e}' | '\u{1161}'..='\u{1175}'
        | '\u{11a8}'..='\u{11c2}' | '\u{1b35}')
}

/// From a character of ASCII to the same at full width.
const FULL_WIDTH: u32 = 0xfee0;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::single_range_in_vec_init, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_match_is_where_it_is_in_the_text_however_it_is_written() {
        assert_eq!(matches("Hello hello", &fold("HELLO"), 9), [0..5, 6..11]);
        assert_eq!(matches("aaaa", "aa", 9), [0..2, 2..4]);
        assert_eq!(matches("aaaa", "a", 2), [0..1, 1..2]);
        // The Kelvin sign is three bytes, a k is one.
        assert_eq!(matches("\u{212a}x你好K你", "k", 9), [0..3, 10..11]);
        assert_eq!(matches("\u{212a}x你好K你", "好k", 9), vec![7..11]);
        assert_eq!(matches("你好😀", "😀", 9), vec![6..10]);
        assert!(matches("abc", "d", 9).is_empty());
        // A mark belongs to its letter, and both letters of ß are it.
        assert_eq!(matches("le cafe\u{301}s", "cafe", 9), [3..9]);
        assert_eq!(matches("aßb ß", "s", 9), [1..3, 5..7]);
        assert_eq!(matches("aßb", "sb", 9), [1..4]);
        assert_eq!(matches("\u{feff}a\u{ad}b", "ab", 9), [3..7]);
        assert_eq!(matches("…", "..", 9), [0..3]);
        assert!(matches("abc", "", 9).is_empty());
    }

    #[test]
    fn what_reads_the_same_folds_to_the_same() {
        for alike in [
            &["USB", "usb", "ＵＳＢ", "u\u{200b}sb", "𝐔𝐒𝐁", "ⓤⓢⓑ"][..],
            &["café", "cafe\u{301}", "CAFÉ", "cafe"],
            &["straße", "STRASSE", "STRAẞE", "ſtrasse"],
            &["한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"],
            &["ガギ", "ｶﾞｷﾞ", "カ\u{3099}キ\u{3099}"],
            &["（你好）", "(你好)"],
            &["ﬁne", "fine"],
            &["ΟΔΥΣΣΕΥΣ", "οδυσσεύς"],
            &["ёлка", "Елка"],
            &["İstanbul", "istanbul"],
            &["شَمْس", "شمس"],
            &["❤\u{fe0f}", "❤"],
        ] {
            for text in alike {
                assert_eq!(fold(text), fold(alike[0]), "{text:?}");
            }
        }
        // What is another word stays another.
        for other in [["か", "が"], ["하", "한"], ["กิน", "กน"], ["´", " "], ["a", "b"], ["〜", "~"]] {
            assert_ne!(fold(other[0]), fold(other[1]), "{other:?}");
        }
        assert_eq!(needle(" \u{3000}\tA b\n"), "a b");
    }

    /// A text as an index of the first version has it.
    fn fold_of_version_1(c: char) -> char {
        let mut lower = c.to_lowercase();
        lower.next().filter(|_| lower.next().is_none()).unwrap_or(c)
    }

    #[test]
    fn folding_again_changes_nothing_and_what_an_old_index_holds_folds_to_the_same() {
        // What is between has neither parts nor case.
        for c in ('\0'..'\u{20000}').chain('\u{2f800}'..'\u{2fa20}').chain('\u{e0000}'..'\u{e0200}') {
            let folded = fold(&c.to_string());
            assert_eq!(fold(&folded), folded, "{c:?}");
            assert_eq!(fold(&fold_of_version_1(c).to_string()), folded, "{c:?}");
            // The short way is the long way.
            let mut slow = Vec::new();
            fold_piece(&c.to_string(), &mut slow);
            assert_eq!(String::from_utf8(slow).unwrap(), folded, "{c:?}");
            assert!(quick(c).is_none() || !combines(c), "{c:?}");
            let mut lower = c.to_lowercase();
            if c >= '\u{80}'
                && let (Some(one), None) = (lower.next(), lower.next())
            {
                assert_eq!(combines(one), combines(c), "{c:?}");
            }
        }
    }

    #[test]
    fn the_short_way_is_the_long_way() {
        for text in
            ["", "a", "e\u{301}", "你e\u{301}你", "AB你好，\u{301}C", "你\u{301}", "ＡAÄ中", "\u{301}a", "한A글"]
        {
            let mut long = Vec::new();
            for (range, fold) in pieces(text) {
                fold.push(&text[range], &mut long);
            }
            assert_eq!(fold(text).into_bytes(), long, "{text:?}");
        }
    }

    #[test]
    fn a_part_of_a_text_folds_to_a_part_of_the_folded_text() {
        let text = "Line 0042: （你好） ＡＢ a\"b' \0 ß 한글 ガ😀😀 e\u{301}e Ünï\tcode ﬁ½ กิน";
        let whole = fold(text);
        let starts: Vec<usize> = pieces(text).map(|(range, _)| range.start).chain([text.len()]).collect();
        for (at, start) in starts.iter().enumerate() {
            for end in starts.iter().skip(at + 1) {
                let part = &text[*start..*end];
                assert!(whole.contains(&fold(part)), "{part:?}");
                let part = needle(part);
                assert_eq!(matches(text, &part, 1).is_empty(), part.is_empty(), "{part:?}");
            }
        }
    }
}
