//! A screen without a monitor, and what a person does at it.

use std::{
    cell::RefCell,
    collections::HashSet,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    ops::Range,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use image::RgbImage;

use super::machines::Machine;

/// How long anything may take: programs are built without optimisation here, and OpenGL is drawn by the processor.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Larger than a window: no picture can be taken of one that is partly outside.
const SCREEN: (u32, u32) = (1600, 1100);

/// Characters that the keyboard of the screen has beside the usual ones. Tools for typing give such a character to a
/// spare key for the moment, which comes too late for a program that is busy drawing.
const EXTRA_KEYS: [(&str, char); 5] = [("I228", '你'), ("I249", '好'), ("I250", '，'), ("I251", '世'), ("I252", '界')];

/// Right of the list of conversations, in pixels: what is here belongs to the one that is open.
const CONVERSATION: u32 = 290;

/// The file in the window's folder that its standard error goes to.
const SAID: &str = "said.txt";

/// A process that ends with the test, however the test ends.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let child = command.spawn();
        Self(
            child.unwrap_or_else(|error| {
                panic!("{}: {error}; tests/run.sh installs it", command.get_program().display())
            }),
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A screen, and the program that manages its windows, if there is one.
pub struct Desktop {
    display: String,
    /// The program that manages its windows, and what it was told.
    manager: Option<(Running, tempfile::NamedTempFile)>,
    _screen: Running,
}

impl Desktop {
    pub fn start() -> Self {
        Self::of_size(SCREEN, 0)
    }

    /// One of this size, with a panel of this height along its lower edge.
    pub fn of_size(size: (u32, u32), panel: u32) -> Self {
        let mut desktop = Self::without_manager(size);
        desktop.manage(panel);
        desktop
    }

    /// One on which nobody manages windows.
    pub fn unmanaged() -> Self {
        Self::without_manager(SCREEN)
    }

    fn without_manager((width, height): (u32, u32)) -> Self {
        let mut screen = Running::start(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    &format!("{width}x{height}x24"),
                    "-nolisten",
                    "tcp",
                    "-noreset",
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let mut number = String::new();
        BufReader::new(screen.0.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        learn_extra_keys(&display);
        Self { display, manager: None, _screen: screen }
    }

    fn manage(&mut self, panel: u32) {
        let configuration = tempfile::NamedTempFile::new().unwrap();
        fs::write(configuration.path(), openbox_configuration(panel)).unwrap();
        let manager = Running::start(
            Command::new("openbox")
                .args(["--sm-disable", "--config-file"])
                .arg(configuration.path())
                .env("DISPLAY", &self.display)
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        self.manager = Some((manager, configuration));
        until("windows are managed", || self.run("xdotool", &["get_num_desktops"]));
    }

    /// Its name for programs.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What a program prints, unless it fails.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
        let mut command = Command::new(program);
        // For xdotool, which types nothing but ASCII otherwise.
        let output = command.args(arguments).env("DISPLAY", &self.display).env("LC_ALL", "C.UTF-8").output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}; tests/run.sh installs it"));
        output.status.success().then_some(output.stdout)
    }

    /// So that what is read from it next was put there since.
    pub fn empty_clipboard(&self) {
        let mut xclip = Command::new("xclip");
        let xclip = xclip.args(["-selection", "clipboard", "-in", "/dev/null"]).env("DISPLAY", &self.display);
        // It goes on in the background, holding the clipboard, and would hold our pipes.
        assert!(xclip.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    }
}

/// What the tests press, and room for a panel.
fn openbox_configuration(panel: u32) -> String {
    format!(
        "<openbox_config xmlns='http://openbox.org/3.4/rc'>
            <margins><bottom>{panel}</bottom></margins>
            <keyboard><keybind key='A-F4'><action name='Close'/></keybind></keyboard>
        </openbox_config>"
    )
}

fn learn_extra_keys(display: &str) {
    let mut keys = String::new();
    for (key, letter) in EXTRA_KEYS {
        writeln!(keys, "key <{key}> {{ [ U{:04X} ] }};", u32::from(letter)).unwrap();
    }
    let keyboard = format!(
        "xkb_keymap {{
            xkb_keycodes {{ include \"evdev+aliases(qwerty)\" }};
            xkb_types {{ include \"complete\" }};
            xkb_compat {{ include \"complete\" }};
            xkb_symbols {{ include \"pc+us+inet(evdev)\" {keys} }};
        }};"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), keyboard).unwrap();
    let status = Command::new("xkbcomp").arg("-w0").arg(file.path()).arg(display).stderr(Stdio::null()).status();
    assert!(status.unwrap().success(), "the screen does not take the keyboard");
}

/// Sockhop, with settings of its own.
pub struct SockhopWindow<'a> {
    desktop: &'a Desktop,
    process: RefCell<Running>,
    window: String,
    folder: Rc<tempfile::TempDir>,
}

/// Where a window's frame is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub left: i32,
    pub top: i32,
    pub width: u32,
    pub height: u32,
}

impl<'a> SockhopWindow<'a> {
    /// Starts it with these settings and arguments, and waits until it has drawn.
    pub fn open(desktop: &'a Desktop, settings: &str, arguments: &[&str]) -> Self {
        Self::open_with(desktop, settings, arguments, &[])
    }

    /// The same, with this in the environment.
    pub fn open_with(desktop: &'a Desktop, settings: &str, arguments: &[&str], more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("settings.toml"), settings).unwrap();
        Self::open_in(desktop, Rc::new(folder), arguments, more)
    }

    /// The same, with a folder that there is already.
    pub fn open_in(
        desktop: &'a Desktop,
        folder: Rc<tempfile::TempDir>,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> Self {
        Self::open_by(Command::new(env!("CARGO_BIN_EXE_sockhop")), desktop, folder, arguments, more)
    }

    /// The same, on another machine.
    pub fn open_on(machine: &Machine, desktop: &'a Desktop, folder: Rc<tempfile::TempDir>, arguments: &[&str]) -> Self {
        Self::open_by(machine.command(env!("CARGO_BIN_EXE_sockhop")), desktop, folder, arguments, &[])
    }

    fn open_by(
        program: Command,
        desktop: &'a Desktop,
        folder: Rc<tempfile::TempDir>,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> Self {
        let said = fs::File::create(folder.path().join(SAID)).unwrap();
        let mut command = sockhop(program, desktop, folder.path());
        if !arguments.contains(&"--lang") {
            command.args(["--lang", "en"]);
        }
        let mut process = Running::start(command.args(arguments).envs(more.iter().copied()).stderr(said));
        let id = process.0.id().to_string();
        let window = until("the window is there", || {
            assert_eq!(process.0.try_wait().unwrap(), None, "the program ended at once");
            let found = desktop.run("xdotool", &["search", "--onlyvisible", "--pid", &id])?;
            String::from_utf8(found).unwrap().lines().last().map(str::to_owned)
        });
        let window = Self { desktop, process: process.into(), window, folder };
        window.to_the_front();
        until("the window draws", || (colours(&window.picture()) > 20).then_some(()));
        window
    }

    /// Presses keys together, as in `ctrl+l`.
    pub fn press(&self, keys: &str) {
        self.to_the_front();
        self.xdotool(&["key", "--clearmodifiers", keys]);
    }

    /// Types a line into the composer, and sends it.
    pub fn send(&self, text: &str) {
        self.write_here();
        self.xdotool(&["type", "--delay", "30", text]);
        self.xdotool(&["key", "Return"]);
    }

    /// Types a line once this window has the keyboard.
    pub fn say_with_the_keyboard(&self, text: &str) {
        until("it has the keyboard", || {
            let focused = self.desktop.run("xdotool", &["getwindowfocus"])?;
            (String::from_utf8(focused).unwrap().trim() == self.window).then_some(())
        });
        self.xdotool(&["type", "--delay", "30", text]);
        self.xdotool(&["key", "Return"]);
    }

    /// Moves it where nobody manages windows.
    pub fn move_to(&self, left: u32, top: u32) {
        self.xdotool(&["windowmove", "--sync", &self.window, &left.to_string(), &top.to_string()]);
    }

    /// Puts the cursor in the composer.
    pub fn write_here(&self) {
        self.press("ctrl+i");
        self.still_picture();
    }

    /// Types letters that an input method makes a word of, and takes the first word that it offers.
    pub fn compose(&self, letters: &str) {
        self.type_letters(letters);
        self.xdotool(&["key", "space"]);
    }

    /// Types letters.
    pub fn type_letters(&self, letters: &str) {
        self.xdotool(&["type", "--delay", "30", letters]);
    }

    /// Where that place of the window is on the screen.
    pub fn on_screen(&self, (x, y): (u32, u32)) -> (i32, i32) {
        let told = self.desktop.run("xwininfo", &["-id", &self.window]).expect("the window is there");
        let told = String::from_utf8(told).unwrap();
        let number = |name: &str| -> i32 {
            told.split_once(name).unwrap().1.split_whitespace().next().unwrap().parse().unwrap()
        };
        (number("Absolute upper-left X:") + x as i32, number("Absolute upper-left Y:") + y as i32)
    }

    /// Clicks into the composer.
    pub fn click_into_field(&self) {
        let (x, y) = self.field();
        self.xdotool(&["mousemove", "--window", &self.window, &x.to_string(), &y.to_string()]);
        self.xdotool(&["click", "1"]);
    }

    /// Has the pointer there, in pixels.
    pub fn point(&self, (x, y): (u32, u32)) {
        self.to_the_front();
        self.xdotool(&["mousemove", "--window", &self.window, &x.to_string(), &y.to_string()]);
    }

    /// Clicks there, in pixels.
    pub fn click(&self, at: (u32, u32)) {
        self.point(at);
        self.xdotool(&["click", "1"]);
    }

    /// Where the composer is, while nothing covers the conversation.
    pub fn field(&self) -> (u32, u32) {
        let picture = self.picture();
        (picture.width() / 2, transcript(&picture).expect("a conversation is open").end + 36)
    }

    /// Pastes there what is selected somewhere.
    pub fn middle_click(&self, (x, y): (u32, u32)) {
        self.xdotool(&["mousemove", "--window", &self.window, &x.to_string(), &y.to_string()]);
        self.xdotool(&["click", "2"]);
    }

    /// What it said on standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder().join(SAID)).unwrap()
    }

    /// Opens the conversation with a person of this network, as soon as that person is seen.
    pub fn go_to_person(&self, name: &str) {
        until("the person is seen", || {
            self.press("ctrl+k");
            self.xdotool(&["type", "--delay", "30", name]);
            self.xdotool(&["key", "Return"]);
            self.still_picture();
            let found = transcript(&self.picture()).map(drop);
            self.press("Escape");
            found
        });
    }

    /// Waits until a conversation is open.
    pub fn wait_for_conversation(&self) {
        self.to_the_front();
        until("a conversation is open", || transcript(&self.picture()).map(drop));
    }

    /// The text of the newest message received, one that was not there `before`: selected with the mouse, copied.
    pub fn read_newest_received(&self, before: &RgbImage) -> String {
        self.to_the_front();
        until("the message is shown and copied", || {
            let (x, bottom) = newest_bubble(before, &self.still_picture())?;
            let (x, y) = ((x + 24).to_string(), (bottom - 14).to_string());
            self.xdotool(&["mousemove", "--window", &self.window, &x, &y]);
            self.xdotool(&["click", "--repeat", "3", "--delay", "40", "1"]);
            thread::sleep(Duration::from_millis(200));
            self.desktop.empty_clipboard();
            self.press("ctrl+c");
            thread::sleep(Duration::from_millis(200));
            let copied = self.desktop.run("timeout", &["2", "xclip", "-selection", "clipboard", "-o"])?;
            let copied = String::from_utf8(copied).unwrap().trim_end().to_owned();
            (!copied.is_empty()).then_some(copied)
        })
    }

    /// A picture of the window, once nothing in it changes but a blinking cursor.
    pub fn still_picture(&self) -> RgbImage {
        self.to_the_front();
        let mut last = self.picture();
        until("the window is still", || {
            thread::sleep(Duration::from_millis(150));
            let now = self.picture();
            let before = std::mem::replace(&mut last, now);
            changed_rows(&before, &last).is_empty().then(|| last.clone())
        })
    }

    /// Waits until more has changed since that picture than a caret that blinks.
    pub fn wait_until_changed(&self, before: &RgbImage) {
        const CARET: usize = 200;
        until("something shows", || {
            let now = self.picture();
            let changed = before.pixels().zip(now.pixels()).filter(|(before, now)| before != now).count();
            (changed > CARET).then_some(())
        });
    }

    /// Asks the program to end, as a system that shuts down does, and waits for its end, which must be orderly.
    pub fn terminate(&self) {
        let id = self.process.borrow().0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = until("the program ends", || self.process.borrow_mut().0.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
    }

    /// The folder in which the program keeps what must last.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same, kept for the next window.
    pub fn keep_folder(&self) -> Rc<tempfile::TempDir> {
        Rc::clone(&self.folder)
    }

    /// Starts the program once more with the same folder, and waits for its end.
    pub fn start_again(&self, arguments: &[&str]) -> Output {
        let mut command = sockhop(Command::new(env!("CARGO_BIN_EXE_sockhop")), self.desktop, self.folder.path());
        command.args(["--lang", "en"]);
        let mut started = Running::start(command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let status = until("the second start ends", || started.0.try_wait().unwrap());
        let mut told = Output { status, stdout: Vec::new(), stderr: Vec::new() };
        started.0.stdout.take().unwrap().read_to_end(&mut told.stdout).unwrap();
        started.0.stderr.take().unwrap().read_to_end(&mut told.stderr).unwrap();
        told
    }

    /// Has the program hang, as one that waits for a disk that is gone.
    pub fn hang(&self) {
        let id = self.process.borrow().0.id().to_string();
        assert!(Command::new("kill").args(["-STOP", &id]).status().unwrap().success());
    }

    /// Ends it without leave.
    pub fn kill(&self) {
        self.process.borrow_mut().0.kill().unwrap();
        self.process.borrow_mut().0.wait().unwrap();
    }

    /// Waits until it has the keyboard.
    pub fn wait_until_in_front(&self) {
        until("the window is in front", || {
            let front = self.desktop.run("xdotool", &["getactivewindow"])?;
            (String::from_utf8(front).unwrap().trim() == self.window).then_some(())
        });
    }

    /// Waits until this is what the taskbar says of it.
    pub fn wait_for_title(&self, title: &str) {
        until("the title says so", || {
            let name = self.desktop.run("xdotool", &["getwindowname", &self.window])?;
            (String::from_utf8(name).unwrap().trim() == title).then_some(())
        });
    }

    /// Waits until the taskbar shows that it wants the user, or does not.
    pub fn wait_until_urgent(&self, urgent: bool) {
        until("the taskbar shows it", || {
            let hints = self.desktop.run("xprop", &["-id", &self.window, "WM_HINTS"])?;
            (String::from_utf8_lossy(&hints).contains("urgency") == urgent).then_some(())
        });
    }

    /// Makes it an icon.
    pub fn minimize(&self) {
        self.xdotool(&["windowminimize", "--sync", &self.window]);
    }

    /// Moves it, and gives its inside this size.
    pub fn place(&self, (left, top): (i32, i32), (width, height): (u32, u32)) {
        self.xdotool(&["windowsize", "--sync", &self.window, &width.to_string(), &height.to_string()]);
        self.xdotool(&["windowmove", &self.window, &left.to_string(), &top.to_string()]);
    }

    /// Where its frame is, once nothing moves it any more.
    pub fn frame(&self) -> Frame {
        let frame = || {
            let tell = |program: &str, more: &[&str]| -> Option<String> {
                let arguments = [&["-id", &self.window], more].concat();
                Some(String::from_utf8_lossy(&self.desktop.run(program, &arguments)?).into_owned())
            };
            let inside = tell("xwininfo", &[])?;
            let number =
                |name: &str| -> Option<i32> { inside.split_once(name)?.1.split_whitespace().next()?.parse().ok() };
            let edges = tell("xprop", &["_NET_FRAME_EXTENTS"])?;
            let edges: Vec<i32> =
                edges.split_once('=')?.1.split(',').filter_map(|edge| edge.trim().parse().ok()).collect();
            let &[left, right, top, bottom] = edges.as_slice() else { return None };
            Some(Frame {
                left: number("Absolute upper-left X:")? - left,
                top: number("Absolute upper-left Y:")? - top,
                width: (number("Width:")? + left + right) as u32,
                height: (number("Height:")? + top + bottom) as u32,
            })
        };
        let mut last = None;
        until("the window stays where it is", || {
            let now = frame()?;
            thread::sleep(Duration::from_millis(300));
            (last.replace(now) == Some(now)).then_some(now)
        })
    }

    /// Waits until the settings file says this.
    pub fn wait_until_saved(&self, part: &str) {
        until("the settings are saved", || {
            fs::read_to_string(self.folder.path().join("settings.toml")).ok()?.contains(part).then_some(())
        });
    }

    /// Closes the window as its frame does, and waits for the end of the program, which must be orderly.
    pub fn close(&self) {
        self.press("alt+F4");
        let status = until("the program ends", || self.process.borrow_mut().0.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
    }

    /// A picture of the window as it is now.
    pub fn picture(&self) -> RgbImage {
        let take = || self.desktop.run("import", &["-window", &self.window, "-depth", "8", "ppm:-"]);
        let ppm = until("a picture is taken", take);
        // "P6", width and height, 255, each on a line of its own; then the pixels.
        let mut lines = ppm.splitn(4, |byte| *byte == b'\n');
        assert_eq!(lines.next().unwrap(), b"P6");
        let size = str::from_utf8(lines.next().unwrap()).unwrap().split_once(' ').unwrap();
        let pixels = lines.nth(1).unwrap().to_vec();
        RgbImage::from_raw(size.0.parse().unwrap(), size.1.parse().unwrap(), pixels).unwrap()
    }

    /// Has it in front of all others.
    pub fn to_the_front(&self) {
        if self.desktop.manager.is_none() {
            return;
        }
        until("the window comes to the front", || {
            self.desktop.run("xdotool", &["windowactivate", "--sync", &self.window])
        });
    }

    fn xdotool(&self, arguments: &[&str]) {
        assert!(self.desktop.run("xdotool", arguments).is_some(), "xdotool {arguments:?}");
    }
}

/// The program, on this screen and with this folder; with no bus, so that it speaks to no desktop but this one.
fn sockhop(mut command: Command, desktop: &Desktop, folder: &Path) -> Command {
    command.arg("--data-dir").arg(folder);
    command.env("DISPLAY", &desktop.display).env("LIBGL_ALWAYS_SOFTWARE", "1").env("XDG_RUNTIME_DIR", folder);
    command.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

impl Drop for SockhopWindow<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("screen-{}.png", self.window));
            if self.desktop.run("import", &["-window", "root", &file.to_string_lossy()]).is_some() {
                eprintln!("the screen as it was: {}", file.display());
            }
        }
    }
}

/// The left and the bottom edge of a bubble that is new in the conversation: the lowest row in which much has changed.
fn newest_bubble(before: &RgbImage, after: &RgbImage) -> Option<(u32, u32)> {
    if before.dimensions() != after.dimensions() {
        return None;
    }
    let rows = transcript(after)?;
    let bottom = changed_rows(before, after).into_iter().rfind(|y| rows.contains(y))?;
    let left = (CONVERSATION..after.width()).find(|x| before.get_pixel(*x, bottom) != after.get_pixel(*x, bottom))?;
    Some((left, bottom))
}

/// The rows between heading and composer: both have a line along them, right across.
fn transcript(picture: &RgbImage) -> Option<Range<u32>> {
    let plain = |y: u32| picture.get_pixel(CONVERSATION, y);
    let across = |y: &u32| (CONVERSATION..picture.width() - 4).all(|x| picture.get_pixel(x, *y) == plain(*y));
    let lines =
        (1..picture.height() - 1).filter(|y| plain(*y) != plain(y - 1) && plain(*y) != plain(y + 1) && across(y));
    let lines: Vec<u32> = lines.collect();
    let (first, last) = (lines.first()?, lines.last()?);
    (first < last).then_some(first + 1..*last)
}

/// Rows of the conversation that differ in more than a cursor, from the top down.
fn changed_rows(before: &RgbImage, after: &RgbImage) -> Vec<u32> {
    // The desktop gives a window that has just opened its size a moment later.
    if before.dimensions() != after.dimensions() {
        return (0..after.height()).collect();
    }
    let differ = |x, y| before.get_pixel(x, y) != after.get_pixel(x, y);
    let changed = |y: &u32| (CONVERSATION..after.width()).filter(|x| differ(*x, *y)).count() > 16;
    (0..after.height()).filter(changed).collect()
}

fn colours(picture: &RgbImage) -> usize {
    picture.pixels().collect::<HashSet<_>>().len()
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none for too long.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
