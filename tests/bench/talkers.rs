//! Clients of the real window, on bare sockets in a process of their own: a flood, many who talk, many who come and go.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::clients;

/// What marks the command line of such a process.
pub const TALKERS: &str = "--talkers";

/// Bytes of each line of a flood, its newline among them.
pub const LINE: usize = 36;

/// Line of that number: each is found by it.
pub fn line(number: usize) -> String {
    format!("line {number:09} of those that came\n")
}

/// The life of such a process: what it does, a number, where, and how long at most.
pub fn run(words: &[String]) -> io::Result<()> {
    clients::raise_limit();
    let [name, count, at, seconds] = words else { return Err(io::ErrorKind::InvalidInput.into()) };
    let number = |word: &str| word.parse::<usize>().map_err(io::Error::other);
    let (count, at) = (number(count)?, at.parse().map_err(io::Error::other)?);
    let until = Instant::now() + Duration::from_secs(number(seconds)? as u64);
    match name.as_str() {
        "lines" => lines(count, at),
        "talk" => talk(count, at, until),
        "bytes" => bytes(count, at, until),
        _ => visits(count, at, until),
    }
}

/// So many lines, as fast as they go.
fn lines(count: usize, at: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(at)?;
    let mut some = Vec::new();
    for number in 0..count {
        some.extend_from_slice(line(number).as_bytes());
        if some.len() >= 256 * 1024 || number + 1 == count {
            stream.write_all(&some)?;
            some.clear();
        }
    }
    stream.shutdown(Shutdown::Write)?;
    stream.read(&mut [0]).map(drop)
}

/// 500 lines a second from so many clients in turn; ten leave each second, and ten others come.
fn talk(count: usize, at: SocketAddr, until: Instant) -> io::Result<()> {
    let mut streams = Vec::new();
    while streams.len() < count {
        streams.push(TcpStream::connect(at)?);
    }
    println!("{count}");
    let begun = Instant::now();
    let mut said = 0;
    while Instant::now() < until {
        if said % 50 == 49 {
            let at_place = said / 50 % count;
            if let Some(stream) = streams.get_mut(at_place) {
                *stream = TcpStream::connect(at)?;
            }
        }
        if let Some(stream) = streams.get_mut(said * 7 % count) {
            stream.write_all(format!("{said:>9} says one of two hundred here\n").as_bytes())?;
        }
        said += 1;
        rest(begun, said, 500);
    }
    Ok(())
}

/// So many clients, each of which sends a byte a second.
fn bytes(count: usize, at: SocketAddr, until: Instant) -> io::Result<()> {
    let mut streams = Vec::new();
    while streams.len() < count {
        streams.push(TcpStream::connect(at)?);
    }
    println!("{count}");
    let begun = Instant::now();
    let mut said = 0;
    while Instant::now() < until {
        if let Some(stream) = streams.get_mut(said % count) {
            stream.write_all(b"x")?;
        }
        said += 1;
        rest(begun, said, count);
    }
    Ok(())
}

/// So many clients a second that connect, and close at once.
fn visits(count: usize, at: SocketAddr, until: Instant) -> io::Result<()> {
    println!("{count}");
    let begun = Instant::now();
    let mut came = 0;
    while Instant::now() < until {
        drop(TcpStream::connect(at)?);
        came += 1;
        rest(begun, came, count);
    }
    Ok(())
}

/// Waits until it is time for the next, at so many a second.
fn rest(begun: Instant, done: usize, a_second: usize) {
    let due = Duration::from_secs(1) * done as u32 / a_second as u32;
    thread::sleep(due.saturating_sub(begun.elapsed()));
}
