//! What a screen reader speaks by itself: the message that came last.
//!
//! The transcript is no live region: a row that is scrolled into sight is no news.

use egui::{
    Id, Rect, Sense, Ui, Vec2, WidgetInfo,
    accesskit::{Live, Role},
};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{Cx, listed, wording};
use crate::{
    chat::{RowKind, RowNumber},
    core::{Conversation, Key},
    wire::visible,
};

/// Characters of a message that are spoken.
const CHARACTERS: usize = 500;

/// What was spoken, and up to where.
#[derive(Debug, Default)]
pub struct Spoken {
    /// The conversation that is open, and where its rows ended.
    open: Option<(Key, RowNumber)>,
    /// When the newest message came in another one that was told of.
    newest: Option<Timestamp>,
    text: String,
}

impl Spoken {
    /// Has the screen reader speak what is new in this frame.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) {
        ui.ctx().accesskit_node_builder(egui::accesskit_root_id(), |node| node.set_label(fl!(cx.words, "app-name")));
        if let Some(text) = self.news_of_open(cx).or_else(|| self.news_of_others(cx)) {
            self.text = text;
        }
        let id = Id::unique("spoken");
        let place = Rect::from_min_size(ui.max_rect().min, Vec2::splat(1.0));
        let response = ui.interact(place, id, Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &self.text));
        ui.ctx().accesskit_node_builder(id, |node| node.set_live(Live::Polite));
    }

    fn news_of_open(&mut self, cx: &Cx<'_>) -> Option<String> {
        let conversation = cx.core.conversation(cx.selected)?;
        let now = (cx.selected, conversation.entries().end());
        let (key, seen) = self.open.replace(now)?;
        (key == cx.selected && seen < now.1).then(|| last_received(cx, conversation, seen))?
    }

    fn news_of_others(&mut self, cx: &Cx<'_>) -> Option<String> {
        // The simulated students talk among themselves.
        let unread = listed::all(cx.core).filter(|(key, conversation)| {
            conversation.unread() > 0 && conversation.student.is_none() && cx.selected != *key
        });
        let newest = |conversation: &Conversation| conversation.entries().iter().next_back().map(|(_, row)| row.at);
        let (at, conversation) = unread.filter_map(|(_, it)| Some((newest(it)?, it))).max_by_key(|(at, _)| *at)?;
        if self.newest.is_some_and(|newest| at <= newest) {
            return None;
        }
        self.newest = Some(at);
        let name = wording::conversation_title(cx.words, conversation);
        Some(fl!(cx.words, "notification", count = conversation.unread(), name = name))
    }
}

fn last_received(cx: &Cx<'_>, conversation: &Conversation, seen: RowNumber) -> Option<String> {
    let new = conversation.entries().iter().rev().take_while(|(number, _)| *number >= seen);
    let mut texts = new.filter_map(|(_, row)| match &row.kind {
        RowKind::Received(received) if received.raw.is_empty() => Some(fl!(cx.words, "udp-empty")),
        RowKind::Received(received) => Some(received.decode(conversation.manner().encoding).text),
        _ => None,
    });
    let text: String = texts.next()?.chars().take(CHARACTERS).collect();
    Some(format!("{}: {}", fl!(cx.words, "peer"), visible(&text, &[])))
}
