//! The server: starting it, stopping it, its calls one by one, and the simulated students that connect to it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use i18n_embed_fl::fl;

use super::App;
use crate::{
    chat::{Admission, ConversationOptions, Group, LineEnding},
    core::{Input, ServerState, Step, StudentPhrases, steps},
    host::{self, HandOut, Interface},
    net::{Command, ListenOptions, ListenerId, UdpOptions, interface_number},
    settings::Transport,
    window::{
        parts::{notices::Confirmation, students},
        request::ServerRequest,
        to_open::{group, to_open},
    },
};

impl App {
    /// Carry out what was asked of the server.
    pub(super) fn server_request(&mut self, request: ServerRequest) {
        match request {
            ServerRequest::Start if self.core().server().stepping => self.next_step(),
            ServerRequest::Start if self.settings.server_over == Transport::Udp => self.listen_udp(),
            ServerRequest::Start => self.listen(self.address_to_listen_on()),
            ServerRequest::Stop => self.command_listener(|listener| Command::CloseListener { listener }),
            ServerRequest::PauseAccepting => self.command_listener(|listener| Command::PauseAccepting { listener }),
            ServerRequest::ResumeAccepting => self.command_listener(|listener| Command::ResumeAccepting { listener }),
            ServerRequest::SetStepping(stepping) => self.change(Input::Stepping(stepping)),
            ServerRequest::SetTransport(over) => {
                self.settings.server_over = over;
                self.save_settings();
            }
        }
    }

    pub(super) fn listen(&mut self, address: SocketAddr) {
        self.start_server(Input::Listen(self.listen_options(address)));
    }

    /// Open a UDP socket in the server's place.
    fn listen_udp(&mut self) {
        if let Some((options, manner)) = self.udp_options() {
            self.start_server(Input::ListenUdp { options, manner });
        }
    }

    /// How a UDP socket is opened with the present settings; None, if the group that is typed is none.
    fn udp_options(&self) -> Option<(UdpOptions, ConversationOptions)> {
        let address = self.address_to_listen_on();
        let group = group(&self.settings).ok()?;
        let address = match group {
            // In the family of the group.
            Some(Group { ip, .. }) if address.ip().is_unspecified() && ip.is_ipv6() => {
                SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port())
            }
            _ => address,
        };
        let manner = self.datagram_manner();
        let auto_reply = manner.options.auto_reply.clone();
        Some((UdpOptions { group, auto_reply, ..UdpOptions::new(address) }, manner))
    }

    /// Has a UDP socket in the server's place, where this call is one of it; whether the call can be made.
    fn is_ready_for(&mut self, step: Step) -> bool {
        if !matches!(step, Step::UdpServer(_)) || self.is_serving() {
            return true;
        }
        let Some((options, manner)) = self.udp_options() else { return false };
        self.start_server(Input::PrepareUdp { options, manner });
        true
    }

    /// How conversations over UDP are held with the present settings: nothing is added to a datagram.
    pub(super) fn datagram_manner(&self) -> ConversationOptions {
        ConversationOptions { line_ending: LineEnding::None, ..self.settings.conversation_options() }.of_datagrams()
    }

    /// Make the call that a program would make next, unless one is being waited in.
    pub(super) fn next_step(&mut self) {
        let to_open = to_open(self.core(), &self.settings);
        let next = steps::next(self.core(), self.selection.conversation, to_open);
        if !next.is_some_and(|steps| self.is_ready_for(steps.next)) {
            return;
        }
        let listen = self.listen_options(self.address_to_listen_on());
        self.start_server(Input::NextStep { selected: self.selection.conversation, listen });
    }

    /// Make a call, whatever the order.
    pub(super) fn try_step(&mut self, step: Step) {
        if !self.is_ready_for(step) {
            return;
        }
        let listen = self.listen_options(self.address_to_listen_on());
        self.start_server(Input::Step { step, listen });
    }

    /// Both ends in one window: listen on 127.0.0.1 and connect to it.
    pub(super) fn try_loopback(&mut self) {
        let loopback = ([127, 0, 0, 1], self.settings.port).into();
        if self.settings.server_over == Transport::Udp && !self.is_serving() {
            let manner = self.datagram_manner();
            let auto_reply = manner.options.auto_reply.clone();
            let options = UdpOptions { auto_reply, ..UdpOptions::new(loopback) };
            self.start_server(Input::TryUdpLoopback { options, manner });
            return;
        }
        self.start_server(Input::TryLoopback(self.listen_options(loopback)));
    }

    /// Something that may start the server: the settings then say what it was started with.
    fn start_server(&mut self, input: Input) {
        let before = self.core().server().listener();
        self.change(Input::RelayChanged(self.settings.relay));
        self.change(input);
        if self.is_serving() && self.core().server().listener() != before {
            self.screens.settings.started(self.settings.clone());
        }
    }

    /// Where it listens when it is started, and started again; while a lab runs, where the lab has it.
    pub(super) fn address_to_listen_on(&self) -> SocketAddr {
        if let Some(lab) = self.core().lab() {
            return (Ipv4Addr::LOCALHOST, lab.place().port).into();
        }
        if let Some(told) = self.told_to_listen {
            return told;
        }
        let (ip, port) = (self.settings.listen_on.zoned_ip(), self.settings.port);
        // Without its interface, the system refuses it, and that is explained.
        ip.with_port(port, interface_number).unwrap_or_else(|_| SocketAddr::new(ip.ip, port))
    }

    /// How a listener is opened with the present settings.
    pub(super) fn listen_options(&self, address: SocketAddr) -> ListenOptions {
        let settings = &self.settings;
        ListenOptions {
            address,
            backlog: settings.backlog,
            reuse_address: settings.reuse_address,
            max_clients: settings.max_clients,
            admission: Admission::default(),
            conn: settings.conn_options(),
        }
    }

    /// The network has changed: say if nobody can come to the server any more, and when they can again.
    pub(super) fn tell_reach(&mut self, before: &[Interface]) {
        let Some(local) = self.core().server().local() else { return };
        if before.is_empty() {
            return;
        }
        let can_come = |hand_out: &HandOut| matches!(hand_out, HandOut::Address(_));
        let before = host::hand_out(before, local.ip());
        let now = host::hand_out(&self.machine.interfaces, local.ip());
        if can_come(&before) != can_come(&now) {
            self.front.toasts.confirm(Confirmation::Reach { local, now });
        }
    }

    fn command_listener(&mut self, command: impl FnOnce(ListenerId) -> Command) {
        if let Some(listener) = self.core().server().listener() {
            self.change(Input::Command(command(listener)));
        }
    }

    /// Whether the server listens or is about to.
    pub(super) fn is_serving(&self) -> bool {
        self.core().server().state != ServerState::Stopped
    }

    pub(super) fn students_action(&mut self, action: students::Action) {
        match action {
            students::Action::Add(count) => {
                let phrases = self.student_phrases();
                self.change(Input::AddStudents { count, phrases });
            }
            students::Action::Remove => self.change(Input::RemoveStudents),
            students::Action::Select(key) => self.go_to_conversation(key),
        }
    }

    /// What simulated students say, in the user's language.
    pub(super) fn student_phrases(&self) -> StudentPhrases {
        StudentPhrases {
            greeting: fl!(self.words, "student-greets", number = "{number}"),
            answer: fl!(self.words, "student-answers", number = "{number}", text = "{text}"),
        }
    }
}
