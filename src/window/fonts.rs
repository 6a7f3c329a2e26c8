//! The fonts: Latin in two weights, icons, and Chinese for systems that have none.
//!
//! A character is looked for in the fonts that are named here, then among those of the system, and last in the built-in
//! ones of emoji and of Chinese, so that a reader sees the Chinese and the emoji they are used to. Three exceptions:
//! - The system's font of emoji, if it is in colour, is asked after those that are named here and before all others.
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
use egui_system_font_provider::SystemFontProvider;
use epaint_default_fonts::{EGUI_ICONS, EMOJI_ICON, HACK_REGULAR, NOTO_EMOJI_REGULAR};
use skrifa::{MetadataProvider as _, raw::TableProvider as _};

/// The family of headings and other text that stands out: see [`semibold`].
pub const SEMIBOLD: &str = "semibold";

/// The semibold font, `size` points high.
#[must_use]
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Gives `ctx` every font of the program, and none of the system. To be called once, before anything is drawn.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
    ctx.set_font_providers(built_in());
}

/// Has `ctx` ask the system too, see above.
pub fn use_system(ctx: &Context) {
    let system = Arc::new(SystemFontProvider::new());
    let mut providers: Vec<Arc<dyn FontProvider>> = vec![Arc::new(SystemEmoji(Arc::clone(&system))), system];
    providers.append(&mut built_in());
    ctx.set_font_providers(providers);
}

fn built_in() -> Vec<Arc<dyn FontProvider>> {
    vec![Arc::new(BuiltInEmoji), Arc::new(BuiltInChinese)]
}

/// The fonts that are installed up front, best first.
fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, data| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    add("Inter", FontData::from_static(INTER));
    add("Inter semibold", FontData::from_static(INTER).tweak(weight(SEMIBOLD_WEIGHT)));
    add("Noto Sans SC bold", FontData::from_static(COMMON_HANZI_BOLD));
    add("Noto Sans SC symbols", FontData::from_static(SYMBOLS));
    add("Noto Sans Symbols 2", FontData::from_static(CONTROL_PICTURES));
    add("Noto Sans", FontData::from_static(REPLACEMENT));
    add("Hack", FontData::from_static(HACK_REGULAR));
    add("egui-icons", smaller(EGUI_ICONS, 0.90));
    // Drawn as they are: fitting strokes to pixels is for letters.
    let as_drawn = FontTweak { y_offset_factor: 0.05, hinting: Some(false), ..FontTweak::default() };
    add("Material Symbols", FontData::from_static(ICONS).tweak(as_drawn));

    let after_letters: Vec<String> =
        ["Noto Sans SC symbols", "Noto Sans Symbols 2", "Noto Sans", "egui-icons", "Material Symbols"]
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
        fonts.families.insert(FontFamily::Name(family.into()), vec!["Material Symbols".to_owned()]);
    }
    fonts
}

/// A font whose characters are larger than those of letters beside them.
fn smaller(font: &'static [u8], scale: f32) -> FontData {
    FontData::from_static(font).tweak(FontTweak { scale, ..FontTweak::default() })
}

fn weight(weight: f32) -> FontTweak {
    FontTweak { coords: VariationCoords::new([(b"wght", weight)]), ..FontTweak::default() }
}

/// The system's font of emoji, if there is one in colour. Up front: a font for text that was found for another
/// character would be searched before the system is asked, and some have a few emoji.
struct SystemEmoji(Arc<SystemFontProvider>);

impl FontProvider for SystemEmoji {
    fn fonts_for_family(&self, family: &FontFamily) -> Vec<FontInsert> {
        let insert = self.0.font_for(&FallbackRequest { cluster: ONLY_AN_EMOJI, family });
        insert.filter(|insert| is_in_colour(insert).unwrap_or(false)).into_iter().collect()
    }
}

fn is_in_colour(insert: &FontInsert) -> Option<bool> {
    let font = skrifa::FontRef::from_index(insert.data.bytes(), insert.data.index).ok()?;
    Some(font.cbdt().is_ok() || font.colr().is_ok() || font.sbix().is_ok())
}

/// Which no font for text has, so that whoever is asked for it names a font of emoji.
const ONLY_AN_EMOJI: &str = "🦀";

/// Answers for the emoji that neither an installed font nor one of the system has, in one colour.
struct BuiltInEmoji;

impl FontProvider for BuiltInEmoji {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let character = request.cluster.chars().next()?;
        // One of these has Chinese punctuation and full-width letters too, but those are installed.
        [("Noto Emoji", NOTO_EMOJI_REGULAR, 0.81), ("emoji-icon-font", EMOJI_ICON, 0.90)].into_iter().find_map(
            |(name, font, scale)| {
                skrifa::FontRef::new(font).ok()?.charmap().map(character)?;
                Some(last(name, smaller(font, scale), request))
            },
        )
    }
}

/// Answers for the characters that neither an installed font nor one of the system has.
struct BuiltInChinese;

impl FontProvider for BuiltInChinese {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let character = request.cluster.chars().next()?;
        // A look-up in the font's own table, which is read in place.
        skrifa::FontRef::new(CHINESE).ok()?.charmap().map(character)?;
        Some(last("Noto Sans SC", FontData::from_static(CHINESE), request))
    }
}

/// This font, asked after all others of the family.
fn last(name: &str, data: FontData, request: &FallbackRequest<'_>) -> FontInsert {
    let family = InsertFontFamily { family: request.family.clone(), priority: FontPriority::Lowest };
    FontInsert::new(name, data, vec![family])
}

const SEMIBOLD_WEIGHT: f32 = 600.0;

const ICONS: &[u8] = include_bytes!("../../resources/fonts/MaterialSymbols-Used.ttf");
const INTER: &[u8] = include_bytes!("../../resources/fonts/Inter.ttf");
const CHINESE: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-GB2312.otf");
const SYMBOLS: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-Symbols.otf");
const CONTROL_PICTURES: &[u8] = include_bytes!("../../resources/fonts/NotoSansSymbols2-Control.ttf");
const REPLACEMENT: &[u8] = include_bytes!("../../resources/fonts/NotoSans-Replacement.ttf");
const COMMON_HANZI_BOLD: &[u8] = include_bytes!("../../resources/fonts/NotoSansSC-Bold-GB2312-1.otf");
