//! What standard input asks of `sockhop lan`: a JSON object a line, or “NAME: text”.

use std::io::{self, Write};

use i18n_embed_fl::fl;
use serde::Deserialize;

use super::{told::Teller, unclear};
use crate::{
    chat::{PersonId, Presence},
    core::{Input, Key, PeopleInput},
    driver::Driver,
    i18n::Words,
};

/// A command as JSON has it. One of the first fields says what to do.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    /// Say this, to `to`; to everyone nearby, if it says `*`.
    say: Option<String>,
    to: Option<String>,
    /// Take back the message with this number, to `to`, if nothing of it was sent.
    cancel: Option<u64>,
    /// Compare six digits with this person.
    verify: Option<String>,
    /// Whether they are the same, with `with`.
    same: Option<bool>,
    with: Option<String>,
    block: Option<String>,
    unblock: Option<String>,
    forget: Option<String>,
    /// The key of this person is new under a known name, and that is right.
    accept: Option<String>,
    /// `here`, `away` or `busy`.
    state: Option<String>,
    /// Call us this from here on.
    name: Option<String>,
    /// Ask every address of the own networks.
    look: bool,
    /// Ask at this address.
    ask: Option<std::net::IpAddr>,
}

/// Does what a line asks.
pub(super) fn line<W: Write>(
    driver: &mut Driver,
    teller: &mut Teller<'_, W>,
    bytes: &[u8],
    json: bool,
    words: &Words,
) -> io::Result<()> {
    let line = String::from_utf8_lossy(bytes);
    if line.trim().is_empty() {
        return Ok(());
    }
    let asked = if json {
        serde_json::from_str::<Asked>(&line).map_err(|error| fl!(words, "lan-wrong-line", why = error.to_string()))
    } else {
        let parts = line.split_once(':').or_else(|| line.split_once('：'));
        parts
            .map(|(to, say)| Asked {
                to: Some(to.trim().to_owned()),
                say: Some(say.trim_start().to_owned()),
                ..Asked::default()
            })
            .ok_or_else(|| fl!(words, "lan-to-whom"))
    };
    match asked {
        Ok(asked) => carry_out(driver, teller, asked, words),
        Err(why) => teller.error(&why),
    }
}

fn carry_out<W: Write>(driver: &mut Driver, teller: &mut Teller<'_, W>, asked: Asked, words: &Words) -> io::Result<()> {
    let who = |driver: &Driver, name: &Option<String>| -> Result<PersonId, String> {
        let name = name.as_deref().unwrap_or_default();
        driver.core().people().meant(name).map_err(|why| unclear(words, why, name))
    };
    let people = |of: &dyn Fn(PersonId) -> PeopleInput, driver: &Driver, name: &Option<String>| {
        who(driver, name).map(|id| Input::People(of(id)))
    };
    let Asked { say, to, cancel, verify, same, with, block, unblock, forget, accept, state, name, look, ask } = asked;
    let input = if let Some(text) = say {
        if to.as_deref() == Some("*") {
            let all: Vec<PersonId> = driver.core().people().reached_by_all().map(crate::core::Person::id).collect();
            let _ = driver.apply(Input::SendText { key: Key::Nearby, text });
            for id in all {
                teller.wrote(driver.core(), id);
            }
            return Ok(());
        }
        match who(driver, &to) {
            Ok(id) => {
                let _ = driver.apply(Input::SendText { key: Key::Person(id), text });
                teller.wrote(driver.core(), id);
                return Ok(());
            }
            Err(why) => Err(why),
        }
    } else if let Some(n) = cancel {
        who(driver, &to).and_then(|to| {
            let row = driver.core().people().get(to).and_then(|person| person.row_of(n));
            let row = row.ok_or_else(|| fl!(words, "lan-wrong-line", why = n.to_string()))?;
            Ok(Input::People(PeopleInput::Cancel { to, row }))
        })
    } else if verify.is_some() {
        people(&PeopleInput::Verify, driver, &verify)
    } else if let Some(same) = same {
        people(&|with| PeopleInput::Compared { with, same }, driver, &with)
    } else if block.is_some() {
        people(&PeopleInput::Block, driver, &block)
    } else if unblock.is_some() {
        people(&PeopleInput::Unblock, driver, &unblock)
    } else if forget.is_some() {
        people(&PeopleInput::Forget, driver, &forget)
    } else if accept.is_some() {
        people(&PeopleInput::Accept, driver, &accept)
    } else if look {
        Ok(Input::People(PeopleInput::LookHarder))
    } else if let Some(address) = ask {
        Ok(Input::People(PeopleInput::Ask(address)))
    } else if state.is_some() || name.is_some() {
        let mut me = driver.core().people().me().clone();
        me.presence = state.as_deref().map_or(me.presence, Presence::named);
        me.name = name.unwrap_or(me.name);
        Ok(Input::People(PeopleInput::Me(Box::new(me))))
    } else {
        Err(fl!(words, "lan-wrong-line", why = "{}"))
    };
    match input {
        Ok(input) => drop(driver.apply(input)),
        Err(why) => teller.error(&why)?,
    }
    Ok(())
}
