//! Diagnoses in the user's language: what is the matter, and what to do next. Beside each variant of
//! [`Diagnosis`] stands from which facts it follows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use i18n_embed_fl::fl;

use super::Explanation;
use crate::{
    core::diagnoses::{Diagnosis, Listener, Program, ReadOfEnd},
    host::PortOwner,
    i18n::Words,
    wire::visible,
};

/// What is the matter with a conversation, and what to do next.
#[must_use]
pub fn diagnosis(words: &Words, diagnosis: &Diagnosis) -> Explanation {
    Explanation { what: sentence(words, what(words, diagnosis)), todo: sentence(words, todo(words, diagnosis)) }
}

/// With a capital where it begins with what we call a program; the name of one stays as it is.
fn sentence(words: &Words, text: String) -> String {
    let ours = [fl!(words, "program-this"), fl!(words, "program-unknown")];
    if !ours.iter().any(|name| text.starts_with(name.as_str())) {
        return text;
    }
    let mut rest = text.chars();
    let first = rest.next();
    first.into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// A program as it is called in a sentence.
#[must_use]
pub fn program(words: &Words, program: &Program) -> String {
    match program {
        Program::This => fl!(words, "program-this"),
        Program::Other(owner) => process(words, owner),
        Program::Unknown => fl!(words, "program-unknown"),
    }
}

/// A process as it is called in a sentence.
#[must_use]
pub fn process(words: &Words, PortOwner { name, pid }: &PortOwner) -> String {
    fl!(words, "program-other", name = visible(name, &[]).into_owned(), pid = pid.to_string())
}

fn what(words: &Words, diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::NotAccepted { listener: Some(Listener { waiting, backlog: Some(backlog), .. }), .. } => {
            fl!(words, "diagnosis-not-accepted-figures", waiting = waiting.to_owned(), backlog = backlog.to_owned())
        }
        Diagnosis::NotAccepted { .. } => fl!(words, "diagnosis-not-accepted"),
        Diagnosis::QueueFull(Listener { waiting, backlog, .. }) => {
            fl!(words, "diagnosis-queue-full", waiting = waiting.to_owned(), backlog = backlog.unwrap_or_default())
        }
        Diagnosis::NotRead { program: one, bytes } => {
            fl!(words, "diagnosis-not-read", program = program(words, one), bytes = bytes.to_owned())
        }
        Diagnosis::NoRoom { waiting: Some(bytes) } => fl!(words, "diagnosis-no-room-bytes", bytes = bytes.to_owned()),
        Diagnosis::NoRoom { waiting: None } => fl!(words, "diagnosis-no-room"),
        Diagnosis::BothWait { we_spoke: false, .. } => fl!(words, "diagnosis-both-wait"),
        Diagnosis::BothWait { program: one, we_spoke: true } => {
            fl!(words, "diagnosis-both-wait-read", program = program(words, one))
        }
        Diagnosis::EndNotNoticed { program: one, read } => {
            let one = || one.as_ref().map_or_else(|| fl!(words, "program-unknown"), |one| program(words, one));
            match read {
                ReadOfEnd::All => fl!(words, "diagnosis-end-read", program = one()),
                ReadOfEnd::Left(0) => fl!(words, "diagnosis-end-unread", program = one()),
                ReadOfEnd::Left(bytes) => fl!(words, "diagnosis-end-left", program = one(), bytes = bytes.to_owned()),
                ReadOfEnd::NotTold => fl!(words, "diagnosis-end"),
            }
        }
        Diagnosis::AnsweredByReset { messages } => {
            fl!(words, "diagnosis-answered-by-reset", messages = messages.to_owned())
        }
        Diagnosis::ServerGone(address) => fl!(words, "diagnosis-server-gone", address = address.to_string()),
        Diagnosis::ClosedSilently => fl!(words, "diagnosis-closed-silently"),
        Diagnosis::ClosedUnanswered => fl!(words, "diagnosis-closed-unanswered"),
        Diagnosis::ListensElsewhere { program: one, listens, asked } => fl!(
            words,
            "diagnosis-listens-elsewhere",
            program = program(words, one),
            listens = listens.to_string(),
            asked = asked.to_string()
        ),
        Diagnosis::OnlyUdp { program: one, port } => {
            fl!(words, "diagnosis-only-udp", program = program(words, one), port = port.to_string())
        }
        Diagnosis::OtherPort { program: one, listens, asked } => fl!(
            words,
            "diagnosis-other-port",
            program = program(words, one),
            listens = listens.to_string(),
            asked = asked.to_string()
        ),
    }
}

fn todo(words: &Words, diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::NotAccepted { listener: Some(listener), serves: 0 } => {
            fl!(words, "diagnosis-not-accepted-todo", program = program(words, &listener.program))
        }
        Diagnosis::NotAccepted { listener: Some(listener), serves } => fl!(
            words,
            "diagnosis-not-accepted-todo-serves",
            program = program(words, &listener.program),
            count = serves.to_owned()
        ),
        Diagnosis::NotAccepted { listener: None, .. } => fl!(words, "diagnosis-not-accepted-todo-unknown"),
        Diagnosis::QueueFull(listener) => {
            fl!(words, "diagnosis-queue-full-todo", program = program(words, &listener.program))
        }
        Diagnosis::NotRead { .. } => fl!(words, "diagnosis-not-read-todo"),
        Diagnosis::NoRoom { .. } => fl!(words, "diagnosis-no-room-todo"),
        Diagnosis::BothWait { we_spoke: false, .. } => fl!(words, "diagnosis-both-wait-todo"),
        Diagnosis::BothWait { we_spoke: true, .. } => fl!(words, "diagnosis-both-wait-read-todo"),
        Diagnosis::EndNotNoticed { read: ReadOfEnd::All, .. } => fl!(words, "diagnosis-end-read-todo"),
        Diagnosis::EndNotNoticed { .. } => fl!(words, "diagnosis-end-todo"),
        Diagnosis::AnsweredByReset { .. } => fl!(words, "diagnosis-answered-by-reset-todo"),
        Diagnosis::ServerGone(_) => fl!(words, "diagnosis-server-gone-todo"),
        Diagnosis::ClosedSilently | Diagnosis::ClosedUnanswered => fl!(words, "diagnosis-closed-todo"),
        Diagnosis::ListensElsewhere { listens, asked, .. } => {
            let reached = reached_at(*listens).to_string();
            if asked.is_ipv4() && listens.is_ipv4() {
                fl!(words, "diagnosis-listens-elsewhere-todo", address = reached, port = asked.port().to_string())
            } else {
                fl!(words, "diagnosis-listens-elsewhere-todo-other", address = reached)
            }
        }
        Diagnosis::OnlyUdp { .. } => fl!(words, "diagnosis-only-udp-todo"),
        Diagnosis::OtherPort { listens, .. } => {
            fl!(words, "diagnosis-other-port-todo", address = reached_at(*listens).to_string())
        }
    }
}

/// Where this machine reaches what listens there.
fn reached_at(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n, settings::Language};

    #[test]
    fn a_sentence_begins_with_a_capital_unless_with_the_name_of_a_program() {
        let words = i18n::words(Language::English);
        let what = |program| diagnosis(&words, &Diagnosis::BothWait { program, we_spoke: true }).what;
        assert!(what(Program::This).starts_with("This Sockhop "), "{}", what(Program::This));
        assert!(what(Program::Unknown).starts_with("The program "), "{}", what(Program::Unknown));
        let other = Program::Other(PortOwner { name: "python3".to_owned(), pid: 7 });
        assert!(what(other.clone()).starts_with("python3"), "{}", what(other));
    }
}
