//! The window: takes in what happened, draws the panels, and carries out what they ask for.

mod actions;
mod announcing;
mod commands;
mod connections;
mod dialog;
pub mod display;
mod draw;
mod dropped;
mod ending;
mod events;
mod file_dialog;
mod frame_log;
mod in_sight;
mod lab;
mod network;
mod palette;
mod past;
mod people;
mod preferences;
mod renderer;
mod repainting;
mod screens;
mod second_starts;
mod sending;
mod server;
mod sockets;
mod state;
mod still;
mod tasks;

use std::{
    error::Error,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use announcing::Announced;
use egui::{Context, Ui};
use file_dialog::Files;
use frame_log::{FrameLog, thread_time};
use i18n_embed_fl::fl;
use lab::Labs;
use people::OnLan;
use renderer::{Loss, Renderer};
use repainting::{repaint, repaint_for_network};
use state::{Front, Machine, Screens, Selection, Viewport};
pub use still::Still;
use tasks::PendingQuestions;

#[cfg(not(any(windows, target_os = "macos")))]
use crate::window::x11;
use crate::{
    core::{Core, Input, Key, NoticeKind, ServerState, Sight},
    driver::{Driver, LanPorts},
    history,
    host::{Host, Question},
    i18n::{self, Words},
    lan::KeyFile,
    log,
    net::Target,
    second_start::{Seat, SecondStarts},
    settings::{BadValue, Damaged, DataFolder, Language, Saver, Settings},
    window::{
        clipboard::Clipboard,
        fonts,
        input_method::InputMethod,
        listed,
        parts::{connect::Way, icon},
        place,
        reading_order::ReadingOrder,
        screen::Screen,
        theme,
        typeahead::Typeahead,
    },
};

/// So long after the last key, click or move the user is no longer at it.
const ATTENDED: Duration = Duration::from_secs(1);

/// The least time between two readings of the accept queue while clients are being accepted.
const QUEUE_READS: Duration = Duration::from_secs(1);

/// The least time from one count of unread messages in the window's title to the next: each has two more frames drawn.
const BETWEEN_TITLES: Duration = Duration::from_secs(3);

/// The smallest size of the window, in points.
const SMALLEST: egui::Vec2 = egui::vec2(480.0, 300.0);

/// What the window begins with.
#[derive(Debug)]
pub struct Start {
    /// Where files are kept, if that folder can be used.
    pub folder: Option<DataFolder>,
    /// What the user chose.
    pub settings: Settings,
    /// Set where the settings file could not be used.
    pub damaged: Option<Damaged>,
    /// The language for this time, in place of the one in the settings.
    pub language: Option<Language>,
    /// Listen at once on this address.
    pub listen: Option<SocketAddr>,
    /// Connect at once to this host and port.
    pub connect: Option<(String, u16)>,
    /// Where to write a row for each frame.
    pub frame_log: Option<PathBuf>,
    /// The place of the folder's one window, if this is it.
    pub seat: Option<Seat>,
    /// The ports of this network.
    pub lan: LanPorts,
    /// Where the secrets of links are written, if that was asked for.
    pub tls_keys: Option<KeyFile>,
}

/// The window.
///
/// ```text
/// sidebar │ lab card                        │ settings or
///         │ screen: conversation, welcome,  │ inspector
///         │ history, network                │
/// ```
///
/// In front of it the dialog, and the toasts over all.
pub struct App {
    driver: Driver,
    machine: Machine,
    settings: Settings,
    /// Writes them; none, if there is no folder.
    saver: Option<Saver>,
    /// Where the server was told to listen at the start, in place of what the settings say; until those change.
    told_to_listen: Option<SocketAddr>,
    words: Words,
    /// Where files are kept, if there is such a folder.
    folder: Option<DataFolder>,
    screens: Screens,
    selection: Selection,
    front: Front,
    viewport: Viewport,
    labs: Labs,
    files: Files,
    /// How we are on this network.
    lan: OnLan,
    /// What was asked of the history.
    questions: PendingQuestions,
    /// What the user was told while the window was not in front.
    announced: Announced,
    /// Other starts for the same folder.
    second_starts: Option<SecondStarts>,
    /// Everything is closed.
    ended: bool,
}

/// How a window ended.
struct Ended {
    /// It had been open.
    opened: bool,
    /// Its renderer failed while it was.
    lost: bool,
    result: eframe::Result,
}

/// Open the window and stay in it until it is closed. Until there is a window nothing is begun: no thread, no socket, no
/// file; `start` is there for another try.
fn run(start: &mut Option<Start>, renderer: Renderer) -> Ended {
    let at = start.as_ref().map_or_else(Default::default, |start| start.settings.window);
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Sockhop")
        .with_app_id("sockhop")
        .with_icon(icon::window_icon())
        .with_inner_size([at.size.0 as f32, at.size.1 as f32])
        .with_min_inner_size(SMALLEST)
        .with_maximized(at.maximized);
    if let Some((x, y)) = at.position {
        viewport = viewport.with_position([x as f32, y as f32]);
    }
    // There is nothing in it that runs from one colour to another, and a processor that draws has much to do for it.
    let mut options = eframe::NativeOptions { viewport, persist_window: false, dithering: false, ..Default::default() };
    renderer.choose(&mut options);
    #[cfg(not(any(windows, target_os = "macos")))]
    {
        // There their keys come as they are: what they paste is read aside.
        options.clipboard_shortcuts = !x11::is_used();
    }
    let mut opened = false;
    let loss = Loss::default();
    let open = |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn Error + Send + Sync>> {
        opened = true;
        let start = start.take().ok_or("a window was open before")?;
        loss.watch(cc);
        place::put(cc, at, (SMALLEST.x as u32, SMALLEST.y as u32));
        ending::close_on_signals(&cc.egui_ctx);
        let app = App::new(&cc.egui_ctx, start)?;
        fonts::use_system(&cc.egui_ctx);
        #[cfg(not(any(windows, target_os = "macos")))]
        {
            x11::read_selections(cc);
            x11::take_keyboard(cc);
        }
        Ok(Box::new(app))
    };
    let result = eframe::run_native("Sockhop", options, Box::new(open));
    Ended { opened, lost: loss.happened(), result }
}

impl App {
    /// The window's content, with its threads started.
    ///
    /// # Errors
    /// Where a thread can't be started.
    pub fn new(ctx: &Context, start: Start) -> io::Result<Self> {
        fonts::install(ctx);
        theme::install(ctx);
        // In this order: what waits for the next frame has not reached the window yet.
        ctx.add_plugin(Clipboard::default());
        ctx.add_plugin(Typeahead::default());
        ctx.add_plugin(InputMethod::new(display::is_x11()));
        ctx.add_plugin(ReadingOrder);
        let host = Host::start(repaint(ctx))?;
        let (words, mut settings) = (i18n::words(start.language.unwrap_or(start.settings.language)), start.settings);
        let history = start.folder.as_ref().map(DataFolder::history);
        let saver = start.folder.as_ref().map(|folder| Saver::start(folder.settings(), settings.clone(), repaint(ctx)));
        // Where there is a file, the text that is replied with is the one in it, or the one of every earlier version.
        if start.folder.as_ref().is_none_or(|folder| !folder.settings().exists()) {
            settings.reply_text = fl!(words, "reply-default");
        }
        let mut app = Self {
            saver: saver.transpose()?,
            driver: Driver::start_unhurried(
                settings.conversation_options(),
                history.as_deref(),
                Arc::new(repaint(ctx)),
                repaint_for_network(ctx),
            )?
            .joining_tails(),
            machine: Machine::new(host),
            words,
            folder: start.folder,
            screens: Screens::default(),
            selection: Selection::default(),
            front: Front::default(),
            viewport: Viewport::new(settings.window),
            labs: Labs::default(),
            files: Files::default(),
            lan: OnLan::new(start.lan),
            questions: PendingQuestions::default(),
            announced: Announced::default(),
            second_starts: start.seat.map(|seat| seat.hear(repaint(ctx))).transpose()?,
            ended: false,
            told_to_listen: start.listen,
            settings,
        };
        if let Some(keys) = start.tls_keys {
            app.driver.write_tls_keys(keys);
        }
        if let Some(folder) = &app.folder
            && let Some(place) = log::take_fault(folder)
        {
            let log = folder.log();
            app.change(Input::Notice(NoticeKind::EndedByFault { place, log }));
        }
        match start.damaged {
            Some(Damaged::File { why, set_aside }) => {
                app.change(Input::Notice(NoticeKind::SettingsDamaged { why, set_aside }));
            }
            Some(Damaged::Values(bad)) => {
                for BadValue { key, why } in bad {
                    app.change(Input::Notice(NoticeKind::SettingIgnored { key, why }));
                }
            }
            None => {}
        }
        if let Some(path) = start.frame_log {
            match FrameLog::create(&path) {
                Ok(log) => app.viewport.frame_log = Some(log),
                Err(error) => app.frame_log_failed(path, &error),
            }
        }
        app.change(Input::DevicesChanged(app.settings.devices.clone()));
        app.change(Input::RulesChanged(app.settings.rules.clone()));
        app.read_labs();
        app.ask_host(Question::Interfaces);
        app.set_keeping(app.settings.keep_history);
        app.apply_theme_and_zoom(ctx);
        if app.folder.is_none() {
            app.change(Input::Notice(NoticeKind::NoFolder));
        }
        if let Some(address) = start.listen {
            app.listen(address);
        }
        if let Some((host, port)) = start.connect {
            app.connect(host, port, Way::default());
        }
        Ok(app)
    }

    /// What the program knows, for tests.
    #[must_use]
    pub fn core(&self) -> &Core {
        self.driver.core()
    }

    /// Wait until the settings are in their file, for tests.
    pub fn wait_until_saved(&self) {
        if let Some(saver) = &self.saver {
            saver.settle();
        }
    }

    /// Ask who holds the port of an address that is in use.
    fn ask_owner(&mut self, target: &Target) {
        if let Target::Address(address) = target {
            self.machine.facts.port_owner = None;
            self.ask_host(Question::PortOwner(address.port()));
        }
    }

    /// Clients were accepted since the accept queue was read: it is read again, also after the last of a burst.
    fn refresh_accept_queue(&mut self, ctx: &Context) {
        if !self.machine.queue_is_stale {
            return;
        }
        match QUEUE_READS.checked_sub(self.machine.queue_read.elapsed()) {
            Some(left) if !left.is_zero() => ctx.request_repaint_after(left),
            _ => self.follow_accept_queue(self.core().server().stepping),
        }
    }

    /// Read the accept queue: again and again while accept is paused; once while it is not, since it
    /// changes then only when somebody connects.
    fn follow_accept_queue(&mut self, paused: bool) {
        self.machine.queue_read = Instant::now();
        self.machine.queue_is_stale = false;
        let ServerState::Listening { local, .. } = self.core().server().state else { return };
        self.ask_host(Question::WatchAcceptQueue(paused.then_some(local)));
        self.ask_host(Question::AcceptQueue(local));
    }

    /// Has something taken in, and looks at what it puts in sight: the one way in which anything changes.
    fn change(&mut self, input: Input) {
        if let Some(key) = self.driver.apply(input).show {
            self.select(key);
        }
    }

    /// Ask the history, if there is one; whether it will answer.
    fn ask_history(&self, question: history::Question) -> bool {
        let Some(history) = self.driver.history() else { return false };
        let asked = history.ask(question);
        if !asked {
            tracing::warn!("too many questions to the history");
        }
        asked
    }

    /// Ask the host; a question more than it takes is one it has been asked already.
    fn ask_host(&self, question: Question) {
        if !self.machine.host.ask(question) {
            tracing::warn!("too many questions to the host");
        }
    }

    fn select(&mut self, key: Key) {
        self.selection.conversation = key;
        self.selection.user_has_selected = true;
        self.screens.conversation.composer.focus();
    }

    /// What is in sight of a conversation, if one was drawn.
    fn take_sight(&mut self) -> Option<Sight> {
        if self.screens.stage.shows(Screen::History) {
            self.screens.history.take_sight()
        } else {
            self.screens.conversation.take_sight()
        }
    }

    fn frame_log_failed(&mut self, path: PathBuf, error: &io::Error) {
        tracing::error!("frame log: {error}");
        self.viewport.frame_log = None;
        self.change(Input::Notice(NoticeKind::FrameLog { path, why: error.to_string() }));
    }

    /// Remember where the window is, in points at 100 %.
    fn remember_place(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        let mut place = self.viewport.place;
        ctx.input(|input| {
            let viewport = input.viewport();
            place.maximized = viewport.maximized.unwrap_or(false);
            if place.maximized || viewport.minimized == Some(true) || viewport.fullscreen == Some(true) {
                return;
            }
            if let Some(inner) = viewport.inner_rect {
                let size = inner.size() * zoom;
                if size.x >= 200.0 && size.y >= 150.0 {
                    place.size = (size.x.round() as u32, size.y.round() as u32);
                }
            }
            if let Some(outer) = viewport.outer_rect {
                let corner = outer.min * zoom;
                place.position = Some((corner.x.round() as i32, corner.y.round() as i32));
            }
        });
        self.viewport.is_at(place);
    }

    /// The title counts unread messages, for it is seen while another window is in front.
    fn set_title(&mut self, ctx: &Context) {
        let unread: usize = listed::all(self.core()).map(|(_, conversation)| conversation.unread()).sum();
        let name = fl!(self.words, "app-name");
        let title = if unread == 0 { name } else { format!("({unread}) {name}") };
        if title == self.viewport.title {
            return;
        }
        let left = self.viewport.titled.map_or(Duration::ZERO, |at| BETWEEN_TITLES.saturating_sub(at.elapsed()));
        if left.is_zero() || unread == 0 {
            self.viewport.titled = (unread > 0).then(Instant::now);
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.viewport.title = title;
        } else {
            ctx.request_repaint_after(left);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        if self.machine.is_still {
            return;
        }
        let before = thread_time();
        self.ask_before_closing(ctx);
        self.drain(ctx);
        self.follow_lan();
        self.follow_reconnected();
        self.read_what_is_in_sight(ctx);
        self.answer_second_starts(ctx);
        self.announce(ctx);
        // Of an icon nothing else is seen.
        self.set_title(ctx);
        self.viewport.raise_further(ctx);
        self.follow_asking(ctx, frame);
        self.watch_sockets();
        if let Some(log) = &mut self.viewport.frame_log {
            log.logic(thread_time().saturating_sub(before));
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let before = thread_time();
        let ctx = ui.ctx().clone();
        let focused = ctx.input(|input| input.focused);
        if focused && !self.viewport.focused {
            // Networks come and go while other windows are in front.
            self.ask_host(Question::Interfaces);
        }
        self.viewport.focused = focused;
        for action in self.draw(ui) {
            self.carry_out(&ctx, action);
        }
        self.take_dropped(&ctx);
        self.sockets_drawn();
        self.watch_link();
        self.report_sight();
        self.follow_asking(&ctx, frame);
        let sight = self.take_sight();
        self.selection.end_in_sight = sight.filter(|sight| sight.at_end).map(|sight| sight.key);
        if let Some(sight) = sight {
            self.change(Input::InSight(sight));
        }
        self.viewport.maximize(&ctx);
        self.remember_place(&ctx);
        self.set_title(&ctx);
        if let Some(log) = &mut self.viewport.frame_log
            && let Err(error) = log.ui(thread_time().saturating_sub(before))
        {
            let path = log.path().to_owned();
            self.frame_log_failed(path, &error);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.viewport.is_cleared.set(true);
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.end();
    }

    #[cfg(any(windows, target_os = "macos"))]
    fn on_exit(&mut self) {
        self.end();
    }
}
