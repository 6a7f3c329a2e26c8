//! The language: chosen, and its words loaded.

use fluent_bundle::FluentValue;
use i18n_embed::{
    DesktopLanguageRequester,
    fluent::{FluentLanguageLoader, fluent_language_loader},
};
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
            _ => None,
        }));
    });
    loader
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
    use i18n_embed_fl::fl;

    use super::*;

    #[test]
    fn any_chinese_system_gets_chinese_and_all_others_english() {
        assert_eq!(of_system(&[langid!("zh-TW")]), Language::Chinese);
        assert_eq!(of_system(&[langid!("zh-Hans-CN"), langid!("en")]), Language::Chinese);
        assert_eq!(of_system(&[langid!("fr"), langid!("zh")]), Language::English);
        assert_eq!(of_system(&[]), Language::English);
    }

    #[test]
    fn what_is_placed_in_a_text_does_nothing_and_hides_nothing() {
        let words = words(Language::English);
        let said = fl!(words, "term-looking-up", host = "a\u{202e}b\u{200b}c\u{9b}");
        assert!(said.contains("a\\u{202e}b\\u{200b}c\\u{9b}"), "{said:?}");
    }

    #[test]
    fn both_languages_have_the_same_keys_and_each_once() {
        let keys = |file: &str| -> Vec<String> {
            let mut keys: Vec<String> = Translations::get(file)
                .map(|file| String::from_utf8_lossy(&file.data).into_owned())
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.split_once(" ="))
                .filter(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
                .map(|(key, _)| key.to_owned())
                .collect();
            keys.sort();
            keys
        };
        let english = keys("en/sockhop.ftl");
        assert!(!english.is_empty());
        let mut once = english.clone();
        once.dedup();
        assert_eq!(english, once, "said twice: the second one counts for nothing");
        assert_eq!(english, keys("zh-CN/sockhop.ftl"));
    }
}
