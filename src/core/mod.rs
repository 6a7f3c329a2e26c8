//! What the program knows and decides: one state machine without sockets, files, clock and window.
//!
//! It is changed by [`Core::apply`] and by nothing else. What follows from a change is given back as [`Effects`]: first
//! the journal, then the commands that go with it.

mod acknowledged;
mod answer_loop;
mod answering;
mod asked;
mod calls;
mod conversation;
mod conversations;
mod datagrams;
mod devices;
pub mod diagnoses;
pub mod diagram;
mod earlier;
mod effects;
mod events;
mod input;
mod journal;
pub mod labs;
mod long_send;
mod memory;
mod notice;
mod numbers;
mod past;
mod people;
mod preview;
mod reading;
mod reconnect;
mod reframe;
mod relay;
mod removal;
mod rows;
pub mod rules;
mod server;
mod sockets;
pub mod steps;
mod students;
mod tails;
mod task;
pub mod tcp_states;

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

pub use acknowledged::UNACKNOWLEDGED_KEPT;
pub use answer_loop::{ANSWERS_WITHIN, CERTAIN_ANSWERS, LIKELY_ANSWERS};
pub use answering::{ANSWERS_WAITING, Repeating};
pub use calls::{CALLS_KEPT, CallLog, CallRow, Descriptor};
pub use conversation::{ConnState, Conversation, Recording, Recv, Unfinished};
pub use datagrams::OverUdp;
pub use earlier::{EARLIER_BYTES, EARLIER_ROWS};
pub use effects::{Effects, WakeReason};
pub use input::{Input, LabInput};
pub use journal::replay;
pub use long_send::{MOST_SENT, PIECE};
pub use memory::{MEMORY_KEPT, ROWS_LEFT};
pub use notice::{NOTICES_KEPT, NotPasted, NotTaken, Notice, NoticeKind};
pub use numbers::{MESSAGES_PLOTTED, RATE_OVER, Rate, number_in};
pub use past::{OpenPast, Past, PastState};
pub use people::{
    Comparing, Crossing, FOLLOWED_TO_ALL, NotSaid, OnTheWire, People, PeopleInput, Person, READ_NOTED,
    RECORD_BYTES_KEPT, RECORDS_KEPT, STRANGERS_KEPT, Share, Unable, UnclearPerson, UsedInterfaces, Visibility,
    WAITING_BYTES_FOR_A_PERSON, WAITING_FOR_A_PERSON, WAITS_AT_MOST,
};
pub use preview::{PREVIEWED, Preview};
pub use reading::Sight;
pub use reconnect::{FIRST_WAIT, GOOD_AFTER, LONGEST_WAIT, Reconnecting};
pub use relay::{CAME_BACK, CAME_BACK_WITHIN, RELAY_PATIENCE, RELAY_WAITS};
pub use removal::RemovalSchedule;
pub use rows::{BYTES_KEPT, ROWS_KEPT, Rows};
pub use server::{Server, ServerState};
pub use sockets::{Sockets, Use};
pub use steps::{Step, Steps};
pub use students::{STUDENTS, StudentPhrases};
pub use tails::{JOINED_WITHIN, MOST_JOINED};
pub use task::{Task, TaskKind};

use asked::Ids;
use conversations::Conversations;
use earlier::{Paged, PagedPlace};

pub use crate::chat::ConversationOptions;
use crate::{
    chat::{
        ConnId, ConversationChange, Delivery, Device, ListenerId, MessageId, NetError, PersonId, Relay, RowNumber,
        SessionId, SocketId,
    },
    net::Command,
};

/// Closed conversations kept; past it the one closed longest ago goes, and a notice says so.
pub const CLOSED_KEPT: usize = 2_000;

/// Closed sockets without a conversation whose calls are kept; past it those of the one closed longest ago go.
pub const CALLS_OF_NOBODY_KEPT: usize = 100;

/// Which conversation: everyone on our server, or one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// All clients that our server has accepted.
    Everyone,
    /// One connection.
    Conn(ConnId),
    /// A past session, for reading.
    Past(SessionId),
    /// A person on this network.
    Person(PersonId),
    /// Everyone nearby on this network.
    Nearby,
}

/// What the program knows.
#[derive(Debug, Default)]
pub struct Core {
    server: Server,
    everyone: Conversation,
    conversations: Conversations,
    students: students::Students,
    lab: Option<labs::RunningLab>,
    notices: Vec<Notice>,
    notices_so_far: u64,
    calls: HashMap<SocketId, CallLog>,
    descriptors: calls::Descriptors,
    /// Closed sockets without a conversation whose calls are kept: listeners, and clients that were turned away.
    calls_of_nobody: VecDeque<SocketId>,
    /// Listening sockets of labs that are over, until they are closed.
    left_by_labs: HashSet<SocketId>,
    calls_so_far: u64,
    calls_taken_away: u64,
    answering: answering::Answering,
    devices: Vec<Device>,
    /// Tails that went on become one row.
    joins_tails: bool,
    broadcasts: HashMap<MessageId, Broadcast>,
    /// One for each conversation at most.
    long_sends: HashMap<Key, long_send::LongSend>,
    connected_clients: usize,
    /// The conversations that are over, the one that ended longest ago first.
    ended: VecDeque<ConnId>,
    manner: ConversationOptions,
    /// How conversations with those begin that the UDP socket in the server's place hears.
    datagrams: ConversationOptions,
    /// What the last removal took away, so that it can be undone.
    removed: Vec<(ConnId, Conversation, CallLog)>,
    past: Past,
    people: People,
    sockets: Option<Sockets>,
    tables_so_far: u64,
    watching: diagnoses::Watching,
    /// The past session that the user wants to read.
    wanted: Option<SessionId>,
    reading: reading::Reading,
    memory: memory::Memory,
    reconnects: reconnect::Reconnects,
    room: relay::Room,
    /// This listener was opened to try Sockhop on one machine: connect to it once it listens.
    loopback_trial: Option<ListenerId>,
    /// On this socket a step was asked for that has not come to anything yet.
    step_in_flight: Option<SocketId>,
    /// The id given to a conversation last.
    last_id: SessionId,
    ids: Ids,
    /// What was decided about the input that is being applied.
    effects: Effects,
}

/// A message to everyone whose shares have not all ended.
#[derive(Debug)]
struct Broadcast {
    number: RowNumber,
    clients: usize,
    sent: usize,
    failed: usize,
    error: Option<NetError>,
}

impl Broadcast {
    fn delivery(&self) -> Delivery {
        Delivery::ToAll { clients: self.clients, sent: self.sent, failed: self.failed, error: self.error.clone() }
    }
}

impl Core {
    /// Nothing known yet; new connections begin in this manner.
    #[must_use]
    pub fn new(manner: ConversationOptions) -> Self {
        Self { manner: manner.clone(), everyone: Conversation::everyone(manner), ..Self::default() }
    }

    /// The same, and a tail that went on becomes one row with what followed: where rows are shown, and none has been
    /// told for good.
    #[must_use]
    pub fn joining_tails(self) -> Self {
        Self { joins_tails: true, ..self }
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// A conversation, if there is (still) one.
    #[must_use]
    pub fn conversation(&self, key: Key) -> Option<&Conversation> {
        match key {
            Key::Everyone => Some(&self.everyone),
            Key::Conn(conn) => self.conversations.get(conn).or_else(|| self.students.client_ends.get(&conn)),
            Key::Past(session) => {
                let open = self.past.open.as_ref()?;
                (open.summary.session.id == session).then_some(&open.conversation)
            }
            Key::Person(id) => self.people.conversation_with(id),
            Key::Nearby => Some(self.people.nearby_conversation()),
        }
    }

    /// What is known of past sessions.
    #[must_use]
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// The manner in which new connections begin.
    #[must_use]
    pub fn manner(&self) -> &ConversationOptions {
        &self.manner
    }

    /// The conversations with one peer each, oldest first; without the simulated students' own ends.
    #[must_use]
    pub fn conversations(&self) -> impl DoubleEndedIterator<Item = (ConnId, &Conversation)> + ExactSizeIterator {
        self.conversations.iter()
    }

    /// The conversations that the last removal took away, and that can still be had back.
    #[must_use]
    pub fn removed(&self) -> impl ExactSizeIterator<Item = ConnId> {
        self.removed.iter().map(|(conn, ..)| *conn)
    }

    /// Clients that are connected to our server now; where that is a UDP socket, addresses that it has heard.
    #[must_use]
    pub fn connected_clients(&self) -> usize {
        self.connected_clients
    }

    /// What went wrong, oldest first; at most [`NOTICES_KEPT`].
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The sockets that calls were made on, in no order.
    #[must_use]
    pub fn sockets(&self) -> impl ExactSizeIterator<Item = (SocketId, &CallLog)> {
        self.calls.iter().map(|(socket, log)| (*socket, log))
    }

    /// The kernel's socket table, while it is watched.
    #[must_use]
    pub fn socket_table(&self) -> Option<&Sockets> {
        self.sockets.as_ref()
    }

    /// Calls so far, over all sockets: changes with each.
    #[must_use]
    pub fn calls_so_far(&self) -> u64 {
        self.calls_so_far
    }

    /// Changes when the user removes calls with their conversation, or takes that back.
    #[must_use]
    pub fn calls_taken_away(&self) -> u64 {
        self.calls_taken_away
    }

    /// The calls made on a socket.
    #[must_use]
    pub fn calls(&self, socket: SocketId) -> Option<&CallLog> {
        self.calls.get(&socket)
    }

    /// Takes one input in. Never fails: one that came too late (its connection is gone) has no effects.
    pub fn apply(&mut self, change: Input, now: Timestamp) -> Effects {
        self.change(change, now);
        self.continue_long_sends(now);
        self.take_effects()
    }

    /// When [`Input::Wake`] is due, and what for. May change with every [`Self::apply`]; an early one does no harm.
    #[must_use]
    pub fn next_wake(&self, now: Timestamp) -> Option<(Timestamp, WakeReason)> {
        let lab = self.lab_wakes(now).map(|due| (due, WakeReason::LabStep));
        let diagnosis = self.diagnosis_due().map(|due| (due, WakeReason::Diagnosis));
        let answer = self.next_answer().map(|due| (due, WakeReason::Answer));
        let reconnect = self.next_reconnect().map(|due| (due, WakeReason::Reconnect));
        let repeat = self.next_repeated().map(|due| (due, WakeReason::Repeat));
        let all =
            lab.into_iter().chain(diagnosis).chain(answer).chain(repeat).chain(reconnect).chain(self.relay_wakes());
        all.min_by_key(|(due, _)| *due)
    }

    /// Whether what one client says or does is answered here, goes on to others, or is a step of something: then it is to
    /// be taken in at once, also where nobody looks at it.
    #[must_use]
    pub fn reacts(&self) -> bool {
        self.server.stepping
            || self.lab.is_some()
            || self.relay() != Relay::Off
            || self.answers_by_rules()
            || self.has_students()
            || !self.long_sends.is_empty()
            || self.step_in_flight.is_some()
    }

    fn change(&mut self, change: Input, now: Timestamp) {
        match change {
            Input::Net(event) => {
                let reaction = self.student_reaction(&event.kind);
                self.happened(event, now);
                if let Some(reaction) = reaction {
                    self.react(&reaction, now);
                }
            }
            Input::Lan(event) => self.lan_happened(event, now),
            Input::People(asked) => self.people_asked(asked, now),
            Input::Refused(command) => self.refused(&command, now),
            Input::Wake => {
                self.connect_due_students(now);
                self.diagnose_due(now);
                self.give_due_answers(now);
                self.repeat_to_everyone(now);
                self.check_lab(now);
                self.reconnect_due(now);
                self.resume_writers_at(now);
                self.look_after_memory(now);
                self.give_up_what_is_old(now);
            }
            Input::Command(command) => {
                if let Command::InSight { conn } = command {
                    self.looks_at(conn);
                }
                self.command(command);
            }
            Input::Listen(options) => self.listen(options),
            Input::ListenUdp { options, manner } => self.listen_udp(options, manner),
            Input::ConnectUdp { target, name, manner } => {
                self.connect_udp(target, name, manner, asked::Keeping::All, now);
            }
            Input::PrepareUdp { options, manner } => self.prepare_udp(options, manner),
            Input::PrepareUdpTo { address, name, manner } => self.prepare_udp_to(address, name, manner, now),
            Input::TryLoopback(options) => self.try_loopback(options, now),
            Input::TryUdpLoopback { options, manner } => self.try_udp_loopback(options, manner),
            Input::Stepping(on) => self.set_stepping(on),
            Input::Step { step, listen } => self.step(step, Some(listen), now),
            Input::NextStep { selected, listen } => self.next_step(selected, listen, now),
            Input::Connect { target, name, manner } => {
                self.connect(target, name, manner, now);
            }
            Input::PrepareConnection { address, name, manner } => {
                self.prepare_connection(address, name, manner, now);
            }
            Input::SendText { key: Key::Person(id), text } => _ = self.say(id, &text, now),
            Input::SendText { key: Key::Nearby, text } => self.say_to_all_nearby(&text, now),
            Input::StopReconnecting(conn) => self.stop_reconnecting(conn, now),
            Input::SendText { key, text } => self.send_text(key, &text, now),
            Input::SendBytes { key, bytes } => self.send(key, bytes, now),
            Input::SendBatch { key, batch } => self.send_batch(key, &batch, now),
            Input::RelayChanged(relay) => self.set_relay(relay),
            Input::SendLong { key, bytes } => self.send_long(key, bytes, now),
            Input::Resend { key, row } => self.resend(key, row),
            Input::Repeat { key, repeat } => self.repeat(key, repeat, now),
            Input::StopRepeating(key) => self.stop_repeating(key),
            Input::DevicesChanged(devices) => self.devices = devices,
            Input::RulesChanged(rules) => self.set_rules(rules),
            Input::AddStudents { count, phrases } => self.add_students(count, phrases, now),
            Input::RemoveStudents => self.remove_students(),
            Input::Lab(LabInput::Start(lab, place)) => self.start_lab(*lab, place, now),
            Input::Lab(LabInput::Do(phrases)) => self.do_step_of_lab(&phrases, now),
            Input::Lab(LabInput::Next) => self.next_step_of_lab(now),
            Input::Lab(LabInput::Back) => self.last_step_of_lab(now),
            Input::Lab(LabInput::Leave(listen)) => self.leave_lab(listen),
            Input::AcceptQueue { waiting } => self.server.waiting = waiting,
            Input::Sockets(None) => self.sockets = None,
            Input::Sockets(Some(table)) => {
                self.tables_so_far += 1;
                let (number, all) = (self.tables_so_far, &mut self.conversations);
                self.sockets = Some(Sockets::take_in(number, table, &self.server, all, &self.calls));
                self.server.look_at_port(self.sockets.as_ref());
                self.diagnose_all(now);
            }
            Input::Read(key) => {
                self.read_of_person(key);
                let read = self.memory.next_read();
                if let Some(conversation) = self.conversation_mut(key) {
                    conversation.read_all();
                    conversation.last_read = read;
                }
            }
            Input::Renamed { conn, name } => {
                self.decide_change(Key::Conn(conn), ConversationChange::Name(name));
            }
            Input::Removed(conns) => {
                self.removed.clear();
                self.calls_taken_away += 1;
                for conn in conns {
                    self.forget_reconnect(conn);
                    if self.conversations.get(conn).is_some_and(|conversation| conversation.state.is_over())
                        && let Some(conversation) = self.conversations.remove(conn)
                    {
                        let calls = self.calls.remove(&SocketId::Conn(conn)).unwrap_or_default();
                        self.removed.push((conn, conversation, calls));
                    }
                }
                self.ended.retain(|conn| self.conversations.contains(*conn));
            }
            Input::RemovalUndone => {
                self.calls_taken_away += 1;
                for (conn, conversation, calls) in self.removed.drain(..) {
                    self.conversations.insert(conn, conversation);
                    self.calls.insert(SocketId::Conn(conn), calls);
                    self.ended.push_back(conn);
                }
            }
            Input::DefaultOptionsChanged { manner, max_clients } => self.defaults_changed(manner, max_clients),
            Input::OptionsChanged { key, manner } => self.change_options(key, manner),
            Input::History(answer) => self.answered(*answer, now),
            Input::Searching(search) => {
                self.past.search = search;
                if search == 0 {
                    self.past.hits.clear();
                }
            }
            Input::Latest(sessions) => self.past.set_latest(sessions),
            Input::TaskBegun(task) => self.past.begun(task),
            Input::TaskOver(id) => self.past.tasks.retain(|task| task.id != id),
            Input::Recording { conn, to } => {
                self.with(conn, |c| c.recording = to.map(|path| Recording { path, bytes: 0, waits: false }));
            }
            Input::RecordingWaits { conn, waits } => self.with(conn, |c| {
                if let Some(recording) = &mut c.recording {
                    recording.waits = waits;
                }
            }),
            Input::OpenPast(session, place) => self.open_past(session, place),
            Input::ClosePast => {
                self.wanted = None;
                self.past.open = None;
            }
            Input::InSight(sight) => self.in_sight(sight),
            Input::HistoryKeeps(keeps) => self.memory.is_kept = keeps,
            Input::Notice(kind) => self.notice(now, kind),
        }
    }

    fn conversation_mut(&mut self, key: Key) -> Option<&mut Conversation> {
        match key {
            Key::Everyone => Some(&mut self.everyone),
            Key::Conn(conn) => self.conversations.get_mut(conn).or_else(|| self.students.client_ends.get_mut(&conn)),
            Key::Past(session) => {
                let open = self.past.open.as_mut()?;
                (open.summary.session.id == session).then_some(&mut open.conversation)
            }
            Key::Person(id) => self.people.conversation_with_mut(id),
            Key::Nearby => Some(self.people.nearby_conversation_mut()),
        }
    }

    fn with(&mut self, conn: ConnId, change: impl FnOnce(&mut Conversation)) {
        if let Some(conversation) = self.conversation_mut(Key::Conn(conn)) {
            change(conversation);
        }
    }

    /// This conversation has ended: where that makes too many, the one that ended longest ago goes.
    fn ended(&mut self, conn: ConnId, at: Timestamp) {
        if self.conversations.contains(conn) {
            self.ended.push_back(conn);
        }
        self.part(conn);
        while self.ended.len() > CLOSED_KEPT {
            if let Some(oldest) = self.ended.pop_front() {
                self.let_go(oldest);
            }
            self.notice_once(at, NoticeKind::ClosedLetGo);
        }
    }

    fn forget(&mut self, conn: ConnId) {
        self.ended.retain(|ended| *ended != conn);
        self.let_go(conn);
    }

    /// The same, of one that is no longer among those that have ended.
    fn let_go(&mut self, conn: ConnId) {
        self.conversations.remove(conn);
        self.students.client_ends.remove(&conn);
        self.take_calls_away(SocketId::Conn(conn));
    }
}
