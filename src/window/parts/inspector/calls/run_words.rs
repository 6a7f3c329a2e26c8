//! Several calls of other sockets in words.

use i18n_embed_fl::fl;

use super::{
    shape::WAIT_TOLD,
    words::{self, duration},
};
use crate::window::Cx;
use crate::{
    core::diagram::{Run, Times},
    net::SocketId,
};

/// The `accept`s of the run, and how long they waited, where that is told.
pub fn accepts(cx: &Cx<'_>, run: &Run) -> (String, Option<String>) {
    let times = if run.accepts > 1 { format!(" × {}", run.accepts) } else { String::new() };
    let waited = (run.waited >= WAIT_TOLD).then(|| match run.accepts {
        1 => fl!(cx.words, "calls-waited", time = duration(cx.words, run.waited)),
        _ => fl!(cx.words, "calls-waited-in-all", time = duration(cx.words, run.waited)),
    });
    (format!("accept(){times}"), waited)
}

/// Which sockets, and what they did.
pub fn others(cx: &Cx<'_>, run: &Run) -> String {
    let one = run.first.filter(|_| run.sockets == 1);
    let (sockets, new) = (run.sockets, run.new >= run.sockets);
    let mut parts = vec![match one {
        Some(socket) if new => fl!(cx.words, "lane-new", fd = name(cx, socket)),
        Some(socket) => name(cx, socket),
        None if new => fl!(cx.words, "run-new", count = sockets),
        None => fl!(cx.words, "run-sockets", count = sockets),
    }];
    let calls = [("recv", run.recv), ("send", run.send), ("close", run.close)];
    parts.extend(calls.into_iter().filter_map(|(call, times)| called(cx, run, call, times)));
    if parts.len() == 1 && run.rows > run.accepts && !new {
        let calls = run.rows - run.accepts;
        parts.push(fl!(cx.words, "run-calls", count = calls));
    }
    parts.join(" · ")
}

/// How often a call was made.
fn called(cx: &Cx<'_>, run: &Run, call: &str, times: Times) -> Option<String> {
    match times {
        Times { all: 0, .. } => None,
        // Each socket made it as often as the one that made it most.
        Times { all, most } if run.sockets > 1 && all == most * run.sockets => {
            Some(fl!(cx.words, "run-each", times = most, call = call))
        }
        Times { all: 1, .. } => Some(call.to_owned()),
        Times { all, .. } => Some(format!("{call} × {all}")),
    }
}

fn name(cx: &Cx<'_>, socket: SocketId) -> String {
    let descriptor = cx.core.calls(socket).and_then(|log| log.last()).and_then(|row| row.descriptor);
    descriptor.map_or_else(|| words::socket_name(cx, socket, None), |known| format!("fd {}", words::number(known)))
}
