//! How fast people of this network are: how soon one is seen and answered, how many messages go through one link, how
//! soon many are back, and what they cost.
//!
//! `cargo bench --bench lan`, or with `-- --quick` for a short run; `-- seen`, `-- links`, `-- idle` and `-- messages` run a part. What is said between two is measured on loopback, in
//! one process; what needs networks, in namespaces by `lan.py`, with the program as it is built for this run. The median
//! of the rounds counts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a measurement may fail")]

mod measured;
mod namespaces;
mod row;

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, bounded};
use namespaces::play;
use row::{median, row};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ServerConfig, ServerConnection, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring as provider,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::AlwaysResolvesServerRawPublicKeys,
    sign::CertifiedKey,
    version::TLS13,
};
use sockhop::{
    chat::{ConversationOptions, PersonId},
    core::{Core, Input, Key, Person},
    driver::{Driver, LanPorts},
    lan::{
        self, EventKind, Identity, Interface, Lan, LinkState, Me, Options,
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
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let quick = words.iter().any(|word| word == "--quick");
    let (rounds, messages) = if quick { (5, 5_000) } else { (31, 50_000) };
    let wanted = |name: &str| {
        let mut names = words.iter().filter(|word| !word.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    row::heading();
    if wanted("seen") {
        let seen: Vec<f64> = (0..rounds).map(|_| seen().as_secs_f64()).collect();
        row("a person is seen, on loopback, median", median(&seen) * 1e3, None, "ms", "≤ 150 ms");
        seen_where_frames_are_lost(if quick { 10 } else { 100 });
    }
    if wanted("links")
        && let Some(found) = play("links", if quick { 20 } else { 200 }, None)
    {
        let count = &found["count"];
        row(&format!("memory of each of {count} links"), number(&found, "bytes"), None, "B", "≤ 65536 B");
        row(&format!("{count} links are back after a cut"), number(&found, "back"), None, "s", "≤ 10 s");
    }
    if wanted("idle")
        && let Some(found) = play("idle", if quick { 10 } else { 40 }, None)
    {
        let measure = format!("CPU of each of {} people who are idle", found["count"]);
        row(&measure, number(&found, "percent"), None, "%", "≤ 0.05 %");
    }
    if wanted("messages") {
        talk(rounds, messages);
    }
}

/// What is said between two.
fn talk(rounds: usize, messages: usize) {
    let mut pair = Pair::start();
    let answered: Vec<f64> = (0..10 * rounds).map(|_| pair.deliver(1).as_secs_f64()).collect();
    row("a message is delivered, median", median(&answered) * 1e3, None, "ms", "≤ 25 ms");
    let rate = |took: Duration| messages as f64 / took.as_secs_f64();
    row("messages of 100 bytes delivered in a second", rate(pair.deliver(messages)), None, "/s", "≥ 10000 /s");
    // By turns, so that both meet the same machine.
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        ours.push(rate(through_a_link(messages)));
        bare.push(rate(through_bare_tls(messages)));
    }
    row("the same through one link, beside bare TLS", median(&ours), Some(median(&bare)), "/s", "≥ 0.5");
}

/// How soon a person is seen where 5 % of all frames are lost, beside avahi.
fn seen_where_frames_are_lost(trials: u64) {
    let Some(ours) = play("seen", trials, None) else { return };
    let bare = if found("avahi-publish") && found("avahi-daemon") && found("dbus-daemon") {
        play("avahi", trials, None)
    } else {
        println!("avahi is not here (avahi-daemon, avahi-utils): nothing to compare with");
        None
    };
    for (measure, what, goal) in [
        ("a person is seen where 5 % are lost, median (bare: avahi)", "median", "≤ 150 ms"),
        ("the same, 99 of 100", "most", "≤ 2500 ms"),
    ] {
        let bare = bare.as_ref().map(|bare| number(bare, what) * 1e3);
        row(measure, number(&ours, what) * 1e3, bare, "ms", goal);
    }
}

fn number(found: &serde_json::Value, what: &str) -> f64 {
    found[what].as_f64().unwrap()
}

fn found(program: &str) -> bool {
    Command::new("which").arg(program).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
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
        lan.send(lan::Command::Start(Box::new(options))).unwrap();
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

/// The same frames through rustls and nothing else, written and flushed in the same batches.
fn through_bare_tls(messages: usize) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (server, client) = bare_tls();
    let text = "x".repeat(MESSAGE);
    let bytes = frame(Kind::Message, &text);
    let all = messages * bytes.len();
    let reads = thread::spawn(move || {
        let mut tls = ServerConnection::new(server).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let (mut buffer, mut came) = (vec![0; 64 * 1024], 0);
        let mut stream = rustls::Stream::new(&mut tls, &mut stream);
        while came < all {
            came += stream.read(&mut buffer).unwrap();
        }
    });
    let mut tls = ClientConnection::new(client, ServerName::try_from("a.example").unwrap()).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut stream);
    // The handshake is not measured.
    stream.flush().unwrap();
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(stream.sock).unwrap();
    }
    let begun = Instant::now();
    let mut left = messages;
    while left > 0 {
        let now = left.min(100);
        let mut batch = Vec::with_capacity(now * bytes.len());
        for _ in 0..now {
            batch.extend(frame(Kind::Message, &text));
        }
        left -= now;
        stream.write_all(&batch).unwrap();
        stream.flush().unwrap();
    }
    reads.join().unwrap();
    begun.elapsed()
}

fn bare_tls() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let provider = Arc::new(provider::default_provider());
    let identity = Identity::generate().unwrap();
    let key = provider::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(identity.pkcs8())).unwrap();
    let spki =
        [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..], &identity.id().0].concat();
    let certified = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], key));
    let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified)));
    server.send_tls13_tickets = 0;
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

/// Takes any server: it is the speed that is looked at.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
