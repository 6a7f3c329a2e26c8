//! A message that we sent, laid out: what became of it is in its mark, and in a note below it.

use std::sync::Arc;

use egui::Ui;
use i18n_embed_fl::fl;

use super::{
    super::said::{Message, Said},
    Bubble, bubble, marks,
};
use crate::{
    chat::{Cause, Delivery, Reason, Row, Sent},
    core::{Conversation, Key, ServerState},
    explain,
    window::{Cx, long_text::Seen, wording},
};

/// The mark of what waits to be delivered.
const WAITS: char = '…';

#[expect(clippy::too_many_arguments, reason = "all that a sent message is made of")]
pub(super) fn sent_bubble(
    ui: &Ui,
    cx: &Cx<'_>,
    key: Key,
    conversation: &Conversation,
    entry: &Row,
    (sent, unacknowledged): (&Sent, Option<&str>),
    (when, message, said): (String, Message, Arc<Said>),
    widest: (f32, &Seen),
) -> Bubble {
    let mut failed = false;
    let mut note = marks::note_on_sent(cx, conversation, (entry.number, entry));
    let to_people = matches!(key, Key::Person(_) | Key::Nearby);
    let state = match &sent.delivery {
        Delivery::Waiting if to_people => format!("{} {WAITS}", fl!(cx.words, "person-waits")),
        Delivery::Waiting => fl!(cx.words, "sent-waiting"),
        Delivery::Sent => unacknowledged.map_or_else(|| "✓".to_owned(), |words| format!("✓ {words}")),
        Delivery::Acknowledged | Delivery::Delivered => "✓✓".to_owned(),
        Delivery::Read => format!("{} ✓✓", fl!(cx.words, "sent-read")),
        Delivery::GivenUp(why) => {
            failed = !wording::people::is_wished(*why);
            explain::given_up(cx.words, *why)
        }
        Delivery::ToPeople { people, delivered, read, given_up } => {
            let (people, delivered, read, not) = (*people, *delivered, *read, *given_up);
            match not {
                0 => fl!(cx.words, "sent-to-people", delivered = delivered, read = read, people = people),
                not => fl!(cx.words, "sent-to-some-people", delivered = delivered, people = people, not = not),
            }
        }
        Delivery::Failed(error) => {
            failed = true;
            note = Some((explain::in_full(cx.words, error, cx.facts), cx.look.bad));
            // The kernel may have taken it, which is not to say that it arrived.
            if error.reason == Reason::Broken(Cause::Reset) {
                fl!(cx.words, "sent-not-delivered")
            } else {
                fl!(cx.words, "sent-failed")
            }
        }
        Delivery::ToAll { clients, sent, failed: not, error } => {
            if let Some(error) = error {
                failed = true;
                note = Some((explain::explain(cx.words, error, cx.facts).what, cx.look.bad));
            }
            let (sent, clients, not) = (*sent, *clients, *not);
            match (clients, not) {
                (0, _) => fl!(cx.words, "sent-to-nobody"),
                (clients, 0) => fl!(cx.words, "sent-to-all", sent = sent, clients = clients),
                (clients, not) => fl!(cx.words, "sent-to-some", sent = sent, clients = clients, failed = not),
            }
        }
    };
    let auto = if sent.auto { format!("{} · ", fl!(cx.words, "automatic")) } else { String::new() };
    // What people are written goes as it is, whatever is at its end.
    // Nor is there an end to a datagram but its own.
    let whole = is_datagram(cx, key, conversation) && sent.cut.trailer == 0;
    let ending = match to_people || whole {
        true if whole && sent.raw.is_empty() => Some(fl!(cx.words, "udp-empty")),
        true => None,
        false => marks::of_sent(cx, sent, message.encoding()),
    };
    let ending = ending.map(|mark| format!("{mark} · ")).unwrap_or_default();
    let meta = format!("{auto}{ending}{when} · {state}");
    let quiet = to_people && matches!(sent.delivery, Delivery::Waiting | Delivery::GivenUp(_));
    let colours = if failed || quiet { (cx.look.text, cx.look.weak) } else { (cx.look.on_sent, cx.look.on_sent_weak) };
    let reached = matches!(sent.delivery, Delivery::ToAll { sent: 1.., .. });
    let mut bubble = bubble(ui, cx, entry, true, failed, (message, said), meta, note, colours, widest);
    bubble.retry = failed && !reached && !to_people;
    bubble.quiet = quiet;
    bubble.cancel = match key {
        Key::Person(id) if sent.delivery == Delivery::Waiting => Some(id),
        _ => None,
    };
    bubble.shares = key == Key::Nearby && !cx.core.people().shares(entry.number).is_empty();
    bubble.state = SentState::of(cx, &sent.delivery, unacknowledged.is_some(), to_people);
    if let Some(state) = bubble.state.as_mut().filter(|_| is_datagram(cx, key, conversation)) {
        state.hint = fl!(cx.words, "udp-sent-hint");
    }
    bubble
}

/// Whether what is sent here goes over UDP.
fn is_datagram(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> bool {
    conversation.origin.is_udp() || key == Key::Everyone && matches!(cx.core.server().state, ServerState::Bound { .. })
}

/// What became of a message that we sent, in words.
pub(super) struct SentState {
    /// The word for the mark, for who hears the row.
    pub(super) name: String,
    /// For who points at it.
    pub(super) hint: String,
}

impl SentState {
    fn of(cx: &Cx<'_>, delivery: &Delivery, unacknowledged: bool, to_people: bool) -> Option<Self> {
        let (name, hint) = match delivery {
            Delivery::Sent if unacknowledged => (fl!(cx.words, "sent"), fl!(cx.words, "not-acknowledged-hint")),
            Delivery::Sent if to_people => (fl!(cx.words, "sent"), fl!(cx.words, "person-sent-hint")),
            Delivery::Sent => (fl!(cx.words, "sent"), fl!(cx.words, "sent-hint")),
            Delivery::Acknowledged => (fl!(cx.words, "acknowledged"), fl!(cx.words, "acknowledged-hint")),
            Delivery::Delivered => (fl!(cx.words, "delivered"), fl!(cx.words, "delivered-hint")),
            Delivery::Read => (fl!(cx.words, "sent-read"), fl!(cx.words, "read-hint")),
            Delivery::Waiting
            | Delivery::Failed(_)
            | Delivery::ToAll { .. }
            | Delivery::GivenUp(_)
            | Delivery::ToPeople { .. } => return None,
        };
        Some(Self { name, hint })
    }
}
