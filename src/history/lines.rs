//! The history as JSON Lines: what an export writes, and an import reads.
//!
//! A line is an object. One with `opened` is a session; the others are rows of the sessions before them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    SessionSummary,
    stored::{StoredDelivery, StoredHappening, boundary, boundary_number},
};
use crate::chat::{Delivery, Origin, Row, RowKind, Session, SessionId};
use crate::chat::{LONGEST_HOST, LONGEST_NAME, Received, RowNumber, Sent};
use crate::wire::{
    Cut, decode_hex,
    text::{SplitChar, TextEncoding},
};

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Line {
    Session(SessionLine),
    Received(MessageLine),
    Sent(MessageLine),
    /// A message that we sent as an automatic reply.
    Auto(MessageLine),
    Happened(HappenedLine),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SessionLine {
    session: u64,
    origin: OriginName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peer: Option<std::net::SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local: Option<std::net::SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    encoding: TextEncoding,
    opened: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// When its last row was written, also if that is not among those that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OriginName {
    Everyone,
    Accepted,
    Outgoing,
    Person,
    Nearby,
    Heard,
    Datagrams,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MessageLine {
    session: u64,
    number: u64,
    at: String,
    /// For whoever reads the file; the bytes are in `raw`.
    #[serde(default)]
    text: String,
    /// Hexadecimal, as are the bytes in `carry`.
    raw: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    header: u8,
    #[serde(default, skip_serializing_if = "is_zero")]
    trailer: u8,
    boundary: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    carry: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery: Option<StoredDelivery>,
    /// Of one that we sent: the encoding in which it was written, if it is not that of its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<TextEncoding>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HappenedLine {
    session: u64,
    number: u64,
    at: String,
    what: StoredHappening,
}

impl Line {
    pub(super) fn of_session(summary: &SessionSummary) -> Self {
        let Session { id, origin, peer, local, name, encoding, opened } = &summary.session;
        let (origin, host, port) = match origin {
            Origin::Everyone => (OriginName::Everyone, None, None),
            Origin::Accepted => (OriginName::Accepted, None, None),
            Origin::Outgoing { host, port } => (OriginName::Outgoing, Some(host.clone()), Some(*port)),
            Origin::Person(id) => (OriginName::Person, Some(id.to_string()), None),
            Origin::Nearby => (OriginName::Nearby, None, None),
            Origin::Heard => (OriginName::Heard, None, None),
            Origin::Datagrams { host, port } => (OriginName::Datagrams, Some(host.clone()), Some(*port)),
        };
        Self::Session(SessionLine {
            session: id.0,
            origin,
            host,
            port,
            peer: *peer,
            local: *local,
            name: name.clone(),
            encoding: *encoding,
            opened: opened.to_string(),
            ended: summary.ended.map(|at| at.to_string()),
            last: Some(summary.last.to_string()),
        })
    }

    pub(super) fn of_row(session: &Session, row: &Row) -> Self {
        let message = |raw: &[u8], cut: Cut, carry: &[u8], delivery, encoding| MessageLine {
            session: session.id.0,
            number: row.number.0,
            at: row.at.to_string(),
            text: row.decode(session.encoding).map(|decoded| decoded.text).unwrap_or_default(),
            raw: hex(raw),
            header: cut.header,
            trailer: cut.trailer,
            boundary: boundary_number(cut.boundary),
            carry: hex(carry),
            delivery,
            encoding,
        };
        match &row.kind {
            RowKind::Received(Received { raw, cut, carry, .. }) => {
                Self::Received(message(raw, *cut, carry.as_slice(), None, None))
            }
            RowKind::Sent(Sent { raw, cut, delivery, auto, encoding, .. }) => {
                let own = Some(*encoding).filter(|encoding| *encoding != session.encoding);
                let message = message(raw, *cut, &[], Some(delivery.into()), own);
                if *auto { Self::Auto(message) } else { Self::Sent(message) }
            }
            RowKind::Happened(what) => Self::Happened(HappenedLine {
                session: session.id.0,
                number: row.number.0,
                at: row.at.to_string(),
                what: what.into(),
            }),
        }
    }
}

impl SessionLine {
    /// The session, without a count of what is in it.
    pub(super) fn into_summary(self) -> Result<SessionSummary, String> {
        let origin = match self.origin {
            OriginName::Everyone => Origin::Everyone,
            OriginName::Accepted => Origin::Accepted,
            OriginName::Outgoing => {
                let host = first_of(self.host.unwrap_or_default(), LONGEST_HOST);
                Origin::Outgoing { host, port: self.port.unwrap_or_default() }
            }
            OriginName::Person => {
                let id = self.host.unwrap_or_default();
                Origin::Person(id.parse().map_err(|_| format!("{} is no person", first_of(id, LONGEST_HOST)))?)
            }
            OriginName::Nearby => Origin::Nearby,
            OriginName::Heard => Origin::Heard,
            OriginName::Datagrams => {
                let host = first_of(self.host.unwrap_or_default(), LONGEST_HOST);
                Origin::Datagrams { host, port: self.port.unwrap_or_default() }
            }
        };
        let session = Session {
            id: SessionId(self.session),
            origin,
            peer: self.peer,
            local: self.local,
            name: self.name.map(|name| first_of(name, LONGEST_NAME)),
            encoding: self.encoding,
            opened: time(&self.opened)?,
        };
        let ended = self.ended.as_deref().map(time).transpose()?;
        let last = self.last.as_deref().map_or(Ok(session.opened), time)?;
        Ok(SessionSummary { session, ended, last, messages: 0, bytes: 0 })
    }
}

impl MessageLine {
    /// The session it is of.
    pub(super) fn session(&self) -> SessionId {
        SessionId(self.session)
    }

    /// The row of a message that came; or that we sent, automatically or not, in that encoding if it names none.
    pub(super) fn into_row(self, sent: Option<(Auto, TextEncoding)>) -> Result<(SessionId, Row), String> {
        let raw = decode_hex(&self.raw).map_err(|error| error.to_string())?;
        let cut = Cut {
            end: raw.len() as u32,
            header: self.header,
            trailer: self.trailer,
            boundary: boundary(self.boundary),
        };
        let kind = if let Some((Auto(auto), encoding)) = sent {
            let delivery = self.delivery.map_or(Delivery::Sent, Delivery::from);
            let encoding = self.encoding.unwrap_or(encoding);
            RowKind::Sent(Sent { raw: raw.into(), cut, delivery, auto, encoding, begins: None })
        } else {
            let carry = decode_hex(&self.carry).map_err(|error| error.to_string())?;
            RowKind::Received(Received { raw: raw.into(), cut, carry: SplitChar::new(&carry), begins: None })
        };
        Ok((SessionId(self.session), Row { number: RowNumber(self.number), at: time(&self.at)?, kind }))
    }
}

/// Whether a message was an automatic reply.
#[derive(Clone, Copy)]
pub(super) struct Auto(pub bool);

impl HappenedLine {
    pub(super) fn into_row(self) -> Result<(SessionId, Row), String> {
        let kind = RowKind::Happened(self.what.into());
        Ok((SessionId(self.session), Row { number: RowNumber(self.number), at: time(&self.at)?, kind }))
    }
}

/// The text, or so many characters of it: a file that somebody made may have millions.
pub(super) fn first_of(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error: jiff::Error| error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}
