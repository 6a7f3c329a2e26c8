//! The language: chosen, and its words loaded.

use fluent_bundle::FluentValue;
use i18n_embed::{
    DesktopLanguageRequester,
    fluent::{FluentLanguageLoader, fluent_language_loader},
};
use i18n_embed_fl::fl;
use rust_embed::RustEmbed;
use unic_langid::{LanguageIdentifier, langid};

use crate::{settings::Language, wire::visible_text};

#[derive(RustEmbed)]
#[folder = "resources/i18n/"]
struct Translations;

/// The words of one language, for [`i18n_embed_fl::fl`]: `fl!(words, "key", name = value)`.
/// A key or argument that is missing does not compile.
pub type Words = FluentLanguageLoader;

/// The words of a language.
#[must_use]
pub fn words(language: Language) -> Words {
    let loader = fluent_language_loader!();
    let wanted = match resolved(language) {
        Language::Chinese => langid!("zh-CN"),
        Language::English | Language::System => langid!("en"),
    };
    if let Err(error) = i18n_embed::LanguageLoader::load_languages(&loader, &Translations, &[wanted]) {
        tracing::error!("translations: {error}");
    }
    // The marks that isolate a placed value from text of another direction have no glyph in most fonts.
    loader.set_use_isolating(false);
    // A name, a host or a path comes from elsewhere: wherever it is placed, it can be read and does nothing.
    loader.with_bundles_mut(|bundle| {
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::String(text) => Some(visible_text(text).into_owned()),
            FluentValue::Number(number) => grouped(number.value),
            _ => None,
        }));
    });
    loader
}

/// A number of more than four digits in groups of three: 1,204,012. What is no count (a port, a process) is placed as text.
fn grouped(number: f64) -> Option<String> {
    if number < 10_000.0 || number.fract() != 0.0 {
        return None;
    }
    let digits = format!("{number:.0}");
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(grouped)
}

/// The items one after the other: "a, b, …".
#[must_use]
pub fn listed(words: &Words, items: &[String]) -> String {
    let mut items = items.iter();
    let first = items.next().cloned().unwrap_or_default();
    items.fold(first, |all, next| fl!(words, "list-more", all = all, next = next.as_str()))
}

/// The items as a sentence has them: "a, b and c".
#[must_use]
pub fn listed_and(words: &Words, items: &[String]) -> String {
    match items {
        [before @ .., last] if !before.is_empty() => {
            fl!(words, "list-last", all = listed(words, before), last = last.as_str())
        }
        _ => listed(words, items),
    }
}

/// The language itself, in place of "as the system has it".
#[must_use]
pub fn resolved(language: Language) -> Language {
    match language {
        Language::System => of_system(&DesktopLanguageRequester::requested_languages()),
        chosen => chosen,
    }
}

fn of_system(wanted: &[LanguageIdentifier]) -> Language {
    match wanted.first() {
        Some(first) if first.language.as_str() == "zh" => Language::Chinese,
        _ => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_chinese_system_gets_chinese_and_all_others_english() {
        assert_eq!(of_system(&[langid!("zh-TW")]), Language::Chinese);
        assert_eq!(of_system(&[langid!("zh-Hans-CN"), langid!("en")]), Language::Chinese);
        assert_eq!(of_system(&[langid!("fr"), langid!("zh")]), Language::English);
        assert_eq!(of_system(&[]), Language::English);
    }

    #[test]
    fn a_long_number_is_placed_in_groups_of_three() {
        let words = words(Language::English);
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (9_999, "9999 bytes"),
            (10_000, "10,000 bytes"),
            (1_751_477_356, "1,751,477,356 bytes"),
        ] {
            assert_eq!(fl!(words, "bytes", count = count), text);
        }
    }

    #[test]
    fn a_list_is_one_of_its_language() {
        let items = ["10.0.0.1", "10.0.0.2", "::1"].map(str::to_owned);
        for (language, all) in
            [(Language::English, "10.0.0.1, 10.0.0.2 and ::1"), (Language::Chinese, "10.0.0.1、10.0.0.2、::1")]
        {
            let words = words(language);
            assert_eq!(listed_and(&words, &items), all);
            assert_eq!(listed_and(&words, &items[..1]), "10.0.0.1");
            assert_eq!(listed(&words, &[]), "");
        }
        assert_eq!(listed(&words(Language::English), &items), "10.0.0.1, 10.0.0.2, ::1");
    }

    #[test]
    fn what_is_placed_in_a_text_does_nothing_and_hides_nothing() {
        let words = words(Language::English);
        let said = fl!(words, "term-looking-up", host = "a\u{202e}b\u{200b}c\u{9b}");
        assert!(said.contains("a\\u{202e}b\\u{200b}c\\u{9b}"), "{said:?}");
    }
}
