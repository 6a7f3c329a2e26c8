//! What a call does, beside the same call in Python and in Rust.

use egui::{Align, CornerRadius, Frame, Layout, Margin, Rect, RichText, Stroke, Ui, UiBuilder};
use egui_material_icons::icons::ICON_CLOSE;
use i18n_embed_fl::fl;

use super::{
    super::super::controls,
    code::{self, Part},
    headers, weak, words,
};
use crate::window::{
    Cx,
    parts::inspector::Action,
    theme::{self, STEP},
};
use crate::{
    chat::Origin,
    core::{Descriptor, Key, diagram::DiagramRow},
    explain,
    net::{Call, Errno, NetError, Outcome, SocketCall, SocketId, SocketOption, Target},
};

/// Draw the card. Its height, what was asked for, and whether it is to be closed.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, row: &DiagramRow, rect: Rect) -> (f32, Option<Action>, bool) {
    let (mut action, mut close) = (None, false);
    let call = &row.call.call;
    let accepted = match call.socket {
        SocketId::Listener(_) => false,
        SocketId::Conn(conn) => {
            cx.core.conversation(Key::Conn(conn)).is_some_and(|conversation| conversation.origin == Origin::Accepted)
        }
    };
    let udp = words::is_udp(cx.core, call.socket);
    let part = Part::of(call.socket, accepted, udp);
    let frame = Frame::new()
        .fill(cx.look.side)
        .stroke(Stroke::new(1.0, cx.look.line))
        .corner_radius(CornerRadius::same(theme::RADIUS))
        .inner_margin(Margin::symmetric(12, 8));
    let place = UiBuilder::new().max_rect(rect).id_salt(("call-card", row.call.number));
    let shown = ui.scope_builder(place, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = STEP;
            ui.horizontal(|ui| {
                let name = RichText::new(format!("{}()", call.call.name())).font(theme::mono(theme::TEXT));
                ui.label(name.color(cx.look.accent));
                ui.label(weak(cx, precise_time(cx, call.at)));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let name = fl!(cx.words, "calls-close-card");
                    close = controls::quiet_icon(ui, cx.look, ICON_CLOSE, name).clicked();
                });
            });
            // Which socket it was made on: its number, and whose it is.
            let socket = [words::prefix(row.call.descriptor).trim_end().to_owned(), headers::address(cx, call.socket)];
            let socket: Vec<_> = socket.into_iter().filter(|part| !part.is_empty()).collect();
            if !socket.is_empty() {
                ui.add(egui::Label::new(RichText::new(socket.join(" · ")).font(theme::mono(theme::SMALL))).wrap());
            }
            if let Some(Descriptor { fd, nth: nth @ 2.. }) = row.call.descriptor {
                ui.label(weak(cx, fl!(cx.words, "calls-reused", fd = fd, nth = nth)));
            }
            ui.label(RichText::new(words::meaning(cx.words, call, udp)).size(theme::TEXT - 1.0));
            if let Outcome::Failed(errno) = call.outcome {
                failed(ui, cx, call, errno);
            }
            let sent = code::Sending::of(cx.core, &row.call);
            let python = code::in_python(call, part, sent.as_ref());
            for (language, text) in [("Python", python), ("Rust", code::in_rust(call, part, sent.as_ref()))] {
                ui.label(weak(cx, language));
                ui.label(RichText::new(text).font(theme::mono(theme::SMALL)));
            }
            if let (SocketId::Conn(conn), Some((entry, _))) = (call.socket, words::carried(cx, &row.call))
                && ui.button(fl!(cx.words, "calls-show-message")).clicked()
            {
                action = Some(Action::GoTo(Key::Conn(conn), entry));
            }
        });
    });
    (shown.response.rect.height() + 2.0 * STEP, action, close)
}

/// What the call returned: why, what to do about it, and what a program gets to see.
fn failed(ui: &mut Ui, cx: &Cx<'_>, call: &SocketCall, errno: Errno) {
    let peer = match call.socket {
        SocketId::Conn(conn) => cx.core.conversation(Key::Conn(conn)).and_then(|conversation| conversation.peer),
        SocketId::Listener(_) => None,
    };
    let of = match call.call {
        Call::Bind(address) | Call::Connect(address) | Call::SendTo { to: address, .. } => Some(address),
        _ => peer,
    };
    // What a connect that was under way came to is read so; the explanation is that of connect.
    let made = matches!(call.call, Call::GetOption(SocketOption::Error));
    let connecting = cx.core.calls(call.socket).and_then(|log| {
        let before = log.iter().rev().filter(|row| row.call.at <= call.at).map(|row| row.call.call);
        before.take(3).find(|call| matches!(call, Call::Connect(_)))
    });
    let (operation, of) = match connecting.filter(|_| made) {
        Some(connect @ Call::Connect(address)) => (connect, Some(address)),
        _ => (call.call, of),
    };
    let error = std::io::Error::from_raw_os_error(errno.0);
    let error = NetError::new(operation, of.map_or(Target::None, Target::Address), &error);
    ui.add(
        egui::Label::new(
            RichText::new(explain::in_full(cx.words, &error, cx.facts)).size(theme::TEXT - 1.0).color(cx.look.bad),
        )
        .wrap(),
    );
}

/// The time of day, to the microsecond.
pub fn precise_time(cx: &Cx<'_>, at: jiff::Timestamp) -> String {
    at.to_zoned(cx.zone.clone()).strftime("%H:%M:%S.%6f").to_string()
}
