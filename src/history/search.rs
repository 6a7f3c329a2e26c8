//! Search: from the newest message to the oldest, as far as somebody wants to know.

use std::{
    borrow::Cow,
    collections::{BinaryHeap, HashMap, VecDeque},
    ops::ControlFlow,
    sync::Arc,
};

use memchr::{memchr, memchr_iter, memmem};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Hit, HitPlace,
    blocks::{self, END_OF_TEXT},
    fold, grams,
    read::{self, SESSION, each_row},
    refold,
    stored::{nanoseconds, timestamp},
};
use crate::chat::{RowKind, Session};

/// A search under way. Nothing is read before [`Self::advance`] asks for it.
#[derive(Debug)]
pub(super) struct Search {
    needle: String,
    finder: memmem::Finder<'static>,
    /// Only what comes after this.
    after: Option<Found>,
    sessions: HashMap<i64, Arc<Session>>,
    /// What is not indexed yet, session by session, by the time of the newest of it.
    tails: BinaryHeap<Tail>,
    /// Blocks that may have the needle, the newest first, with what comes before all that is in them.
    blocks: VecDeque<(Found, i64)>,
    stage: Stage,
    /// The oldest of the newest blocks, which are read without asking the index. It is asked only for blocks before
    /// this one.
    last_block: Option<Found>,
    /// Blocks up to this id have texts that an earlier version folded, and so has what the index knows of them.
    old_blocks: i64,
    /// What was found in blocks and tails that are read already.
    found: BinaryHeap<Found>,
}

/// How far looking for blocks has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was looked at.
    Begin,
    /// The newest blocks are looked at, whatever is in them: often that is enough.
    Newest,
    /// All that the index names.
    All,
}

/// Rows of a session that are not indexed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tail {
    /// None of these rows comes before this.
    bound: Found,
    /// The first of them; the last is that of the bound.
    first: u64,
}

/// A message that has the needle, in the order in which they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    at: i64,
    key: i64,
    number: u64,
}

/// What a step resulted in.
#[derive(Debug)]
pub(super) enum Step {
    /// The next message.
    Hit(Box<Hit>),
    /// Something was read, and there is more to read.
    Working,
    /// There is no other.
    End,
}

impl Search {
    /// Look for this text, as [`fold`] has it.
    pub(super) fn new(needle: &str) -> Self {
        let needle = fold::needle(needle);
        Self {
            finder: memmem::Finder::new(needle.as_bytes()).into_owned(),
            needle,
            after: None,
            sessions: HashMap::new(),
            tails: BinaryHeap::new(),
            blocks: VecDeque::new(),
            stage: Stage::Begin,
            last_block: None,
            old_blocks: 0,
            found: BinaryHeap::new(),
        }
    }

    /// Continues after the one that was reported last.
    pub(super) fn after(mut self, connection: &Connection, last: &HitPlace) -> rusqlite::Result<Self> {
        // Should the session be gone, then after all of that time.
        let key = read::session(connection, last.session)?.map_or(i64::MIN, |(_, key)| key);
        self.after = Some(Found { at: nanoseconds(last.at), key, number: last.number });
        Ok(self)
    }

    /// Take one step: as much as can be done without keeping anybody waiting.
    pub(super) fn advance(&mut self, connection: &Connection) -> rusqlite::Result<Step> {
        if self.needle.is_empty() {
            return Ok(Step::End);
        }
        match self.stage {
            Stage::Begin => {
                self.begin(connection)?;
                return Ok(Step::Working);
            }
            Stage::Newest if self.blocks.is_empty() => {
                self.look_up(connection)?;
                return Ok(Step::Working);
            }
            Stage::Newest | Stage::All => {}
        }
        let block = self.blocks.front().map(|(bound, _)| *bound);
        let tail = self.tails.peek().map(|tail| tail.bound);
        if let Some(found) = self.found.peek()
            && block.max(tail).is_none_or(|bound| bound <= *found)
        {
            let found = *found;
            self.found.pop();
            return Ok(self.hit(connection, found)?.map_or(Step::Working, |hit| Step::Hit(Box::new(hit))));
        }
        if tail.is_some() && tail >= block {
            self.read_tail(connection)?;
        } else if let Some((_, id)) = self.blocks.pop_front() {
            self.read_block(connection, id)?;
        } else {
            return Ok(Step::End);
        }
        Ok(Step::Working)
    }

    fn begin(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut tails = connection
            .prepare_cached("SELECT key, indexed, next, last FROM sessions WHERE indexed < next AND whole")?;
        let mut found = tails.query([])?;
        while let Some(row) = found.next()? {
            let (first, next): (i64, i64) = (row.get(1)?, row.get(2)?);
            let bound = Found { at: row.get(3)?, key: row.get(0)?, number: (next as u64).saturating_sub(1) };
            self.tails.push(Tail { bound, first: first as u64 });
        }
        self.old_blocks = refold::old_blocks(connection)?;
        let mut newest = connection.prepare_cached(
            "SELECT newest, session, end, id FROM blocks WHERE oldest <= ?1
            ORDER BY newest DESC, session DESC, end DESC LIMIT ?2",
        )?;
        self.blocks = newest
            .query_map(params![self.until(), BLOCKS_UNASKED as i64], bound_and_id)?
            .collect::<rusqlite::Result<_>>()?;
        self.last_block = self.blocks.back().map(|(bound, _)| *bound);
        self.stage = if self.blocks.len() < BLOCKS_UNASKED { Stage::All } else { Stage::Newest };
        Ok(())
    }

    /// Ask the index for the other blocks.
    fn look_up(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.stage = Stage::All;
        let Some(query) = grams::query(&self.needle) else { return Ok(()) };
        let Some(last) = self.last_block else { return Ok(()) };
        let mut named = connection.prepare_cached(
            "SELECT newest, session, end, id FROM blocks WHERE id IN (
                SELECT rowid FROM grams WHERE grams MATCH ?1 UNION ALL SELECT id FROM blocks WHERE id <= ?6
            ) AND (newest, session, end) < (?2, ?3, ?4) AND oldest <= ?5
            ORDER BY newest DESC, session DESC, end DESC",
        )?;
        self.blocks = named
            .query_map(
                params![query, last.at, last.key, last.number as i64 + 1, self.until(), self.old_blocks],
                bound_and_id,
            )?
            .collect::<rusqlite::Result<_>>()?;
        Ok(())
    }

    fn read_block(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<()> {
        let mut select =
            connection.prepare_cached("SELECT session, first, messages, text FROM blocks WHERE id = ?1")?;
        let mut found = select.query([id])?;
        let Some(row) = found.next()? else { return Ok(()) };
        let stored = row.get_ref(3)?.as_blob()?;
        let text = if id <= self.old_blocks { refold::text(stored).into() } else { Cow::Borrowed(stored) };
        let mut rest = text.as_ref();
        let mut messages = None;
        while let Some(offset) = self.finder.find(rest) {
            let (before, from) = rest.split_at(offset);
            // The message's place in the block; then on behind it: it counts once, however often it has the needle.
            let ends = memchr_iter(END_OF_TEXT, before).count();
            let key: i64 = row.get(0)?;
            if messages.is_none() {
                let first: i64 = row.get(1)?;
                messages = Some(blocks::messages(row.get_ref(2)?.as_blob()?, first as u64));
            }
            let Some(message) = messages.as_mut().and_then(|messages| messages.nth(ends)) else { break };
            self.keep(Found { at: message.at, key, number: message.number });
            rest = memchr(END_OF_TEXT, from).and_then(|end| from.get(end + 1..)).unwrap_or_default();
        }
        Ok(())
    }

    /// Read the last of the rows that are not indexed, of the session where they are newest.
    fn read_tail(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let Some(Tail { bound: Found { at: newest, key, number: last }, first }) = self.tails.pop() else {
            return Ok(());
        };
        let from = last.saturating_sub(ROWS_OF_A_TAIL - 1).max(first);
        let Some(session) = self.session(connection, key)? else { return Ok(()) };
        let mut oldest = newest;
        let mut folded = Vec::new();
        let (mut found, finder) = (Vec::new(), &self.finder);
        each_row(connection, key, from..last + 1, |row| {
            oldest = oldest.min(row.at);
            if let Some(text) = row.text(session.encoding) {
                folded.clear();
                fold::fold_into(&text, &mut folded);
                if finder.find(&folded).is_some() {
                    found.push(Found { at: row.at, key, number: row.number });
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for found in found {
            self.keep(found);
        }
        if from > first {
            // Unless the clock was set back meanwhile, the rows before these are not newer.
            self.tails.push(Tail { bound: Found { at: oldest, key, number: from - 1 }, first });
        }
        Ok(())
    }

    /// No message later than this is looked for.
    fn until(&self) -> i64 {
        self.after.map_or(i64::MAX, |after| after.at)
    }

    fn keep(&mut self, found: Found) {
        if self.after.is_none_or(|after| found < after) {
            self.found.push(found);
        }
    }

    fn session(&mut self, connection: &Connection, key: i64) -> rusqlite::Result<Option<Arc<Session>>> {
        if let Some(session) = self.sessions.get(&key) {
            return Ok(Some(Arc::clone(session)));
        }
        let found = connection
            .prepare_cached(&format!("SELECT {SESSION} FROM sessions WHERE key = ?1"))?
            .query_row([key], read::summary)
            .optional()?;
        Ok(found.map(|summary| {
            let session = Arc::new(summary.session);
            self.sessions.insert(key, Arc::clone(&session));
            session
        }))
    }

    /// The message as it is shown; None, if it is gone by now.
    fn hit(&mut self, connection: &Connection, found: Found) -> rusqlite::Result<Option<Hit>> {
        let Some(session) = self.session(connection, found.key)? else { return Ok(None) };
        let Some(row) = read::row(connection, found.key, found.number)? else { return Ok(None) };
        let Some(decoded) = row.decode(session.encoding) else { return Ok(None) };
        let matches = fold::matches(&decoded.text, &self.needle, MATCHES_MARKED);
        let Some(first) = matches.first() else { return Ok(None) };

        let start = nth_char_back(&decoded.text, first.start, CHARS_BEFORE);
        let end = decoded
            .text
            .get(first.end.max(start)..)
            .and_then(|rest| rest.char_indices().nth(CHARS_AFTER))
            .map_or(decoded.text.len(), |(offset, _)| first.end + offset);
        let marked = matches.iter().filter(|range| range.end <= end);
        Ok(Some(Hit {
            place: HitPlace { at: timestamp(found.at), session: session.id, number: found.number },
            ours: matches!(row.kind, RowKind::Sent(_)),
            excerpt: decoded.text.get(start..end).unwrap_or_default().to_owned(),
            matches: marked.map(|range| range.start - start..range.end - start).collect(),
            cut_before: start > 0,
            cut_after: end < decoded.text.len(),
            session,
        }))
    }
}

fn bound_and_id(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Found, i64)> {
    let end: i64 = row.get(2)?;
    Ok((Found { at: row.get(0)?, key: row.get(1)?, number: (end as u64).saturating_sub(1) }, row.get(3)?))
}

/// Where the character is that is this many before that place.
fn nth_char_back(text: &str, place: usize, count: usize) -> usize {
    let before = text.get(..place).unwrap_or_default();
    before.char_indices().rev().take(count).last().map_or(place, |(offset, _)| offset)
}

/// Blocks that are looked at before the index is asked.
const BLOCKS_UNASKED: usize = 32;

/// Rows that are not indexed, read at once.
const ROWS_OF_A_TAIL: u64 = 1_024;

/// Characters of an excerpt before its first match.
const CHARS_BEFORE: usize = 40;

/// Characters of an excerpt after its first match.
const CHARS_AFTER: usize = 160;

/// The most matches marked in one excerpt.
const MATCHES_MARKED: usize = 200;
