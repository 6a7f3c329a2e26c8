//! The socket options by which a peer that has vanished is noticed: keepalive, and the user timeout.
//!
//! They are no part of what a lesson shows and would be seven rows before the first `recv` of each connection. So they
//! make no rows, like the flag that keeps a socket from waiting.

use std::{io, time::Duration};

use socket2::{SockRef, TcpKeepalive};

use super::ConnOptions;

/// When an idle peer is asked whether it is still there (tcp(7), `TCP_KEEPIDLE`, `TCP_KEEPINTVL`, `TCP_KEEPCNT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Probes {
    /// The first, after hearing nothing for so long.
    idle: Duration,
    interval: Duration,
    count: u32,
}

impl Probes {
    /// The last of them has been without an answer for one interval when the timeout ends. Of the usual minute, the first
    /// is after 15 seconds and nine follow: a peer is soon known to be silent, one lost segment means nothing, and a
    /// connection costs four segments a minute. The kernel counts whole seconds.
    fn within(timeout: Duration) -> Self {
        let part = |of: u64| Duration::from_secs((timeout.as_secs() / of).max(1));
        let (idle, interval) = (part(4), part(12));
        let count = timeout.saturating_sub(idle).as_secs().div_ceil(interval.as_secs());
        Self { idle, interval, count: u32::try_from(count).unwrap_or(u32::MAX) }
    }

    /// As the options have it; `None` where they leave it to the system.
    fn of(options: &ConnOptions) -> Option<Self> {
        let within = options.peer_timeout.map(Self::within);
        let Some(idle) = options.keepalive else { return within };
        Some(match within {
            // The rest of the timeout is left for the probes that follow, and one at the least is sent.
            Some(Self { interval, .. }) => {
                let left = options.peer_timeout.unwrap_or_default().saturating_sub(idle);
                let count = left.as_secs().div_ceil(interval.as_secs()).clamp(1, MOST_PROBES);
                Self { idle, interval, count: count as u32 }
            }
            // Linux's own interval and count (tcp(7)), but an interval no longer than the time before the first.
            None => Self { idle, interval: idle.min(Duration::from_secs(75)), count: 9 },
        })
    }
}

/// The kernel's `MAX_TCP_KEEPCNT`.
const MOST_PROBES: u64 = 127;

/// After how long without a word from the peer it is asked for the first time; `None` where it is not.
pub(super) fn first_probe(options: &ConnOptions) -> Option<Duration> {
    Probes::of(options).map(|probes| probes.idle)
}

/// Have the system give a peer up that has not answered for so long, whether we send or not. A socket that refuses works
/// without.
pub(super) fn set(socket: &SockRef<'_>, options: &ConnOptions) {
    if let Err(error) = set_keepalive(socket, Probes::of(options)) {
        tracing::debug!("a socket without keepalive: {error}");
    }
    set_user_timeout(socket, options.peer_timeout);
}

fn set_keepalive(socket: &SockRef<'_>, probes: Option<Probes>) -> io::Result<()> {
    let Some(Probes { idle, interval, count }) = probes else { return socket.set_keepalive(false) };
    let probes = TcpKeepalive::new().with_time(idle);
    #[cfg(not(any(target_os = "openbsd", target_os = "solaris", target_os = "redox")))]
    let probes = probes.with_interval(interval).with_retries(count);
    #[cfg(any(target_os = "openbsd", target_os = "solaris", target_os = "redox"))]
    let _ = (interval, count);
    socket.set_tcp_keepalive(&probes)
}

/// How long what we send may be without an acknowledgement (tcp(7), `TCP_USER_TIMEOUT`; RFC 5482). On Linux it also says
/// how long keepalive probes may be without an answer, in the place of `TCP_KEEPCNT`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn set_user_timeout(socket: &SockRef<'_>, timeout: Option<Duration>) {
    if let Err(error) = socket.set_tcp_user_timeout(Some(timeout.unwrap_or_default())) {
        tracing::debug!("a socket without a user timeout: {error}");
    }
}

/// There is none here: what we send is given up when the system does.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn set_user_timeout(_: &SockRef<'_>, _: Option<Duration>) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{LEAST_PEER_TIMEOUT, MOST_PEER_TIMEOUT, PEER_TIMEOUT};

    #[test]
    fn the_probes_fill_the_timeout_and_fit_the_kernel() {
        let seconds = Duration::from_secs;
        let usual = Probes { idle: seconds(15), interval: seconds(5), count: 9 };
        assert_eq!(Probes::within(PEER_TIMEOUT), usual);
        let of = |keepalive, peer_timeout| {
            let options = ConnOptions { keepalive: Some(seconds(keepalive)), peer_timeout, ..ConnOptions::default() };
            Probes::of(&options).unwrap()
        };
        assert_eq!(of(10, Some(PEER_TIMEOUT)), Probes { idle: seconds(10), interval: seconds(5), count: 10 });
        assert_eq!(of(600, Some(PEER_TIMEOUT)), Probes { idle: seconds(600), interval: seconds(5), count: 1 });
        assert_eq!(of(2, None), Probes { idle: seconds(2), interval: seconds(2), count: 9 });
        for timeout in [LEAST_PEER_TIMEOUT, seconds(10), seconds(59), seconds(600), MOST_PEER_TIMEOUT] {
            let Probes { idle, interval, count } = Probes::within(timeout);
            let all = idle + interval * count;
            assert!(all >= timeout && all < timeout + interval, "{timeout:?}");
            // The kernel's MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL and MAX_TCP_KEEPCNT.
            assert!(
                idle.as_secs() <= 32_767 && interval.as_secs() <= 32_767 && (2..=127).contains(&count),
                "{timeout:?}"
            );
        }
    }
}
