//! Rules: what is answered to which message, tried on a sample while it is written.

use egui::{ComboBox, DragValue, Margin, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::{controls, field, saved};
use crate::{
    chat::{AnswerTo, LONGEST_ANSWER_WAIT, MOST_RULES, Rule, When, Written},
    core::{
        Key,
        rules::{RuleError, Rules, check},
    },
    settings::Settings,
    window::{
        Cx,
        theme::{self, STEP},
        wording,
    },
    wire::{encode_escapes, text},
};

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// These rules from now on, here and wherever rules answer; and they answer here.
    Use(Key, Box<Settings>),
    /// To close it.
    Close,
}

/// Asks for the rules.
#[derive(Debug)]
pub struct RulesDialog {
    key: Key,
    rules: Vec<Rule>,
    sample: String,
}

impl RulesDialog {
    /// For this conversation, beginning with the rules that there are.
    #[must_use]
    pub fn new(key: Key, settings: &Settings) -> Self {
        let mut rules = settings.rules.clone();
        if rules.is_empty() {
            rules.push(Rule::default());
        }
        Self { key, rules, sample: String::new() }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let manner = cx.core.conversation(self.key)?.manner();
        let response = controls::dialog(ui, "rules-dialog", 620.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "rules-title"), theme::TITLE));
            let mut ready = true;
            let height = (ui.ctx().content_rect().height() - 270.0).max(120.0);
            ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
                ui,
                |ui| {
                    let mut removed = None;
                    for (n, rule) in self.rules.iter_mut().enumerate() {
                        controls::card(cx.look).inner_margin(Margin::same(10)).show(ui, |ui| {
                            ui.set_width(ui.available_width());
                            if edit(ui, cx, n + 1, rule) {
                                removed = Some(n);
                            }
                            if let Err(why) = check(rule, manner.encoding) {
                                ready = false;
                                if why != RuleError::Empty {
                                    controls::wrong(ui, cx.look, wrong_text(cx, &why));
                                }
                            }
                        });
                        ui.add_space(STEP);
                    }
                    if let Some(removed) = removed {
                        self.rules.remove(removed);
                    }
                    let room = self.rules.len() < MOST_RULES;
                    if ui.add_enabled(room, egui::Button::new(fl!(cx.words, "rules-add"))).clicked() {
                        self.rules.push(Rule::default());
                    }
                },
            );
            ui.add_space(STEP);
            self.try_out(ui, cx, manner);
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                let done = controls::primary_enabled(ui, cx.look, ready, fl!(cx.words, "rules-use")).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                let settings = || Box::new(Settings { rules: self.rules.clone(), ..cx.settings.clone() });
                if done { Some(Action::Use(self.key, settings())) } else { cancelled.then_some(Action::Close) }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    /// What the rules make of a message that is written here.
    fn try_out(&mut self, ui: &mut Ui, cx: &Cx<'_>, manner: &crate::chat::ConversationOptions) {
        let name = fl!(cx.words, "rules-sample");
        ui.horizontal_wrapped(|ui| {
            ui.label(name.as_str());
            field::one_line(ui, cx.words, &mut self.sample, theme::mono(theme::TEXT), name.as_str(), |field| {
                field.margin(Margin::symmetric(10, 7)).desired_width(280.0)
            });
        });
        if self.sample.is_empty() {
            return;
        }
        let message = Written::Escapes.encode(&self.sample, manner);
        let bytes = message.map_or_else(|_| text::encode(&self.sample, manner.encoding).bytes, |encoded| encoded.bytes);
        let words = match Rules::new(&self.rules, manner.encoding).answer(&bytes, manner, cx.core.manner()) {
            Some(answer) => {
                let number = answer.rule + 1;
                fl!(cx.words, "rules-sample-answer", number = number, answer = encode_escapes(&answer.raw))
            }
            None => fl!(cx.words, "rules-sample-none"),
        };
        controls::hint(ui, cx.look, words);
    }
}

/// One rule. Whether it is to be removed.
fn edit(ui: &mut Ui, cx: &Cx<'_>, number: usize, rule: &mut Rule) -> bool {
    let mut removed = false;
    let line = |ui: &mut Ui, text: &mut String, name: String, written: Written| {
        let font = if written == Written::Text { theme::text() } else { theme::mono(theme::TEXT) };
        let width = (ui.available_width() - 20.0).clamp(120.0, 300.0);
        field::one_line(ui, cx.words, text, font, name, |field| {
            field.margin(Margin::symmetric(10, 7)).desired_width(width)
        });
    };
    ui.horizontal_wrapped(|ui| {
        controls::checkbox(ui, cx.look, &mut rule.on, fl!(cx.words, "rule-on", number = number));
        let name = fl!(cx.words, "rule-when", number = number);
        let combo = ComboBox::from_id_salt(("rule-when", number)).selected_text(when_text(cx, rule.when));
        let shown = combo.show_ui(ui, |ui| {
            for when in When::ALL {
                ui.selectable_value(&mut rule.when, when, when_text(cx, when));
            }
        });
        shown.response.accessible_name(name);
        if ui.button("×").accessible_name(fl!(cx.words, "rule-remove", number = number)).clicked() {
            removed = true;
        }
    });
    ui.horizontal_wrapped(|ui| {
        let name = fl!(cx.words, "rule-this", number = number);
        let written = saved::choose_written(ui, cx, &name, rule.written);
        rule.written = written.unwrap_or(rule.written);
        line(ui, &mut rule.this, name, rule.written);
    });
    if rule.when == When::Matches {
        let hint = if rule.written == Written::Hex {
            fl!(cx.words, "rule-hex-hint", group = "$1")
        } else {
            fl!(cx.words, "rule-pattern-hint", group = "$1")
        };
        controls::hint(ui, cx.look, hint);
    }
    ui.horizontal_wrapped(|ui| {
        let name = fl!(cx.words, "rule-answer", number = number);
        ui.label(fl!(cx.words, "rule-answer-short"));
        let written = saved::choose_written(ui, cx, &name, rule.answer_written);
        rule.answer_written = written.unwrap_or(rule.answer_written);
        line(ui, &mut rule.answer, name, rule.answer_written);
    });
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(fl!(cx.words, "rule-wait"));
        ui.add(DragValue::new(&mut rule.wait_ms).range(0..=LONGEST_ANSWER_WAIT).suffix(" ms")).labelled_by(label.id);
        let name = fl!(cx.words, "rule-to", number = number);
        let all = [
            (AnswerTo::Sender, fl!(cx.words, "rule-to-sender")),
            (AnswerTo::Everyone, fl!(cx.words, "rule-to-everyone")),
        ];
        rule.to = controls::segments(ui, cx.look, &name, rule.to, &all).unwrap_or(rule.to);
    });
    removed
}

fn when_text(cx: &Cx<'_>, when: When) -> String {
    match when {
        When::Equals => fl!(cx.words, "rule-equals"),
        When::BeginsWith => fl!(cx.words, "rule-begins"),
        When::Contains => fl!(cx.words, "rule-contains"),
        When::Matches => fl!(cx.words, "rule-matches"),
    }
}

fn wrong_text(cx: &Cx<'_>, why: &RuleError) -> String {
    match why {
        RuleError::Empty => fl!(cx.words, "rule-empty"),
        RuleError::This(why) => wording::not_written(cx, why),
        RuleError::Answer(why) => fl!(cx.words, "rule-answer-wrong", why = wording::not_written(cx, why)),
        RuleError::Pattern(why) => fl!(cx.words, "rule-pattern-wrong", why = why.as_str()),
    }
}
