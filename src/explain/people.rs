//! What happens among people on this network, in the user's language.

use i18n_embed_fl::fl;

use crate::{
    chat::{GivenUp, PersonHappening},
    i18n::Words,
};

/// Why a message to a person is given up.
#[must_use]
pub fn given_up(words: &Words, why: GivenUp) -> String {
    match why {
        GivenUp::Cancelled => fl!(words, "given-up-cancelled"),
        GivenUp::Blocked => fl!(words, "given-up-blocked"),
        GivenUp::Expired => fl!(words, "given-up-expired"),
    }
}

/// Something that happened between a person and us.
#[must_use]
pub fn person_happening(words: &Words, what: PersonHappening) -> String {
    match what {
        PersonHappening::Linked => fl!(words, "row-linked"),
        PersonHappening::NotLinked => fl!(words, "row-not-linked"),
        PersonHappening::Verified => fl!(words, "row-verified"),
        PersonHappening::CodesDiffered => fl!(words, "row-codes-differed"),
        PersonHappening::NewKeyUnderVerifiedName => fl!(words, "row-new-key"),
        PersonHappening::Blocked => fl!(words, "row-blocked"),
        PersonHappening::Unblocked => fl!(words, "row-unblocked"),
    }
}
