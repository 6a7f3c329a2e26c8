//! Rules: which of them a message meets, and what is answered to it then.

use std::time::Duration;

use memchr::memmem;
use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::{
    chat::{AnswerTo, ConversationOptions, LONGEST_ANSWER_WAIT, MOST_RULES, NotWritten, Rule, When, Written, payload},
    wire::{
        Batch, EscapeError, decode_escapes, decode_hex,
        text::{self, TextEncoding},
    },
};

/// The most bytes of an answer; a longer one is not sent.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// What a pattern may take in memory, in bytes.
const PATTERN_SIZE: usize = 1024 * 1024;

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nothing is written to hold a message against.
    #[error("it is empty")]
    Empty,
    /// What the message is held against is not written as it is said to be.
    #[error(transparent)]
    This(NotWritten),
    /// It is no pattern: why, in one line.
    #[error("{0}")]
    Pattern(String),
    /// The answer is not written as it is said to be.
    #[error("{0}")]
    Answer(NotWritten),
}

/// Rules that can be used, in their order.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Compiled>);

/// A rule that can be used with one encoding.
#[derive(Clone, Debug)]
struct Compiled {
    test: Test,
    answer: Vec<Piece>,
    written: Written,
    wait: Duration,
    to: AnswerTo,
}

/// What a message is held against. Text is compared as characters, all else as bytes.
#[derive(Clone, Debug)]
enum Test {
    Equals(Vec<u8>),
    BeginsWith(Vec<u8>),
    Contains(Box<memmem::Finder<'static>>),
    /// Of the text, in UTF-8.
    Text(Regex),
    Bytes(Regex),
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// These characters.
    Text(String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this group caught.
    Group(usize),
}

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAnswer {
    /// The number of the rule, counted from 0 among those that are on.
    pub rule: usize,
    /// Its bytes, as they go on the wire.
    pub raw: Vec<u8>,
    /// When, after the message.
    pub wait: Duration,
    /// Who gets it.
    pub to: AnswerTo,
}

impl Rules {
    /// Those of the rules that are on and can be used in this encoding.
    #[must_use]
    pub fn new(rules: &[Rule], encoding: TextEncoding) -> Self {
        let on = rules.iter().take(MOST_RULES).filter(|rule| rule.on);
        Self(on.filter_map(|rule| compile(rule, encoding).ok()).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is answered to each of these messages that meets a rule, as [`Self::answer`] has it.
    pub fn answers<'r>(
        &'r self,
        batch: &'r Batch,
        manner: &'r ConversationOptions,
        everyone: &'r ConversationOptions,
    ) -> impl Iterator<Item = RuleAnswer> + 'r {
        // Looking through all of them at once takes a tenth of the time of looking at each, and mostly there is nothing.
        let some_meets = self.0.iter().any(|rule| rule.test.may_be_met_in(&batch.bytes));
        let messages = some_meets.then(|| batch.messages()).into_iter().flatten();
        messages.filter_map(|(raw, cut)| self.answer(payload(&raw, cut), manner, everyone))
    }

    /// What the first rule that this message meets answers; the message without its framing. `manner` is that of the
    /// conversation it came in, `everyone` that of messages to everyone.
    #[must_use]
    pub fn answer(
        &self,
        message: &[u8],
        manner: &ConversationOptions,
        everyone: &ConversationOptions,
    ) -> Option<RuleAnswer> {
        self.0.iter().enumerate().find_map(|(rule, compiled)| {
            let answers = if compiled.to == AnswerTo::Everyone { everyone } else { manner };
            let raw = compiled.answer(message, manner.encoding, answers)?;
            Some(RuleAnswer { rule, raw, wait: compiled.wait, to: compiled.to })
        })
    }
}

/// Whether a rule can be used in this encoding.
///
/// # Errors
/// Why it cannot.
pub fn check(rule: &Rule, encoding: TextEncoding) -> Result<(), RuleError> {
    compile(rule, encoding).map(drop)
}

fn compile(rule: &Rule, encoding: TextEncoding) -> Result<Compiled, RuleError> {
    if rule.this.is_empty() {
        return Err(RuleError::Empty);
    }
    let bytes = || match rule.written {
        Written::Text => Ok(text::encode(&rule.this, encoding).bytes),
        Written::Escapes => decode_escapes(&rule.this, encoding).map_err(|error| RuleError::This(error.into())),
        Written::Hex => decode_hex(&rule.this).map_err(|error| RuleError::This(error.into())),
    };
    let test = match rule.when {
        When::Equals => Test::Equals(bytes()?),
        When::BeginsWith => Test::BeginsWith(bytes()?),
        When::Contains => Test::Contains(Box::new(memmem::Finder::new(&bytes()?).into_owned())),
        When::Matches if rule.written == Written::Hex => Test::Bytes(pattern(&hex_pattern(&rule.this)?)?),
        When::Matches => Test::Text(pattern(&rule.this)?),
    };
    let answer = pieces(&rule.answer, rule.answer_written, encoding).map_err(RuleError::Answer)?;
    let wait = Duration::from_millis(rule.wait_ms.min(LONGEST_ANSWER_WAIT));
    Ok(Compiled { test, answer, written: rule.answer_written, wait, to: rule.to })
}

fn pattern(pattern: &str) -> Result<Regex, RuleError> {
    let built = RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE).build();
    built.map_err(|error| {
        let why = error.to_string();
        RuleError::Pattern(why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned())
    })
}

/// Hex with `..` for any byte, `*` for any bytes and brackets for groups, as a regular expression of bytes.
fn hex_pattern(written: &str) -> Result<String, RuleError> {
    let mut pattern = String::from("(?s-u)");
    let mut rest = written;
    while let Some(first) = rest.chars().next() {
        let plain = rest.split(['.', '*', '(', ')']).next().unwrap_or_default();
        if !plain.is_empty() {
            let bytes = decode_hex(plain).map_err(|error| RuleError::This(error.into()))?;
            pattern.extend(bytes.iter().map(|byte| format!("\\x{byte:02x}")));
            rest = rest.get(plain.len()..).unwrap_or_default();
            continue;
        }
        let (token, length) = match first {
            '*' => (".*?", 1),
            '(' => ("(", 1),
            ')' => (")", 1),
            _ => (".", if rest.starts_with("..") { 2 } else { 1 }),
        };
        pattern.push_str(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(pattern)
}

/// The answer in parts. What was caught is put in as it came, so that nothing in it is an escape or a `$`.
fn pieces(answer: &str, written: Written, encoding: TextEncoding) -> Result<Vec<Piece>, NotWritten> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = answer.chars().peekable();
    let end = |plain: &mut String, pieces: &mut Vec<Piece>| -> Result<(), NotWritten> {
        let part = std::mem::take(plain);
        if part.is_empty() {
            return Ok(());
        }
        pieces.push(match written {
            Written::Text => Piece::Text(part),
            Written::Escapes => Piece::Bytes(decode_escapes(&part, encoding)?),
            Written::Hex => Piece::Bytes(decode_hex(&part)?),
        });
        Ok(())
    };
    while let Some(character) = rest.next() {
        match (character, rest.peek().copied()) {
            ('$', Some('$')) => {
                rest.next();
                plain.push('$');
            }
            ('$', Some(digit @ '0'..='9')) => {
                rest.next();
                end(&mut plain, &mut pieces)?;
                pieces.push(Piece::Group(digit as usize - '0' as usize));
            }
            _ => plain.push(character),
        }
    }
    end(&mut plain, &mut pieces)?;
    Ok(pieces)
}

impl Test {
    /// Whether one of the messages laid end to end in these bytes may meet it.
    fn may_be_met_in(&self, all: &[u8]) -> bool {
        match self {
            Self::Equals(bytes) | Self::BeginsWith(bytes) => memmem::find(all, bytes).is_some(),
            Self::Contains(bytes) => bytes.find(all).is_some(),
            Self::Text(_) | Self::Bytes(_) => true,
        }
    }
}

impl Compiled {
    /// The answer to this message of this encoding, in the manner of who gets it, if it meets the rule.
    fn answer(&self, message: &[u8], encoding: TextEncoding, manner: &ConversationOptions) -> Option<Vec<u8>> {
        let raw = match &self.test {
            Test::Equals(bytes) => (message == bytes).then(|| self.fill(&[message], false, manner)),
            Test::BeginsWith(bytes) => message.starts_with(bytes).then(|| self.fill(&[message], false, manner)),
            Test::Contains(bytes) => bytes.find(message).map(|_| self.fill(&[message], false, manner)),
            Test::Bytes(pattern) => {
                pattern.captures(message).map(|captures| self.fill(&groups(&captures), false, manner))
            }
            Test::Text(pattern) => {
                let text =
                    text::decode(encoding, text::SplitChar::default(), message, crate::wire::Boundary::Newline).text;
                pattern.captures(text.as_bytes()).map(|captures| self.fill(&groups(&captures), true, manner))
            }
        };
        raw.filter(|raw| !raw.is_empty() && raw.len() <= LONGEST_ANSWER)
    }

    /// The answer with what was caught; `in_utf_8`: that is text, and not as it came.
    fn fill(&self, caught: &[&[u8]], in_utf_8: bool, manner: &ConversationOptions) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in &self.answer {
            match piece {
                Piece::Text(text) => bytes.extend(text::encode(text, manner.encoding).bytes),
                Piece::Bytes(exact) => bytes.extend_from_slice(exact),
                Piece::Group(group) => {
                    let caught = caught.get(*group).copied().unwrap_or_default();
                    if in_utf_8 {
                        bytes.extend(text::encode(&String::from_utf8_lossy(caught), manner.encoding).bytes);
                    } else {
                        bytes.extend_from_slice(caught);
                    }
                }
            }
            if bytes.len() > LONGEST_ANSWER {
                break;
            }
        }
        if self.written == Written::Text { manner.framing().wrap(bytes, &manner.ending()) } else { bytes }
    }
}

fn groups<'m>(captures: &Captures<'m>) -> Vec<&'m [u8]> {
    captures.iter().map(|group| group.map_or(&[][..], |group| group.as_bytes())).collect()
}

impl From<EscapeError> for RuleError {
    fn from(error: EscapeError) -> Self {
        Self::This(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Boundary, Cut};

    fn rule(when: When, this: &str, written: Written, answer: &str, answer_written: Written) -> Rule {
        Rule { when, this: this.into(), written, answer: answer.into(), answer_written, ..Rule::default() }
    }

    /// What the rule answers to this message, with LF behind text.
    fn answer(rule: Rule, message: &[u8]) -> Option<Vec<u8>> {
        let manner = ConversationOptions::default();
        Rules::new(&[rule], manner.encoding).answer(message, &manner, &manner).map(|answer| answer.raw)
    }

    #[test]
    fn a_message_meets_a_rule_as_it_says() {
        use Written::{Escapes, Hex, Text};
        for (when, this, written, meets, not) in [
            (When::Equals, "ping", Text, &b"ping"[..], &b"pings"[..]),
            (When::BeginsWith, "pi", Text, b"ping", b"api"),
            (When::Contains, "in", Text, b"ping", b"pong"),
            (When::Contains, r"\x02", Escapes, b"a\x02b", b"a\x03b"),
            (When::Equals, "02 0A", Hex, b"\x02\x0a", b"\x02"),
            (When::Matches, r"^T=(\d+)$", Text, b"T=21", b"T=x"),
            (When::Matches, "(?i)^ok$", Text, b"oK", b"okay"),
            (When::Matches, r"(?i)^\p{Cyrillic}+ привет", Text, "да ПРИВЕТ".as_bytes(), b"da"),
            (When::Matches, r"^\p{Han}+\p{P}$", Text, "你好。".as_bytes(), "你好a".as_bytes()),
            (When::Matches, r"^\p{Lu}\p{Ll}+$", Text, "Änderung".as_bytes(), "änderung".as_bytes()),
            (When::Matches, "02 .. 03", Hex, b"\x02\n\x03", b"\x02\x03"),
            (When::Matches, "02 * 03", Hex, b"\x02\xff\xfe\x03", b"\x03\x02"),
        ] {
            let rule = rule(when, this, written, "ok", Text);
            assert_eq!(answer(rule.clone(), meets).as_deref(), Some(&b"ok\n"[..]), "{this}");
            assert_eq!(answer(rule, not), None, "{this}");
        }
    }

    #[test]
    fn of_many_messages_those_are_answered_that_meet_a_rule_by_themselves() {
        use Written::Text;
        let manner = ConversationOptions::default();
        let cuts = [4, 8, 12].map(|end| Cut { end, header: 0, trailer: 1, boundary: Boundary::Newline });
        let batch = Batch { bytes: "abc\nbca\nabc\n".into(), cuts: cuts.to_vec() };
        for (when, this, met) in [
            (When::Equals, "abc", 2),
            (When::BeginsWith, "bc", 1),
            (When::Contains, "c", 3),
            (When::Contains, "c\nb", 0),
            (When::Equals, "ab", 0),
            (When::Matches, "^a", 2),
        ] {
            let rules = Rules::new(&[rule(when, this, Text, "ok", Text)], manner.encoding);
            assert_eq!(rules.answers(&batch, &manner, &manner).count(), met, "{when:?} {this}");
        }
    }

    #[test]
    fn what_was_caught_is_put_into_the_answer_as_it_came() {
        use Written::{Escapes, Hex, Text};
        let temperature = rule(When::Matches, r"T=(\d+)\.(\d)", Text, "got $1 and $2, $$1, $9", Text);
        assert_eq!(answer(temperature, b"T=21.5").as_deref(), Some(&b"got 21 and 5, $1, \n"[..]));
        let echo = rule(When::BeginsWith, "say ", Text, r"\x02$0\x03", Escapes);
        assert_eq!(answer(echo, br"say \x41$1").as_deref(), Some(&b"\x02say \\x41$1\x03"[..]));
        let frame = rule(When::Matches, "02 (.. ..) 03", Hex, "06 $1 04", Hex);
        assert_eq!(answer(frame, b"\x02\x11\xff\x03").as_deref(), Some(&b"\x06\x11\xff\x04"[..]));
    }

    #[test]
    fn what_cannot_be_used_is_said_and_does_nothing() {
        let encoding = TextEncoding::default();
        let errors = [
            rule(When::Equals, "", Written::Text, "a", Written::Text),
            rule(When::Equals, "0", Written::Hex, "a", Written::Text),
            rule(When::Matches, "(", Written::Text, "a", Written::Text),
            rule(When::Equals, "a", Written::Text, r"\q", Written::Escapes),
        ];
        for rule in errors {
            assert!(check(&rule, encoding).is_err(), "{rule:?}");
            assert!(Rules::new(&[rule], encoding).is_empty());
        }
        let off = Rule { on: false, ..rule(When::Equals, "a", Written::Text, "b", Written::Text) };
        assert_eq!(answer(off, b"a"), None);
    }
}
