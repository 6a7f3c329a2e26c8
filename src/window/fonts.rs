//! The fonts: Latin in two weights, icons, and Chinese for systems that have none.
//!
//! A character is looked for in the fonts that are named here, then among those of the system (eframe asks for
//! these), and last in the built-in Chinese font, so that a reader sees the Chinese they are used to. Two exceptions:
//! - Headings: fonts of the system are asked for in one weight only, so [`SEMIBOLD`] has the common Chinese
//!   characters built in.
//! - Chinese punctuation is built in: a font that was once found for a character is searched before the system is
//!   asked again, and a full stop, which the system looks for in other places than a character, must not decide
//!   where the characters come from.
//!
//! `resources/fonts/README.md` says where the fonts come from and how they were made.

use std::sync::Arc;

use egui::{
    Context, FontData, FontDefinitions, FontFamily, FontId,
    epaint::text::{
        FallbackRequest, FontInsert, FontPriority, FontProvider, FontTweak, InsertFontFamily, VariationCoords,
    },
};
use skrifa::MetadataProvider as _;

/// The family of headings and other text that stands out: see [`semibold`].
pub const SEMIBOLD: &str = "semibold";

/// The semibold font, `size` points high.
#[must_use]
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Gives `ctx` every font of the program. To be called once, when the window is made: after eframe has added the
/// fonts of the system, and before anything is drawn.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
    ctx.add_font_provider(Arc::new(BuiltInChinese));
}

/// The fonts that are installed up front, best first.
fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, data| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    add("Inter", FontData::from_static(INTER));
    add("Inter semibold", FontData::from_static(INTER).tweak(weight(SEMIBOLD_WEIGHT)));
    add("Noto Sans SC bold", FontData::from_static(COMMON_HANZI_BOLD));
    add("Noto Sans SC symbols", FontData::from_static(SYMBOLS));
    add("Noto Sans Symbols 2", FontData::from_static(CONTROL_PICTURES));
    add("Noto Sans", FontData::from_static(REPLACEMENT));
    let mut icons = egui_material_icons::font_insert();
    // Drawn as they are: fitting strokes to pixels is for letters.
    icons.data.tweak.hinting = Some(false);
    add(&icons.name, icons.data);

    let after_letters: Vec<String> = [
        // Before the emoji: one of their fonts has full-width letters too, heavier ones.
        "Noto Sans SC symbols",
        "Noto Sans Symbols 2",
        "Noto Sans",
        "egui-icons",
        "NotoEmoji-Regular",
        "emoji-icon-font",
        &icons.name,
    ]
    .map(str::to_owned)
    .to_vec();
    let mut letters = |family, letters: &[&str]| {
        let letters = letters.iter().map(|name| (*name).to_owned());
        fonts.families.insert(family, letters.chain(after_letters.clone()).collect());
    };
    letters(FontFamily::Proportional, &["Inter"]);
    letters(FontFamily::Monospace, &["Hack", "Inter"]);
    letters(FontFamily::Name(SEMIBOLD.into()), &["Inter semibold", "Noto Sans SC bold"]);
    for family in [egui_material_icons::FONT_FAMILY, egui_material_icons::FONT_FAMILY_OUTLINED] {
        fonts.families.insert(FontFamily::Name(family.into()), vec![icons.name.clone()]);
    }
    fonts
}

fn weight(weight: f32) -> FontTweak {
    FontTweak { coords: VariationCoords::new([(b"wght", weight)]), ..FontTweak::default() }
}

/// Answers for the characters that neither an installed font nor one of the system has.
struct BuiltInChinese;

impl FontProvider for BuiltInChinese {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let character = request.cluster.chars().next()?;
        // A look-up in the font's own table, which is read in place.
        skrifa::FontRef::new(CHINESE).ok()?.charmap().map(character)?;
        let family = InsertFontFamily { family: request.family.clone(), priority: FontPriority::Lowest };
        Some(FontInsert::new("Noto Sans SC", FontData::from_static(CHINESE), vec![family]))
    }
}

const SEMIBOLD_WEIGHT: f32 = 600.0;

const INTER: &[u8] = include_bytes!("../../resources/fonts/Inter.ttf");
const CHINESE: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-GB2312.otf");
const SYMBOLS: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-Symbols.otf");
const CONTROL_PICTURES: &[u8] = include_bytes!("../../resources/fonts/NotoSansSymbols2-Control.ttf");
const REPLACEMENT: &[u8] = include_bytes!("../../resources/fonts/NotoSans-Replacement.ttf");
const COMMON_HANZI_BOLD: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-Bold-GB2312-1.otf");
