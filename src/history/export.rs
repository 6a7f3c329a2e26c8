//! Messages → a file, a few at a time.

use std::{
    collections::{HashSet, VecDeque},
    io::{self, Write},
    net::SocketAddr,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::{
    Cancel, Format, Outcome, SessionSummary, Which,
    csv::cell,
    lines::Line,
    read::{self, each_row},
    schema::LAST_NUMBER,
    search::{Search, Step},
};
use crate::chat::{Delivery, Origin, Row, RowKind, Session, SessionId};
use crate::chat::{Received, Sent};
use crate::{
    atomic_file::{AtomicFile, Readers},
    wire::{encode_hex, visible, visible_text, write_json_line},
};

/// An export under way.
#[derive(Debug)]
pub(super) struct Exporting {
    to: PathBuf,
    cancel: Cancel,
    source: Source,
    /// `None` once the file is in its place.
    out: Option<Printer<AtomicFile>>,
    done: u64,
    of: Option<u64>,
}

/// Where the messages come from.
#[derive(Debug)]
enum Source {
    /// These sessions, the first of them from this number on.
    Sessions(VecDeque<SessionId>, u64),
    Found(Box<Search>),
}

/// Why it could not continue.
#[derive(Debug)]
pub(super) enum ExportError {
    /// The history could not be read.
    Sql(rusqlite::Error),
    /// The file could not be written.
    Io(io::Error),
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Exporting {
    pub(super) fn new(
        connection: &Connection,
        what: Which,
        format: Format,
        to: PathBuf,
        cancel: Cancel,
    ) -> Result<Self, ExportError> {
        let (source, of) = match what {
            Which::Session(id) => {
                let messages = read::session(connection, id)?.map(|(summary, _)| summary.messages);
                (Source::Sessions([id].into(), 0), Some(messages.unwrap_or_default()))
            }
            Which::All => {
                let ids = read::ids(connection)?.into();
                (Source::Sessions(ids, 0), Some(read::totals(connection, Path::new(""))?.messages))
            }
            Which::Found { needle } => (Source::Found(Box::new(Search::new(&needle))), None),
        };
        let out = Some(Printer::new(AtomicFile::create(&to, Readers::Owner)?, format)?);
        Ok(Self { to, cancel, source, out, done: 0, of })
    }

    /// Messages written so far, and of how many.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        // A session that continues has more by now.
        (self.done, self.of.map(|of| of.max(self.done)))
    }

    /// Continues until then, about. Whether it is over, and how.
    pub(super) fn step(&mut self, connection: &Connection, until: Instant) -> Result<Option<Outcome>, ExportError> {
        while Instant::now() < until {
            if self.cancel.is_cancelled() {
                return Ok(Some(Outcome::Cancelled));
            }
            let Some(out) = &mut self.out else { return Ok(Some(Outcome::Exported { messages: self.done })) };
            let over = match &mut self.source {
                Source::Sessions(ids, from) => match ids.front() {
                    None => true,
                    Some(id) => {
                        let part = Part::read(connection, *id, *from)?;
                        if let Some(part) = &part {
                            self.done += out.part(part)?;
                        }
                        *from = if let Some(next) = part.and_then(|part| part.next) {
                            next
                        } else {
                            ids.pop_front();
                            0
                        };
                        false
                    }
                },
                Source::Found(search) => match search.advance(connection)? {
                    Step::Working => false,
                    Step::End => true,
                    Step::Hit(hit) => {
                        if let Some((summary, key)) = read::session(connection, hit.place.session)?
                            && let Some(row) = read::row(connection, key, hit.place.number)?
                        {
                            out.session(&summary)?;
                            out.row(&summary.session, &row)?;
                            self.done += 1;
                        }
                        false
                    }
                },
            };
            if over && let Some(out) = self.out.take() {
                out.out.commit(&self.to)?;
            }
        }
        Ok(None)
    }
}

/// Some rows of a session, and the number to continue from if there are more.
#[derive(Debug)]
pub(super) struct Part {
    summary: SessionSummary,
    rows: Vec<Row>,
    pub(super) next: Option<u64>,
}

impl Part {
    /// Reads some rows of this session, from this number on. `None` if there is no such session.
    pub(super) fn read(connection: &Connection, id: SessionId, from: u64) -> rusqlite::Result<Option<Self>> {
        let Some((summary, key)) = read::session(connection, id)? else { return Ok(None) };
        let mut rows = Vec::new();
        each_row(connection, key, from..LAST_NUMBER, |row| {
            rows.push(row.row());
            Ok(if rows.len() == ROWS_A_STEP { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let next = rows.last().map(|row| row.number.0 + 1).filter(|_| rows.len() == ROWS_A_STEP);
        Ok(Some(Self { summary, rows, next }))
    }
}

/// Writes rows in one of the formats, one after the other.
#[derive(Debug)]
pub(super) struct Printer<W> {
    pub(super) out: W,
    format: Format,
    zone: TimeZone,
    /// Sessions that were written, and the last of them.
    sessions: HashSet<SessionId>,
    session: Option<SessionId>,
}

impl<W: Write> Printer<W> {
    /// Begins with what is before the first row.
    pub(super) fn new(out: W, format: Format) -> io::Result<Self> {
        Self::in_zone(out, format, TimeZone::system())
    }

    fn in_zone(mut out: W, format: Format, zone: TimeZone) -> io::Result<Self> {
        if format == Format::Csv {
            // Without a byte order mark Excel takes the text for another encoding.
            write!(out, "\u{feff}session,opened,name,peer,local,number,time,direction,state,bytes,text,hex\r\n")?;
        }
        Ok(Self { out, format, zone, sessions: HashSet::new(), session: None })
    }

    /// Writes these rows. Returns how many of them were messages.
    pub(super) fn part(&mut self, part: &Part) -> io::Result<u64> {
        self.session(&part.summary)?;
        let mut messages = 0;
        for row in &part.rows {
            self.row(&part.summary.session, row)?;
            messages += u64::from(!matches!(row.kind, RowKind::Happened(_)));
        }
        Ok(messages)
    }

    /// The rows that follow are of this session.
    fn session(&mut self, summary: &SessionSummary) -> io::Result<()> {
        let Session { id, origin, peer, local, name, opened, .. } = &summary.session;
        if self.session == Some(*id) {
            return Ok(());
        }
        self.session = Some(*id);
        let first = self.sessions.insert(*id);
        let out = &mut self.out;
        match self.format {
            Format::JsonLines if first => write_json_line(out, &Line::of_session(summary)),
            Format::Text => {
                // The one without an end, or with one that is not known, lasted until its last row at least.
                let ended = summary.ended.unwrap_or(summary.last);
                let [opened, ended] =
                    [*opened, ended].map(|at| at.to_zoned(self.zone.clone()).strftime("%F %T%:z").to_string());
                write!(out, "# {opened} – {ended}")?;
                if let Some(name) = name {
                    write!(out, "  {}", visible(name, &[]))?;
                }
                if let Origin::Outgoing { host, port } | Origin::Datagrams { host, port } = origin {
                    write!(out, "  {}:{port}", visible(host, &[]))?;
                }
                writeln!(out, "  {} ↔ {}", shown(*peer), shown(*local))
            }
            Format::JsonLines | Format::Csv | Format::RawReceived => Ok(()),
        }
    }

    fn row(&mut self, session: &Session, row: &Row) -> io::Result<()> {
        let out = &mut self.out;
        match (self.format, &row.kind) {
            (Format::JsonLines, _) => write_json_line(out, &Line::of_row(session, row)),
            (Format::RawReceived, RowKind::Received(Received { raw, .. })) => out.write_all(raw),
            (Format::RawReceived, _) | (Format::Text | Format::Csv, RowKind::Happened(_)) => Ok(()),
            (Format::Text, kind) => {
                let text = row.decode(session.encoding).map(|decoded| decoded.text).unwrap_or_default();
                let at = row.at.to_zoned(self.zone.clone());
                // A message of several lines continues under its first.
                let text = visible_text(&text).replace('\n', "\n\t");
                writeln!(out, "{}  {}  {text}", at.strftime("%F %T%.3f%:z"), arrow(kind))
            }
            (Format::Csv, kind) => {
                let text = row.decode(session.encoding).map(|decoded| decoded.text).unwrap_or_default();
                let Session { id: SessionId(id), opened, name, peer, local, .. } = session;
                let (direction, state) = direction_and_state(kind);
                write!(
                    out,
                    "{},{opened},{},{},{},{},{},{direction},{state},{},{},{}\r\n",
                    cell(&id.to_string()),
                    cell(name.as_deref().unwrap_or_default()),
                    shown(*peer),
                    shown(*local),
                    row.number.0,
                    row.at,
                    row.raw().len(),
                    cell(&text),
                    cell(&encode_hex(row.raw())),
                )
            }
        }
    }
}

fn shown(address: Option<SocketAddr>) -> String {
    address.map_or_else(String::new, |address| address.to_string())
}

/// Which way a message went, for reading.
fn arrow(kind: &RowKind) -> &'static str {
    match kind {
        RowKind::Received(_) | RowKind::Happened(_) => "←",
        RowKind::Sent(Sent { delivery: Delivery::Failed(_) | Delivery::GivenUp(_), .. }) => "→ ✗",
        RowKind::Sent(Sent { delivery: Delivery::Waiting, .. }) => "→ …",
        RowKind::Sent(_) => "→",
    }
}

/// The same in words for programs.
fn direction_and_state(kind: &RowKind) -> (&'static str, &'static str) {
    match kind {
        RowKind::Received(_) | RowKind::Happened(_) => ("received", ""),
        RowKind::Sent(Sent { delivery, auto, .. }) => (
            if *auto { "auto" } else { "sent" },
            match delivery {
                Delivery::Sent => "sent",
                Delivery::Acknowledged => "acknowledged",
                Delivery::Waiting => "waiting",
                Delivery::Failed(_) => "failed",
                Delivery::ToAll { .. } => "to-all",
                Delivery::Delivered => "delivered",
                Delivery::Read => "read",
                Delivery::GivenUp(_) => "given-up",
                Delivery::ToPeople { .. } => "to-people",
            },
        ),
    }
}

/// Rows read at once.
const ROWS_A_STEP: usize = 256;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{
        chat::RowNumber,
        wire::{
            Boundary, Cut,
            text::{SplitChar, TextEncoding},
        },
    };

    #[test]
    fn a_text_says_which_of_two_hours_it_was_and_on_which_day_it_ended() -> io::Result<()> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse().unwrap();
        let session = Session {
            id: SessionId(7),
            origin: Origin::Accepted,
            peer: "127.0.0.1:5".parse().ok(),
            local: "127.0.0.1:6".parse().ok(),
            name: None,
            encoding: TextEncoding::default(),
            opened: at("2026-10-25T00:59:00Z"),
        };
        let last = at("2026-10-26T09:00:00Z");
        let summary = SessionSummary { session, ended: Some(last), last, messages: 2, bytes: 4 };
        let row = |number, text: &str| {
            let cut = Cut { end: 2, header: 0, trailer: 1, boundary: Boundary::Newline };
            let (raw, carry) = (b"a\n".as_slice().into(), SplitChar::default());
            let kind = RowKind::Received(Received { raw, cut, carry, begins: None });
            Row { number: RowNumber(number), at: at(text), kind }
        };
        // The clocks go back from 3 to 2 in between.
        let rows = vec![row(0, "2026-10-25T00:59:58Z"), row(1, "2026-10-25T01:00:02Z")];
        let mut printer = Printer::in_zone(Vec::new(), Format::Text, zone)?;
        printer.part(&Part { summary, rows, next: None })?;
        assert_eq!(
            String::from_utf8_lossy(&printer.out),
            "# 2026-10-25 02:59:00+02:00 – 2026-10-26 10:00:00+01:00  127.0.0.1:5 ↔ 127.0.0.1:6\n\
            2026-10-25 02:59:58.000+02:00  ←  a\n2026-10-25 02:00:02.000+01:00  ←  a\n"
        );
        Ok(())
    }
}
