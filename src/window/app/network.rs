//! What the app does about this computer's network: it asks, pings, and applies what comes back.

use egui::Context;

use super::{App, repainting::repaint};
use crate::{
    core::{Input, PeopleInput},
    host::{Answer, Destination, Ping, Question},
    window::screen::{
        Screen,
        network::{Action, Findings, NetworkPanel, PingState, Pinged, TryState},
    },
};

/// The screen, and what was found for it.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) panel: NetworkPanel,
    pub(super) findings: Findings,
    /// The ping that runs.
    ping: Option<Ping>,
    /// Ports tried so far; the number tells an answer to an earlier question.
    tries: u64,
}

impl Network {
    /// Ping no more.
    pub(super) fn stop_ping(&mut self) {
        if self.ping.take().is_some()
            && let Some(pinged) = &mut self.findings.ping
            && pinged.state == PingState::Running
        {
            pinged.state = PingState::Stopped;
        }
    }

    /// Apply what the ping has reported by now.
    pub(super) fn drain(&mut self) {
        while let Some(report) = self.ping.as_ref().and_then(Ping::try_recv) {
            if let Some(pinged) = &mut self.findings.ping {
                pinged.apply(report);
            }
        }
        if self.findings.ping.as_ref().is_some_and(|pinged| matches!(pinged.state, PingState::Ended(_))) {
            self.ping = None;
        }
    }

    /// Apply an answer that is for this screen.
    pub(super) fn apply(&mut self, answer: Answer) {
        match answer {
            Answer::ListeningPorts(ports) => self.findings.ports = Some(ports),
            Answer::Tried { number, tried } => {
                if let Some(state) = &mut self.findings.tried
                    && state.number == number
                {
                    state.tried = Some(tried);
                }
            }
            Answer::Interfaces(_) | Answer::PortOwner { .. } | Answer::AcceptQueue { .. } | Answer::Sockets(_) => {}
        }
    }
}

impl App {
    pub(super) fn network_action(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Close => self.close(),
            Action::Refresh => self.look_at_network(),
            Action::Ping(destination) => self.ping(ctx, destination),
            Action::StopPing => self.screens.network.stop_ping(),
            Action::Try(destination, port) => {
                self.screens.network.tries += 1;
                let number = self.screens.network.tries;
                self.ask_host(Question::TryPort { number, destination: destination.clone(), port });
                self.screens.network.findings.tried = Some(TryState { number, destination, port, tried: None });
            }
            Action::Copy(text) => self.copy(ctx, text),
            Action::Me(action) => self.me_action(ctx, action),
            Action::LookHarder => self.change(Input::People(PeopleInput::LookHarder)),
            Action::Set(settings) => self.set_settings(ctx, *settings),
        }
    }

    /// Our own server has begun or ceased to listen: the ports that are shown are others now.
    pub(super) fn listeners_changed(&self) {
        if self.screens.stage.shows(Screen::Network) || self.screens.stage.shows(Screen::ExplainError) {
            self.ask_host(Question::ListeningPorts);
        }
    }

    pub(super) fn look_at_network(&self) {
        self.ask_host(Question::Interfaces);
        self.ask_host(Question::ListeningPorts);
    }

    fn ping(&mut self, ctx: &Context, destination: Destination) {
        // The one before ends first.
        self.screens.network.stop_ping();
        let wake = repaint(ctx);
        let mut pinged = Pinged::new(destination.clone());
        match Ping::start(destination, wake) {
            Ok(ping) => self.screens.network.ping = Some(ping),
            Err(error) => pinged.state = PingState::Ended(crate::host::PingEnd::Failed(error.to_string())),
        }
        self.screens.network.findings.ping = Some(pinged);
    }
}
