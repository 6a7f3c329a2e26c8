//! The same core without a window: for scripts, servers, and machines without a display.
//!
//! One thread has the say: it takes in what the network reports and what standard input says, and
//! tells standard output. All who have something for it (the network's thread, standard input's, the
//! signals') poke one channel, on which it sleeps.

mod history;
mod input;
mod interfaces;
mod lan;
mod outgoing;
mod peer;
mod report;
mod session;

use std::{
    io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use self::{
    report::{Form, Report},
    session::{Role, Session},
};
use crate::{
    cli::{ConnectArgs, ListenArgs, PeerAddress},
    core::{Input, Key},
    driver::Driver,
    explain::{self, Facts},
    host,
    i18n::Words,
    net::{EventKind, ListenOptions, interface_number},
    settings::{BadValue, Damaged, Settings},
    wire::visible,
};

pub use history::history;
pub use interfaces::interfaces;
pub use lan::{lan, nearby, say, verify};

/// Serve in the terminal until told to stop: `sockhop listen`.
pub fn listen(args: &ListenArgs, saved: Settings, words: &Words) -> ExitCode {
    let settings = args.over(saved);
    let address = match args.bind_to(&settings) {
        Ok(address) => address,
        Err(error) => {
            complain(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
            return ExitCode::from(FAILED);
        }
    };
    let options = ListenOptions {
        address,
        backlog: settings.backlog,
        reuse_address: settings.reuse_address,
        max_clients: settings.max_clients,
        conn: settings.conn_options(),
    };
    run(&settings, words, form(args.conn.json), Input::Listen(options))
}

/// Be a client in the terminal until the peer closes or we are told to stop: `sockhop connect`.
pub fn connect(args: &ConnectArgs, saved: Settings, words: &Words) -> ExitCode {
    let settings = args.conn.over(saved);
    if let Err(error) = args.peer.check_zone(interface_number) {
        complain(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
        return ExitCode::from(FAILED);
    }
    let (target, manner) = (args.target(), settings.conversation_options());
    if args.peer.of_web {
        complain(&fl!(words, "address-of-web", address = address_text(&target)));
    } else if args.port.or(args.peer.port).is_none() {
        complain(&fl!(words, "term-usual-port", port = target.1.to_string()));
    }
    run(&settings, words, form(args.conn.json), Input::Connect { target, name: None, manner })
}

/// Tell standard error. If there is none, there is nobody to tell.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(text, &['\n']));
}

/// What of a settings file could not be used, in the user's language.
#[must_use]
pub fn damaged_in_words(words: &Words, damaged: &Damaged) -> String {
    match damaged {
        Damaged::File { why, set_aside: Some(path) } => {
            fl!(words, "term-damaged-aside", why = why.as_str(), path = path.display().to_string())
        }
        Damaged::File { why, set_aside: None } => fl!(words, "term-damaged", why = why.as_str()),
        Damaged::Values(bad) => {
            let line = |BadValue { key, why }: &BadValue| {
                fl!(words, "term-setting-ignored", key = key.as_str(), why = why.as_str())
            };
            bad.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Host and port as they are written, of IPv6 in brackets.
fn address_text((host, port): &(String, u16)) -> String {
    PeerAddress { host: host.clone(), port: Some(*port), of_web: false }.to_string()
}

fn form(json: bool) -> Form {
    if json { Form::Json } else { Form::Plain }
}

/// The exit status of a session that failed. Wrong usage (2) is clap's.
const FAILED: u8 = 1;

fn run(settings: &Settings, words: &Words, form: Form, first: Input) -> ExitCode {
    let failed = |error: io::Error| {
        complain(&error.to_string());
        ExitCode::from(FAILED)
    };
    let (poke, poked) = bounded(1);
    let (mut driver, stop, lines) = match start(settings, &poke) {
        Ok(started) => started,
        Err(error) => return failed(error),
    };
    let mut report = Report::new(BufWriter::with_capacity(OUTPUT_AT_ONCE, io::stdout().lock()), form);
    if io::stdin().is_terminal()
        && io::stdout().is_terminal()
        && let Err(error) = report.note(Timestamp::now(), &fl!(words, "term-how-to"))
    {
        return failed(error);
    }
    let role = match driver.apply(first).show {
        Some(Key::Conn(conn)) => Role::Connect(conn),
        _ => Role::Listen,
    };
    let mut session = Session::new(role, settings, words, report);
    let (changed, network) = watch_network(&poke);
    let mut unsent = None;
    let told = converse(&mut driver, &mut session, &stop, &lines, &changed, &poked).and_then(|next| {
        if matches!(role, Role::Connect(_)) && session.has_begun() && !stop.load(Ordering::SeqCst) {
            let (count, more) = left_over(next, &lines);
            unsent = (count > 0).then(|| session.tell_unsent(count, more)).transpose()?;
        }
        if session.has_begun() { session.tell_totals() } else { session.flush() }
    });
    drop((driver, network));
    match (told, session.failure()) {
        // Who read our output has enough of it (`sockhop listen | head`).
        (Err(error), _) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        (Err(error), _) => failed(error),
        (Ok(()), Some(error)) => {
            complain(&explain::explain(words, error, &Facts::gather(error)).to_string());
            ExitCode::from(FAILED)
        }
        (Ok(()), None) => match unsent {
            Some(message) => {
                complain(&message);
                ExitCode::from(FAILED)
            }
            None => ExitCode::SUCCESS,
        },
    }
}

/// How many lines standard input had that nobody was sent, and whether there may be more than were counted.
fn left_over(next: Option<input::Input>, lines: &Receiver<input::Input>) -> (u64, bool) {
    let until = Instant::now() + COUNTING;
    let mut count = 0;
    let mut next = next.or_else(|| lines.recv_deadline(until).ok());
    while let Some(input::Input::Line(line)) = next {
        count += u64::from(line.ends);
        next = lines.recv_deadline(until).ok();
    }
    (count, next.is_none())
}

/// Set whenever the network may have changed, as long as the watch lives.
#[cfg(target_os = "linux")]
fn watch_network(poke: &Sender<()>) -> (Arc<AtomicBool>, Option<host::NetworkWatch>) {
    let changed = Arc::new(AtomicBool::new(false));
    let (change, poke) = (Arc::clone(&changed), poke.clone());
    let watch = host::NetworkWatch::start(move || {
        change.store(true, Ordering::SeqCst);
        let _ = poke.try_send(());
    });
    (changed, watch.inspect_err(|error| tracing::warn!("changes of the network are not heard: {error}")).ok())
}

/// Other systems do not say it.
#[cfg(not(target_os = "linux"))]
fn watch_network(_: &Sender<()>) -> (Arc<AtomicBool>, Option<()>) {
    (Arc::default(), None)
}

type Started = (Driver, Arc<AtomicBool>, Receiver<input::Input>);

/// All who poke: the network, the signals, standard input.
fn start(settings: &Settings, poke: &Sender<()>) -> io::Result<Started> {
    let waker = |poke: &Sender<()>| {
        let poke = poke.clone();
        // A full channel means that the poke before has not been noticed yet; one is enough.
        move || {
            let _ = poke.try_send(());
        }
    };
    let driver = Driver::start(settings.conversation_options(), None, waker(poke))?;
    let stop = stopped_by_signals(waker(poke))?;
    let lines = input::start(waker(poke))?;
    Ok((driver, stop, lines))
}

/// Set when a signal asks us to end; `wake` is called then.
fn stopped_by_signals(wake: impl Fn() + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    let mut first = None;
    ctrlc::set_handler(move || {
        asked.store(true, Ordering::SeqCst);
        wake();
        // Asked again: whatever holds us up (a terminal that takes no output) is not waited for any
        // longer. Not at once, as timeout(1), for one, sends its signal twice.
        if first.get_or_insert_with(Instant::now).elapsed() > INSISTENCE {
            std::process::exit(FAILED.into());
        }
    })
    .map_err(io::Error::other)?;
    Ok(stop)
}

/// The loop, until the network has closed everything. Gives what was read of standard input and not sent.
fn converse(
    driver: &mut Driver,
    session: &mut Session<'_, BufWriter<StdoutLock<'_>>>,
    stop: &AtomicBool,
    lines: &Receiver<input::Input>,
    network_changed: &AtomicBool,
    poked: &Receiver<()>,
) -> io::Result<Option<input::Input>> {
    // The next of standard input, until it can be sent.
    let mut next = None;
    loop {
        let mut turn = EVENTS_A_TURN;
        while turn > 0
            && let Some(input) = driver.next()
        {
            turn -= 1;
            let Input::Net(event) = input else { continue };
            let at = event.at;
            let kind = (!matches!(event.kind, EventKind::Received { .. })).then(|| event.kind.clone());
            let journal = driver.apply(Input::Net(event)).journal;
            session.told(driver.core(), at, kind, journal)?;
        }
        if network_changed.swap(false, Ordering::SeqCst) {
            session.network_changed(Timestamp::now())?;
        }
        session.flush()?;
        if session.has_stopped() {
            return Ok(next);
        }
        if stop.load(Ordering::SeqCst) {
            session.stop();
        }
        while !driver.is_busy() && session.wants_lines(Instant::now()) {
            let bytes = match session.take_returned() {
                Some(bytes) => Some(bytes),
                None => match next.take().or_else(|| lines.try_recv().ok()) {
                    Some(input::Input::Line(line)) => session.encode(line)?,
                    Some(input::Input::End) => {
                        session.end_of_input();
                        None
                    }
                    None => break,
                },
            };
            if let Some(bytes) = bytes {
                session.sent(driver.apply(Input::SendBytes { key: session.key(), bytes }).journal);
            }
        }
        if next.is_none() {
            next = lines.try_recv().ok();
        }
        if let Some(input::Input::Line(_)) = next {
            session.tell_nobody(Timestamp::now())?;
            session.flush()?;
        }
        while let Some(command) = session.take_command() {
            session.sent(driver.apply(Input::Command(command)).journal);
        }
        let wake = driver.settle().map(|wake| Instant::now() + wake.after);
        if turn == 0 {
            continue;
        }
        let patience = next.as_ref().and_then(|_| session.patience_ends());
        let until = wake.into_iter().chain(patience).min();
        match until {
            // Whether poked or not, all is looked at again.
            Some(until) => drop(poked.recv_deadline(until)),
            None => drop(poked.recv()),
        }
    }
}

/// Events taken in before lines and signals are looked at again.
const EVENTS_A_TURN: usize = 256;

/// How long lines of standard input are counted that were not sent.
const COUNTING: Duration = Duration::from_millis(200);

/// A second signal this long after the first ends the process whatever it is doing.
const INSISTENCE: Duration = Duration::from_secs(1);

/// Bytes of output handed on at a time, at most; a turn's worth is always handed on.
const OUTPUT_AT_ONCE: usize = 64 * 1024;
