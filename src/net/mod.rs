//! Sockets, all of them on one background thread.
//!
//! [`Net`] is the handle: push a [`Command`], receive [`Event`]s.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use sockhop::net::{Command, EventKind, ListenOptions, ListenerId, Net};
//!
//! let net = Net::start(|| ())?;
//! let listener = ListenerId(1);
//! let options = ListenOptions::new(([127, 0, 0, 1], 8888).into());
//! net.send(Command::Listen { listener, options })?;
//! while let Some(event) = net.recv_timeout(Duration::from_secs(60)) {
//!     if let EventKind::Received { conn, batch, .. } = event.kind {
//!         println!("{} messages from {conn:?}", batch.cuts.len());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The thread
//! One poll, edge-triggered, watches every socket. Each turn serves in a circle what is ready, each
//! socket within its budget, so that one that floods can't starve the others. What happens becomes
//! events; they gather while sockets are served and then go out over a bounded queue. When that is
//! full, the thread stops reading and accepting until the receiver has drained it to half.
//! [`Command::PauseReading`] does the same to one connection, for a receiver that hands on what it receives.

mod buffers;
mod call_run;
mod command;
mod connecting;
mod connection;
mod descriptors;
mod event;
mod event_loop;
mod event_queue;
mod ids;
mod listener;
mod lookup;
mod peer_timeout;
mod prepared;
mod repeat;
mod send_queue;
mod socket;
mod udp;
mod waker;
mod zone;

use std::{
    io,
    net::IpAddr,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::Sender;

pub use crate::chat::{
    Admission, AutoReply, Call, CallKind, Cause, CloseReason, ConnId, ConnOptions, Errno, Group, LARGEST_DATAGRAM,
    Limit, ListenerId, MAX_CLIENTS, MOST_CLIENTS, MOST_UDP_PEERS, MessageId, NetError, Operation, Outcome, RECV_SIZE,
    Reason, SocketCall, SocketId, SocketOption, Target,
};
pub use command::{Command, ConnStep, ListenOptions, ListenStep, UdpOptions, UdpStep};
pub use event::{Event, EventKind};
pub use event_queue::Urgency;
pub use repeat::{LEAST_WAIT, LONGEST_WAIT, MOST_IN_ROUND, Repeat, Rounds};
pub use zone::interface_number;
use {event_loop::EventLoop, event_queue::EventReceiver, waker::LoopWaker};

/// The most that one `recv` asks for, in bytes, whatever [`ConnOptions::recv_size`] says.
pub const MOST_RECV_SIZE: usize = 16 * 1024 * 1024;

/// Bytes read from one connection before it is another's turn (or one `recv`, if that is larger).
pub const READ_BUDGET: usize = 64 * 1024;

/// The most bytes of a datagram to that address: a packet's 65,535 without the headers of UDP, and with IPv4 (RFC 791)
/// of IP.
#[must_use]
pub fn largest_datagram(ip: IpAddr) -> usize {
    if ip.to_canonical().is_ipv4() { 65_507 } else { 65_527 }
}

/// How long looking a name up may take. Longer than one name server is waited for by the system (resolv.conf(5): twice
/// 5 seconds), so that it is the system that gives up.
pub const LOOK_UP_LIMIT: Duration = Duration::from_secs(15);

/// How long a connect may take, every address of the name together.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Bytes that may wait for one peer that does not read; past it a send fails.
pub const QUEUE_LIMIT: usize = 4 * 1024 * 1024;

/// Events on their way to the receiver; past it the thread stops reading from sockets.
pub const EVENTS_IN_FLIGHT: usize = 4096;

/// Bytes of received messages on their way to the receiver; past it the thread stops reading from sockets.
pub const BYTES_IN_FLIGHT: usize = 4 * 1024 * 1024;

/// The least time between two questions of what is acknowledged on the connection in sight ([`Command::InSight`]).
pub const ACKNOWLEDGED_ASKED_IN_SIGHT: Duration = Duration::from_millis(200);

/// The least time between two questions of what is acknowledged on all other connections. Those that have nothing
/// unacknowledged are not asked for.
pub const ACKNOWLEDGED_ASKED: Duration = Duration::from_secs(1);

/// How long the kernel waits for an answer before the peer is called silent. Shorter is a lost segment or two, which is
/// sent again and worth no word.
pub const PEER_SILENT_AFTER: Duration = Duration::from_secs(3);

/// Urgent bytes of one connection that are told: a peer may send each of its bytes as urgent.
pub const URGENT_TOLD: u32 = 8;

/// Commands on their way to the thread; past it [`Net::send`] says no.
pub const COMMANDS_IN_FLIGHT: usize = 4096;

/// The handle of the network thread. Dropping it closes everything and joins the thread.
///
/// It can be shared: any thread may send. One should receive.
#[derive(Debug)]
pub struct Net {
    commands: Sender<Command>,
    events: EventReceiver,
    waker: Arc<LoopWaker>,
    thread: Option<JoinHandle<()>>,
}

/// The network thread has [`COMMANDS_IN_FLIGHT`] commands to carry out already, or has ended.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the network thread takes no more commands at present")]
pub struct Busy {
    /// What was not sent.
    pub command: Box<Command>,
}

impl Net {
    /// Start the thread, and raise this process's limit of open files (getrlimit(2)) as far as it goes.
    ///
    /// `wake` is called, on that thread, when events wait and the receiver has not been woken since it
    /// last drained them ([`Self::try_recv`] gave None). It must not block.
    ///
    /// # Errors
    /// Where the system has no poll or no thread to give.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        Self::start_unhurried(move |_| wake())
    }

    /// The same; `wake` is told how soon the receiver is to look, and called once more where that is sooner than before.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_unhurried(wake: impl Fn(Urgency) + Send + 'static) -> io::Result<Self> {
        descriptors::raise_limit();
        let poll = mio::Poll::new()?;
        let waker = Arc::new(LoopWaker::new(poll.registry(), event_loop::WAKER)?);
        let (commands, taken) = crossbeam_channel::bounded(COMMANDS_IN_FLIGHT);
        let (sender, events) = event_queue::event_queue(Arc::clone(&waker), Box::new(wake));
        let event_loop = EventLoop::new(poll, taken, sender, Arc::clone(&waker));
        let thread = thread::Builder::new().name("net".to_owned()).spawn(|| event_loop.run())?;
        Ok(Self { commands, events, waker, thread: Some(thread) })
    }

    /// Ask the thread for something. Never blocks. [`Command::Quit`] always gets through, ahead of
    /// all others; the events that are left, up to [`EventKind::Stopped`], can still be received.
    ///
    /// # Errors
    /// The command comes back if [`COMMANDS_IN_FLIGHT`] wait already.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        if matches!(command, Command::Quit) {
            self.waker.ask_to_quit();
            return Ok(());
        }
        let sent = self.commands.try_send(command);
        self.waker.wake();
        sent.map_err(|error| Busy { command: Box::new(error.into_inner()) })
    }

    /// From here on all events are urgent, whomever they concern, or no longer.
    pub fn hurry(&self, on: bool) {
        self.events.hurry(on);
    }

    /// The next event, if one waits.
    #[must_use]
    pub fn try_recv(&self) -> Option<Event> {
        self.events.try_recv()
    }

    /// The next event, waiting for one if need be. None: none came in time, or none can come any more.
    #[must_use]
    pub fn recv_timeout(&self, limit: Duration) -> Option<Event> {
        self.events.recv_timeout(limit)
    }

    /// Close everything, end the thread and join it, whether or not its events were received. Takes
    /// under one second.
    pub fn quit(self) {
        drop(self);
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.waker.abandon();
        if let Some(thread) = self.thread.take() {
            // Had it panicked, that is in the log already.
            let _ = thread.join();
        }
    }
}
