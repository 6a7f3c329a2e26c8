//! How a conversation is held: what the user changes of it.

use bytes::Bytes;
use egui::Context;

use super::{
    App,
    dialog::{Dialog, ReplyDialog},
};
use crate::{
    chat::Written,
    core::{ConversationOptions, Input, Key},
    net::{AutoReply, ConnId},
    settings::{AutoReplyChoice, EmptyEnter, SavedMessage, Settings},
    window::file_wanted::FileWanted,
    window::parts::{
        composer,
        device::{self, DeviceDialog, OptionsDialog},
        framing::{self, FramingDialog},
        repeat::{self, RepeatDialog},
        rules::{self, RulesDialog},
        saved::{self, SavedDialog},
    },
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
            composer::Action::SendSaved(key, message) => self.send_saved(key, &message),
            composer::Action::AskSaved(key, text, written) => {
                let dialog = SavedDialog::new(key, &self.settings, text, written);
                self.front.dialog = Some(Dialog::Saved(dialog));
            }
            composer::Action::AskRepeat(key, text, written) => {
                self.front.dialog = Some(Dialog::Repeat(RepeatDialog::new(key, text, written)));
            }
            composer::Action::StopRepeating(key) => self.change(Input::StopRepeating(key)),
            composer::Action::AskFile(key) => self.ask_file(FileWanted::Send(key)),
            composer::Action::AskFraming(key) => {
                if let Some(conversation) = self.core().conversation(key) {
                    let dialog = FramingDialog::of_conversation(key, conversation.manner());
                    self.front.dialog = Some(Dialog::Framing(dialog));
                }
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
            AutoReplyChoice::Rules => AutoReply::Rules,
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

    /// Messages end so from now on, here or in new conversations.
    pub(super) fn framing_action(&mut self, ctx: &Context, action: framing::Action) {
        self.close_dialog();
        match action {
            framing::Action::Hold(key, manner) => self.set_manner(key, *manner),
            framing::Action::Default(settings) => self.set_settings(ctx, *settings),
            framing::Action::Close => {}
        }
    }

    /// Sends a saved message, in the manner of the conversation.
    fn send_saved(&mut self, key: Key, message: &SavedMessage) {
        if message.written == Written::Text {
            self.composer_action(composer::Action::SendText(key, message.text.clone()));
            return;
        }
        let Some(conversation) = self.core().conversation(key) else { return };
        if let Ok(encoded) = message.written.encode(&message.text, conversation.manner()) {
            self.composer_action(composer::Action::SendBytes(key, encoded.bytes.into()));
        }
    }

    pub(super) fn saved_action(&mut self, ctx: &Context, action: saved::Action) {
        match action {
            saved::Action::Send(key, message) => {
                self.close_dialog();
                self.send_saved(key, &message);
            }
            saved::Action::Set(settings) => self.set_settings(ctx, *settings),
            saved::Action::AskFile(wanted) => self.ask_file(wanted),
            saved::Action::Close => self.close_dialog(),
        }
    }

    pub(super) fn repeat_action(&mut self, action: repeat::Action) {
        self.close_dialog();
        if let repeat::Action::Start(key, repeat) = action {
            self.screens.conversation.to_end(key);
            self.change(Input::Repeat { key, repeat });
        }
    }

    /// Replies by these rules from now on.
    pub(super) fn rules_action(&mut self, ctx: &Context, action: rules::Action) {
        self.close_dialog();
        if let rules::Action::Use(key, settings) = action {
            self.set_settings(ctx, *settings);
            self.set_reply(key, AutoReplyChoice::Rules);
        }
    }

    /// Asks for the rules to reply by.
    pub(super) fn ask_rules(&mut self, conn: ConnId) {
        self.front.dialog = Some(Dialog::Rules(RulesDialog::new(Key::Conn(conn), &self.settings)));
    }

    /// Asks what a connection does on its own.
    pub(super) fn ask_options(&mut self, conn: ConnId) {
        if let Some(conversation) = self.core().conversation(Key::Conn(conn)) {
            let dialog = OptionsDialog::new(conn, conversation.manner());
            self.front.dialog = Some(Dialog::ConnOptions(dialog));
        }
    }

    /// Asks by what a device is to be known.
    pub(super) fn ask_device(&mut self, conn: ConnId) {
        if let Some(conversation) = self.core().conversation(Key::Conn(conn)) {
            let dialog = DeviceDialog::new(conn, conversation, &self.settings);
            self.front.dialog = Some(Dialog::Device(dialog));
        }
    }

    pub(super) fn device_action(&mut self, ctx: &Context, action: device::Action) {
        self.close_dialog();
        match action {
            device::Action::Remember(conn, name, settings) => {
                self.set_settings(ctx, *settings);
                self.change(Input::Renamed { conn, name });
            }
            device::Action::Hold(key, manner) => self.set_manner(key, *manner),
            device::Action::Close => {}
        }
    }

    /// A device that is known is talked with in this manner when it comes back.
    fn remember_manner(&mut self, key: Key, manner: &ConversationOptions) {
        let Some(conversation) = self.core().conversation(key) else { return };
        let place = device::known(&self.settings, conversation);
        let Some(device) = place.and_then(|place| self.settings.devices.get_mut(place)) else { return };
        device.remember(manner);
        self.save_settings();
        self.change(Input::DevicesChanged(self.settings.devices.clone()));
    }

    fn set_manner(&mut self, key: Key, manner: ConversationOptions) {
        self.remember_manner(key, &manner);
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
