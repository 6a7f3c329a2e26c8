//! What keys are called.

use egui::{Context, Key, KeyboardShortcut};
use i18n_embed_fl::fl;

use crate::i18n::Words;

/// Keys as they are written on keyboards: Ctrl+, and not Ctrl+Comma.
#[must_use]
pub fn keys_text(ctx: &Context, words: &Words, keys: &KeyboardShortcut) -> String {
    let text = ctx.format_shortcut(keys);
    let better = match keys.logical_key {
        Key::Space => fl!(words, "key-space"),
        Key::Comma => ",".to_owned(),
        Key::Plus => "+".to_owned(),
        Key::Minus => "-".to_owned(),
        Key::Equals => "=".to_owned(),
        _ => return text,
    };
    match text.strip_suffix(keys.logical_key.name()) {
        Some(modifiers) => format!("{modifiers}{better}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;
    use crate::{i18n, settings::Language};

    #[test]
    fn a_key_is_called_as_it_is_written_on_it() {
        let ctx = Context::default();
        let ctrl = |key| KeyboardShortcut::new(Modifiers::COMMAND, key);
        let space = KeyboardShortcut::new(Modifiers::NONE, Key::Space);
        for (language, called) in [(Language::English, "Space"), (Language::Chinese, "空格键")] {
            let words = i18n::words(language);
            assert_eq!(keys_text(&ctx, &words, &space), called);
            for (key, end) in [(Key::Comma, "+,"), (Key::Plus, "++"), (Key::Equals, "+="), (Key::K, "+K")] {
                let text = keys_text(&ctx, &words, &ctrl(key));
                assert!(text.ends_with(end), "{text}");
            }
        }
    }
}
