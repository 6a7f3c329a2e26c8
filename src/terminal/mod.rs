//! The same core without a window: for scripts, servers, and machines without a display.
//!
//! One thread has the say: it takes in what the network reports and what standard input says, and
//! tells standard output. All who have something for it (the network's thread, standard input's, the
//! signals') poke one channel, on which it sleeps.

mod copies;
mod doctor;
mod editor;
mod history;
mod input;
mod interfaces;
mod lan;
mod options;
mod outgoing;
mod output;
mod peer;
mod report;
mod session;

use std::{
    collections::VecDeque,
    io::{self, IsTerminal as _, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use self::{
    copies::Copies,
    doctor::Doctor,
    editor::TerminalGuard,
    input::{Cut, Line},
    options::{Direction, Options},
    output::Output,
    report::{Form, Report},
    session::{Role, Session},
};
use crate::{
    chat::Group,
    cli::{ConnArgs, ConnectArgs, GroupArg, ListenArgs, PeerAddress},
    core::{ConversationOptions, Input, Key},
    driver::Driver,
    explain::{self, Facts},
    host,
    i18n::Words,
    net::{EventKind, ListenOptions, UdpOptions, interface_number},
    settings::{BadValue, Damaged, Settings},
    wire::visible,
};

pub use history::history;
pub use interfaces::interfaces;
pub use lan::{lan, nearby, say, verify};

/// Serve in the terminal until told to stop: `sockhop listen`.
pub fn listen(args: &ListenArgs, saved: Settings, words: &Words) -> ExitCode {
    let mut settings = args.over(saved);
    settings.half_open |= is_pipe(&args.conn);
    let address = match args.bind_to(&settings) {
        Ok(address) => address,
        Err(error) => {
            complain(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
            return ExitCode::from(FAILED);
        }
    };
    if args.udp {
        args.conn.set_datagrams(&mut settings);
        return listen_udp(args, &settings, address, words);
    }
    let listen = ListenOptions {
        address,
        backlog: settings.backlog,
        reuse_address: settings.reuse_address,
        max_clients: if args.once { 1 } else { settings.max_clients },
        admission: args.admission(),
        conn: args.conn.manner(&settings).options,
    };
    let options = Options::of_listen(args);
    let rules = Input::RulesChanged(settings.rules.clone());
    let inputs = [rules, Input::RelayChanged(settings.relay), Input::Listen(listen)];
    run(&settings, &args.conn.manner(&settings), &options, words, inputs)
}

/// The same over UDP.
fn listen_udp(args: &ListenArgs, settings: &Settings, address: SocketAddr, words: &Words) -> ExitCode {
    let manner = args.conn.manner(settings).of_datagrams();
    let group = match args.group.as_ref().map(GroupArg::group).transpose() {
        Ok(group) => group,
        Err(error) => {
            complain(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
            return ExitCode::from(FAILED);
        }
    };
    let address = match group {
        // In the family of the group.
        Some(Group { ip, .. }) if address.ip().is_unspecified() => {
            let any = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
            SocketAddr::new(any, address.port())
        }
        _ => address,
    };
    let auto_reply = manner.options.auto_reply.clone();
    let options = UdpOptions { group, auto_reply, ..UdpOptions::new(address) };
    let rules = Input::RulesChanged(settings.rules.clone());
    let listen = Input::ListenUdp { options, manner: manner.clone() };
    run(settings, &manner, &Options::of_listen(args), words, [rules, listen])
}

/// Be a client in the terminal until the peer closes or we are told to stop: `sockhop connect`.
pub fn connect(args: &ConnectArgs, saved: Settings, words: &Words) -> ExitCode {
    let mut settings = args.conn.over(saved);
    settings.half_open |= is_pipe(&args.conn);
    let manner = args.peer.check_zone(interface_number).and_then(|()| args.manner(&settings));
    let manner = match manner {
        Ok(manner) => manner,
        Err(error) => {
            complain(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
            return ExitCode::from(FAILED);
        }
    };
    let target = args.target();
    if args.peer.of_web {
        complain(&fl!(words, "address-of-web", address = address_text(&target)));
    } else if args.port.or(args.peer.port).is_none() {
        complain(&fl!(words, "term-usual-port", port = target.1.to_string()));
    }
    let options = Options::of_connect(args);
    if args.udp {
        args.conn.set_datagrams(&mut settings);
        let options_of_socket = manner.options.clone();
        let mut manner = args.conn.manner(&settings).of_datagrams();
        manner.options.local = options_of_socket.local;
        let connect = Input::ConnectUdp { target, name: None, manner: manner.clone() };
        return run(&settings, &manner, &options, words, [Input::RulesChanged(settings.rules.clone()), connect]);
    }
    let connect = Input::Connect { target, name: None, manner: manner.clone() };
    run(&settings, &manner, &options, words, [Input::RulesChanged(settings.rules.clone()), connect])
}

/// Whether bytes are passed on as through a pipe: then each direction ends by itself, and none before the other is done.
fn is_pipe(args: &ConnArgs) -> bool {
    args.raw && !io::stdin().is_terminal()
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
            fl!(words, "term-damaged-aside", why = explain::of_system(words, why), path = path.display().to_string())
        }
        Damaged::File { why, set_aside: None } => fl!(words, "term-damaged", why = explain::of_system(words, why)),
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

/// The exit status of a session that failed. Wrong usage (2) is clap's.
const FAILED: u8 = 1;

/// The exit status of wrong usage, clap's, and of input that cannot be sent in the encoding.
const WRONG_USAGE: u8 = 2;

fn run(
    settings: &Settings,
    manner: &ConversationOptions,
    options: &Options,
    words: &Words,
    first: impl IntoIterator<Item = Input>,
) -> ExitCode {
    let failed = |error: io::Error| {
        complain(&error.to_string());
        ExitCode::from(FAILED)
    };
    let copies = match Copies::open(options) {
        Ok(copies) => copies,
        Err(error) => return failed(error),
    };
    let (poke, poked) = bounded(1);
    let Started { mut driver, stop, lines, output, typed, _guard } = match start(manner, options, &poke) {
        Ok(started) => started,
        Err(error) => return failed(error),
    };
    let mut report = Report::new(output, options.form);
    if typed && let Err(error) = report.note(words, Timestamp::now(), &fl!(words, "term-how-to")) {
        return failed(error);
    }
    let mut role = Role::Listen;
    for input in first {
        if let Some(Key::Conn(conn)) = driver.apply(input).show {
            role = Role::Connect(conn);
        }
    }
    let mut session = Session::new(role, settings, options, words, report, copies);
    let (changed, network) = watch_network(&poke);
    let mut doctor = match Doctor::start(move || _ = poke.try_send(())) {
        Ok(doctor) => doctor,
        Err(error) => return failed(error),
    };
    let mut unsent = None;
    let mut input = Lines { from: lines, next: VecDeque::new(), over: None, piped: !typed };
    let told = converse(&mut driver, &mut session, &mut doctor, (&stop, &changed), &mut input, &poked).and_then(|()| {
        let is_client = matches!(role, Role::Connect(_));
        if is_client && session.has_begun() && session.wrong_input().is_none() && !stop.load(Ordering::SeqCst) {
            let (left, more) = input.left_over();
            let count = left + session.lost();
            unsent = (count > 0).then(|| session.tell_unsent(count, more)).transpose()?;
        }
        if session.has_begun() { session.tell_totals() } else { session.flush() }
    });
    drop((driver, network, doctor));
    match (told, session.failure()) {
        // Who read our output has enough of it (`sockhop listen | head`).
        (Err(error), _) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        (Err(error), _) => failed(error),
        (Ok(()), _) if let Some(wrong) = session.wrong_input() => {
            complain(wrong);
            ExitCode::from(WRONG_USAGE)
        }
        (Ok(()), Some(error)) => {
            let facts = Facts { reuse_address: Some(settings.reuse_address), ..Facts::gather(error) };
            complain(&explain::explain(words, error, &facts).to_string());
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

/// What standard input says, until it can be sent.
struct Lines {
    from: Receiver<input::Input>,
    next: VecDeque<Line>,
    /// What came after them.
    over: Option<input::Input>,
    /// Nobody types them.
    piped: bool,
}

impl Lines {
    /// Takes in what has been read.
    fn look(&mut self) {
        while self.next.is_empty() && self.over.is_none() {
            match self.from.try_recv() {
                Ok(input::Input::Lines(lines)) => self.next.extend(lines),
                Ok(over) => self.over = Some(over),
                Err(_) => return,
            }
        }
    }

    /// How many lines standard input had that nobody was sent, and whether there may be more than were counted.
    fn left_over(&mut self) -> (u64, bool) {
        let until = Instant::now() + COUNTING;
        let mut count = 0;
        loop {
            count += self.next.drain(..).filter(|line| line.ends).count() as u64;
            if self.over.is_some() {
                return (count, false);
            }
            match self.from.recv_deadline(until) {
                Ok(input::Input::Lines(lines)) => self.next.extend(lines),
                Ok(over) => self.over = Some(over),
                Err(_) => return (count, true),
            }
        }
    }
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

struct Started {
    driver: Driver,
    stop: Arc<AtomicBool>,
    lines: Receiver<input::Input>,
    output: Output,
    /// Somebody types.
    typed: bool,
    _guard: Option<TerminalGuard>,
}

/// All who poke: the network, the signals, standard input.
fn start(manner: &ConversationOptions, options: &Options, poke: &Sender<()>) -> io::Result<Started> {
    let waker = |poke: &Sender<()>| {
        let poke = poke.clone();
        // A full channel means that the poke before has not been noticed yet; one is enough.
        move || {
            let _ = poke.try_send(());
        }
    };
    let driver = Driver::start(manner.clone(), None, waker(poke))?;
    let progress = Arc::new(AtomicU64::new(0));
    let is_typed = io::stdin().is_terminal() && io::stdout().is_terminal() && options.form == Form::Plain;
    let reads = options.direction != Direction::ReceiveOnly;
    let typing = if is_typed && reads { editor::start(waker(poke))? } else { None };
    let (lines, output, guard) = match typing {
        Some(editor::Typing { lines, print, guard }) => {
            (lines, Output::above_the_line(print, Arc::clone(&progress)), Some(guard))
        }
        None if reads => {
            let cut = if options.form == Form::Raw { Cut::Nowhere } else { Cut::Lines };
            (input::start(cut, waker(poke))?, Output::stdout(Arc::clone(&progress)), None)
        }
        // Nobody has anything to say.
        None => (bounded(0).1, Output::stdout(Arc::clone(&progress)), None),
    };
    let stop = stopped_by_signals(waker(poke), Some(progress))?;
    Ok(Started { driver, stop, lines, output, typed: is_typed && reads, _guard: guard })
}

/// Set when a signal asks us to end; `wake` is called then. `progress` counts what standard output takes: without any
/// it is not waited for.
fn stopped_by_signals(
    wake: impl Fn() + Send + 'static,
    progress: Option<Arc<AtomicU64>>,
) -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    let mut first = None;
    ctrlc::set_handler(move || {
        asked.store(true, Ordering::SeqCst);
        wake();
        let is_first = first.is_none();
        // Asked again: whatever holds us up (a terminal that takes no output) is not waited for any
        // longer. Not at once, as timeout(1), for one, sends its signal twice.
        if first.get_or_insert_with(Instant::now).elapsed() > INSISTENCE {
            std::process::exit(FAILED.into());
        }
        if let Some(progress) = progress.as_ref().filter(|_| is_first) {
            give_up_without_progress(Arc::clone(progress));
        }
    })
    .map_err(io::Error::other)?;
    Ok(stop)
}

/// Ends the process where standard output takes nothing any more. What takes something, however slowly, is told all.
fn give_up_without_progress(progress: Arc<AtomicU64>) {
    let watch = move || {
        let mut before = progress.load(Ordering::Relaxed);
        loop {
            thread::sleep(WITHOUT_PROGRESS);
            let now = progress.load(Ordering::Relaxed);
            if now == before {
                std::process::exit(FAILED.into());
            }
            before = now;
        }
    };
    // Without it, a second signal still ends the process.
    drop(thread::Builder::new().name("stopping".to_owned()).spawn(watch));
}

/// The loop, until the network has closed everything.
fn converse(
    driver: &mut Driver,
    session: &mut Session<'_, Output>,
    doctor: &mut Doctor,
    (stop, network_changed): (&AtomicBool, &AtomicBool),
    lines: &mut Lines,
    poked: &Receiver<()>,
) -> io::Result<()> {
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
        doctor.look_after(driver);
        session.tell_diagnoses(driver.core(), doctor)?;
        session.check_time(Instant::now())?;
        session.flush()?;
        if session.has_stopped() {
            return Ok(());
        }
        if stop.load(Ordering::SeqCst) {
            session.stop();
        }
        while !driver.is_busy() && session.wants_lines(Instant::now()) {
            if let Some(bytes) = session.take_returned() {
                session.sent(driver.apply(Input::SendBytes { key: session.key(), bytes }).journal);
                continue;
            }
            lines.look();
            if lines.next.is_empty() {
                break;
            }
            let together = lines.next.len().min(session.lines_at_once());
            let batch = session.encode(lines.next.drain(..together).collect(), lines.piped)?;
            if let Some(batch) = batch {
                session.sent(driver.apply(Input::SendBatch { key: session.key(), batch }).journal);
            }
        }
        lines.look();
        if lines.next.is_empty() && session.may_end_input() {
            match lines.over {
                Some(input::Input::End) => {
                    lines.over = None;
                    session.end_of_input()?;
                }
                Some(input::Input::Stop) => session.stop(),
                Some(input::Input::Lines(_)) | None => {}
            }
        }
        if matches!(lines.over, Some(input::Input::Stop)) {
            session.stop();
        }
        if !lines.next.is_empty() {
            session.tell_nobody(Timestamp::now())?;
            session.flush()?;
        }
        while let Some(input) = session.take_input() {
            session.sent(driver.apply(input).journal);
        }
        let wake = driver.settle().map(|wake| Instant::now() + wake.after);
        // What time alone has made certain.
        session.tell_diagnoses(driver.core(), doctor)?;
        session.flush()?;
        if turn == 0 {
            continue;
        }
        let waits = !lines.next.is_empty() || lines.over.is_some();
        let patience = if waits { session.patience_ends() } else { None };
        let until = wake.into_iter().chain(patience).chain(session.wakes()).min();
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

/// A process that was told to end does so after this long without standard output taking anything.
const WITHOUT_PROGRESS: Duration = Duration::from_secs(2);
