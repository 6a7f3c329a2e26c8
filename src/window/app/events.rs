//! What happened since the last frame, taken in before the next.

use std::time::{Duration, Instant};

use egui::Context;

use super::App;
use crate::{
    core::{Input, Key},
    driver::Recorded,
    host::{Answer, Question},
    net::{Cause, Event, EventKind, SocketId},
    window::parts::notices::Confirmation,
};

impl App {
    /// Take in what happened, for [`DRAIN`] at most, or [`DRAIN_UNATTENDED`], and twice that in a flood.
    pub(super) fn drain(&mut self, ctx: &Context) {
        let time = self.viewport.time_for_events(ctx);
        let until = Instant::now() + time;
        let of_flood = if time == DRAIN_UNATTENDED { until + DRAIN_UNATTENDED } else { until };
        let mut received = 0;
        loop {
            let until = if received < FLOOD { until } else { of_flood };
            let Some(input) = self.driver.next() else {
                if received < FLOOD || Instant::now() + MORE_COMES >= until {
                    break;
                }
                std::thread::sleep(MORE_COMES);
                continue;
            };
            match input {
                Input::History(answer) => self.history_answered(*answer),
                Input::Net(event) => {
                    if let EventKind::Received { batch, .. } = &event.kind {
                        received += batch.bytes.len();
                    }
                    self.react_before_apply(&event);
                    self.change(Input::Net(event));
                }
                input => self.change(input),
            }
            if Instant::now() >= until {
                // After no time at all a second frame would follow.
                ctx.request_repaint_after(Duration::from_nanos(1));
                break;
            }
        }
        self.refresh_accept_queue(ctx);
        self.screens.network.drain();
        while let Some(answer) = self.machine.host.try_recv() {
            match answer {
                Answer::Interfaces(Ok(interfaces)) => {
                    self.machine.facts.interfaces.clone_from(&interfaces);
                    let before = std::mem::replace(&mut self.machine.interfaces, interfaces);
                    self.tell_reach(&before);
                    self.lan_interfaces_changed();
                }
                Answer::Interfaces(Err(error)) => tracing::warn!("{error}"),
                Answer::PortOwner { owner, .. } => self.machine.facts.port_owner = owner,
                Answer::AcceptQueue { queue, .. } => {
                    self.change(Input::AcceptQueue { waiting: queue.map(|queue| queue.waiting) });
                }
                Answer::Sockets(table) => self.apply_sockets(table),
                answer @ (Answer::ListeningPorts(_) | Answer::Tried { .. }) => self.screens.network.apply(answer),
            }
        }
        if let Some(wake) = self.driver.settle() {
            ctx.request_repaint_after(wake.after);
        }
        for Recorded { path, bytes } in self.driver.take_recorded() {
            self.front.toasts.confirm(Confirmation::Recorded { path, bytes });
        }
        self.note_lab_done();
        self.settings_failures();
        self.look_after_saving();
        self.remove_old_if_due(ctx);
        // The core lets the oldest of very many closed conversations go.
        self.select_what_is_left();
        let core = self.driver.core();
        self.screens.conversation.keep_only(|key| match key {
            Key::Conn(conn) => core.conversation(key).is_some() || core.removed().any(|removed| removed == conn),
            Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => true,
        });
    }

    /// What the window itself does about an event, before the core knows of it.
    fn react_before_apply(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Listening { local, .. } => {
                self.ask_host(Question::AcceptQueue(*local));
                self.listeners_changed();
            }
            EventKind::StepFailed { socket: SocketId::Listener(_), error } | EventKind::ListenFailed { error, .. }
                if error.cause() == Cause::AddressInUse =>
            {
                self.ask_owner(&error.target);
            }
            EventKind::ListenerClosed { listener } if self.core().server().listener() == Some(*listener) => {
                self.ask_host(Question::WatchAcceptQueue(None));
                self.listeners_changed();
            }
            EventKind::AcceptingPaused { paused, .. } => self.follow_accept_queue(*paused),
            EventKind::Accepted { conn, .. } => {
                self.machine.queue_is_stale = true;
                // The next step concerns the client just accepted, so select it, but leave the focus alone:
                // Space must still step.
                if self.core().server().stepping {
                    self.selection.user_has_selected = true;
                    self.selection.conversation = Key::Conn(*conn);
                }
                self.follow_lab(*conn);
                if !self.selection.user_has_selected {
                    self.selection.user_has_selected = true;
                    self.select(Key::Conn(*conn));
                }
            }
            _ => {}
        }
    }
}

/// Time that events may take of a frame while the user is at it.
pub(super) const DRAIN: Duration = Duration::from_millis(8);

/// And while the user is not: in a flood, drawing is not to take more time than taking in.
pub(super) const DRAIN_UNATTENDED: Duration = Duration::from_millis(32);

/// Bytes received since the last frame after which it is a flood: there is twice as much time for events while the user is
/// not at it, and what is on its way is waited for as long. Where the processor draws, a frame takes as long as to receive
/// some megabytes.
const FLOOD: usize = 1024 * 1024;

/// How long each such wait is.
const MORE_COMES: Duration = Duration::from_millis(1);
