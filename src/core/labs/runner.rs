//! Running a lab: what its buttons do, on real sockets, and how everything is as before when it is left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    Lab, LabAction, Progress,
    condition::ends,
    file::{CallOn, ConnCall, LabAddress, ListenCall, SayOverTls, Second, SendText, Serve, Set, WhichEnd},
};
use crate::{
    chat::{
        Admission, AutoReply, ConnId, ConnOptions, LineEnding, ListenerId, MAX_CLIENTS, Origin, SocketId,
        address::host_of,
    },
    core::{
        Conversation, ConversationOptions, Core, Key, ServerState, Step, StudentPhrases,
        asked::{Keeping, reachable},
    },
    lan::Command as LanCommand,
    net::{Command, ConnStep, ListenOptions, ListenStep, UdpOptions},
    wire::text,
};

/// Where a lab takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabPlace {
    /// The lab's own port: one that is free.
    pub port: u16,
    /// The address that others in the network would use, or 127.0.0.2 where there is no network.
    pub lan: IpAddr,
}

impl LabPlace {
    /// Whether this computer is in no network.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.lan.is_loopback()
    }
}

/// A lab that runs, and what is to be put back or taken away when it ends.
#[derive(Debug)]
pub struct RunningLab {
    /// How far the user is.
    pub progress: Progress,
    place: LabPlace,
    /// Connections that the lab made.
    made: Vec<ConnId>,
    /// Listening sockets that were made while it ran.
    listeners: Vec<ListenerId>,
    before: Before,
}

/// What the user had before the lab.
#[derive(Clone, Debug)]
struct Before {
    /// Where the user's own server listened.
    resume: Option<SocketAddr>,
    /// Whether the server's calls were made one by one.
    stepping: bool,
    /// How connections began.
    options: ConversationOptions,
}

impl RunningLab {
    /// Whether the lab made this connection.
    #[must_use]
    pub fn made(&self, conn: ConnId) -> bool {
        self.made.contains(&conn)
    }

    /// Where it takes place.
    #[must_use]
    pub fn place(&self) -> LabPlace {
        self.place
    }

    /// A listening socket was made while it ran.
    pub(in crate::core) fn listens(&mut self, listener: ListenerId) {
        self.listeners.push(listener);
    }

    /// The user chose how connections are to begin: after the lab.
    pub(in crate::core) fn options_changed(&mut self, options: ConversationOptions) {
        self.before.options = options;
    }
}

impl Core {
    /// The lab that runs.
    #[must_use]
    pub fn lab(&self) -> Option<&RunningLab> {
        self.lab.as_ref()
    }

    /// Clients of our server that are neither students nor gone: a lab would end the server under them.
    #[must_use]
    pub fn strangers(&self) -> usize {
        let is_stranger = |c: &Conversation| c.origin == Origin::Accepted && c.student.is_none() && !c.state.is_over();
        self.conversations().filter(|(_, conversation)| is_stranger(conversation)).count()
    }

    /// Whether the lab that runs says itself what becomes of this socket: what fails there is to fail.
    pub(in crate::core) fn lab_tells_of(&self, socket: SocketId) -> bool {
        self.lab.as_ref().is_some_and(|lab| match socket {
            SocketId::Listener(listener) => lab.progress.second == Some(listener),
            SocketId::Conn(conn) => {
                lab.made(conn) || self.conversation(Key::Conn(conn)).is_some_and(|c| c.student.is_some())
            }
        })
    }

    /// When a step of the lab may become done by nothing but time.
    pub(in crate::core) fn lab_wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let lab = self.lab.as_ref()?;
        lab.progress.wakes(self, now)
    }

    /// Begins a lab in place of the one that runs; the server is stopped for it.
    pub(in crate::core) fn start_lab(&mut self, lab: Lab, place: LabPlace, now: Timestamp) {
        let before = match self.end_lab() {
            Some(before) => before,
            None => Before {
                resume: match self.server.state {
                    ServerState::Listening { local, .. } => Some(local),
                    ServerState::Starting(_) | ServerState::Stopped | ServerState::Bound { .. } => None,
                },
                stepping: self.server.stepping,
                options: self.manner.clone(),
            },
        };
        self.stop_server();
        self.step_in_lab(false);
        self.remove_students();
        // A lab begins as its file says, whatever the user has set.
        let mut options = ConversationOptions::default();
        options.options.half_open = true;
        self.set_defaults(options);
        // What is said to everyone in a lab is no more than shown.
        self.everyone.keep_nothing();
        let (made, listeners) = (Vec::new(), Vec::new());
        self.lab = Some(RunningLab { progress: Progress::new(lab, now), place, made, listeners, before });
        self.effects.show = Some(Key::Everyone);
    }

    /// Ends the lab: what it opened is closed, and what was set is as the user has it. `listen`: how the user's own
    /// server is opened again, if it listened before.
    pub(in crate::core) fn leave_lab(&mut self, listen: ListenOptions) {
        let Some(before) = self.end_lab() else { return };
        self.step_in_lab(before.stepping);
        if let Some(address) = before.resume {
            self.listen(ListenOptions { address, ..listen });
        }
    }

    /// Goes on to the next step; from the last one, nowhere.
    pub(in crate::core) fn next_step_of_lab(&mut self, now: Timestamp) {
        if let Some(lab) = &mut self.lab {
            lab.progress.next(now);
        }
    }

    /// Back to the step before.
    pub(in crate::core) fn last_step_of_lab(&mut self, now: Timestamp) {
        if let Some(lab) = &mut self.lab {
            lab.progress.back(now);
        }
    }

    /// Looks whether what the step waits for has happened.
    pub(in crate::core) fn check_lab(&mut self, now: Timestamp) {
        let Some(mut lab) = self.lab.take() else { return };
        if let Some(local) = self.server.local() {
            // One that the user started by hand will do as well.
            lab.place.port = local.port();
        }
        lab.progress.check(self, now);
        self.lab = Some(lab);
    }

    /// Make the server's calls one by one, or not: only once there is no half opened one that would be opened.
    fn step_in_lab(&mut self, stepping: bool) {
        if self.server.stepping != stepping {
            self.set_stepping(stepping);
        }
    }

    /// Closes and forgets what belongs to the lab. Gives what the user had before it.
    fn end_lab(&mut self) -> Option<Before> {
        let RunningLab { progress, made, listeners, before, .. } = self.lab.take()?;
        self.remove_students();
        self.stop_server();
        if let Some(listener) = progress.second {
            self.command(Command::CloseListener { listener });
        }
        for listener in listeners {
            self.leave_to_labs(SocketId::Listener(listener));
        }
        self.everyone.forget_what_is_not_kept();
        let rows = self.everyone.entries().end();
        self.broadcasts.retain(|_, broadcast| broadcast.number < rows);
        let addresses: Vec<_> = (made.iter())
            .filter_map(|conn| self.conversation(Key::Conn(*conn)))
            .map(|end| (end.local, end.peer))
            .collect();
        let theirs = self.conversations().filter(|(_, end)| match end.origin {
            Origin::Accepted => addresses.contains(&(end.peer, end.local)),
            Origin::Heard => !end.is_kept(),
            _ => false,
        });
        let others: Vec<ConnId> = theirs.map(|(conn, _)| conn).collect();
        let going: Vec<ConnId> = made.into_iter().chain(others).collect();
        for conn in &going {
            self.command(Command::Close { conn: *conn });
        }
        self.send_away(going);
        self.set_defaults(before.options.clone());
        Some(before)
    }

    /// Does what the step's button says.
    pub(in crate::core) fn do_step_of_lab(&mut self, phrases: &StudentPhrases, now: Timestamp) {
        let step = self.lab.as_ref().and_then(|lab| lab.progress.step());
        let deeds = step.map(|step| step.deeds.clone()).unwrap_or_default();
        for deed in deeds {
            self.do_in_lab(deed, phrases, now);
        }
    }

    fn do_in_lab(&mut self, action: LabAction, phrases: &StudentPhrases, now: Timestamp) {
        match action {
            LabAction::Serve(how) => {
                let Some(options) = self.lab_listener(how) else { return };
                self.stop_server();
                self.step_in_lab(false);
                self.listen(options);
            }
            LabAction::ServeUdp(on) => {
                let Some(place) = self.lab.as_ref().map(|lab| lab.place) else { return };
                self.stop_server();
                self.step_in_lab(false);
                let options = UdpOptions::new(SocketAddr::new(ip_of(on, place), place.port));
                self.listen_udp(options, self.datagrams_in_lab());
            }
            LabAction::SendUdp(to) => {
                let Some(server) = self.lab_target(to) else { return };
                let target = (host_of(server), server.port());
                let conn = self.connect_udp(target, None, self.datagrams_in_lab(), Keeping::Nothing, now);
                if let Some(lab) = &mut self.lab {
                    lab.made.push(conn);
                }
            }
            LabAction::Prepare(how) => {
                let Some(options) = self.lab_listener(how) else { return };
                self.stop_server();
                self.step_in_lab(true);
                self.prepare_listener(options);
            }
            LabAction::Call(call) => {
                if let Some(listener) = self.server.listener() {
                    self.step_server(listener, step_of(call));
                }
            }
            LabAction::PrepareConnection(to) => self.connect_in_lab(to, true, now),
            LabAction::CallOn(CallOn { end, call }) => {
                if let Some(conn) = self.latest(end, |end| !end.state.is_over()) {
                    let step = match call {
                        ConnCall::Socket => ConnStep::Socket,
                        ConnCall::Connect => ConnStep::Connect,
                        ConnCall::Recv => ConnStep::Recv,
                        ConnCall::Send => ConnStep::Send,
                        ConnCall::Close => ConnStep::Close,
                    };
                    self.step(Step::Conn(conn, step), None, now);
                }
            }
            LabAction::PauseAccepting => self.command_server(|listener| Command::PauseAccepting { listener }),
            LabAction::ResumeAccepting => self.command_server(|listener| Command::ResumeAccepting { listener }),
            LabAction::StopServer => self.command_server(|listener| Command::CloseListener { listener }),
            LabAction::SecondServer(Second { calls }) => self.second_server(&calls),
            LabAction::StopSecondServer => self.stop_second_server(),
            LabAction::AddStudents(count) => self.add_students(count, phrases.clone(), now),
            LabAction::RemoveStudents => self.remove_students(),
            LabAction::Connect(to) => self.connect_in_lab(to, false, now),
            LabAction::Say(say) => self.say_in_lab(&say, now),
            LabAction::SayOverTls(SayOverTls { text, changed: change }) => {
                self.effects.lan.push(LanCommand::Rehearse { text: text.into(), change });
            }
            LabAction::Finish(whose) => self.command_end(whose, |conn| Command::FinishSending { conn }),
            LabAction::Close(whose) => self.command_end(whose, |conn| Command::Close { conn }),
            LabAction::Reset(whose) => self.command_end(whose, |conn| Command::Reset { conn }),
            LabAction::Set(set) => self.set_in_lab(set),
        }
    }

    fn lab_listener(&self, how: Serve) -> Option<ListenOptions> {
        let place = self.lab.as_ref()?.place;
        Some(ListenOptions {
            address: SocketAddr::new(ip_of(how.on, place), place.port),
            backlog: how.backlog,
            reuse_address: how.reuse_address,
            max_clients: MAX_CLIENTS,
            admission: Admission::default(),
            conn: self.options_in_lab(),
        })
    }

    /// What connections of a lab do on their own: nothing.
    fn options_in_lab(&self) -> ConnOptions {
        ConnOptions { auto_reply: AutoReply::Off, ..self.manner.options.clone() }
    }

    /// Where the lab's server listens, or would.
    fn lab_server(&self, place: LabPlace) -> SocketAddr {
        match self.server.state {
            ServerState::Listening { local, .. } | ServerState::Bound { local, .. } => local,
            ServerState::Starting(_) | ServerState::Stopped => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), place.port),
        }
    }

    fn second_server(&mut self, calls: &[ListenCall]) {
        self.stop_second_server();
        let Some(place) = self.lab.as_ref().map(|lab| lab.place) else { return };
        let Some(options) = self.lab_listener(Serve::default()) else { return };
        let listener = self.prepare_second_listener(ListenOptions { address: self.lab_server(place), ..options });
        if let Some(lab) = &mut self.lab {
            lab.progress.second = Some(listener);
        }
        for call in calls {
            self.command(Command::Step { listener, step: step_of(*call) });
        }
    }

    fn stop_second_server(&mut self) {
        // Its id is kept: its close is a call of the second server too.
        if let Some(listener) = self.lab.as_ref().and_then(|lab| lab.progress.second) {
            self.command(Command::CloseListener { listener });
        }
    }

    /// Where a client of the lab sends to.
    fn lab_target(&self, to: LabAddress) -> Option<SocketAddr> {
        let place = self.lab.as_ref()?.place;
        let port = self.lab_server(place).port();
        Some(match to {
            LabAddress::Loopback | LabAddress::Everywhere => {
                reachable(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port))
            }
            LabAddress::Lan => SocketAddr::new(place.lan, port),
        })
    }

    /// How datagrams are sent in a lab: nothing is added to them.
    fn datagrams_in_lab(&self) -> ConversationOptions {
        let options = self.options_in_lab();
        ConversationOptions { options, line_ending: LineEnding::None, ..self.manner.clone() }.of_datagrams()
    }

    fn connect_in_lab(&mut self, to: LabAddress, stepped: bool, now: Timestamp) {
        let Some(server) = self.lab_target(to) else { return };
        let options = ConversationOptions { options: self.options_in_lab(), ..self.manner.clone() };
        let (host, port) = (host_of(server), server.port());
        let conn_options = options.options.clone();
        let origin = Origin::Outgoing { host: host.clone(), port };
        let conn = self.outgoing(origin, None, options, Keeping::Nothing, now);
        self.command(if stepped {
            Command::PrepareConnection { conn, address: server, options: conn_options }
        } else {
            Command::Connect { conn, host, port, options: conn_options }
        });
        if let Some(lab) = &mut self.lab {
            lab.made.push(conn);
        }
    }

    fn say_in_lab(&mut self, say: &SendText, now: Timestamp) {
        let key = match say.by {
            WhichEnd::Everyone => Some(Key::Everyone),
            by => self.latest(by, |end| end.state.can_send()).map(Key::Conn),
        };
        let Some(key) = key else { return };
        let Some(conversation) = self.conversation(key) else { return };
        let manner = conversation.manner();
        let ending = if say.bare { Vec::new() } else { manner.ending() };
        let encoding = say.encoding.unwrap_or(manner.encoding);
        let encode = |said: &String| text::encode_message(said, encoding, manner.framing(), &ending).bytes;
        let messages: Vec<Bytes> = say.texts.iter().map(|said| encode(said).into()).collect();
        for message in messages {
            self.send(key, message, now);
        }
    }

    fn command_server(&mut self, command: impl FnOnce(ListenerId) -> Command) {
        if let Some(listener) = self.server.listener() {
            self.command(command(listener));
        }
    }

    fn command_end(&mut self, whose: WhichEnd, command: impl FnOnce(ConnId) -> Command) {
        if let Some(conn) = self.latest(whose, |end| !end.state.is_over()) {
            self.command(command(conn));
        }
    }

    fn latest(&self, whose: WhichEnd, fit: impl Fn(&Conversation) -> bool) -> Option<ConnId> {
        ends(self, whose).filter(|(_, end)| fit(end)).last().map(|(conn, _)| conn)
    }

    fn set_in_lab(&mut self, set: Set) {
        let changed = |manner: &ConversationOptions| {
            let mut manner = manner.clone();
            manner.encoding = set.encoding.unwrap_or(manner.encoding);
            manner.options.framing = set.framing.unwrap_or(manner.options.framing);
            manner.options.unit = manner.encoding.unit();
            manner
        };
        let live = |(_, end): &(ConnId, &Conversation)| !end.state.is_over();
        let conns: Vec<ConnId> = if let Some(whose) = set.of {
            self.latest(whose, |_| true).into_iter().collect()
        } else {
            self.set_defaults(changed(&self.manner));
            let conn = self.options_in_lab();
            let max_clients = MAX_CLIENTS;
            self.command_server(|listener| Command::SetListenerOptions { listener, max_clients, conn });
            self.conversations().filter(live).chain(self.students()).map(|(conn, _)| conn).collect()
        };
        for conn in conns {
            let key = Key::Conn(conn);
            if let Some(manner) = self.conversation(key).map(|end| changed(end.manner())) {
                self.change_options(key, manner);
            }
        }
    }

    /// Whether there is what the button of the lab's step acts on.
    #[must_use]
    pub fn can_do_step_of_lab(&self) -> bool {
        let Some(step) = self.lab.as_ref().and_then(|lab| lab.progress.step()) else { return false };
        let mut serves = self.server.listener().is_some();
        let mut connects = false;
        step.deeds.iter().all(|deed| match deed {
            LabAction::Serve(_) | LabAction::Prepare(_) | LabAction::ServeUdp(_) => {
                serves = true;
                true
            }
            LabAction::Call(_) | LabAction::PauseAccepting | LabAction::ResumeAccepting | LabAction::StopServer => {
                serves
            }
            LabAction::AddStudents(_) => {
                connects = true;
                serves
            }
            LabAction::Connect(_) | LabAction::PrepareConnection(_) | LabAction::SendUdp(_) => {
                connects = true;
                true
            }
            LabAction::Say(SendText { by: WhichEnd::Everyone, .. }) => self.connected_clients() > 0,
            LabAction::Say(SendText { by: whose, .. }) | LabAction::Finish(whose) => {
                connects || self.latest(*whose, |end| end.state.can_send()).is_some()
            }
            LabAction::Close(whose) | LabAction::Reset(whose) | LabAction::CallOn(CallOn { end: whose, .. }) => {
                connects || self.latest(*whose, |end| !end.state.is_over()).is_some()
            }
            LabAction::SecondServer(_)
            | LabAction::StopSecondServer
            | LabAction::RemoveStudents
            | LabAction::SayOverTls(_)
            | LabAction::Set(_) => true,
        })
    }
}

fn ip_of(address: LabAddress, place: LabPlace) -> IpAddr {
    match address {
        LabAddress::Loopback => Ipv4Addr::LOCALHOST.into(),
        LabAddress::Everywhere => Ipv4Addr::UNSPECIFIED.into(),
        LabAddress::Lan => place.lan,
    }
}

fn step_of(call: ListenCall) -> ListenStep {
    match call {
        ListenCall::Socket => ListenStep::Socket,
        ListenCall::ReuseAddress => ListenStep::ReuseAddress,
        ListenCall::Bind => ListenStep::Bind,
        ListenCall::Listen => ListenStep::Listen,
        ListenCall::Accept => ListenStep::Accept,
    }
}
