//! Running a lab: what its buttons do, on real sockets, and how everything is as before when it is left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use egui::Context;
use jiff::Timestamp;

use super::{App, dialog::Dialog, students::reachable};
use crate::{
    chat::Origin,
    core::{
        Conversation, ConversationOptions, Input, Key, NoticeKind, ServerState, Step,
        labs::{
            self, DamagedLab, Lab, LabAction, Progress,
            condition::ends,
            file::{CallOn, ConnCall, LabAddress, ListenCall, Second, SendText, Serve, Set, WhichEnd},
        },
    },
    host,
    net::{AutoReply, Command, ConnId, ConnOptions, ConnStep, ListenOptions, ListenStep},
    window::parts::lab::LabList,
    wire::text,
};

/// How soon a step that waits for nothing but time is looked at again.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

/// The labs there are, and the one that runs.
#[derive(Debug, Default)]
pub(super) struct Labs {
    /// All labs that can be used, in their order.
    pub(super) all: Vec<Lab>,
    /// Damaged files that were reported to the user.
    reported: Vec<DamagedLab>,
    pub(super) running: Option<Running>,
}

/// A lab that runs, and what is to be put back or taken away when it ends.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) progress: Progress,
    /// The lab's own port.
    port: u16,
    /// Connections that the lab made.
    made: Vec<ConnId>,
    before: Before,
}

/// What the user had before the lab.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// Where the user's own server listened.
    resume: Option<SocketAddr>,
    /// Whether the server's calls were made one by one.
    stepping: bool,
}

impl App {
    /// Read the labs: those that come with the program, and those in the data folder, which may replace them.
    pub(super) fn read_labs(&mut self) {
        let (mut all, mut damaged) = labs::embedded();
        if let Some(folder) = &self.folder {
            let (own, damaged_own) = labs::of_folder(&folder.labs());
            all.retain(|lab| own.iter().all(|other| other.id != lab.id));
            all.extend(own);
            all.sort_by(|a, b| a.id.cmp(&b.id));
            damaged.extend(damaged_own);
        }
        for one in &damaged {
            if !self.lesson.labs.reported.contains(one) {
                let DamagedLab { file, line, why } = one.clone();
                self.change(Input::Notice(NoticeKind::LabDamaged { file, line, why }));
            }
        }
        self.lesson.labs.reported = damaged;
        self.lesson.labs.all = all;
    }

    /// Show the list of labs, or close it.
    pub(super) fn toggle_labs(&mut self) {
        if self.front.dialog.is_none() {
            self.read_labs();
            self.front.dialog = Some(Dialog::Labs(LabList::default()));
        } else {
            self.front.dialog = None;
        }
    }

    /// Begin a lab; if that stops a server with clients that are not the lab's, ask before.
    pub(super) fn start_lab(&mut self, id: &str, stop_server: bool) {
        let Some(lab) = self.lesson.labs.all.iter().find(|lab| lab.id == id).cloned() else { return };
        let strangers = self
            .core
            .conversations()
            .filter(|(_, c)| c.origin == Origin::Accepted && c.student.is_none() && !c.state.is_over())
            .count();
        if self.lesson.labs.running.is_none() && self.is_serving() && strangers > 0 && !stop_server {
            self.front.dialog = Some(Dialog::Labs(LabList::asking(lab.id, strangers)));
            return;
        }
        let running = self.lesson.labs.running.take();
        if let Some(running) = &running {
            self.clean_up_after(running);
        }
        self.front.dialog = None;
        self.uncover_conversation();
        let resume = match self.core.server().state {
            ServerState::Listening { local, .. } => Some(local),
            ServerState::Starting(_) | ServerState::Stopped => None,
        };
        let now = Before { resume, stepping: self.core.server().stepping };
        self.begin_lab(lab, running.map_or(now, |running| running.before));
    }

    fn begin_lab(&mut self, lab: Lab, before: Before) {
        self.stop_server();
        self.step_in_lab(false);
        self.remove_students();
        if self.core.server().stepping {
            self.set_stepping(false);
        }
        let port = host::free_port(self.settings.port).unwrap_or_else(|error| {
            tracing::warn!("no free port: {error}");
            self.settings.port
        });
        // A lab begins as its file says, whatever the user has set.
        let mut manner = ConversationOptions::default();
        manner.options.half_open = true;
        self.change(Input::DefaultOptionsChanged(manner));
        let progress = Progress::new(lab, Timestamp::now());
        self.lesson.labs.running = Some(Running { progress, port, made: Vec::new(), before });
        self.select(Key::Everyone);
    }

    /// Begin the lab that runs once more.
    pub(super) fn restart_lab(&mut self) {
        if let Some(running) = self.lesson.labs.running.take() {
            self.clean_up_after(&running);
            self.begin_lab(running.progress.lab, running.before);
        }
    }

    /// End the lab: what it opened is closed, and what was set is as the user has it.
    pub(super) fn leave_lab(&mut self) {
        let Some(running) = self.lesson.labs.running.take() else { return };
        self.clean_up_after(&running);
        self.step_in_lab(running.before.stepping);
        if let Some(address) = running.before.resume {
            self.listen(address);
        }
    }

    /// Make the server's calls one by one, or not: only once there is no half opened one that would be opened.
    fn step_in_lab(&mut self, stepping: bool) {
        if self.core.server().stepping != stepping {
            self.set_stepping(stepping);
        }
    }

    fn clean_up_after(&mut self, running: &Running) {
        self.remove_students();
        self.stop_server();
        if let Some(listener) = running.progress.second {
            self.command(Command::CloseListener { listener });
        }
        let mut going = running.made.clone();
        let address = |conn: &ConnId| self.core.conversation(Key::Conn(*conn)).map(|end| (end.local, end.peer));
        let made: Vec<_> = running.made.iter().filter_map(address).collect();
        let accepted = self.core.conversations().filter(|(_, end)| end.origin == Origin::Accepted);
        going.extend(accepted.filter(|(_, end)| made.contains(&(end.peer, end.local))).map(|(conn, _)| conn));
        for conn in &going {
            self.command(Command::Close { conn: *conn });
            self.screens.conversation.forget(Key::Conn(*conn));
        }
        self.change(Input::Dismissed(going));
        self.change(Input::DefaultOptionsChanged(ConversationOptions::from(&self.settings)));
        self.select_what_is_left();
    }

    fn stop_server(&mut self) {
        if let Some(listener) = self.core.server().listener() {
            self.command(Command::CloseListener { listener });
            self.change(Input::Stopping(listener));
        }
    }

    /// Go on to the next step; from the last one, out of the lab.
    pub(super) fn next_step_of_lab(&mut self) {
        match &mut self.lesson.labs.running {
            Some(running) if !running.progress.is_last() => running.progress.next(Timestamp::now()),
            _ => self.leave_lab(),
        }
    }

    /// Back to the step before.
    pub(super) fn last_step_of_lab(&mut self) {
        if let Some(running) = &mut self.lesson.labs.running {
            running.progress.back(Timestamp::now());
        }
    }

    /// Look whether what the step waits for has happened.
    pub(super) fn check_lab(&mut self, ctx: &Context) {
        let Some(running) = &mut self.lesson.labs.running else { return };
        if let ServerState::Listening { local, .. } = self.core.server().state {
            // One that the user started by hand will do as well.
            running.port = local.port();
        }
        let progress = &mut running.progress;
        let before = progress.is_all_done();
        progress.check(&self.core, Timestamp::now());
        if progress.needs_time() {
            ctx.request_repaint_after(LOOK_AGAIN);
        }
        if progress.is_all_done() && !before && !self.settings.labs_done.contains(&progress.lab.id) {
            self.settings.labs_done.push(progress.lab.id.clone());
            self.save_settings();
        }
    }

    /// While a lab runs, whoever was accepted last is what it is about.
    pub(super) fn follow_lab(&mut self, conn: ConnId) {
        let Some(running) = &self.lesson.labs.running else { return };
        let made = |key| matches!(key, Key::Conn(conn) if running.made.contains(&conn));
        let over = |key| self.core.conversation(key).is_none_or(|end| end.state.is_over());
        if !made(self.selection.conversation) || over(self.selection.conversation) {
            self.select(Key::Conn(conn));
        }
    }

    /// Do what the step's button says.
    pub(super) fn do_step_of_lab(&mut self) {
        let step = self.lesson.labs.running.as_ref().and_then(|running| running.progress.step());
        let deeds = step.map(|step| step.deeds.clone()).unwrap_or_default();
        for deed in deeds {
            self.do_deed(deed);
        }
    }

    fn do_deed(&mut self, deed: LabAction) {
        match deed {
            LabAction::Serve(how) => {
                let options = self.lab_listener(how);
                self.stop_server();
                self.step_in_lab(false);
                let listener = self.net.next_listener();
                self.change(Input::Starting(listener));
                self.command(Command::Listen { listener, options });
            }
            LabAction::Prepare(how) => {
                let options = self.lab_listener(how);
                self.stop_server();
                self.step_in_lab(true);
                let listener = self.net.next_listener();
                self.change(Input::Starting(listener));
                self.command(Command::PrepareListener { listener, options });
            }
            LabAction::Call(call) => {
                if self.core.server().listener().is_some() {
                    self.try_step(Step::Server(step_of(call)));
                }
            }
            LabAction::PrepareConnection(to) => self.connect_from_lab(to, true),
            LabAction::CallOn(CallOn { end, call }) => {
                if let Some(conn) = self.latest(end, |end| !end.state.is_over()) {
                    let step = match call {
                        ConnCall::Socket => ConnStep::Socket,
                        ConnCall::Connect => ConnStep::Connect,
                        ConnCall::Recv => ConnStep::Recv,
                        ConnCall::Send => ConnStep::Send,
                        ConnCall::Close => ConnStep::Close,
                    };
                    self.try_step(Step::Conn(conn, step));
                }
            }
            LabAction::PauseAccepting => self.command_listener(|listener| Command::PauseAccepting { listener }),
            LabAction::ResumeAccepting => self.command_listener(|listener| Command::ResumeAccepting { listener }),
            LabAction::StopServer => self.command_listener(|listener| Command::CloseListener { listener }),
            LabAction::SecondServer(Second { calls }) => self.second_server(&calls),
            LabAction::StopSecondServer => self.stop_second_server(),
            LabAction::AddStudents(count) => self.add_students(count),
            LabAction::RemoveStudents => self.remove_students(),
            LabAction::Connect(to) => self.connect_from_lab(to, false),
            LabAction::Say(say) => self.say_in_lab(&say),
            LabAction::Finish(whose) => self.command_end(whose, |conn| Command::FinishSending { conn }),
            LabAction::Close(whose) => self.command_end(whose, |conn| Command::Close { conn }),
            LabAction::Reset(whose) => self.command_end(whose, |conn| Command::Reset { conn }),
            LabAction::Set(set) => self.set_in_lab(set),
        }
    }

    fn lab_listener(&self, how: Serve) -> ListenOptions {
        let port = self.lesson.labs.running.as_ref().map_or(self.settings.port, |running| running.port);
        ListenOptions {
            address: SocketAddr::new(self.ip_of(how.on), port),
            backlog: how.backlog,
            reuse_address: how.reuse_address,
            max_clients: self.settings.max_clients,
            conn: self.options_in_lab(),
        }
    }

    /// What connections of a lab do on their own: nothing.
    fn options_in_lab(&self) -> ConnOptions {
        ConnOptions { auto_reply: AutoReply::Off, ..self.core.manner().options.clone() }
    }

    fn ip_of(&self, place: LabAddress) -> IpAddr {
        match place {
            LabAddress::Loopback => Ipv4Addr::LOCALHOST.into(),
            LabAddress::Everywhere => Ipv4Addr::UNSPECIFIED.into(),
            LabAddress::Lan => host::address_to_hand_out(&self.machine.interfaces)
                .filter(IpAddr::is_ipv4)
                .unwrap_or(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))),
        }
    }

    /// Where the lab's server listens, or would.
    fn lab_server(&self) -> SocketAddr {
        match (self.core.server().state, &self.lesson.labs.running) {
            (ServerState::Listening { local, .. }, _) => local,
            (_, Some(running)) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), running.port),
            (_, None) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.settings.port),
        }
    }

    fn second_server(&mut self, calls: &[ListenCall]) {
        self.stop_second_server();
        let listener = self.net.next_listener();
        let options = ListenOptions { address: self.lab_server(), ..self.lab_listener(Serve::default()) };
        if let Some(running) = &mut self.lesson.labs.running {
            running.progress.second = Some(listener);
        }
        self.command(Command::PrepareListener { listener, options });
        for call in calls {
            self.command(Command::Step { listener, step: step_of(*call) });
        }
    }

    fn stop_second_server(&mut self) {
        // Its id is kept: its close is a call of the second server too.
        if let Some(listener) = self.lesson.labs.running.as_ref().and_then(|running| running.progress.second) {
            self.command(Command::CloseListener { listener });
        }
    }

    fn connect_from_lab(&mut self, to: LabAddress, stepped: bool) {
        let server = match to {
            LabAddress::Loopback | LabAddress::Everywhere => {
                reachable(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.lab_server().port()))
            }
            LabAddress::Lan => SocketAddr::new(self.ip_of(to), self.lab_server().port()),
        };
        let conn = self.net.next_conn();
        let (host, port) = (server.ip().to_string(), server.port());
        let options = self.options_in_lab();
        self.change(Input::Connecting { conn, target: (host.clone(), port), name: None, at: Timestamp::now() });
        self.command(if stepped {
            Command::PrepareConnection { conn, address: server, options }
        } else {
            Command::Connect { conn, host, port, options }
        });
        if let Some(running) = &mut self.lesson.labs.running {
            running.made.push(conn);
        }
        self.select(Key::Conn(conn));
    }

    fn say_in_lab(&mut self, say: &SendText) {
        let key = match say.by {
            WhichEnd::Everyone => Some(Key::Everyone),
            by => self.latest(by, |end| end.state.can_send()).map(Key::Conn),
        };
        let Some(key) = key else { return };
        let Some(conversation) = self.core.conversation(key) else { return };
        let manner = conversation.manner();
        let ending = if say.bare { "" } else { manner.line_ending.text() };
        let encoding = say.encoding.unwrap_or(manner.encoding);
        let encode = |said: &String| text::encode_message(said, encoding, manner.framing(), ending).bytes;
        let messages: Vec<Bytes> = say.texts.iter().map(|said| encode(said).into()).collect();
        for message in messages {
            self.send(key, message);
        }
    }

    fn command_end(&mut self, whose: WhichEnd, command: impl FnOnce(ConnId) -> Command) {
        if let Some(conn) = self.latest(whose, |end| !end.state.is_over()) {
            self.command(command(conn));
        }
    }

    fn latest(&self, whose: WhichEnd, fit: impl Fn(&Conversation) -> bool) -> Option<ConnId> {
        ends(&self.core, whose).filter(|(_, end)| fit(end)).last().map(|(conn, _)| conn)
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
            let manner = changed(self.core.manner());
            self.change(Input::DefaultOptionsChanged(manner));
            let (max_clients, conn) = (self.settings.max_clients, self.options_in_lab());
            self.command_listener(|listener| Command::SetListenerOptions { listener, max_clients, conn });
            self.core.conversations().filter(live).chain(self.core.students()).map(|(conn, _)| conn).collect()
        };
        for conn in conns {
            let key = Key::Conn(conn);
            if let Some(manner) = self.core.conversation(key).map(|end| changed(end.manner())) {
                self.set_manner(key, manner);
            }
        }
    }

    /// Whether there is what the step's button acts on.
    pub(super) fn can_do_step_of_lab(&self) -> bool {
        let Some(step) = self.lesson.labs.running.as_ref().and_then(|running| running.progress.step()) else {
            return false;
        };
        let served = self.core.server().listener().is_some();
        let mut serves = served;
        let mut connects = false;
        step.deeds.iter().all(|deed| match deed {
            LabAction::Serve(_) | LabAction::Prepare(_) => {
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
            LabAction::Connect(_) | LabAction::PrepareConnection(_) => {
                connects = true;
                true
            }
            LabAction::Say(SendText { by: WhichEnd::Everyone, .. }) => self.core.connected_clients() > 0,
            LabAction::Say(SendText { by: whose, .. }) | LabAction::Finish(whose) => {
                connects || self.latest(*whose, |end| end.state.can_send()).is_some()
            }
            LabAction::Close(whose) | LabAction::Reset(whose) | LabAction::CallOn(CallOn { end: whose, .. }) => {
                connects || self.latest(*whose, |end| !end.state.is_over()).is_some()
            }
            LabAction::SecondServer(_)
            | LabAction::StopSecondServer
            | LabAction::RemoveStudents
            | LabAction::Set(_) => true,
        })
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
