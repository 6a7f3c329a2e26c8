//! The settings pane. What is wrong is refused beside its field, in words; what is right is kept at once.

mod rows;

use std::net::Ipv4Addr;

use egui::{Align, ComboBox, Layout, Panel, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons::ICON_CLOSE;
use i18n_embed_fl::fl;

use self::rows::{Typed, entry, number, percent, row, section, sought_id};
use crate::window::{
    Cx,
    parts::{
        controls::{self, hint, segments, switch, wrong},
        field, me,
    },
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::{
        LEAST_PEER_TIMEOUT, LONGEST_PERSON_NAME, LineEnding, MOST_PEER_TIMEOUT, Relay,
        address::{AddressError, ZonedIp},
    },
    core::{PastState, ServerState, Visibility},
    host::{self, HandOut},
    net::MOST_CLIENTS,
    settings::{
        AutoReplyChoice, EmptyEnter, Language, ListenOn, RemoveAfter, Settings, Theme, Visible, may_be_peer_timeout,
    },
    wire::{Framing, text::OFFERED},
};

/// Width of the pane beside the conversation.
pub const WIDTH: f32 = 420.0;

/// The most height of a list that drops down: what is at its end is seen without scrolling.
const LIST: f32 = 400.0;

/// The backlog that the course names as its most.
const COURSE_BACKLOG: u32 = 128;

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To close it.
    Close,
    /// These settings from now on.
    Set(Box<Settings>),
    /// To remove all past messages for good.
    RemoveAllHistory,
    /// To remove messages that are older than the user wants to keep.
    RemoveOldHistory,
    /// To open the page about Sockhop.
    About,
    /// To ask for everything that can be chosen about where a message ends.
    AskFraming,
}

/// The pane, with what is typed in its fields but not (yet) right.
#[derive(Debug, Default)]
pub struct SettingsPane {
    ip: Typed,
    port: Typed,
    backlog: Typed,
    max_clients: Typed,
    recv_size: Typed,
    peer_timeout: Typed,
    typing_ip: bool,
    asks_framing: bool,
    /// The row of this name is to be scrolled to, and to have the keyboard.
    sought: Option<String>,
    started_with: Option<Settings>,
}

/// An address of this computer as it is typed: its name stands for the address that others use.
fn own_address(cx: &Cx<'_>, typed: &str) -> Result<ZonedIp, AddressError> {
    match typed.parse() {
        Err(AddressError::NotAnIp(name)) if host::is_own_name(&name) => {
            match host::hand_out(cx.interfaces, Ipv4Addr::UNSPECIFIED.into()) {
                HandOut::Address(ip) => Ok(ip.into()),
                _ => Err(AddressError::NotAnIp(name)),
            }
        }
        read => read,
    }
}

impl SettingsPane {
    /// Draw it beside the conversation.
    pub fn show_beside(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        Panel::right("settings")
            .resizable(false)
            .exact_size(WIDTH)
            .frame(egui::Frame::new().fill(cx.look.ground).inner_margin(egui::Margin::same(0)))
            .show(ui, |ui| action = self.show(ui, cx));
        action
    }

    /// Draw it in all the room there is.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        let mut settings = cx.settings.clone();
        // What lies behind the palette, until that is gone, cannot have the keyboard.
        if ui.memory(|memory| memory.allows_interaction(ui.layer_id()))
            && let Some(sought) = self.sought.take()
        {
            ui.data_mut(|data| data.insert_temp(sought_id(), Some(sought)));
        }
        egui::Frame::new().inner_margin(egui::Margin { left: 16, right: 8, top: 12, bottom: 4 }).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(fl!(cx.words, "settings"), theme::TITLE));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "close-settings")).clicked() {
                        action = Some(Action::Close);
                    }
                });
            });
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                egui::Frame::new().inner_margin(egui::Margin { left: 0, right: 12, top: 0, bottom: 16 }).show(
                    ui,
                    |ui| {
                        ui.spacing_mut().item_spacing.y = STEP;
                        self.server(ui, cx, &mut settings);
                        self.messages(ui, cx, &mut settings);
                        action = kept(ui, cx, &mut settings).or(action.take());
                        people(ui, cx, &mut settings);
                        appearance(ui, cx, &mut settings);
                        if ui.button(fl!(cx.words, "about")).clicked() {
                            action = Some(Action::About);
                        }
                    },
                );
            });
        });
        if std::mem::take(&mut self.asks_framing) {
            action = Some(Action::AskFraming);
        }
        if settings == *cx.settings { action } else { Some(Action::Set(Box::new(settings))) }
    }

    /// Scroll to the row of this name, and give its first control the keyboard.
    pub fn show_row(&mut self, name: String) {
        self.sought = Some(name);
    }

    /// The server was started with these settings; what differs from them waits for its next start.
    pub fn started(&mut self, settings: Settings) {
        self.started_with = Some(settings);
    }

    fn server(&mut self, ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings) {
        section(ui, cx, &fl!(cx.words, "section-server"));
        let running = matches!(cx.core.server().state, ServerState::Listening { .. });
        let waits = running
            && self.started_with.as_ref().is_some_and(|with| {
                (with.listen_on, with.port, with.backlog, with.reuse_address)
                    != (settings.listen_on, settings.port, settings.backlog, settings.reuse_address)
            });
        if waits {
            ui.label(RichText::new(fl!(cx.words, "next-start")).size(theme::SMALL).color(cx.look.wait));
        }
        row(ui, &fl!(cx.words, "ip-address"), |ui, name| {
            self.address(ui, cx, name, settings);
            hint(ui, cx.look, wording::reach_of_settings(cx, settings));
        });
        row(ui, &fl!(cx.words, "port"), |ui, name| {
            let typed = entry(ui, cx, name, &mut self.port, u64::from(settings.port)).trim();
            let number: Option<u16> = typed.parse().ok();
            match number.or_else(|| host::lone_port(typed).ok()) {
                Some(port) => {
                    settings.port = port;
                    // As it is typed: of a service, its name.
                    let service = number.is_none().then(|| typed.to_owned());
                    self.port.keep(port.to_string());
                    if let Some(service) = service {
                        hint(ui, cx.look, fl!(cx.words, "port-of-service", name = service, port = port.to_string()));
                    }
                    let words = match port {
                        0 => fl!(cx.words, "port-any"),
                        1..1024 => fl!(cx.words, "port-well-known"),
                        _ => fl!(cx.words, "port-own"),
                    };
                    hint(ui, cx.look, words);
                }
                None => {
                    wrong(ui, cx.look, fl!(cx.words, "port-wrong"));
                }
            }
        });
        row(ui, &fl!(cx.words, "backlog"), |ui, name| {
            let typed = number(ui, cx, name, &mut self.backlog, u64::from(settings.backlog));
            match typed {
                Some(backlog) if (1..=i32::MAX as u64).contains(&backlog) => {
                    settings.backlog = backlog as u32;
                    self.backlog.keep(backlog.to_string());
                    let words = match cx.backlog_cap {
                        Some(cap) if settings.backlog > cap => fl!(cx.words, "backlog-capped", cap = cap),
                        Some(cap) if settings.backlog > COURSE_BACKLOG => {
                            fl!(cx.words, "backlog-large", most = COURSE_BACKLOG, cap = cap)
                        }
                        Some(cap) => fl!(cx.words, "backlog-hint", most = COURSE_BACKLOG, cap = cap),
                        None => fl!(cx.words, "backlog-hint-no-cap", most = COURSE_BACKLOG),
                    };
                    hint(ui, cx.look, words);
                }
                _ => {
                    wrong(ui, cx.look, fl!(cx.words, "backlog-wrong"));
                }
            }
        });
        let (option, its_hint) = wording::address_option(cx.words);
        row(ui, &option, |ui, name| {
            if let Some(on) = switch(ui, cx.look, name, settings.reuse_address) {
                settings.reuse_address = on;
            }
            hint(ui, cx.look, its_hint);
        });
        row(ui, &fl!(cx.words, "max-clients"), |ui, name| {
            match number(ui, cx, name, &mut self.max_clients, settings.max_clients as u64) {
                Some(most) if (1..=MOST_CLIENTS as u64).contains(&most) => {
                    settings.max_clients = most as usize;
                    self.max_clients.keep(most.to_string());
                    hint(ui, cx.look, fl!(cx.words, "max-clients-hint"));
                }
                _ => {
                    wrong(ui, cx.look, fl!(cx.words, "max-clients-wrong", most = MOST_CLIENTS));
                }
            }
        });
        row(ui, &fl!(cx.words, "relay"), |ui, name| {
            let all = [
                (Relay::Off, fl!(cx.words, "relay-off")),
                (Relay::Plain, fl!(cx.words, "relay-plain")),
                (Relay::Named, fl!(cx.words, "relay-named")),
            ];
            if let Some(relay) = segments(ui, cx.look, name, settings.relay, &all) {
                settings.relay = relay;
            }
            hint(ui, cx.look, fl!(cx.words, "relay-hint"));
        });
    }

    fn address(&mut self, ui: &mut Ui, cx: &Cx<'_>, name: &str, settings: &mut Settings) {
        let shown =
            if self.typing_ip { fl!(cx.words, "ip-typed") } else { wording::listen_on_text(cx, settings.listen_on) };
        let combo = ComboBox::from_id_salt("listen-on").width(ui.available_width()).height(LIST).truncate();
        let combo = combo.selected_text(shown);
        let response = combo.show_ui(ui, |ui| {
            let mut choices = vec![ListenOn::AllInterfaces];
            // Where there is no IPv6, it cannot be listened on.
            choices.extend(
                cx.interfaces.iter().any(|i| i.address.is_ipv6()).then_some(ListenOn::Address(wording::BOTH_FAMILIES)),
            );
            choices.push(ListenOn::ThisComputer);
            choices.extend(
                cx.interfaces
                    .iter()
                    .filter(|i| !i.address.is_loopback())
                    .map(|i| ListenOn::Address(wording::to_listen_on(i))),
            );
            for choice in choices {
                let selected = !self.typing_ip && settings.listen_on == choice;
                if ui.selectable_label(selected, wording::listen_on_text(cx, choice)).clicked() {
                    settings.listen_on = choice;
                    self.typing_ip = false;
                }
            }
            if ui.selectable_label(self.typing_ip, fl!(cx.words, "ip-type")).clicked() {
                self.typing_ip = true;
                self.ip.keep(String::new());
            }
        });
        response.response.accessible_name(name);
        let of_an_interface = match settings.listen_on {
            ListenOn::Address(ip) => {
                ip == wording::BOTH_FAMILIES || cx.interfaces.iter().any(|interface| wording::is_of(ip, interface))
            }
            _ => true,
        };
        if self.typing_ip || !of_an_interface {
            let text = self.ip.edit(settings.listen_on.zoned_ip().to_string());
            let field = TextEdit::singleline(text).font(theme::mono(theme::TEXT)).desired_width(ui.available_width());
            field::show(ui, cx.words, field, fl!(cx.words, "ip-field"));
            match own_address(cx, text) {
                Ok(ip) => {
                    self.ip.keep(ip.to_string());
                    if ip != settings.listen_on.zoned_ip() {
                        settings.listen_on = ListenOn::Address(ip);
                    }
                    if !of_an_interface && !ip.ip.is_loopback() && !ip.ip.is_unspecified() {
                        wrong(ui, cx.look, fl!(cx.words, "ip-not-here"));
                    }
                }
                Err(AddressError::Empty | AddressError::Host(_) | AddressError::NotAnIp(_)) => {
                    wrong(ui, cx.look, fl!(cx.words, "ip-wrong"));
                }
                Err(error) => {
                    wrong(ui, cx.look, wording::address_error(cx, &error));
                }
            }
        }
    }

    fn messages(&mut self, ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings) {
        section(ui, cx, &fl!(cx.words, "section-messages"));
        hint(ui, cx.look, fl!(cx.words, "section-messages-hint"));
        row(ui, &fl!(cx.words, "encoding"), |ui, name| {
            let combo = ComboBox::from_id_salt("encoding").width(ui.available_width()).height(LIST);
            let response = combo.selected_text(settings.encoding.name()).show_ui(ui, |ui| {
                for encoding in OFFERED {
                    ui.selectable_value(&mut settings.encoding, encoding, encoding.name());
                }
            });
            response.response.accessible_name(name);
        });
        row(ui, &fl!(cx.words, "framing"), |ui, name| {
            let usual = [Framing::Line, Framing::Chunk, Framing::LENGTH];
            let own = (!usual.contains(&settings.framing)).then_some(settings.framing);
            let all: Vec<_> = usual.into_iter().chain(own).map(|f| (f, wording::framing_text(cx, f))).collect();
            if let Some(framing) = segments(ui, cx.look, name, settings.framing, &all) {
                settings.framing = framing;
            }
            if ui.button(fl!(cx.words, "framing-other")).clicked() {
                self.asks_framing = true;
            }
            hint(
                ui,
                cx.look,
                wording::framing_long(cx, settings.framing, std::time::Duration::from_millis(settings.quiet_ms)),
            );
        });
        row(ui, &fl!(cx.words, "line-ending"), |ui, name| {
            let own = (!LineEnding::NAMED.contains(&settings.line_ending)).then_some(settings.line_ending);
            let all = LineEnding::NAMED.into_iter().chain(own);
            let all: Vec<_> = all.map(|e| (e, wording::ending_text(cx, e))).collect();
            if let Some(ending) = segments(ui, cx.look, name, settings.line_ending, &all) {
                settings.line_ending = ending;
            }
            if !settings.framing.takes_ending() {
                hint(ui, cx.look, fl!(cx.words, "line-ending-length"));
            }
        });
        row(ui, &fl!(cx.words, "empty-enter"), |ui, name| {
            let all = [
                (EmptyEnter::Ask, fl!(cx.words, "empty-enter-ask")),
                (EmptyEnter::Send, fl!(cx.words, "empty-enter-send")),
                (EmptyEnter::Nothing, fl!(cx.words, "empty-enter-nothing")),
            ];
            if let Some(choice) = segments(ui, cx.look, name, settings.empty_enter, &all) {
                settings.empty_enter = choice;
            }
        });
        row(ui, &fl!(cx.words, "recv-size"), |ui, name| {
            let most = crate::settings::LARGEST_RECV;
            match number(ui, cx, name, &mut self.recv_size, settings.recv_size as u64) {
                Some(size) if (1..=most as u64).contains(&size) => {
                    settings.recv_size = size as usize;
                    self.recv_size.keep(size.to_string());
                    hint(ui, cx.look, fl!(cx.words, "recv-size-hint"));
                }
                _ => {
                    wrong(ui, cx.look, fl!(cx.words, "recv-size-wrong", most = most));
                }
            }
        });
        row(ui, &fl!(cx.words, "auto-reply"), |ui, name| {
            let all = [
                (AutoReplyChoice::Off, fl!(cx.words, "auto-reply-off")),
                (AutoReplyChoice::Echo, fl!(cx.words, "auto-reply-echo")),
                (AutoReplyChoice::Text, fl!(cx.words, "auto-reply-text")),
                (AutoReplyChoice::Rules, fl!(cx.words, "auto-reply-rules")),
            ];
            if let Some(choice) = segments(ui, cx.look, name, settings.auto_reply, &all) {
                settings.auto_reply = choice;
            }
            if settings.auto_reply == AutoReplyChoice::Text {
                let (name, width) = (fl!(cx.words, "reply-text"), ui.available_width());
                field::one_line(ui, cx.words, &mut settings.reply_text, theme::text(), name, |field| {
                    field.desired_width(width)
                });
            }
        });
        row(ui, &fl!(cx.words, "when-peer-finishes"), |ui, name| {
            let all = [(false, fl!(cx.words, "peer-finishes-close")), (true, fl!(cx.words, "peer-finishes-keep"))];
            if let Some(keep) = segments(ui, cx.look, name, settings.half_open, &all) {
                settings.half_open = keep;
            }
            hint(ui, cx.look, fl!(cx.words, "when-peer-finishes-hint"));
        });
        row(ui, &fl!(cx.words, "peer-timeout"), |ui, name| {
            match number(ui, cx, name, &mut self.peer_timeout, settings.peer_timeout) {
                Some(seconds) if may_be_peer_timeout(seconds) => {
                    settings.peer_timeout = seconds;
                    self.peer_timeout.keep(seconds.to_string());
                    hint(ui, cx.look, fl!(cx.words, "peer-timeout-hint"));
                }
                _ => {
                    let (least, most) = (LEAST_PEER_TIMEOUT.as_secs(), MOST_PEER_TIMEOUT.as_secs());
                    wrong(ui, cx.look, fl!(cx.words, "peer-timeout-wrong", least = least, most = most));
                }
            }
        });
    }
}

/// What is kept on disk, and where.
fn kept(ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings) -> Option<Action> {
    let mut action = None;
    section(ui, cx, &fl!(cx.words, "history"));
    row(ui, &fl!(cx.words, "keep-history"), |ui, name| {
        if let Some(on) = switch(ui, cx.look, name, settings.keep_history) {
            settings.keep_history = on;
        }
        match &cx.core.past().state {
            PastState::Opening => {}
            PastState::Open(path) => {
                let words = if settings.keep_history {
                    fl!(cx.words, "history-is-at", path = path.display().to_string())
                } else {
                    fl!(cx.words, "history-off")
                };
                hint(ui, cx.look, words);
                if let Some(size) = &cx.core.past().size {
                    let (messages, kib) = (size.messages, size.bytes.div_ceil(1024));
                    hint(ui, cx.look, fl!(cx.words, "history-size", messages = messages, kib = kib));
                }
                if ui.button(fl!(cx.words, "history-remove-all")).clicked() {
                    action = Some(Action::RemoveAllHistory);
                }
            }
            PastState::Waiting(why) | PastState::Unavailable(why) => {
                wrong(ui, cx.look, wording::why_no_history(cx, why));
            }
        }
    });
    row(ui, &fl!(cx.words, "remove-after"), |ui, name| {
        let combo = ComboBox::from_id_salt("remove-after").width(ui.available_width()).height(LIST);
        let response = combo.selected_text(wording::age_text(cx, settings.remove_after)).show_ui(ui, |ui| {
            for age in RemoveAfter::ALL {
                ui.selectable_value(&mut settings.remove_after, age, wording::age_text(cx, age));
            }
        });
        response.response.accessible_name(name);
        if settings.remove_after == RemoveAfter::Never {
            hint(ui, cx.look, fl!(cx.words, "remove-after-never-hint"));
        } else {
            hint(ui, cx.look, fl!(cx.words, "remove-after-hint"));
            let open = matches!(cx.core.past().state, PastState::Open(_));
            if open && ui.button(fl!(cx.words, "remove-old-now")).clicked() {
                action = Some(Action::RemoveOldHistory);
            }
        }
    });
    action
}

/// How we are on this network, among people.
fn people(ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings) {
    section(ui, cx, &fl!(cx.words, "section-people"));
    row(ui, &fl!(cx.words, "visible"), |ui, name| {
        if let Some(on) = switch(ui, cx.look, name, settings.visible == Visible::On) {
            settings.visible = if on { Visible::On } else { Visible::Off };
        }
        match cx.core.people().visibility() {
            Visibility::Unable(why) => wrong(ui, cx.look, wording::people::why_unable(cx, why)),
            _ => hint(ui, cx.look, fl!(cx.words, "visible-hint")),
        };
    });
    row(ui, &fl!(cx.words, "lan-name"), |ui, name| {
        let own = cx.core.people().me().name.clone();
        let width = ui.available_width();
        field::one_line(ui, cx.words, &mut settings.lan_name, theme::text(), name, |field| {
            let field = field.char_limit(LONGEST_PERSON_NAME).hint_text(own);
            field.margin(egui::Margin::symmetric(10, 7)).desired_width(width)
        });
    });
    row(ui, &fl!(cx.words, "lan-colour"), |ui, _| {
        if let Some(colour) = me::colours(ui, cx, settings.lan_colour) {
            settings.lan_colour = colour;
        }
    });
    row(ui, &fl!(cx.words, "read-receipts"), |ui, name| {
        if let Some(on) = switch(ui, cx.look, name, settings.read_receipts) {
            settings.read_receipts = on;
        }
        hint(ui, cx.look, fl!(cx.words, "read-receipts-hint"));
    });
}

fn appearance(ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings) {
    section(ui, cx, &fl!(cx.words, "section-appearance"));
    row(ui, &fl!(cx.words, "language"), |ui, name| {
        // Each language in its own words, so that it is found by those who read no other.
        let all = [
            (Language::System, fl!(cx.words, "as-system")),
            (Language::Chinese, fl!(cx.words, "language-chinese")),
            (Language::English, fl!(cx.words, "language-english")),
        ];
        if let Some(language) = segments(ui, cx.look, name, settings.language, &all) {
            settings.language = language;
        }
    });
    row(ui, &fl!(cx.words, "theme"), |ui, name| {
        let all = [
            (Theme::System, fl!(cx.words, "as-system")),
            (Theme::Light, fl!(cx.words, "theme-light")),
            (Theme::Dark, fl!(cx.words, "theme-dark")),
        ];
        if let Some(theme) = segments(ui, cx.look, name, settings.theme, &all) {
            settings.theme = theme;
        }
    });
    let (smaller, larger) = (fl!(cx.words, "text-smaller"), fl!(cx.words, "text-larger"));
    percent(ui, &fl!(cx.words, "text-size"), (smaller, larger), &mut settings.text_size);
    let (smaller, larger) = (fl!(cx.words, "presenter-smaller"), fl!(cx.words, "presenter-larger"));
    percent(ui, &fl!(cx.words, "presenter-text-size"), (smaller, larger), &mut settings.presenter_text_size);
    row(ui, &fl!(cx.words, "notify"), |ui, name| {
        if let Some(on) = switch(ui, cx.look, name, settings.notify) {
            settings.notify = on;
        }
        hint(ui, cx.look, fl!(cx.words, "notify-hint"));
    });
}
