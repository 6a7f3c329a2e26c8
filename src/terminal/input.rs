//! Standard input, line by line, on a thread of its own.

use std::{
    io::{self, BufRead, BufReader, Read as _},
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded};

/// A longer line is handed on in parts of this many bytes.
pub const LONGEST_PART: usize = 256 * 1024;

/// What standard input said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line, or a part of a long one.
    Line(Line),
    /// There is no more.
    End,
}

/// A line of standard input, or a part of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes as they were read, without the newline.
    pub bytes: Vec<u8>,
    /// Whether the line ends here, as all do but the parts of a long one.
    pub ends: bool,
}

/// Read standard input; `wake` after each line. The thread ends with standard input, with the
/// process, or when nobody receives any more.
///
/// # Errors
/// Where no thread can be started.
pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Receiver<Input>> {
    let (sender, receiver) = bounded(LINES_AHEAD);
    thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        read_lines(BufReader::with_capacity(READ_AT_ONCE, io::stdin()), &sender, &wake);
    })?;
    Ok(receiver)
}

fn read_lines(mut from: impl BufRead, to: &Sender<Input>, wake: &dyn Fn()) {
    let mut bytes = Vec::new();
    loop {
        // Standard input that can't be read (a closed one, a background job's) has nothing to say.
        let read = from.by_ref().take(LONGEST_PART as u64).read_until(b'\n', &mut bytes).unwrap_or(0);
        if read == 0 && bytes.is_empty() {
            let _ = to.send(Input::End);
            return wake();
        }
        let newline = bytes.last() == Some(&b'\n');
        let ends = newline || read < LONGEST_PART;
        let rest = if ends { Vec::new() } else { bytes.split_off(whole_characters(&bytes)) };
        if newline {
            bytes.pop();
        }
        // Blocks while the receiver has lines enough; whoever writes to standard input waits with us.
        if to.send(Input::Line(Line { bytes, ends })).is_err() {
            return;
        }
        wake();
        bytes = rest;
    }
}

/// How many of the bytes make whole characters, where only the last may be cut.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

/// Lines read before anybody took them.
const LINES_AHEAD: usize = 64;

/// Bytes asked of standard input at a time.
const READ_AT_ONCE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(text: &[u8]) -> Vec<Input> {
        let (sender, receiver) = crossbeam_channel::unbounded();
        read_lines(text, &sender, &|| {});
        receiver.try_iter().collect()
    }

    fn line(bytes: &[u8], ends: bool) -> Input {
        Input::Line(Line { bytes: bytes.to_vec(), ends })
    }

    #[test]
    fn every_line_is_one_also_an_empty_one_and_a_last_one_without_newline() {
        assert_eq!(inputs(b"a\n\nb"), [line(b"a", true), line(b"", true), line(b"b", true), Input::End]);
        assert_eq!(inputs(b""), [Input::End]);
    }

    #[test]
    fn a_long_line_comes_in_parts_and_only_the_last_ends_it() {
        let mut text = vec![b'x'; LONGEST_PART + 1];
        text.push(b'\n');
        let part = line(&vec![b'x'; LONGEST_PART], false);
        assert_eq!(inputs(&text), [part, line(b"x", true), Input::End]);
        let mut just_fits = vec![b'x'; LONGEST_PART - 1];
        just_fits.push(b'\n');
        assert_eq!(inputs(&just_fits), [line(&vec![b'x'; LONGEST_PART - 1], true), Input::End]);
    }

    #[test]
    fn a_part_of_a_long_line_ends_with_a_whole_character() {
        let text = "x".repeat(LONGEST_PART - 1) + "你\n";
        let part = line(&vec![b'x'; LONGEST_PART - 1], false);
        assert_eq!(inputs(text.as_bytes()), [part, line("你".as_bytes(), true), Input::End]);
    }
}
