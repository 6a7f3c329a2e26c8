//! Colours, sizes and fonts: the only place that knows them.

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, Style, TextStyle, Vec2, Visuals,
    epaint::Shadow, style::ScrollStyle, vec2,
};

use super::fonts;
use crate::chat::ConnId;

/// Text of the window, in points.
pub const TEXT: f32 = 14.0;
/// Small text.
pub const SMALL: f32 = 12.0;
/// Names in small boxes.
pub const TINY: f32 = 10.0;
/// Titles.
pub const TITLE: f32 = 20.0;
/// The address to hand out.
pub const ADDRESS: f32 = 18.0;
/// Spacing comes in steps of this.
pub const STEP: f32 = 4.0;
/// Space between the parts of a line of small text.
pub const GAP: f32 = 2.0 * STEP;
/// Radius of corners.
pub const RADIUS: u8 = 8;
/// Height of buttons and fields.
pub const CONTROL: f32 = 32.0;
/// How much of the text's colour a scroll bar has while it is left alone.
const SCROLL_BAR: f32 = 0.5;
/// Diameter of an avatar.
pub const AVATAR: f32 = 32.0;

/// The colours of one theme. Text on its ground is at WCAG AA contrast (4.5:1) or better.
#[derive(Debug)]
pub struct Palette {
    /// Whether it is the dark one.
    pub dark: bool,
    /// The one accent.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// A tint of the accent, behind what is chosen.
    pub chosen: Color32,
    /// Text.
    pub text: Color32,
    /// Text that matters less.
    pub weak: Color32,
    /// Behind the conversation.
    pub ground: Color32,
    /// Behind the sidebar.
    pub side: Color32,
    /// Cards, fields, and messages received.
    pub raised: Color32,
    /// Under the pointer.
    pub hover: Color32,
    /// Hairlines.
    pub line: Color32,
    /// What is taken hold of and has no word on it: the thumb of a scroll bar.
    pub grip: Color32,
    /// Messages sent.
    pub sent: Color32,
    /// Text of messages sent.
    pub on_sent: Color32,
    /// Lesser text of messages sent.
    pub on_sent_weak: Color32,
    /// Connected, listening.
    pub good: Color32,
    /// Waiting.
    pub wait: Color32,
    /// A tint behind what waits, and behind what a diagnosis follows from.
    pub wait_ground: Color32,
    /// Wrong.
    pub bad: Color32,
    /// A tint behind what is wrong.
    pub bad_ground: Color32,
    /// Everyone's avatar.
    pub everyone: Color32,
}

/// The light theme.
pub const LIGHT: Palette = Palette {
    dark: false,
    accent: Color32::from_rgb(0x0f, 0x76, 0x6e),
    on_accent: Color32::WHITE,
    chosen: Color32::from_rgb(0xd8, 0xf0, 0xec),
    text: Color32::from_rgb(0x1c, 0x24, 0x30),
    weak: Color32::from_rgb(0x5a, 0x65, 0x75),
    ground: Color32::from_rgb(0xf6, 0xf7, 0xf9),
    side: Color32::from_rgb(0xed, 0xef, 0xf3),
    raised: Color32::WHITE,
    hover: Color32::from_rgb(0xe8, 0xeb, 0xf0),
    line: Color32::from_rgb(0xd9, 0xde, 0xe6),
    grip: Color32::from_rgb(0x80, 0x8a, 0x98),
    sent: Color32::from_rgb(0x0f, 0x76, 0x6e),
    on_sent: Color32::WHITE,
    on_sent_weak: Color32::from_rgb(0xdd, 0xf3, 0xf0),
    good: Color32::from_rgb(0x14, 0x7a, 0x3c),
    wait: Color32::from_rgb(0xa1, 0x4a, 0x08),
    wait_ground: Color32::from_rgb(0xfd, 0xf0, 0xdd),
    bad: Color32::from_rgb(0xb4, 0x1c, 0x1c),
    bad_ground: Color32::from_rgb(0xfd, 0xe9, 0xe7),
    everyone: Color32::from_rgb(0x47, 0x55, 0x69),
};

/// The dark theme.
pub const DARK: Palette = Palette {
    dark: true,
    accent: Color32::from_rgb(0x2d, 0xd4, 0xbf),
    on_accent: Color32::from_rgb(0x06, 0x2a, 0x26),
    chosen: Color32::from_rgb(0x13, 0x40, 0x3b),
    text: Color32::from_rgb(0xe6, 0xe9, 0xee),
    weak: Color32::from_rgb(0x9d, 0xa7, 0xb5),
    ground: Color32::from_rgb(0x14, 0x17, 0x1c),
    side: Color32::from_rgb(0x1a, 0x1d, 0x24),
    raised: Color32::from_rgb(0x22, 0x27, 0x2f),
    hover: Color32::from_rgb(0x2b, 0x31, 0x3a),
    line: Color32::from_rgb(0x31, 0x37, 0x41),
    grip: Color32::from_rgb(0x6b, 0x76, 0x84),
    sent: Color32::from_rgb(0x0f, 0x70, 0x68),
    on_sent: Color32::WHITE,
    on_sent_weak: Color32::from_rgb(0xd2, 0xf0, 0xec),
    good: Color32::from_rgb(0x4a, 0xde, 0x80),
    wait: Color32::from_rgb(0xfb, 0xbf, 0x24),
    wait_ground: Color32::from_rgb(0x36, 0x2b, 0x16),
    bad: Color32::from_rgb(0xf8, 0x8b, 0x8b),
    bad_ground: Color32::from_rgb(0x3a, 0x1f, 0x22),
    everyone: Color32::from_rgb(0x47, 0x55, 0x69),
};

/// Colours of peers' avatars; white text on each is at AA contrast.
const PEERS: [Color32; 8] = [
    Color32::from_rgb(0x7c, 0x3a, 0xed),
    Color32::from_rgb(0xc2, 0x41, 0x0c),
    Color32::from_rgb(0x03, 0x69, 0xa1),
    Color32::from_rgb(0xbe, 0x18, 0x5d),
    Color32::from_rgb(0x4d, 0x7c, 0x0f),
    Color32::from_rgb(0xa1, 0x62, 0x07),
    Color32::from_rgb(0x43, 0x38, 0xca),
    Color32::from_rgb(0xb9, 0x1c, 0x1c),
];

/// The colour of a peer, the same for as long as it is known.
#[must_use]
pub fn peer_colour(conn: ConnId) -> Color32 {
    // Clients accepted and connections asked for are counted apart: the first of each differ.
    let apart = if conn == ConnId::asked(conn.number()) { PEERS.len() as u64 / 2 } else { 0 };
    let place = conn.number().wrapping_sub(1).wrapping_add(apart) as usize % PEERS.len();
    PEERS.get(place).copied().unwrap_or(LIGHT.everyone)
}

/// Colours whose red, green and blue differ by less than this, all three together, are not told apart from the back row.
const ALIKE: f32 = 100.0;

/// The colour of a peer's lane, and of text that names it, to be read on the grounds of rows in either theme: its own
/// colour, or the first of the others that is unlike those of the lanes there are.
#[must_use]
pub fn lane_colour(palette: &Palette, conn: ConnId, taken: &[Color32]) -> Color32 {
    let (towards, how_far) = if palette.dark { (Color32::WHITE, 0.5) } else { (Color32::BLACK, 0.12) };
    let shade = |colour: Color32| colour.lerp_to_gamma(towards, how_far);
    let own = peer_colour(conn);
    let mut shades = std::iter::once(own).chain(PEERS).map(shade);
    let is_like = |one: Color32, other: Color32| {
        let apart =
            one.to_array().into_iter().zip(other.to_array()).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
        (apart as f32) < ALIKE * (1.0 - how_far)
    };
    shades.find(|colour| !taken.iter().any(|taken| is_like(*colour, *taken))).unwrap_or(shade(own))
}

/// The ground of what a lane is called: a tint of the lane's colour, for text and weak text.
#[must_use]
pub fn lane_ground(palette: &Palette, lane: Color32) -> Color32 {
    palette.raised.lerp_to_gamma(lane, if palette.dark { 0.14 } else { 0.09 })
}

/// The theme that is on.
#[must_use]
pub fn palette(ctx: &Context) -> &'static Palette {
    match ctx.theme() {
        egui::Theme::Dark => &DARK,
        egui::Theme::Light => &LIGHT,
    }
}

/// Set both themes.
pub fn install(ctx: &Context) {
    ctx.set_style_of(egui::Theme::Light, style(&LIGHT));
    ctx.set_style_of(egui::Theme::Dark, style(&DARK));
    // Ctrl and + or − change the text size that is kept in the settings.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// A small font.
#[must_use]
pub fn small() -> FontId {
    FontId::new(SMALL, FontFamily::Proportional)
}

/// The font of text.
#[must_use]
pub fn text() -> FontId {
    FontId::new(TEXT, FontFamily::Proportional)
}

/// Text that stands out: a title, or what a card is about.
#[must_use]
pub fn strong(words: impl Into<String>, size: f32) -> RichText {
    RichText::new(words).font(fonts::semibold(size))
}

/// The font of addresses and bytes, at that size.
#[must_use]
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

fn style(palette: &Palette) -> Style {
    let mut visuals = if palette.dark { Visuals::dark() } else { Visuals::light() };
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.weak);
    visuals.hyperlink_color = palette.accent;
    visuals.faint_bg_color = palette.side;
    visuals.extreme_bg_color = palette.raised;
    visuals.text_edit_bg_color = Some(palette.raised);
    visuals.code_bg_color = palette.side;
    visuals.warn_fg_color = palette.wait;
    visuals.error_fg_color = palette.bad;
    visuals.window_fill = palette.raised;
    visuals.panel_fill = palette.ground;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(12);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    let shadow = |alpha| Shadow { offset: [0, 6], blur: 24, spread: 0, color: Color32::from_black_alpha(alpha) };
    visuals.window_shadow = shadow(if palette.dark { 120 } else { 40 });
    visuals.popup_shadow = shadow(if palette.dark { 110 } else { 36 });
    visuals.selection.bg_fill = palette.chosen;
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.disabled_alpha = 0.55;
    // A cursor that blinks draws a frame twice a second, all day long.
    visuals.text_cursor.blink = false;
    let radius = CornerRadius::same(RADIUS);
    let widgets = &mut visuals.widgets;
    for (widget, fill, line, text) in [
        (&mut widgets.noninteractive, palette.ground, palette.line, palette.text),
        (&mut widgets.inactive, palette.raised, palette.line, palette.text),
        (&mut widgets.hovered, palette.hover, palette.line, palette.text),
        (&mut widgets.active, palette.chosen, palette.accent, palette.text),
        (&mut widgets.open, palette.hover, palette.line, palette.text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    widgets.active.bg_stroke = Stroke::new(1.5, palette.accent);

    let mut style = Style { visuals, ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, text()),
        (TextStyle::Button, text()),
        (TextStyle::Heading, FontId::new(TITLE, FontFamily::Proportional)),
        (TextStyle::Monospace, mono(TEXT - 1.0)),
    ]
    .into();
    style.spacing.item_spacing = vec2(2.0 * STEP, 2.0 * STEP);
    style.spacing.button_padding = vec2(3.0 * STEP, 1.5 * STEP);
    style.spacing.interact_size = Vec2::new(CONTROL, CONTROL);
    style.spacing.window_margin = Margin::same(20);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.tooltip_width = 320.0;
    style.spacing.scroll = ScrollStyle { bar_width: 8.0, foreground_color: true, ..ScrollStyle::thin() };
    style.spacing.scroll.dormant_handle_opacity = SCROLL_BAR;
    style.spacing.scroll.active_handle_opacity = 0.7;
    // The transcript sets its own offset, which may lie past the end of the frame before: it must not spring back.
    style.spacing.scroll.kinetic.rubber_band = false;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.0;
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.1.
    fn luminance(colour: Color32) -> f32 {
        let [r, g, b] = [colour.r(), colour.g(), colour.b()].map(|channel| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// WCAG 2.1, 1.4.3: text.
    const TEXT_LEAST: f32 = 4.5;
    /// WCAG 2.1, 1.4.11: what is to be recognised by its shape, and text of 24 pixels or more.
    const SHAPE_LEAST: f32 = 3.0;

    /// Whatever may stand on whatever. A colour that is added to the palette does not compile until it is here.
    fn pairs(palette: &Palette) -> Vec<(Color32, Color32, f32)> {
        let Palette { dark: _, accent, on_accent, chosen, text, weak, ground, side, raised, hover, .. } = *palette;
        // The hairline is no part of the list: it carries nothing.
        let Palette { line: _, grip, sent, on_sent, on_sent_weak, good, wait, bad, bad_ground, everyone, .. } =
            *palette;
        let mut pairs = vec![
            (on_accent, accent, TEXT_LEAST),
            (on_sent, sent, TEXT_LEAST),
            (on_sent_weak, sent, TEXT_LEAST),
            (sent, ground, SHAPE_LEAST),
            (Color32::WHITE, everyone, TEXT_LEAST),
        ];
        for behind in [ground, side, raised, hover, chosen, bad_ground] {
            pairs.extend([text, weak, good, wait, bad, accent].map(|front| (front, behind, TEXT_LEAST)));
        }
        for behind in [ground, side, raised] {
            pairs.extend([grip, behind.lerp_to_gamma(text, SCROLL_BAR)].map(|front| (front, behind, SHAPE_LEAST)));
        }
        pairs.extend(PEERS.map(|peer| (Color32::WHITE, peer, TEXT_LEAST)));
        for number in 1..=PEERS.len() as u64 {
            // It is text, too: the number of the lane's socket.
            let lane = lane_colour(palette, ConnId(number), &[]);
            pairs.extend([raised, hover, chosen, bad_ground].map(|behind| (lane, behind, TEXT_LEAST)));
            pairs.extend([text, weak].map(|front| (front, lane_ground(palette, lane), TEXT_LEAST)));
        }
        pairs
    }

    #[test]
    fn two_lanes_beside_each_other_differ_in_colour() {
        for palette in [&LIGHT, &DARK] {
            for number in 1..=PEERS.len() as u64 {
                let lane = lane_colour(palette, ConnId(number), &[]);
                assert_ne!(lane_colour(palette, ConnId(number + 8), &[lane]), lane);
            }
        }
    }

    #[test]
    fn every_pair_of_colours_is_at_aa_contrast_in_both_themes() {
        for palette in [&LIGHT, &DARK] {
            let least = pairs(palette).into_iter().map(|(front, behind, least)| {
                let contrast = contrast(front, behind);
                assert!(contrast >= least, "{front:?} on {behind:?}: {contrast:.2}, dark: {}", palette.dark);
                contrast
            });
            println!("dark: {}, least {:.2}", palette.dark, least.fold(f32::INFINITY, f32::min));
        }
    }
}
