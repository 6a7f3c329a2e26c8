//! The notifications of a Linux or BSD desktop, asked for over D-Bus.
//!
//! <https://specifications.freedesktop.org/notification-spec/latest/>

use std::{collections::HashMap, io, thread, time::Duration};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, never, select, unbounded};
use zbus::{
    MatchRule,
    blocking::{Connection, MessageIterator, connection::Builder},
    message::Type,
    names::MemberName,
    zvariant::Value,
};

use super::Heard;
use crate::core::Key;

/// The name that the desktop's server has on the bus, and that of its interface.
const NAME: &str = "org.freedesktop.Notifications";

/// Where it is.
const PATH: &str = "/org/freedesktop/Notifications";

/// How long the server may take for an answer.
const LIMIT: Duration = Duration::from_secs(3);

/// How long the end of the program waits until all notifications are taken away.
const LAST: Duration = Duration::from_millis(300);

/// What may wait for a server that is slow; what comes then is not shown.
const WAITING: usize = 64;

/// The key of the action that a click on the notification itself means.
const CLICK: &str = "default";

/// Shows notifications, on a thread of its own. Where there is no bus or nobody who shows them, nothing is shown.
#[derive(Debug)]
pub struct Notifications {
    orders: Option<Sender<Order>>,
    heard: Receiver<Heard>,
    ended: Receiver<()>,
}

#[derive(Debug)]
enum Order {
    Show { key: Key, text: String, open: String },
    Close(Key),
}

impl Notifications {
    /// Starts the thread. Nothing is asked of the bus before there is something to show. `wake` is called when the user
    /// did something with a notification.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (orders, ordered) = bounded(WAITING);
        let (hear, heard) = unbounded();
        let (ending, ended) = bounded(0);
        thread::Builder::new().name("notifications".to_owned()).spawn(move || {
            // Let go at the end, which is what is waited for.
            let _ending = ending;
            run(&ordered, |what| {
                if hear.send(what).is_ok() {
                    wake();
                }
            });
        })?;
        Ok(Self { orders: Some(orders), heard, ended })
    }

    /// Shows this text, in place of what is shown of this conversation. `open`: what a click does, in a word.
    pub fn show(&self, key: Key, text: String, open: String) {
        self.order(Order::Show { key, text, open });
    }

    /// Takes away what is shown of this conversation.
    pub fn close(&self, key: Key) {
        self.order(Order::Close(key));
    }

    /// What the user did.
    #[must_use]
    pub fn try_recv(&self) -> Option<Heard> {
        self.heard.try_recv().ok()
    }

    fn order(&self, order: Order) {
        if self.orders.as_ref().is_some_and(|orders| orders.try_send(order).is_err()) {
            tracing::debug!("nobody takes notifications");
        }
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.orders = None;
        if self.ended.recv_timeout(LAST) == Err(RecvTimeoutError::Timeout) {
            tracing::debug!("notifications are left behind");
        }
    }
}

/// What the server says of the notification with this number.
#[derive(Debug)]
enum Signal {
    Chosen(u32),
    Closed(u32),
}

fn run(orders: &Receiver<Order>, hear: impl Fn(Heard)) {
    let mut server = None;
    let mut signals = never();
    loop {
        select! {
            recv(orders) -> order => {
                let Ok(order) = order else { break };
                if server.is_none() && matches!(order, Order::Show { .. }) {
                    match Server::connect() {
                        Ok((connected, its_signals)) => {
                            server = Some(connected);
                            signals = its_signals;
                        }
                        Err(error) => {
                            tracing::info!("no notifications: {error}");
                            return;
                        }
                    }
                }
                if let Some(server) = &mut server && let Err(error) = server.carry_out(&order) {
                    tracing::info!("notifications: {error}");
                }
            }
            recv(signals) -> signal => match (signal, &mut server) {
                (Ok(Signal::Chosen(number)), Some(server)) => {
                    if let Some(key) = server.key_of(number) {
                        hear(Heard::Chosen(key));
                    }
                }
                (Ok(Signal::Closed(number)), Some(server)) => {
                    if let Some(key) = server.key_of(number) {
                        server.shown.remove(&key);
                        hear(Heard::PutAway(key));
                    }
                }
                _ => signals = never(),
            },
        }
    }
    if let Some(server) = server {
        server.end();
    }
}

/// The desktop's server, and the numbers that it gave to what it shows.
struct Server {
    bus: Connection,
    shown: HashMap<Key, u32>,
}

impl Server {
    fn connect() -> zbus::Result<(Self, Receiver<Signal>)> {
        let bus = Builder::session()?.method_timeout(LIMIT).build()?;
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.path(PATH)?.interface(NAME)?.build();
        let said = MessageIterator::for_match_rule(rule, &bus, None)?;
        let (sender, signals) = unbounded();
        // Ends with the connection.
        thread::Builder::new().name("notified".to_owned()).spawn(move || {
            for message in said {
                let Ok(message) = message else { return };
                let (header, body) = (message.header(), message.body());
                // Which token brings a window to the front on Wayland is told too (`ActivationToken`), but winit takes
                // one for new windows only.
                let signal = match header.member().map(MemberName::as_str) {
                    Some("ActionInvoked") => {
                        body.deserialize::<(u32, &str)>().map(|(number, _)| Signal::Chosen(number))
                    }
                    Some("NotificationClosed") => {
                        body.deserialize::<(u32, u32)>().map(|(number, _)| Signal::Closed(number))
                    }
                    _ => continue,
                };
                if let Ok(signal) = signal
                    && sender.send(signal).is_err()
                {
                    return;
                }
            }
        })?;
        Ok((Self { bus, shown: HashMap::new() }, signals))
    }

    fn carry_out(&mut self, order: &Order) -> zbus::Result<()> {
        match order {
            Order::Show { key, text, open } => {
                let replaced = self.shown.get(key).copied().unwrap_or(0);
                let hints = HashMap::from([
                    ("category", Value::from("im.received")),
                    ("desktop-entry", Value::from("sockhop")),
                ]);
                // The text is the summary: some servers take a body for markup, which a name could contain.
                let actions: &[&str] = &[CLICK, open];
                let notification = ("Sockhop", replaced, "sockhop", text, "", actions, hints, -1_i32);
                let answer = self.bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &notification)?;
                self.shown.insert(*key, answer.body().deserialize()?);
            }
            Order::Close(key) => {
                if let Some(number) = self.shown.remove(key) {
                    self.close(number)?;
                }
            }
        }
        Ok(())
    }

    fn close(&self, number: u32) -> zbus::Result<()> {
        self.bus.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &number).map(drop)
    }

    fn key_of(&self, number: u32) -> Option<Key> {
        self.shown.iter().find(|(_, shown)| **shown == number).map(|(key, _)| *key)
    }

    /// Nobody could open a conversation of a program that is no more.
    fn end(self) {
        for number in self.shown.values() {
            if self.close(*number).is_err() {
                break;
            }
        }
        drop(self.bus.close());
    }
}
