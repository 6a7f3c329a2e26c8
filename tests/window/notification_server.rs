//! A desktop's notification server, on a bus of its own, that shows nothing and tells what it was asked.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use zbus::{
    blocking::{Connection, MessageIterator, connection::Builder},
    message::Type,
    names::MemberName,
    zvariant::OwnedValue,
};

use crate::desktop::{PATIENCE, Running};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What it was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Show this text with this number, in place of another one.
    Show { number: u32, replaces: u32, text: String },
    /// Take this number away.
    Close(u32),
}

pub struct NotificationServer {
    pub bus_address: String,
    connection: Connection,
    calls: Receiver<Call>,
    _bus: Running,
}

impl NotificationServer {
    /// Starts it.
    pub fn start() -> Self {
        let mut bus = Running::start(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let mut bus_address = String::new();
        BufReader::new(bus.0.stdout.take().unwrap()).read_line(&mut bus_address).unwrap();
        let bus_address = bus_address.trim().to_owned();
        let connection = Builder::address(bus_address.as_str()).unwrap().build().unwrap();
        // Before there is a name by which it can be asked.
        let asked = MessageIterator::from(&connection);
        connection.request_name(NAME).unwrap();
        let (sender, calls) = channel();
        let answering = connection.clone();
        thread::spawn(move || {
            let mut shown = 0;
            for message in asked.map_while(Result::ok).filter(|message| message.message_type() == Type::MethodCall) {
                let header = message.header();
                let call = match header.member().map(MemberName::as_str) {
                    Some("Notify") => {
                        type Notify =
                            (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);
                        let (_, replaces, _, summary, body, actions, _, _): Notify =
                            message.body().deserialize().unwrap();
                        assert_eq!((body.as_str(), actions[0].as_str()), ("", "default"));
                        shown += u32::from(replaces == 0);
                        let number = if replaces == 0 { shown } else { replaces };
                        answering.reply(&header, &number).unwrap();
                        Call::Show { number, replaces, text: summary }
                    }
                    Some("CloseNotification") => {
                        answering.reply(&header, &()).unwrap();
                        Call::Close(message.body().deserialize().unwrap())
                    }
                    _ => continue,
                };
                if sender.send(call).is_err() {
                    return;
                }
            }
        });
        Self { bus_address, connection, calls, _bus: bus }
    }

    /// The next thing that it is asked.
    pub fn next_call(&self) -> Call {
        self.calls.recv_timeout(PATIENCE).expect("the notification server was asked nothing")
    }

    /// What it was asked and nobody looked at.
    pub fn calls_left(&self) -> Vec<Call> {
        self.calls.try_iter().collect()
    }

    /// Clicks on what is shown with this number.
    pub fn click(&self, number: u32) {
        self.connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(number, "default")).unwrap();
        self.connection.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &(number, 2_u32)).unwrap();
    }
}
