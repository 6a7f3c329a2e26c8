//! The calls as text: a line for each.

use std::fmt::Write as _;

use i18n_embed_fl::fl;

use super::{card::precise_time, words};
use crate::core::diagram::Diagram;
use crate::window::Cx;

/// The rows of the diagram: time, socket, call, how long it waited, and what it gave back.
#[must_use]
pub fn text(cx: &Cx<'_>, diagram: &Diagram) -> String {
    let mut lines = String::new();
    for row in diagram.rows() {
        let socket = diagram.lane(row.lane).map(|lane| words::lane_name(cx, diagram, lane)).unwrap_or_default();
        let text = words::RowText::new(cx, &row.call);
        let _ = writeln!(lines, "{}  {socket}  {}", precise_time(cx, row.call.call.at), text.line_without_socket());
    }
    if diagram.let_go() > 0 {
        lines.insert_str(0, &format!("{}\n", fl!(cx.words, "calls-older-gone")));
    }
    lines
}
