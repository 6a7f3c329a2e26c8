//! What holds of the journal: replayed, it is the conversation in memory; its numbers rise; all bytes that came are in
//! it, in their order.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

mod steps;

use proptest::{collection::vec, prelude::*};
use sockhop::wire::{Delimiter, FixedLength, Framing, text::OFFERED};

use steps::{Step, check};

fn step() -> impl Strategy<Value = Step> {
    let who = 0_usize..4;
    let bytes = prop_oneof![
        4 => vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(b'\r'), Just(0xe4), Just(0xbd), Just(0xa0)], 1..12),
        2 => Just("你好\n世".as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..40),
    ];
    let encoding = proptest::sample::select(OFFERED.to_vec());
    let delimiter = Framing::Delimiter(Delimiter::new(b"a\n").unwrap());
    let framing = prop_oneof![
        2 => Just(Framing::Line),
        2 => Just(Framing::Chunk),
        2 => Just(Framing::LENGTH),
        1 => Just(Framing::Cr),
        1 => Just(delimiter),
        1 => Just(Framing::Fixed(FixedLength::new(3).unwrap())),
        1 => Just(Framing::Quiet),
    ];
    prop_oneof![
        2 => Just(Step::Accept),
        1 => Just(Step::Connect),
        1 => Just(Step::ConnectFailed),
        9 => (who.clone(), bytes).prop_map(|(who, bytes)| Step::Recv(who, bytes)),
        1 => who.clone().prop_map(Step::Quiet),
        1 => who.clone().prop_map(Step::PeerFinished),
        3 => who.clone().prop_map(Step::Send),
        2 => Just(Step::SendToAll),
        6 => (who.clone(), any::<bool>()).prop_map(|(who, sent)| Step::SendEnded(who, sent)),
        4 => (who.clone(), 0_u64..9).prop_map(|(who, share)| Step::Acknowledge(who, share)),
        1 => who.clone().prop_map(Step::NotSent),
        1 => who.clone().prop_map(Step::Resend),
        2 => who.clone().prop_map(Step::AutoReply),
        3 => (who.clone(), encoding.clone(), framing.clone(), any::<bool>())
            .prop_map(|(who, encoding, framing, echo)| Step::Hold(who, encoding, framing, echo)),
        1 => (who.clone(), encoding, framing)
            .prop_map(|(who, encoding, framing)| Step::HoldClosed(who, encoding, framing)),
        1 => (who.clone(), proptest::option::of("[a-z]{1,3}")).prop_map(|(who, name)| Step::Rename(who, name)),
        1 => who.clone().prop_map(Step::Close),
        1 => who.prop_map(Step::Remove),
        1 => Just(Step::Undo),
        1 => Just(Step::StopListening),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn the_journal_replayed_is_the_conversation_in_memory(steps in vec(step(), 1..60)) {
        check(steps);
    }
}
