//! The people of the list: everyone nearby, and a row for each.

use egui::{Popup, Rect, RichText, Ui, pos2, vec2};
use egui_material_icons::icons::{ICON_CHEVRON_RIGHT, ICON_EXPAND_MORE};
use i18n_embed_fl::fl;

use super::{
    Action, fold_row, head, last_line,
    row::{Dot, ROW, Row},
};
use crate::{
    core::{Key, Person, Visibility},
    window::{
        Cx,
        avatar::{self, Endings, Peer},
        listed::PeopleList,
        parts::{controls, me, person_avatar, person_menu},
        shield::Shield,
        theme::{self, AVATAR, STEP},
        wording,
    },
    wire::visible,
};

/// The section; nothing, where we are not on this network and know nobody.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, unfolded: &mut bool, chosen: bool) -> Option<Action> {
    let people = cx.core.people();
    let list = PeopleList::of(people, cx.selected);
    if !list.is_wanted(people) {
        return None;
    }
    let mut action = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    head(ui, cx, fl!(cx.words, "nearby"), |ui| {
        controls::hint(ui, cx.look, people.nearby().count().to_string());
    });
    if PeopleList::has_everyone(cx.core) {
        action = everyone(ui, cx, chosen).or(action);
    }
    if list.shown.is_empty() && list.away.is_empty() {
        action = nobody(ui, cx).or(action);
    }
    action = rows(ui, cx, &list.shown, chosen).or(action);
    if !list.away.is_empty() {
        let name = fl!(cx.words, "people-not-nearby", count = list.away.len());
        let icon = if *unfolded { ICON_EXPAND_MORE } else { ICON_CHEVRON_RIGHT };
        *unfolded ^= fold_row(ui, cx, icon, &name, &fl!(cx.words, "people-not-nearby-hint"));
        if *unfolded {
            action = rows(ui, cx, &list.away, chosen).or(action);
        }
    }
    ui.add_space(STEP);
    action
}

/// That nobody is seen, and where it is said why.
fn nobody(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let on = matches!(cx.core.people().visibility(), Visibility::On { .. });
    let mut clicked = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        ui.spacing_mut().interact_size.y = 0.0;
        ui.add_space(STEP);
        let words = if on { fl!(cx.words, "nearby-nobody") } else { wording::people::visibility(cx) };
        controls::hint(ui, cx.look, words);
        clicked = ui.link(RichText::new(fl!(cx.words, "nearby-why")).size(theme::SMALL)).clicked();
    });
    ui.add_space(STEP);
    clicked.then_some(Action::Me(me::Action::ShowNetwork))
}

fn everyone(ui: &mut Ui, cx: &Cx<'_>, chosen: bool) -> Option<Action> {
    let count = cx.core.people().reached_by_all().count();
    let line = fl!(cx.words, "nearby-to-all", count = count);
    let title = fl!(cx.words, "nearby-all");
    let name = format!("{title}, {line}");
    super::row_of_many(ui, cx, chosen, Key::Nearby, (title, line, name), count)
}

/// A row for each; only those in sight are drawn.
fn rows(ui: &mut Ui, cx: &Cx<'_>, people: &[&Person], chosen: bool) -> Option<Action> {
    let place = people.iter().position(|person| cx.selected == Key::Person(person.id()));
    let (first, end) = super::in_sight(ui, people.len(), place.filter(|_| chosen));
    let mut action = None;
    ui.add_space(first as f32 * ROW);
    for person in people.iter().skip(first).take(end.saturating_sub(first)) {
        action = one(ui, cx, person).or(action);
    }
    ui.add_space((people.len() - end) as f32 * ROW);
    action
}

fn one(ui: &mut Ui, cx: &Cx<'_>, person: &Person) -> Option<Action> {
    let id = person.id();
    let shield = Shield::of_person(person);
    let title = visible(person.name(), &[]).into_owned();
    let row = Row {
        mono: false,
        line: wording::people::person_line(cx, person, last_line(cx, person.conversation())),
        avatar: (
            theme::person_colour(person.record().colour),
            avatar::letters(Peer::Name(person.name()), &Endings::default()),
        ),
        selected: cx.selected == Key::Person(id),
        faded: !person.is_nearby(),
        dot: Dot::Shield(shield),
        unread: person.conversation().unread(),
        name: wording::people::person_name(cx, person),
        title,
    };
    let response = row.show(ui, cx);
    let centre = pos2(response.rect.left() + 10.0 + AVATAR / 2.0, response.rect.center().y);
    let presence = person.is_nearby().then(|| person.presence());
    person_avatar::dot(ui, cx, Rect::from_center_size(centre, vec2(AVATAR, AVATAR)), presence);
    let mut action = response.clicked().then_some(Action::Select(Key::Person(id)));
    Popup::context_menu(&response).show(|ui| {
        action = person_menu::show(ui, cx, person).map(Action::Person).or(action.take());
    });
    action
}
