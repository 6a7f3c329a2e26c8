//! A Chinese input method: fcitx5 with its defaults, and pinyin.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::desktop::{Desktop, Running, until};

/// An English keyboard, and pinyin to switch to.
const PROFILE: &str = "\
[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us

[Groups/0/Items/1]
Name=pinyin

[GroupOrder]
0=Default
";

/// What a program has to have in its environment to be reached by it.
pub const ENVIRONMENT: [(&str, &str); 2] = [("XMODIFIERS", "@im=fcitx"), ("LC_ALL", "zh_CN.UTF-8")];

/// What `fcitx5-remote` says while keys are composed to Chinese.
const ON: &[u8] = b"2\n";

/// The input method of a desktop, off at first, with a home of its own.
pub struct InputMethod {
    bus_address: String,
    _fcitx: Running,
    _bus: Running,
    folder: tempfile::TempDir,
}

impl InputMethod {
    /// Starts it, and waits until programs can find it.
    pub fn start(desktop: &Desktop) -> Self {
        let locales = Command::new("locale").arg("-a").output().unwrap().stdout;
        let chinese = String::from_utf8_lossy(&locales).lines().any(|locale| locale == "zh_CN.utf8");
        assert!(chinese, "no locale zh_CN.UTF-8; tests/run.sh makes it");

        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".config/fcitx5")).unwrap();
        fs::write(folder.path().join(".config/fcitx5/profile"), PROFILE).unwrap();
        let mut bus = Running::start(
            at_home(&mut Command::new("dbus-daemon"), folder.path())
                .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let mut bus_address = String::new();
        BufReader::new(bus.0.stdout.take().unwrap()).read_line(&mut bus_address).unwrap();
        let bus_address = bus_address.trim().to_owned();
        let fcitx = Running::start(
            at_home(&mut Command::new("fcitx5"), folder.path())
                .env("DISPLAY", desktop.display())
                .env("DBUS_SESSION_BUS_ADDRESS", &bus_address)
                .env("LC_ALL", "zh_CN.UTF-8")
                .env_remove("WAYLAND_DISPLAY")
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        let input_method = Self { bus_address, _fcitx: fcitx, _bus: bus, folder };
        // Not asked before it is there: the bus would start another, without a screen.
        until("the input method is offered to programs", || {
            desktop.run("xprop", &["-root", "XIM_SERVERS"]).filter(|servers| contains(servers, b"@server=fcitx"))
        });
        until("the input method answers", || input_method.state());
        input_method
    }

    /// Waits until Ctrl+Space has switched to Chinese, in the window that has the keyboard.
    pub fn wait_until_on(&self) {
        until("the input method is on", || self.state().filter(|state| state == ON));
    }

    /// Waits until words are offered: where on the screen the upper end of their list is, and how high it is.
    pub fn wait_for_candidates(&self, desktop: &Desktop) -> (i32, i32) {
        until("words are offered", || {
            let windows = desktop.run("xdotool", &["search", "--onlyvisible", "--name", "Fcitx5 Input Window"])?;
            let window = String::from_utf8(windows).unwrap().lines().last()?.to_owned();
            let told = String::from_utf8(desktop.run("xwininfo", &["-id", &window])?).unwrap();
            let number = |name: &str| told.split_once(name)?.1.split_whitespace().next()?.parse().ok();
            Some((number("Absolute upper-left Y:")?, number("Height:")?))
        })
    }

    fn state(&self) -> Option<Vec<u8>> {
        let mut remote = Command::new("fcitx5-remote");
        let remote = at_home(&mut remote, self.folder.path()).env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address);
        let output = remote.output();
        let output = output.unwrap_or_else(|error| panic!("fcitx5-remote: {error}; tests/run.sh installs it"));
        output.status.success().then_some(output.stdout)
    }
}

fn at_home<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    for folder in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        command.env_remove(folder);
    }
    command.env("HOME", home).env("XDG_RUNTIME_DIR", home)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|here| here == part)
}
