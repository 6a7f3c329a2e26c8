//! Messages → a file, a few at a time.

use std::{
    collections::{HashSet, VecDeque},
    io::{self, BufWriter, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::tz::TimeZone;
use rusqlite::Connection;
use tempfile::NamedTempFile;

use super::{
    Cancel, Format, Outcome, SessionSummary, Which,
    lines::Line,
    read::{self, ROWS},
    schema::{LAST_NUMBER, row_id},
    search::{Search, Step},
};
use crate::chat::{Delivery, Origin, Row, RowKind, Session, SessionId};
use crate::chat::{Received, Sent};
use crate::wire::visible;

/// An export under way.
#[derive(Debug)]
pub(super) struct Exporting {
    to: PathBuf,
    cancel: Cancel,
    source: Source,
    out: Writer,
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

/// Why it could not go on.
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
                let mut select = connection.prepare_cached("SELECT id FROM sessions ORDER BY opened, key")?;
                let ids = select.query_map([], |row| Ok(SessionId(row.get::<_, i64>(0)? as u64)))?;
                let ids = ids.collect::<rusqlite::Result<_>>()?;
                (Source::Sessions(ids, 0), Some(read::totals(connection, Path::new(""))?.messages))
            }
            Which::Found { needle, within } => (Source::Found(Box::new(Search::new(&needle, within))), None),
        };
        let out = Writer::new(&to, format)?;
        Ok(Self { to, cancel, source, out, done: 0, of })
    }

    /// Messages written so far, and of how many.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        // A session that goes on has more by now.
        (self.done, self.of.map(|of| of.max(self.done)))
    }

    /// Go on until then, about. Whether it is over, and how.
    pub(super) fn step(&mut self, connection: &Connection, until: Instant) -> Result<Option<Outcome>, ExportError> {
        while Instant::now() < until {
            if self.cancel.is_cancelled() {
                return Ok(Some(Outcome::Cancelled));
            }
            let over = match &mut self.source {
                Source::Sessions(ids, from) => match ids.front() {
                    None => true,
                    Some(id) => {
                        if let Some(next) = some_rows(connection, *id, *from, &mut self.out, &mut self.done)? {
                            *from = next;
                        } else {
                            ids.pop_front();
                            *from = 0;
                        }
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
                            self.out.session(&summary)?;
                            self.out.row(&summary.session, &row)?;
                            self.done += 1;
                        }
                        false
                    }
                },
            };
            if over {
                self.out.finish(&self.to)?;
                return Ok(Some(Outcome::Exported { messages: self.done }));
            }
        }
        Ok(None)
    }
}

/// Write some rows of a session from this number on. The number to go on from, if there are more.
fn some_rows(
    connection: &Connection,
    id: SessionId,
    from: u64,
    out: &mut Writer,
    done: &mut u64,
) -> Result<Option<u64>, ExportError> {
    let Some((summary, key)) = read::session(connection, id)? else { return Ok(None) };
    out.session(&summary)?;
    let mut rows = connection.prepare_cached(&format!("{ROWS} ORDER BY id LIMIT ?3"))?;
    let mut found = rows.query([row_id(key, from), row_id(key, LAST_NUMBER), ROWS_A_STEP])?;
    let mut next = None;
    let mut count = 0;
    while let Some(row) = found.next()? {
        let row = read::read_row(row)?;
        out.row(&summary.session, &row)?;
        *done += u64::from(!matches!(row.kind, RowKind::Happened(_)));
        next = Some(row.number.0 + 1);
        count += 1;
    }
    Ok(next.filter(|_| count == ROWS_A_STEP))
}

/// The file while it is written: beside its place, and under another name.
#[derive(Debug)]
struct Writer {
    file: Option<BufWriter<NamedTempFile>>,
    format: Format,
    zone: TimeZone,
    /// Sessions that were written, and the last of them.
    sessions: HashSet<SessionId>,
    session: Option<SessionId>,
}

impl Writer {
    fn new(to: &Path, format: Format) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sockhop-export-");
        // As any other file that a program makes, not for its owner only.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = BufWriter::new(builder.tempfile_in(folder)?);
        if format == Format::Csv {
            // Without a byte order mark Excel takes the text for another encoding.
            write!(file, "\u{feff}session,opened,name,peer,local,number,time,direction,state,bytes,text\r\n")?;
        }
        Ok(Self { file: Some(file), format, zone: TimeZone::system(), sessions: HashSet::new(), session: None })
    }

    /// The rows that follow are of this session.
    fn session(&mut self, summary: &SessionSummary) -> io::Result<()> {
        let Session { id, origin, peer, local, name, opened, .. } = &summary.session;
        if self.session == Some(*id) {
            return Ok(());
        }
        self.session = Some(*id);
        let first = self.sessions.insert(*id);
        let Some(file) = &mut self.file else { return Ok(()) };
        match self.format {
            Format::JsonLines if first => {
                serde_json::to_writer(&mut *file, &Line::of_session(summary))?;
                writeln!(file)
            }
            Format::Text => {
                write!(file, "# {}", opened.to_zoned(self.zone.clone()).strftime("%F %T"))?;
                if let Some(name) = name {
                    write!(file, "  {}", visible(name, &[]))?;
                }
                if let Origin::Outgoing { host, port } = origin {
                    write!(file, "  {}:{port}", visible(host, &[]))?;
                }
                writeln!(file, "  {} ↔ {}", shown(*peer), shown(*local))
            }
            Format::JsonLines | Format::Csv | Format::RawReceived => Ok(()),
        }
    }

    fn row(&mut self, session: &Session, row: &Row) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        match (self.format, &row.kind) {
            (Format::JsonLines, _) => {
                serde_json::to_writer(&mut *file, &Line::of_row(session, row))?;
                writeln!(file)
            }
            (Format::RawReceived, RowKind::Received(Received { raw, .. })) => file.write_all(raw),
            (Format::RawReceived, _) | (Format::Text | Format::Csv, RowKind::Happened(_)) => Ok(()),
            (Format::Text, kind) => {
                let text = row.decode(session.encoding).map(|decoded| decoded.text).unwrap_or_default();
                let at = row.at.to_zoned(self.zone.clone());
                // A message of several lines goes on under its first.
                let text = visible(&text, &['\n', '\t']).replace('\n', "\n\t");
                writeln!(file, "{}  {}  {text}", at.strftime("%F %T%.3f"), arrow(kind))
            }
            (Format::Csv, kind) => {
                let text = row.decode(session.encoding).map(|decoded| decoded.text).unwrap_or_default();
                let Session { id: SessionId(id), opened, name, peer, local, .. } = session;
                let (direction, state) = direction_and_state(kind);
                write!(
                    file,
                    "{id},{opened},{},{},{},{},{},{direction},{state},{},{}\r\n",
                    quoted(name.as_deref().unwrap_or_default()),
                    shown(*peer),
                    shown(*local),
                    row.number.0,
                    row.at,
                    row.raw().len(),
                    quoted(&text),
                )
            }
        }
    }

    /// Put the file in its place.
    fn finish(&mut self, to: &Path) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        // On some file systems that is where a full disk shows.
        file.as_file().sync_all()?;
        file.persist(to)?;
        Ok(())
    }
}

fn shown(address: Option<SocketAddr>) -> String {
    address.map_or_else(String::new, |address| address.to_string())
}

/// Which way a message went, for reading.
fn arrow(kind: &RowKind) -> &'static str {
    match kind {
        RowKind::Received(_) | RowKind::Happened(_) => "←",
        RowKind::Sent(Sent { delivery: Delivery::Sent | Delivery::ToAll { .. }, .. }) => "→",
        RowKind::Sent(Sent { delivery: Delivery::Waiting, .. }) => "→ …",
        RowKind::Sent(Sent { delivery: Delivery::Failed(_), .. }) => "→ ✗",
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
                Delivery::Waiting => "waiting",
                Delivery::Failed(_) => "failed",
                Delivery::ToAll { .. } => "to-all",
            },
        ),
    }
}

/// A field of a table (RFC 4180, section 2).
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Rows read at once.
const ROWS_A_STEP: i64 = 256;
