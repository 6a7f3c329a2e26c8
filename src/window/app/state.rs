//! What the app consists of besides its threads and the core, each under one noun.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;

use super::{
    ATTENDED,
    dialog::Dialog,
    events::{DRAIN, DRAIN_UNATTENDED},
    frame_log::FrameLog,
    network::Network,
    sockets::Watching,
};
use crate::{
    chat::RowNumber,
    core::Key,
    explain::Facts,
    host::{self, Host, Interface},
    net::ConnId,
    settings::WindowPlace,
    window::{
        parts::{
            conversation::ConversationPanel, inspector::Inspector, lab::LabCard, notices::Toasts, palette,
            sidebar::Sidebar,
        },
        screen::{
            Stage, explain_error::ExplainError, history::HistoryPanel, presenter::Presenter, settings::SettingsPane,
            welcome::Welcome,
        },
        spoken::Spoken,
    },
};

/// This machine, as far as the window shows it.
pub(super) struct Machine {
    pub(super) host: Host,
    pub(super) interfaces: Vec<Interface>,
    pub(super) facts: Facts,
    /// What the system caps a backlog to, where it says so.
    pub(super) backlog_cap: Option<u32>,
    pub(super) zone: TimeZone,
    pub(super) sockets: Watching,
    /// When the accept queue was read last.
    pub(super) queue_read: Instant,
    /// It may be another since.
    pub(super) queue_is_stale: bool,
    /// All of this was given, for a picture: what threads report is not shown.
    pub(super) is_still: bool,
}

impl Machine {
    pub(super) fn new(host: Host) -> Self {
        Self {
            host,
            interfaces: Vec::new(),
            facts: Facts::default(),
            backlog_cap: host::system_backlog_cap(),
            zone: TimeZone::system(),
            sockets: Watching::default(),
            queue_read: Instant::now(),
            queue_is_stale: false,
            is_still: false,
        }
    }
}

/// What is drawn, with what is typed and folded there; and which of it is open.
#[derive(Debug, Default)]
pub(super) struct Screens {
    pub(super) stage: Stage,
    pub(super) sidebar: Sidebar,
    pub(super) conversation: ConversationPanel,
    pub(super) welcome: Welcome,
    pub(super) settings: SettingsPane,
    pub(super) history: HistoryPanel,
    pub(super) network: Network,
    pub(super) explain_error: ExplainError,
    pub(super) presenter: Presenter,
    pub(super) inspector: Inspector,
    pub(super) lab_card: LabCard,
    pub(super) spoken: Spoken,
}

impl Screens {
    /// Whether a text is looked for in the conversation that is in sight.
    pub(super) fn finds(&self) -> bool {
        self.conversation.find.is_open() && !self.inspector.wide
    }

    /// Whether something is in front that Escape closes.
    pub(super) fn can_close(&self) -> bool {
        self.finds() || self.stage.in_front().is_some() || self.stage.is_projecting() || self.inspector.wide
    }
}

/// What the user looks at.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) conversation: Key,
    /// The message whose bytes are shown.
    pub(super) inspected_message: Option<(Key, RowNumber)>,
    /// A conversation was selected, and the user may be writing in it: a new one does not take its place.
    pub(super) user_has_selected: bool,
    /// The conversation whose end was in the last frame: what comes to it is read at once.
    pub(super) end_in_sight: Option<Key>,
    /// The connection that the network thread knows to be in sight.
    pub(super) reported_in_sight: Option<ConnId>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            conversation: Key::Everyone,
            inspected_message: None,
            user_has_selected: false,
            end_in_sight: None,
            reported_in_sight: None,
        }
    }
}

/// What lies in front of the screens.
#[derive(Debug, Default)]
pub(super) struct Front {
    pub(super) dialog: Option<Dialog>,
    pub(super) toasts: Toasts,
    /// A dialog is open, or was until now: what had the keyboard before.
    pub(super) behind: Option<Behind>,
}

/// What lies behind a dialog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    /// What had the keyboard, if something had.
    pub(super) focused: Option<egui::Id>,
}

impl Front {
    /// When a dialog has closed, what had the keyboard before has it again. To be called before anything is drawn.
    pub(super) fn look_after_focus(&mut self, ctx: &egui::Context) {
        match (self.dialog.is_some(), self.behind) {
            (true, None) => {
                self.behind = Some(Behind { focused: ctx.memory(egui::Memory::focused) });
                // What is typed behind the shortcut is in the frame in which the palette is drawn first.
                if matches!(self.dialog, Some(Dialog::Palette(_))) {
                    ctx.memory_mut(|memory| memory.request_focus(palette::field_id()));
                }
            }
            // For one frame more nothing behind the dialog may have it.
            (false, Some(_)) if ctx.memory(|memory| memory.top_modal_layer().is_some()) => ctx.request_repaint(),
            (false, Some(before)) => {
                self.behind = None;
                if let Some(before) = before.focused {
                    ctx.memory_mut(|memory| memory.request_focus(before));
                }
            }
            _ => {}
        }
    }
}

/// The window as the desktop knows it, and the log of its frames.
pub(super) struct Viewport {
    pub(super) place: WindowPlace,
    /// In so many frames it is to fill the screen: a window that does not show yet cannot on every system.
    maximize_in: Option<u32>,
    /// Until when the desktop still gives the window its place; `None` before the first frame.
    opens_until: Option<Instant>,
    /// Whether it was moved or sized since then.
    moved: bool,
    /// It is to come to the front, and since when.
    raising: Option<Instant>,
    pub(super) title: String,
    /// When it was set.
    pub(super) titled: Option<Instant>,
    /// Whoever draws the window fills it with the ground's colour first: nothing else has to.
    pub(super) is_cleared: Cell<bool>,
    /// When the user last did something.
    attended: Option<Instant>,
    pub(super) focused: bool,
    pub(super) frame_log: Option<FrameLog>,
}

/// For so long after it has opened, the desktop moves and sizes the window, not the user.
const OPENING: Duration = Duration::from_secs(1);

/// The time between two requests to come to the front.
const RAISED_AGAIN: Duration = Duration::from_millis(50);

/// What has not come to the front in this time does not.
const RAISED_WITHIN: Duration = Duration::from_millis(500);

/// Whether the window has the keyboard; also where it is hidden, so that no frame is drawn.
pub(super) fn is_in_front(ctx: &egui::Context) -> bool {
    ctx.input(|input| input.raw.focused && input.viewport().minimized != Some(true))
}

impl Viewport {
    pub(super) fn new(place: WindowPlace) -> Self {
        Self {
            place,
            maximize_in: place.maximized.then_some(2),
            opens_until: None,
            moved: false,
            raising: None,
            title: String::new(),
            titled: None,
            is_cleared: Cell::new(false),
            attended: None,
            focused: true,
            frame_log: None,
        }
    }

    /// How long events may be taken in before this frame is drawn.
    pub(super) fn time_for_events(&mut self, ctx: &egui::Context) -> Duration {
        if ctx.input(|input| !input.raw.events.is_empty() || input.pointer.any_down()) {
            self.attended = Some(Instant::now());
        }
        if self.attended.is_some_and(|at| at.elapsed() < ATTENDED) { DRAIN } else { DRAIN_UNATTENDED }
    }

    /// Fills the screen, if that is due.
    pub(super) fn maximize(&mut self, ctx: &egui::Context) {
        self.maximize_in = match self.maximize_in {
            Some(0) => {
                ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
                None
            }
            Some(frames) => {
                ctx.request_repaint();
                Some(frames - 1)
            }
            None => None,
        };
    }

    /// Brings the window to the front, from wherever it is.
    ///
    /// On X11 it asks the window manager (`_NET_ACTIVE_WINDOW`), which openbox, for one, grants. A window manager that
    /// lets no program take the keyboard marks the window in its taskbar instead, and so does Wayland, where winit
    /// brings no window to the front; there attention is asked for.
    pub(super) fn raise(&mut self, ctx: &egui::Context) {
        ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
        ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
        self.raising = Some(Instant::now());
        ctx.request_repaint_after(RAISED_AGAIN);
    }

    /// Asks again until it is in front: while a window is minimised, it cannot get the keyboard.
    pub(super) fn raise_further(&mut self, ctx: &egui::Context) {
        let Some(since) = self.raising else { return };
        if is_in_front(ctx) {
            self.raising = None;
        } else if since.elapsed() > RAISED_WITHIN {
            self.raising = None;
            ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(egui::UserAttentionType::Informational));
        } else {
            ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
            ctx.request_repaint_after(RAISED_AGAIN);
        }
    }

    /// The window is here now.
    pub(super) fn is_at(&mut self, place: WindowPlace) {
        let opens_until = *self.opens_until.get_or_insert_with(|| Instant::now() + OPENING);
        self.moved |= place != self.place && Instant::now() >= opens_until;
        self.place = place;
    }

    /// Where the window is, if it was moved or sized since it opened.
    pub(super) fn place_to_save(&self) -> Option<WindowPlace> {
        self.moved.then_some(self.place)
    }
}
