//! The inspector: what the sockets do, beside the conversation or in all the window.

pub mod bytes;
pub mod calls;
pub mod code;
pub mod connection;

use egui::{Align, Button, CentralPanel, Frame, Layout, Margin, Panel, RichText, Stroke, Ui};
use egui_material_icons::icons::{ICON_CLOSE_FULLSCREEN, ICON_OPEN_IN_FULL, ICON_RIGHT_PANEL_CLOSE};
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{
    Cx,
    file_wanted::FileWanted,
    theme::{self, STEP},
};
use crate::{chat::RowNumber, core::Key};

/// Least width beside the conversation, in points.
pub const NARROWEST: f32 = 360.0;

/// What the inspector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The calls as a sequence diagram.
    #[default]
    Calls,
    /// The bytes of the chosen message.
    Bytes,
    /// The two ends of the connection, and the socket table.
    Connection,
    /// Programs for the other end.
    Code,
}

impl Tab {
    /// All, from left to right.
    pub const ALL: [Self; 4] = [Self::Calls, Self::Bytes, Self::Connection, Self::Code];

    /// What it is called.
    #[must_use]
    pub fn name(self, cx: &Cx<'_>) -> String {
        match self {
            Self::Calls => fl!(cx.words, "tab-calls"),
            Self::Bytes => fl!(cx.words, "tab-bytes"),
            Self::Connection => fl!(cx.words, "tab-connection"),
            Self::Code => fl!(cx.words, "tab-code"),
        }
    }
}

/// What is asked for in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another tab.
    ShowTab(Tab),
    /// Less of it: none.
    Fold,
    /// All the window for it, or only its side.
    ToggleWide,
    /// Put this on the clipboard.
    Copy(String),
    /// A file to save in.
    AskFile(FileWanted),
    /// Show this message in its conversation.
    GoTo(Key, RowNumber),
    /// Look at the calls that carried this message.
    ShowCalls(Key, RowNumber),
    /// Select a conversation.
    Select(Key),
}

/// The inspector.
#[derive(Debug, Default)]
pub struct Inspector {
    /// The tab that is open.
    pub tab: Tab,
    /// Whether it takes all the window.
    pub wide: bool,
    /// The calls.
    pub calls: calls::CallsTab,
    /// The bytes.
    pub bytes: bytes::BytesTab,
    /// The connection.
    pub connection: connection::ConnectionTab,
    /// The programs.
    pub code: code::CodeTab,
}

impl Inspector {
    /// Draw it to the right of the conversation.
    pub fn show_beside(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        let width = ui.available_width();
        Panel::right("inspector")
            .resizable(true)
            .default_size((width * 0.4).clamp(NARROWEST, 480.0))
            .min_size(NARROWEST)
            .max_size((width - NARROWEST).max(NARROWEST))
            .frame(Frame::new().fill(cx.look.raised))
            .show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                action = self.show(ui, cx);
            });
        action
    }

    /// Draw it in all the room there is.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        Panel::top("inspector-head")
            .resizable(false)
            .frame(Frame::new().fill(cx.look.raised).inner_margin(Margin { left: 12, right: 8, top: 8, bottom: 0 }))
            .show(ui, |ui| action = self.head(ui, cx));
        CentralPanel::default().frame(Frame::new().fill(cx.look.raised)).show(ui, |ui| {
            let tab = match self.tab {
                Tab::Calls => self.calls.show(ui, cx),
                Tab::Bytes => self.bytes.show(ui, cx),
                Tab::Connection => self.connection.show(ui, cx),
                Tab::Code => self.code.show(ui, cx),
            };
            action = tab.or(action.take());
        });
        action
    }

    fn head(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        ui.horizontal(|ui| {
            ui.set_height(theme::CONTROL);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = STEP;
                let fold = fl!(cx.words, "inspector-fold");
                if controls::quiet_icon(ui, cx.look, ICON_RIGHT_PANEL_CLOSE, fold).clicked() {
                    action = Some(Action::Fold);
                }
                let (icon, name) = if self.wide {
                    (ICON_CLOSE_FULLSCREEN, fl!(cx.words, "inspector-narrow"))
                } else {
                    (ICON_OPEN_IN_FULL, fl!(cx.words, "inspector-widen"))
                };
                if controls::quiet_icon(ui, cx.look, icon, name).clicked() {
                    action = Some(Action::ToggleWide);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    // All four names fit the narrowest, in either language.
                    ui.spacing_mut().item_spacing.x = 0.0;
                    ui.spacing_mut().button_padding.x = 2.0 * STEP;
                    for tab in Tab::ALL {
                        if tab_button(ui, cx, tab.name(cx), self.tab == tab) {
                            action = Some(Action::ShowTab(tab));
                        }
                    }
                });
            });
        });
        let line = ui.min_rect().bottom();
        ui.painter().hline(ui.clip_rect().x_range(), line, Stroke::new(1.0, cx.look.line));
        action
    }
}

/// A tab's name to click, underlined while it is open.
pub fn tab_button(ui: &mut Ui, cx: &Cx<'_>, name: String, open: bool) -> bool {
    let text = if open { theme::strong(name, theme::TEXT) } else { RichText::new(name).color(cx.look.weak) };
    let response = ui.add(Button::selectable(open, text).fill(egui::Color32::TRANSPARENT).stroke(Stroke::NONE));
    if open {
        let rect = response.rect;
        let y = ui.min_rect().bottom().max(rect.bottom()) - 1.0;
        ui.painter().hline(rect.x_range(), y, Stroke::new(2.0, cx.look.accent));
    }
    response.clicked()
}
