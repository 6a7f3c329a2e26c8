//! How fast people of this network are: how soon one is seen and answered, and how many messages go through one link.
//!
//! `cargo bench --bench lan`, or with `-- --quick` for a short run. All of it on loopback, in one process; the median of
//! the rounds counts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a measurement may fail")]

use std::{
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, bounded};
use sockhop::{
    chat::{ConversationOptions, PersonId},
    core::{Core, Input, Key, Person},
    driver::{Driver, LanPorts},
    lan::{
        Command, EventKind, Identity, Interface, Lan, LinkState, Me, Options,
        frame::{Kind, frame},
        link::Link,
        tls::Tls,
    },
    settings::{DataFolder, Settings},
};

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_mins(2);

/// Bytes of a message.
const MESSAGE: usize = 100;

fn main() {
    let quick = std::env::args().any(|word| word == "--quick");
    let (rounds, messages) = if quick { (5, 5_000) } else { (31, 50_000) };
    println!("{:<58} {:>12}  to reach", "measure", "ours");
    let seen: Vec<Duration> = (0..rounds).map(|_| seen()).collect();
    println!("{:<58} {:>12.1?}  150 ms", "a person is seen, median", median(seen));
    let mut pair = Pair::start();
    let answered: Vec<Duration> = (0..10 * rounds).map(|_| pair.deliver(1)).collect();
    println!("{:<58} {:>12.1?}  25 ms", "a message is delivered, median", median(answered));
    let took = pair.deliver(messages);
    let a_second = messages as f64 / took.as_secs_f64();
    println!("{:<58} {a_second:>12.0}  10000", "messages of 100 bytes delivered in a second");
    let through = median((0..5).map(|_| through_a_link(messages)).collect());
    let a_second = messages as f64 / through.as_secs_f64();
    println!("{:<58} {a_second:>12.0}", "frames through one link in a second, in batches of 100");
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// From the moment that somebody appears until another has seen them.
fn seen() -> Duration {
    let beacon_port = free_port();
    let appear = |name: &str| {
        let lan = Lan::start(|| ()).unwrap();
        let interface =
            Interface { name: "lo".to_owned(), index: 1, address: [127, 0, 0, 1].into(), prefix: Some(8), on: true };
        let identity = Identity::generate().unwrap();
        let me = Me { name: name.to_owned(), ..Me::default() };
        let options = Options { identity, me, interfaces: vec![interface], lan_port: 0, beacon_port, keys: None };
        lan.send(Command::Start(Box::new(options))).unwrap();
        lan
    };
    let first = appear("Lab PC 1");
    while !matches!(first.recv_timeout(LIMIT).unwrap().kind, EventKind::Interfaces { .. }) {}
    let begun = Instant::now();
    let _second = appear("Lab PC 2");
    while !matches!(first.recv_timeout(LIMIT).unwrap().kind, EventKind::Seen(_)) {}
    begun.elapsed()
}

/// Two whole Sockhops, with their histories.
struct Pair {
    sides: [Driver; 2],
    woken: Receiver<()>,
    other: PersonId,
    _folders: [tempfile::TempDir; 2],
}

impl Pair {
    fn start() -> Self {
        let ports = LanPorts { lan: 0, beacon: free_port() };
        let (wake, woken) = bounded(1);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let sides = [0, 1].map(|side: usize| {
            let folder = DataFolder::open(Some(folders[side].path())).unwrap();
            let wake = wake.clone();
            let options = ConversationOptions::default();
            let mut driver = Driver::start(options, Some(&folder.history()), move || _ = wake.try_send(())).unwrap();
            let me = Me { name: format!("Lab PC {side}"), receipts: true, ..Me::default() };
            driver.appear(Some(&folder), &Settings::default(), me, ports);
            driver
        });
        let mut pair = Self { sides, woken, other: PersonId::default(), _folders: folders };
        let linked =
            |core: &Core| core.people().nearby().find(|person| person.link() == LinkState::Live).map(Person::id);
        pair.until(|sides| linked(sides[0].core()).is_some() && linked(sides[1].core()).is_some());
        pair.other = linked(pair.sides[0].core()).unwrap();
        // A stranger is read slowly; whoever was written to is none.
        let first = linked(pair.sides[1].core()).unwrap();
        let _ = pair.sides[1].apply(Input::SendText { key: Key::Person(first), text: "hello".to_owned() });
        pair.until(|sides| sides[1].core().people().get(first).unwrap().waiting() == 0);
        pair
    }

    fn until(&mut self, reached: impl Fn(&[Driver; 2]) -> bool) {
        let end = Instant::now() + LIMIT;
        while !reached(&self.sides) {
            assert!(Instant::now() < end);
            let mut anything = false;
            for side in &mut self.sides {
                for _ in 0..256 {
                    let Some(input) = side.next() else { break };
                    anything = true;
                    let _ = side.apply(input);
                }
                let _ = side.settle();
            }
            if !anything {
                let _ = self.woken.recv_timeout(Duration::from_millis(5));
            }
        }
    }

    /// Until so many messages are on the other's disk.
    fn deliver(&mut self, messages: usize) -> Duration {
        let (begun, other) = (Instant::now(), self.other);
        let mut left = messages;
        while left > 0 {
            let now = left.min(5_000);
            for _ in 0..now {
                let text = "x".repeat(MESSAGE);
                let _ = self.sides[0].apply(Input::SendText { key: Key::Person(other), text });
            }
            left -= now;
            self.until(|sides| sides[0].core().people().get(other).unwrap().waiting() == 0);
        }
        begun.elapsed()
    }
}

/// Until the frames of so many messages are through a link over a socket.
fn through_a_link(messages: usize) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (one, other) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let reads = thread::spawn(move || {
        let mut link = Link::accept(&Tls::new(&other).unwrap()).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let (mut buffer, mut came) = (vec![0; 64 * 1024], 0);
        link.greeted();
        while came < messages {
            let count = stream.read(&mut buffer).unwrap();
            came += link.take(&buffer[..count]).unwrap().frames.len();
            write(&mut link, &mut stream);
        }
    });
    let mut link = Link::dial(&Tls::new(&one).unwrap(), None).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    while link.peer().is_none() {
        write(&mut link, &mut stream);
        let count = stream.read(&mut buffer).unwrap();
        let _ = link.take(&buffer[..count]).unwrap();
    }
    write(&mut link, &mut stream);
    let text = "x".repeat(MESSAGE);
    let begun = Instant::now();
    let mut left = messages;
    while left > 0 {
        let now = left.min(100);
        for _ in 0..now {
            link.send(frame(Kind::Message, &text));
        }
        left -= now;
        write(&mut link, &mut stream);
    }
    reads.join().unwrap();
    begun.elapsed()
}

fn write(link: &mut Link, stream: &mut TcpStream) {
    match link.write(&mut *stream) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => panic!("{error}"),
    }
    stream.flush().unwrap();
}
