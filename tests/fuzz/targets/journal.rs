//! The journal after any steps of a few connections; `tests/journal` gives them by proptest.

#![no_main]

#[path = "../../journal/steps.rs"]
mod steps;

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use sockhop::wire::{Framing, text::OFFERED};

use steps::{Step, check};

fuzz_target!(|bytes: &[u8]| {
    let mut from = Unstructured::new(bytes);
    check(std::iter::from_fn(|| step(&mut from).ok()).collect());
});

fn step(from: &mut Unstructured<'_>) -> Result<Step> {
    if from.is_empty() {
        return Err(libfuzzer_sys::arbitrary::Error::NotEnoughData);
    }
    let which = from.int_in_range(0..=31)?;
    let who = from.int_in_range(0..=3)?;
    Ok(match which {
        0 => Step::Accept,
        1 => Step::Connect,
        2 => Step::ConnectFailed,
        3 => Step::PeerFinished(who),
        4 => Step::Send(who),
        5 => Step::SendToAll,
        6 => Step::SendEnded(who, true),
        7 => Step::SendEnded(who, false),
        8 => Step::NotSent(who),
        9 => Step::Resend(who),
        10 => Step::AutoReply(who),
        11 => Step::Hold(who, *from.choose(&OFFERED)?, framing(from)?, from.arbitrary()?),
        12 => Step::HoldClosed(who, *from.choose(&OFFERED)?, framing(from)?),
        13 => Step::Rename(who, None),
        14 => Step::Rename(who, Some("n".to_owned())),
        15 => Step::Close(who),
        16 => Step::Remove(who),
        17 => Step::Undo,
        18 => Step::StopListening,
        19 => Step::Quiet(who),
        20 => Step::Acknowledge(who, from.int_in_range(0..=8)?),
        _ => {
            let length = from.int_in_range(1..=40)?.min(from.len());
            Step::Recv(who, from.bytes(length)?.to_vec())
        }
    })
}

fn framing(from: &mut Unstructured<'_>) -> Result<Framing> {
    from.choose(&[Framing::Line, Framing::Chunk, Framing::LENGTH]).copied()
}
