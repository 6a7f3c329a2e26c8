//! The one list of characters that are not seen: they command a terminal, turn or break the text around them, or hide.
//!
//! Everything that shows a text, a name, a host or the name of a file asks here. Unicode's general categories Cc, Cf
//! (but for the signs of it that are drawn), Zl, Zp, and what is `Default_Ignorable_Code_Point` (UCD,
//! `DerivedCoreProperties.txt`).

/// The short name of a character that is not seen, as the standards abbreviate it; `None` for all that are.
#[must_use]
#[allow(clippy::match_same_arms, reason = "what comes most often is asked first")]
pub fn mark(character: char) -> Option<&'static str> {
    let code = u32::from(character);
    // Most characters of most texts: ASCII, the ideographs and their punctuation. One by one, the ranges below take thrice the
    // time.
    if let 0x20..=0x7e | 0x2070..=0x3163 | 0x3165..=0xfdff | 0xff01..=0xff9f = code {
        return None;
    }
    Some(match code {
        0x00..=0x1f => C0.get(code as usize)?,
        0x7f => "DEL",
        0x80..=0x9f => C1.get(code as usize - 0x80)?,
        0xad => "SHY",
        0x34f => "CGJ",
        0x61c => "ALM",
        0x115f => "HCF",
        0x1160 => "HJF",
        0x17b4 | 0x17b5 => "KIV",
        0x180b..=0x180d => FREE_VARIATION.get(code as usize - 0x180b)?,
        0x180e => "MVS",
        0x180f => "FVS4",
        0x200b => "ZWSP",
        0x200c => "ZWNJ",
        0x200d => "ZWJ",
        0x200e => "LRM",
        0x200f => "RLM",
        0x2028 => "LSEP",
        0x2029 => "PSEP",
        0x202a => "LRE",
        0x202b => "RLE",
        0x202c => "PDF",
        0x202d => "LRO",
        0x202e => "RLO",
        0x2060 => "WJ",
        0x2061..=0x206f => FORMAT.get(code as usize - 0x2061)?,
        0x3164 => "HF",
        0xfe00..=0xfe0f => VARIATION.get(code as usize - 0xfe00)?,
        0xfeff => "BOM",
        0xffa0 => "HWHF",
        0xfff0..=0xfff8 | 0xe0080..=0xe00ff | 0xe01f0..=0xe0fff => "DICP",
        0xfff9 => "IAA",
        0xfffa => "IAS",
        0xfffb => "IAT",
        0x1bca0..=0x1bca3 => "SHF",
        0x1d173..=0x1d17a => "MUS",
        0xe0000..=0xe007f => "TAG",
        0xe0100..=0xe01ef => "VS",
        _ => return None,
    })
}

/// Whether this character, which is a mark, is part of the writing where it is: a joiner between two characters that
/// are joined by such (of an emoji, of Persian, of Indic scripts), or one variation selector after what it varies.
#[must_use]
pub(super) fn belongs(before: Option<char>, mark: char, after: Option<char>) -> bool {
    let Some(before) = before.map(u32::from) else { return false };
    let after = after.map_or(0, u32::from);
    match u32::from(mark) {
        0x200d => (is_emoji(before) || before == 0xfe0f) && is_emoji(after) || is_joined(before) && is_joined(after),
        0x200c => is_joined(before) && is_joined(after),
        0xfe0f if is_keycap(before) => after == 0x20e3,
        0xfe0e | 0xfe0f => is_emoji(before) || is_ideograph(before),
        0xfe00..=0xfe0d | 0xe0100..=0xe01ef => is_ideograph(before),
        0x180b..=0x180d | 0x180f => is_mongolian(before),
        0x180e => is_mongolian(before) && is_mongolian(after),
        0x115f | 0x1160 => is_jamo(before) || is_jamo(after),
        _ => false,
    }
}

fn is_keycap(code: u32) -> bool {
    matches!(code, 0x23 | 0x2a | 0x30..=0x39)
}

/// As far as the blocks of symbols go that have emoji among them.
fn is_emoji(code: u32) -> bool {
    matches!(code, 0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x2460..=0x24ff
        | 0x25a0..=0x27bf | 0x2900..=0x297f | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299 | 0x1f000..=0x1faff)
}

fn is_ideograph(code: u32) -> bool {
    matches!(code, 0x2e80..=0x2fdf | 0x3000..=0x303f | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff01..=0xff60
        | 0x20000..=0x3ffff)
}

/// A letter or sign of a script that joins its letters: Arabic, Syriac, N'Ko, the Indic ones, Myanmar, Khmer, Mongolian.
fn is_joined(code: u32) -> bool {
    let one_of_them = matches!(code, 0x620..=0x6ef | 0x6fa..=0x8ff | 0x900..=0xdff | 0x1000..=0x109f | 0x1780..=0x17b3
        | 0x17b6..=0x17ff | 0xa840..=0xa87f | 0xa8e0..=0xa8ff | 0xaa60..=0xaa7f | 0xfb50..=0xfdff | 0xfe70..=0xfefc
        | 0x11000..=0x11fff);
    one_of_them || is_mongolian(code)
}

fn is_mongolian(code: u32) -> bool {
    matches!(code, 0x1820..=0x18af)
}

/// A conjoining letter of Korean, but no filler.
fn is_jamo(code: u32) -> bool {
    matches!(code, 0x1100..=0x115e | 0x1161..=0x11ff | 0xa960..=0xa97c | 0xd7b0..=0xd7fb)
}

const C0: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
];

const C1: [&str; 32] = [
    "PAD", "HOP", "BPH", "NBH", "IND", "NEL", "SSA", "ESA", "HTS", "HTJ", "VTS", "PLD", "PLU", "RI", "SS2", "SS3",
    "DCS", "PU1", "PU2", "STS", "CCH", "MW", "SPA", "EPA", "SOS", "SGC", "SCI", "CSI", "ST", "OSC", "PM", "APC",
];

const FREE_VARIATION: [&str; 3] = ["FVS1", "FVS2", "FVS3"];

/// U+2061 to U+206F: invisible operators, one that is unassigned, the isolates of directions, deprecated ones.
const FORMAT: [&str; 15] =
    ["FA", "IT", "IS", "IP", "DICP", "LRI", "RLI", "FSI", "PDI", "ISS", "ASS", "IAFS", "AAFS", "NADS", "NODS"];

const VARIATION: [&str; 16] = [
    "VS1", "VS2", "VS3", "VS4", "VS5", "VS6", "VS7", "VS8", "VS9", "VS10", "VS11", "VS12", "VS13", "VS14", "VS15",
    "VS16",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_turns_breaks_or_hides_text_is_a_mark() {
        let ranges = [
            0x00..=0x1f,
            0x7f..=0x9f,
            0xad..=0xad,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x200b..=0x200f,
            0x2028..=0x202e,
            0x2060..=0x206f,
            0x3164..=0x3164,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff9..=0xfffb,
            0xe0000..=0xe01ef,
        ];
        for code in ranges.into_iter().flatten() {
            let character = char::from_u32(code).unwrap();
            assert!(mark(character).is_some(), "U+{code:04X}");
        }
        assert!("Az 09~¡é你，。😀🏳\u{301}\u{a0}\u{3000}".chars().all(|character| mark(character).is_none()));
    }

    #[test]
    fn a_joiner_belongs_between_what_it_joins_and_a_selector_after_what_it_varies() {
        for (text, all) in [
            ("👩\u{200d}💻", true),
            ("❤\u{fe0f}\u{200d}🔥", true),
            ("1\u{fe0f}\u{20e3}", true),
            ("葛\u{e0100}", true),
            ("می\u{200c}خواهم", true),
            ("क\u{94d}\u{200d}ष", true),
            ("a\u{200d}b", false),
            ("pay\u{200c}pal", false),
            ("😀\u{fe0f}\u{fe0f}", false),
            ("a\u{fe0f}", false),
            ("1\u{fe0f}1", false),
            ("\u{200d}💻", false),
            ("😀\u{e0041}", false),
        ] {
            let characters: Vec<char> = text.chars().collect();
            let belong = characters.iter().enumerate().filter(|(_, c)| mark(**c).is_some()).all(|(at, c)| {
                let before = at.checked_sub(1).and_then(|before| characters.get(before));
                belongs(before.copied(), *c, characters.get(at + 1).copied())
            });
            assert_eq!(belong, all, "{text:?}");
        }
    }
}
