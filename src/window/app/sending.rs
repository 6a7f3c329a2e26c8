//! Sending messages, and how a conversation is held.

use bytes::Bytes;
use jiff::Timestamp;

use super::App;
use crate::{
    chat::{RowKind, RowNumber},
    core::{ConversationOptions, Input, Key, NoticeKind, cut_of},
    net::{AutoReply, Command, MessageId},
    settings::{AutoReplyChoice, Settings},
    window::parts::composer,
    wire::{Framing, text},
};

impl App {
    pub(super) fn composer_action(&mut self, action: composer::Action) {
        match action {
            composer::Action::SendText(key, text) => self.send_text(key, &text),
            composer::Action::SendBytes(key, bytes) => self.send(key, bytes),
            composer::Action::SetManner(key, manner) => self.set_manner(key, manner),
        }
    }

    fn send_text(&mut self, key: Key, typed: &str) {
        let Some(conversation) = self.core.conversation(key) else { return };
        let manner = conversation.manner();
        let ending = manner.line_ending.text();
        // A line broken in the field goes out as the line ending that was chosen.
        let line_break = if ending.is_empty() || manner.framing() != Framing::Line { "\n" } else { ending };
        let typed = typed.replace('\n', line_break);
        let encoded = text::encode_message(&typed, manner.encoding, manner.framing(), ending);
        if let Some(character) = encoded.unmappable {
            let encoding = manner.encoding.name();
            self.change(Input::Notice(NoticeKind::Unmappable { character, encoding }));
        }
        self.send(key, encoded.bytes.into());
    }

    pub(super) fn send(&mut self, key: Key, raw: Bytes) {
        let Some(conversation) = self.core.conversation(key) else { return };
        self.screens.conversation.to_end(key);
        let cut = cut_of(&raw, conversation.manner());
        let message = self.net.next_message();
        self.change(Input::Sending { key, message, raw: raw.clone(), cut, at: Timestamp::now() });
        self.transmit(key, message, raw);
    }

    pub(super) fn retry(&mut self, key: Key, entry: RowNumber) {
        let row = self.core.conversation(key).and_then(|conversation| conversation.entries().get(entry));
        let Some(RowKind::Sent(sent)) = row.map(|entry| &entry.kind) else { return };
        let raw = sent.raw.clone();
        let message = self.net.next_message();
        self.change(Input::Resending { key, entry, message });
        self.transmit(key, message, raw);
    }

    fn transmit(&mut self, key: Key, message: MessageId, bytes: Bytes) {
        let command = match key {
            Key::Conn(conn) => Command::Send { conn, message, bytes },
            Key::Everyone => Command::SendToAll { message, bytes },
            Key::Past(_) => return,
        };
        self.command(command);
    }

    /// Have the program reply so, from now on.
    pub(super) fn set_reply(&mut self, key: Key, choice: AutoReplyChoice) {
        let Some(manner) = self.core.conversation(key).map(|conversation| conversation.manner().clone()) else {
            return;
        };
        let reply = match choice {
            AutoReplyChoice::Off => AutoReply::Off,
            AutoReplyChoice::Echo => AutoReply::Echo,
            AutoReplyChoice::Text => AutoReply::Fixed(reply_bytes(&self.settings, &manner)),
        };
        self.set_manner(key, manner.replying(reply));
    }

    pub(super) fn set_manner(&mut self, key: Key, manner: ConversationOptions) {
        let Some(conversation) = self.core.conversation(key) else { return };
        let mut manner = manner;
        // A fixed reply goes out in the manner of the conversation.
        if matches!(manner.options.auto_reply, AutoReply::Fixed(_)) {
            manner.options.auto_reply = AutoReply::Fixed(reply_bytes(&self.settings, &manner));
        }
        if let Key::Conn(conn) = key
            && !conversation.state.is_over()
        {
            self.change(Input::OptionsChanged { key, manner: manner.clone() });
            self.command(Command::SetOptions { conn, options: manner.options });
        } else {
            self.change(Input::OptionsChanged { key, manner });
        }
    }
}

/// The fixed reply, as bytes of a conversation held in that manner.
fn reply_bytes(settings: &Settings, manner: &ConversationOptions) -> Bytes {
    text::encode_message(&settings.reply_text, manner.encoding, manner.framing(), manner.line_ending.text())
        .bytes
        .into()
}
