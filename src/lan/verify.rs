//! Six digits that both read out: commit, then reveal, so that whoever sits between has one blind try in a million and
//! cannot search for a match.
//!
//! ```text
//! who began                          the other
//!   commit SHA-256(label ‖ rA)  ──▶
//!                               ◀──  reply rB
//!   reveal rA                   ──▶
//!   digits = HKDF(exporter, rA ‖ rB, both keys) mod 10⁶, on both sides
//!   same, or differ             ◀─▶  same, or differ
//! ```

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{Context, SHA256},
    hkdf::{HKDF_SHA256, Salt},
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};

use super::{Comparison, Digits};
use crate::chat::PersonId;

/// Comparisons that may fail in a row; then there are none for [`LOCKED`].
pub const FAILURES: u32 = 3;

/// How long nobody compares with a person after [`FAILURES`].
pub const LOCKED: Duration = Duration::from_mins(10);

/// How long one comparison may take.
pub const COMPARED_WITHIN: Duration = Duration::from_mins(5);

/// What the bytes of a link are exported under.
pub(super) const EXPORTED: &[u8] = b"EXPORTER-sockhop-verify-1";

/// What the commitment begins with.
const LABEL: &[u8] = b"sockhop verify 1";

/// What is said about comparing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v", rename_all = "lowercase")]
pub(super) enum Said {
    /// I begin; this is the hash of what I will reveal.
    Commit { hash: String },
    /// My random bytes.
    Reply { random: String },
    /// What I have committed to.
    Reveal { random: String },
    /// My user says that they are the same.
    Same,
    /// My user says that they are not.
    Differ,
    /// My user does not compare them now.
    Stop,
    /// Not for a while.
    Locked,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Do {
    Say(Said),
    Show(Digits),
    End(Comparison),
}

#[derive(Clone, Debug)]
enum State {
    /// We committed to these.
    Committed([u8; 32]),
    /// They committed to this hash; these are ours.
    Replied { hash: [u8; 32], ours: [u8; 32] },
    /// The digits are there, and what each side says of them.
    Shown { ours: Option<bool>, theirs: Option<bool> },
}

/// Comparing with one person, over one link after the other.
#[derive(Debug, Default)]
pub(super) struct Verifying {
    state: Option<State>,
    begun: Option<Instant>,
    failures: u32,
    locked_until: Option<Instant>,
}

/// Two keys, and bytes that only the ends of the link between them know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between {
    pub us: PersonId,
    pub them: PersonId,
    pub exported: [u8; 32],
}

impl Verifying {
    /// We begin.
    pub fn begin(&mut self, now: Instant) -> Vec<Do> {
        if let Some(left) = self.locked(now) {
            return vec![Do::End(Comparison::Locked(left))];
        }
        let Some(random) = random() else { return vec![Do::End(Comparison::Stopped)] };
        self.state = Some(State::Committed(random));
        self.begun = Some(now);
        vec![Do::Say(Said::Commit { hash: URL_SAFE_NO_PAD.encode(commitment(&random)) })]
    }

    /// They said something.
    pub fn said(&mut self, said: Said, between: Between, now: Instant) -> Vec<Do> {
        match (said, self.state.take()) {
            // Both began at once: the commitment of the smaller key counts.
            (Said::Commit { .. }, Some(State::Committed(random))) if between.us < between.them => {
                self.state = Some(State::Committed(random));
                Vec::new()
            }
            (Said::Commit { hash }, _) => {
                if self.locked(now).is_some() {
                    return vec![Do::Say(Said::Locked)];
                }
                let (Some(hash), Some(ours)) = (bytes(&hash), random()) else { return self.cheated(now) };
                self.state = Some(State::Replied { hash, ours });
                self.begun = Some(now);
                vec![Do::Say(Said::Reply { random: URL_SAFE_NO_PAD.encode(ours) })]
            }
            (Said::Reply { random: theirs }, Some(State::Committed(ours))) => {
                let Some(theirs) = bytes(&theirs) else { return self.cheated(now) };
                self.state = Some(State::Shown { ours: None, theirs: None });
                let digits = digits(between, (between.us, &ours), (between.them, &theirs));
                vec![Do::Say(Said::Reveal { random: URL_SAFE_NO_PAD.encode(ours) }), Do::Show(digits)]
            }
            (Said::Reveal { random: theirs }, Some(State::Replied { hash, ours })) => {
                let Some(theirs) = bytes(&theirs).filter(|theirs| commitment(theirs) == hash) else {
                    return self.cheated(now);
                };
                self.state = Some(State::Shown { ours: None, theirs: None });
                vec![Do::Show(digits(between, (between.them, &theirs), (between.us, &ours)))]
            }
            (Said::Same, Some(State::Shown { ours, .. })) => self.decided(ours, Some(true), now),
            (Said::Differ, Some(State::Shown { ours, .. })) => self.decided(ours, Some(false), now),
            (Said::Locked, Some(_)) => vec![Do::End(Comparison::Locked(LOCKED.as_secs()))],
            (Said::Stop, Some(_)) => vec![Do::End(Comparison::Stopped)],
            // A word that is late.
            (Said::Stop | Said::Same | Said::Differ | Said::Locked, None) => Vec::new(),
            _ => self.cheated(now),
        }
    }

    /// The user compared them.
    pub fn compared(&mut self, same: bool, now: Instant) -> Vec<Do> {
        let Some(State::Shown { theirs, .. }) = self.state.take() else { return Vec::new() };
        let mut out = vec![Do::Say(if same { Said::Same } else { Said::Differ })];
        out.append(&mut self.decided(Some(same), theirs, now));
        out
    }

    /// The user does not compare them now.
    pub fn stop(&mut self) -> Vec<Do> {
        if self.state.take().is_some() { vec![Do::Say(Said::Stop)] } else { Vec::new() }
    }

    /// The link is lost, or it took too long.
    pub fn lost(&mut self) -> Vec<Do> {
        if self.state.take().is_some() { vec![Do::End(Comparison::Stopped)] } else { Vec::new() }
    }

    /// When it takes too long.
    pub fn due(&self) -> Option<Instant> {
        self.state.as_ref().and(self.begun).map(|begun| begun + COMPARED_WITHIN)
    }

    fn decided(&mut self, ours: Option<bool>, theirs: Option<bool>, now: Instant) -> Vec<Do> {
        match (ours, theirs) {
            (Some(true), Some(true)) => {
                self.failures = 0;
                vec![Do::End(Comparison::Same)]
            }
            (Some(false), _) | (_, Some(false)) => {
                self.failed(now);
                vec![Do::End(Comparison::Differ)]
            }
            (ours, theirs) => {
                self.state = Some(State::Shown { ours, theirs });
                Vec::new()
            }
        }
    }

    fn cheated(&mut self, now: Instant) -> Vec<Do> {
        self.state = None;
        self.failed(now);
        vec![Do::Say(Said::Stop), Do::End(Comparison::Cheated)]
    }

    fn failed(&mut self, now: Instant) {
        self.failures += 1;
        if self.failures >= FAILURES {
            self.failures = 0;
            self.locked_until = Some(now + LOCKED);
        }
    }

    /// For how many seconds there is no comparing.
    fn locked(&self, now: Instant) -> Option<u64> {
        let left = self.locked_until?.checked_duration_since(now)?;
        Some(left.as_secs().max(1))
    }
}

fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn commitment(random: &[u8; 32]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(LABEL);
    hash.update(random);
    let mut out = [0; 32];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

/// What both read out. The exporter does not cover the client's key, so both keys are in it by themselves.
fn digits(between: Between, began: (PersonId, &[u8; 32]), other: (PersonId, &[u8; 32])) -> Digits {
    let key = Salt::new(HKDF_SHA256, &between.exported).extract(&[&began.1[..], &other.1[..]].concat());
    let info: [&[u8]; 3] = [LABEL, &began.0.0, &other.0.0];
    let mut out = [0; 8];
    // As many bytes as asked for are always there.
    let filled = key.expand(&info, Length(8)).and_then(|okm| okm.fill(&mut out));
    if filled.is_err() {
        tracing::error!("no digits");
    }
    Digits((u64::from_be_bytes(out) % 1_000_000) as u32)
}

/// How many bytes are wanted of HKDF.
struct Length(usize);

impl ring::hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(us: u8, them: u8, exported: u8) -> Between {
        Between { us: PersonId([us; 32]), them: PersonId([them; 32]), exported: [exported; 32] }
    }

    /// Both sides, until nothing is left to be said. What each does but say something.
    fn talk(a: &mut Verifying, b: &mut Verifying, first: Vec<Do>, exported: [u8; 2], now: Instant) -> [Vec<Do>; 2] {
        let mut done = [Vec::new(), Vec::new()];
        let mut queue: std::collections::VecDeque<(usize, Do)> = first.into_iter().map(|act| (0, act)).collect();
        while let Some((who, act)) = queue.pop_front() {
            match act {
                Do::Say(said) => {
                    let out = if who == 0 {
                        b.said(said, between(2, 1, exported[1]), now)
                    } else {
                        a.said(said, between(1, 2, exported[0]), now)
                    };
                    queue.extend(out.into_iter().map(|act| (1 - who, act)));
                }
                act => done[who].push(act),
            }
        }
        done
    }

    fn shown(done: &[Do]) -> Digits {
        match done {
            [Do::Show(digits)] => *digits,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_see_the_same_digits_and_are_verified_once_both_say_so() {
        let now = Instant::now();
        let (mut a, mut b) = (Verifying::default(), Verifying::default());
        let begun = a.begin(now);
        let [of_a, of_b] = talk(&mut a, &mut b, begun, [7, 7], now);
        assert_eq!(shown(&of_a), shown(&of_b));
        assert!(shown(&of_a).0 < 1_000_000 && shown(&of_a).to_string().len() == 7);
        let said = a.compared(true, now);
        assert_eq!(talk(&mut a, &mut b, said, [7, 7], now), [vec![], vec![]]);
        let said = b.compared(true, now);
        assert_eq!(said, [Do::Say(Said::Same), Do::End(Comparison::Same)]);
        assert_eq!(a.said(Said::Same, between(1, 2, 7), now), [Do::End(Comparison::Same)]);
    }

    #[test]
    fn with_a_relay_in_between_the_digits_differ() {
        let now = Instant::now();
        let same = (0..20).filter(|_| {
            let (mut a, mut b) = (Verifying::default(), Verifying::default());
            let begun = a.begin(now);
            let [of_a, of_b] = talk(&mut a, &mut b, begun, [7, 8], now);
            shown(&of_a) == shown(&of_b)
        });
        assert!(same.count() <= 1);
    }

    #[test]
    fn what_is_revealed_has_to_be_what_was_committed_to() {
        let now = Instant::now();
        let mut b = Verifying::default();
        let hash = URL_SAFE_NO_PAD.encode(commitment(&[1; 32]));
        let replied = b.said(Said::Commit { hash }, between(2, 1, 7), now);
        assert!(matches!(replied[..], [Do::Say(Said::Reply { .. })]));
        let random = URL_SAFE_NO_PAD.encode([2; 32]);
        let cheated = b.said(Said::Reveal { random }, between(2, 1, 7), now);
        assert_eq!(cheated, [Do::Say(Said::Stop), Do::End(Comparison::Cheated)]);
    }

    #[test]
    fn nobody_sees_digits_before_the_other_is_bound_to_its_random_bytes() {
        let now = Instant::now();
        let mut a = Verifying::default();
        let _ = a.begin(now);
        let random = URL_SAFE_NO_PAD.encode([2; 32]);
        let out = a.said(Said::Reveal { random }, between(1, 2, 7), now);
        assert_eq!(out, [Do::Say(Said::Stop), Do::End(Comparison::Cheated)]);
    }

    #[test]
    fn when_both_begin_at_once_the_smaller_keys_begin_counts() {
        let now = Instant::now();
        let (mut a, mut b) = (Verifying::default(), Verifying::default());
        let (of_a, of_b) = (a.begin(now), b.begin(now));
        let Do::Say(commit_of_b) = of_b[0].clone() else { panic!() };
        assert_eq!(a.said(commit_of_b, between(1, 2, 7), now), []);
        let [of_a, of_b] = talk(&mut a, &mut b, of_a, [7, 7], now);
        assert_eq!(shown(&of_a), shown(&of_b));
    }

    #[test]
    fn three_failures_lock_it_for_ten_minutes() {
        let begun = Instant::now();
        let (mut a, mut b) = (Verifying::default(), Verifying::default());
        for _ in 0..FAILURES {
            let first = a.begin(begun);
            talk(&mut a, &mut b, first, [7, 8], begun);
            let said = a.compared(false, begun);
            assert_eq!(said, [Do::Say(Said::Differ), Do::End(Comparison::Differ)]);
            assert_eq!(b.said(Said::Differ, between(2, 1, 8), begun), [Do::End(Comparison::Differ)]);
        }
        assert_eq!(a.begin(begun), [Do::End(Comparison::Locked(LOCKED.as_secs()))]);
        let hash = URL_SAFE_NO_PAD.encode([0; 32]);
        assert_eq!(b.said(Said::Commit { hash }, between(2, 1, 7), begun), [Do::Say(Said::Locked)]);
        let later = begun + LOCKED + Duration::from_secs(1);
        assert!(matches!(a.begin(later)[..], [Do::Say(Said::Commit { .. })]));
    }
}
