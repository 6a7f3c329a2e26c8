//! The other end of every measurement: clients on bare sockets, in a process of their own.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    process::{Child, ChildStdout, Command, Stdio},
    time::Instant,
};

/// What marks the command line of a process of clients.
pub const CLIENTS: &str = "--clients";

/// 39 bytes of UTF-8 and a newline.
pub const LINE: &str = "插话，插话，插话，插话！\u{2003}\n";

/// What a process of clients does.
#[derive(Clone, Copy)]
pub enum Role {
    /// One client: so many lines of 64 bytes, each once the one before has come back. Tells each one's nanoseconds.
    Ask(usize),
    /// One client: so many bytes of [`LINE`]s, as fast as they go.
    Flood(usize),
    /// So many clients that connect and do nothing, until this end is dropped. Tells when all are connected.
    Idle(usize),
}

/// A process of clients.
pub struct Clients {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Clients {
    pub fn start(role: Role, at: SocketAddr) -> io::Result<Self> {
        let (name, count) = match role {
            Role::Ask(count) => ("ask", count),
            Role::Flood(count) => ("flood", count),
            Role::Idle(count) => ("idle", count),
        };
        Self::spawn(&[CLIENTS, name, &count.to_string(), &at.to_string()])
    }

    /// This program again, with these words.
    pub fn spawn(words: &[&str]) -> io::Result<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
        Ok(Self { process, output })
    }

    /// The next line it tells: numbers.
    pub fn told(&mut self) -> io::Result<Vec<u64>> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.split_whitespace().filter_map(|word| word.parse().ok()).collect())
    }

    /// Have it end, and wait until it has.
    pub fn end(mut self) -> io::Result<()> {
        drop(self.process.stdin.take());
        self.process.wait().map(drop)
    }
}

/// The life of such a process.
pub fn run(words: &[String]) -> io::Result<()> {
    let [name, count, at] = words else { return Err(io::ErrorKind::InvalidInput.into()) };
    let count = count.parse().map_err(io::Error::other)?;
    let at = at.parse().map_err(io::Error::other)?;
    match name.as_str() {
        "ask" => ask(count, at),
        "flood" => flood(count, at),
        _ => idle(count, at),
    }
}

fn ask(count: usize, at: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    let mut line = [b'x'; 64];
    line[63] = b'\n';
    let mut took = Vec::with_capacity(count);
    let warm_up = count / 10;
    for number in 0..count + warm_up {
        let begun = Instant::now();
        stream.write_all(&line)?;
        stream.read_exact(&mut line)?;
        if number >= warm_up {
            took.push(begun.elapsed().as_nanos().to_string());
        }
    }
    // The other side reads what we tell only once it has seen the end.
    drop(stream);
    println!("{}", took.join(" "));
    Ok(())
}

fn flood(bytes: usize, at: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(at)?;
    let lines = LINE.repeat(8 * 1024);
    let mut left = bytes;
    while left > 0 {
        let some = lines.as_bytes().get(..left.min(lines.len())).unwrap_or_default();
        stream.write_all(some)?;
        left -= some.len();
    }
    stream.shutdown(Shutdown::Write)?;
    stream.read(&mut [0]).map(drop)
}

fn idle(count: usize, at: SocketAddr) -> io::Result<()> {
    raise_limit();
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        streams.push(TcpStream::connect(at)?);
    }
    println!("{count}");
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(streams);
    Ok(())
}

/// Ten thousand sockets need more files than most systems give a program that does not ask.
pub fn raise_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let hard = getrlimit(Resource::Nofile).maximum;
        let _ = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard });
    }
}
