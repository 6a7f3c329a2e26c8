//! Who has replied to the last message to everyone, and with what.

use egui::{Button, RichText, Ui};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::controls;
use crate::window::{
    Cx,
    theme::{self, STEP},
};
use crate::{
    chat::{Origin, RowKind},
    core::{Conversation, Key},
    net::ConnId,
    wire::visible,
};

/// The latest replies that are shown; the others are in their conversations.
const SHOWN: usize = 3;

/// Rows of a conversation that are looked through for a reply, from its end.
const LOOKED_AT: usize = 16;

/// The most characters of a reply that are shown.
const PREVIEW: usize = 60;

/// Draws them, if something was sent to everyone; the conversation of the one that was clicked.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, everyone: &Conversation) -> Option<ConnId> {
    let last = everyone.entries().iter().rev().find(|(_, row)| matches!(row.kind, RowKind::Sent(_)))?;
    let since = last.1.at;
    let clients = cx.core.conversations().filter(|(_, client)| client.origin == Origin::Accepted);
    let mut replies: Vec<(Timestamp, ConnId, String)> =
        clients.filter_map(|(conn, client)| reply(client, since).map(|(at, text)| (at, conn, text))).collect();
    if replies.is_empty() {
        return None;
    }
    replies.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        controls::hint(ui, cx.look, fl!(cx.words, "replies", count = replies.len()));
        for (_, conn, text) in replies.iter().take(SHOWN) {
            let title = cx.core.conversation(Key::Conn(*conn)).map(|client| cx.title(client)).unwrap_or_default();
            let words = fl!(cx.words, "reply-of", who = title, text = text.as_str());
            let button = Button::new(RichText::new(words).size(theme::SMALL)).frame_when_inactive(false).truncate();
            if ui.add(button).clicked() {
                clicked = Some(*conn);
            }
        }
    });
    ui.add_space(STEP);
    clicked
}

/// What this client sent last, if that was after then, and when.
fn reply(client: &Conversation, since: Timestamp) -> Option<(Timestamp, String)> {
    let (_, row) = client
        .entries()
        .iter()
        .rev()
        .take(LOOKED_AT)
        // What a rule answered to everyone has the time of what it answered.
        .take_while(|(_, row)| row.at > since)
        .find(|(_, row)| matches!(row.kind, RowKind::Received(_)))?;
    let text = row.decode(client.manner().encoding)?.text;
    let line: String = text.lines().next().unwrap_or_default().chars().take(PREVIEW).collect();
    Some((row.at, visible(&line, &[]).into_owned()))
}
