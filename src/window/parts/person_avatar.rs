//! A person's avatar: their letters in their colour, and at its corner whether they are there.

use egui::{Rect, Stroke, Ui, vec2};

use super::controls;
use crate::{
    chat::{PersonColour, Presence},
    window::{
        Cx,
        avatar::{self, Endings, Peer},
        theme,
    },
};

/// Radius of the dot at the corner.
const DOT: f32 = 4.5;

/// Draws it. Who is not nearby has an empty dot.
pub fn show(ui: &Ui, cx: &Cx<'_>, rect: Rect, name: &str, colour: PersonColour, presence: Option<Presence>) {
    let letters = avatar::letters(Peer::Name(name), &Endings::default());
    controls::avatar(ui, rect, theme::person_colour(colour), &letters);
    dot(ui, cx, rect, presence);
}

/// The dot alone, at the corner of an avatar that is drawn already.
pub fn dot(ui: &Ui, cx: &Cx<'_>, rect: Rect, presence: Option<Presence>) {
    let centre = rect.right_bottom() - vec2(DOT, DOT);
    // A ring of the ground, so that it is seen on any colour.
    ui.painter().circle_filled(centre, DOT + 2.0, cx.look.side);
    match presence {
        Some(Presence::Here) => ui.painter().circle_filled(centre, DOT, cx.look.good),
        Some(Presence::Away) => {
            // Half of it: not told by its colour alone.
            ui.painter().circle_filled(centre, DOT, cx.look.wait);
            ui.painter().circle_filled(centre + vec2(1.5, -1.5), DOT - 2.0, cx.look.side)
        }
        Some(Presence::Busy) => {
            ui.painter().circle_filled(centre, DOT, cx.look.bad);
            let bar = Rect::from_center_size(centre, vec2(DOT, 1.5));
            ui.painter().rect_filled(bar, 0.0, cx.look.side)
        }
        None => ui.painter().circle_stroke(centre, DOT - 0.5, Stroke::new(1.5, cx.look.weak)),
    };
}
