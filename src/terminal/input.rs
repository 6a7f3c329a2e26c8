//! Standard input, line by line or as it comes, on a thread of its own.

use std::{
    io::{self, Read},
    thread,
};

use bytes::{Bytes, BytesMut};
use crossbeam_channel::{Receiver, Sender, bounded};
use memchr::{memchr_iter, memrchr};

/// A longer line is handed on in parts of this many bytes.
pub const LONGEST_PART: usize = 256 * 1024;

/// What standard input said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Lines that came together, and parts of a long one.
    Lines(Vec<Line>),
    /// There is no more.
    End,
    /// Who types wants to end.
    Stop,
}

/// A line of standard input, or a part of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes as they were read, without the newline.
    pub bytes: Bytes,
    /// Whether the line ends here, as all do but the parts of a long one.
    pub ends: bool,
}

/// How standard input is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Into lines.
    Lines,
    /// Not at all: as it comes.
    Nowhere,
}

/// Read standard input; `wake` after what was read at once. The thread ends with standard input, with the
/// process, or when nobody receives any more.
///
/// # Errors
/// Where no thread can be started.
pub fn start(cut: Cut, wake: impl Fn() + Send + 'static) -> io::Result<Receiver<Input>> {
    let (sender, receiver) = bounded(READ_AHEAD);
    thread::Builder::new().name("stdin".to_owned()).spawn(move || match cut {
        Cut::Lines => read_lines(io::stdin().lock(), &sender, &wake),
        Cut::Nowhere => read_all(io::stdin().lock(), &sender, &wake),
    })?;
    Ok(receiver)
}

fn read_lines(mut from: impl Read, to: &Sender<Input>, wake: &dyn Fn()) {
    let mut held = BytesMut::new();
    let mut searched = 0;
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let read = read_some(&mut from, &mut buffer);
        held.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let mut lines = Vec::new();
        let last = held.get(searched..).and_then(|new| memrchr(b'\n', new)).map(|last| searched + last);
        if let Some(last) = last {
            let whole = held.split_to(last + 1).freeze();
            let mut begin = 0;
            for newline in memchr_iter(b'\n', &whole) {
                push_line(whole.slice(begin..newline), true, &mut lines);
                begin = newline + 1;
            }
        }
        while held.len() >= LONGEST_PART {
            let part = held.get(..LONGEST_PART).map_or(LONGEST_PART, whole_characters);
            lines.push(Line { bytes: held.split_to(part).freeze(), ends: false });
        }
        searched = held.len();
        if read == 0 && !held.is_empty() {
            lines.push(Line { bytes: held.split().freeze(), ends: true });
        }
        // Blocks while the receiver has enough; whoever writes to standard input waits with us.
        if (!lines.is_empty() && to.send(Input::Lines(lines)).is_err()) || (read == 0 && to.send(Input::End).is_err()) {
            return;
        }
        wake();
        if read == 0 {
            return;
        }
    }
}

/// A line that came whole may be a long one too.
fn push_line(mut bytes: Bytes, ends: bool, lines: &mut Vec<Line>) {
    while bytes.len() > LONGEST_PART {
        let part = bytes.get(..LONGEST_PART).map_or(LONGEST_PART, whole_characters);
        lines.push(Line { bytes: bytes.split_to(part), ends: false });
    }
    lines.push(Line { bytes, ends });
}

fn read_all(mut from: impl Read, to: &Sender<Input>, wake: &dyn Fn()) {
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let read = read_some(&mut from, &mut buffer);
        let bytes = Bytes::copy_from_slice(buffer.get(..read).unwrap_or_default());
        let said = if read == 0 { Input::End } else { Input::Lines(vec![Line { bytes, ends: false }]) };
        if to.send(said).is_err() {
            return;
        }
        wake();
        if read == 0 {
            return;
        }
    }
}

/// Standard input that can't be read (a closed one, a background job's) has nothing to say.
fn read_some(from: &mut impl Read, buffer: &mut [u8]) -> usize {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.unwrap_or(0),
        }
    }
}

/// How many of the bytes make whole characters, where only the last may be cut.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

/// What is read before anybody took it, in pieces of [`READ_AT_ONCE`].
const READ_AHEAD: usize = 4;

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

    fn lines(text: &[u8]) -> Vec<Line> {
        let mut said = inputs(text);
        assert_eq!(said.pop(), Some(Input::End));
        said.into_iter().flat_map(|said| if let Input::Lines(lines) = said { lines } else { Vec::new() }).collect()
    }

    fn line(bytes: &[u8], ends: bool) -> Line {
        Line { bytes: bytes.to_vec().into(), ends }
    }

    #[test]
    fn every_line_is_one_also_an_empty_one_and_a_last_one_without_newline() {
        assert_eq!(lines(b"a\n\nb"), [line(b"a", true), line(b"", true), line(b"b", true)]);
        assert_eq!(inputs(b""), [Input::End]);
        let many = "line\n".repeat(50_000);
        assert_eq!(lines(many.as_bytes()), vec![line(b"line", true); 50_000]);
    }

    #[test]
    fn a_long_line_comes_in_parts_and_only_the_last_ends_it() {
        let mut text = vec![b'x'; LONGEST_PART + 1];
        text.push(b'\n');
        let part = line(&vec![b'x'; LONGEST_PART], false);
        assert_eq!(lines(&text), [part, line(b"x", true)]);
        let mut just_fits = vec![b'x'; LONGEST_PART - 1];
        just_fits.push(b'\n');
        assert_eq!(lines(&just_fits), [line(&vec![b'x'; LONGEST_PART - 1], true)]);
    }

    #[test]
    fn a_part_of_a_long_line_ends_with_a_whole_character() {
        let text = "x".repeat(LONGEST_PART - 1) + "你\n";
        let part = line(&vec![b'x'; LONGEST_PART - 1], false);
        assert_eq!(lines(text.as_bytes()), [part, line("你".as_bytes(), true)]);
    }

    #[test]
    fn as_it_comes_nothing_is_cut_off() {
        let (sender, receiver) = crossbeam_channel::unbounded();
        read_all(&b"a\r\n\nb"[..], &sender, &|| {});
        let said: Vec<Input> = receiver.try_iter().collect();
        assert_eq!(said, [Input::Lines(vec![line(b"a\r\n\nb", false)]), Input::End]);
    }
}
