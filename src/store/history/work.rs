//! What takes its time, in steps, so that recording never waits long: a search, and the index for it.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{
    Answer, HITS_A_PAGE, Hit, HitPlace, SessionId, blocks,
    search::{Search, Step},
    write::Live,
};
use crate::wire::text::TextEncoding;

/// What the thread is at when nothing is to be written.
#[derive(Debug, Default)]
pub(super) struct Work {
    search: Option<Searching>,
    /// Rows may have been written that are not indexed.
    pub unindexed: bool,
}

/// A search under way.
#[derive(Debug)]
struct Searching {
    search: Search,
    generation: u64,
    count: usize,
    hits: Vec<Hit>,
}

impl Work {
    /// A file was opened.
    pub(super) fn new() -> Self {
        Self { unindexed: true, ..Self::default() }
    }

    /// Whether there is anything to be done.
    pub(super) fn is_due(&self) -> bool {
        self.search.is_some() || self.unindexed
    }

    /// Whether somebody waits for it, so that it has to go on also while much is to be written.
    pub(super) fn is_awaited(&self) -> bool {
        self.search.is_some()
    }

    /// Search, instead of what was looked for before.
    pub(super) fn search(
        &mut self,
        connection: &Connection,
        generation: u64,
        needle: &str,
        within: Option<SessionId>,
        after: Option<&HitPlace>,
        count: usize,
    ) -> rusqlite::Result<()> {
        let search = Search::new(needle, within);
        let search = match after {
            Some(last) => search.after(connection, last)?,
            None => search,
        };
        let count = count.min(HITS_A_PAGE);
        self.search = Some(Searching { search, generation, count, hits: Vec::new() });
        Ok(())
    }

    /// Give up what was begun: the file is another one.
    pub(super) fn forget(&mut self) -> Vec<Answer> {
        let search = self.search.take().map(|search| search.answer(false));
        *self = Self::new();
        search.into_iter().collect()
    }

    /// Go on for a little while. What there is to tell after it.
    pub(super) fn step(&mut self, connection: &mut Connection, live: &Live) -> rusqlite::Result<Option<Answer>> {
        let until = Instant::now() + STEP;
        if let Some(mut searching) = self.search.take() {
            while Instant::now() < until {
                match searching.search.advance(connection)? {
                    Step::Working => {}
                    Step::End => return Ok(Some(searching.answer(false))),
                    Step::Hit(_) if searching.hits.len() == searching.count => return Ok(Some(searching.answer(true))),
                    Step::Hit(hit) => searching.hits.push(*hit),
                }
            }
            self.search = Some(searching);
        } else if self.unindexed {
            // Nothing is indexed during a search: what it has not come to yet would be in another place.
            self.unindexed = index(connection, live)?;
        }
        Ok(None)
    }
}

impl Searching {
    fn answer(self, more: bool) -> Answer {
        Answer::Found { generation: self.generation, hits: self.hits, more }
    }
}

/// Make some blocks, and tell whether others can be made.
fn index(connection: &mut Connection, live: &Live) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let mut made = false;
    {
        let mut select =
            transaction.prepare_cached("SELECT key, id, encoding, indexed, next FROM sessions WHERE indexed < next")?;
        let mut sessions = select.query([])?;
        while let Some(row) = sessions.next()? {
            let (id, from, end): (i64, i64, i64) = (row.get(1)?, row.get(3)?, row.get(4)?);
            // A session that goes on gets a block when there is enough for one.
            let goes_on = live.has(SessionId(id as u64));
            if goes_on && end - from < ROWS_WORTH_A_BLOCK {
                continue;
            }
            let encoding = TextEncoding::named(&row.get::<_, String>(2)?).unwrap_or_default();
            blocks::make(&transaction, row.get(0)?, encoding, from as u64, end as u64, true, BLOCKS_A_STEP)?;
            made = true;
            break;
        }
    }
    transaction.commit()?;
    Ok(made)
}

/// How long a step may take, about.
const STEP: Duration = Duration::from_millis(20);

/// Blocks made in one step.
const BLOCKS_A_STEP: usize = 4;

/// Rows that make a block worth while in a session that goes on.
const ROWS_WORTH_A_BLOCK: i64 = 128;
