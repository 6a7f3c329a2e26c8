//! `sockhop history`: kept conversations listed, searched and exported, also while a window writes the history.

use std::{
    io::{self, BufWriter, IsTerminal as _, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};

use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{FAILED, complain, output::AT_ONCE};
use crate::{
    atomic_file::{AtomicFile, Readers},
    chat::{Origin, Session, SessionId},
    cli::{HistoryArgs, HistoryCommand, HistoryExportArgs},
    explain,
    history::{Format, HITS_A_PAGE, Hit, ReadError, Reader, SESSIONS_A_PAGE, SessionSummary, Unavailable},
    i18n::Words,
    wire::{visible, visible_text, write_json_line},
};

/// Reads the history of this file: `sockhop history`.
#[must_use]
pub fn history(args: &HistoryArgs, path: &Path, words: &Words) -> ExitCode {
    let done = Reader::open(path).and_then(|mut reader| {
        let mut out = BufWriter::with_capacity(AT_ONCE, io::stdout().lock());
        match &args.command {
            HistoryCommand::List(args) => list(&mut reader, args.json, words, &mut out).map(|()| true),
            HistoryCommand::Search(args) => search(&mut reader, &args.text, args.json, words, &mut out),
            HistoryCommand::Export(args) => export(&mut reader, args, words).map(|()| true),
        }
    });
    match done {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => complain(&fl!(words, "term-history-none")),
        // Who read our output has enough of it.
        Err(ReadError::NotWritten(error)) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Err(error) => complain(&in_words(words, path, &error)),
    }
    ExitCode::from(FAILED)
}

fn in_words(words: &Words, path: &Path, error: &ReadError) -> String {
    let path = path.display().to_string();
    match error {
        ReadError::Missing => fl!(words, "term-history-missing", path = path),
        ReadError::Older { .. } => fl!(words, "term-history-older", path = path),
        ReadError::Unavailable(Unavailable::Newer { found, known }) => {
            let (found, known) = (*found, *known);
            fl!(words, "no-history-newer", found = found, known = known)
        }
        ReadError::Unavailable(Unavailable::InUse | Unavailable::Locked) => fl!(words, "term-history-in-use"),
        ReadError::Unavailable(
            Unavailable::ReadOnly(why)
            | Unavailable::Damaged(why)
            | Unavailable::NotOpened(why)
            | Unavailable::Gone(why),
        ) => fl!(words, "no-history-not-opened", why = explain::of_system(words, why)),
        ReadError::Damaged(why) => fl!(words, "no-history-damaged", why = why.as_str()),
        ReadError::NotRead(why) => fl!(words, "history-not-read", path = path, why = why.as_str()),
        ReadError::UnknownSession(SessionId(id)) => fl!(words, "term-history-unknown", id = id.to_string()),
        ReadError::NotWritten(error) => error.to_string(),
    }
}

/// A conversation, in the form that `list --json` prints.
#[derive(Serialize)]
struct SessionRow<'a> {
    id: u64,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    peer: Option<SocketAddr>,
    name: Option<&'a str>,
    opened: String,
    ended: Option<String>,
    messages: u64,
    bytes: u64,
}

impl<'a> From<&'a SessionSummary> for SessionRow<'a> {
    fn from(summary: &'a SessionSummary) -> Self {
        let Session { id, origin, peer, name, opened, .. } = &summary.session;
        let (origin, host, port) = match origin {
            Origin::Everyone => ("everyone", None, None),
            Origin::Accepted => ("accepted", None, None),
            Origin::Outgoing { host, port } => ("outgoing", Some(host.clone()), Some(*port)),
            Origin::Person(id) => ("person", Some(id.to_string()), None),
            Origin::Nearby => ("nearby", None, None),
            Origin::Heard => ("heard", None, None),
            Origin::Datagrams { host, port } => ("datagrams", Some(host.clone()), Some(*port)),
        };
        Self {
            id: id.0,
            origin,
            host,
            port,
            peer: *peer,
            name: name.as_deref(),
            opened: opened.to_string(),
            ended: summary.ended.map(|at| at.to_string()),
            messages: summary.messages,
            bytes: summary.bytes,
        }
    }
}

fn list(reader: &mut Reader, json: bool, words: &Words, out: &mut impl Write) -> Result<(), ReadError> {
    let zone = TimeZone::system();
    let mut before = None;
    loop {
        let (sessions, more) = reader.sessions(before, SESSIONS_A_PAGE)?;
        for summary in &sessions {
            if json {
                write_json_line(&mut *out, &SessionRow::from(summary))?;
            } else {
                let session = &summary.session;
                let opened = local(session.opened, &zone);
                let (messages, bytes) = (summary.messages, summary.bytes);
                let count = fl!(words, "term-history-row", messages = messages, bytes = bytes);
                writeln!(out, "{}  {opened}  {}  {count}", session.id.0, who(session, words))?;
            }
        }
        out.flush()?;
        before = sessions.last().map(|summary| summary.session.id).filter(|_| more);
        if before.is_none() {
            return Ok(());
        }
    }
}

/// A message, in the form that `search --json` prints.
#[derive(Serialize)]
struct HitRow<'a> {
    conversation: u64,
    number: u64,
    at: String,
    direction: &'static str,
    /// The text around the first match.
    text: &'a str,
    /// Whether the message has text before that, and after it.
    cut_before: bool,
    cut_after: bool,
}

impl<'a> From<&'a Hit> for HitRow<'a> {
    fn from(hit: &'a Hit) -> Self {
        Self {
            conversation: hit.place.session.0,
            number: hit.place.number,
            at: hit.place.at.to_string(),
            direction: if hit.ours { "sent" } else { "received" },
            text: &hit.excerpt,
            cut_before: hit.cut_before,
            cut_after: hit.cut_after,
        }
    }
}

/// Prints what is found. Whether anything was.
fn search(reader: &mut Reader, text: &str, json: bool, words: &Words, out: &mut impl Write) -> Result<bool, ReadError> {
    let zone = TimeZone::system();
    let (mut after, mut count) = (None, HITS_A_PAGE);
    loop {
        let (hits, more) = reader.search(text, after.as_ref(), count)?;
        for hit in &hits {
            if json {
                write_json_line(&mut *out, &HitRow::from(hit))?;
                continue;
            }
            let at = local(hit.place.at, &zone);
            let arrow = if hit.ours { '→' } else { '←' };
            let (before, behind) = (if hit.cut_before { "…" } else { "" }, if hit.cut_after { "…" } else { "" });
            let (id, number, who) = (hit.place.session.0, hit.place.number, who(&hit.session, words));
            writeln!(out, "{id}:{number}  {at}  {who}  {arrow} {before}{}{behind}", visible(&hit.excerpt, &[]))?;
        }
        out.flush()?;
        let last = hits.last().map(|hit| hit.place);
        if last.is_none() || !more {
            return Ok(after.is_some() || last.is_some());
        }
        after = last;
        // What is not indexed is read again for each page: a thousand pages would read it a thousand times.
        count = (count * 2).min(HITS_AT_ONCE);
    }
}

fn export(reader: &mut Reader, args: &HistoryExportArgs, words: &Words) -> Result<(), ReadError> {
    let ids: Vec<SessionId> = args.ids.iter().map(|id| SessionId(*id)).collect();
    if let Some(path) = &args.output {
        let failed = |error: io::Error| {
            let path = path.display().to_string();
            io::Error::other(fl!(
                words,
                "file-not-written",
                path = path,
                why = explain::of_system(words, &error.to_string())
            ))
        };
        let mut file = AtomicFile::create(path, Readers::Owner).map_err(failed)?;
        match reader.export(&ids, args.format, &mut file) {
            Err(ReadError::NotWritten(error)) => return Err(failed(error).into()),
            written => written?,
        };
        return Ok(file.commit(path).map_err(failed)?);
    }
    let out = io::stdout().lock();
    if !out.is_terminal() {
        reader.export(&ids, args.format, out)?;
    } else if args.format == Format::RawReceived {
        return Err(io::Error::other(fl!(words, "term-history-raw")).into());
    } else {
        reader.export(&ids, args.format, Visible(out))?;
    }
    Ok(())
}

/// Hands on text of which nothing commands the terminal. Each write has to be of whole characters, as those of an
/// export are.
struct Visible<W>(W);

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        self.0.write_all(visible_text(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whom the conversation is with.
fn who(session: &Session, words: &Words) -> String {
    let address = match (&session.origin, session.peer) {
        (Origin::Everyone, _) => fl!(words, "everyone"),
        (Origin::Outgoing { host, port } | Origin::Datagrams { host, port }, _) if host.contains(':') => {
            format!("[{host}]:{port}")
        }
        (Origin::Outgoing { host, port } | Origin::Datagrams { host, port }, _) => format!("{host}:{port}"),
        (Origin::Person(id), _) => id.tag(),
        (Origin::Nearby, _) => fl!(words, "nearby-all"),
        (Origin::Accepted | Origin::Heard, peer) => peer.map_or_else(|| "?".to_owned(), |peer| peer.to_string()),
    };
    let who = match &session.name {
        Some(name) => format!("{name} ({address})"),
        None => address,
    };
    visible(&who, &[]).into_owned()
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%F %T").to_string()
}

/// The most messages found that are held in memory.
const HITS_AT_ONCE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_does_not_command_the_terminal() -> io::Result<()> {
        let mut out = Visible(Vec::new());
        out.write_all("1,\u{1b}[2J\r\n2,\u{202e}x\ry\r\n".as_bytes())?;
        assert_eq!(out.0, "1,␛[2J\n2,\\u{202e}x␍y\n".as_bytes());
        Ok(())
    }
}
