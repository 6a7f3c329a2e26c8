//! The same work on bare sockets of the standard library.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use crate::{
    Flood,
    clients::{Clients, Role},
};

fn listen() -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(crate::BACKLOG as i32)?;
    Ok(socket.into())
}

/// Nanoseconds of each of `count` lines.
pub fn echo(count: usize) -> io::Result<Vec<u64>> {
    let listener = listen()?;
    let mut clients = Clients::start(Role::Ask(count), listener.local_addr()?)?;
    let mut stream = listener.accept()?.0;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        let received = stream.read(&mut buffer)?;
        if received == 0 {
            break;
        }
        stream.write_all(&buffer[..received])?;
    }
    let took = clients.told()?;
    clients.end()?;
    Ok(took)
}

/// Receive and count newlines.
pub fn flood(bytes: usize, recv_size: usize) -> io::Result<Flood> {
    let listener = listen()?;
    let clients = Clients::start(Role::Flood(bytes), listener.local_addr()?)?;
    let mut stream = listener.accept()?.0;
    let mut buffer = vec![0; recv_size];
    let (mut received, mut lines) = (0, 0);
    let mut begun = None;
    loop {
        let more = stream.read(&mut buffer)?;
        if more == 0 {
            break;
        }
        begun.get_or_insert_with(Instant::now);
        received += more;
        lines += memchr::memchr_iter(b'\n', &buffer[..more]).count();
    }
    let took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
    drop(stream);
    clients.end()?;
    Ok(Flood { bytes: received, lines, took })
}

/// Ten thousand clients.
pub struct Crowd {
    streams: Vec<TcpStream>,
    clients: Clients,
}

impl Crowd {
    /// Accept them all. How long it took from the first to the last.
    pub fn gather(count: usize) -> io::Result<(Self, Duration)> {
        let listener = listen()?;
        let mut clients = Clients::start(Role::Idle(count), listener.local_addr()?)?;
        let mut streams = vec![listener.accept()?.0];
        let begun = Instant::now();
        while streams.len() < count {
            streams.push(listener.accept()?.0);
        }
        let took = begun.elapsed();
        clients.told()?;
        Ok((Self { streams, clients }, took))
    }

    /// Send the same to everyone.
    pub fn tell(&mut self, bytes: &[u8]) -> io::Result<Duration> {
        let begun = Instant::now();
        for stream in &mut self.streams {
            stream.write_all(bytes)?;
        }
        Ok(begun.elapsed())
    }

    pub fn disperse(self) -> io::Result<()> {
        drop(self.streams);
        self.clients.end()
    }
}
