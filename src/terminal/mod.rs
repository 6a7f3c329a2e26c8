//! The same core without a window: for scripts, servers, and machines without a display.
//!
//! One thread has the say: it takes in what the network reports and what standard input says, and
//! tells standard output. All who have something for it (the network's thread, standard input's, the
//! signals') poke one channel, on which it sleeps.

mod history;
mod input;
mod interfaces;
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
    input::Input,
    report::{Form, Report},
    session::{Role, Session},
};
use crate::{
    cli::{ConnectArgs, ListenAddress, ListenArgs},
    explain::{self, Facts},
    i18n::Words,
    net::{Command, ListenOptions, Net},
    settings::{Damaged, Settings},
    wire::visible,
};

pub use history::history;
pub use interfaces::interfaces;

/// Serve in the terminal until told to stop: `sockhop listen`.
pub fn listen(args: &ListenArgs, saved: Settings, words: &Words) -> ExitCode {
    let settings = args.over(saved);
    let options = ListenOptions {
        address: ListenAddress::over(args.address, &settings),
        backlog: settings.backlog,
        reuse_address: settings.reuse_address,
        max_clients: settings.max_clients,
        conn: settings.conn_options(),
    };
    run(&settings, words, form(args.conn.json), |net| {
        let listener = net.next_listener();
        (Role::Listen(listener), Command::Listen { listener, options })
    })
}

/// Be a client in the terminal until the peer closes or we are told to stop: `sockhop connect`.
pub fn connect(args: &ConnectArgs, saved: Settings, words: &Words) -> ExitCode {
    let settings = args.conn.over(saved);
    let (host, port, options) = (args.peer.host.clone(), args.peer.port, settings.conn_options());
    run(&settings, words, form(args.conn.json), |net| {
        let conn = net.next_conn();
        (Role::Connect(conn), Command::Connect { conn, host, port, options })
    })
}

/// Tell standard error. If there is none, there is nobody to tell.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(text, &['\n']));
}

/// That a settings file could not be used, in the user's language.
#[must_use]
pub fn damaged_in_words(words: &Words, damaged: &Damaged) -> String {
    let why = damaged.why.as_str();
    match &damaged.set_aside {
        Some(path) => fl!(words, "term-damaged-aside", why = why, path = path.display().to_string()),
        None => fl!(words, "term-damaged", why = why),
    }
}

fn form(json: bool) -> Form {
    if json { Form::Json } else { Form::Plain }
}

/// The exit status of a session that failed. Wrong usage (2) is clap's.
const FAILED: u8 = 1;

fn run(settings: &Settings, words: &Words, form: Form, first: impl FnOnce(&Net) -> (Role, Command)) -> ExitCode {
    let failed = |error: io::Error| {
        complain(&error.to_string());
        ExitCode::from(FAILED)
    };
    let (poke, poked) = bounded(1);
    let (net, stop, lines) = match start(&poke) {
        Ok(started) => started,
        Err(error) => return failed(error),
    };
    let (role, first) = first(&net);
    let mut report = Report::new(BufWriter::with_capacity(OUTPUT_AT_ONCE, io::stdout().lock()), form);
    if io::stdin().is_terminal()
        && io::stdout().is_terminal()
        && let Err(error) = report.note(Timestamp::now(), &fl!(words, "term-how-to"))
    {
        return failed(error);
    }
    let mut session = Session::new(role, first, settings, words, report);
    let told = converse(&net, &mut session, &stop, &lines, &poked)
        .and_then(|()| if session.has_begun() { session.tell_totals() } else { session.flush() });
    net.quit();
    match (told, session.failure()) {
        // Who read our output has enough of it (`sockhop listen | head`).
        (Err(error), _) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        (Err(error), _) => failed(error),
        (Ok(()), Some(error)) => {
            complain(&explain::explain(words, error, &Facts::gather(error)).to_string());
            ExitCode::from(FAILED)
        }
        (Ok(()), None) => ExitCode::SUCCESS,
    }
}

type Started = (Net, Arc<AtomicBool>, Receiver<Input>);

/// All who poke: the network, the signals, standard input.
fn start(poke: &Sender<()>) -> io::Result<Started> {
    let waker = |poke: &Sender<()>| {
        let poke = poke.clone();
        // A full channel means that the poke before has not been noticed yet; one is enough.
        move || {
            let _ = poke.try_send(());
        }
    };
    let net = Net::start(waker(poke))?;
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, wake) = (Arc::clone(&stop), waker(poke));
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
    let lines = input::start(waker(poke))?;
    Ok((net, stop, lines))
}

/// The loop, until the network has closed everything.
fn converse(
    net: &Net,
    session: &mut Session<'_, BufWriter<StdoutLock<'_>>>,
    stop: &AtomicBool,
    lines: &Receiver<Input>,
    poked: &Receiver<()>,
) -> io::Result<()> {
    // The next of standard input, until it can be sent.
    let mut next = None;
    loop {
        let mut turn = EVENTS_A_TURN;
        while turn > 0
            && let Some(event) = net.try_recv()
        {
            session.event(event)?;
            turn -= 1;
        }
        session.flush()?;
        if session.has_stopped() {
            return Ok(());
        }
        if stop.load(Ordering::SeqCst) {
            session.stop();
        }
        while session.wants_lines(Instant::now()) {
            if let Some(bytes) = session.take_returned() {
                session.send(net.next_message(), bytes);
                continue;
            }
            match next.take().or_else(|| lines.try_recv().ok()) {
                Some(Input::Line(line)) => session.send_line(net.next_message(), line)?,
                Some(Input::End) => session.end_of_input(),
                None => break,
            }
        }
        if next.is_none() {
            next = lines.try_recv().ok();
        }
        if let Some(Input::Line(_)) = next {
            session.tell_nobody(Timestamp::now())?;
            session.flush()?;
        }
        let busy = hand_over(net, session);
        if turn == 0 {
            continue;
        }
        let until =
            if busy { Some(Instant::now() + BUSY_PAUSE) } else { next.as_ref().and_then(|_| session.patience_ends()) };
        match until {
            // Whether poked or not, all is looked at again.
            Some(until) => drop(poked.recv_deadline(until)),
            None => drop(poked.recv()),
        }
    }
}

/// Give the network its commands; whether it is too busy to take them all.
fn hand_over(net: &Net, session: &mut Session<'_, BufWriter<StdoutLock<'_>>>) -> bool {
    let commands = session.commands();
    while let Some(command) = commands.front() {
        // A clone shares the bytes.
        if net.send(command.clone()).is_err() {
            return true;
        }
        commands.pop_front();
    }
    false
}

/// Events taken in before lines and signals are looked at again.
const EVENTS_A_TURN: usize = 256;

/// A second signal this long after the first ends the process whatever it is doing.
const INSISTENCE: Duration = Duration::from_secs(1);

/// How long to wait before a busy network is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// Bytes of output handed on at a time, at most; a turn's worth is always handed on.
const OUTPUT_AT_ONCE: usize = 64 * 1024;
