//! Parse the command line; open the window, or talk in the terminal.

use std::process::ExitCode;

use i18n_embed_fl::fl;
use sockhop::{
    cli::{Cli, Command, HistoryArgs, ListenAddress},
    driver::LanPorts,
    explain, host,
    i18n::{self, Words},
    lan::KeyFile,
    log, private_file,
    second_start::{self, Asked, Found},
    settings::{Damaged, DataFolder, Settings},
    terminal,
    window::{
        app::{
            Start,
            display::{self, BadScale, NoWindow},
        },
        system_dialog,
    },
};

/// Gives memory back soon after it is freed, whichever thread had it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Has it give memory back 10 ms after it is freed. By itself it waits for a second, and then for somebody who allocates: a
/// window at rest keeps what a crowd has left.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "an option of the allocator by its C interface")]
fn give_back_soon() {
    use std::ffi::{c_int, c_long};

    unsafe extern "C" {
        /// Sets an option. Its crate has this only together with all else of mimalloc.h.
        fn mi_option_set(option: c_int, value: c_long);
    }
    /// As `mi_option_e` counts.
    const PURGE_DELAY: c_int = 15;
    // SAFETY: it sets a number that is read wherever it counts, and no other thread runs yet.
    unsafe { mi_option_set(PURGE_DELAY, 10) };
}

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    give_back_soon();
    let cli = Cli::from_process();
    if let Some(Command::History(args)) = &cli.command {
        return history(args, &cli);
    }
    let folder = DataFolder::open(cli.data_dir.as_deref());
    let uses_settings = cli.uses_settings();
    let (saved, damaged) = match &folder {
        Ok(folder) if uses_settings => Settings::load(&folder.settings()),
        Ok(folder) => (Settings::read(&folder.settings()).unwrap_or_default(), None),
        Err(_) => (Settings::default(), None),
    };
    let words = i18n::words(cli.lang.unwrap_or(saved.language));
    let settings = if uses_settings { saved } else { Settings::default() };
    match &folder {
        // Without a log everything works as well; there is nobody to tell.
        Ok(folder) => {
            drop(log::start(&folder.log()));
            log::watch_panics(folder);
        }
        Err(error) => terminal::complain(&fl!(words, "term-no-folder", error = error.to_string())),
    }
    let Some(command) = cli.command.clone() else {
        return window(cli, folder.ok(), settings, damaged, &words);
    };
    if let Some(damaged) = damaged {
        terminal::complain(&terminal::damaged_in_words(&words, &damaged));
    }
    match command {
        Command::Listen(args) => terminal::listen(&args, settings, &words),
        Command::Connect(args) => terminal::connect(&args, settings, &words),
        Command::Interfaces(args) => terminal::interfaces(args, &words),
        Command::Nearby(args) => terminal::nearby(&args, folder.ok().as_ref(), &words),
        Command::Lan(args) => terminal::lan(&args, folder.ok().as_ref(), &words),
        Command::Say(args) => terminal::say(&args, folder.ok().as_ref(), &words),
        Command::Verify(args) => terminal::verify(&args, folder.ok().as_ref(), &words),
        Command::History(args) => history(&args, &cli),
    }
}

/// Reads the history. Nothing is written, no log and no settings file set aside either: a window may be open.
fn history(args: &HistoryArgs, cli: &Cli) -> ExitCode {
    let folder = DataFolder::locate(cli.data_dir.as_deref());
    let settings = folder.as_ref().ok().and_then(|folder| Settings::read(&folder.settings()).ok()).unwrap_or_default();
    let words = i18n::words(cli.lang.unwrap_or(settings.language));
    match folder {
        Ok(folder) => terminal::history(args, &folder.history(), &words),
        Err(error) => {
            terminal::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// The window, or why there is none. Nothing else is begun in its place: who asked for a window would not see it.
fn window(
    cli: Cli,
    folder: Option<DataFolder>,
    settings: Settings,
    damaged: Option<Damaged>,
    words: &Words,
) -> ExitCode {
    if let Some(BadScale { source, value }) = display::bad_scale() {
        terminal::complain(&fl!(words, "term-bad-scale", source = source, value = value));
        display::begin_at_scale_of_one();
    }
    let listen = match cli.listen.map(|given| ListenAddress::over(Some(given), &settings)).transpose() {
        Ok(listen) => listen,
        Err(error) => {
            return no_window(&explain::address_error(words, &error, &host::interfaces().unwrap_or_default()));
        }
    };
    let connect = cli.connect.map(|peer| peer.or_port(settings.port));
    let asked = Asked { listen, connect: connect.clone(), people: None };
    let seat = match folder.as_ref().map(|folder| second_start::look_for_window(folder, &asked)) {
        Some(Found::Done) => {
            terminal::complain(&fl!(words, "term-window-is-open"));
            return ExitCode::SUCCESS;
        }
        Some(Found::Nobody(seat)) => Some(seat),
        Some(Found::NoAnswer(error)) => {
            tracing::warn!("is there a window of this folder? {error}");
            None
        }
        None => None,
    };
    let usual = LanPorts::default();
    let tls_keys = match cli.tls_keys.as_deref().map(private_file::append).transpose() {
        Ok(file) => file.map(KeyFile::new),
        Err(error) => return no_window(&error.to_string()),
    };
    let start = Start {
        folder,
        listen,
        connect,
        settings,
        damaged,
        frame_log: cli.frame_log,
        language: cli.lang,
        seat,
        tls_keys,
        lan: LanPorts { lan: cli.lan_port.unwrap_or(usual.lan), beacon: cli.beacon_port.unwrap_or(usual.beacon) },
    };
    match display::open(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(NoWindow::NoDisplay) => no_window(&fl!(words, "term-no-display")),
        Err(NoWindow::NoConnection(named)) => no_window(&fl!(words, "term-no-connection", named = named)),
        Err(NoWindow::NoOpenGl(why)) => no_window(&fl!(words, "term-no-opengl", why = why)),
        Err(NoWindow::Failed(why)) => no_window(&fl!(words, "term-no-window", why = why)),
    }
}

/// Says why there is no window: on standard error, and where nobody would see that, in a box of the system's.
fn no_window(why: &str) -> ExitCode {
    terminal::complain(why);
    system_dialog::alert(why);
    ExitCode::FAILURE
}
