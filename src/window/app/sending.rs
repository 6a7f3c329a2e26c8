//! How a conversation is held: what the user changes of it.

use bytes::Bytes;
use egui::Context;

use super::{
    App,
    dialog::{Dialog, ReplyDialog},
};
use crate::{
    core::{ConversationOptions, Input, Key},
    net::{AutoReply, ConnId},
    settings::{AutoReplyChoice, EmptyEnter, Settings},
    window::parts::composer,
    wire::text::{self, TextEncoding},
};

impl App {
    pub(super) fn composer_action(&mut self, action: composer::Action) {
        match action {
            composer::Action::SendText(key, text) => {
                self.screens.conversation.to_end(key);
                self.change(Input::SendText { key, text });
            }
            composer::Action::SendBytes(key, bytes) => {
                self.screens.conversation.to_end(key);
                self.change(Input::SendBytes { key, bytes });
            }
            composer::Action::AskEmpty(key) => self.front.dialog = Some(Dialog::EmptyEnter(key)),
            composer::Action::SendLong(key, bytes) => {
                self.screens.conversation.to_end(key);
                self.change(Input::SendLong { key, bytes });
            }
            composer::Action::SetManner(key, manner) => self.set_manner(key, *manner),
        }
    }

    /// Enter in an empty field does so from now on; and now, where it asked.
    pub(super) fn set_empty_enter(&mut self, ctx: &Context, key: Key, choice: EmptyEnter) {
        self.set_settings(ctx, Settings { empty_enter: choice, ..self.settings.clone() });
        self.close_dialog();
        if choice == EmptyEnter::Send {
            self.composer_action(composer::Action::SendText(key, String::new()));
        }
    }

    /// Asks for the text to reply with.
    pub(super) fn ask_reply(&mut self, conn: ConnId) {
        self.front.dialog = Some(Dialog::Reply(ReplyDialog::new(conn, self.settings.reply_text.clone())));
    }

    /// Replies with this text from now on, and offers it the next time.
    pub(super) fn reply_with(&mut self, ctx: &Context, conn: ConnId, reply_text: String) {
        self.set_settings(ctx, Settings { reply_text, ..self.settings.clone() });
        self.set_reply(Key::Conn(conn), AutoReplyChoice::Text);
    }

    /// Have the program reply so, from now on.
    pub(super) fn set_reply(&mut self, key: Key, choice: AutoReplyChoice) {
        let Some(manner) = self.core().conversation(key).map(|conversation| conversation.manner().clone()) else {
            return;
        };
        let reply = match choice {
            AutoReplyChoice::Off => AutoReply::Off,
            AutoReplyChoice::Echo => AutoReply::Echo,
            AutoReplyChoice::Text => AutoReply::Fixed(reply_bytes(&self.settings, &manner)),
        };
        self.set_manner(key, manner.replying(reply));
    }

    /// Have a conversation read in that encoding, from its beginning on.
    pub(super) fn read_as(&mut self, key: Key, encoding: TextEncoding) {
        let Some(mut manner) = self.core().conversation(key).map(|conversation| conversation.manner().clone()) else {
            return;
        };
        manner.encoding = encoding;
        manner.options.unit = encoding.unit();
        self.set_manner(key, manner);
    }

    fn set_manner(&mut self, key: Key, manner: ConversationOptions) {
        let mut manner = manner;
        // A fixed reply goes out in the manner of the conversation.
        if matches!(manner.options.auto_reply, AutoReply::Fixed(_)) {
            manner.options.auto_reply = AutoReply::Fixed(reply_bytes(&self.settings, &manner));
        }
        self.change(Input::OptionsChanged { key, manner });
    }
}

/// The fixed reply, as bytes of a conversation held in that manner.
fn reply_bytes(settings: &Settings, manner: &ConversationOptions) -> Bytes {
    text::encode_message(&settings.reply_text, manner.encoding, manner.framing(), &manner.ending()).bytes.into()
}
