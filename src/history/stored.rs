//! Values as they are in the file: numbers for what is one of a few, JSON for what has parts.
//!
//! The numbers and the names here are in every file that was ever written. They are added to, never changed.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lines::first_of;
use crate::chat::{Delivery, GivenUp, Happening, PersonHappening};
use crate::{
    chat::{CallKind, Cause, CloseReason, Errno, LONGEST_HOST, Limit, NetError, Operation, Reason, Target},
    wire::Boundary,
};

/// What `rows.kind` says.
pub(super) mod kind {
    pub const RECEIVED: i64 = 0;
    pub const SENT: i64 = 1;
    pub const AUTO: i64 = 2;
    pub const HAPPENED: i64 = 3;
}

/// What `sessions.origin` says.
pub(super) mod origin {
    pub const EVERYONE: i64 = 0;
    pub const ACCEPTED: i64 = 1;
    pub const OUTGOING: i64 = 2;
    pub const PERSON: i64 = 3;
    pub const NEARBY: i64 = 4;
    pub const HEARD: i64 = 5;
    pub const DATAGRAMS: i64 = 6;
}

/// Nanoseconds since 1970. Times that don't fit, before 1677 and after 2262, become the nearest that do.
pub(super) fn nanoseconds(at: Timestamp) -> i64 {
    at.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// The time of [`nanoseconds`].
pub(super) fn timestamp(nanoseconds: i64) -> Timestamp {
    // Every i64 is a time that jiff has.
    Timestamp::from_nanosecond(nanoseconds.into()).unwrap_or_default()
}

/// What `rows.boundary` says.
pub(super) fn boundary_number(boundary: Boundary) -> i64 {
    match boundary {
        Boundary::Newline => 0,
        Boundary::Recv => 1,
        Boundary::Length => 2,
        Boundary::Quiet => 3,
        Boundary::Cut => 4,
        Boundary::Reframed => 5,
        Boundary::EndOfStream => 6,
        Boundary::Pause => 7,
    }
}

/// The boundary of that number; of one that nobody wrote, the plainest.
pub(super) fn boundary(number: i64) -> Boundary {
    match number {
        1 => Boundary::Recv,
        2 => Boundary::Length,
        3 => Boundary::Quiet,
        4 => Boundary::Cut,
        5 => Boundary::Reframed,
        6 => Boundary::EndOfStream,
        7 => Boundary::Pause,
        _ => Boundary::Newline,
    }
}

/// What `rows.detail` says of a message that we sent; nothing, if it was simply sent.
pub(super) fn delivery_text(delivery: &Delivery) -> Option<String> {
    // What has only numbers, texts and addresses in it is always JSON.
    (*delivery != Delivery::Sent).then(|| serde_json::to_string(&StoredDelivery::from(delivery)).ok()).flatten()
}

/// The delivery of [`delivery_text`].
pub(super) fn delivery(text: Option<&str>) -> Option<Delivery> {
    let Some(text) = text else { return Some(Delivery::Sent) };
    serde_json::from_str::<StoredDelivery>(text).ok().map(Delivery::from)
}

/// What `rows.detail` says of something that happened.
pub(super) fn happening_text(happening: &Happening) -> Option<String> {
    serde_json::to_string(&StoredHappening::from(happening)).ok()
}

/// The happening of [`happening_text`].
pub(super) fn happening(text: &str) -> Option<Happening> {
    serde_json::from_str::<StoredHappening>(text).ok().map(Happening::from)
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredDelivery {
    Sent,
    Acknowledged,
    Waiting,
    Failed(StoredError),
    ToAll { clients: usize, sent: usize, failed: usize, error: Option<StoredError> },
    Delivered,
    Read,
    Cancelled,
    Blocked,
    Expired,
    ToPeople { people: usize, delivered: usize, read: usize, given_up: usize },
}

impl From<&Delivery> for StoredDelivery {
    fn from(delivery: &Delivery) -> Self {
        match delivery {
            Delivery::Sent => Self::Sent,
            Delivery::Acknowledged => Self::Acknowledged,
            Delivery::Waiting => Self::Waiting,
            Delivery::Failed(error) => Self::Failed(error.into()),
            Delivery::Delivered => Self::Delivered,
            Delivery::Read => Self::Read,
            Delivery::GivenUp(GivenUp::Cancelled) => Self::Cancelled,
            Delivery::GivenUp(GivenUp::Blocked) => Self::Blocked,
            Delivery::GivenUp(GivenUp::Expired) => Self::Expired,
            Delivery::ToPeople { people, delivered, read, given_up } => {
                Self::ToPeople { people: *people, delivered: *delivered, read: *read, given_up: *given_up }
            }
            Delivery::ToAll { clients, sent, failed, error } => Self::ToAll {
                clients: *clients,
                sent: *sent,
                failed: *failed,
                error: error.as_ref().map(StoredError::from),
            },
        }
    }
}

impl From<StoredDelivery> for Delivery {
    fn from(stored: StoredDelivery) -> Self {
        match stored {
            StoredDelivery::Sent => Self::Sent,
            StoredDelivery::Acknowledged => Self::Acknowledged,
            StoredDelivery::Waiting => Self::Waiting,
            StoredDelivery::Failed(error) => Self::Failed(error.into()),
            StoredDelivery::Delivered => Self::Delivered,
            StoredDelivery::Read => Self::Read,
            StoredDelivery::Cancelled => Self::GivenUp(GivenUp::Cancelled),
            StoredDelivery::Blocked => Self::GivenUp(GivenUp::Blocked),
            StoredDelivery::Expired => Self::GivenUp(GivenUp::Expired),
            StoredDelivery::ToPeople { people, delivered, read, given_up } => {
                Self::ToPeople { people, delivered, read, given_up }
            }
            StoredDelivery::ToAll { clients, sent, failed, error } => {
                Self::ToAll { clients, sent, failed, error: error.map(NetError::from) }
            }
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredHappening {
    Accepted(SocketAddr),
    Connected(SocketAddr),
    ConnectFailed(StoredError),
    PeerFinished,
    WriteFinished,
    ClosedByUs,
    ClosedOrderly,
    ResetByUs,
    Broken(StoredError),
    Urgent { byte: u8, position: u64, last_told: bool },
    NeverAcknowledged { messages: u64, bytes: u64 },
    NotSent { bytes: u64, of: u64 },
    ClosedAtQuit,
    SocketClosed,
    Forgotten,
    LetGo,
    Linked,
    NotLinked,
    Verified,
    CodesDiffered,
    NewKey,
    Blocked,
    Unblocked,
}

impl From<&Happening> for StoredHappening {
    fn from(happening: &Happening) -> Self {
        match happening {
            Happening::Accepted(peer) => Self::Accepted(*peer),
            Happening::Connected(peer) => Self::Connected(*peer),
            Happening::ConnectFailed(error) => Self::ConnectFailed(error.into()),
            Happening::PeerFinished => Self::PeerFinished,
            Happening::WriteFinished => Self::WriteFinished,
            Happening::Urgent { byte, position, last_told } => {
                Self::Urgent { byte: *byte, position: *position, last_told: *last_told }
            }
            Happening::NeverAcknowledged { messages, bytes } => {
                Self::NeverAcknowledged { messages: *messages, bytes: *bytes }
            }
            Happening::NotSent { bytes, of } => Self::NotSent { bytes: *bytes, of: *of },
            Happening::Closed(CloseReason::ByUs) => Self::ClosedByUs,
            Happening::Closed(CloseReason::Orderly) => Self::ClosedOrderly,
            Happening::Closed(CloseReason::ResetByUs) => Self::ResetByUs,
            Happening::Closed(CloseReason::Failed(error)) => Self::Broken(error.into()),
            Happening::Closed(CloseReason::Quit) => Self::ClosedAtQuit,
            Happening::Closed(CloseReason::SocketClosed) => Self::SocketClosed,
            Happening::Closed(CloseReason::Forgotten) => Self::Forgotten,
            Happening::Closed(CloseReason::LetGo) => Self::LetGo,
            Happening::Person(PersonHappening::Linked) => Self::Linked,
            Happening::Person(PersonHappening::NotLinked) => Self::NotLinked,
            Happening::Person(PersonHappening::Verified) => Self::Verified,
            Happening::Person(PersonHappening::CodesDiffered) => Self::CodesDiffered,
            Happening::Person(PersonHappening::NewKeyUnderVerifiedName) => Self::NewKey,
            Happening::Person(PersonHappening::Blocked) => Self::Blocked,
            Happening::Person(PersonHappening::Unblocked) => Self::Unblocked,
        }
    }
}

impl From<StoredHappening> for Happening {
    fn from(stored: StoredHappening) -> Self {
        match stored {
            StoredHappening::Accepted(peer) => Self::Accepted(peer),
            StoredHappening::Connected(peer) => Self::Connected(peer),
            StoredHappening::ConnectFailed(error) => Self::ConnectFailed(error.into()),
            StoredHappening::PeerFinished => Self::PeerFinished,
            StoredHappening::WriteFinished => Self::WriteFinished,
            StoredHappening::Urgent { byte, position, last_told } => Self::Urgent { byte, position, last_told },
            StoredHappening::NeverAcknowledged { messages, bytes } => Self::NeverAcknowledged { messages, bytes },
            StoredHappening::NotSent { bytes, of } => Self::NotSent { bytes, of },
            StoredHappening::ClosedByUs => Self::Closed(CloseReason::ByUs),
            StoredHappening::ClosedOrderly => Self::Closed(CloseReason::Orderly),
            StoredHappening::ResetByUs => Self::Closed(CloseReason::ResetByUs),
            StoredHappening::Broken(error) => Self::Closed(CloseReason::Failed(error.into())),
            StoredHappening::ClosedAtQuit => Self::Closed(CloseReason::Quit),
            StoredHappening::SocketClosed => Self::Closed(CloseReason::SocketClosed),
            StoredHappening::Forgotten => Self::Closed(CloseReason::Forgotten),
            StoredHappening::LetGo => Self::Closed(CloseReason::LetGo),
            StoredHappening::Linked => Self::Person(PersonHappening::Linked),
            StoredHappening::NotLinked => Self::Person(PersonHappening::NotLinked),
            StoredHappening::Verified => Self::Person(PersonHappening::Verified),
            StoredHappening::CodesDiffered => Self::Person(PersonHappening::CodesDiffered),
            StoredHappening::NewKey => Self::Person(PersonHappening::NewKeyUnderVerifiedName),
            StoredHappening::Blocked => Self::Person(PersonHappening::Blocked),
            StoredHappening::Unblocked => Self::Person(PersonHappening::Unblocked),
        }
    }
}

/// Characters of the system's words for an error.
const LONGEST_WORDS: usize = 1_000;

/// A [`NetError`], in names of its own: those of the fields may change, the file's may not.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredError {
    call: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<(String, u16)>,
    #[serde(with = "StoredCause")]
    cause: Cause,
    #[serde(skip_serializing_if = "Option::is_none")]
    errno: Option<i32>,
    words: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Cause", rename_all = "kebab-case")]
enum StoredCause {
    AddressInUse,
    UdpAddressInUse,
    AddressNotHere,
    NotPermitted,
    Refused,
    TimedOut,
    Unreachable,
    NameNotFound,
    ManyComputers,
    Itself,
    Reset,
    TooManyFiles,
    NotReading,
    EndedBeforeSent,
    WriteFinished,
    NoSuchSocket,
    NoSocketYet,
    OutOfOrder,
    PrefixTooLong(u64),
    PrefixTooShort(u64),
    TooManyClients(usize),
    DatagramTooLong,
    NotTaken,
    Busy,
    Cancelled,
    Other,
}

impl From<&NetError> for StoredError {
    fn from(error: &NetError) -> Self {
        let (address, name) = match &error.target {
            Target::Address(address) => (Some(*address), None),
            Target::Name(host, port) => (None, Some((host.clone(), *port))),
            Target::None => (None, None),
        };
        Self {
            call: error.operation.name().to_owned(),
            address,
            name,
            cause: error.cause(),
            errno: error.errno().map(|Errno(number)| number),
            words: match &error.reason {
                Reason::Kernel { text, .. } => text.clone(),
                _ => words_of_ours(error.cause()),
            },
        }
    }
}

impl From<StoredError> for NetError {
    fn from(stored: StoredError) -> Self {
        let target = match (stored.address, stored.name) {
            (Some(address), _) => Target::Address(address),
            (None, Some((host, port))) => Target::Name(first_of(host, LONGEST_HOST), port),
            (None, None) => Target::None,
        };
        let operation = Operation::named(&stored.call);
        let reason = if stored.errno.is_none() && stored.words == words_of_ours(stored.cause) {
            reason_of_ours(stored.cause, operation)
        } else {
            Reason::Kernel {
                cause: stored.cause,
                errno: stored.errno.map(Errno),
                text: first_of(stored.words, LONGEST_WORDS),
            }
        };
        Self::ours(operation, target, reason)
    }
}

/// The words of an error that the system did not give: its cause's name, which also tells it from the system's.
/// For the file alone, nobody is shown them.
fn words_of_ours(cause: Cause) -> String {
    format!("{cause:?}")
}

/// The one call that fails because the connection had failed before.
const SEND: Operation = Operation::Call(CallKind::Send);

/// The reason that has no words of the system, by its cause.
fn reason_of_ours(cause: Cause, operation: Operation) -> Reason {
    match cause {
        Cause::NotReading => Reason::Limit(Limit::SendQueue),
        Cause::TooManyClients(most) => Reason::Limit(Limit::Clients(most)),
        Cause::PrefixTooLong(length) => Reason::Limit(Limit::Prefix(length)),
        Cause::PrefixTooShort(length) => Reason::Limit(Limit::ShortPrefix(length)),
        Cause::NotTaken => Reason::Limit(Limit::Datagrams),
        Cause::Busy => Reason::Limit(Limit::Commands),
        // With `send`, it is that of the connection that the message was to go over.
        Cause::TimedOut if operation != SEND => Reason::Limit(Limit::ConnectTime),
        Cause::EndedBeforeSent => Reason::Closed,
        Cause::WriteFinished => Reason::WriteFinished,
        Cause::NoSuchSocket => Reason::NoSuchSocket,
        Cause::NoSocketYet => Reason::NoSocketYet,
        Cause::OutOfOrder if operation != SEND => Reason::OutOfOrder,
        Cause::NameNotFound => Reason::NoAddress,
        Cause::ManyComputers => Reason::ManyComputers,
        Cause::Itself => Reason::Itself,
        Cause::Cancelled => Reason::Cancelled,
        Cause::AddressInUse
        | Cause::UdpAddressInUse
        | Cause::AddressNotHere
        | Cause::NotPermitted
        | Cause::Refused
        | Cause::TimedOut
        | Cause::Unreachable
        | Cause::Reset
        | Cause::TooManyFiles
        | Cause::OutOfOrder
        | Cause::DatagramTooLong
        | Cause::Other => Reason::Broken(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_old_histories_are_read_and_written_as_they_were() {
        for text in [
            r#"{"broken":{"call":"recv","address":"127.0.0.1:5","cause":"reset","errno":104,"words":"Connection reset by peer (os error 104)"}}"#,
            r#"{"broken":{"call":"recv","address":"127.0.0.1:5","cause":{"prefix-too-long":4294967295},"words":"PrefixTooLong(4294967295)"}}"#,
            r#"{"connect-failed":{"call":"connect","address":"127.0.0.1:5","cause":"timed-out","words":"TimedOut"}}"#,
            r#"{"connect-failed":{"call":"getaddrinfo","name":["nobody.invalid",5],"cause":"name-not-found","words":"Name or service not known"}}"#,
            r#"{"connect-failed":{"call":"getaddrinfo","name":["nobody.invalid",5],"cause":"name-not-found","words":"NameNotFound"}}"#,
            // Whatever else is in a file stays in it.
            r#"{"broken":{"call":"recv","cause":"not-reading","errno":5,"words":"by another hand"}}"#,
        ] {
            assert_eq!(happening(text).as_ref().and_then(happening_text).as_deref(), Some(text));
        }
        for text in [
            r#"{"failed":{"call":"send","address":"127.0.0.1:5","cause":"reset","words":"Reset"}}"#,
            r#"{"failed":{"call":"send","address":"127.0.0.1:5","cause":"ended-before-sent","words":"EndedBeforeSent"}}"#,
            r#""acknowledged""#,
            r#"{"failed":{"call":"command","cause":"busy","words":"Busy"}}"#,
        ] {
            assert_eq!(delivery(Some(text)).as_ref().and_then(delivery_text).as_deref(), Some(text));
        }
    }
}
