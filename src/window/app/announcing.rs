//! New messages while the window is not in front: the taskbar and the desktop tell of them, if the user wants that.
//!
//! From whom and how many, never what: a desktop may be seen by a whole class.

use std::time::Instant;

use egui::{Context, UserAttentionType, ViewportCommand};
use i18n_embed_fl::fl;

use super::{App, state::is_in_front};
use crate::{
    core::Key,
    window::{
        attention::{Attention, Sight, Tell},
        listed,
        notifications::{Heard, Notifications},
        wording,
    },
};

/// What the user was told.
#[derive(Debug, Default)]
pub(super) struct Announced {
    attention: Attention,
    /// Begun with the first one.
    notifications: Option<Notifications>,
    /// The taskbar asks for the user.
    asks_in_taskbar: bool,
}

impl App {
    /// Tell the user what came, and take back what was looked at.
    pub(super) fn announce(&mut self, ctx: &Context) {
        let sight =
            Sight { in_front: is_in_front(ctx), may_tell: self.settings.notify && !self.screens.stage.is_projecting() };
        // The simulated students talk among themselves.
        let unread: Vec<(Key, usize)> = (listed::all(self.core()))
            .filter(|(_, conversation)| conversation.unread() > 0 && conversation.student.is_none())
            .map(|(key, conversation)| (key, conversation.unread()))
            .collect();
        for tell in self.announced.attention.follow(sight, &unread, Instant::now()) {
            match tell {
                Tell::Show(key, count) => self.announce_messages(ctx, key, count),
                Tell::Close(key) => {
                    if let Some(notifications) = &self.announced.notifications {
                        notifications.close(key);
                    }
                }
            }
        }
        if sight.in_front && std::mem::take(&mut self.announced.asks_in_taskbar) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Reset));
        }
        if !sight.in_front
            && sight.may_tell
            && let Some(next) = self.announced.attention.next(&unread)
        {
            ctx.request_repaint_after(next.saturating_duration_since(Instant::now()));
        }
        while let Some(heard) = self.announced.notifications.as_ref().and_then(Notifications::try_recv) {
            match heard {
                Heard::PutAway(key) => self.announced.attention.put_away(key),
                Heard::Chosen(key) => {
                    self.announced.attention.put_away(key);
                    if self.core().conversation(key).is_some() {
                        self.go_to_conversation(key);
                    }
                    self.viewport.raise(ctx);
                }
            }
        }
    }

    fn announce_messages(&mut self, ctx: &Context, key: Key, count: usize) {
        let Some(conversation) = self.driver.core().conversation(key) else { return };
        if !std::mem::replace(&mut self.announced.asks_in_taskbar, true) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
        }
        let name = wording::conversation_title(&self.words, conversation);
        let text = fl!(self.words, "notification", count = count, name = name);
        if self.announced.notifications.is_none() {
            let wake = ctx.clone();
            match Notifications::start(move || wake.request_repaint()) {
                Ok(notifications) => self.announced.notifications = Some(notifications),
                Err(error) => tracing::debug!("no notifications: {error}"),
            }
        }
        if let Some(notifications) = &self.announced.notifications {
            notifications.show(key, text, fl!(self.words, "notification-open"));
        }
    }
}
