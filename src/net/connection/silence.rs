//! Whether the peer's system answers: never guessed from a program that says nothing, always the kernel's word.

use std::time::{Duration, Instant};

use socket2::SockRef;

use super::{Connection, IoContext};
use crate::net::{EventKind, PEER_SILENT_AFTER, peer_timeout, send_queue::SendQueue};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// Since when the kernel has been seen to wait for an answer.
    unanswered: Option<Instant>,
    /// `Silent` was sent.
    reported: bool,
    /// `NoRoom` was sent.
    no_room: bool,
    /// How long it will be until the next probe, by the kernel's last word.
    until_probe: Option<Duration>,
    /// The user timeout is not set at present.
    lifted: bool,
}

impl Silence {
    /// Whether the kernel waits for an answer, as far as is known.
    pub(super) fn is_unanswered(&self) -> bool {
        self.unanswered.is_some()
    }
}

impl Connection {
    /// When it is worth asking again whether the peer answers, although nothing is unacknowledged: once the next probe
    /// should have been answered. `None`, if there will be none.
    pub(in crate::net) fn until_probe(&self) -> Option<Duration> {
        peer_timeout::first_probe(&self.options).and(self.silence.until_probe)
    }

    /// Takes in what the kernel said, and reports it if it is new.
    pub(super) fn note_silence(&mut self, queue: &SendQueue, cx: &mut IoContext) {
        let Some(answers) = queue.answers else { return };
        let now = cx.events.now();
        let silence = &mut self.silence;
        silence.until_probe = peer_timeout::first_probe(&self.options)
            .map(|first| first.saturating_sub(answers.heard) + PROBE_ANSWERED_WITHIN);
        // Each probe to a peer without room waits for an answer too: it must be the same one for all that time.
        let since = silence.unanswered.filter(|since| now.saturating_duration_since(*since) <= answers.heard);
        silence.unanswered = answers.unanswered.then(|| since.unwrap_or(now));
        let silent_for = silence.unanswered.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let silent = silent_for >= PEER_SILENT_AFTER;
        if std::mem::replace(&mut silence.reported, silent) != silent {
            let since = silent.then(|| cx.events.wall_clock_before(answers.heard));
            cx.events.event(EventKind::Silent { conn: self.id, since });
        }
        let no_room = queue.bytes > 0 && answers.no_room;
        if std::mem::replace(&mut self.silence.no_room, no_room) != no_room {
            cx.events.event(EventKind::NoRoom { conn: self.id, no_room });
        }
        self.lift_user_timeout(no_room, silent_for);
    }

    /// Since Linux 5.11 the user timeout also ends a connection whose peer answers each probe, but has no more room. A
    /// program that is stopped in a debugger, or is slow to read, must not be cut off for that (RFC 9293, 3.8.6.1: while
    /// probes are answered, the connection stays). So there is no user timeout for as long as that lasts.
    fn lift_user_timeout(&mut self, peer_has_no_room: bool, silent_for: Duration) {
        let Some(timeout) = self.options.peer_timeout else { return };
        let lift = peer_has_no_room && silent_for < timeout;
        if lift != self.silence.lifted {
            self.silence.lifted = lift;
            peer_timeout::set_user_timeout(&SockRef::from(&self.stream), (!lift).then_some(timeout));
        }
    }

    /// Have the system ask for the peer, and give it up, after other times.
    pub(super) fn set_peer_timeout(&mut self) {
        self.silence.lifted = false;
        peer_timeout::set(&SockRef::from(&self.stream), &self.options);
    }
}

/// After a probe should have been sent, how long until the kernel is asked: its timers may be late, and the answer has to
/// come.
const PROBE_ANSWERED_WITHIN: Duration = Duration::from_secs(1);
