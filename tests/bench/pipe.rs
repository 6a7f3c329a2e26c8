//! A program that sends its standard input to a socket, from its start to the last byte that arrives.

use std::{
    fs::File,
    io::{self, Read as _},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Starts it with these words, an address and a port. How long it took, and how many bytes came.
pub fn through(program: &str, words: &[&str], input: &Path) -> io::Result<(Duration, usize)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let at = listener.local_addr()?;
    let begun = Instant::now();
    let mut process = Command::new(program)
        .args(words)
        .args([at.ip().to_string(), at.port().to_string()])
        .stdin(File::open(input)?)
        .stdout(Stdio::null())
        .spawn()?;
    let mut stream = listener.accept()?.0;
    let (mut bytes, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        let more = stream.read(&mut buffer)?;
        if more == 0 {
            break;
        }
        bytes += more;
    }
    let took = begun.elapsed();
    drop(stream);
    process.wait()?;
    Ok((took, bytes))
}
