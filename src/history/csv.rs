//! A cell of a table that a spreadsheet neither computes nor changes.
//!
//! A text that a spreadsheet would take for a formula, a number, a date or a time begins with an apostrophe; one that
//! begins with an apostrophe itself has a second one. Take one away, and the text is as it was. Spreadsheets have no
//! other mark for a text that all of them know in a file: a quoted cell is computed as any other.

/// A text as a cell (RFC 4180, section 2).
pub(super) fn cell(text: &str) -> String {
    let apostrophe = if is_touched(text) { "'" } else { "" };
    if text.contains(['"', ',', ';', '\t', '\r', '\n']) {
        format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{apostrophe}{text}")
    }
}

/// Whether the text has to be marked as such.
fn is_touched(text: &str) -> bool {
    let begins = text.trim_start().chars().next();
    text.starts_with(['\'', '\t', '\r', '\n'])
        || begins.is_some_and(|c| FORMULAS.contains(&c))
        || text.len() <= LONGEST_VALUE && is_value(text.trim()) && !is_small_number(text)
}

/// Whole numbers of up to 15 digits stay as they are: a spreadsheet calculates with 53 bits.
fn is_small_number(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.len() <= 15 && (text == "0" || !text.starts_with('0'))
}

/// Whether it is made of digits and of what stands between them in numbers, dates and times.
fn is_value(text: &str) -> bool {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return true;
    }
    let has_digit = text.chars().any(char::is_numeric);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    has_digit
        && text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || ".,:/-+%'()$€£¥￥".contains(c))
        && words.into_iter().all(|word| is_word_of_a_value(&word.to_lowercase()))
}

fn is_word_of_a_value(word: &str) -> bool {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    ["e", "d", "t", "z", "am", "pm", "a", "p", "年", "月", "日", "时", "分", "秒"].contains(&word)
        || word.len() >= 3 && months.iter().any(|month| month.starts_with(word))
}

/// What a formula begins with, also on a Chinese or Japanese keyboard.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Bytes of the longest number, date or time that a spreadsheet would know as one; rather too many.
const LONGEST_VALUE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_is_a_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1+1", "-", "=cmd|' /C calc'!A0"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        assert_eq!(cell("\t=1"), "\"'\t=1\"");
        assert_eq!(cell("\r=1"), "\"'\r=1\"");
        assert_eq!(cell("=\"a\",b"), "\"'=\"\"a\"\",b\"");
    }

    #[test]
    fn what_would_be_another_number_or_a_date_is_a_text() {
        for text in [
            "6901234567890123456",
            "1764230000000000",
            "1E5",
            "1e5",
            "00123",
            "3.14",
            "1/2",
            "12:30",
            "2026-11-27",
            "Mar 5",
            "5-Mar",
            "march1",
            "5%",
            "¥5",
            "TRUE",
            "false",
            "2026年11月27日",
            " 7 ",
            "'a",
            "''",
            "123456789012345678",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
        }
    }

    #[test]
    fn every_other_text_stays_as_it_is() {
        for text in
            ["", "hello", "你好", "0", "42", "123456789012345", "a=1", "5 apples", "COM5", "192.168.1.x", "it's"]
        {
            assert_eq!(cell(text), text);
        }
        assert_eq!(cell("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
    }
}
