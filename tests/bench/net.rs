//! How fast the network thread is, each measure beside a bare program doing the same work in the same run.
//!
//! `cargo bench --bench net`, or with `-- --quick` for a run of under a minute; `-- crowd`, `-- echo`,
//! `-- flood`, `-- devices`, `-- relay` and `-- pipe` run a part. Clients live in a
//! process of their own, so that memory and open files are counted for one side only. Ours and bare
//! take turns, and the median of the rounds counts, since no machine is ever quiet.

#![allow(clippy::indexing_slicing, reason = "a measurement may fail")]

mod bare;
mod clients;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../net/ids.rs"]
mod ids;
mod measured;
mod ours;
mod pipe;
mod row;

use std::{
    error::Error,
    time::{Duration, Instant},
};

use sockhop::{
    chat::{Rule, When},
    core::rules::Rules,
    net::ConnOptions,
    wire::{Delimiter, Framing, text::TextEncoding},
};

/// Large enough for a burst of clients; the system caps it.
const BACKLOG: u32 = 4096;

const CROWD: usize = 10_000;

/// Clients of a relay, beside the one that speaks.
const ROOM: usize = 1_000;

/// Bytes that are piped into a client.
const PIPED: usize = 8 << 20;

/// How much of everything.
struct Scale {
    rounds: usize,
    lines: usize,
    flood: usize,
    tellings: usize,
}

const FULL: Scale = Scale { rounds: 5, lines: 20_000, flood: 1 << 30, tellings: 9 };

const QUICK: Scale = Scale { rounds: 3, lines: 5_000, flood: 1 << 28, tellings: 5 };

/// What came of a flood.
pub struct Flood {
    bytes: usize,
    lines: usize,
    took: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().map(String::as_str) == Some(clients::CLIENTS) {
        return Ok(clients::run(&words[1..])?);
    }
    let scale = if words.iter().any(|word| word == "--quick") { QUICK } else { FULL };
    let begun = Instant::now();
    clients::raise_limit();
    row::heading();
    let wanted = |name: &str| {
        let mut names = words.iter().filter(|word| !word.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    // First, while nothing was freed that could be used again.
    if wanted("crowd") {
        crowds(&scale)?;
    }
    if wanted("echo") {
        echoes(&scale)?;
    }
    if wanted("flood") {
        for recv_size in [64 * 1024, sockhop::net::RECV_SIZE] {
            floods(&scale, recv_size)?;
        }
    }
    if wanted("devices") {
        devices(&scale)?;
    }
    if wanted("relay") {
        relays(&scale)?;
    }
    if wanted("pipe") {
        pipes(&scale)?;
    }
    println!("took {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn crowds(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let bytes = bytes::Bytes::from(vec![b'x'; 64]);
    let (mut accepting, mut telling, mut memory) = (Pairs::default(), Pairs::default(), Vec::new());
    for _ in 0..scale.rounds {
        let before = resident();
        let (mut crowd, took) = ours::Crowd::gather(CROWD)?;
        memory.push(resident().saturating_sub(before) as f64 / CROWD as f64);
        // accept and setsockopt
        assert_eq!(crowd.calls.len(), 2 * CROWD);
        accepting.ours.push(CROWD as f64 / took.as_secs_f64());
        for _ in 0..scale.tellings {
            telling.ours.push(crowd.tell(&bytes)?.as_secs_f64());
        }
        crowd.disperse()?;

        let (mut crowd, took) = bare::Crowd::gather(CROWD)?;
        accepting.bare.push(CROWD as f64 / took.as_secs_f64());
        for _ in 0..scale.tellings {
            telling.bare.push(crowd.tell(&bytes)?.as_secs_f64());
        }
        crowd.disperse()?;
    }
    accepting.print("10,000 clients connecting, all accepted", "/s", 1.0, "≥ 0.5");
    telling.print("one message to 10,000 clients", "ms", 1e3, "≤ 1.15");
    // Later rounds use again what the first one has freed.
    row::row("memory for each idle client, its calls kept", memory[0], None, "B", "≤ 8192 B");
    Ok(())
}

fn echoes(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let mut medians = [Pairs::default(), Pairs::default()];
    let mut tails = [Pairs::default(), Pairs::default()];
    for _ in 0..scale.rounds {
        let bare = bare::echo(scale.lines)?;
        for (way, ours) in
            [ours::echo_in_the_loop(scale.lines)?, ours::echo_by_the_consumer(scale.lines)?].iter().enumerate()
        {
            medians[way].ours.push(at_share(ours, 0.5));
            medians[way].bare.push(at_share(&bare, 0.5));
            tails[way].ours.push(at_share(ours, 0.99));
            tails[way].bare.push(at_share(&bare, 0.99));
        }
    }
    medians[0].print("echo of a 64-byte line in the loop, median", "µs", 1e-3, "≤ 1.3");
    tails[0].print("echo of a 64-byte line in the loop, 99th percentile", "µs", 1e-3, "≤ 2");
    medians[1].print("echo through event, thread, command, median", "µs", 1e-3, "≤ 1.1");
    tails[1].print("echo through event, thread, command, 99th percentile", "µs", 1e-3, "≤ 2");
    Ok(())
}

fn floods(scale: &Scale, recv_size: usize) -> Result<(), Box<dyn Error>> {
    let bytes = scale.flood / clients::LINE.len() * clients::LINE.len();
    let mut pairs = Pairs::default();
    for _ in 0..scale.rounds {
        for (flood, side) in
            [(ours::flood(bytes, recv_size)?, &mut pairs.ours), (bare::flood(bytes, recv_size)?, &mut pairs.bare)]
        {
            assert_eq!((flood.bytes, flood.lines), (bytes, bytes / clients::LINE.len()));
            side.push(bytes as f64 / flood.took.as_secs_f64());
        }
    }
    let measure = format!("{} MiB of 40-byte lines, recv({recv_size})", scale.flood >> 20);
    pairs.print(&measure, "MB/s", 1e-6, "≥ 0.8");
    Ok(())
}

/// A delimiter and a rule against lines alone, and how evenly a message is repeated.
fn devices(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let bytes = scale.flood / clients::LINE.len() * clients::LINE.len();
    let rate = |flood: Flood| flood.bytes as f64 / flood.took.as_secs_f64();
    let by_line = ConnOptions { recv_size: 64 * 1024, ..ConnOptions::default() };
    // Lines end with one byte; what is before it makes a delimiter of two.
    let line = clients::LINE.as_bytes();
    let delimiter = Delimiter::new(&line[line.len() - 2..]).ok_or("no delimiter")?;
    let by_delimiter = ConnOptions { framing: Framing::Delimiter(delimiter), ..by_line.clone() };
    let rule = Rule { when: When::Contains, this: "no line has this".to_owned(), ..Rule::default() };
    let rules = Rules::new(&[rule], TextEncoding::default());
    let (mut delimited, mut ruled, mut intervals) = (Pairs::default(), Pairs::default(), Vec::new());
    for _ in 0..scale.rounds {
        let lines = rate(ours::flood_with(bytes, by_line.clone(), &Rules::default())?);
        delimited.ours.push(rate(ours::flood_with(bytes, by_delimiter.clone(), &Rules::default())?));
        ruled.ours.push(rate(ours::flood_with(bytes, by_line.clone(), &rules)?));
        delimited.bare.push(lines);
        ruled.bare.push(lines);
        intervals.extend(ours::repeat(2_000)?);
    }
    delimited.print("the same by a delimiter of two bytes, beside by line", "MB/s", 1e-6, "≥ 0.87");
    ruled.print("the same with a rule, beside without", "MB/s", 1e-6, "≥ 0.87");
    let mean = intervals.iter().sum::<u64>() as f64 / intervals.len() as f64;
    let late = at_share(&intervals, 0.99) - 1e6;
    row::row("a message every millisecond: mean", mean * 1e-6, None, "ms", "≤ 1.01 ms");
    row::row("its 99th percentile, beyond the millisecond", late * 1e-6, None, "ms", "≤ 2 ms");
    Ok(())
}

/// A line of one client to a thousand others: core and network beside a loop that writes it to each.
fn relays(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let line = bytes::Bytes::from(vec![b'x'; 64]);
    let mut pairs = Pairs::default();
    for _ in 0..scale.rounds {
        let mut room = ours::Room::gather(ROOM)?;
        let (mut crowd, _) = bare::Crowd::gather(ROOM)?;
        for _ in 0..scale.tellings {
            pairs.ours.push(room.relay(&line)?.as_secs_f64());
            pairs.bare.push(crowd.tell(&line)?.as_secs_f64());
        }
        room.disperse()?;
        crowd.disperse()?;
    }
    pairs.print("one client's line relayed to 1,000 others", "ms", 1e3, "≤ 1.5");
    Ok(())
}

/// Lines of standard input through `sockhop connect`, and through ncat where there is one.
fn pipes(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let mut input = tempfile::NamedTempFile::new()?;
    let lines = clients::LINE.repeat(PIPED / clients::LINE.len());
    std::io::Write::write_all(&mut input, lines.as_bytes())?;
    let sockhop = measured::sockhop();
    let sockhop = sockhop.get_program().to_string_lossy();
    let mut pairs = Pairs::default();
    for _ in 0..scale.rounds {
        let (took, bytes) = pipe::through(&sockhop, &["connect"], input.path())?;
        assert_eq!(bytes, lines.len());
        pairs.ours.push(took.as_secs_f64());
        match pipe::through("ncat", &["--send-only"], input.path()) {
            Ok((took, bytes)) => {
                assert_eq!(bytes, lines.len());
                pairs.bare.push(took.as_secs_f64());
            }
            Err(error) => {
                println!("ncat: {error}");
                break;
            }
        }
    }
    if pairs.bare.is_empty() {
        pairs.bare.push(f64::NAN);
    }
    pairs.print("8 MiB of lines piped into connect, beside ncat", "ms", 1e3, "≤ 1.5");
    Ok(())
}

/// The same measure, round by round.
#[derive(Default)]
struct Pairs {
    ours: Vec<f64>,
    bare: Vec<f64>,
}

impl Pairs {
    fn print(&self, measure: &str, unit: &str, factor: f64, to_reach: &str) {
        let (ours, bare) = (row::median(&self.ours), row::median(&self.bare));
        row::row(measure, ours * factor, Some(bare * factor), unit, to_reach);
    }
}

/// The value that this share of all is below.
fn at_share(values: &[u64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() as f64 * share) as usize] as f64
}

/// Bytes of this process in memory (proc(5), statm), 0 where the system has no such file.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}
