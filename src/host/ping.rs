//! Asking a computer again and again whether it answers: by the system's `ping`, on Windows by a call of the system.

#[cfg(windows)]
use std::time::Instant;
use std::{
    io,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, never};
#[cfg(unix)]
use pinger::{PingCreationError, PingOptions, PingResult};

use super::Destination;

/// Reports of one ping on their way; past it the program waits.
pub const PING_REPORTS_IN_FLIGHT: usize = 64;

/// From one question to the next.
pub const PING_INTERVAL: Duration = Duration::from_secs(1);

/// What a running ping reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingReport {
    /// An answer.
    Answer {
        /// The question's number, where the program prints it; it turns over at 65,536.
        number: Option<u16>,
        /// From the question to the answer.
        took: Duration,
    },
    /// No answer came by now.
    NoAnswer {
        /// The question's number, where the program prints it.
        number: Option<u16>,
    },
    /// A computer on the way, or this one, says why no answer will come.
    Trouble {
        /// The question's number, where the program prints it.
        number: Option<u16>,
        /// Its words.
        words: String,
    },
    /// It ended by itself; nothing more is reported.
    Ended(PingEnd),
}

/// Why a ping ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingEnd {
    /// There is no program of that name.
    NoProgram,
    /// There is one, but not one whose output can be read.
    OtherProgram,
    /// The name has no address.
    NameNotFound,
    /// Anything else, in the program's or the system's words.
    Failed(String),
}

/// A ping that runs. Dropping it ends the program, and waits no longer than a second for that.
#[derive(Debug)]
pub struct Ping {
    stop: Sender<()>,
    reports: Receiver<PingReport>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Ping {
    /// Ask again and again, until dropped. `wake` is called after each report that can be received.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(destination: Destination, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (stop, stopped) = bounded(0);
        let (report, reports) = bounded(PING_REPORTS_IN_FLIGHT);
        let (end, ended) = bounded(0);
        let thread = thread::Builder::new().name("ping".to_owned()).spawn(move || {
            let reporting = Telling { stopped, report, wake };
            if let Ok(why) = reporting.run(&destination) {
                // Nobody may be left to receive it.
                let _ = reporting.report(PingReport::Ended(why));
            }
            drop(end);
        })?;
        Ok(Self { stop, reports, ended, thread: Some(thread) })
    }

    /// The next report, if there is one by now.
    #[must_use]
    pub fn try_recv(&self) -> Option<PingReport> {
        self.reports.try_recv().ok()
    }
}

impl Drop for Ping {
    fn drop(&mut self) {
        // The thread ends when it finds that nobody listens any more.
        self.stop = bounded(0).0;
        self.reports = never();
        match self.ended.recv_timeout(LONGEST_JOIN) {
            Err(RecvTimeoutError::Timeout) => tracing::warn!("the ping thread still waits for the system; left behind"),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if let Some(thread) = self.thread.take() {
                    // Had it panicked, that is in the log already.
                    let _ = thread.join();
                }
            }
        }
    }
}

/// What the thread owns.
struct Telling<Wake> {
    stopped: Receiver<()>,
    report: Sender<PingReport>,
    wake: Wake,
}

/// The handle was dropped.
struct Stopped;

impl<Wake: Fn()> Telling<Wake> {
    fn report(&self, report: PingReport) -> Result<(), Stopped> {
        self.report.send(report).map_err(|_| Stopped)?;
        (self.wake)();
        Ok(())
    }

    /// Ping until the program ends by itself, and why it did.
    #[cfg(unix)]
    fn run(&self, destination: &Destination) -> Result<PingEnd, Stopped> {
        // Not `pinger::ping`: it notices that nobody listens any more when the next answer comes, if ever,
        // and until then its program is left running.
        let started = pinger::get_pinger(options(destination)).and_then(|pinger| {
            let (program, arguments) = pinger.ping_args();
            Ok((pinger.parse_fn(), unix::Program::start(program, arguments)?))
        });
        let (parse, program) = match started {
            Ok(started) => started,
            Err(error) => return Ok(PingEnd::of(error)),
        };
        let mut output = program.output().clone();
        let mut complaints = program.complaints().clone();
        let mut complaint = None;
        let (mut reading, mut listening) = (true, true);
        while reading || listening {
            crossbeam_channel::select! {
                recv(self.stopped) -> _ => return Err(Stopped),
                recv(output) -> line => if let Ok(line) = line {
                    if let Some(report) = report_of(line, parse) {
                        self.report(report)?;
                    }
                } else {
                    (output, reading) = (never(), false);
                },
                recv(complaints) -> line => if let Ok(line) = line {
                    self.report(PingReport::Trouble { number: None, words: line.clone() })?;
                    complaint = Some(line);
                } else {
                    (complaints, listening) = (never(), false);
                },
            }
        }
        let ended = program.wait();
        Ok(PingEnd::after(complaint.unwrap_or(ended)))
    }

    /// The same without a program: the system asks for us. What it gives for the time are whole milliseconds, so it is
    /// taken here. An answer that takes longer than [`PING_INTERVAL`] counts as none.
    #[cfg(windows)]
    fn run(&self, destination: &Destination) -> Result<PingEnd, Stopped> {
        use std::net::ToSocketAddrs as _;

        use winping::{Buffer, CreateError, Error, Pinger};

        let name = crate::chat::address::name_to_look_up(destination.as_str());
        let Some(address) = (name.as_str(), 0).to_socket_addrs().ok().and_then(|mut all| all.next()) else {
            return Ok(PingEnd::NameNotFound);
        };
        let mut pinger = match Pinger::new() {
            Ok(pinger) | Err(CreateError::NoV4(pinger) | CreateError::NoV6(pinger)) => pinger,
            Err(error @ CreateError::None) => return Ok(PingEnd::Failed(error.to_string())),
        };
        pinger.set_timeout(PING_INTERVAL.as_millis() as u32);
        let mut buffer = Buffer::new();
        loop {
            let begun = Instant::now();
            let result = pinger.send(address.ip(), &mut buffer);
            let took = begun.elapsed();
            self.report(match result {
                Ok(_) => PingReport::Answer { number: None, took },
                Err(Error::Timeout) => PingReport::NoAnswer { number: None },
                Err(error) => PingReport::Trouble { number: None, words: error.to_string() },
            })?;
            // Nothing is ever sent: it was dropped, or it is time to ask again.
            if self.stopped.recv_timeout(PING_INTERVAL.saturating_sub(took)) == Err(RecvTimeoutError::Disconnected) {
                return Err(Stopped);
            }
        }
    }
}

#[cfg(unix)]
fn options(destination: &Destination) -> PingOptions {
    // An address with a zone is a name to the crate, which must be given that it is IPv6.
    if destination.as_str().contains(':') {
        PingOptions::new_ipv6(destination, PING_INTERVAL, None)
    } else {
        PingOptions::new(destination, PING_INTERVAL, None)
    }
}

#[cfg(unix)]
impl PingEnd {
    fn of(error: PingCreationError) -> Self {
        match error {
            PingCreationError::SpawnError(error) if error.kind() == io::ErrorKind::NotFound => Self::NoProgram,
            PingCreationError::UnknownPing { .. } | PingCreationError::NotSupported { .. } => Self::OtherProgram,
            PingCreationError::HostnameError { .. } => Self::NameNotFound,
            error => Self::Failed(error.to_string()),
        }
    }

    fn after(complaint: String) -> Self {
        let words = complaint.to_lowercase();
        if NOT_FOUND.iter().any(|part| words.contains(part)) { Self::NameNotFound } else { Self::Failed(complaint) }
    }
}

/// What a line of the program's output reports, if anything.
#[cfg(unix)]
fn report_of(line: String, parse: fn(String) -> Option<PingResult>) -> Option<PingReport> {
    let number = number_in(&line);
    match parse(line.clone()) {
        Some(PingResult::Pong(took, _)) => Some(PingReport::Answer { number, took }),
        Some(PingResult::Timeout(_)) => Some(PingReport::NoAnswer { number }),
        None if line.starts_with("From ") || line.contains("nreachable") || line.contains("exceeded") => {
            Some(PingReport::Trouble { number, words: line })
        }
        Some(PingResult::Unknown(_) | PingResult::PingExited(..)) | None => None,
    }
}

/// The number after `seq`, as the several pings write it: `icmp_seq=5`, `icmp_seq 5`, `seq=5`.
#[cfg(unix)]
fn number_in(line: &str) -> Option<u16> {
    let (_, after) = line.split_once("seq")?;
    let digits = after.get(1..)?;
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    // BSD's continues past 65,535.
    digits.get(..end)?.parse::<u64>().ok().map(|number| number as u16)
}

#[cfg(unix)]
mod unix {
    use std::{
        io::{BufRead as _, BufReader, Read},
        process::Child,
        thread::{self, JoinHandle},
    };

    use crossbeam_channel::{Receiver, Sender, bounded};
    use pinger::PingCreationError;

    /// The program while it runs. It is dropped as late as its output has been read, and killed if it
    /// has not ended by then: none is left behind, not even as a zombie.
    pub(super) struct Program {
        child: Child,
        output: Receiver<String>,
        complaints: Receiver<String>,
        readers: Vec<JoinHandle<()>>,
    }

    impl Program {
        pub(super) fn start(program: &str, arguments: Vec<String>) -> Result<Self, PingCreationError> {
            let mut child = pinger::run_ping(program, arguments)?;
            let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
            let ((line, output), (complaint, complaints)) = (bounded(LINES_IN_FLIGHT), bounded(LINES_IN_FLIGHT));
            let mut started = Self { child, output, complaints, readers: Vec::new() };
            if let Some(stdout) = stdout {
                started.read("ping-output", stdout, line)?;
            }
            if let Some(stderr) = stderr {
                started.read("ping-errors", stderr, complaint)?;
            }
            Ok(started)
        }

        fn read(
            &mut self,
            name: &str,
            pipe: impl Read + Send + 'static,
            lines: Sender<String>,
        ) -> Result<(), PingCreationError> {
            let reader = thread::Builder::new().name(name.to_owned()).spawn(move || {
                let mut pipe = BufReader::new(pipe);
                let mut line = Vec::new();
                while matches!(pipe.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line), Ok(1..)) {
                    let text = String::from_utf8_lossy(&line).trim().to_owned();
                    line.clear();
                    if !text.is_empty() && lines.send(text).is_err() {
                        return;
                    }
                }
            })?;
            self.readers.push(reader);
            Ok(())
        }

        pub(super) fn output(&self) -> &Receiver<String> {
            &self.output
        }

        pub(super) fn complaints(&self) -> &Receiver<String> {
            &self.complaints
        }

        /// How it ended, once its output has been read to the end.
        pub(super) fn wait(mut self) -> String {
            match self.child.wait() {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            }
        }
    }

    impl Drop for Program {
        fn drop(&mut self) {
            // Of a program that has ended by itself this says so, which is as well.
            if let Err(error) = self.child.kill() {
                tracing::debug!("ending ping: {error}");
            }
            if let Err(error) = self.child.wait() {
                tracing::warn!("waiting for ping to end: {error}");
            }
            // Readers that wait for room find nobody there.
            self.output = crossbeam_channel::never();
            self.complaints = crossbeam_channel::never();
            for reader in self.readers.drain(..) {
                let _ = reader.join();
            }
        }
    }

    /// Lines of the program on their way from its pipe.
    const LINES_IN_FLIGHT: usize = 16;

    /// A longer line is read in pieces, in bytes.
    const LONGEST_LINE: u64 = 4096;
}

/// How the pings of Linux, `BusyBox`, macOS and the BSDs say that a name has no address.
#[cfg(unix)]
const NOT_FOUND: [&str; 7] = [
    "name or service not known",
    "name resolution",
    "name does not resolve",
    "no address associated",
    "unknown host",
    "cannot resolve",
    "bad address",
];

/// The longest that dropping the handle waits for the thread.
const LONGEST_JOIN: Duration = Duration::from_secs(1);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn linux(line: &str) -> Option<PingReport> {
        // What pinger makes of a line of iputils.
        report_of(line.to_owned(), |line| {
            if let Some((_, time)) = line.split_once("time=") {
                let ms: f64 = time.split_once(' ')?.0.parse().ok()?;
                return Some(PingResult::Pong(Duration::from_secs_f64(ms / 1000.0), line));
            }
            line.starts_with("no answer yet").then_some(PingResult::Timeout(line))
        })
    }

    #[test]
    fn each_kind_of_line_is_reported() {
        let took = Duration::from_micros(1140);
        assert_eq!(
            linux("64 bytes from 127.0.0.1: icmp_seq=7 ttl=64 time=1.14 ms"),
            Some(PingReport::Answer { number: Some(7), took })
        );
        assert_eq!(linux("no answer yet for icmp_seq=3"), Some(PingReport::NoAnswer { number: Some(3) }));
        let words = "From 192.168.1.5 icmp_seq=2 Destination Host Unreachable".to_owned();
        assert_eq!(linux(&words), Some(PingReport::Trouble { number: Some(2), words: words.clone() }));
        assert_eq!(linux("PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data."), None);
        assert_eq!(linux(""), None);
    }

    #[test]
    fn the_number_is_found_in_the_words_of_each_ping() {
        for (line, number) in [
            ("64 bytes from ::1: icmp_seq=65535 ttl=64 time=0.1 ms", Some(65_535)),
            ("64 bytes from 10.0.0.1: seq=0 ttl=64 time=0.1 ms", Some(0)),
            ("Request timeout for icmp_seq 65537", Some(1)),
            ("seq", None),
            ("round-trip", None),
        ] {
            assert_eq!(number_in(line), number, "{line}");
        }
    }

    #[test]
    fn a_name_without_an_address_is_told_from_other_ends() {
        for words in [
            "ping: nosuch.invalid: Name or service not known",
            "ping: bad address 'nosuch.invalid'",
            "ping: cannot resolve nosuch.invalid: Unknown host",
            "ping: nosuch: Temporary failure in name resolution",
        ] {
            assert_eq!(PingEnd::after(words.to_owned()), PingEnd::NameNotFound, "{words}");
        }
        let words = "ping: socket: Operation not permitted";
        assert_eq!(PingEnd::after(words.to_owned()), PingEnd::Failed(words.to_owned()));
    }
}
