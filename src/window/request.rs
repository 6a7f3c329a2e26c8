//! What several places of the window ask for alike, of the server, of one connection or of one person.

use crate::{chat::RowNumber, settings::Transport};

/// Something of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRequest {
    /// Start it; where each call is a step, make the next.
    Start,
    /// Stop it.
    Stop,
    /// Call `accept` no more.
    PauseAccepting,
    /// Call `accept` again.
    ResumeAccepting,
    /// Whether the server and its clients make each call as a step.
    SetStepping(bool),
    /// Over what it is started the next time.
    SetTransport(Transport),
}

/// Something of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnRequest {
    /// Give up the attempt to connect.
    CancelConnect,
    /// Connect again to where it was connected.
    ConnectAgain,
    /// Shut down its sending side (half-close).
    FinishSending,
    /// Close it.
    Close,
    /// Reset it.
    Reset,
    /// Remove its conversation, once it is closed.
    Remove,
    /// Record no further what it receives.
    StopRecording,
    /// Have it make its calls by itself.
    StopStepping,
    /// Have it tried again no more.
    StopReconnecting,
}

/// Something of one person on this network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonRequest {
    /// Compare six digits with them, and show them.
    Verify,
    /// What came of comparing six digits, or not now.
    StopVerifying,
    /// The digits are the same, or not.
    Compared {
        /// Whether they are.
        same: bool,
    },
    /// Send nothing to them, and take nothing from them.
    Block,
    /// Send to them again.
    Unblock,
    /// Ask whether to forget them.
    AskForget,
    /// Have them in the list no longer, and forget that they were verified.
    Forget,
    /// The key is new, and right.
    Accept,
    /// Take back a message that waits.
    Cancel(RowNumber),
}
