//! The smallest programs for the other end of this server or connection.

mod udp;

use std::net::SocketAddr;

use egui::{
    Color32, Frame, Margin, ScrollArea, Stroke, Ui,
    text::{LayoutJob, TextFormat},
};
use i18n_embed_fl::fl;

use super::super::controls;
use crate::window::{Cx, file_wanted::FileWanted, parts::inspector::Action, theme};
use crate::{
    chat::{Origin, address::host_of, is_host},
    core::{Conversation, ConversationOptions, Key, ServerState},
    programs::{Language, Remarks, Role, Wanted},
};

/// The tab.
#[derive(Debug, Default)]
pub struct CodeTab {
    language: Language,
}

impl CodeTab {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        ScrollArea::vertical().id_salt("code").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin { left: 12, right: 16, top: 12, bottom: 16 }).show(ui, |ui| {
                ui.set_width(ui.available_width());
                action = self.inside(ui, cx);
            });
        });
        action
    }

    fn inside(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        if let Some(program) = udp::other_end(cx) {
            return udp::show(ui, cx, &program).map(Action::Copy);
        }
        let Some(OtherEnd { wanted, title, hint }) = OtherEnd::of(cx) else {
            controls::hint(ui, cx.look, fl!(cx.words, "code-no-port"));
            return None;
        };
        ui.add(egui::Label::new(theme::strong(title, theme::TEXT + 1.0)).wrap());
        if !is_host(&wanted.host) {
            controls::hint(ui, cx.look, fl!(cx.words, "code-no-host", host = wanted.host.as_str()));
            return None;
        }
        if let Some(hint) = hint {
            controls::hint(ui, cx.look, hint);
        }
        let all = Language::ALL.map(|language| (language, language.name().to_owned()));
        let name = fl!(cx.words, "code-language");
        if let Some(language) = controls::segments(ui, cx.look, &name, self.language, &all) {
            self.language = language;
        }
        let program = wanted.write(self.language);
        Frame::new()
            .fill(cx.look.ground)
            .stroke(Stroke::new(1.0, cx.look.line))
            .corner_radius(theme::RADIUS)
            .inner_margin(Margin::same(12))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                // Long lines are scrolled to rather than broken: in Python, a broken line is another program.
                ScrollArea::horizontal().id_salt("code-lines").show(ui, |ui| {
                    let job = coloured(&program, self.language, cx);
                    ui.add(egui::Label::new(job).selectable(true).extend());
                });
            });
        ui.horizontal_wrapped(|ui| {
            if controls::primary(ui, cx.look, fl!(cx.words, "code-copy")).clicked() {
                action = Some(Action::Copy(program.clone()));
            }
            if ui.button(fl!(cx.words, "code-save")).clicked() {
                let name = wanted.file_name(self.language);
                action = Some(Action::AskFile(FileWanted::SaveText { name, text: program.clone() }));
            }
        });
        let run = match self.language {
            Language::Python => {
                fl!(cx.words, "code-run", command = format!("python3 {}", wanted.file_name(self.language)))
            }
            Language::Rust => {
                let file = wanted.file_name(self.language);
                let name = file.trim_end_matches(".rs").to_owned();
                fl!(cx.words, "code-run", command = format!("rustc --edition 2024 {file} && ./{name}"))
            }
            Language::Nc => fl!(cx.words, "code-run-nc"),
        };
        controls::hint(ui, cx.look, run);
        action
    }
}

/// The other end of what is selected.
struct OtherEnd {
    wanted: Wanted,
    title: String,
    hint: Option<String>,
}

impl OtherEnd {
    /// None, where no port is known yet.
    fn of(cx: &Cx<'_>) -> Option<Self> {
        let connection = match cx.selected {
            Key::Everyone => None,
            key => cx.core.conversation(key),
        };
        match connection.map(|conversation| (conversation, &conversation.origin)) {
            // Those are shown by themselves.
            Some((_, Origin::Heard | Origin::Datagrams { .. })) => None,
            Some((conversation, Origin::Outgoing { host, port })) => {
                let host = conversation.peer.map_or_else(|| host.clone(), |peer| host_of(plain(peer)));
                let wanted = wanted(cx, Role::Server, (host, *port), conversation.manner());
                let title = fl!(cx.words, "code-server", address = wanted.address());
                let ours =
                    matches!(cx.core.server().state, ServerState::Listening { local, .. } if local.port() == *port);
                Some(Self { wanted, title, hint: ours.then(|| fl!(cx.words, "code-port-ours")) })
            }
            Some((Conversation { local: Some(local), .. }, Origin::Accepted)) => {
                // What is projected beside it is the server's one address, whichever way this peer came.
                let server = cx.server_address();
                let address = if server.port() == local.port() { cx.address_to_hand_out(server) } else { *local };
                Some(Self::client(cx, address, connection?.manner(), None))
            }
            _ => {
                let manner = cx.core.manner();
                match cx.core.server().state {
                    ServerState::Listening { local, .. } => {
                        Some(Self::client(cx, cx.address_to_hand_out(local), manner, None))
                    }
                    ServerState::Bound { .. } => None,
                    ServerState::Starting(_) | ServerState::Stopped => {
                        let address = cx.address_to_come();
                        let hint = fl!(cx.words, "code-not-listening");
                        (address.port() != 0).then(|| Self::client(cx, address, manner, Some(hint)))
                    }
                }
            }
        }
    }

    fn client(cx: &Cx<'_>, server: SocketAddr, manner: &ConversationOptions, hint: Option<String>) -> Self {
        let server = plain(server);
        let wanted = wanted(cx, Role::Client, (host_of(server), server.port()), manner);
        let title = fl!(cx.words, "code-client", address = wanted.address());
        Self { wanted, title, hint }
    }
}

/// The address that one can connect to.
fn plain(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip().to_canonical() {
        // All interfaces, and none with an address of its own: only this computer can connect.
        ip if ip.is_unspecified() && ip.is_ipv6() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn wanted(cx: &Cx<'_>, role: Role, (host, port): (String, u16), manner: &ConversationOptions) -> Wanted {
    let encoding = manner.encoding;
    let mut wanted = Wanted {
        role,
        host,
        port,
        encoding,
        framing: manner.framing(),
        ending: manner.line_ending,
        remarks: Remarks::default(),
    };
    wanted.remarks = Remarks {
        listening: fl!(cx.words, "code-listening"),
        as_bytes: fl!(cx.words, "code-as-bytes", text = wanted.text(), encoding = encoding.name()),
        typed_lines: fl!(cx.words, "code-typed-lines"),
        typed_after: fl!(cx.words, "code-typed-after", text = wanted.text()),
        shown_late: fl!(cx.words, "code-shown-late"),
    };
    wanted
}

/// The program with its strings, comments and keywords told apart.
fn coloured(program: &str, language: Language, cx: &Cx<'_>) -> LayoutJob {
    let mut job = LayoutJob::default();
    let mut add = |text: &str, colour: Color32| {
        job.append(text, 0.0, TextFormat::simple(theme::mono(theme::TEXT - 1.0), colour));
    };
    for line in program.split_inclusive('\n') {
        if line.trim_start().starts_with(language.comment().trim_end()) {
            add(line, cx.look.weak);
            continue;
        }
        let mut rest = line;
        while !rest.is_empty() {
            let (token, colour) = token(rest, cx);
            let (token, after) = rest.split_at_checked(token).unwrap_or((rest, ""));
            add(token, colour);
            rest = after;
        }
    }
    job
}

/// The length and the colour of what stands first.
fn token(rest: &str, cx: &Cx<'_>) -> (usize, Color32) {
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if word > 0 {
        let keyword = rest.get(..word).is_some_and(|word| KEYWORDS.contains(&word));
        return (word, if keyword { cx.look.accent } else { cx.look.text });
    }
    if let Some(quote @ ('"' | '\'')) = rest.chars().next() {
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        if let Some((end, _)) = end {
            return (end + 1, cx.look.good);
        }
    }
    (rest.chars().next().map_or(rest.len(), char::len_utf8), cx.look.text)
}

/// Keywords of the languages that the programs have.
const KEYWORDS: [&str; 18] = [
    "import", "while", "if", "not", "or", "break", "def", "return", "raise", "use", "fn", "let", "mut", "as", "cat",
    "printf", "nc", "iconv",
];
