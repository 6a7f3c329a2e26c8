//! A line that is edited in the terminal, with those before it; what is printed meanwhile stands above it.

use std::{io, thread};

use crossbeam_channel::{Receiver, Sender, bounded};
use rustyline::{
    Config, Editor, ExternalPrinter,
    error::{ReadlineError, Signal},
    history::MemHistory,
};

use super::input::{Input, Line};

/// Lines that can be had back.
const REMEMBERED: usize = 1_000;

/// A line editor, and what was read of it.
pub struct Typing {
    /// What was typed.
    pub lines: Receiver<Input>,
    /// Prints above the line that is being typed.
    pub print: Box<dyn FnMut(String) -> io::Result<()>>,
    /// Puts the terminal back as it was.
    pub guard: TerminalGuard,
}

/// Begins to read lines as they are typed; `wake` after each. `None` where the terminal can't do it.
pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Option<Typing>> {
    let guard = TerminalGuard::new();
    let config =
        Config::builder().auto_add_history(true).max_history_size(REMEMBERED).map(rustyline::config::Builder::build);
    let Ok(config) = config else { return Ok(None) };
    let editor = Editor::<(), MemHistory>::with_history(config.clone(), MemHistory::with_config(&config));
    let Ok(mut editor) = editor else { return Ok(None) };
    let Ok(mut printer) = editor.create_external_printer() else { return Ok(None) };
    let (sender, lines) = bounded(LINES_AHEAD);
    thread::Builder::new().name("stdin".to_owned()).spawn(move || read(&mut editor, &sender, &wake))?;
    let print = Box::new(move |text| printer.print(text).map_err(io::Error::other));
    Ok(Some(Typing { lines, print, guard }))
}

fn read(editor: &mut Editor<(), MemHistory>, to: &Sender<Input>, wake: &dyn Fn()) {
    loop {
        let said = match editor.readline("") {
            Ok(line) => Input::Lines(vec![Line { bytes: line.into(), ends: true }]),
            // The window of the terminal has another size.
            Err(ReadlineError::Signal(Signal::Resize)) => continue,
            #[cfg(unix)]
            Err(ReadlineError::Signal(Signal::Interrupt)) => Input::Stop,
            Err(ReadlineError::Interrupted) => Input::Stop,
            Err(_) => Input::End,
        };
        let over = !matches!(said, Input::Lines(_));
        if to.send(said).is_err() {
            return;
        }
        wake();
        if over {
            return;
        }
    }
}

/// Lines typed before anybody took them.
const LINES_AHEAD: usize = 64;

/// How the terminal was, to be so again: the thread that reads keys may still be in the middle of a line at the end.
pub struct TerminalGuard {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl TerminalGuard {
    fn new() -> Self {
        Self { before: rustix::termios::tcgetattr(io::stdin()).ok() }
    }
}

#[cfg(unix)]
impl Drop for TerminalGuard {
    fn drop(&mut self) {
        use io::Write as _;

        use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

        let Some(before) = self.before.take() else { return };
        let is_raw = tcgetattr(io::stdin()).is_ok_and(|now| now.local_modes != before.local_modes);
        if is_raw {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
            // What was typed and not sent is no line of the shell's; text that is pasted there comes as it did before.
            let _ = io::stdout().write_all(b"\x1b[?2004l\r\x1b[K");
        }
    }
}

#[cfg(not(unix))]
impl TerminalGuard {
    fn new() -> Self {
        Self {}
    }
}
