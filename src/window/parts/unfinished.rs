//! A message that is not whole: how much of it came, and where else messages may end.

use egui::Ui;
use i18n_embed_fl::fl;

use super::controls;
use crate::{
    core::{Conversation, ConversationOptions, Key},
    explain,
    window::{Cx, parts::composer::Action, theme::STEP, wording},
    wire::{Framing, fitting},
};

/// Draws it, if there is such a message. Gives how the conversation is to be held instead.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
    let unfinished = conversation.unfinished.as_ref()?;
    let manner = conversation.manner();
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        controls::hint(ui, cx.look, explain::unfinished(cx.words, unfinished.so_far));
        let header = if let Framing::Length(prefix) = manner.framing() { prefix.header() } else { 0 };
        let came = unfinished.so_far.came + if unfinished.so_far.of.is_some() { header } else { 0 };
        for framing in fitting(&unfinished.held, came) {
            let name = fl!(cx.words, "unfinished-fits", framing = wording::framing_in_full(cx, framing));
            if framing != manner.framing() && ui.button(name).clicked() {
                let mut manner: ConversationOptions = manner.clone();
                manner.options.framing = framing;
                chosen = Some(Action::SetManner(key, manner));
            }
        }
    });
    ui.add_space(STEP);
    chosen
}
