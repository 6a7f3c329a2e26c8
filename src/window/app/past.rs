//! Past sessions: finding them, and opening one for reading.

use egui::Context;

use super::{App, tasks::ListFor};
use crate::{
    chat::{RowNumber, SessionId},
    core::Input,
    history::{self, HitPlace, Place, Removal},
    window::screen::{Screen, history::Action},
};

/// Messages found that are listed at a time.
const HITS: usize = 200;

/// Past sessions that are listed at a time.
const SESSIONS: usize = 500;

impl App {
    pub(super) fn history_action(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Close => self.close(),
            Action::Find(text) => self.find(text),
            Action::Open(session) => self.open_session(session),
            Action::Back => self.close_session(),
            Action::OpenHit(place) => self.open_hit(ctx, place),
            Action::Remove(session) => self.ask_removal(ctx, Removal::Session(session)),
            Action::AskFile(wanted) => self.ask_file(wanted),
            Action::Transcript(action) => self.transcript_action(ctx, action),
        }
    }

    /// Find past sessions by peer, and messages by their text.
    pub(super) fn find(&mut self, text: String) {
        self.questions.searches += 1;
        let generation = if text.is_empty() { 0 } else { self.questions.searches };
        self.change(Input::Searching(generation));
        if generation > 0 {
            let (needle, count) = (text.clone(), HITS);
            self.ask_history(history::Question::Search { generation, needle, after: None, count });
        }
        let question = history::Question::Sessions { matching: text, before: None, count: SESSIONS };
        self.ask_sessions(ListFor::Panel, question);
    }

    /// Show the screen of past sessions, with this one open.
    pub(super) fn read_past(&mut self, ctx: &Context, session: Option<SessionId>) {
        self.show_screen(ctx, Screen::History);
        match session {
            Some(session) => self.open_session(session),
            None => self.close_session(),
        }
    }

    /// Go back to the list.
    pub(super) fn close_session(&mut self) {
        self.change(Input::ClosePast);
        self.find(self.screens.history.matching().to_owned());
    }

    fn open_session(&mut self, session: SessionId) {
        self.change(Input::OpenPast(session, Place::End));
    }

    /// Have a message that was found in sight: in its conversation, or as one of the past.
    pub(super) fn open_hit(&mut self, ctx: &Context, place: HitPlace) {
        if let Some(key) = self.core().key_of(place.session) {
            self.go_to_conversation(key);
            self.screens.conversation.to_row(key, RowNumber(place.number));
        } else {
            self.show_screen(ctx, Screen::History);
            self.change(Input::OpenPast(place.session, Place::Around(place.number)));
        }
    }
}
