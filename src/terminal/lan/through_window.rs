//! The same commands where a window has the data folder: it is the one that is on this network, so it is asked.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use i18n_embed_fl::fl;

use super::{teller, told, unclear};
use crate::{
    chat::{LONGEST_PERSON_TEXT, json_length},
    cli::{NearbyArgs, PortArgs, SayArgs, VerifyArgs},
    core::{NotSaid, UnclearPerson},
    i18n::Words,
    lan::{COMPARED_WITHIN, Comparison},
    second_start::{Answer, AskedOfPeople, ask_window},
    settings::DataFolder,
};

/// How often the window is asked what has come of something.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// How it ended, and why it did not as it was meant to.
type Ended = Result<(), String>;

/// The folder whose window may be asked: what is to be written of links, a window writes only for itself.
fn askable<'f>(folder: Option<&'f DataFolder>, ports: &PortArgs) -> Option<&'f DataFolder> {
    folder.filter(|_| ports.tls_keys.is_none())
}

/// Asks again and again until the answer is one; the last one, where the time is over.
fn until(folder: &DataFolder, asked: &AskedOfPeople, end: Instant, is_one: impl Fn(&Answer) -> bool) -> Option<Answer> {
    loop {
        let answer = ask_window(folder, asked.clone())?;
        if is_one(&answer) || Instant::now() + ASKED_EVERY >= end {
            return Some(answer);
        }
        thread::sleep(ASKED_EVERY);
    }
}

/// Nobody is there yet.
fn is_nobody(answer: &Answer) -> bool {
    *answer == Answer::Unclear(UnclearPerson::Nobody)
}

/// Why an answer is not the one that was hoped for.
fn why_not(words: &Words, answer: &Answer, person: &str) -> String {
    match answer {
        Answer::NotVisible => fl!(words, "lan-window-not-visible"),
        Answer::Unclear(why) => unclear(words, *why, person),
        Answer::NotSaid { name, why } => told::not_said(words, name, *why),
        _ => fl!(words, "lan-stopped"),
    }
}

/// `None`: no window has this folder.
pub(super) fn nearby(args: &NearbyArgs, folder: Option<&DataFolder>, words: &Words) -> Option<io::Result<Ended>> {
    let answer = ask_window(askable(folder, &args.ports)?, AskedOfPeople::Nearby)?;
    let Answer::Nearby(nearby) = answer else { return Some(Ok(Err(why_not(words, &answer, "")))) };
    let mut teller = teller(words, args.json);
    let told = if args.json { teller.tell_nearby(&nearby) } else { teller.list(&nearby) };
    Some(told.map(Ok))
}

/// `None`: no window has this folder.
pub(super) fn say(args: &SayArgs, folder: Option<&DataFolder>, words: &Words) -> Option<Ended> {
    let folder = askable(folder, &args.ports)?;
    let end = Instant::now() + Duration::from_secs(args.wait);
    if json_length(&args.said) > LONGEST_PERSON_TEXT {
        return Some(Err(told::not_said(words, &args.person, NotSaid::TooLong)));
    }
    let asked = AskedOfPeople::Say { to: args.person.clone(), text: args.said.clone() };
    let answer = until(folder, &asked, end, |answer| !is_nobody(answer))?;
    let Answer::Said { to, name, row } = answer else { return Some(Err(why_not(words, &answer, &args.person))) };
    let asked = AskedOfPeople::IsDelivered { to, row };
    let delivered = until(folder, &asked, end, |answer| *answer != Answer::Delivered(false));
    let seconds = args.wait;
    Some(match delivered {
        Some(Answer::Delivered(true)) => Ok(()),
        _ => Err(fl!(words, "lan-not-delivered", name = name, seconds = seconds)),
    })
}

/// `None`: no window has this folder.
pub(super) fn verify(args: &VerifyArgs, folder: Option<&DataFolder>, words: &Words) -> Option<io::Result<Ended>> {
    let folder = askable(folder, &args.ports)?;
    let asked = AskedOfPeople::Verify { with: args.person.clone() };
    let answer = ask_window(folder, asked)?;
    if answer != Answer::Done {
        return Some(Ok(Err(why_not(words, &answer, &args.person))));
    }
    let mut teller = teller(words, false);
    if let Err(error) = teller.note(&fl!(words, "lan-digits-in-window")) {
        return Some(Err(error));
    }
    let asked = AskedOfPeople::Compared { with: args.person.clone() };
    let end = Instant::now() + COMPARED_WITHIN;
    let outcome = until(folder, &asked, end, |answer| *answer != Answer::Compared(None));
    let outcome = if let Some(Answer::Compared(Some(outcome))) = outcome { outcome } else { Comparison::Stopped };
    let what = told::compared(words, told::name_of(outcome));
    Some(if outcome == Comparison::Same { teller.note(&what).map(Ok) } else { Ok(Err(what)) })
}
