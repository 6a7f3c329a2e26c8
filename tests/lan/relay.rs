//! A relay in the middle: two whole Sockhops, each with an encrypted link to somebody between them who passes on
//! everything. What is said can be read there, and the six digits tell.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sockhop::{
    chat::PersonId,
    lan::{
        Identity, Me,
        beacon::{Beacon, Purpose},
        frame::{Frame, Kind, frame},
        link::Link,
        tls::Tls,
    },
};

use super::hostile::{LIMIT, Peer};

/// `sockhop lan --json`.
struct Sockhop {
    process: Child,
    input: ChildStdin,
    events: Receiver<Value>,
    id: PersonId,
    link: SocketAddr,
    beacons: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Sockhop {
    fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let beacons = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_sockhop"))
            .arg("--data-dir")
            .arg(folder.path())
            .args(["--lang", "en", "lan", "--name", name, "--json", "--lan-port", "0"])
            .args(["--beacon-port", &beacons.port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, events) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take().unwrap();
        let link = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut sockhop = Self { process, input, events, id: PersonId::default(), link, beacons, _folder: folder };
        let visible = sockhop.event("visible");
        sockhop.id = visible["id"].as_str().unwrap().parse().unwrap();
        sockhop.link.set_port(visible["port"].as_u64().unwrap() as u16);
        sockhop
    }

    fn event(&mut self, kind: &str) -> Value {
        let until = Instant::now() + LIMIT;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left).unwrap_or_else(|_| panic!("no {kind}"));
            if event["event"] == kind {
                return event;
            }
        }
    }

    fn tell(&mut self, what: &Value) {
        writeln!(self.input, "{what}").unwrap();
    }
}

impl Drop for Sockhop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whoever dials us, in somebody else's name.
fn dialled(victim: &Sockhop, listener: &TcpListener, identity: &Identity) -> Peer {
    let (stream, _) = listener.accept().unwrap();
    let mut peer = Peer { stream, link: Link::accept(&Tls::new(identity).unwrap()).unwrap(), frames: Vec::new() };
    while peer.link.peer().is_none() {
        peer.turn();
    }
    assert_eq!(peer.link.peer(), Some(victim.id));
    peer
}

fn dials(victim: &Sockhop, identity: &Identity) -> Peer {
    let stream = TcpStream::connect(victim.link).unwrap();
    let link = Link::dial(&Tls::new(identity).unwrap(), Some(victim.id)).unwrap();
    let mut peer = Peer { stream, link, frames: Vec::new() };
    while peer.link.peer().is_none() {
        peer.turn();
    }
    peer
}

/// Passes on what one side says, and gives what that was.
fn pass(from: &mut Peer, to: &mut Peer) -> Vec<Frame> {
    from.link.write(&mut from.stream).unwrap();
    let mut buffer = [0; 16_384];
    match std::io::Read::read(&mut from.stream, &mut buffer) {
        Ok(count) => from.frames.extend(from.link.take(&buffer[..count]).unwrap().frames),
        Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
    }
    let passed = std::mem::take(&mut from.frames);
    for one in &passed {
        if one.kind == Kind::Hello {
            from.link.greeted();
        }
        to.link.send(frame(one.kind, &one.read::<Value>().unwrap()));
    }
    to.link.write(&mut to.stream).unwrap();
    passed
}

#[test]
fn whoever_sits_in_the_middle_of_two_sockhops_is_found_by_the_six_digits() {
    let (mut one, mut two) = (Sockhop::start("Lab PC 1"), Sockhop::start("Lab PC 2"));
    let between = Identity::generate().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let me = Me { name: "Lab PC 2".to_owned(), ..Me::default() };
    let beacon = Beacon::ours(Purpose::Here, between.id(), (1, 1), &me, listener.local_addr().unwrap().port());
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&beacon.to_packet(), one.beacons).unwrap();

    let (ended, end) = channel::<()>();
    let mut left = dialled(&one, &listener, &between);
    let mut right = dials(&two, &between);
    let relay = thread::spawn(move || {
        let mut read = Vec::new();
        for stream in [&left.stream, &right.stream] {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        }
        while end.try_recv().is_err() {
            read.extend(pass(&mut left, &mut right));
            read.extend(pass(&mut right, &mut left));
        }
        read
    });

    one.event("linked");
    two.event("linked");
    // Each takes the other for who they say they are, and it is read on the way.
    one.tell(&json!({ "say": "for Lab PC 2 alone", "to": "Lab PC 2" }));
    assert_eq!(two.event("message")["text"], "for Lab PC 2 alone");
    one.event("delivered");
    one.tell(&json!({ "verify": "Lab PC 2" }));
    let digits = [one.event("digits"), two.event("digits")];
    assert_ne!(
        digits[0]["digits"], digits[1]["digits"],
        "one blind try in a million came true, or the digits tell nothing"
    );
    one.tell(&json!({ "same": false, "with": digits[0]["id"] }));
    for side in [&mut one, &mut two] {
        assert_eq!(side.event("compared")["outcome"], "differ");
    }
    ended.send(()).unwrap();
    let read = relay.join().unwrap();
    let is_it = |frame: &Frame| frame.kind == Kind::Message && frame.json.windows(8).any(|part| part == b"PC 2 alo");
    assert!(read.iter().any(is_it), "the relay was not in the middle");
}
