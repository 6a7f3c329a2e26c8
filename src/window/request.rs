//! What several places of the window ask for alike, of the server or of one connection.

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
