//! Parse the command line; open the window, or talk in the terminal.

use std::process::ExitCode;

use i18n_embed_fl::fl;
use sockhop::{
    cli::{Cli, Command, ConnArgs, ConnectArgs, HistoryArgs, ListenAddress, ListenArgs},
    i18n::{self, Words},
    log,
    settings::{Damaged, DataFolder, Settings},
    terminal,
    window::app::{self, Start},
};

fn main() -> ExitCode {
    let cli = Cli::from_process();
    if let Some(Command::History(args)) = &cli.command {
        return history(args, &cli);
    }
    let folder = DataFolder::open(cli.data_dir.as_deref());
    let (settings, damaged) = match &folder {
        Ok(folder) => Settings::load(&folder.settings()),
        Err(_) => (Settings::default(), None),
    };
    let words = i18n::words(cli.lang.unwrap_or(settings.language));
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

/// The window; on a machine without a display, what it would have begun with, in the terminal.
fn window(
    cli: Cli,
    folder: Option<DataFolder>,
    settings: Settings,
    damaged: Option<Damaged>,
    words: &Words,
) -> ExitCode {
    if has_display() {
        let listen = match cli.listen.map(|given| ListenAddress::over(Some(given), &settings)).transpose() {
            Ok(listen) => listen,
            Err(error) => {
                terminal::complain(&error.to_string());
                return ExitCode::FAILURE;
            }
        };
        let start = Start {
            folder,
            listen,
            connect: cli.connect.clone().map(|peer| peer.or_port(settings.port)),
            settings: settings.clone(),
            damaged: damaged.clone(),
            frame_log: cli.frame_log,
            language: cli.lang,
        };
        match app::run(start) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => tracing::error!("no window: {error}"),
        }
    }
    if let Some(damaged) = damaged {
        terminal::complain(&terminal::damaged_in_words(words, &damaged));
    }
    if let Some(peer) = cli.connect {
        terminal::complain(&fl!(words, "term-no-display-connect", peer = peer.to_string()));
        terminal::connect(&ConnectArgs { peer, port: None, conn: ConnArgs::default() }, settings, words)
    } else {
        terminal::complain(&fl!(words, "term-no-display-listen"));
        terminal::listen(&ListenArgs { address: cli.listen, ..ListenArgs::default() }, settings, words)
    }
}

/// Whether there is a display to open a window on.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
