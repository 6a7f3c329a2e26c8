//! What every screen and part draws from.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use egui::Color32;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    chat::RowNumber,
    core::{ConnState, Conversation, Core, Key, ServerState},
    explain::Facts,
    host::{self, HandOut, Interface},
    i18n::Words,
    net::CloseReason,
    settings::{Settings, Transport},
    window::theme,
};

/// What every panel draws from.
pub struct Cx<'a> {
    /// What the program knows.
    pub core: &'a Core,
    /// What the user chose.
    pub settings: &'a Settings,
    /// Where the server listens when it is started.
    pub listen_at: SocketAddr,
    /// The words of the language.
    pub words: &'a Words,
    /// The colours of the theme.
    pub look: &'static theme::Palette,
    /// This machine's addresses.
    pub interfaces: &'a [Interface],
    /// What the host knows that helps to explain an error.
    pub facts: &'a Facts,
    /// What the system caps a backlog to, where it tells.
    pub backlog_cap: Option<u32>,
    /// The time zone of times shown.
    pub zone: &'a TimeZone,
    /// The conversation that is open.
    pub selected: Key,
    /// The message whose bytes are looked at.
    pub chosen: Option<(Key, RowNumber)>,
    /// Whether the inspector shows.
    pub inspecting: bool,
    /// Whether the window is the projected one.
    pub presenting: bool,
    /// Whether the welcome is in sight.
    pub welcoming: bool,
    /// Whether the sidebar is.
    pub listing: bool,
    /// The labs there are.
    pub labs: &'a [crate::core::labs::Lab],
}

impl Cx<'_> {
    /// Whether the server is a UDP socket, or is to be one.
    #[must_use]
    pub fn serves_udp(&self) -> bool {
        match self.core.server().state {
            ServerState::Stopped => self.settings.server_over == Transport::Udp,
            _ => self.core.server().udp().is_some(),
        }
    }

    /// The address that others type to reach the server at `local`; where there is none, the one that this computer
    /// reaches it at. [`wording::reach`](super::wording::reach) says which.
    #[must_use]
    pub fn address_to_hand_out(&self, local: SocketAddr) -> SocketAddr {
        match host::hand_out(self.interfaces, local.ip()) {
            HandOut::Address(ip) if ip != local.ip().to_canonical() => SocketAddr::new(ip, local.port()),
            HandOut::Address(_) => local,
            _ if local.ip().is_unspecified() => {
                let loopback = if local.is_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
                SocketAddr::new(loopback, local.port())
            }
            _ => local,
        }
    }

    /// Whether there is an address that others type to reach the server.
    #[must_use]
    pub fn is_for_others(&self) -> bool {
        matches!(host::hand_out(self.interfaces, self.server_address().ip()), HandOut::Address(_))
    }

    /// Where the server listens, or would if it were started now.
    #[must_use]
    pub fn server_address(&self) -> SocketAddr {
        match self.core.server().state {
            ServerState::Listening { local, .. } | ServerState::Bound { local, .. } => local,
            ServerState::Starting(_) | ServerState::Stopped => self.listen_at,
        }
    }

    /// The address that others would type if the server were started now.
    #[must_use]
    pub fn address_to_come(&self) -> SocketAddr {
        self.address_to_hand_out(self.listen_at)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// The colour of a connection's state; `None` for an empty dot.
    #[must_use]
    pub fn state_colour(&self, conversation: &Conversation) -> Option<Color32> {
        match &conversation.state {
            _ if conversation.said_nothing() => None,
            ConnState::Open => Some(self.look.good),
            ConnState::New
            | ConnState::LookingUp(_)
            | ConnState::Connecting(_)
            | ConnState::PeerFinished
            | ConnState::WeFinished => Some(self.look.wait),
            ConnState::Failed(_) | ConnState::Closed(CloseReason::Failed(_)) => Some(self.look.bad),
            ConnState::Closed(_) => None,
        }
    }
}
