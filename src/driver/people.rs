//! People on this network: the thread that carries what they say, and the key by which they know us.

use std::{fs, io, net::IpAddr, path::Path, sync::Arc};

use super::Driver;
use crate::{
    atomic_file::{self, Readers},
    chat::PersonColour,
    core::{Input, PeopleInput, Unable},
    host::{self, InterfaceKind},
    lan::{Busy, Command, Event, Identity, Interface, KeyFile, Lan, Me, Options},
    net::interface_number,
    private_file,
    settings::{DataFolder, Settings},
};

/// The most bytes of a file with a key; a longer one holds none.
const LONGEST_KEY: u64 = 4 * 1024;

/// Where links are taken and beacons go, where that is not as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanPorts {
    /// Links: TCP.
    pub lan: u16,
    /// Beacons: UDP.
    pub beacon: u16,
}

impl Default for LanPorts {
    fn default() -> Self {
        Self { lan: crate::lan::LAN_PORT, beacon: crate::lan::BEACON_PORT }
    }
}

impl Driver {
    /// Is seen on this network from here on, by the settings; or says why that can't be.
    pub fn appear(&mut self, folder: Option<&DataFolder>, settings: &Settings, me: Me, ports: LanPorts) {
        let input = match (folder, &self.history) {
            (Some(folder), Some(_)) => match identity(&folder.identity()) {
                Ok(identity) => {
                    let interfaces = lan_interfaces(settings);
                    let LanPorts { lan: lan_port, beacon: beacon_port } = ports;
                    let keys = self.tls_keys.clone();
                    PeopleInput::Appear(Box::new(Options { identity, me, interfaces, lan_port, beacon_port, keys }))
                }
                Err(error) => PeopleInput::Unable(Unable::NoIdentity { why: error.to_string() }),
            },
            _ => PeopleInput::Unable(Unable::NoFolder),
        };
        let _ = self.apply(Input::People(input));
    }

    /// Has the secrets of links written, from the next time that we appear on.
    pub fn write_tls_keys(&mut self, keys: KeyFile) {
        self.tls_keys = Some(keys);
    }

    /// Whether they are.
    #[must_use]
    pub fn writes_tls_keys(&self) -> bool {
        self.tls_keys.is_some()
    }

    /// The addresses of this machine have changed, or which interfaces are to be used.
    pub fn interfaces_changed(&mut self, settings: &Settings) {
        if self.lan.is_some() {
            let interfaces = lan_interfaces(settings);
            let _ = self.apply(Input::People(PeopleInput::Interfaces(interfaces)));
        }
    }

    /// What happened among people, if the history has room for it.
    pub(super) fn lan_event(&mut self) -> Option<Event> {
        if self.backlog.is_stuck() {
            return None;
        }
        self.lan.as_ref()?.try_recv()
    }

    /// The thread is started when the first wants to be seen.
    pub(super) fn hand_out_lan_commands(&mut self) {
        while let Some(command) = self.lan_commands.pop_front() {
            if self.lan.is_none() {
                if !matches!(command, Command::Start(_) | Command::Rehearse { .. }) {
                    continue;
                }
                let wake = Arc::clone(&self.wake);
                match Lan::start(move || wake()) {
                    Ok(lan) => self.lan = Some(lan),
                    Err(error) => {
                        self.lan_commands.clear();
                        let unable = Unable::NoIdentity { why: error.to_string() };
                        return drop(self.apply(Input::People(PeopleInput::Unable(unable))));
                    }
                }
            }
            let Some(lan) = &self.lan else { return };
            if let Err(Busy(command)) = lan.send(command) {
                self.lan_commands.push_front(*command);
                return;
            }
        }
    }
}

/// What is said of us, by the settings.
#[must_use]
pub fn me(settings: &Settings, computer: &str) -> Me {
    let name = if settings.lan_name.trim().is_empty() { computer } else { &settings.lan_name };
    Me {
        name: name.to_owned(),
        colour: PersonColour::new(settings.lan_colour),
        receipts: settings.read_receipts,
        ..Me::default()
    }
}

/// The name of this computer; empty where the system does not tell.
#[must_use]
pub fn computer_name() -> String {
    let from_system = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = from_system.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.unwrap_or_default();
    name.trim().split('.').next().unwrap_or_default().to_owned()
}

/// The key of that file, or a new one in it.
fn identity(path: &Path) -> io::Result<Identity> {
    private_file::check_plain_or_absent(path)?;
    match fs::metadata(path) {
        Ok(found) if found.len() > LONGEST_KEY => return Err(io::Error::other("not a key")),
        Ok(_) => {
            private_file::restrict(path);
            return Identity::from_pkcs8(&fs::read(path)?).map_err(io::Error::other);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let identity = Identity::generate().map_err(io::Error::other)?;
    atomic_file::write_atomically(path, identity.pkcs8(), Readers::Owner)?;
    Ok(identity)
}

/// The interfaces of this machine. Those of Docker, virtual machines and tunnels are off, unless the user switched them on.
fn lan_interfaces(settings: &Settings) -> Vec<Interface> {
    let all = host::interfaces().unwrap_or_default();
    // Of this machine alone one family is enough, and its IPv6 knows no group.
    let is_of_use = |one: &host::Interface| one.kind != InterfaceKind::Loopback || one.address.is_ipv4();
    let usable = all.into_iter().filter(|one| !one.link.is_cut() && !one.link.is_passing && is_of_use(one));
    let interface = |one: host::Interface| {
        let is_point = one.link.prefix.is_some_and(|prefix| match one.address {
            IpAddr::V4(_) => prefix >= 31 && one.kind != InterfaceKind::Loopback,
            IpAddr::V6(_) => prefix >= 127 && one.kind != InterfaceKind::Loopback,
        });
        let is_chosen = settings.lan_interfaces.contains(&one.name);
        Interface {
            index: interface_number(&one.name).unwrap_or_default(),
            address: one.address,
            prefix: one.link.prefix,
            on: is_chosen || (one.kind != InterfaceKind::Virtual && !is_point),
            name: one.name,
        }
    };
    usable.map(interface).collect()
}
