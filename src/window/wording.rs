//! Words for what the program knows: states, reasons, names, times, dates and numbers.

mod keys;
mod notices;
pub mod people;
mod settings;

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use i18n_embed::LanguageLoader as _;
use i18n_embed_fl::fl;
use jiff::{SignedDuration, Timestamp, civil::Date};
pub use keys::keys_text;
pub use notices::{size, words_of};
pub use settings::{address_option, names_of_settings};

use super::Cx;
use crate::{
    chat::{
        LineEnding, NotWritten, Origin, RowKind,
        address::{AddressError, LONGEST_HOST, Zone, ZonedIp},
    },
    core::{ConnState, Conversation, Key, PastState, ServerState},
    explain,
    history::{SessionSummary, Unavailable},
    host::{self, DestinationError, HandOut, Interface},
    i18n::Words,
    net::CloseReason,
    settings::{ListenOn, RemoveAfter, Settings, Transport},
    wire::{ByteOrder, EscapeError, Framing, HexError, LengthPrefix, PrefixWidth, encode_escapes, visible},
};

/// What a conversation is called.
#[must_use]
pub fn conversation_title(words: &Words, conversation: &Conversation) -> String {
    if let Some(name) = &conversation.name {
        return visible(name, &[]).into_owned();
    }
    if let Some(number) = conversation.student {
        return fl!(words, "student-name", number = number);
    }
    match (&conversation.origin, conversation.peer) {
        (Origin::Everyone, _) => fl!(words, "everyone"),
        (Origin::Accepted, Some(peer)) => peer.to_string(),
        (Origin::Heard, Some(peer)) => fl!(words, "udp-title", peer = peer.to_string()),
        (Origin::Datagrams { .. }, Some(peer)) => fl!(words, "udp-title-to", peer = peer.to_string()),
        (Origin::Datagrams { host, port }, None) => {
            fl!(words, "udp-title-to", peer = visible(&join(host, *port), &[]).into_owned())
        }
        (Origin::Outgoing { .. }, Some(peer)) => format!("→ {peer}"),
        (Origin::Outgoing { host, port }, None) => format!("→ {}", visible(&join(host, *port), &[])),
        (Origin::Person(id), _) => id.tag(),
        (Origin::Nearby, _) => fl!(words, "nearby-all"),
        (Origin::Accepted | Origin::Heard, None) => String::new(),
    }
}

impl Cx<'_> {
    /// What a conversation is called.
    #[must_use]
    pub fn title(&self, conversation: &Conversation) -> String {
        conversation_title(self.words, conversation)
    }

    /// Picks the window's language out of a text in both.
    #[must_use]
    pub fn written<'t>(&self, text: &'t crate::core::labs::file::Text) -> &'t str {
        if self.words.current_language().language.as_str() == "zh" { &text.zh_cn } else { &text.en }
    }

    /// A date, in full.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        fl!(self.words, "day", year = date.year(), month = i64::from(date.month()), day = i64::from(date.day()))
    }

    /// The time of day, to the second.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// The time of day, to the millisecond.
    #[must_use]
    pub fn time_to_ms(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S%.3f").to_string()
    }
}

/// Host and port as they are typed: an IPv6 address in brackets.
#[must_use]
pub fn join(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The state of a connection, in a word or two.
#[must_use]
pub fn state_text(cx: &Cx<'_>, conversation: &Conversation) -> String {
    if conversation.origin.is_udp() {
        return udp_state(cx, conversation);
    }
    match &conversation.state {
        ConnState::New if conversation.stepped => fl!(cx.words, "state-not-connected"),
        ConnState::New => fl!(cx.words, "state-new"),
        ConnState::LookingUp(host) => fl!(cx.words, "state-looking-up", host = host.as_str()),
        ConnState::Connecting(address) => fl!(cx.words, "state-connecting", address = address.to_string()),
        ConnState::Open => fl!(cx.words, "state-open"),
        ConnState::PeerFinished => fl!(cx.words, "state-peer-finished"),
        ConnState::WeFinished => fl!(cx.words, "state-we-finished"),
        ConnState::Closed(CloseReason::Failed(_)) => fl!(cx.words, "state-broken"),
        ConnState::Closed(_) => fl!(cx.words, "state-closed"),
        ConnState::Failed(_) => fl!(cx.words, "state-failed"),
    }
}

/// That the server does not listen; of a UDP socket, that it is not open.
#[must_use]
pub fn server_stopped(cx: &Cx<'_>) -> String {
    let server = cx.core.server();
    let to_be = server.listener().is_none() && cx.settings.server_over == Transport::Udp && cx.core.lab().is_none();
    if to_be || server.udp().is_some() { fl!(cx.words, "udp-stopped") } else { fl!(cx.words, "server-stopped") }
}

/// What there is to say of a conversation over UDP, which has no states.
fn udp_state(cx: &Cx<'_>, conversation: &Conversation) -> String {
    let heard = conversation.entries().iter().rev().find(|(_, row)| matches!(row.kind, RowKind::Received(_)));
    match &conversation.state {
        ConnState::LookingUp(host) => fl!(cx.words, "state-looking-up", host = host.as_str()),
        ConnState::Failed(_) => fl!(cx.words, "udp-not-opened"),
        ConnState::Closed(_) => fl!(cx.words, "udp-ended"),
        _ => match heard {
            Some((_, row)) => fl!(cx.words, "udp-heard", time = cx.time(row.at)),
            None => fl!(cx.words, "udp-not-heard"),
        },
    }
}

/// The same, without the address that is being connected to.
#[must_use]
pub fn short_state(cx: &Cx<'_>, conversation: &Conversation) -> String {
    match conversation.state {
        ConnState::LookingUp(_) | ConnState::Connecting(_) => fl!(cx.words, "state-new"),
        _ => state_text(cx, conversation),
    }
}

/// That a message is not acknowledged, once it has not been for [`UNACKNOWLEDGED_FOR`]; before that, the frame in which
/// it will not have been is asked for.
#[must_use]
pub fn not_acknowledged(ui: &egui::Ui, cx: &Cx<'_>, since: Option<Timestamp>) -> Option<String> {
    let since = since?;
    let left = UNACKNOWLEDGED_FOR.saturating_sub(cx.now().duration_since(since).unsigned_abs());
    if !left.is_zero() {
        ui.ctx().request_repaint_after(left);
        return None;
    }
    let time = since.to_zoned(cx.zone.clone()).strftime("%H:%M").to_string();
    Some(fl!(cx.words, "not-acknowledged", time = time))
}

/// That the peer's system does not answer, and what that means.
#[must_use]
pub fn silent(cx: &Cx<'_>, conversation: &Conversation, since: Timestamp) -> (String, String) {
    let hint = match conversation.manner().options.peer_timeout {
        Some(timeout) => fl!(cx.words, "silent-since-hint", seconds = timeout.as_secs()),
        None => fl!(cx.words, "silent-since-hint-no-limit"),
    };
    (fl!(cx.words, "silent-since", time = cx.time(since)), hint)
}

/// How long a message is with the kernel before it is worth a word that it is not acknowledged.
pub const UNACKNOWLEDGED_FOR: Duration = Duration::from_secs(2);

/// The two addresses of a conversation, or what it is for want of them.
#[must_use]
pub fn subtitle(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> String {
    match key {
        Key::Everyone if cx.core.server().is_udp() => {
            return fl!(cx.words, "udp-everyone-subtitle", count = cx.core.connected_clients());
        }
        Key::Everyone => return fl!(cx.words, "everyone-subtitle", count = cx.core.connected_clients()),
        Key::Person(id) => {
            return cx.core.people().get(id).map_or_else(String::new, |person| people::person_subtitle(cx, person));
        }
        Key::Nearby => return fl!(cx.words, "nearby-subtitle", count = cx.core.people().reached_by_all().count()),
        Key::Conn(_) | Key::Past(_) => {}
    }
    match (&conversation.origin, conversation.peer, conversation.local) {
        (Origin::Accepted, Some(peer), Some(local)) => {
            fl!(cx.words, "accepted-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        (Origin::Heard, Some(peer), Some(local)) => {
            fl!(cx.words, "udp-from-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        (Origin::Datagrams { .. }, Some(peer), Some(local)) => {
            fl!(cx.words, "udp-to-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        (_, Some(peer), Some(local)) => {
            fl!(cx.words, "outgoing-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        // How it ended is said beside it, and why in the transcript.
        _ if conversation.state.is_over() => String::new(),
        _ => state_text(cx, conversation),
    }
}

/// The same where there is little room: what the title does not say yet.
#[must_use]
pub fn short_subtitle(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> String {
    match (conversation.peer, conversation.local) {
        (Some(peer), Some(_)) if conversation.name.is_some() || conversation.student.is_some() => peer.to_string(),
        (Some(_), Some(local)) if key != Key::Everyone => fl!(cx.words, "local-subtitle", local = local.to_string()),
        _ => subtitle(cx, key, conversation),
    }
}

/// Why nothing can be sent now, in words; `None` if it can.
#[must_use]
pub fn why_no_sending(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<String> {
    match key {
        Key::Everyone => {
            let bound = matches!(cx.core.server().state, ServerState::Bound { .. });
            return (cx.core.connected_clients() == 0).then(|| {
                if bound { fl!(cx.words, "cannot-send-nobody-heard") } else { fl!(cx.words, "cannot-send-nobody") }
            });
        }
        Key::Person(id) => return cx.core.people().get(id).and_then(|person| people::why_not_said(cx, person)),
        Key::Nearby => {
            let nobody = cx.core.people().reached_by_all().next().is_none();
            return nobody.then(|| fl!(cx.words, "cannot-say-nobody"));
        }
        Key::Conn(_) | Key::Past(_) => {}
    }
    match &conversation.state {
        ConnState::Open | ConnState::PeerFinished => None,
        ConnState::New if conversation.stepped && conversation.origin.is_udp() => {
            Some(fl!(cx.words, "cannot-send-no-socket"))
        }
        ConnState::New | ConnState::LookingUp(_) | ConnState::Connecting(_) => {
            Some(fl!(cx.words, "cannot-send-connecting"))
        }
        ConnState::WeFinished => Some(fl!(cx.words, "cannot-send-finished")),
        ConnState::Closed(_) if conversation.origin.is_udp() => Some(fl!(cx.words, "udp-ended")),
        // Why it was closed, the transcript says.
        ConnState::Closed(_) => Some(fl!(cx.words, "cannot-send-closed")),
        ConnState::Failed(_) => Some(fl!(cx.words, "cannot-send-failed")),
    }
}

/// Why a conversation can't be exported, in words; `None` if it can.
#[must_use]
pub fn why_no_export(cx: &Cx<'_>, conversation: &Conversation) -> Option<String> {
    if !conversation.is_kept() {
        return Some(fl!(cx.words, "export-not-kept"));
    }
    match &cx.core.past().state {
        PastState::Open(_) if cx.settings.keep_history => None,
        PastState::Open(_) => Some(fl!(cx.words, "export-off")),
        PastState::Opening => Some(fl!(cx.words, "export-opening")),
        PastState::Waiting(why) | PastState::Unavailable(why) => Some(why_no_history(cx, why)),
    }
}

/// Why there is no history, in words.
#[must_use]
pub fn why_no_history(cx: &Cx<'_>, why: &Unavailable) -> String {
    let said = |why: String| explain::of_system(cx.words, &why);
    match why.clone() {
        Unavailable::Newer { found, known } => fl!(cx.words, "no-history-newer", found = found, known = known),
        Unavailable::InUse => fl!(cx.words, "no-history-in-use"),
        Unavailable::Locked => fl!(cx.words, "no-history-locked"),
        Unavailable::ReadOnly(why) => fl!(cx.words, "no-history-read-only", why = said(why)),
        Unavailable::Damaged(why) => fl!(cx.words, "no-history-damaged", why = said(why)),
        Unavailable::NotOpened(why) => fl!(cx.words, "no-history-not-opened", why = said(why)),
        Unavailable::Gone(why) => fl!(cx.words, "no-history-gone", why = said(why)),
    }
}

/// What a past session is called.
#[must_use]
pub fn session_title(cx: &Cx<'_>, summary: &SessionSummary) -> String {
    let session = &summary.session;
    if let Some(name) = &session.name {
        return visible(name, &[]).into_owned();
    }
    match (&session.origin, session.peer) {
        (Origin::Everyone, _) => fl!(cx.words, "everyone"),
        (Origin::Outgoing { host, port }, _) => format!("→ {}", visible(&join(host, *port), &[])),
        (Origin::Datagrams { host, port }, _) => {
            fl!(cx.words, "udp-title-to", peer = visible(&join(host, *port), &[]).into_owned())
        }
        (Origin::Heard, Some(peer)) => fl!(cx.words, "udp-title", peer = peer.to_string()),
        (Origin::Accepted, Some(peer)) => peer.to_string(),
        (Origin::Person(id), _) => id.tag(),
        (Origin::Nearby, _) => fl!(cx.words, "nearby-all"),
        (Origin::Accepted | Origin::Heard, None) => String::new(),
    }
}

/// When it was, and how much was said.
#[must_use]
pub fn session_facts(cx: &Cx<'_>, summary: &SessionSummary) -> String {
    let (opened, ended) = (summary.session.opened, summary.ended.unwrap_or(summary.last));
    let (from, to) = (cx.time(opened), cx.time(ended));
    let [date, last] = [opened, ended].map(|at| at.to_zoned(cx.zone.clone()).date());
    let (day, messages) = (cx.day(date), summary.messages);
    if date == last {
        fl!(cx.words, "history-facts", day = day, from = from, to = to, messages = messages)
    } else {
        let last = cx.day(last);
        fl!(cx.words, "history-facts-days", day = day, from = from, last = last, to = to, messages = messages)
    }
}

/// Who can reach a server that listens there, in words.
#[must_use]
pub fn reach(cx: &Cx<'_>, ip: IpAddr) -> String {
    reach_by(cx, ip, host::hand_out(cx.interfaces, ip))
}

/// The same, by what others type.
#[must_use]
pub fn reach_by(cx: &Cx<'_>, ip: IpAddr, by: HandOut) -> String {
    match by {
        HandOut::Address(_) if ip.to_canonical().is_loopback() => fl!(cx.words, "reach-this-computer"),
        HandOut::Address(_) if ip.is_unspecified() => fl!(cx.words, "reach-all"),
        HandOut::Address(IpAddr::V6(ip)) if ip.is_unicast_link_local() => fl!(cx.words, "reach-link-local"),
        HandOut::Address(_) => fl!(cx.words, "reach-one"),
        HandOut::Cut(name) => fl!(cx.words, "reach-cut", interface = name),
        HandOut::Ipv6Only(ip) => fl!(cx.words, "reach-ipv6-only", ip = ip.to_string()),
        HandOut::Gone => fl!(cx.words, "reach-gone", ip = ip.to_string()),
        HandOut::NoNetwork => fl!(cx.words, "reach-no-network"),
    }
}

/// Who could reach the server if it were started with these settings.
#[must_use]
pub fn reach_of_settings(cx: &Cx<'_>, settings: &Settings) -> String {
    reach(cx, settings.listen_on.ip())
}

/// A framing in a word or two.
#[must_use]
pub fn framing_text(cx: &Cx<'_>, framing: Framing) -> String {
    match framing {
        Framing::Line => fl!(cx.words, "framing-line"),
        Framing::Chunk => fl!(cx.words, "framing-chunk"),
        Framing::Length(LengthPrefix::NETWORK) => fl!(cx.words, "framing-length"),
        Framing::Length(prefix) => fl!(cx.words, "framing-length-of", bytes = prefix.width.bytes()),
        Framing::Cr => fl!(cx.words, "framing-cr"),
        Framing::Delimiter(bytes) => fl!(cx.words, "framing-delimiter", bytes = encode_escapes(bytes.as_slice())),
        Framing::Fixed(length) => fl!(cx.words, "framing-fixed", bytes = length.get()),
        Framing::Quiet => fl!(cx.words, "framing-quiet"),
    }
}

/// A framing in a sentence.
#[must_use]
pub fn framing_long(cx: &Cx<'_>, framing: Framing, quiet: Duration) -> String {
    match framing {
        Framing::Line => fl!(cx.words, "framing-line-long", quiet = quiet.as_millis().to_string()),
        Framing::Chunk => fl!(cx.words, "framing-chunk-long"),
        Framing::Length(LengthPrefix::NETWORK) => fl!(cx.words, "framing-length-long"),
        Framing::Cr => fl!(cx.words, "framing-cr-hint"),
        Framing::Quiet => fl!(cx.words, "framing-quiet-hint"),
        Framing::Length(_) | Framing::Delimiter(_) | Framing::Fixed(_) => framing_in_full(cx, framing),
    }
}

/// A framing in a word or two, and a length prefix with all that is chosen about it.
#[must_use]
pub fn framing_in_full(cx: &Cx<'_>, framing: Framing) -> String {
    let Framing::Length(prefix) = framing else { return framing_text(cx, framing) };
    let mut parts = vec![fl!(cx.words, "framing-length-of", bytes = prefix.width.bytes())];
    if prefix.width != PrefixWidth::One {
        parts.push(match prefix.order {
            ByteOrder::Big => fl!(cx.words, "prefix-big"),
            ByteOrder::Little => fl!(cx.words, "prefix-little"),
        });
    }
    if prefix.counts_itself {
        parts.push(fl!(cx.words, "prefix-itself-short"));
    }
    if prefix.offset > 0 {
        parts.push(fl!(cx.words, "prefix-offset-short", bytes = prefix.offset));
    }
    parts.join(" · ")
}

/// Why what is written is no message.
#[must_use]
pub fn not_written(cx: &Cx<'_>, why: &NotWritten) -> String {
    match *why {
        NotWritten::Hex(HexError::BadDigit { position, found }) => {
            fl!(cx.words, "hex-bad-digit", place = position, found = found.to_string())
        }
        NotWritten::Hex(HexError::OddDigits { .. }) => fl!(cx.words, "hex-odd"),
        NotWritten::Escape(EscapeError::Unknown { position, found }) => {
            fl!(cx.words, "escape-unknown", place = position, found = found.to_string())
        }
        NotWritten::Escape(EscapeError::Unfinished { position }) => {
            fl!(cx.words, "escape-unfinished", place = position)
        }
        NotWritten::Escape(EscapeError::NoCharacter { position }) => {
            fl!(cx.words, "escape-no-character", place = position)
        }
        NotWritten::Escape(EscapeError::Unmappable(character)) => {
            fl!(cx.words, "escape-unmappable", character = character.to_string())
        }
    }
}

/// How long one row came after another: in milliseconds, or seconds where it was long.
#[must_use]
pub fn time_between(cx: &Cx<'_>, since: SignedDuration) -> String {
    let ms = since.as_millis();
    if ms < 10_000 {
        fl!(cx.words, "after-ms", ms = ms.to_string())
    } else {
        fl!(cx.words, "after-s", seconds = since.as_secs().to_string())
    }
}

/// A line ending in a word.
#[must_use]
pub fn ending_text(cx: &Cx<'_>, ending: LineEnding) -> String {
    match ending {
        LineEnding::None => fl!(cx.words, "ending-none"),
        LineEnding::Lf => "LF".to_owned(),
        LineEnding::Crlf => "CRLF".to_owned(),
        LineEnding::Cr => "CR".to_owned(),
        LineEnding::Own(bytes) => encode_escapes(bytes.as_slice()),
    }
}

/// After how long messages are removed.
#[must_use]
pub fn age_text(cx: &Cx<'_>, age: RemoveAfter) -> String {
    match age {
        RemoveAfter::Never => fl!(cx.words, "remove-after-never"),
        RemoveAfter::Day => fl!(cx.words, "remove-after-day"),
        RemoveAfter::Week => fl!(cx.words, "remove-after-week"),
        RemoveAfter::Month => fl!(cx.words, "remove-after-month"),
        RemoveAfter::Year => fl!(cx.words, "remove-after-year"),
    }
}

/// All addresses of this computer, of both families: a socket of IPv6 takes clients of IPv4 too (ipv6(7)).
pub const BOTH_FAMILIES: ZonedIp = ZonedIp { ip: IpAddr::V6(Ipv6Addr::UNSPECIFIED), zone: None };

/// The addresses that the server listens on.
#[must_use]
pub fn listen_on_text(cx: &Cx<'_>, on: ListenOn) -> String {
    match on {
        ListenOn::AllInterfaces => fl!(cx.words, "ip-all"),
        ListenOn::ThisComputer => fl!(cx.words, "ip-this"),
        ListenOn::Address(ip) if ip == BOTH_FAMILIES => fl!(cx.words, "ip-all-both"),
        ListenOn::Address(ip) => match cx.interfaces.iter().find(|interface| is_of(ip, interface)) {
            Some(interface) => format!("{ip} · {}", visible(&interface.name, &[])),
            None => ip.to_string(),
        },
    }
}

/// Whether the interface has the address.
#[must_use]
pub fn is_of(ip: ZonedIp, interface: &Interface) -> bool {
    interface.address == ip.ip && ip.zone.is_none_or(|zone| zone.as_str() == interface.name)
}

/// The interface's address, as it is listened on.
#[must_use]
pub fn to_listen_on(interface: &Interface) -> ZonedIp {
    let needs_zone = matches!(interface.address, IpAddr::V6(ip) if ip.is_unicast_link_local());
    let zone = if needs_zone { Zone::new(&interface.name) } else { None };
    ZonedIp { ip: interface.address, zone }
}

/// What is wrong with a typed address.
#[must_use]
pub fn address_error(cx: &Cx<'_>, error: &AddressError) -> String {
    explain::address_error(cx.words, error, cx.interfaces)
}

/// What is wrong with a typed address or name.
#[must_use]
pub fn destination_problem(cx: &Cx<'_>, problem: DestinationError) -> String {
    match problem {
        DestinationError::Empty => fl!(cx.words, "network-empty"),
        DestinationError::Dash => fl!(cx.words, "network-dash"),
        DestinationError::Character(character) => {
            fl!(cx.words, "network-character", character = character.to_string())
        }
        DestinationError::TooLong => fl!(cx.words, "network-too-long", most = LONGEST_HOST),
        DestinationError::NotWhole => fl!(cx.words, "address-not-whole"),
    }
}

/// A time in milliseconds, with as many digits as are worth reading.
#[must_use]
pub fn milliseconds(took: Duration) -> String {
    let ms = took.as_secs_f64() * 1000.0;
    match ms {
        ..10.0 => format!("{ms:.2}"),
        10.0..100.0 => format!("{ms:.1}"),
        _ => format!("{ms:.0}"),
    }
}

/// A number beside an axis whose marks stand `step` apart: as many digits as tell one mark from the next.
#[must_use]
pub fn at_mark(value: f64, step: f64) -> String {
    // A step of 0.1 needs one digit, although it is a little more than a tenth as a binary number.
    let digits = (-step.log10() - 1e-6).ceil().clamp(0.0, 9.0) as usize;
    // Rounded first: what is left of a subtraction at zero is not "-0.0".
    let scale = 10_f64.powi(digits as i32);
    let value = (value * scale).round() / scale + 0.0;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_at_an_axis_has_the_digits_of_its_step_and_no_more() {
        for (value, step, text) in [
            (0.1 + 0.2, 0.1, "0.3"),
            (3.0 * 0.02, 0.02, "0.06"),
            (0.15, 0.05, "0.15"),
            (7.000_000_000_000_001, 1.0, "7"),
            (1_200.0, 100.0, "1200"),
            (-1e-17, 0.1, "0.0"),
            (0.000_05, 0.000_01, "0.00005"),
            (5.0, 0.0, "5.000000000"),
        ] {
            assert_eq!(at_mark(value, step), text, "{value} by {step}");
        }
    }

    #[test]
    fn an_ipv6_address_is_joined_in_brackets() {
        assert_eq!(join("::1", 80), "[::1]:80");
        assert_eq!(join("host", 80), "host:80");
    }
}
