//! The history: every message of every session, in one SQLite file that a thread of its own writes.
//!
//! [`History`] is the handle: [`History::record`] what happens, [`History::ask`] for what happened, and take
//! [`Answer`]s. None of them waits.
//!
//! ```no_run
//! use sockhop::history::{Answer, History, Place, Question};
//!
//! let history = History::open("history.db".as_ref(), || ())?;
//! let asked = history.ask(Question::Sessions { matching: String::new(), before: None, count: 20 });
//! assert!(asked);
//! loop {
//!     if let Some(Answer::Sessions { sessions, .. }) = history.try_recv() {
//!         if let Some(latest) = sessions.first() {
//!             let _ = history.ask(Question::Page { session: latest.session.id, place: Place::End, count: 50 });
//!         }
//!         break;
//!     }
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Definitions
//! - A **session** is one run of a server or one connection, and a **row** of it is a message or something that
//!   happened. Rows have rising numbers in their session.
//! - A **record** is what [`History::record`] takes: it opens, adds to, changes or ends one session.
//! - A **run** is many messages of a session in one row of the table: received one after the other, and alike but for their
//!   bytes and times (`runs.rs`).
//! - What came **last** is written to the end of a table of its own, and goes to its place among the rows of its session
//!   with much else, or when somebody asks (`recent.rs`).
//! - A **batch** is what is written in one transaction: records of up to [`BETWEEN_COMMITS`], or [`ROWS_A_COMMIT`] rows.
//! - A text is **folded** to be searched: what reads the same is the same, whichever way it is written (`fold.rs`).
//! - A **block** is the folded texts of some messages of a session laid end to end, some 16 KiB of them. FTS5
//!   holds which characters, pairs and triples of characters are in which block. Blocks are made when there is time;
//!   rows that are in none yet are its session's **tail**.
//! - A **task** is what takes its time (an export, an import, a removal, the salvage of a damaged file). Tasks, searches
//!   and the making of blocks continue in steps between two batches.
//! - A **writer** is a [`History`]; there is one for a file. A [`Reader`] is for other programs, any number of them.
//!
//! A search reads the tails, the newest blocks, and then the blocks that FTS5 names, from the newest on until it has
//! enough.
//!
//! # Versions
//! `user_version` is [`VERSION`], `application_id` is `Skhp`. An older file is brought up to date step by step, each in
//! a transaction, when a writer opens it; a [`Reader`] reads it as it is. Version 2 folds texts otherwise than version 1:
//! the blocks of before are folded again when there is time, and when they are read until then
//! (`what_an_old_index_holds_is_found_before_during_and_after_it_is_made_new`). Version 5 has runs, and what came last by
//! itself; rows of before stay as they are. Numbers and names of values in the file are
//! added to, never changed: `tests/fixtures` has a file of each version
//! (`a_file_of_the_first_version_is_read_and_written`). A newer file is never opened (`a_newer_file_is_left_as_it_is`,
//! `a_file_that_is_newer_by_its_log_only_is_left_as_it_is`).
//!
//! # Invariants
//! | what holds | its test |
//! | --- | --- |
//! | What was recorded comes back the same, in any order of records | `any_records_in_any_order_come_back_the_same` |
//! | A batch is in the file whole or not at all; a killed program loses what was recorded last, of [`LOST_AT_MOST`], and nothing else | `who_is_killed_in_a_flood_loses_the_last_moment_at_most_and_damages_nothing` |
//! | [`History::record`] never waits: when the queue is full it gives the record back | `a_full_queue_gives_the_record_back_and_wakes_when_there_is_room` |
//! | An answer knows of all that was recorded before its question | `any_records_in_any_order_come_back_the_same` |
//! | A search finds what reading every message would find, in the same order, however much is in blocks, also for a [`Reader`] | `a_search_finds_what_a_plain_scan_finds` |
//! | There is one writer for a file; the next waits for it, and keeps what is recorded up to [`PENDING_BYTES`] | `the_second_on_the_same_file_is_told_so_and_takes_over_when_the_first_is_closed`, `another_program_that_has_it_locked_at_the_start_is_waited_for` |
//! | A [`Reader`] changes nothing and adds no file beside a history that was closed | `reading_leaves_the_folder_as_it_is` |
//! | A writer and its readers are not in each other's way | `what_is_recorded_indexed_and_removed_meanwhile_does_not_disturb_it`, `a_writer_that_opens_and_closes_the_file_and_readers_that_do_are_not_in_each_others_way` |
//! | A file that can't be understood is set aside, never overwritten | `what_is_no_history_is_set_aside_and_a_new_one_begun` |
//! | What came last is there for whoever asks, for other programs, and after a kill | `another_program_reads_it_as_if_it_were_in_its_place`, `it_is_there_after_the_program_was_killed` |
//! | Wherever a run is split, its messages are the same | `wherever_runs_are_split_the_messages_are_the_same` |
//! | What can be read of a damaged file is in the new one, in the end | `of_a_damaged_history_all_is_kept_that_can_be_read`, `a_salvage_that_was_killed_is_continued_at_the_next_start` |
//! | Of a batch that is refused only the rows are left out that are | `of_a_batch_that_is_refused_only_the_bad_row_is_left_out` |
//! | An exported file is whole or not there | `an_export_that_is_given_up_or_fails_leaves_no_file` |
//! | An import adds the rows that are not here, by their numbers, once | `what_came_after_an_export_comes_with_the_next` |
//! | An import is whole or undone, also when the program is killed in it | `a_file_with_something_wrong_in_it_is_not_taken_in_at_all`, `a_session_that_was_taken_in_by_halves_is_gone_at_the_next_start` |
//! | A removal that waits takes what was there when it was asked for, and is done at the latest when the program ends | `a_removal_that_waits_takes_what_was_there_and_is_done_at_the_latest_at_the_end`, `a_removal_that_was_taken_back_removes_nothing` |
//! | Nothing of what was removed is left in the file once the removal is done | `what_was_removed_has_left_no_trace_in_the_file`, `a_removal_waits_for_another_program_that_reads` |
//! | While the disk is full, up to [`PENDING_BYTES`] wait; what is given up is counted and reported | `a_full_disk_is_told_and_what_waited_is_written_when_there_is_room` |
//!
//! # What is assumed of the disk
//! - It does what it says it has done: SQLite in WAL mode with `synchronous = NORMAL` syncs when the log is moved into
//!   the file. A crash of the system may lose the last batches, and damages nothing. A disk that reorders writes over a
//!   sync may damage the file; what SQLite notices is treated as damage.
//! - Advisory locks work, and shared memory: else the file is locked as a whole, and no [`Reader`] gets in.
//! - A file renamed within its folder is there under the one name or the other.
//! - Deleted bytes that the file system or the disk keeps elsewhere (snapshots, spare blocks) are not reached.

mod blocks;
mod csv;
mod export;
mod file;
mod fold;
mod grams;
mod handle;
mod import;
mod leb128;
mod lines;
mod pending;
mod people;
mod question;
mod read;
mod reader;
mod recent;
mod recode;
mod refold;
mod remove;
mod runs;
mod salvage;
mod schema;
mod search;
mod stored;
mod thread;
mod work;
mod write;

pub use fold::{Folded, found_in};
pub use handle::{Full, History, QUESTIONS_IN_FLIGHT, QUEUE_BYTES, QUEUE_RECORDS};
pub use question::{
    Answer, Cancel, Format, HITS_A_PAGE, Hit, HitPlace, Outcome, PAGE_BYTES, PAGE_ROWS, PERSON_ROWS, Place, Question,
    Removal, SESSIONS_A_PAGE, SessionSummary, Size, StoredMessage, StoredPerson, TaskId, Trouble, Unavailable, Which,
};
pub use reader::{ReadError, Reader};
pub use schema::VERSION;
pub use thread::{BETWEEN_COMMITS, LOST_AT_MOST, PENDING_BYTES, ROWS_A_COMMIT};
