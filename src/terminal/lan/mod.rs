//! People on this network in the terminal: `sockhop nearby`, `lan`, `say` and `verify`.
//!
//! All four run the same driver with the history of the data folder: what is said is kept before it is sent, and what
//! comes before it is acknowledged, whichever program of this folder runs next. Where a window has the folder, all but
//! `lan` ask that window.

mod asked;
mod through_window;
mod told;

use std::{
    io::{self, BufWriter, StdoutLock},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use i18n_embed_fl::fl;

use self::told::{Heard, Teller, unable};
use super::{FAILED, complain, input, stopped_by_signals, watch_network};
use crate::{
    chat::PersonId,
    cli::{LanArgs, NearbyArgs, PortArgs, SayArgs, VerifyArgs},
    core::{Comparing, Core, Input, Key, PeopleInput, Person, UnclearPerson, Visibility},
    driver::{Driver, LanPorts, computer_name, me},
    i18n::Words,
    lan::{Comparison, KeyFile, LinkState},
    private_file,
    second_start::Neighbour,
    settings::{DataFolder, Settings},
    wire::visible,
};

/// How long to wait until goodbyes are said and rows are written.
const END_LIMIT: Duration = Duration::from_secs(10);

/// What all four commands have.
struct Running {
    driver: Driver,
    stop: Arc<AtomicBool>,
    poked: Receiver<()>,
    poke: Sender<()>,
    settings: Settings,
}

impl Running {
    fn start(folder: Option<&DataFolder>, name: Option<&str>, ports: &PortArgs) -> io::Result<Self> {
        let mut settings = folder.and_then(|folder| Settings::read(&folder.settings()).ok()).unwrap_or_default();
        if let Some(name) = name {
            name.clone_into(&mut settings.lan_name);
        }
        let (poke, poked) = bounded(1);
        let history = folder.map(DataFolder::history);
        let mut driver = Driver::start(settings.conversation_options(), history.as_deref(), waker(&poke))?;
        let stop = stopped_by_signals(waker(&poke), None)?;
        if let Some(path) = &ports.tls_keys {
            driver.write_tls_keys(KeyFile::new(private_file::append(path)?));
        }
        let ports = LanPorts { lan: ports.lan_port, beacon: ports.beacon_port };
        driver.appear(folder, &settings, me(&settings, &computer_name()), ports);
        Ok(Self { driver, stop, poked, poke, settings })
    }

    fn core(&self) -> &Core {
        self.driver.core()
    }

    /// Takes in what happened, and tells it; then waits for more, until then at most.
    fn turn(&mut self, mut teller: Option<&mut LanTeller<'_>>, until: Option<Instant>) -> io::Result<()> {
        let mut anything = false;
        for _ in 0..EVENTS_A_TURN {
            let Some(input) = self.driver.next() else { break };
            anything = true;
            let told = Heard::of(&input);
            if let Some(teller) = &mut teller {
                teller.before(self.driver.core(), &input);
            }
            let _ = self.driver.apply(input);
            if let Some(teller) = &mut teller {
                teller.after(self.driver.core(), &told)?;
            }
        }
        let wake = self.driver.settle().map(|wake| Instant::now() + wake.after);
        // What came may be what somebody waits for.
        if anything {
            return Ok(());
        }
        match wake.into_iter().chain(until).min() {
            Some(until) => drop(self.poked.recv_deadline(until)),
            None => drop(self.poked.recv()),
        }
        Ok(())
    }

    /// Runs until that gives something, or the time is over, or a signal asks us to end.
    fn until<T>(
        &mut self,
        limit: Duration,
        mut teller: Option<&mut LanTeller<'_>>,
        reached: impl Fn(&Core) -> Option<T>,
    ) -> io::Result<Option<T>> {
        let end = Instant::now() + limit;
        loop {
            if let Some(found) = reached(self.core()) {
                return Ok(Some(found));
            }
            if Instant::now() >= end || self.stop.load(Ordering::SeqCst) {
                return Ok(None);
            }
            self.turn(teller.as_deref_mut(), Some(end))?;
        }
    }

    /// Waits until we are on this network. Why not, if that can't be.
    fn visible(&mut self, words: &Words) -> io::Result<Result<(), String>> {
        let seen = self.until(END_LIMIT, None, |core| match core.people().visibility() {
            Visibility::On { .. } => Some(Ok(())),
            Visibility::Unable(why) => Some(Err(unable(words, why))),
            Visibility::Off | Visibility::Opening => None,
        })?;
        Ok(seen.unwrap_or_else(|| Err(fl!(words, "lan-stopped"))))
    }

    /// Says goodbye, and writes what is to be written.
    fn end(mut self) {
        let _ = self.driver.apply(Input::People(PeopleInput::Disappear));
        if !self.driver.end(END_LIMIT) {
            tracing::warn!("the network thread did not end in time");
        }
    }
}

fn waker(poke: &Sender<()>) -> impl Fn() + Send + Sync + use<> {
    let poke = poke.clone();
    // Full: it was not noticed yet that something happened; once is enough.
    move || _ = poke.try_send(())
}

type LanTeller<'w> = Teller<'w, BufWriter<StdoutLock<'static>>>;

fn teller(words: &Words, json: bool) -> LanTeller<'_> {
    Teller::new(BufWriter::with_capacity(OUTPUT_AT_ONCE, io::stdout().lock()), json, words)
}

/// Why it is not known who is meant.
fn unclear(words: &Words, why: UnclearPerson, person: &str) -> String {
    let name = visible(person, &[]).into_owned();
    match why {
        UnclearPerson::Nobody => fl!(words, "lan-nobody", name = name),
        UnclearPerson::Several => fl!(words, "lan-several", name = name),
    }
}

fn name_of(core: &Core, id: PersonId) -> String {
    core.people().get(id).map(|person| person.name().to_owned()).unwrap_or_default()
}

fn ended(result: io::Result<Result<(), String>>) -> ExitCode {
    match result {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => {
            complain(&why);
            ExitCode::from(FAILED)
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(FAILED)
        }
    }
}

/// Lists who is on this network: `sockhop nearby`.
pub fn nearby(args: &NearbyArgs, folder: Option<&DataFolder>, words: &Words) -> ExitCode {
    let listed = || {
        if let Some(ended) = through_window::nearby(args, folder, words) {
            return ended;
        }
        let mut running = Running::start(folder, None, &args.ports)?;
        if let Err(why) = running.visible(words)? {
            return Ok(Err(why));
        }
        let mut teller = teller(words, args.json);
        running.until::<()>(Duration::from_secs(args.seconds), args.json.then_some(&mut teller), |_| None)?;
        if !args.json {
            let nearby: Vec<Neighbour> = running.core().people().nearby().map(Neighbour::of).collect();
            teller.list(&nearby)?;
        }
        running.end();
        Ok(Ok(()))
    };
    ended(listed())
}

/// Is on this network until told to stop: `sockhop lan`.
pub fn lan(args: &LanArgs, folder: Option<&DataFolder>, words: &Words) -> ExitCode {
    let stayed = || {
        let mut running = Running::start(folder, args.name.as_deref(), &args.ports)?;
        let mut teller = teller(words, args.json);
        let lines = input::start(input::Cut::Lines, waker(&running.poke))?;
        let (changed, _watch) = watch_network(&running.poke);
        while !running.stop.load(Ordering::SeqCst) {
            if let Visibility::Unable(why) = running.core().people().visibility() {
                let why = unable(words, why);
                teller.error(&why)?;
                return Ok(Err(why));
            }
            let on = matches!(running.core().people().visibility(), Visibility::On { .. });
            while on && !running.driver.is_busy() {
                match lines.try_recv() {
                    Ok(input::Input::Lines(lines)) => {
                        for line in lines {
                            asked::line(&mut running.driver, &mut teller, &line.bytes, args.json, words)?;
                        }
                    }
                    // It stays: what comes is told still.
                    Ok(input::Input::End | input::Input::Stop) | Err(_) => break,
                }
            }
            running.turn(Some(&mut teller), None)?;
            read_what_was_told(&mut running);
            if changed.swap(false, Ordering::SeqCst) {
                running.driver.interfaces_changed(&running.settings.clone());
            }
        }
        running.end();
        Ok(Ok(()))
    };
    ended(stayed())
}

/// What was printed was read.
fn read_what_was_told(running: &mut Running) {
    let unread: Vec<PersonId> = (running.core().people().iter())
        .filter(|person| person.record().theirs.read < person.record().theirs.last)
        .map(Person::id)
        .collect();
    for id in unread {
        let _ = running.driver.apply(Input::Read(Key::Person(id)));
    }
}

/// Writes one message and waits until it is delivered: `sockhop say`.
pub fn say(args: &SayArgs, folder: Option<&DataFolder>, words: &Words) -> ExitCode {
    let said = || {
        if let Some(ended) = through_window::say(args, folder, words) {
            return Ok(ended);
        }
        let mut running = Running::start(folder, None, &args.ports)?;
        if let Err(why) = running.visible(words)? {
            return Ok(Err(why));
        }
        let (begun, limit) = (Instant::now(), Duration::from_secs(args.wait));
        let found = running.until(limit, None, |core| match core.people().meant(&args.person) {
            Err(UnclearPerson::Nobody) => None,
            // Not before it is certain who it is.
            Ok(id) => core.people().get(id).is_some_and(Person::is_pinned).then_some(Ok(id)),
            Err(several) => Some(Err(several)),
        })?;
        let id = match found.unwrap_or(Err(UnclearPerson::Nobody)) {
            Ok(id) => id,
            Err(why) => {
                running.end();
                return Ok(Err(unclear(words, why, &args.person)));
            }
        };
        let before = running.core().people().get(id).and_then(Person::last_written);
        let _ = running.driver.apply(Input::SendText { key: Key::Person(id), text: args.said.clone() });
        let row = running.core().people().get(id).and_then(Person::last_written);
        let Some(row) = row.filter(|_| row > before) else {
            let why = running.core().notices().last().map(|notice| &notice.kind);
            let why = match why {
                Some(crate::core::NoticeKind::NotSaid { why, .. }) => {
                    told::not_said(words, &name_of(running.core(), id), *why)
                }
                _ => fl!(words, "lan-stopped"),
            };
            running.end();
            return Ok(Err(why));
        };
        let left = limit.saturating_sub(begun.elapsed());
        let delivered = running.until(left, None, |core| {
            let first = core.people().get(id)?.first_waiting();
            first.is_none_or(|first| row < first).then_some(())
        })?;
        let name = name_of(running.core(), id);
        running.end();
        let seconds = args.wait;
        Ok(delivered.ok_or_else(|| fl!(words, "lan-not-delivered", name = name, seconds = seconds)))
    };
    ended(said())
}

/// Compares six digits with a person: `sockhop verify`.
pub fn verify(args: &VerifyArgs, folder: Option<&DataFolder>, words: &Words) -> ExitCode {
    let verified = || {
        if let Some(ended) = through_window::verify(args, folder, words) {
            return ended;
        }
        let mut running = Running::start(folder, None, &args.ports)?;
        if let Err(why) = running.visible(words)? {
            return Ok(Err(why));
        }
        let linked = running.until(END_LIMIT, None, |core| match core.people().meant(&args.person) {
            Ok(id) => core.people().get(id).is_some_and(|one| one.link() == LinkState::Live).then_some(Ok(id)),
            Err(UnclearPerson::Nobody) => None,
            Err(several) => Some(Err(several)),
        })?;
        let id = match linked.unwrap_or(Err(UnclearPerson::Nobody)) {
            Ok(id) => id,
            Err(why) => {
                running.end();
                return Ok(Err(unclear(words, why, &args.person)));
            }
        };
        let mut teller = teller(words, false);
        let _ = running.driver.apply(Input::People(PeopleInput::Verify(id)));
        let comparing = |core: &Core| core.people().get(id).and_then(Person::comparing);
        let shown = running.until(END_LIMIT, Some(&mut teller), |core| {
            comparing(core).filter(|comparing| !matches!(comparing, Comparing::Begun))
        })?;
        if matches!(shown, Some(Comparing::Digits { .. })) {
            teller.note(&fl!(words, "lan-are-they-the-same"))?;
            let lines = input::start(input::Cut::Lines, waker(&running.poke))?;
            let said = loop {
                match lines.try_recv() {
                    Ok(input::Input::Lines(lines)) => {
                        let said = lines.first().map(|line| line.bytes.clone()).unwrap_or_default();
                        break Some(matches!(said.first(), Some(b'y' | b'Y')) || said == "是".as_bytes());
                    }
                    Ok(input::Input::End | input::Input::Stop) => break None,
                    Err(_) => {}
                }
                let over = matches!(comparing(running.core()), Some(Comparing::Over(_)) | None);
                if over || running.stop.load(Ordering::SeqCst) {
                    break None;
                }
                running.turn(Some(&mut teller), None)?;
            };
            let answer = match said {
                Some(same) => PeopleInput::Compared { with: id, same },
                None => PeopleInput::StopVerifying(id),
            };
            let _ = running.driver.apply(Input::People(answer));
        }
        let outcome = running.until(crate::lan::COMPARED_WITHIN, None, |core| match comparing(core) {
            Some(Comparing::Over(outcome)) => Some(outcome),
            None => Some(Comparison::Stopped),
            _ => None,
        })?;
        running.end();
        let outcome = outcome.unwrap_or(Comparison::Stopped);
        let what = told::compared(words, told::name_of(outcome));
        if outcome == Comparison::Same {
            teller.note(&what)?;
            return Ok(Ok(()));
        }
        Ok(Err(what))
    };
    ended(verified())
}

/// Bytes of output handed on at a time, at most.
const OUTPUT_AT_ONCE: usize = 64 * 1024;

/// Events taken in before lines and signals are looked at again.
const EVENTS_A_TURN: usize = 256;
