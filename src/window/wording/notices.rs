//! Words for notices: what happened, and what to do about it.

use i18n_embed_fl::fl;

use super::{super::Cx, why_no_history};
use crate::{
    chat::{LONGEST_PERSON_TEXT, PersonId},
    core::{ANSWERS_WAITING, Key, NotPasted, NotSaid, NotTaken, NoticeKind, TaskKind},
    explain::{self, Explanation},
    history::Trouble,
};

/// What happened and what to do about it.
#[must_use]
pub fn words_of(cx: &Cx<'_>, kind: &NoticeKind) -> Explanation {
    let alone = |what: String| Explanation { what, todo: String::new() };
    match kind {
        NoticeKind::Net { conn, error } => {
            let mut explanation = explain::explain(cx.words, error, cx.facts);
            let conversation = conn.and_then(|conn| cx.core.conversation(Key::Conn(conn)));
            if let Some(name) = conversation.and_then(|conversation| conversation.name.as_ref()) {
                explanation.what = fl!(cx.words, "named", name = name.as_str(), what = explanation.what);
            }
            explanation
        }
        NoticeKind::RelayWentRound { conn } => {
            let who = cx.core.conversation(Key::Conn(*conn)).map(|conversation| cx.title(conversation));
            Explanation {
                what: fl!(cx.words, "relay-went-round", who = who.unwrap_or_default()),
                todo: fl!(cx.words, "relay-went-round-todo"),
            }
        }
        NoticeKind::AnswersWentRound { conn } => {
            let who = cx.core.conversation(Key::Conn(*conn)).map(|conversation| cx.title(conversation));
            Explanation {
                what: fl!(cx.words, "answers-went-round", who = who.unwrap_or_default()),
                todo: fl!(cx.words, "answers-went-round-todo"),
            }
        }
        NoticeKind::AnswersLeftOut => alone(fl!(cx.words, "answers-left-out", most = ANSWERS_WAITING)),
        NoticeKind::EndedByFault { place, log } => Explanation {
            what: fl!(cx.words, "ended-by-fault", place = place.as_str()),
            todo: fl!(cx.words, "ended-by-fault-todo", path = log.display().to_string()),
        },
        NoticeKind::SettingsDamaged { why, set_aside } => Explanation {
            what: fl!(cx.words, "settings-damaged", why = explain::of_system(cx.words, why)),
            todo: match set_aside {
                Some(path) => fl!(cx.words, "settings-set-aside", path = path.display().to_string()),
                None => fl!(cx.words, "settings-not-set-aside"),
            },
        },
        NoticeKind::SettingIgnored { key, why } => Explanation {
            what: fl!(cx.words, "setting-ignored", key = key.as_str(), why = why.as_str()),
            todo: fl!(cx.words, "setting-ignored-todo"),
        },
        NoticeKind::NoFolder => {
            Explanation { what: fl!(cx.words, "no-folder"), todo: fl!(cx.words, "settings-not-saved-todo") }
        }
        NoticeKind::SettingsNotSaved { path, why } => Explanation {
            what: fl!(
                cx.words,
                "settings-not-saved",
                path = path.display().to_string(),
                why = explain::of_system(cx.words, why)
            ),
            todo: fl!(cx.words, "settings-not-saved-todo"),
        },
        NoticeKind::Unmappable { character, encoding } => alone(fl!(
            cx.words,
            "unmappable-sent",
            character = character.to_string(),
            encoding = (*encoding).to_owned()
        )),
        NoticeKind::FrameLog { path, why } => alone(fl!(
            cx.words,
            "frame-log-failed",
            path = path.display().to_string(),
            why = explain::of_system(cx.words, why)
        )),
        NoticeKind::NoHistory { path, why } => Explanation {
            what: why_no_history(cx, why),
            todo: if why.is_waited_for() {
                fl!(cx.words, "no-history-waits", path = path.display().to_string())
            } else {
                fl!(cx.words, "no-history-todo", path = path.display().to_string())
            },
        },
        NoticeKind::TaskFailed { task, line, why } => task_failed(cx, task, *line, why),
        NoticeKind::HistoryClosed => alone(fl!(cx.words, "history-closed")),
        NoticeKind::HistoryStuck => {
            Explanation { what: fl!(cx.words, "history-stuck"), todo: fl!(cx.words, "history-stuck-todo") }
        }
        NoticeKind::NothingKept => {
            Explanation { what: fl!(cx.words, "nothing-kept"), todo: fl!(cx.words, "nothing-kept-todo") }
        }
        NoticeKind::FileNotWritten { path, why } => Explanation {
            what: fl!(
                cx.words,
                "file-not-written",
                path = path.display().to_string(),
                why = explain::of_system(cx.words, why)
            ),
            todo: fl!(cx.words, "file-not-written-todo"),
        },
        NoticeKind::NotRecorded { path, why } => Explanation {
            what: fl!(
                cx.words,
                "not-recorded",
                path = path.display().to_string(),
                why = explain::of_system(cx.words, why)
            ),
            todo: fl!(cx.words, "not-recorded-todo"),
        },
        NoticeKind::RecordingCutShort { path, bytes } => {
            let (path, bytes) = (path.display().to_string(), *bytes);
            alone(fl!(cx.words, "recording-cut-short", path = path, count = bytes))
        }
        NoticeKind::TooManyRecordings { most } => {
            let most = *most;
            Explanation {
                what: fl!(cx.words, "too-many-recordings", most = most),
                todo: fl!(cx.words, "too-many-recordings-todo"),
            }
        }
        NoticeKind::History(trouble) => trouble_words(cx, trouble),
        NoticeKind::LabDamaged { file, line, why } => {
            let line = *line;
            Explanation {
                what: fl!(
                    cx.words,
                    "lab-damaged",
                    file = file.as_str(),
                    line = line,
                    why = explain::of_system(cx.words, why)
                ),
                todo: fl!(cx.words, "lab-damaged-todo"),
            }
        }
        NoticeKind::MostIsOld { messages, of } => Explanation {
            what: fl!(cx.words, "most-is-old", messages = messages.to_owned(), all = of.to_owned()),
            todo: fl!(cx.words, "most-is-old-todo", button = fl!(cx.words, "remove-old-now")),
        },
        NoticeKind::NotAllSent { bytes } => alone(fl!(cx.words, "not-all-sent", size = size(cx, *bytes))),
        NoticeKind::NotPasted(why) => match why {
            NotPasted::Silent => {
                Explanation { what: fl!(cx.words, "not-pasted-silent"), todo: fl!(cx.words, "not-pasted-silent-todo") }
            }
            NotPasted::TooLong { most } => alone(fl!(cx.words, "not-pasted-long", most = size(cx, *most))),
            NotPasted::Failed(why) => alone(fl!(cx.words, "not-pasted", why = why.as_str())),
        },
        NoticeKind::NotTaken { path, why } => Explanation {
            what: fl!(cx.words, "not-taken", path = path.display().to_string()),
            todo: match why {
                NotTaken::NobodyToSendTo => fl!(cx.words, "not-taken-nobody"),
                NotTaken::Folder => fl!(cx.words, "not-taken-folder"),
                NotTaken::TooLarge { most } => fl!(cx.words, "not-taken-large", most = size(cx, *most)),
                NotTaken::OneAtATime => fl!(cx.words, "not-taken-several"),
                NotTaken::Unread(why) => fl!(cx.words, "not-taken-unread", why = explain::of_system(cx.words, why)),
            },
        },
        NoticeKind::NotSaid { to, why } => not_said(cx, *to, *why),
        NoticeKind::ClosedLetGo => alone(fl!(cx.words, "closed-let-go")),
        NoticeKind::AddressesLetGo { most } => alone(fl!(cx.words, "addresses-let-go", most = most.to_string())),
    }
}

/// So many bytes, in a number that is read at a glance.
#[must_use]
pub fn size(cx: &Cx<'_>, bytes: u64) -> String {
    let kib = bytes as f64 / 1024.0;
    if kib < 1024.0 {
        fl!(cx.words, "size-kib", size = format!("{:.0}", kib.ceil()))
    } else {
        fl!(cx.words, "size-mib", size = format!("{:.1}", kib / 1024.0))
    }
}

fn task_failed(cx: &Cx<'_>, task: &TaskKind, line: Option<u64>, why: &str) -> Explanation {
    let why = explain::of_system(cx.words, why);
    match (task, line) {
        (TaskKind::Export(path), _) => Explanation {
            what: fl!(cx.words, "file-not-written", path = path.display().to_string(), why = why),
            todo: fl!(cx.words, "file-not-written-todo"),
        },
        (TaskKind::Import(path), Some(line)) => Explanation {
            what: fl!(cx.words, "import-bad-line", path = path.display().to_string(), line = line, why = why),
            todo: fl!(cx.words, "import-bad-line-todo"),
        },
        (TaskKind::Import(path), None) => Explanation {
            what: fl!(cx.words, "import-failed", path = path.display().to_string(), why = why),
            todo: fl!(cx.words, "import-bad-line-todo"),
        },
        (TaskKind::Remove { .. } | TaskKind::RemoveOld, _) => {
            Explanation { what: fl!(cx.words, "history-task-failed", why = why), todo: String::new() }
        }
    }
}

fn trouble_words(cx: &Cx<'_>, trouble: &Trouble) -> Explanation {
    let alone = |what: String| Explanation { what, todo: String::new() };
    match trouble.clone() {
        Trouble::SetAside { why, to } => Explanation {
            what: fl!(cx.words, "history-damaged", why = explain::of_system(cx.words, &why)),
            todo: fl!(cx.words, "history-set-aside", path = to.display().to_string()),
        },
        Trouble::NotWritten { path, full: true, .. } => Explanation {
            what: fl!(cx.words, "history-disk-full", path = path.display().to_string()),
            todo: fl!(cx.words, "history-retried"),
        },
        Trouble::NotWritten { path, why, full: false } => Explanation {
            what: fl!(
                cx.words,
                "history-not-written",
                path = path.display().to_string(),
                why = explain::of_system(cx.words, &why)
            ),
            todo: fl!(cx.words, "history-retried"),
        },
        Trouble::WrittenAgain { given_up: 0 } => alone(fl!(cx.words, "history-written-again")),
        Trouble::WrittenAgain { given_up } => alone(fl!(cx.words, "history-given-up", count = given_up)),
        Trouble::Salvaged { kept, missing: 0, .. } => alone(fl!(cx.words, "history-salvaged", kept = kept)),
        Trouble::Salvaged { kept, missing, from } => Explanation {
            what: fl!(cx.words, "history-salvaged-some", kept = kept, missing = missing),
            todo: fl!(cx.words, "history-salvaged-from", path = from.display().to_string()),
        },
        Trouble::NotRead { path, why } => alone(fl!(
            cx.words,
            "history-not-read",
            path = path.display().to_string(),
            why = explain::of_system(cx.words, &why)
        )),
        Trouble::Gone { path } => Explanation {
            what: fl!(cx.words, "history-gone", path = path.display().to_string()),
            todo: fl!(cx.words, "history-gone-todo"),
        },
        Trouble::Refused { rows } => alone(fl!(cx.words, "history-refused", count = rows)),
    }
}

/// Why a text to a person was not taken, and what to do.
fn not_said(cx: &Cx<'_>, to: PersonId, why: NotSaid) -> Explanation {
    let name = cx.core.people().get(to).map(|person| person.name().to_owned()).unwrap_or_default();
    let (why, todo) = match why {
        NotSaid::Blocked => (fl!(cx.words, "not-said-blocked", name = name), fl!(cx.words, "not-said-blocked-todo")),
        NotSaid::NewKey => (fl!(cx.words, "not-said-new-key", name = name), fl!(cx.words, "not-said-new-key-todo")),
        NotSaid::NotMet => (fl!(cx.words, "not-said-not-met", name = name), String::new()),
        NotSaid::TooLong => (fl!(cx.words, "not-said-too-long", most = LONGEST_PERSON_TEXT), String::new()),
        NotSaid::TooManyWait => (fl!(cx.words, "not-said-too-many", name = name), String::new()),
        NotSaid::Nobody => (fl!(cx.words, "not-said-nobody"), String::new()),
    };
    Explanation { what: why, todo }
}
