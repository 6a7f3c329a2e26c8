//! What the real window costs: the real program on a screen without a monitor, drawn by the processor, with its history.
//!
//! `cargo bench --bench window`, or with `-- --quick` for a short run; `-- first`, `-- flood`, `-- talkers`, `-- bytes`,
//! `-- visits`, `-- close`, `-- rounds` and `-- rest` run a part, `-- rest --minutes 60` one that takes an hour.
//! `-- growth FILE` draws how time and memory grow. Clients are processes of their own, and bare programs do the same in
//! the same run. The environment's `SOCKHOP` names another program to measure than the one that was built with this.

#![allow(clippy::indexing_slicing, reason = "a measurement may fail")]

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "other benches need more of it")]
mod clients;
#[cfg(target_os = "linux")]
mod growth;
mod measured;
mod namespaces;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod row;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod talkers;
#[cfg(target_os = "linux")]
mod under_load;

/// There is a screen without a monitor on Linux alone.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        Some(clients::CLIENTS) => return Ok(clients::run(&words[1..])?),
        Some(talkers::TALKERS) => return Ok(talkers::run(&words[1..])?),
        Some(program::EMPTY_WINDOW) => return program::empty_window(),
        Some("growth") => return growth::draw(words.get(1).ok_or("growth needs a file")?.as_ref()),
        _ => {}
    }
    clients::raise_limit();
    let quick = words.iter().any(|word| word == "--quick");
    let minutes = words.iter().position(|word| word == "--minutes").and_then(|at| words.get(at + 1)?.parse().ok());
    let mut names = words.iter().filter(|word| !word.starts_with("--") && word.parse::<u32>().is_err()).peekable();
    let all = names.peek().is_none();
    let names: Vec<&String> = names.collect();
    let wanted = |name: &str| all || names.iter().any(|wanted| *wanted == name);
    let screen = screen::Screen::start()?;
    row::heading();
    if wanted("first") {
        program::first(&screen, if quick { 3 } else { 7 })?;
    }
    if wanted("flood") {
        under_load::flood(&screen, if quick { 276_000 } else { 2_760_000 }, if quick { 1 } else { 3 })?;
    }
    let seconds = if quick { 5 } else { 20 };
    if wanted("talkers") {
        under_load::talking(&screen, "talk", 200, seconds)?;
    }
    if wanted("bytes") {
        under_load::talking(&screen, "bytes", 2_000, seconds)?;
    }
    if wanted("visits") {
        under_load::talking(&screen, "visits", 1_000, seconds)?;
    }
    if wanted("close") {
        under_load::close(&screen, 10_000)?;
    }
    if wanted("rounds") {
        under_load::rounds(&screen, if quick { 6 } else { 24 }, 5_000)?;
    }
    if wanted("rest") {
        program::rest(&screen, minutes.unwrap_or(1));
    }
    Ok(())
}
