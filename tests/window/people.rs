//! Two windows on two machines of one network: found, verified, and talking through a cut and a kill.

use std::{
    io::Read as _,
    path::PathBuf,
    process::{Command, Stdio},
    rc::Rc,
};

use image::RgbImage;

use super::{
    desktop::{Desktop, Running, SockhopWindow, until},
    machines::{Machine, Network},
};

/// A window on a machine, and what the pictures of it are called.
struct Side<'a> {
    desktop: &'a Desktop,
    machine: Machine,
    window: SockhopWindow<'a>,
    language: &'static str,
    theme: &'static str,
}

impl<'a> Side<'a> {
    fn open(
        desktop: &'a Desktop,
        machine: Machine,
        name: &str,
        (language, theme): (&'static str, &'static str),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!("visible = \"on\"\nlan_name = \"{name}\"\ntheme = \"{theme}\"\n");
        std::fs::write(folder.path().join("settings.toml"), settings).unwrap();
        let window = SockhopWindow::open_on(&machine, desktop, Rc::new(folder), &["--lang", language]);
        Self { desktop, machine, window, language, theme }
    }

    /// Ends the program without leave, and starts it again once that was done.
    fn killed(self, meanwhile: impl FnOnce()) -> Self {
        self.window.kill();
        meanwhile();
        let folder = self.window.keep_folder();
        let window = SockhopWindow::open_on(&self.machine, self.desktop, folder, &["--lang", self.language]);
        Self { window, ..self }
    }

    /// Waits until so many messages are unread, of a window that is not in front.
    fn wait_for_unread(&self, count: usize) {
        let name = if self.language == "en" { "Sockhop" } else { "插话" };
        self.window.wait_for_title(&format!("({count}) {name}"));
    }

    /// All that the history has, as text.
    fn kept(&self) -> String {
        let mut export = Command::new(env!("CARGO_BIN_EXE_sockhop"));
        let export = export.arg("--data-dir").arg(self.window.folder()).args(["history", "export", "--format", "text"]);
        String::from_utf8(export.output().unwrap().stdout).unwrap()
    }

    /// A picture of what the user sees now, kept to be looked at.
    fn keep_picture(&self, stage: &str) -> RgbImage {
        let picture = self.window.still_picture();
        let file = format!("people-{stage}-{}-{}.png", self.language, self.theme);
        picture.save(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file)).unwrap();
        picture
    }
}

#[test]
fn two_windows_on_two_machines_find_each_other_verify_and_talk_through_a_cut_and_a_kill() {
    for theme in ["light", "dark"] {
        let Some(network) = Network::start() else {
            eprintln!("not played: this system lets nobody make network namespaces (unshare -Urn)");
            return;
        };
        let desktop = Desktop::start();
        let [one, two] = ["10.9.0.1/24", "10.9.0.2/24"].map(|address| network.plug(address));
        let first = Side::open(&desktop, one, "Lab PC 1", ("en", theme));
        let second = Side::open(&desktop, two, "Lab PC 2", ("zh-CN", theme));

        go_to(&first.window, "Lab PC 2");
        go_to(&second.window, "Lab PC 1");
        first.keep_picture("1-found");
        second.keep_picture("1-found");

        first.window.press("ctrl+shift+d");
        let shown = digits(&first.window);
        first.keep_picture("3-digits");
        second.keep_picture("2-asked");
        second.window.press("ctrl+shift+d");
        assert_eq!(shown, digits(&second.window), "not the same digits on both");
        second.keep_picture("3-digits");
        for side in [&first, &second] {
            say_that_they_are_the_same(&side.window);
        }
        for side in [&first, &second] {
            side.keep_picture("4-compared");
            side.window.press("Escape");
            let told = String::from_utf8(side.window.start_again(&["nearby", "--json"]).stdout).unwrap();
            assert!(told.contains(r#""verified":true"#), "{told}");
        }

        first.window.send("hello over there");
        second.wait_for_unread(1);
        second.window.send("你好");
        first.wait_for_unread(1);
        first.keep_picture("5-verified");
        second.keep_picture("5-verified");

        network.cut(&second.machine);
        first.window.send("while the cable is out");
        first.keep_picture("6-cut");
        second.keep_picture("6-cut");
        first.window.to_the_front();
        network.mend(&second.machine);
        second.wait_for_unread(1);
        second.keep_picture("7-mended");

        let first = first.killed(|| {
            second.window.send("written meanwhile");
            second.keep_picture("8-killed");
        });
        first.wait_for_unread(1);
        go_to(&first.window, "Lab PC 2");
        first.keep_picture("9-again");
        second.keep_picture("9-again");

        for side in [&first, &second] {
            side.window.terminate();
            let kept = side.kept();
            let said = ["hello over there", "你好", "while the cable is out", "written meanwhile"];
            let places = said.map(|said| {
                assert_eq!(kept.matches(said).count(), 1, "{said}: {kept}");
                kept.find(said)
            });
            assert!(places.is_sorted(), "{kept}");
        }
    }
}

#[test]
fn what_the_terminal_asks_about_people_the_open_window_answers() {
    let desktop = Desktop::start();
    let beacons = std::net::UdpSocket::bind(("0.0.0.0", 0)).unwrap().local_addr().unwrap().port().to_string();
    let ports = ["--lan-port", "0", "--beacon-port", beacons.as_str()];
    let settings = |name: &str| format!("visible = \"on\"\nlan_name = \"{name}\"\n");
    let first = SockhopWindow::open(&desktop, &settings("Lab PC 1"), &ports);
    let second = SockhopWindow::open(&desktop, &settings("Lab PC 2"), &ports);
    go_to(&first, "Lab PC 2");

    let nearby = first.start_again(&["nearby", "--json"]);
    let told = String::from_utf8(nearby.stdout).unwrap();
    assert_eq!(nearby.status.code(), Some(0), "{}", String::from_utf8_lossy(&nearby.stderr));
    assert!(told.contains(r#""event":"person""#) && told.contains(r#""name":"Lab PC 2""#), "{told}");
    let nobody = first.start_again(&["say", "Lab PC 9", "hello", "--wait", "1"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("Lab PC 9"), "{nobody:?}");
    let said = first.start_again(&["say", "Lab PC 2", "from the terminal"]);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    // Whoever is on another port of beacons sees neither.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut alone = Command::new(env!("CARGO_BIN_EXE_sockhop"));
    let alone = alone.arg("--data-dir").arg(elsewhere.path()).args(["--lang", "en", "nearby", "--seconds", "2"]);
    assert!(!String::from_utf8(alone.output().unwrap().stdout).unwrap().contains("Lab PC"));

    let mut verify = Command::new(env!("CARGO_BIN_EXE_sockhop"));
    let verify = verify.arg("--data-dir").arg(first.folder()).args(["--lang", "en", "verify", "Lab PC 2"]);
    let mut verify = Running::start(verify.stdout(Stdio::piped()));
    first.wait_until_in_front();
    let shown = digits(&first);
    go_to(&second, "Lab PC 1");
    second.press("ctrl+shift+d");
    assert_eq!(shown, digits(&second));
    for window in [&first, &second] {
        window.still_picture();
        say_that_they_are_the_same(window);
    }
    let status = until("the command ends", || verify.0.try_wait().unwrap());
    let mut told = String::new();
    verify.0.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(status.code(), Some(0), "{told}");

    first.terminate();
    second.terminate();
}

/// Opens the conversation with somebody, once the window says that they are linked: before, what is typed into the
/// palette finds something else.
fn go_to(window: &SockhopWindow<'_>, name: &str) {
    until("they are linked", || {
        let told = String::from_utf8(window.start_again(&["nearby", "--json"]).stdout).unwrap();
        (told.contains(name) && told.contains(r#""event":"linked""#)).then_some(())
    });
    window.go_to_person(name);
}

/// Height and width of large digits, in pixels; a line of other text in a dialog is lower.
const LARGE: (u32, u32) = (26, 120);

/// By the keyboard: it is the last of three buttons.
fn say_that_they_are_the_same(window: &SockhopWindow<'_>) {
    for key in ["Tab", "Tab", "Tab", "Return"] {
        window.press(key);
    }
}

/// The digits in the dialog, once they are there.
fn digits(window: &SockhopWindow<'_>) -> Vec<Vec<bool>> {
    until("six digits are shown", || six_digits(&window.still_picture()))
}

/// The digits in the dialog in the middle of the window: the tallest line there, as the pixels that have ink.
fn six_digits(picture: &RgbImage) -> Option<Vec<Vec<bool>>> {
    let (middle, reach) = (picture.width() / 2, 200);
    let ground = *picture.get_pixel(middle - reach, picture.height() / 2);
    let has_ink = |x: u32, y: u32| {
        let far = |at: usize| i32::from(picture.get_pixel(x, y).0[at]).abs_diff(i32::from(ground.0[at]));
        (0..3).map(far).sum::<u32>() > 200
    };
    let columns = middle - reach..middle + reach;
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    for y in picture.height() / 2 - 150..picture.height() / 2 + 150 {
        if columns.clone().any(|x| has_ink(x, y)) {
            line.push(y);
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
    }
    let tallest = lines.into_iter().max_by_key(Vec::len)?;
    let inked: Vec<u32> = columns.filter(|x| tallest.iter().any(|y| has_ink(*x, *y))).collect();
    let (left, right) = (inked[0], inked[inked.len() - 1]);
    let is_large = tallest.len() as u32 >= LARGE.0 && right - left >= LARGE.1;
    is_large.then(|| tallest.iter().map(|y| (left..=right).map(|x| has_ink(x, *y)).collect()).collect())
}
