//! What is told in networks that the tests make: the address to hand out, what becomes of it, and why there is none.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::process::{Process, number, sockhop_command, text};

/// A network of its own; it goes with the test.
pub struct Namespace {
    name: String,
    folder: tempfile::TempDir,
}

impl Namespace {
    /// None where that is not permitted: the test then has nothing to test in.
    pub fn new() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("sockhop-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        if !made.is_ok_and(|made| made.status.success()) {
            eprintln!("skipped: no network namespace can be made here");
            return None;
        }
        let namespace = Self { name, folder: tempfile::tempdir().expect("a folder") };
        namespace.ip("link set lo up");
        Some(namespace)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// `ip` within it.
    pub fn ip(&self, arguments: &str) {
        let Output { status, stderr, .. } =
            self.command("ip").args(arguments.split_whitespace()).output().expect("ip runs");
        assert!(status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&stderr));
    }

    /// Files here are seen within it in place of those in /etc (ip-netns(8)).
    fn etc(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }

    /// Its `/etc/hosts`.
    pub fn hosts(&self, text: &str) {
        std::fs::create_dir_all(self.etc()).expect("a folder");
        std::fs::write(self.etc().join("hosts"), text).expect("a file");
    }

    /// A parameter of its kernel, `name=value`.
    pub fn sysctl(&self, parameter: &str) {
        let output = self.command("sysctl").args(["-q", "-w", parameter]).output().expect("sysctl runs");
        assert!(output.status.success(), "{parameter}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A link with something at its other end, and this address on it.
    pub fn plugged(&self, name: &str, address: &str) {
        self.ip(&format!("link add {name} type veth peer name {name}-far"));
        self.ip(&format!("link set {name}-far up"));
        self.ip(&format!("link set {name} up"));
        let dad = if address.contains(':') { "nodad" } else { "" };
        self.ip(&format!("address add {address} dev {name} {dad}"));
    }

    /// A cable to another one, with these addresses at its ends.
    pub fn cable_to(&self, other: &Self, [near, far]: [&str; 2]) {
        self.ip(&format!("link add cable type veth peer name cable netns {}", other.name));
        for (end, address) in [(self, near), (other, far)] {
            end.ip("link set cable up");
            end.ip(&format!("address add {address} dev cable"));
        }
    }

    /// One of the scripts in tests/peers, within it.
    pub fn python(&self, script: &str, arguments: &[&str]) -> Process {
        let mut command = self.command("python3");
        command.env("PYTHONUTF8", "1");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script)).args(arguments);
        Process::start(command)
    }

    /// `sockhop` within it, in English.
    pub fn sockhop(&self, arguments: &[&str]) -> Process {
        self.sockhop_in("en", arguments)
    }

    fn sockhop_in(&self, language: &str, arguments: &[&str]) -> Process {
        let ours = sockhop_command(self.folder.path());
        let mut command = self.command(&ours.get_program().to_string_lossy());
        command.args(ours.get_args()).args(["--lang", language]).args(arguments);
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
            command.env_remove(variable);
        }
        Process::start(command)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.name]).status();
        let _ = std::fs::remove_dir_all(self.etc());
    }
}

#[test]
fn the_default_route_s_address_is_handed_out_and_another_when_the_network_changes() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("cscotun0", "10.20.30.40/24");
    network.plugged("wlp2s0", "192.168.1.20/24");
    network.ip("route add default via 192.168.1.1");
    let mut server = network.sockhop(&["listen", "0.0.0.0:8888"]);
    server.line("Others can connect to 192.168.1.20:8888");

    network.ip("address delete 192.168.1.20/24 dev wlp2s0");
    server.line("Others can connect to 10.20.30.40:8888");
    network.ip("address add 192.168.7.20/24 dev wlp2s0");
    network.ip("route add default via 192.168.7.1");
    server.line("Others can connect to 192.168.7.20:8888");
    server.stop().with_status(0);
}

#[test]
fn an_address_of_a_documentation_range_is_of_the_local_network_in_both_languages() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("eth0", "192.0.2.2/24");
    network.ip("address add 2001:db8::2/64 dev eth0 nodad");
    // The way out: else it counts as one of virtual machines.
    network.ip("route add default via 192.0.2.1");
    network.ip("-6 route add default via 2001:db8::1");
    for (language, words) in [("en", "local network"), ("zh-CN", "局域网")] {
        let told = network.sockhop_in(language, &["interfaces"]).end().with_status(0).output;
        for address in ["192.0.2.2", "2001:db8::2"] {
            let line = told.iter().find(|line| line.contains(address)).unwrap_or_else(|| panic!("{told:?}"));
            assert!(line.ends_with(&format!("  {words}")), "{line}");
        }
    }
}

#[test]
fn an_address_without_a_cable_is_not_handed_out() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("eth0", "192.168.5.5/24");
    network.ip("link set eth0-far down");
    let mut server = network.sockhop(&["listen", "0.0.0.0:8888"]);
    server.line("eth0 has an address, but no cable");
    network.plugged("wlan0", "192.168.1.20/24");
    server.line("Others can connect to 192.168.1.20:8888");
    server.stop().with_status(0);
}

#[test]
fn without_a_network_only_this_computer_can_connect() {
    let Some(network) = Namespace::new() else { return };
    let mut server = network.sockhop(&["listen", "0.0.0.0:8888"]);
    server.line("Only this computer: it is on no network");
    server.stop().with_status(0);
}

#[test]
fn an_ipv4_listener_hands_out_no_ipv6_address() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("eth0", "fd00::20/64");
    let mut server = network.sockhop(&["listen", "0.0.0.0:8888"]);
    server.line("only IPv6 addresses. Choose :: instead, then they type fd00::20");
    server.stop().with_status(0);
    let mut server = network.sockhop(&["listen", "[::]:8888"]);
    server.line("Others can connect to [fd00::20]:8888");
    server.stop().with_status(0);
}

#[test]
fn an_address_that_is_taken_away_is_told_and_when_it_is_back() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("eth0", "192.168.1.20/24");
    let mut server = network.sockhop(&["listen", "192.168.1.20:8888"]);
    server.line("Listening on 192.168.1.20:8888");
    network.ip("address delete 192.168.1.20/24 dev eth0");
    server.line("Nobody can reach this now: 192.168.1.20");
    network.ip("address add 192.168.1.20/24 dev eth0");
    server.line("Others can connect to 192.168.1.20:8888");
    server.stop().with_status(0);
}

/// What is complained of by a `sockhop` that fails.
fn failed(network: &Namespace, arguments: &[&str]) -> String {
    network.sockhop(arguments).end().with_status(1).errors
}

#[test]
fn what_went_wrong_is_told_from_the_call_the_address_and_the_machine() {
    let Some(network) = Namespace::new() else { return };
    network.plugged("eth0", "192.168.1.20/24");
    network.ip("route add blackhole 10.66.0.0/16");
    for (arguments, told) in [
        (["connect", "10.66.0.1:80"], "The system sends nothing to 10.66.0.1"),
        (["connect", "10.77.0.1:80"], "No route to 10.77.0.1:80"),
        (["connect", "192.168.1.255:80"], "192.168.1.255 stands for many computers"),
        (["listen", "192.168.1.255:80"], "192.168.1.255 stands for many computers"),
        (["connect", "192.168.1.99:80"], "No computer answers at 192.168.1.99"),
        (["connect", "nosuch.example:80"], "No name server has answered about nosuch.example"),
    ] {
        let errors = failed(&network, &arguments);
        assert!(errors.contains(told), "{arguments:?}: {errors}");
        assert!(!errors.contains("The order") && !errors.contains("spelling"), "{errors}");
    }
}

#[test]
fn without_ipv6_that_is_what_is_told() {
    let Some(network) = Namespace::new() else { return };
    network.sysctl("net.ipv6.conf.all.disable_ipv6=1");
    for arguments in [["connect", "[::1]:80"], ["listen", "[::1]:80"], ["connect", "[2001:db8::1]:80"]] {
        let errors = failed(&network, &arguments);
        assert!(errors.contains("This computer has no IPv6"), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_socket_that_is_connected_to_itself_is_closed_and_told() {
    let Some(network) = Namespace::new() else { return };
    network.sysctl("net.ipv4.ip_local_port_range=45000 45000");
    let errors = failed(&network, &["connect", "127.0.0.1:45000"]);
    assert!(errors.contains("No program listens on 127.0.0.1:45000: the socket was connected to itself"), "{errors}");
}

#[test]
fn local_ports_that_are_used_up_are_told() {
    let Some(network) = Namespace::new() else { return };
    network.sysctl("net.ipv4.ip_local_port_range=45000 45000");
    let mut server = network.sockhop(&["listen", "127.0.0.1:8888", "--json"]);
    server.event("listening");
    let mut client = network.sockhop(&["connect", "127.0.0.1:8888", "--json"]);
    client.event("connected");
    let errors = failed(&network, &["connect", "127.0.0.1:8888"]);
    assert!(errors.contains("No free port is left on this computer"), "{errors}");
}

#[test]
fn an_address_of_a_link_is_listened_on_and_connected_to_with_its_interface() {
    let Some(network) = Namespace::new() else { return };
    network.ip("address add fe80::1/64 dev lo nodad");
    let mut server = network.sockhop(&["listen", "[fe80::1%lo]:8888", "--json"]);
    assert_eq!(text(&server.event("listening"), "local"), "[fe80::1%1]:8888");
    let mut client = network.sockhop(&["connect", "[fe80::1%lo]:8888", "--json"]);
    assert_eq!(text(&client.event("connected"), "peer"), "[fe80::1%1]:8888");
}

#[test]
fn a_name_with_letters_beyond_ascii_is_reached() {
    let Some(network) = Namespace::new() else { return };
    network.hosts("127.0.0.5 xn--bcher-kva.example\n");
    let mut server = network.sockhop(&["listen", "127.0.0.5:8888", "--json"]);
    server.event("listening");
    let mut client = network.sockhop(&["connect", "bücher.example:8888", "--json"]);
    assert_eq!(text(&client.event("connected"), "peer"), "127.0.0.5:8888");
}

#[test]
fn what_a_vanished_peer_has_never_acknowledged_is_told() {
    let (Some(near), Some(far)) = (Namespace::new(), Namespace::new()) else { return };
    near.ip(&format!("link add cable type veth peer name cable netns {}", far.name));
    for (end, address) in [(&near, "10.9.0.1/24"), (&far, "10.9.0.2/24")] {
        end.ip("link set cable up");
        end.ip(&format!("address add {address} dev cable"));
    }
    let mut server = far.sockhop(&["listen", "0.0.0.0:8888", "--json"]);
    server.event("listening");
    let mut client = near.sockhop(&["connect", "10.9.0.2:8888", "--json", "--peer-timeout", "3"]);
    client.event("connected");
    client.write("one");
    client.event("acknowledged");
    far.ip("link set cable down");
    client.write("are you there");
    let told = client.event("never_acknowledged");
    assert_eq!((number(&told, "messages"), number(&told, "bytes")), (1, 14));
    let error = text(&client.event("error"), "message");
    assert!(error.contains("10.9.0.2:8888 no longer answers: the connection was given up"), "{error}");
    assert!(error.contains("Its computer may be off or asleep"), "{error}");
}
