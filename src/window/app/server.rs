//! The server: starting it, stopping it, and the commands to the network thread.

use std::net::SocketAddr;

use super::App;
use crate::{
    core::Input,
    net::{Command, ListenOptions, ListenerId},
    window::request::ServerRequest,
};

impl App {
    /// Carry out what was asked of the server.
    pub(super) fn server_request(&mut self, request: ServerRequest) {
        match request {
            ServerRequest::Start if self.core.server().stepping => self.next_step(),
            ServerRequest::Start => self.listen(SocketAddr::new(self.settings.listen_on.ip(), self.settings.port)),
            ServerRequest::Stop => self.command_listener(|listener| Command::CloseListener { listener }),
            ServerRequest::PauseAccepting => self.command_listener(|listener| Command::PauseAccepting { listener }),
            ServerRequest::ResumeAccepting => self.command_listener(|listener| Command::ResumeAccepting { listener }),
            ServerRequest::SetStepping(stepping) => self.set_stepping(stepping),
        }
    }

    pub(super) fn listen(&mut self, address: SocketAddr) {
        if self.is_serving() {
            return;
        }
        let options = self.listen_options(address);
        self.screens.settings.started(self.settings.clone());
        let listener = self.net.next_listener();
        self.change(Input::Starting(listener));
        self.command(Command::Listen { listener, options });
    }

    /// How a listener is opened with the present settings.
    pub(super) fn listen_options(&self, address: SocketAddr) -> ListenOptions {
        let settings = &self.settings;
        ListenOptions {
            address,
            backlog: settings.backlog,
            reuse_address: settings.reuse_address,
            max_clients: settings.max_clients,
            conn: settings.conn_options(),
        }
    }

    pub(super) fn command_listener(&mut self, command: impl FnOnce(ListenerId) -> Command) {
        if let Some(listener) = self.core.server().listener() {
            self.command(command(listener));
        }
    }

    /// Hand a command to the network thread; if it is too busy to take it, say so.
    pub(super) fn command(&mut self, command: Command) {
        self.try_command(command);
    }

    /// The same, and whether it was taken.
    pub(super) fn try_command(&mut self, command: Command) -> bool {
        let Err(busy) = self.net.send(command) else { return true };
        self.change(Input::Refused(busy.command));
        false
    }
}
