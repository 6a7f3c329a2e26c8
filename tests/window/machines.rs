//! Machines on a network of their own: namespaces of this one, with a switch between them and cables that can be pulled.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use super::desktop::Running;

/// The switch that the machines are plugged into.
pub struct Network {
    switch: Running,
}

/// A machine, at the end of a cable.
pub struct Machine {
    holds: Running,
    cable: String,
}

impl Network {
    /// `None` where the system lets nobody make namespaces.
    pub fn start() -> Option<Self> {
        let try_it = Command::new("unshare").args(["-Urn", "true"]).stderr(Stdio::null()).status();
        if !try_it.is_ok_and(|status| status.success()) {
            return None;
        }
        let network = Self { switch: held(Command::new("unshare").arg("-Urn")) };
        network.ip("link add switch type bridge mcast_snooping 0");
        network.ip("link set switch up");
        Some(network)
    }

    /// Plugs in a machine with this address.
    pub fn plug(&self, address: &str) -> Machine {
        let holds = held(inside(&self.switch).args(["unshare", "-n"]));
        let id = holds.0.id();
        let machine = Machine { holds, cable: format!("cable{id}") };
        self.ip(&format!("link add {} type veth peer name eth0 netns {id}", machine.cable));
        self.ip(&format!("link set {} master switch up", machine.cable));
        for change in [
            "link set lo up",
            &format!("address add {address} dev eth0"),
            "link set eth0 up",
            // The way out: else it counts as one of virtual machines.
            "route add default dev eth0",
        ] {
            change_in(&machine.holds, change);
        }
        machine
    }

    /// Pulls the machine's cable.
    pub fn cut(&self, machine: &Machine) {
        self.ip(&format!("link set {} down", machine.cable));
    }

    /// Plugs it in again.
    pub fn mend(&self, machine: &Machine) {
        self.ip(&format!("link set {} up", machine.cable));
    }

    fn ip(&self, change: &str) {
        change_in(&self.switch, change);
    }
}

impl Machine {
    /// A program there.
    pub fn command(&self, program: &str) -> Command {
        let mut command = inside(&self.holds);
        command.arg(program);
        command
    }
}

fn change_in(namespace: &Running, change: &str) {
    let status = inside(namespace).arg("ip").args(change.split(' ')).status().unwrap();
    assert!(status.success(), "ip {change}");
}

/// What holds namespaces open, once they are there.
fn held(command: &mut Command) -> Running {
    let mut running = Running::start(command.args(["sh", "-c", "echo; exec sleep 100000"]).stdout(Stdio::piped()));
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    running
}

/// `nsenter` runs a program in its own place, so that it has the number of the process that is started.
fn inside(namespace: &Running) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["--preserve-credentials", "-U", "-n", "-t", &namespace.0.id().to_string()]);
    command
}
