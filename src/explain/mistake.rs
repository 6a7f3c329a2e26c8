//! What a mistake in a student's program means, whose call it was, and what to do about it.

use i18n_embed_fl::fl;

use super::{
    Explanation,
    pasted::{Mistake, Pasted},
};
use crate::{i18n::Words, net::CallKind};

/// What it means, and what to do about it.
#[must_use]
pub fn explain_pasted(words: &Words, pasted: &Pasted) -> Explanation {
    let (what, todo) = match pasted.mistake {
        Mistake::System(exception) => of_system(words, exception.name, pasted.call),
        Mistake::NoSuchName => (fl!(words, "mistake-no-name"), fl!(words, "mistake-no-name-todo")),
        Mistake::NoNameServer => (fl!(words, "mistake-no-name-server"), fl!(words, "mistake-no-name-todo")),
        Mistake::OtherFamily => (fl!(words, "mistake-family"), fl!(words, "mistake-family-todo")),
        Mistake::TimedOut => (fl!(words, "mistake-timed-out"), fl!(words, "mistake-timed-out-todo")),
        Mistake::CharacterCut => (fl!(words, "mistake-character-cut"), fl!(words, "mistake-character-cut-todo")),
        Mistake::OtherEncoding => (fl!(words, "mistake-encoding"), fl!(words, "mistake-encoding-todo")),
        Mistake::NoBytesFor => (fl!(words, "mistake-no-bytes"), fl!(words, "mistake-no-bytes-todo")),
        Mistake::TextForBytes => (fl!(words, "mistake-text-for-bytes"), fl!(words, "mistake-text-for-bytes-todo")),
        Mistake::TextAndBytes => (fl!(words, "mistake-text-and-bytes"), fl!(words, "mistake-text-and-bytes-todo")),
        Mistake::DecodeOfText => (fl!(words, "mistake-decode-of-text"), fl!(words, "mistake-conversion-todo")),
        Mistake::EncodeOfBytes => (fl!(words, "mistake-encode-of-bytes"), fl!(words, "mistake-conversion-todo")),
        Mistake::TwoArguments | Mistake::NotATuple => (fl!(words, "mistake-tuple"), fl!(words, "mistake-tuple-todo")),
        Mistake::PortIsText => (fl!(words, "mistake-port-text"), fl!(words, "mistake-port-text-todo")),
        Mistake::PortTooLarge => (fl!(words, "mistake-port-large"), fl!(words, "mistake-port-large-todo")),
        Mistake::TupleForSocket => (fl!(words, "mistake-accept-tuple"), fl!(words, "mistake-accept-tuple-todo")),
        Mistake::OtherCount => (fl!(words, "mistake-count"), fl!(words, "mistake-accept-tuple-todo")),
        Mistake::ModuleCalled => (fl!(words, "mistake-module-called"), fl!(words, "mistake-module-called-todo")),
        Mistake::ModuleShadowed => (fl!(words, "mistake-shadowed"), fl!(words, "mistake-shadowed-todo")),
        Mistake::NotImported => (fl!(words, "mistake-not-imported"), fl!(words, "mistake-not-imported-todo")),
        Mistake::NoSuchModule => (fl!(words, "mistake-no-module"), fl!(words, "mistake-no-module-todo")),
        Mistake::TooFewBytes => (fl!(words, "mistake-few-bytes"), fl!(words, "mistake-few-bytes-todo")),
        Mistake::EndOfInput => (fl!(words, "mistake-end-of-input"), fl!(words, "mistake-end-of-input-todo")),
        Mistake::Interrupted => (fl!(words, "mistake-interrupted"), String::new()),
        Mistake::Unknown => (fl!(words, "mistake-unknown"), String::new()),
    };
    Explanation { what, todo }
}

fn of_system(words: &Words, name: &str, call: Option<CallKind>) -> (String, String) {
    let bind = matches!(call, Some(CallKind::Bind | CallKind::Listen));
    let connect = matches!(call, None | Some(CallKind::Connect));
    match name {
        "ECONNREFUSED" => (fl!(words, "mistake-refused"), fl!(words, "mistake-refused-todo")),
        "EADDRINUSE" => (fl!(words, "mistake-in-use"), fl!(words, "mistake-in-use-todo")),
        "EADDRNOTAVAIL" if call == Some(CallKind::Connect) => {
            (fl!(words, "mistake-cannot-connect-to"), fl!(words, "mistake-cannot-connect-to-todo"))
        }
        "EADDRNOTAVAIL" => (fl!(words, "mistake-not-here"), fl!(words, "mistake-not-here-todo")),
        "EACCES" | "EPERM" if bind => (fl!(words, "mistake-no-right-port"), fl!(words, "mistake-no-right-port-todo")),
        "EACCES" | "EPERM" => (fl!(words, "mistake-no-right"), fl!(words, "mistake-no-right-todo")),
        "ECONNRESET" => (fl!(words, "mistake-reset"), fl!(words, "mistake-reset-todo")),
        "EPIPE" | "ESHUTDOWN" => (fl!(words, "mistake-pipe"), fl!(words, "mistake-pipe-todo")),
        "ECONNABORTED" => (fl!(words, "mistake-aborted"), fl!(words, "mistake-pipe-todo")),
        "ETIMEDOUT" if connect => {
            let network = fl!(words, "network");
            (fl!(words, "mistake-no-answer"), fl!(words, "mistake-no-answer-todo", network = network))
        }
        "ETIMEDOUT" => (fl!(words, "mistake-vanished"), fl!(words, "mistake-vanished-todo")),
        "ENETUNREACH" | "EHOSTUNREACH" | "ENETDOWN" | "EHOSTDOWN" => {
            (fl!(words, "mistake-unreachable"), fl!(words, "mistake-unreachable-todo"))
        }
        "ENOTCONN" | "EDESTADDRREQ" => (fl!(words, "mistake-not-connected"), fl!(words, "mistake-not-connected-todo")),
        "EISCONN" => (fl!(words, "mistake-connected"), fl!(words, "mistake-connected-todo")),
        "EINVAL" if call == Some(CallKind::Accept) => {
            (fl!(words, "mistake-accept-early"), fl!(words, "mistake-accept-early-todo"))
        }
        "EINVAL" if call == Some(CallKind::Bind) => {
            (fl!(words, "mistake-bind-twice"), fl!(words, "mistake-bind-twice-todo"))
        }
        "EINVAL" => (fl!(words, "mistake-invalid"), fl!(words, "mistake-invalid-todo")),
        "EBADF" | "ENOTSOCK" => (fl!(words, "mistake-closed"), fl!(words, "mistake-closed-todo")),
        "EMFILE" => (fl!(words, "mistake-too-many"), fl!(words, "mistake-too-many-todo")),
        "EAGAIN" | "EINPROGRESS" | "EALREADY" => {
            (fl!(words, "mistake-would-wait"), fl!(words, "mistake-would-wait-todo"))
        }
        "EAFNOSUPPORT" => (fl!(words, "mistake-family"), fl!(words, "mistake-family-todo")),
        "EOPNOTSUPP" => (fl!(words, "mistake-type"), fl!(words, "mistake-type-todo")),
        _ => (fl!(words, "mistake-system"), String::new()),
    }
}

/// The call that failed, and which end makes it; None, where the text does not show it.
#[must_use]
pub fn whose_call(words: &Words, pasted: &Pasted) -> Option<String> {
    let call = pasted.call?;
    let side = match call {
        CallKind::Bind | CallKind::Listen | CallKind::Accept => fl!(words, "explain-side-server"),
        CallKind::Connect => fl!(words, "explain-side-client"),
        _ => fl!(words, "explain-side-both"),
    };
    Some(fl!(words, "explain-error-at", call = call.name(), side = side))
}

/// The exception with the numbers of each system, of an error that a system gives.
#[must_use]
pub fn pasted_exception(words: &Words, pasted: &Pasted) -> Option<String> {
    if let Mistake::System(exception) = pasted.mistake { Some(exception.told(words)) } else { None }
}
