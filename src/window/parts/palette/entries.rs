//! What the palette offers: everything whose name has the words that are typed, and what the history finds.

use std::{collections::HashMap, ops::Range};

use egui_material_icons::{
    MaterialIcon,
    icons::{
        ICON_ADD_LINK, ICON_ARROW_FORWARD, ICON_CHAT_BUBBLE, ICON_FORUM, ICON_GROUPS, ICON_HISTORY, ICON_PERSON,
        ICON_SCIENCE, ICON_SETTINGS,
    },
};
use i18n_embed_fl::fl;

use super::Action;
use crate::{
    chat::address::{PeerAddress, ZonedIp},
    core::Key,
    explain::{Mistake, Pasted},
    history::{self, Folded, Hit},
    host,
    net::interface_number,
    window::{Cx, command::UiCommand, listed::PeopleList, wording},
    wire::visible,
};

/// Actions offered for what is typed, at most; without it, all commands.
const ACTIONS: usize = 8;

/// Conversations offered, at most.
const CONVERSATIONS: usize = 6;

/// Messages offered, at most.
const MESSAGES: usize = 6;

/// Places of one word in a name that are looked at.
const PLACES: usize = 8;

/// What stands in one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Commands, labs, settings, an address that was typed.
    Actions,
    /// What is open, and past sessions.
    Conversations,
    /// What was said.
    Messages,
}

impl Section {
    /// Its title.
    pub fn name(self, cx: &Cx<'_>) -> String {
        match self {
            Self::Actions => fl!(cx.words, "palette-actions"),
            Self::Conversations => fl!(cx.words, "conversations"),
            Self::Messages => fl!(cx.words, "section-messages"),
        }
    }
}

/// Something that can be chosen.
#[derive(Clone, Debug)]
pub struct Entry {
    pub section: Section,
    pub icon: MaterialIcon,
    pub label: String,
    /// Where the label has what was typed, in bytes.
    pub marks: Vec<Range<usize>>,
    /// What is said at its end.
    pub beside: String,
    /// Whether that is a key to press.
    pub is_key: bool,
    pub action: Action,
}

impl Entry {
    fn new(section: Section, icon: MaterialIcon, label: String, beside: String, action: Action) -> Self {
        Self { section, icon, label, marks: Vec::new(), beside, is_key: false, action }
    }
}

/// The words that are typed.
pub struct Words<'t>(Vec<&'t str>);

impl<'t> Words<'t> {
    pub fn of(typed: &'t str) -> Self {
        Self(typed.split_whitespace().collect())
    }

    /// Where a name has each of the words, and how many of them it has only within one of its own; `None`, if it lacks
    /// one.
    pub fn found_in(&self, name: &str, names: &mut Names) -> Option<(Vec<Range<usize>>, usize)> {
        if self.0.is_empty() {
            return Some((Vec::new(), 0));
        }
        let folded = names.folded(name);

        let mut marks = Vec::new();
        let mut within = 0;
        for word in &self.0 {
            let places = folded.found(word, PLACES);
            let begins = |place: &&Range<usize>| {
                let before = name.get(..place.start).and_then(|before| before.chars().next_back());
                before.is_none_or(|before| !before.is_alphanumeric())
            };
            let at_beginning = places.iter().find(begins);
            within += usize::from(at_beginning.is_none());
            marks.push(at_beginning.or(places.first())?.clone());
        }
        marks.sort_by_key(|mark| mark.start);
        let mut end = 0;
        marks.retain(|mark| {
            let apart = mark.start >= end;
            end = end.max(mark.end);
            apart
        });
        Some((marks, within))
    }
}

/// The names that words were looked for in, folded: each once, and not again in each frame.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, (Folded, bool)>);

impl Names {
    fn folded(&mut self, name: &str) -> &Folded {
        let (folded, used) = self.0.entry(name.to_owned()).or_insert_with(|| (Folded::new(name), true));
        *used = true;
        folded
    }

    /// Lets go of those that were in none of this frame's entries.
    fn end_frame(&mut self) {
        self.0.retain(|_, (_, used)| std::mem::take(used));
    }
}

/// The address that is typed, if it can be nothing else: a name alone may be a word. `usual` is the port of one that has
/// none.
pub fn address(typed: &str, usual: u16) -> Option<PeerAddress> {
    let peer = host::peer_address(typed.trim()).ok()?;
    peer.check_zone(interface_number).ok()?;
    (peer.port.is_some() || usual > 0 && peer.host.parse::<ZonedIp>().is_ok()).then_some(peer)
}

/// All that is offered for what is typed, section by section, in each what fits best first. `whole` is the same with the
/// lines as they were pasted.
pub fn offered(
    cx: &Cx<'_>,
    (typed, whole): (&str, &str),
    names: &mut Names,
    key_text: impl Fn(&egui::KeyboardShortcut) -> String,
) -> Vec<Entry> {
    let words = Words::of(typed);
    let mut all = Vec::new();
    if let Some(peer) = address(typed, cx.settings.port) {
        let label = fl!(cx.words, "palette-connect", address = address_text(cx, &peer));
        all.push(Entry::new(Section::Actions, ICON_ADD_LINK, label, String::new(), Action::Connect(peer)));
    }
    if let Some(pasted) = Pasted::read(whole).filter(|pasted| pasted.mistake != Mistake::Unknown) {
        let label = fl!(cx.words, "palette-explain", error = visible(&pasted.line, &[]).into_owned());
        all.push(Entry::new(
            Section::Actions,
            ICON_ARROW_FORWARD,
            label,
            String::new(),
            Action::Explain(whole.to_owned()),
        ));
    }
    let most = if typed.trim().is_empty() { UiCommand::ALL.len() } else { ACTIONS };
    all.extend(best(&words, names, actions(cx, typed, key_text), most));
    let conversations = best(&words, names, conversations(cx, typed), CONVERSATIONS);
    names.end_frame();
    all.extend(conversations.into_iter().map(|entry| with_state(cx, entry)));
    if !typed.trim().is_empty() {
        let found = cx.core.past().hits.iter().filter_map(|hit| message(cx, typed, hit));
        all.extend(found.take(MESSAGES));
    }
    all
}

/// The address as it is connected to.
pub fn address_text(cx: &Cx<'_>, peer: &PeerAddress) -> String {
    let (host, port) = peer.clone().or_port(cx.settings.port);
    visible(&wording::join(&host, port), &[]).into_owned()
}

/// Those that have all of the words, the ones where words begin with them first.
fn best(words: &Words<'_>, names: &mut Names, entries: impl Iterator<Item = Entry>, most: usize) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = entries
        .filter_map(|mut entry| {
            let (marks, within) = words.found_in(&entry.label, names)?;
            entry.marks = marks;
            Some((within, entry))
        })
        .collect();
    found.sort_by_key(|(within, _)| *within);
    found.into_iter().map(|(_, entry)| entry).take(most).collect()
}

fn actions(
    cx: &Cx<'_>,
    typed: &str,
    key_text: impl Fn(&egui::KeyboardShortcut) -> String,
) -> impl Iterator<Item = Entry> {
    let commands = UiCommand::ALL.into_iter().filter(|command| *command != UiCommand::Palette);
    let commands = commands.filter_map(move |command| {
        let keys = command.keys().first().map(&key_text).unwrap_or_default();
        let icon = command.icon().unwrap_or(ICON_ARROW_FORWARD);
        let action = Action::Run(command.resolve(cx)?);
        Some(Entry { is_key: true, ..Entry::new(Section::Actions, icon, command.name(cx.words), keys, action) })
    });
    let labs = cx.labs.iter().map(|lab| {
        let action = Action::StartLab(lab.id.clone());
        // What a lab is about is often in the line below its title.
        let label = format!("{} · {}", cx.written(&lab.title), cx.written(&lab.summary));
        Entry::new(Section::Actions, ICON_SCIENCE, label, fl!(cx.words, "labs"), action)
    });
    let settings = wording::names_of_settings(cx.words).into_iter().map(|name| {
        let action = Action::ShowSetting(name.clone());
        Entry::new(Section::Actions, ICON_SETTINGS, name, fl!(cx.words, "settings"), action)
    });
    let typing = !typed.trim().is_empty();
    commands.chain(labs.chain(settings).filter(move |_| typing))
}

fn conversations(cx: &Cx<'_>, typed: &str) -> impl Iterator<Item = Entry> {
    let everyone = super::super::sidebar::shows_everyone(cx).then(|| {
        let action = Action::Select(Key::Everyone);
        Entry::new(Section::Conversations, ICON_GROUPS, fl!(cx.words, "everyone"), String::new(), action)
    });
    let nearby = PeopleList::has_everyone(cx.core).then(|| {
        let action = Action::Select(Key::Nearby);
        Entry::new(Section::Conversations, ICON_GROUPS, fl!(cx.words, "nearby-all"), String::new(), action)
    });
    let people =
        cx.core.people().iter().filter(|person| person.is_nearby() || !typed.trim().is_empty()).map(|person| {
            let state = wording::people::whereabouts(cx.words, person);
            let name = visible(person.name(), &[]).into_owned();
            Entry::new(Section::Conversations, ICON_PERSON, name, state, Action::Select(Key::Person(person.id())))
        });
    let open = cx.core.conversations().map(|(conn, conversation)| {
        let action = Action::Select(Key::Conn(conn));
        Entry::new(Section::Conversations, ICON_FORUM, cx.title(conversation), String::new(), action)
    });
    let typing = !typed.trim().is_empty();
    let open = open.take(if typing { usize::MAX } else { CONVERSATIONS });
    let past = cx.core.past().sessions.iter().filter(move |_| typing);
    let past = past.filter(|past| cx.core.key_of(past.session.id).is_none()).map(|past| {
        let day = cx.day(past.session.opened.to_zoned(cx.zone.clone()).date());
        let action = Action::OpenPast(past.session.id);
        Entry::new(Section::Conversations, ICON_HISTORY, wording::session_title(cx, past), day, action)
    });
    nearby.into_iter().chain(people).chain(everyone).chain(open).chain(past)
}

/// With the state of its connection at the end, which is worked out for those that are shown alone.
fn with_state(cx: &Cx<'_>, entry: Entry) -> Entry {
    let Action::Select(key @ Key::Conn(_)) = &entry.action else { return entry };
    let state = cx.core.conversation(*key).map(|conversation| wording::state_text(cx, conversation));
    Entry { beside: state.unwrap_or_default(), ..entry }
}

/// A message that was found, unless it was for what was typed before.
fn message(cx: &Cx<'_>, typed: &str, hit: &Hit) -> Option<Entry> {
    if history::found_in(&hit.excerpt, typed, 1).is_empty() {
        return None;
    }
    let before = if hit.cut_before { "…" } else { "" };
    let mut label = before.to_owned();
    let mut marks = Vec::new();
    let mut done = 0;
    let piece = |from: usize, to: usize| visible(hit.excerpt.get(from..to).unwrap_or_default(), &[]);
    for found in &hit.matches {
        label.push_str(&piece(done, found.start));
        let start = label.len();
        label.push_str(&piece(found.start, found.end));
        marks.push(start..label.len());
        done = found.end;
    }
    label.push_str(&piece(done, hit.excerpt.len()));
    let session = &hit.session;
    let who = session.name.clone().or_else(|| session.peer.map(|peer| peer.to_string()));
    let who = who.unwrap_or_else(|| fl!(cx.words, "everyone"));
    let at = hit.place.at.to_zoned(cx.zone.clone());
    let when =
        if at.date() == cx.now().to_zoned(cx.zone.clone()).date() { cx.time(hit.place.at) } else { cx.day(at.date()) };
    let beside = format!("{} · {when}", visible(&who, &[]));
    let entry = Entry::new(Section::Messages, ICON_CHAT_BUBBLE, label, beside, Action::OpenHit(hit.place));
    Some(Entry { marks, ..entry })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str, name: &str) -> Option<(Vec<String>, usize)> {
        let (marks, within) = Words::of(typed).found_in(name, &mut Names::default())?;
        Some((marks.into_iter().map(|mark| name[mark].to_owned()).collect(), within))
    }

    #[test]
    fn every_word_is_found_in_any_order_whatever_its_case_and_width() {
        let marked = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(found("ACC pause", "Pause accept"), Some((marked(&["Pause", "acc"]), 0)));
        assert_eq!(found("ａｃｃ", "暂停 accept"), Some((marked(&["acc"]), 0)));
        assert_eq!(found("停", "暂停 accept"), Some((marked(&["停"]), 1)));
        assert_eq!(found("ept", "Pause accept"), Some((marked(&["ept"]), 1)));
        assert_eq!(found("acc xyz", "Pause accept"), None);
        assert_eq!(found(" ", "Pause accept"), Some((Vec::new(), 0)));
        // What overlaps is marked once.
        assert_eq!(found("accept acc", "Pause accept"), Some((marked(&["accept"]), 0)));
    }

    #[test]
    fn a_name_is_folded_once_while_it_is_offered_and_then_let_go_of() {
        let mut names = Names::default();
        let folded = |names: &mut Names| std::ptr::from_ref(names.folded("Pause accept"));
        let first = folded(&mut names);
        names.end_frame();
        assert_eq!(folded(&mut names), first);
        names.end_frame();
        names.end_frame();
        assert!(names.0.is_empty());
    }

    #[test]
    fn only_what_can_be_nothing_else_is_an_address() {
        for typed in ["192.168.1.31:8888", " 192.168.1.31 ", "host:80", "[::1]:8888", "::1"] {
            assert!(address(typed, 8888).is_some(), "{typed}");
        }
        for typed in ["", "accept", "pause accept", "3", "host:", "host:99999"] {
            assert!(address(typed, 8888).is_none(), "{typed}");
        }
        assert!(address("192.168.1.31", 0).is_none());
    }
}
