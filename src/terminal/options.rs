//! What was asked of the terminal beside how conversations are held.

use std::{path::PathBuf, time::Duration};

use super::report::Form;
use crate::cli::{ConnArgs, ConnectArgs, ListenArgs};

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// In which form is told what happens.
    pub form: Form,
    /// Which way messages go.
    pub direction: Direction,
    /// When the session ends by itself.
    pub ends: Ends,
    /// It goes over UDP.
    pub udp: bool,
    /// A client connects again: lines that did not get out wait for that.
    pub reconnect: bool,
    /// How long after a line the next is sent.
    pub delay: Option<Duration>,
    /// After how long a conversation is ended over which nothing comes or goes.
    pub idle: Option<Duration>,
    /// Where all that is said is written too, as it is on the wire.
    pub copy_to: Option<PathBuf>,
    /// The same as hex and text.
    pub hex_dump: Option<PathBuf>,
}

/// Which way messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    #[default]
    Both,
    /// What comes is thrown away, and the end of standard input is the end.
    SendOnly,
    /// Standard input is not read.
    ReceiveOnly,
}

/// When the session ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// A client's with its connection, a server's never.
    #[default]
    Usual,
    /// A server's with its first client.
    WithFirstClient,
    /// A client's as soon as it is connected.
    OnceConnected,
}

impl Options {
    /// What was asked of a server.
    pub fn of_listen(args: &ListenArgs) -> Self {
        let ends = if args.once { Ends::WithFirstClient } else { Ends::Usual };
        Self { ends, udp: args.udp, ..Self::of_conn(&args.conn) }
    }

    /// What was asked of a client.
    pub fn of_connect(args: &ConnectArgs) -> Self {
        let options = Self { reconnect: args.reconnect, udp: args.udp, ..Self::of_conn(&args.conn) };
        if args.probe {
            return Self { ends: Ends::OnceConnected, direction: Direction::ReceiveOnly, ..options };
        }
        options
    }

    fn of_conn(args: &ConnArgs) -> Self {
        Self {
            form: match (args.raw, args.json) {
                (true, _) => Form::Raw,
                (false, true) => Form::Json,
                (false, false) => Form::Plain,
            },
            direction: match (args.send_only, args.receive_only) {
                (true, _) => Direction::SendOnly,
                (false, true) => Direction::ReceiveOnly,
                (false, false) => Direction::Both,
            },
            ends: Ends::Usual,
            udp: false,
            reconnect: false,
            delay: args.delay.map(Duration::from_millis),
            idle: args.idle,
            copy_to: args.copy_to.clone(),
            hex_dump: args.hex_dump.clone(),
        }
    }
}
