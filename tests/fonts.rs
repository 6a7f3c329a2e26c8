//! Every word of the program, and every character of GB2312, can be drawn on a machine with no fonts of its own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::{collections::BTreeSet, fs, path::Path};

use egui::{Context, FontFamily, FontId, epaint::text::FontsView};
use sockhop::window::fonts;

/// A window's worth of fonts, with no system behind it.
fn with_fonts(look: impl FnOnce(&mut FontsView<'_>)) {
    let ctx = Context::default();
    fonts::install(&ctx);
    let mut look = Some(look);
    let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
        if let Some(look) = look.take() {
            ui.fonts_mut(look);
        }
    });
    output.textures_delta.clear();
    assert!(look.is_none());
}

fn every_family() -> [FontId; 3] {
    [FontId::proportional(14.0), FontId::monospace(14.0), fonts::semibold(14.0)]
}

fn gb2312(rows: std::ops::RangeInclusive<u8>) -> Vec<char> {
    let cells = rows.flat_map(|row| (1..=94).map(move |cell| [0xA0 + row, 0xA0 + cell]));
    cells
        .filter_map(|bytes| encoding_rs::GBK.decode_without_bom_handling(&bytes).0.chars().next())
        .filter(|character| !is_private(*character))
        .collect()
}

fn is_private(character: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&character)
}

fn missing(characters: impl IntoIterator<Item = char>) -> Vec<(char, FontFamily)> {
    let mut missing = Vec::new();
    with_fonts(|fonts| {
        for character in characters {
            for font in every_family() {
                if !fonts.has_glyph(&font, character) {
                    missing.push((character, font.family));
                }
            }
        }
    });
    missing
}

#[test]
fn every_hanzi_of_gb2312_has_a_glyph_without_system_fonts() {
    let hanzi = gb2312(16..=87);
    assert_eq!(hanzi.len(), 6763);
    assert_eq!(missing(hanzi), []);
}

#[test]
fn chinese_punctuation_kana_and_full_width_letters_have_glyphs() {
    assert_eq!(missing("，。、；：？！“”‘’（）《》〈〉【】「」…—～￥·　ＡＺａｚ０９あンアㄅ①⑩Ⅷ±×÷≈∞°℃".chars()), []);
}

#[test]
fn the_signs_that_the_window_draws_have_glyphs() {
    assert_eq!(missing("→←↑↓✓✗•…·⏎↵▶●○×–—─│┌�".chars()), []);
}

#[test]
fn every_letter_of_the_translations_has_a_glyph() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/i18n");
    let mut letters = BTreeSet::new();
    for language in fs::read_dir(folder).unwrap() {
        let words = fs::read_to_string(language.unwrap().path().join("sockhop.ftl")).unwrap();
        letters.extend(words.chars().filter(|character| !character.is_control()));
    }
    for lab in sockhop::core::labs::embedded().0 {
        letters.extend(lab.texts().flat_map(|text| text.en.chars().chain(text.zh_cn.chars())));
    }
    letters.retain(|letter| !letter.is_control());
    assert_eq!(missing(letters), []);
}

#[test]
fn the_built_in_hanzi_are_brought_in_by_hanzi_only() {
    with_fonts(|fonts| {
        let text = FontId::proportional(14.0);
        assert!(fonts.has_glyphs(&text, "Sockhop：“hello” → ！"));
        assert_eq!(fonts.discovered_fonts().len(), 0);
        assert!(fonts.has_glyph(&text, '字'));
        assert_eq!(fonts.discovered_fonts().len(), 1);
    });
}

#[test]
fn headings_are_bold_in_chinese_too() {
    with_fonts(|view| {
        assert!(view.has_glyphs(&fonts::semibold(20.0), "服务器"));
        assert_eq!(view.discovered_fonts().len(), 0);
    });
}

#[test]
fn a_character_that_no_font_has_is_left_to_the_box() {
    assert_eq!(missing(['\u{13000}']).len(), every_family().len());
}

#[test]
fn semibold_is_wider_than_regular() {
    with_fonts(|view| {
        let mut width = |font: FontId| "Sockhop".chars().map(|letter| view.glyph_width(&font, letter)).sum::<f32>();
        assert!(width(fonts::semibold(20.0)) > width(FontId::proportional(20.0)) * 1.02);
    });
}

/// `src/icons.rs` of the crate that names the icons.
fn names_of_icons() -> String {
    let metadata = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .output();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "egui_material_icons").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    fs::read_to_string(manifest.with_file_name("src").join("icons.rs")).unwrap()
}

#[test]
fn each_icon_that_is_shown_is_in_the_font_of_icons() {
    let names = names_of_icons();
    let code_of = |icon: &str| {
        let line = names.lines().find(|line| line.starts_with(&format!("pub const {icon}:"))).unwrap();
        let code = line.split("\\u{").nth(1).unwrap().split('}').next().unwrap();
        char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap()
    };
    let mut shown = BTreeSet::new();
    for_each_source(Path::new("src"), &mut |text| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        shown.extend(words.filter(|word| word.starts_with("ICON_")).map(str::to_owned));
    });
    assert!(shown.len() > 30, "{shown:?}");
    let family = FontFamily::Name(egui_material_icons::FONT_FAMILY.into());
    let mut missing = Vec::new();
    with_fonts(|fonts| {
        missing.extend(shown.iter().filter(|icon| !fonts.has_glyph(&FontId::new(18.0, family.clone()), code_of(icon))));
    });
    assert!(missing.is_empty(), "bash resources/fonts/make-icons.sh: {missing:?}");
}

fn for_each_source(folder: &Path, look: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_source(&path, look);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            look(&fs::read_to_string(path).unwrap());
        }
    }
}
