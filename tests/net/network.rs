//! Two computers on one cable, made of network namespaces: what happens when it is cut.

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Networks made by this process.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Set in the run that is inside the network.
const INSIDE: &str = "SOCKHOP_TEST_FAR_COMPUTER";

/// The computer at the other end of the cable.
pub struct Far {
    name: String,
}

/// A process on it, which ends with the test.
pub struct Peer(Child);

impl Far {
    /// Its address.
    pub const ADDRESS: &str = "10.9.0.2";

    /// Runs this very test once more, on a computer of its own with another one far away. `None` in the first run, and
    /// where that is not permitted.
    pub fn away(test: &str) -> Option<Self> {
        if let Ok(name) = std::env::var(INSIDE) {
            return Some(Self { name });
        }
        let id = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let (near, far) = (Namespace::new(format!("sockhop-near-{id}"))?, Namespace::new(format!("sockhop-far-{id}"))?);
        near.ip(&format!("link add cable type veth peer name cable netns {}", far.0));
        for (end, address) in [(&near, "10.9.0.1/24"), (&far, "10.9.0.2/24")] {
            end.ip("link set lo up");
            end.ip("link set cable up");
            end.ip(&format!("address add {address} dev cable"));
        }
        let program = std::env::current_exe().unwrap();
        let mut inside = within(&near.0, &program.to_string_lossy());
        inside.args([test, "--exact", "--nocapture"]).env(INSIDE, &far.0);
        assert!(inside.status().unwrap().success(), "it failed in a network of its own");
        None
    }

    /// A Python program there, which has printed its first line.
    pub fn python(&self, program: &str) -> Peer {
        let mut command = within(&self.name, "python3");
        let mut child = command.args(["-c", program]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        assert!(!line.is_empty(), "it ended before it printed a line");
        Peer(child)
    }

    /// Changes something of the network here: what `ip` is told.
    #[allow(clippy::unused_self, reason = "only where there is such a network")]
    pub fn here(&self, arguments: &str) {
        let output = Command::new("ip").args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The same over there.
    pub fn there(&self, arguments: &str) {
        ip(&self.name, arguments);
    }

    /// Pulls the cable out.
    pub fn cut(&self) {
        ip(&self.name, "link set cable down");
    }

    /// Plugs it in again.
    pub fn mend(&self) {
        ip(&self.name, "link set cable up");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Goes with the test.
struct Namespace(String);

impl Namespace {
    fn new(name: String) -> Option<Self> {
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        if made.is_ok_and(|made| made.status.success()) {
            return Some(Self(name));
        }
        eprintln!("skipped: no network namespace can be made here");
        None
    }

    fn ip(&self, arguments: &str) {
        ip(&self.0, arguments);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.0]).status();
    }
}

fn within(namespace: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, program]);
    command
}

fn ip(namespace: &str, arguments: &str) {
    let output = within(namespace, "ip").args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
