//! Files of labs: those that come with the program, and what may become of one by mistake.

use proptest::{collection::vec, prelude::*, sample::Index};

use crate::lab_files::{PIECES, a_lab_can_be_used_or_its_fault_is_told};

const SMALL: &str = include_str!("../fuzz/seeds/lab/small");

proptest! {
    #[test]
    fn a_lab_can_be_used_or_is_told_to_be_wrong(
        changes in vec((any::<Index>(), 0..12_usize, prop::sample::select(PIECES.to_vec())), 0..4),
    ) {
        let mut file: Vec<char> = SMALL.chars().collect();
        for (place, length, piece) in changes {
            let start = place.index(file.len() + 1);
            let end = (start + length).min(file.len());
            file.splice(start..end, piece.chars());
        }
        a_lab_can_be_used_or_its_fault_is_told(&String::from_iter(file));
    }
}

#[test]
fn nothing_hides_in_what_is_told_of_a_lab_that_is_wrong() {
    // So deep that the reader of TOML gives up without saying where.
    a_lab_can_be_used_or_its_fault_is_told(&format!("{}a = 1\n", "step.".repeat(105)));
    a_lab_can_be_used_or_its_fault_is_told("\"\u{202e}\u{1b}[2J\" = 1\n");
    a_lab_can_be_used_or_its_fault_is_told(&SMALL.replacen("look", "\"\\u202e\"", 1));
    a_lab_can_be_used_or_its_fault_is_told(&SMALL.replacen("calls", "\\u202e", 1));
}

#[test]
fn the_labs_that_come_with_it_are_the_same_when_they_are_written_again() {
    for file in std::fs::read_dir("resources/labs").unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "toml") {
            a_lab_can_be_used_or_its_fault_is_told(&std::fs::read_to_string(file).unwrap());
        }
    }
}
