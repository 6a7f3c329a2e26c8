//! Parse the command line; open the window, or talk in the terminal.

use std::process::ExitCode;

use i18n_embed_fl::fl;
use sockhop::{
    cli::{Cli, Command, ConnArgs, ConnectArgs, ListenArgs},
    i18n::{self, Words},
    log,
    store::{DataFolder, Settings},
    terminal,
};

fn main() -> ExitCode {
    let cli = Cli::from_process();
    let folder = DataFolder::open(cli.data_dir.as_deref());
    let (settings, damaged) = match &folder {
        Ok(folder) => Settings::load(&folder.settings()),
        Err(_) => (Settings::default(), None),
    };
    let words = i18n::words(cli.lang.unwrap_or(settings.language));
    match &folder {
        // Without a log everything works as well; there is nobody to tell.
        Ok(folder) => drop(log::start(&folder.log())),
        Err(error) => terminal::complain(&fl!(words, "term-no-folder", error = error.to_string())),
    }
    let Some(command) = cli.command.clone() else {
        return window(cli, settings, &words);
    };
    if let Some(damaged) = damaged {
        terminal::complain(&terminal::damaged_in_words(&words, &damaged));
    }
    match command {
        Command::Listen(args) => terminal::listen(&args, settings, &words),
        Command::Connect(args) => terminal::connect(&args, settings, &words),
        Command::Interfaces(args) => terminal::interfaces(args, &words),
    }
}

/// The window; on a machine without a display, what it would have begun with, in the terminal.
fn window(cli: Cli, settings: Settings, words: &Words) -> ExitCode {
    // Here the window opens, where there is a display.
    let conn = ConnArgs::default();
    match cli.connect {
        Some(peer) => {
            terminal::complain(&fl!(words, "term-no-display-connect", peer = peer.to_string()));
            terminal::connect(&ConnectArgs { peer, conn }, settings, words)
        }
        None => {
            terminal::complain(&fl!(words, "term-no-display-listen"));
            terminal::listen(&ListenArgs { address: cli.listen, ..ListenArgs::default() }, settings, words)
        }
    }
}
