//! Links over TCP: the one place that dials, accepts, and knows of addresses.

use std::{
    io::{self, Read as _, Write as _},
    net::SocketAddr,
};

use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream},
};
use socket2::{Domain, Socket, Type};

use super::family;

/// Links that the system holds before they are accepted.
const BACKLOG: i32 = 128;

/// Where links are taken.
#[derive(Debug)]
pub(super) struct Door {
    listeners: Vec<(TcpListener, Token)>,
    port: u16,
}

impl Door {
    /// On that port, of all interfaces and both families; where it is taken, on any free one.
    ///
    /// # Errors
    /// Where none can be had: what the system says.
    pub fn open(port: u16, registry: &Registry, tokens: &mut impl FnMut() -> Token) -> io::Result<Self> {
        let first = listen(Domain::IPV4, port).or_else(|_| listen(Domain::IPV4, 0));
        let port = match &first {
            Ok(listener) => listener.local_addr()?.port(),
            Err(_) => port,
        };
        let second = listen(Domain::IPV6, port);
        let mut door = Self { listeners: Vec::new(), port };
        let mut failed = None;
        for listener in [first, second] {
            match listener {
                Ok(mut listener) => {
                    let token = tokens();
                    registry.register(&mut listener, token, Interest::READABLE)?;
                    door.listeners.push((listener, token));
                }
                Err(error) => failed = Some(failed.unwrap_or(error)),
            }
        }
        match failed {
            Some(error) if door.listeners.is_empty() => Err(error),
            _ => Ok(door),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether one of its sockets has this token.
    pub fn has(&self, token: Token) -> bool {
        self.listeners.iter().any(|(_, of)| *of == token)
    }

    /// The next that comes on that socket.
    pub fn accept(&self, token: Token) -> io::Result<(Stream, SocketAddr)> {
        let listener = self.listeners.iter().find(|(_, of)| *of == token).map(|(listener, _)| listener);
        let (stream, from) = listener.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?.accept()?;
        Ok((Stream::ready(stream), from))
    }

    pub fn close(&mut self, registry: &Registry) {
        for (listener, _) in &mut self.listeners {
            let _ = registry.deregister(listener);
        }
        self.listeners.clear();
    }
}

fn listen(domain: Domain, port: u16) -> io::Result<TcpListener> {
    // Elsewhere that would let two listen on one port.
    let prepare = |socket: &Socket| if cfg!(unix) { socket.set_reuse_address(true) } else { Ok(()) };
    let socket = family::bound(domain, Type::STREAM, port, prepare)?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// A stream of bytes to another machine.
#[derive(Debug)]
pub(super) struct Stream(TcpStream);

impl Stream {
    /// Begins to connect.
    pub fn dial(to: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(to).map(Self)
    }

    fn ready(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self(stream)
    }

    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.0, token, Interest::READABLE | Interest::WRITABLE)
    }

    pub fn deregister(&mut self, registry: &Registry) {
        let _ = registry.deregister(&mut self.0);
    }

    /// Whether the connection stands; `None` while it is being made.
    pub fn is_connected(&self) -> io::Result<Option<SocketAddr>> {
        if let Some(error) = self.0.take_error()? {
            return Err(error);
        }
        match self.0.peer_addr() {
            Ok(peer) => {
                let _ = self.0.set_nodelay(true);
                Ok(Some(peer))
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }

    /// No more bytes of ours; the other hears an end, not a reset.
    pub fn finish(&mut self) {
        let _ = self.0.flush();
        let _ = self.0.shutdown(std::net::Shutdown::Write);
    }
}

impl io::Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
