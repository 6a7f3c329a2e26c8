//! Opening the window on a display that works: the one the system names, else the other one, else drawn by the processor;
//! on Windows by the first renderer that works.
//!
//! A toolkit chooses its display once in a process, and a process does not change its environment. What did not open a
//! window is replaced by itself with another environment, before it has a thread or a socket. Renderers are tried within
//! the process; one that fails while the window is open is replaced together with the process, when all is closed.

use std::ffi::OsString;

use super::{Ended, Renderer, Start, run};
#[cfg(not(any(windows, target_os = "macos")))]
use crate::window::x11;

/// Why there is no window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoWindow {
    /// No display is named to open it on.
    NoDisplay,
    /// On Linux and alike: none that is named could be connected to; the variables that name them.
    NoConnection(String),
    /// On Linux and alike: no OpenGL that works was found; why, in the words of the libraries.
    NoOpenGl(String),
    /// None that is named could be used; why, in the toolkit's words.
    Failed(String),
}

/// Open the window, and stay in it until it is closed.
///
/// # Errors
/// Where no window can be opened, in whatever way.
pub fn open(start: Start) -> Result<(), NoWindow> {
    let now = Environment::of_process();
    if !now.has_display() {
        return Err(NoWindow::NoDisplay);
    }
    let mut start = Some(start);
    let renderers = Renderer::all();
    let mut failed = Vec::new();
    let mut reason = None;
    for (renderer, rest) in renderers.iter().zip((1..).map(|next| renderers.get(next..).unwrap_or_default())) {
        let Ended { opened, lost, result } = run(&mut start, *renderer);
        if lost && !rest.is_empty() {
            return begin_again(rest).map_err(|error| NoWindow::Failed(error.to_string()));
        }
        let Err(error) = result else { return Ok(()) };
        tracing::error!("window by {}: {error}", renderer.name);
        failed.push(format!("{}: {error}", renderer.name));
        if opened {
            return Err(NoWindow::Failed(failed.join("; ")));
        }
        reason = reason_in(&error);
    }
    if let Some(next) = now.next() {
        let failed = next.replace_process();
        tracing::error!("window: {failed}");
    }
    Err(reason.unwrap_or_else(|| NoWindow::Failed(failed.join("; "))))
}

/// What a person can do something about. What was asked of OpenGL, and where in the toolkit a display failed, is for the
/// log.
#[cfg(not(any(windows, target_os = "macos")))]
fn reason_in(error: &eframe::Error) -> Option<NoWindow> {
    match error {
        eframe::Error::NoGlutinConfigs(_, why) => Some(NoWindow::NoOpenGl(why.to_string())),
        eframe::Error::Glutin(why) => Some(NoWindow::NoOpenGl(why.to_string())),
        eframe::Error::OpenGL(why) => Some(NoWindow::NoOpenGl(why.to_string())),
        eframe::Error::WinitEventLoop(_) => Some(NoWindow::NoConnection(named_displays())),
        _ => None,
    }
}

/// The displays of the environment, as `DISPLAY=:0`.
#[cfg(not(any(windows, target_os = "macos")))]
fn named_displays() -> String {
    let named =
        |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(|value| format!("{name}={value}"));
    WAYLAND.iter().chain(&["DISPLAY"]).filter_map(named).collect::<Vec<_>>().join(", ")
}

/// There the graphics interfaces are others, and several.
#[cfg(any(windows, target_os = "macos"))]
fn reason_in(_: &eframe::Error) -> Option<NoWindow> {
    None
}

/// The same program with the renderers that are left. What this one did is in the history.
fn begin_again(rest: &[Renderer]) -> std::io::Result<()> {
    let (mut again, _) = this_program()?;
    Renderer::hand_on(rest, &mut again);
    again.spawn().map(drop)
}

/// A scale to draw at that makes no sense, and where it is set: the toolkit would end the program over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScale {
    /// The variable, the resource or the setting.
    pub source: &'static str,
    /// Its value.
    pub value: String,
}

/// The scale that the window is told to be drawn at, if it makes no sense.
#[must_use]
pub fn bad_scale() -> Option<BadScale> {
    #[cfg(not(any(windows, target_os = "macos")))]
    return x11::is_used().then(x11::scale::bad).flatten().map(|(source, value)| BadScale { source, value });
    #[cfg(any(windows, target_os = "macos"))]
    None
}

/// Begins again at a scale of 1; returns only where that can't be done.
pub fn begin_at_scale_of_one() {
    #[cfg(not(any(windows, target_os = "macos")))]
    {
        let failed = match this_program() {
            Ok((mut again, name)) => {
                again.env(x11::scale::VARIABLE, "1");
                replace(again, name)
            }
            Err(error) => error,
        };
        tracing::error!("window: {failed}");
    }
}

/// This program with its arguments, and by which name it was called.
fn this_program() -> std::io::Result<(std::process::Command, OsString)> {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| OsString::from("sockhop"));
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(arguments);
    Ok((again, name))
}

/// What of the environment chooses a display and a renderer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Environment {
    wayland: bool,
    x11: bool,
    /// OpenGL is drawn by the processor, and not by a driver that may be broken.
    by_processor: bool,
}

impl Environment {
    fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let wayland = WAYLAND.iter().any(|name| set(name));
        Self { wayland, x11: set("DISPLAY"), by_processor: set(BY_PROCESSOR) }
    }

    fn has_display(self) -> bool {
        cfg!(any(windows, target_os = "macos")) || self.wayland || self.x11
    }

    /// What to try when this has opened no window; `None` when nothing is left.
    fn next(self) -> Option<Self> {
        if cfg!(any(windows, target_os = "macos")) {
            // There is one display, and the renderer is chosen among several already.
            None
        } else if self.wayland && self.x11 {
            Some(Self { wayland: false, ..self })
        } else {
            (!self.by_processor).then_some(Self { by_processor: true, ..self })
        }
    }

    /// Begin again in this environment; returns only where that can't be done, with why.
    fn replace_process(self) -> std::io::Error {
        let (mut again, name) = match this_program() {
            Ok(program) => program,
            Err(error) => return error,
        };
        if !self.wayland {
            for name in WAYLAND {
                again.env_remove(name);
            }
        }
        if self.by_processor {
            again.env(BY_PROCESSOR, "1");
        }
        replace(again, name)
    }
}

#[cfg(unix)]
fn replace(mut by: std::process::Command, name: OsString) -> std::io::Error {
    use std::os::unix::process::CommandExt as _;
    by.arg0(name).exec()
}

#[cfg(not(unix))]
fn replace(_: std::process::Command, _: OsString) -> std::io::Error {
    std::io::ErrorKind::Unsupported.into()
}

/// Whether the window of this process is on X11: Wayland comes first where both are named.
pub(super) fn is_x11() -> bool {
    let Environment { wayland, x11, .. } = Environment::of_process();
    cfg!(not(any(windows, target_os = "macos"))) && x11 && !wayland
}

/// What names a Wayland display.
const WAYLAND: [&str; 2] = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET"];

/// Makes Mesa draw OpenGL without the graphics card: <https://docs.mesa3d.org/envvars.html>.
const BY_PROCESSOR: &str = "LIBGL_ALWAYS_SOFTWARE";

#[cfg(all(test, not(any(windows, target_os = "macos"))))]
mod tests {
    use super::*;

    #[test]
    fn the_other_display_is_tried_then_the_processor_then_nothing() {
        let mut tried = vec![Environment { wayland: true, x11: true, by_processor: false }];
        while let Some(next) = tried.last().and_then(|last| last.next()) {
            tried.push(next);
        }
        assert_eq!(
            tried,
            [(true, false), (false, false), (false, true)].map(|(wayland, by_processor)| Environment {
                wayland,
                x11: true,
                by_processor
            })
        );
        let one = Environment { wayland: true, x11: false, by_processor: false };
        assert_eq!(one.next(), Some(Environment { by_processor: true, ..one }));
        assert_eq!(Environment { by_processor: true, ..one }.next(), None);
    }
}
