//! A rule: what is answered to which message, as the user wrote it.

use serde::{Deserialize, Serialize};

use super::Written;

/// The most rules at once; those beyond are not looked at.
pub const MOST_RULES: usize = 100;

/// The longest wait of an answer, in milliseconds: an hour.
pub const LONGEST_ANSWER_WAIT: u64 = 3_600_000;

/// What is answered to which message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Whether it is looked at.
    pub on: bool,
    /// How the message has to be to this.
    pub when: When,
    /// What the message is held against.
    pub this: String,
    /// How that is written.
    pub written: Written,
    /// What is answered. `$1` is what the first group of a pattern caught, `$0` all of the message or of what was caught,
    /// `$$` a `$`.
    pub answer: String,
    /// How that is written.
    pub answer_written: Written,
    /// How many milliseconds after the message, at most [`LONGEST_ANSWER_WAIT`].
    pub wait_ms: u64,
    /// Who gets the answer.
    pub to: AnswerTo,
}

/// Who gets the answer of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerTo {
    /// Who said the message.
    #[default]
    Sender,
    /// All clients of our server, as a message to everyone.
    Everyone,
}

/// How a message has to be to what a rule has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The same.
    #[default]
    Equals,
    /// It begins with it.
    BeginsWith,
    /// It has it in it.
    Contains,
    /// A regular expression matches somewhere in it. In hex, `..` is any byte, `*` any bytes, and brackets are groups.
    Matches,
}

impl When {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Equals, Self::BeginsWith, Self::Contains, Self::Matches];
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            on: true,
            when: When::Equals,
            this: String::new(),
            written: Written::Text,
            answer: String::new(),
            answer_written: Written::Text,
            wait_ms: 0,
            to: AnswerTo::Sender,
        }
    }
}
