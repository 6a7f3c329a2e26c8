//! What the user can ask for: by a button, a menu or a key.

use std::{net::SocketAddr, path::PathBuf};

use bytes::Bytes;

use super::{
    parts::{file_dialog::FileWanted, inspector::Tab},
    screen::network::NetworkAction,
};
use crate::{
    core::{EntryId, Key, Manner, Step},
    history::{HitPlace, Removal, SessionId, TaskId},
    net::ConnId,
    settings::Settings,
};

/// What the user can ask for. Panels return it; the app carries it out.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Start the server.
    StartListening,
    /// Stop the server.
    StopListening,
    /// Stop calling accept.
    PauseAccepting,
    /// Call accept again.
    ResumeAccepting,
    /// Have the server and its clients make each call as a step, or go on by themselves.
    SetStepping(bool),
    /// Have one connection make each call as a step, or go on by itself.
    SetConnStepping(ConnId, bool),
    /// Make the call that a program would make next.
    NextStep,
    /// Make this call, whatever the order.
    TryStep(Step),
    /// Have a client connection to this address, of which no call is made before its step.
    PrepareConnection(SocketAddr),
    /// Show the dialog that asks for an address.
    AskAddress,
    /// Connect to this host and port.
    Connect(String, u16),
    /// Listen on 127.0.0.1 and connect to it.
    TryAlone,
    /// Call off a connect.
    CancelConnect(ConnId),
    /// Connect again to where this conversation was with.
    ConnectAgain(ConnId),
    /// Open a conversation.
    Select(Key),
    /// Open the one after (`1`) or before (`-1`).
    SelectBeside(isize),
    /// All of the open conversation has been seen.
    Read(Key),
    /// Send text.
    SendText(Key, String),
    /// Send these bytes as they are.
    SendBytes(Key, Bytes),
    /// Send a failed message again.
    Retry(Key, EntryId),
    /// Finish sending (half-close).
    FinishSending(ConnId),
    /// Close a connection.
    Close(ConnId),
    /// Reset a connection.
    Reset(ConnId),
    /// Remove a closed conversation.
    Remove(ConnId),
    /// Remove all closed conversations.
    RemoveClosed,
    /// Have the conversations back that were removed last.
    UndoRemove,
    /// Have so many more simulated students connect to our server.
    AddStudents(usize),
    /// Send all simulated students away.
    RemoveStudents,
    /// Show the dialog that asks for a name.
    AskName(ConnId),
    /// Give a peer a name, or take it back.
    Rename(ConnId, Option<String>),
    /// Change the manner of a conversation.
    SetManner(Key, Manner),
    /// Change the settings.
    SetSettings(Box<Settings>),
    /// Put this on the clipboard, and say what it is.
    Copy(String),
    /// Close what lies in front.
    CloseInFront,
    /// Show or hide the settings.
    ToggleSettings,
    /// Something about this computer's network.
    Network(NetworkAction),
    /// Show or hide past sessions.
    ToggleHistory,
    /// Find past sessions with this in their name or address, and messages with this in their text.
    Find(String),
    /// Open the past session of a message that was found, there.
    OpenHit(HitPlace),
    /// Open a past session for reading, or close it.
    OpenPast(Option<SessionId>),
    /// Remove past messages for good.
    RemovePast(Removal),
    /// Remove messages that are older than the user wants to keep.
    RemoveOld,
    /// Show the panel of past sessions, with this one open for reading, or with the list of them.
    ReadPast(Option<SessionId>),
    /// Give up what the history is at.
    CancelTask(TaskId),
    /// Show the dialog that asks for a file.
    AskFile(FileWanted),
    /// Have the file chosen in the system's own dialog.
    BrowseFiles,
    /// Do with this file what it was asked for.
    FileChosen(FileWanted, PathBuf),
    /// Record no further what this connection receives.
    StopRecording(ConnId),
    /// Show or hide the log of notices.
    ToggleNotices,
    /// Show or hide the list of shortcuts.
    ToggleShortcuts,
    /// Fold the inspector away, or show it.
    ToggleInspector,
    /// Let the inspector take all the window, or only its side of it.
    WidenInspector,
    /// Turn the window into the projected one, or back.
    TogglePresenter,
    /// Let the window fill the screen, or not.
    ToggleFullScreen,
    /// Show this tab of the inspector.
    ShowTab(Tab),
    /// Look at the bytes of this message.
    ShowBytes(Key, EntryId),
    /// Look at the calls that carried this message.
    ShowCalls(Key, EntryId),
    /// Show this message in its conversation.
    GoTo(Key, EntryId),
    /// Show or hide the list of labs.
    ToggleLabs,
    /// Begin the lab of this id; `true`, if the user said that the server may be stopped for it.
    StartLab(String, bool),
    /// Do what the step's button says.
    DoStep,
    /// Go on to the next step of the lab.
    NextOfLab,
    /// Go back to the step before.
    BackInLab,
    /// Begin the lab once more.
    RestartLab,
    /// End the lab.
    LeaveLab,
    /// Put the cursor in the composer.
    FocusComposer,
    /// Type hex, or text again.
    ToggleHex,
    /// Make text larger (`1`) or smaller (`-1`), or as it was (`0`).
    TextSize(i8),
    /// Close the dialog or pane that is open.
    Dismiss,
}
