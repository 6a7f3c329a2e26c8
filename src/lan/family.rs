//! Sockets on all addresses of one family, and of that alone.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use socket2::{Domain, Socket, Type};

/// One that is bound to this port, once `prepare` has set what must be set before.
pub(super) fn bound(
    domain: Domain,
    kind: Type,
    port: u16,
    prepare: impl FnOnce(&Socket) -> io::Result<()>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind, None)?;
    prepare(&socket)?;
    let any: IpAddr = if domain == Domain::IPV4 {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        socket.set_only_v6(true)?;
        Ipv6Addr::UNSPECIFIED.into()
    };
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::new(any, port).into())?;
    Ok(socket)
}
