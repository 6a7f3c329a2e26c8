//! What a second start for the same data folder asks of this window, and what commands of the terminal ask about people,
//! who are this window's.

use egui::Context;

use super::App;
use crate::{
    core::{Comparing, Input, Key, NotSaid, NoticeKind, Person, Visibility},
    lan::Comparison,
    second_start::{Answer, Asked, AskedOfPeople, Neighbour, SecondStart, SecondStarts},
    window::request::PersonRequest,
};

impl App {
    /// Do what other starts for the same folder asked, and show it.
    pub(super) fn answer_second_starts(&mut self, ctx: &Context) {
        while let Some(start) = self.second_starts.as_ref().and_then(SecondStarts::try_recv) {
            let SecondStart { asked: Asked { listen, connect, people }, .. } = &start;
            if let Some(asked) = people.clone() {
                let answer = self.answer_about_people(ctx, asked);
                start.answer(answer);
                continue;
            }
            // One server a window: the one that runs is shown, with its address.
            if let Some(address) = listen.filter(|_| !self.is_serving()) {
                self.told_to_listen = Some(address);
                self.listen(address);
            }
            if let Some((host, port)) = connect.clone() {
                self.connect(host, port, crate::window::parts::connect::Way::default());
            }
            self.viewport.raise(ctx);
            start.answer(Answer::Done);
        }
    }

    fn answer_about_people(&mut self, ctx: &Context, asked: AskedOfPeople) -> Answer {
        let people = self.core().people();
        if !matches!(people.visibility(), Visibility::On { .. }) {
            return Answer::NotVisible;
        }
        let who = match &asked {
            AskedOfPeople::Nearby => return Answer::Nearby(people.nearby().map(Neighbour::of).collect()),
            AskedOfPeople::Say { to: who, .. }
            | AskedOfPeople::IsDelivered { to: who, .. }
            | AskedOfPeople::Verify { with: who }
            | AskedOfPeople::Compared { with: who } => who,
        };
        let found = people.meant(who).map(|id| people.get(id));
        let person = match found {
            Ok(Some(person)) => person,
            Ok(None) => return Answer::Unclear(crate::core::UnclearPerson::Nobody),
            Err(unclear) => return Answer::Unclear(unclear),
        };
        let id = person.id();
        match asked {
            AskedOfPeople::Nearby => Answer::Done,
            AskedOfPeople::Say { text, .. } => {
                let (name, before) = (person.name().to_owned(), person.last_written());
                self.change(Input::SendText { key: Key::Person(id), text });
                let row = self.core().people().get(id).and_then(Person::last_written);
                if let Some(row) = row.filter(|_| row > before) {
                    return Answer::Said { to: id.to_string(), name, row: row.0 };
                }
                let why = self.core().notices().last().map(|notice| &notice.kind);
                let Some(NoticeKind::NotSaid { why, .. }) = why else {
                    return Answer::NotSaid { name, why: NotSaid::NotMet };
                };
                Answer::NotSaid { name, why: *why }
            }
            AskedOfPeople::IsDelivered { row, .. } => {
                Answer::Delivered(person.first_waiting().is_none_or(|first| row < first.0))
            }
            AskedOfPeople::Verify { .. } => {
                self.select(Key::Person(id));
                self.person_request(id, PersonRequest::Verify);
                self.viewport.raise(ctx);
                Answer::Done
            }
            AskedOfPeople::Compared { .. } => Answer::Compared(match person.comparing() {
                Some(Comparing::Over(outcome)) => Some(outcome),
                Some(_) => None,
                // What came of it was read and closed.
                None if person.is_verified() => Some(Comparison::Same),
                None => Some(Comparison::Stopped),
            }),
        }
    }
}
