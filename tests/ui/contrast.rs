//! Contrast: whatever text a screen draws is told from what is behind it, in both themes (WCAG 2.1, AA).

use egui::{Color32, Key, Modifiers, Pos2, Shape, epaint::ClippedShape};
use sockhop::settings::Language;

use super::window::{Setup, Window};

/// WCAG 2.1, 1.4.3.
const LEAST: f32 = 4.5;

fn luminance(colour: Color32) -> f32 {
    let [r, g, b] = [colour.r(), colour.g(), colour.b()].map(|channel| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(one: Color32, other: Color32) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What was drawn so far that text may stand on.
#[derive(Default)]
struct Behind(Vec<(Shape, Color32)>);

impl Behind {
    fn at(&self, place: Pos2) -> Option<Color32> {
        let covers = |shape: &Shape| match shape {
            Shape::Rect(rect) => rect.rect.contains(place),
            Shape::Circle(circle) => circle.center.distance(place) <= circle.radius,
            _ => false,
        };
        self.0.iter().rev().find(|(shape, _)| covers(shape)).map(|(_, fill)| *fill)
    }
}

/// Every text that is drawn with too little contrast.
fn too_faint(shapes: &[ClippedShape]) -> Vec<String> {
    let (mut behind, mut found) = (Behind::default(), Vec::new());
    for clipped in shapes {
        look(&clipped.shape, clipped.clip_rect, &mut behind, &mut found);
    }
    found
}

fn look(shape: &Shape, clip: egui::Rect, behind: &mut Behind, found: &mut Vec<String>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| look(shape, clip, behind, found)),
        Shape::Rect(rect) if rect.fill.is_opaque() => behind.0.push((shape.clone(), rect.fill)),
        Shape::Circle(circle) if circle.fill.is_opaque() => behind.0.push((shape.clone(), circle.fill)),
        Shape::Text(text) => {
            for row in &text.galley.rows {
                let place = text.pos + row.pos.to_vec2() + row.visuals.mesh_bounds.center().to_vec2();
                if !clip.contains(place) {
                    continue;
                }
                let drawn = row.visuals.mesh.vertices.get(row.visuals.glyph_vertex_range.start);
                let Some(colour) = drawn.map(|vertex| vertex.color) else { continue };
                let colour = if colour == Color32::PLACEHOLDER { text.fallback_color } else { colour };
                let colour = text.override_text_color.unwrap_or(colour);
                // What is out of use is drawn faintly, which WCAG allows.
                if text.opacity_factor < 1.0 || !colour.is_opaque() {
                    continue;
                }
                let Some(ground) = behind.at(place) else { continue };
                let contrast = contrast(colour, ground);
                if contrast < LEAST {
                    found.push(format!("{contrast:.2}: {:?} in {colour:?} on {ground:?}", row.text()));
                }
            }
        }
        _ => {}
    }
}

#[track_caller]
fn see(window: &Window, screen: &str) {
    let shapes = window.shapes();
    assert!(shapes.len() > 20, "{screen}: nothing is drawn");
    assert_eq!(too_faint(shapes), Vec::<String>::new(), "{screen}");
}

/// WCAG 2.1, 1.4.11.
const LEAST_OF_AN_EDGE: f32 = 3.0;

#[test]
fn the_edge_of_an_empty_box_to_tick_is_seen_in_both_themes() {
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let mut setup = Setup::new(Language::English);
        setup.theme = theme;
        let mut window = setup.open();
        window.press(Modifiers::COMMAND, Key::N);
        window.settle();
        let row = window.place_of("Step by step");
        let mut found = 0;
        for clipped in window.shapes() {
            let Shape::Rect(edge) = &clipped.shape else { continue };
            if row.contains_rect(edge.rect) && edge.rect.width() < 24.0 && edge.stroke.width > 0.0 {
                let contrast = contrast(edge.stroke.color, edge.fill);
                assert!(contrast >= LEAST_OF_AN_EDGE, "{theme:?}: {contrast:.2}");
                found += 1;
            }
        }
        assert_eq!(found, 1, "{theme:?}");
    }
}

#[test]
fn every_text_of_every_screen_is_at_aa_contrast_in_both_themes() {
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let mut setup = Setup::new(Language::English).any_bytes();
        setup.theme = theme;
        let (mut window, mut peer) = setup.with_client();
        let name = |screen: &str| format!("{screen}, {theme:?}");
        peer.send("hello\n\x02control\n");
        peer.send(b"\xc4\xe3\xba\xc3\n");
        window.say("ours");
        window.settle();
        see(&window, &name("conversation"));
        for (modifiers, key, screen) in [
            (Modifiers::NONE, Key::F12, "inspector"),
            (Modifiers::COMMAND | Modifiers::SHIFT, Key::H, "history"),
            (Modifiers::COMMAND | Modifiers::SHIFT, Key::N, "network"),
            (Modifiers::COMMAND, Key::Comma, "settings"),
            (Modifiers::NONE, Key::F9, "labs"),
            (Modifiers::NONE, Key::F1, "shortcuts"),
            (Modifiers::NONE, Key::F11, "presenter"),
        ] {
            window.press(modifiers, key);
            window.settle();
            see(&window, &name(screen));
            window.press(Modifiers::NONE, Key::Escape);
        }
    }
}
