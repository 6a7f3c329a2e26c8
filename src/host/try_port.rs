//! Trying whether somebody listens on a TCP port of some computer.

use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    time::{Duration, Instant},
};

use super::Destination;
use crate::chat::{CallKind, Cause, Errno, Operation, address::name_to_look_up};

/// The longest that one address is given to answer.
pub const TRY_LIMIT: Duration = Duration::from_secs(3);

/// Addresses of a name that are tried, one after another.
pub const ADDRESSES_TRIED: usize = 4;

/// What trying a port found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The address that the outcome is about. None, where the name has none.
    pub address: Option<SocketAddr>,
    /// What resulted from it.
    pub outcome: TryOutcome,
    /// From the call to its end.
    pub took: Duration,
}

/// What resulted from trying a port; the better, the smaller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TryOutcome {
    /// Somebody listens there: the connection was made, and closed again.
    Open,
    /// The computer answered that nobody listens there.
    Refused(TryError),
    /// Nothing came back.
    NoAnswer(TryError),
    /// This computer knows no way there, or was answered that there is none.
    Unreachable(TryError),
    /// The system did not try, or failed in another way.
    Failed(TryError),
    /// The name has no address.
    NameNotFound(TryError),
    /// [`TRIES_AT_ONCE`](super::TRIES_AT_ONCE) are under way already.
    Busy,
}

/// What the system said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TryError {
    /// What failed: `connect`, or the look-up.
    pub operation: Operation,
    /// The number of its error and that number's name, where there was one.
    pub number: Option<(i32, &'static str)>,
    /// The system's own words.
    pub words: String,
}

impl TryError {
    fn new(operation: Operation, error: &io::Error) -> Self {
        let number = error.raw_os_error();
        Self {
            operation,
            number: number.map(|number| (number, Errno(number).name().unwrap_or_default())),
            words: error.to_string(),
        }
    }
}

/// Connect to that port and close the connection at once. Of several addresses of a name the one with
/// the best outcome is reported. Waits [`TRY_LIMIT`] for each, and as long as the system likes for the name.
pub(super) fn try_port(destination: &Destination, port: u16) -> Tried {
    let begun = Instant::now();
    let addresses = match (name_to_look_up(destination.as_str()).as_str(), port).to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => {
            let outcome = TryOutcome::NameNotFound(TryError::new(Operation::LookUp, &error));
            return Tried { address: None, outcome, took: begun.elapsed() };
        }
    };
    let mut best: Option<Tried> = None;
    for address in addresses.take(ADDRESSES_TRIED) {
        let tried = try_address(address);
        if best.as_ref().is_none_or(|best| tried.outcome < best.outcome) {
            best = Some(tried);
        }
        if best.as_ref().is_some_and(|best| best.outcome == TryOutcome::Open) {
            break;
        }
    }
    best.unwrap_or_else(|| {
        let error = TryError::new(Operation::LookUp, &io::Error::other("no address"));
        Tried { address: None, outcome: TryOutcome::NameNotFound(error), took: begun.elapsed() }
    })
}

fn try_address(address: SocketAddr) -> Tried {
    let begun = Instant::now();
    let outcome = match TcpStream::connect_timeout(&address, TRY_LIMIT) {
        Ok(_) => TryOutcome::Open,
        Err(error) => {
            let cause = Cause::of(&error);
            let error = TryError::new(CallKind::Connect.into(), &error);
            match cause {
                Cause::Refused => TryOutcome::Refused(error),
                Cause::TimedOut => TryOutcome::NoAnswer(error),
                Cause::Unreachable | Cause::AddressNotHere => TryOutcome::Unreachable(error),
                _ => TryOutcome::Failed(error),
            }
        }
    };
    Tried { address: Some(address), outcome, took: begun.elapsed() }
}
