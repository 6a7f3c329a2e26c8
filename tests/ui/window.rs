//! The window without a screen, used the way a person uses it: by the names on its controls.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, OutputCommand, PointerButton, Pos2, Rect, TouchPhase,
    ViewportCommand, ViewportId,
    accesskit::{Action, ActionRequest, Live, Role},
};
use egui_kittest::{
    Harness,
    kittest::{AccessKitNode, NodeT as _},
};
use i18n_embed_fl::fl;
use sockhop::{
    core::Input,
    driver::LanPorts,
    i18n::{self, Words},
    lan::KeyFile,
    settings::{DataFolder, Language, ListenOn, Settings},
    window::{
        app::{App, Start, Still},
        system_dialog::{Choice, Question, SystemDialog},
    },
};
use tempfile::TempDir;

use super::peer::Peer;

/// How long anything may take to show.
pub const LIMIT: Duration = Duration::from_secs(10);

/// What the window begins with: this computer only, any free port.
pub struct Setup {
    pub settings: Settings,
    pub folder: TempDir,
    pub size: (f32, f32),
    pub theme: egui::Theme,
    /// Bytes are shown that no font has a character for.
    pub any_bytes: bool,
    pub listen: Option<SocketAddr>,
    /// Of its own: no other test's window is met.
    pub lan: LanPorts,
    pub tls_keys: Option<KeyFile>,
    /// The system's file dialog; there is none unless a test brings one.
    pub system_dialog: Arc<dyn SystemDialog>,
}

/// A system without a file dialog, whatever the desktop that the tests run on.
struct NoSystemDialog;

impl SystemDialog for NoSystemDialog {
    fn is_there(&self) -> bool {
        false
    }

    fn ask(&self, question: Question, _window: &eframe::Frame) -> Choice {
        panic!("{question:?} was asked of a dialog that is not there")
    }
}

/// Play a scenario in each language.
pub fn in_each_language(play: impl Fn(Setup)) {
    for language in [Language::English, Language::Chinese] {
        println!("in {language:?}");
        play(Setup::new(language));
    }
}

impl Setup {
    pub fn new(language: Language) -> Self {
        let settings = Settings {
            listen_on: ListenOn::ThisComputer,
            port: 0,
            language,
            server_unfolded: true,
            ..Settings::default()
        };
        let folder = tempfile::tempdir().unwrap();
        Self {
            settings,
            folder,
            size: (1280.0, 800.0),
            theme: egui::Theme::Light,
            any_bytes: false,
            listen: None,
            lan: free_lan_ports(),
            tls_keys: None,
            system_dialog: Arc::new(NoSystemDialog),
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub fn size(mut self, width: f32, height: f32) -> Self {
        self.size = (width, height);
        self
    }

    pub fn system_dialog(mut self, dialog: Arc<dyn SystemDialog>) -> Self {
        self.system_dialog = dialog;
        self
    }

    /// With `--listen`.
    pub fn told_to_listen(mut self, address: SocketAddr) -> Self {
        self.listen = Some(address);
        self
    }

    pub fn any_bytes(mut self) -> Self {
        self.any_bytes = true;
        self
    }

    /// Open the window, with these settings in its file.
    pub fn open(self) -> Window {
        self.settings.save(&self.folder.path().join("settings.toml")).unwrap();
        self.open_as_it_is()
    }

    /// Open the window, with whatever the folder holds.
    pub fn open_as_it_is(self) -> Window {
        let folder = DataFolder::open(Some(self.folder.path())).unwrap();
        let (settings, damaged) = Settings::load(&folder.settings());
        let words = i18n::words(if damaged.is_some() { self.settings.language } else { settings.language });
        let start = Start {
            folder: Some(folder),
            settings,
            language: damaged.is_some().then_some(self.settings.language),
            damaged,
            listen: self.listen,
            connect: None,
            frame_log: None,
            tls_keys: self.tls_keys.clone(),
            seat: None,
            lan: self.lan,
        };
        let mut builder = Harness::builder().with_size(self.size).with_theme(self.theme).with_max_steps(50);
        if self.any_bytes {
            builder = builder.allow_missing_glyphs();
        }
        let system_dialog = self.system_dialog;
        let harness = builder.build_eframe(|cc| {
            let mut app = App::new(&cc.egui_ctx, start).unwrap();
            app.set_system_dialog(system_dialog);
            app
        });
        Window { harness, words, copied: Vec::new(), title: None, input_method_stops: 0, folder: self.folder }
    }

    /// Open the window and start listening.
    pub fn listening(self) -> (Window, SocketAddr) {
        let mut window = self.open();
        let address = window.start_listening();
        (window, address)
    }

    /// Open the window, start listening, and have a client whose conversation is open.
    pub fn with_client(self) -> (Window, Peer) {
        let (mut window, address) = self.listening();
        let peer = Peer::connect(address);
        window.see_row(&peer, &fl!(window.words, "state-open"));
        window.see(&fl!(window.words, "message"));
        (window, peer)
    }
}

/// Any port for links, and one for beacons that nobody has.
pub fn free_lan_ports() -> LanPorts {
    let free = std::net::UdpSocket::bind((std::net::Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    LanPorts { lan: 0, beacon: free.local_addr().unwrap().port() }
}

#[derive(Debug)]
struct DroppedOnWindow(PathBuf);

impl egui::DroppedFile for DroppedOnWindow {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("read on the thread that draws".to_owned())
    }
}

/// The window.
pub struct Window {
    harness: Harness<'static, App>,
    pub words: Words,
    copied: Vec<String>,
    title: Option<String>,
    /// Frames that stopped the input method, if only to start it again.
    pub input_method_stops: u32,
    folder: TempDir,
}

impl Window {
    pub fn settings_path(&self) -> PathBuf {
        self.folder.path().join("settings.toml")
    }

    /// The settings as they are in the file.
    pub fn saved(&self) -> Settings {
        self.app().wait_until_saved();
        let (settings, damaged) = Settings::load(&self.settings_path());
        assert_eq!(damaged, None);
        settings
    }

    pub fn app(&self) -> &App {
        self.harness.state()
    }

    pub fn ctx(&self) -> &egui::Context {
        &self.harness.ctx
    }

    /// Show what it is given, and from now on nothing that a thread reports.
    pub fn hold_still(&mut self, still: Still) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().hold_still(&ctx, still);
        self.frame([]);
    }

    /// Have this taken in as if it came from elsewhere.
    pub fn take_in(&mut self, input: Input) {
        self.harness.state_mut().take_in(input);
        self.frame([]);
    }

    /// Close the window.
    pub fn into_app(self) -> App {
        self.harness.into_state()
    }

    /// How long until the window wants to draw again.
    pub fn next_draw(&self) -> Duration {
        self.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay
    }

    /// One frame with these events.
    pub fn frame(&mut self, events: impl IntoIterator<Item = Event>) {
        self.harness.input_mut().events.extend(events);
        self.harness.step();
        if self.harness.output().platform_output.ime.is_none_or(|told| told.should_interrupt_composition) {
            self.input_method_stops += 1;
        }
        for command in &self.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(text) = command {
                self.copied.push(text.clone());
            }
        }
        for command in &self.harness.output().viewport_output[&ViewportId::ROOT].commands {
            if let ViewportCommand::Title(title) = command {
                self.title = Some(title.clone());
            }
        }
    }

    /// The window is asked to close. What it says to that.
    pub fn ask_to_close(&mut self) -> Vec<ViewportCommand> {
        let events = |window: &mut Self, events| {
            window.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default().events = events;
        };
        events(self, vec![egui::ViewportEvent::Close]);
        self.frame([]);
        events(self, Vec::new());
        self.viewport_commands()
    }

    /// What the last frame asked of the window.
    pub fn viewport_commands(&self) -> Vec<ViewportCommand> {
        self.harness.output().viewport_output[&ViewportId::ROOT].commands.clone()
    }

    /// All that was drawn last.
    pub fn shapes(&self) -> &[epaint::ClippedShape] {
        &self.harness.output().shapes
    }

    /// Where the caret of the field is that has the keyboard.
    pub fn caret(&self) -> Rect {
        self.harness.output().platform_output.ime.unwrap().cursor_rect
    }

    /// Files are dropped on the window.
    pub fn drop_files(&mut self, paths: &[PathBuf]) {
        let dropped = paths.iter().map(|path| Arc::new(DroppedOnWindow(path.clone())) as egui::DroppedFileHandle);
        self.harness.input_mut().dropped_files.extend(dropped);
        self.frame([]);
    }

    /// Draw until something holds.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        loop {
            self.frame([]);
            if holds(self) {
                break;
            }
            assert!(start.elapsed() < LIMIT, "not within {LIMIT:?}: {what}\n{}", self.all_names().join("\n"));
            thread::park_timeout(Duration::from_millis(2));
        }
        self.harness.check_accessibility();
    }

    /// Draw until nothing asks for another frame at once.
    pub fn settle(&mut self) {
        self.until("calm", |window| window.next_draw() > Duration::ZERO);
    }

    fn nodes(&self) -> impl Iterator<Item = AccessKitNode<'_>> {
        self.harness.root().children_recursive().map(|node| node.accesskit_node())
    }

    /// Everything there is to read, as a screen reader would.
    pub fn all_names(&self) -> Vec<String> {
        self.nodes().filter_map(|node| Some(format!("{:?}: {}", node.role(), name(&node)?))).collect()
    }

    /// Controls with no name at all: what can be clicked or has the keyboard, and what has the role of such a thing.
    pub fn unnamed(&self) -> Vec<String> {
        let is_control = |node: &AccessKitNode<'_>| {
            let can = |action| node.data().supports_action(action);
            // A bar is moved by what it scrolls.
            let text = node.role() == Role::ScrollBar || node.role() == Role::Label && node.value().is_some();
            (egui::accessibility::is_input(node.role()) && !node.data().is_read_only())
                || !text && (can(Action::Click) || can(Action::Focus))
        };
        self.nodes()
            .filter(is_control)
            .filter(|node| node.label().is_none_or(|label| label.trim().is_empty()))
            .map(|node| format!("{:?} at {:?}", node.role(), node.raw_bounds()))
            .collect()
    }

    /// Whether this text stands somewhere.
    pub fn sees(&self, text: &str) -> bool {
        self.nodes().any(|node| name(&node).as_deref() == Some(text))
    }

    /// Whether this text is part of another.
    pub fn sees_part(&self, part: &str) -> bool {
        self.nodes().any(|node| name(&node).is_some_and(|name| name.contains(part)))
    }

    #[track_caller]
    pub fn see(&mut self, text: &str) {
        self.until(&format!("to see {text:?}"), |window| window.sees(text));
    }

    #[track_caller]
    pub fn see_part(&mut self, part: &str) {
        self.until(&format!("to see {part:?}"), |window| window.sees_part(part));
    }

    #[track_caller]
    pub fn see_gone(&mut self, text: &str) {
        self.until(&format!("not to see {text:?}"), |window| !window.sees(text));
    }

    /// Where the control of this name is, and whether it may be used. Of several, the last: what is in front.
    fn control(&self, called: &str) -> Option<(Rect, bool)> {
        let scale = self.harness.ctx.pixels_per_point();
        let found = self.nodes().filter(|node| node.role() != Role::Label && node.label().as_deref() == Some(called));
        let node = found.last()?;
        Some((rect(&node, scale), !node.is_disabled()))
    }

    /// The control of this name, once there is one.
    #[track_caller]
    pub fn place_of(&mut self, called: &str) -> Rect {
        self.until(&format!("a control called {called:?}"), |window| window.control(called).is_some());
        self.control(called).unwrap().0
    }

    #[track_caller]
    pub fn is_enabled(&mut self, called: &str) -> bool {
        self.place_of(called);
        self.control(called).unwrap().1
    }

    /// What stands in the field of this name.
    #[track_caller]
    pub fn value_of(&mut self, called: &str) -> String {
        self.place_of(called);
        let found = self.nodes().filter(|node| node.role() != Role::Label && node.label().as_deref() == Some(called));
        found.last().and_then(|node| node.value()).unwrap_or_default()
    }

    /// Whether the switch or choice of this name is on.
    #[track_caller]
    pub fn is_on(&mut self, called: &str) -> bool {
        self.place_of(called);
        let found = self.nodes().filter(|node| node.label().as_deref() == Some(called));
        found.last().and_then(|node| node.toggled()) == Some(egui::accesskit::Toggled::True)
    }

    /// Where this text stands.
    #[track_caller]
    pub fn label_place(&self, text: &str) -> Rect {
        let scale = self.harness.ctx.pixels_per_point();
        let mut labels = self.nodes().filter(|node| node.role() == Role::Label);
        rect(&labels.find(|node| node.value().as_deref() == Some(text)).unwrap(), scale)
    }

    /// The name of the control that has the keyboard.
    pub fn focused(&self) -> Option<String> {
        self.nodes().find(AccessKitNode::is_focused).and_then(|node| node.label())
    }

    /// Where the control is that has the keyboard, and whether it is a field to write in.
    pub fn focused_place(&self) -> Option<(Rect, bool)> {
        let scale = self.harness.ctx.pixels_per_point();
        let node = self.nodes().find(AccessKitNode::is_focused)?;
        Some((rect(&node, scale), matches!(node.role(), Role::TextInput | Role::MultilineTextInput)))
    }

    /// Whether a ring in that colour is drawn at this place.
    pub fn has_ring(&self, place: Rect, colour: egui::Color32) -> bool {
        self.harness.output().shapes.iter().any(|shape| match &shape.shape {
            // Some controls draw it around the part of them that is seen.
            egui::Shape::Rect(ring) => {
                ring.stroke.color == colour
                    && ring.stroke.width >= 2.0
                    && place.expand(6.0).contains_rect(ring.rect)
                    && ring.rect.height() > place.height() / 2.0
            }
            _ => false,
        })
    }

    /// Hold keys down: so many frames in which they are pressed, and only then released.
    pub fn hold(&mut self, modifiers: Modifiers, key: Key, frames: usize) {
        self.frame([Event::ModifiersChanged(modifiers)]);
        for _ in 0..frames {
            self.frame([key_event(modifiers, key, true)]);
        }
        self.frame([key_event(modifiers, key, false), Event::ModifiersChanged(Modifiers::NONE)]);
        self.frame([]);
    }

    /// The name of the control that has this in it.
    #[track_caller]
    pub fn named_with(&mut self, part: &str) -> String {
        let find = |window: &Self| {
            let mut buttons = window.nodes().filter(|node| node.role() == Role::Button);
            buttons.find_map(|node| node.label().filter(|label| label.contains(part)))
        };
        self.until(&format!("a control with {part:?}"), |window| find(window).is_some());
        find(self).unwrap()
    }

    /// The name of the window, as a screen reader has it.
    pub fn root_name(&self) -> Option<String> {
        self.harness.root().accesskit_node().label()
    }

    /// What a screen reader speaks when it changes, without being asked.
    pub fn spoken(&self) -> Vec<String> {
        self.nodes().filter(|node| node.live() == Live::Polite).filter_map(|node| node.value()).collect()
    }

    /// The names of what has this role.
    pub fn all_with_role(&self, role: Role) -> Vec<String> {
        self.nodes().filter(|node| node.role() == role).map(|node| node.label().unwrap_or_default()).collect()
    }

    /// The texts in the areas of this role.
    pub fn texts_within(&self, role: Role) -> Vec<String> {
        let areas = self.harness.root().children_recursive().filter(move |node| node.accesskit_node().role() == role);
        areas
            .flat_map(|area| {
                area.children_recursive().filter_map(|node| name(&node.accesskit_node())).collect::<Vec<_>>()
            })
            .collect()
    }

    /// What the palette offers, by name.
    pub fn options(&self) -> Vec<String> {
        self.nodes().filter(|node| node.role() == Role::ListBoxOption).filter_map(|node| node.label()).collect()
    }

    /// The name of what the palette offers that has this in it, once it does.
    #[track_caller]
    pub fn until_named(&mut self, part: &str) -> String {
        let find = |window: &Self| window.options().into_iter().find(|name| name.contains(part));
        self.until(&format!("{part:?} to be offered"), |window| find(window).is_some());
        find(self).unwrap()
    }

    /// Close the window, and have one that begins where it ended.
    pub fn close(self) -> Setup {
        let Self { harness, folder, .. } = self;
        drop(harness);
        let (settings, _) = Settings::load(&folder.path().join("settings.toml"));
        Setup {
            settings,
            folder,
            size: (1280.0, 800.0),
            theme: egui::Theme::Light,
            listen: None,
            lan: free_lan_ports(),
            tls_keys: None,
            any_bytes: false,
            system_dialog: Arc::new(NoSystemDialog),
        }
    }

    /// Click a control. What is in the sidebar's menu is found there, as by a person.
    #[track_caller]
    pub fn click(&mut self, called: &str) -> Pos2 {
        let in_menu = [
            fl!(self.words, "history"),
            fl!(self.words, "network"),
            fl!(self.words, "settings"),
            fl!(self.words, "notices"),
            fl!(self.words, "shortcuts"),
            fl!(self.words, "labs"),
            fl!(self.words, "presenter"),
        ];
        if in_menu.iter().any(|command| command == called) && self.control(called).is_none() {
            let menu = fl!(self.words, "sidebar-menu");
            self.click(&menu);
        }
        self.until(&format!("to click {called:?}"), |window| {
            window.control(called).is_some_and(|(_, enabled)| enabled)
        });
        self.scroll_to(called);
        let place = self.control(called).unwrap().0.center();
        self.click_at(place, PointerButton::Primary);
        place
    }

    /// Click a control wherever it is, as a screen reader does.
    #[track_caller]
    pub fn click_unseen(&mut self, called: &str) {
        self.place_of(called);
        self.ask(called, Action::Click);
    }

    /// Have a control in sight, as a screen reader does before it clicks.
    fn scroll_to(&mut self, called: &str) {
        self.ask(called, Action::ScrollIntoView);
    }

    fn ask(&mut self, called: &str, action: Action) {
        let found = self.nodes().filter(|node| node.role() != Role::Label && node.label().as_deref() == Some(called));
        let Some((target_node, target_tree)) = found.last().map(|node| node.locate()) else { return };
        let request = ActionRequest { action, target_node, target_tree, data: None };
        self.frame([Event::AccessKitActionRequest(request)]);
        // A scroll area that is asked to scroll has done so a frame later, and tells where things are in the next.
        self.frame([]);
        self.frame([]);
    }

    /// The window comes to the front, or another does.
    pub fn focus(&mut self, in_front: bool) {
        self.harness.input_mut().focused = in_front;
        self.frame([Event::WindowFocused(in_front)]);
    }

    /// Controls that can be used, each with its name and where it is.
    pub fn controls(&self) -> Vec<(String, Rect)> {
        let scale = self.harness.ctx.pixels_per_point();
        let nodes = self.nodes().filter(|node| egui::accessibility::is_input(node.role()) && node.has_bounds());
        nodes.map(|node| (node.label().unwrap_or_default(), rect(&node, scale))).collect()
    }

    /// How often this text stands somewhere, alone or as a part.
    pub fn count_of(&self, part: &str) -> usize {
        self.nodes().filter(|node| name(node).is_some_and(|name| name.contains(part))).count()
    }

    /// Buttons that are filled with the accent.
    pub fn main_buttons(&self) -> usize {
        let accent = sockhop::window::theme::palette(&self.harness.ctx).accent;
        let is_button = |shape: &egui::Shape| match shape {
            egui::Shape::Rect(shape) => shape.fill == accent && shape.rect.height() > 28.0,
            _ => false,
        };
        self.harness.output().shapes.iter().filter(|clipped| is_button(&clipped.shape)).count()
    }

    /// Click a control with the other button.
    #[track_caller]
    pub fn click_secondary(&mut self, called: &str) {
        let place = self.place_of(called);
        self.click_at(place.center(), PointerButton::Secondary);
    }

    pub fn click_at(&mut self, pos: Pos2, button: PointerButton) {
        // All in one frame: it hits what the frame before it had there, whatever news moves it in this one.
        let press = |pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
        self.frame([Event::PointerMoved(pos), press(true), press(false)]);
        self.frame([Event::PointerGone]);
        self.frame([]);
    }

    /// Press and release a key.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.frame([Event::ModifiersChanged(modifiers), key_event(modifiers, key, true)]);
        self.frame([key_event(modifiers, key, false), Event::ModifiersChanged(Modifiers::NONE)]);
        self.frame([]);
    }

    pub fn write(&mut self, text: &str) {
        self.frame([Event::Text(text.to_owned())]);
        self.frame([]);
    }

    /// Put this in the field of that name, in place of what is there.
    #[track_caller]
    pub fn fill(&mut self, field: &str, text: &str) {
        self.click(field);
        self.press(Modifiers::COMMAND, Key::A);
        if text.is_empty() {
            self.press(Modifiers::NONE, Key::Backspace);
        } else {
            self.write(text);
        }
    }

    /// Write a message and send it with Enter.
    #[track_caller]
    pub fn say(&mut self, text: &str) {
        let field = fl!(self.words, "message");
        self.fill(&field, text);
        self.press(Modifiers::NONE, Key::Enter);
        assert_eq!(self.value_of(&field), "", "{text:?} was not sent");
    }

    /// The title last given to the window.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    pub fn forget_copied(&mut self) {
        self.copied.clear();
    }

    /// What was put on the clipboard, one after the other.
    pub fn all_copied(&self) -> &[String] {
        &self.copied
    }

    /// What was put on the clipboard last.
    pub fn copied(&self) -> Option<&str> {
        self.copied.last().map(String::as_str)
    }

    #[track_caller]
    pub fn start_listening(&mut self) -> SocketAddr {
        let start = fl!(self.words, "start-listening");
        self.click(&start);
        let listening = fl!(self.words, "server-listening");
        self.see(&listening);
        self.address()
    }

    /// The address that the server's card shows.
    pub fn address(&self) -> SocketAddr {
        let (before, after) = around(&fl!(self.words, "copy-this-address", address = "|"));
        let shown = self.nodes().find_map(|node| {
            Some(node.label()?.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?.parse().unwrap())
        });
        shown.expect("an address")
    }

    /// See the sidebar's row of a peer of our server, in that state.
    #[track_caller]
    pub fn see_row(&mut self, peer: &Peer, state: &str) {
        self.see(&format!("{}, {state}", peer.address()));
    }

    /// Open the conversation of a peer of our server.
    #[track_caller]
    pub fn open_row(&mut self, peer: &Peer) {
        let row = self.row_of(&peer.address().to_string());
        self.click(&row);
    }

    /// The name of the sidebar's row whose title this is.
    #[track_caller]
    pub fn row_of(&mut self, title: &str) -> String {
        let begin = format!("{title}, ");
        let find = |window: &Self| {
            let mut rows = window.nodes().filter(|node| node.role() == Role::ListItem);
            rows.find_map(|node| node.label().filter(|label| label.starts_with(&begin)))
        };
        self.until(&format!("a row for {title}"), |window| find(window).is_some());
        find(self).unwrap()
    }

    /// See a message, ours or theirs; gives all that is told of it, and where it is.
    #[track_caller]
    pub fn see_message(&mut self, ours: bool, text: &str) -> (String, Rect) {
        let who = if ours { fl!(self.words, "you") } else { fl!(self.words, "peer") };
        let begin = format!("{who}: {text} · ");
        let scale = self.harness.ctx.pixels_per_point();
        let find = |window: &Self| {
            let mut labels = window.nodes().filter(|node| node.role() == Role::Label);
            labels.find_map(|node| Some((node.value().filter(|text| text.starts_with(&begin))?, rect(&node, scale))))
        };
        self.until(&format!("the message {begin:?}"), |window| find(window).is_some());
        find(self).unwrap()
    }

    /// The messages received that are in sight, each with its text and where it is, from the top.
    pub fn messages(&self) -> Vec<(String, Rect)> {
        let begin = format!("{}: ", fl!(self.words, "peer"));
        let scale = self.harness.ctx.pixels_per_point();
        let labels = self.nodes().filter(|node| node.role() == Role::Label);
        let mut found: Vec<_> = labels
            .filter_map(|node| {
                let told = node.value()?;
                let (text, _) = told.strip_prefix(&begin)?.split_once(" · ")?;
                Some((text.to_owned(), rect(&node, scale)))
            })
            .collect();
        found.sort_by(|(_, one), (_, other)| one.top().total_cmp(&other.top()));
        found
    }

    /// Scroll by a finger on a touch pad, over the conversation; the content moves down by this much.
    pub fn scroll(&mut self, down: f32) {
        let wheel = |phase: TouchPhase, y: f32| Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: egui::vec2(0.0, y),
            phase,
            source: MouseWheelSource::Trackpad,
            modifiers: Modifiers::NONE,
        };
        let middle = self.harness.ctx.content_rect().center();
        self.frame([Event::PointerMoved(middle), wheel(TouchPhase::Start, 0.0), wheel(TouchPhase::Move, down)]);
        self.frame([wheel(TouchPhase::End, 0.0)]);
    }

    /// Give the window another size.
    pub fn resize(&mut self, width: f32, height: f32) {
        self.harness.set_size(egui::vec2(width, height));
    }

    /// See our message in that state.
    #[track_caller]
    pub fn see_sent(&mut self, text: &str, state: &str) {
        let begin = format!("{}: {text} · ", fl!(self.words, "you"));
        self.until(&format!("{text:?} to be {state:?}"), |window| {
            let named = window.nodes().filter_map(|node| node.value());
            named.into_iter().any(|told| told.starts_with(&begin) && told.ends_with(state))
        });
    }

    /// Choose from the menu of the open conversation.
    #[track_caller]
    pub fn choose(&mut self, item: &str) {
        let menu = fl!(self.words, "conversation-menu");
        self.click(&menu);
        self.click(item);
    }
}

pub fn key_event(modifiers: Modifiers, key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

/// What is before and after the `|`.
pub fn around(text: &str) -> (String, String) {
    let (before, after) = text.split_once('|').unwrap();
    (before.to_owned(), after.to_owned())
}

fn name(node: &AccessKitNode<'_>) -> Option<String> {
    if node.role() == Role::Label { node.value() } else { node.label() }
}

fn rect(node: &AccessKitNode<'_>, scale: f32) -> Rect {
    let bounds = node.bounding_box().unwrap();
    let corner = |x: f64, y: f64| Pos2::new(x as f32 / scale, y as f32 / scale);
    Rect::from_min_max(corner(bounds.x0, bounds.y0), corner(bounds.x1, bounds.y1))
}
