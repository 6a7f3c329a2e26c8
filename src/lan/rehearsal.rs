//! A text sent over TLS between two ends in this program: the links that two Sockhops have, with keys made for it, over a
//! real connection of this computer with itself. For those who look at the bytes and have nobody nearby.

use std::{
    io::{self, Read as _, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::Duration,
};

use bytes::Bytes;

use super::{
    Identity, Outgoing,
    frame::{Kind, frame},
    link::Link,
    said::Message,
    tls::Tls,
};
use crate::chat::Epoch;

/// How long anything of it may take: both ends are here.
const LIMIT: Duration = Duration::from_secs(2);

/// Flights after which it is given up; three are needed.
const FLIGHTS: usize = 16;

/// What went over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// The text that was sent.
    pub text: Bytes,
    /// The port of the end that was dialled.
    pub port: u16,
    /// Every flight: whether the end that dialled sent it, and its bytes. The last one carries the text.
    pub flights: Vec<(bool, Bytes)>,
    /// Why the other end refused the text, where a byte of it was changed on the way.
    pub refused: Option<String>,
}

/// Sends this text. `change`: one byte of it is changed on the way.
///
/// # Errors
/// Where this computer does not connect to itself.
pub fn rehearse(text: &Bytes, change: bool) -> io::Result<Rehearsal> {
    let tls = || {
        let identity = Identity::generate().map_err(io::Error::other)?;
        Tls::new(&identity).map_err(io::Error::other)
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let dialled = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let (accepted, _) = listener.accept()?;
    for stream in [&dialled, &accepted] {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
    }
    let mut client = Side { link: Link::dial(&tls()?, None).map_err(io::Error::other)?, stream: dialled };
    let mut server = Side { link: Link::accept(&tls()?).map_err(io::Error::other)?, stream: accepted };
    let mut flights = Vec::new();
    for _ in 0..FLIGHTS {
        if client.link.peer().is_some() && server.link.peer().is_some() {
            break;
        }
        carry(&mut flights, true, &mut client, &mut server)?;
        carry(&mut flights, false, &mut server, &mut client)?;
    }
    let what = Outgoing { mark: 1, at: 0, text: Some(text.clone()), again: false };
    client.link.greeted();
    server.link.greeted();
    client.link.send(frame(Kind::Message, &Message::of(Epoch(1), 1, &what)));
    let mut bytes = client.written()?;
    if change && let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    client.stream.write_all(&bytes)?;
    let mut came = vec![0; bytes.len()];
    server.stream.read_exact(&mut came)?;
    let taken = server.link.take(&came);
    flights.push((true, bytes.into()));
    let refused = match taken {
        Ok(taken) if taken.frames.len() == 1 => None,
        Ok(_) => return Err(io::Error::other("the text did not arrive")),
        Err(error) => Some(error.to_string()),
    };
    Ok(Rehearsal { text: text.clone(), port, flights, refused })
}

/// One end, and its connection.
struct Side {
    link: Link,
    stream: TcpStream,
}

impl Side {
    /// All that it wants to write now.
    fn written(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.link.write(&mut bytes)?;
        Ok(bytes)
    }
}

/// One flight from end to end, if there is one.
fn carry(flights: &mut Vec<(bool, Bytes)>, ours: bool, from: &mut Side, to: &mut Side) -> io::Result<()> {
    let bytes = from.written()?;
    if bytes.is_empty() {
        return Ok(());
    }
    from.stream.write_all(&bytes)?;
    let mut came = vec![0; bytes.len()];
    to.stream.read_exact(&mut came)?;
    to.link.take(&came).map_err(io::Error::other)?;
    flights.push((ours, came.into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tls_records::{ContentType, Hello, Record, Records};

    const TEXT: Bytes = Bytes::from_static("你好，2 点见".as_bytes());

    fn records(rehearsal: &Rehearsal, ours: bool) -> Vec<Record> {
        let mut records = Records::default();
        let flights = rehearsal.flights.iter().filter(|(of, _)| *of == ours);
        flights.flat_map(|(_, bytes)| records.push(bytes)).collect()
    }

    #[test]
    fn the_text_arrives_and_is_nowhere_on_the_wire() {
        let rehearsal = rehearse(&TEXT, false).unwrap();
        assert_eq!((&rehearsal.text, &rehearsal.refused), (&TEXT, &None));
        let ours = records(&rehearsal, true);
        assert_eq!(ours[0].hello(), Some(Hello::Client));
        assert_eq!(records(&rehearsal, false)[0].hello(), Some(Hello::Server));
        let last = ours.last().unwrap();
        assert_eq!(last.content_type(), ContentType::ApplicationData);
        assert!(last.encrypted_bytes().unwrap() >= TEXT.len());
        for (_, flight) in &rehearsal.flights {
            assert!(!flight.windows(6).any(|six| TEXT.windows(6).any(|of| of == six)), "it can be read");
        }
    }

    #[test]
    fn one_byte_that_is_changed_on_the_way_has_it_refused() {
        let rehearsal = rehearse(&TEXT, true).unwrap();
        assert!(rehearsal.refused.is_some());
    }
}
