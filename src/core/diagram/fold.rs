//! The rows as they are drawn: calls in lanes of their own, and runs of calls of the other sockets, folded into one each.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use super::{Diagram, DiagramRow, Lanes, ROWS_SHOWN, lanes::is_student};
use crate::{
    chat::{Call, Outcome, SocketId},
    core::Core,
};

/// How often a call was made in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// By all its sockets together.
    pub all: u64,
    /// By the one that made it most.
    pub most: u64,
}

/// Calls of other sockets that follow each other, with the `accept`s that made such sockets; at most [`ROWS_SHOWN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The number of the first call, which is the run's name, and of the last so far.
    pub calls: (u64, u64),
    /// How many rows it stands for.
    pub rows: u64,
    /// How many `accept`s, on the listening socket.
    pub accepts: u64,
    /// How long these waited, together.
    pub waited: Duration,
    /// How many other sockets.
    pub sockets: u64,
    /// The first of them.
    pub first: Option<SocketId>,
    /// How many of them are new.
    pub new: u64,
    /// `recv`
    pub recv: Times,
    /// `send`
    pub send: Times,
    /// `close`
    pub close: Times,
    /// Whether its calls follow it, each as a row.
    pub open: bool,
}

/// What is drawn in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The call with this number.
    Call(u64),
    /// Several calls of other sockets.
    Run(Run),
}

impl Item {
    /// The number of its first call.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Call(number) => *number,
            Self::Run(run) => run.calls.0,
        }
    }

    fn last(&self) -> u64 {
        match self {
            Self::Call(number) => *number,
            Self::Run(run) => run.calls.1,
        }
    }
}

/// Where the calls of a row go.
enum Goes {
    /// It is drawn as it is.
    Alone,
    /// Into the run of the others.
    WithOthers,
    /// It is not drawn: a simulated student's own end.
    Nowhere,
}

/// The rows of a diagram as they are drawn in these lanes.
#[derive(Debug, Default)]
pub struct Fold {
    lanes: Lanes,
    items: VecDeque<Item>,
    /// Runs that are open, by their names.
    open: BTreeSet<u64>,
    /// The number of the last call that was folded.
    seen: u64,
    diagram_generation: u64,
    generation: u64,
    let_go: u64,
    /// The place of the run that goes on, counted from the first item there ever was.
    run: Option<u64>,
    /// How often each socket of that run received, sent and closed.
    of_run: HashMap<SocketId, [u64; 3]>,
}

impl Fold {
    /// The lanes.
    #[must_use]
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item by its place, from 0.
    #[must_use]
    pub fn item(&self, place: usize) -> Option<&Item> {
        self.items.get(place)
    }

    /// The items, oldest first.
    #[must_use]
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &Item> + ExactSizeIterator {
        self.items.iter()
    }

    /// Changes when the items were made anew, so that what was measured of them is void.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Items that are not here any more, since the last new [`Self::generation`].
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// The place where the call with this number is drawn, alone or in a run.
    #[must_use]
    pub fn place_of(&self, number: u64) -> Option<usize> {
        let after = self.items.partition_point(|item| item.number() <= number);
        let place = after.checked_sub(1)?;
        (self.items.get(place)?.last() >= number).then_some(place)
    }

    /// The place where this call is drawn alone.
    #[must_use]
    pub fn place_of_call(&self, number: u64) -> Option<usize> {
        self.place_of(number).filter(|place| match self.items.get(*place) {
            Some(Item::Call(_)) => true,
            Some(Item::Run(run)) => run.rows == 1 && !run.open,
            None => false,
        })
    }

    /// The place of the first item that begins at this number or after it; past the last, if there is none.
    #[must_use]
    pub fn place_at_or_after(&self, number: u64) -> usize {
        self.items.partition_point(|item| item.number() < number)
    }

    /// Open a run, so that its calls follow it, or close it.
    pub fn toggle(&mut self, run: u64) {
        if !self.open.remove(&run) {
            self.open.insert(run);
        }
        self.seen = 0;
    }

    /// Close all runs.
    pub fn close_all(&mut self) {
        self.open.clear();
        self.seen = 0;
    }

    /// Take in the rows that came since the last time, or all if the lanes are others.
    pub fn follow(&mut self, diagram: &Diagram, core: &Core, lanes: Lanes) {
        let anew = self.seen == 0 || self.diagram_generation != diagram.generation() || self.lanes != lanes;
        if anew {
            self.items.clear();
            self.run = None;
            self.of_run.clear();
            self.let_go = 0;
            self.seen = 0;
            self.generation += 1;
            self.diagram_generation = diagram.generation();
            // Runs whose calls have gone cannot be closed any more.
            self.open = self.open.split_off(&diagram.oldest().unwrap_or(0));
            self.lanes = lanes;
        }
        let first = diagram.place_at_or_after(self.seen + 1);
        for place in first..diagram.len() {
            if let Some(row) = diagram.row(place) {
                self.push(core, row);
                self.seen = row.call.number;
            }
        }
        let oldest = diagram.oldest().unwrap_or(u64::MAX);
        while self.items.front().is_some_and(|item| item.last() < oldest) {
            self.items.pop_front();
            self.let_go += 1;
        }
    }

    fn push(&mut self, core: &Core, row: &DiagramRow) {
        match self.goes(core, row) {
            Goes::Nowhere => {}
            Goes::Alone => {
                self.run = None;
                self.items.push_back(Item::Call(row.call.number));
            }
            Goes::WithOthers => self.push_with_others(row),
        }
    }

    fn goes(&self, core: &Core, row: &DiagramRow) -> Goes {
        let socket = row.call.call.socket;
        if self.lanes.column(socket).is_some() {
            return match row.call.call.outcome {
                Outcome::Accepted { conn, .. }
                    if self.lanes.others && self.lanes.column(SocketId::Conn(conn)).is_none() =>
                {
                    Goes::WithOthers
                }
                _ => Goes::Alone,
            };
        }
        match row.call.call.outcome {
            _ if !self.lanes.others || is_student(core, socket) => Goes::Nowhere,
            Outcome::Failed(_) => Goes::Alone,
            _ => Goes::WithOthers,
        }
    }

    fn push_with_others(&mut self, row: &DiagramRow) {
        let number = row.call.number;
        let place = self.run.and_then(|run| usize::try_from(run.checked_sub(self.let_go)?).ok());
        let has_room = |item: &Item| matches!(item, Item::Run(run) if run.rows < ROWS_SHOWN as u64);
        let place = place.filter(|place| self.items.get(*place).is_some_and(has_room)).unwrap_or_else(|| {
            self.of_run.clear();
            self.run = Some(self.let_go + self.items.len() as u64);
            let open = self.open.contains(&number);
            self.items.push_back(Item::Run(Run { calls: (number, number), open, ..Run::default() }));
            self.items.len() - 1
        });
        let Some(Item::Run(run)) = self.items.get_mut(place) else { return };
        run.calls.1 = number;
        run.rows += 1;
        let call = &row.call.call;
        let socket = if let Outcome::Accepted { conn, .. } = call.outcome {
            run.accepts += 1;
            run.waited += call.waited;
            run.new += 1;
            SocketId::Conn(conn)
        } else {
            // A socket that was accepted is counted with its accept.
            run.new += u64::from(matches!(call.call, Call::Socket { .. }));
            call.socket
        };
        let of_socket = self.of_run.entry(socket).or_insert_with(|| {
            run.sockets += 1;
            run.first.get_or_insert(socket);
            [0; 3]
        });
        let (times, made) = match (call.call, of_socket) {
            (Call::Recv(_), [made, ..]) => (&mut run.recv, made),
            (Call::Send(_), [_, made, _]) => (&mut run.send, made),
            (Call::Close, [.., made]) => (&mut run.close, made),
            _ => {
                self.open_row(place, number);
                return;
            }
        };
        *made += u64::from(call.count);
        times.all += u64::from(call.count);
        times.most = times.most.max(*made);
        self.open_row(place, number);
    }

    /// In a run that is open, the call follows as a row of its own.
    fn open_row(&mut self, run: usize, number: u64) {
        if matches!(self.items.get(run), Some(Item::Run(run)) if run.open) {
            self.items.push_back(Item::Call(number));
        }
    }
}
