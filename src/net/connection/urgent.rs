//! Urgent data (`MSG_OOB`): taken in line, so that no byte is lost, and told where it came (RFC 6093).

use std::io::{self, Read as _};

use mio::net::TcpStream;

use super::{Connection, EventSender};
use crate::net::{EventKind, URGENT_TOLD};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Urgent {
    /// An urgent byte has come and has not been read, as far as is known. `recv` stops before it (tcp(7)).
    pub(super) waits: bool,
    /// How many were found.
    found: u32,
    /// The one that the last `recv` began with, and how many bytes came before it.
    last: Option<(u8, u64)>,
}

impl Connection {
    /// One `recv`. As it stops before an urgent byte, the byte is the first of those that it returns, or none of them.
    pub(super) fn recv(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.urgent.waits = self.urgent.waits && urgent_waits(&self.stream);
        let waited = self.urgent.waits;
        let received = self.stream.read(buffer)?;
        if waited {
            self.urgent.waits = urgent_waits(&self.stream);
            if let Some(first) = buffer.first().filter(|_| received > 0 && !self.urgent.waits) {
                self.urgent.last = Some((*first, self.bytes_in));
            }
        }
        Ok(received)
    }

    /// Reports the urgent byte of the last `recv`, if there was one.
    pub(super) fn tell_urgent(&mut self, to: &mut EventSender) {
        let Some((byte, before)) = self.urgent.last.take() else { return };
        self.urgent.found = self.urgent.found.saturating_add(1);
        if self.urgent.found <= URGENT_TOLD {
            let last_told = self.urgent.found == URGENT_TOLD;
            to.event(EventKind::Urgent { conn: self.id, byte, position: before + 1, last_told });
        }
    }
}

/// Whether an urgent byte has come and has not been read (poll(2), `POLLPRI`).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn urgent_waits(stream: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::new(stream, PollFlags::PRI)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked.iter().any(|fd| fd.revents().contains(PollFlags::PRI))
}

/// The poll does not report it here: the byte is among the others, and nobody says which it is.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn urgent_waits(_: &TcpStream) -> bool {
    false
}
