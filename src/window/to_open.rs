//! What the server is to be with the present settings, and which call comes next of it.

use super::Cx;
use crate::{
    chat::Group,
    cli::{GroupArg, NoGroup},
    core::{
        Core, ServerState, Step, Steps,
        steps::{self, ToOpen},
    },
    settings::{Settings, Transport},
};

/// The multicast group that is typed, if one is.
///
/// # Errors
/// If it is none, or there is no such interface here.
pub fn group(settings: &Settings) -> Result<Option<Group>, NoGroup> {
    let typed = settings.udp_group.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse::<GroupArg>()?.group().map(Some).map_err(|_| NoGroup)
}

/// Whether the server can be started as it is chosen: no UDP socket is opened for a group that is none.
#[must_use]
pub fn may_start(cx: &Cx<'_>) -> bool {
    let rightly_chosen = cx.settings.server_over == Transport::Tcp || group(cx.settings).is_ok();
    cx.core.server().state == ServerState::Stopped && rightly_chosen
}

/// What the server is to be, where there is none yet: a lab's is TCP's.
#[must_use]
pub fn to_open(core: &Core, settings: &Settings) -> ToOpen {
    match settings.server_over {
        Transport::Udp if core.lab().is_none() => ToOpen::Udp { group: !settings.udp_group.trim().is_empty() },
        _ => ToOpen::Tcp { reuse_address: settings.reuse_address },
    }
}

/// What the key would step.
#[must_use]
pub fn next_step(cx: &Cx<'_>) -> Option<Steps> {
    steps::next(cx.core, cx.selected, to_open(cx.core, cx.settings)).filter(|steps| may_be_made(cx, steps))
}

/// What the server's button would.
#[must_use]
pub fn next_of_server(cx: &Cx<'_>) -> Option<Steps> {
    steps::of_server(cx.core, cx.selected, to_open(cx.core, cx.settings)).filter(|steps| may_be_made(cx, steps))
}

fn may_be_made(cx: &Cx<'_>, steps: &Steps) -> bool {
    let opens_udp = matches!(steps.next, Step::UdpServer(_)) && cx.core.server().listener().is_none();
    !opens_udp || may_start(cx)
}
