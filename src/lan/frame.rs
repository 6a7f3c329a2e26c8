//! Frames of a link: a length, a kind, and JSON.

use serde::{Deserialize, Serialize};

use super::limits::json_is_plain;

/// Bytes of JSON in a frame; a longer one closes the link, before anything is held for it.
pub const LONGEST_FRAME: usize = 64 * 1024;

/// Bytes of JSON in a frame before the first word; a longer one closes the link.
pub const LONGEST_FIRST_FRAME: usize = 4 * 1024;

/// Bytes before the JSON: four of the length, big-endian, which counts the kind and the JSON, and one of the kind.
const HEADER: usize = 5;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first word of each side.
    Hello = 1,
    /// A message.
    Message = 2,
    /// All up to a number is on the disk.
    Delivered = 3,
    /// All up to a number was read.
    Read = 4,
    /// Are you there?
    Ping = 5,
    /// I am.
    Pong = 6,
    /// What is said of oneself changed.
    Me = 7,
    /// Comparing six digits.
    Verify = 8,
    /// The link is closed on purpose.
    Bye = 9,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        use Kind::{Bye, Delivered, Hello, Me, Message, Ping, Pong, Read, Verify};
        [Hello, Message, Delivered, Read, Ping, Pong, Me, Verify, Bye].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// A frame that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Its JSON, not looked at yet.
    pub json: Vec<u8>,
}

/// Why a frame can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It is longer than it may be, or has no kind.
    #[error("a frame of {0} bytes")]
    Length(u32),
    /// Its JSON is none, or not what a frame of its kind has.
    #[error("a frame that makes no sense")]
    Content,
}

impl Frame {
    /// What its JSON says.
    ///
    /// # Errors
    /// Where it is deep, large, no JSON, or something else.
    pub fn read<'f, T: Deserialize<'f>>(&'f self) -> Result<T, FrameError> {
        if !json_is_plain(&self.json) {
            return Err(FrameError::Content);
        }
        serde_json::from_slice(&self.json).map_err(|_| FrameError::Content)
    }
}

/// A frame as it is sent.
#[must_use]
pub fn frame(kind: Kind, body: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    // What has only numbers and texts in it is always JSON.
    if serde_json::to_writer(&mut bytes, body).is_err() {
        bytes.truncate(HEADER);
    }
    let length = (bytes.len() - HEADER + 1) as u32;
    if let Some(header) = bytes.first_chunk_mut::<HEADER>() {
        let [a, b, c, d] = length.to_be_bytes();
        *header = [a, b, c, d, kind as u8];
    }
    bytes
}

/// What comes after a header.
#[derive(Clone, Copy, Debug)]
enum Body {
    Of(Kind),
    /// Of a kind that is not known.
    PassedOver,
}

/// Cuts bytes into frames. It holds one frame at most.
#[derive(Debug, Default)]
pub struct FrameReader {
    header: Vec<u8>,
    body: Option<Body>,
    left: usize,
    json: Vec<u8>,
}

impl FrameReader {
    /// Takes bytes in, and gives the frames that end in them. Frames of kinds that are not known are passed over.
    ///
    /// # Errors
    /// Where a frame is longer than `longest`; nothing is to be read after that.
    pub fn push(&mut self, mut bytes: &[u8], longest: usize, out: &mut Vec<Frame>) -> Result<(), FrameError> {
        while !bytes.is_empty() {
            let Some(body) = self.body else {
                let (head, rest) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
                self.header.extend_from_slice(head);
                bytes = rest;
                if let Some([a, b, c, d, kind]) = self.header.first_chunk() {
                    let length = u32::from_be_bytes([*a, *b, *c, *d]);
                    if length == 0 || length as usize - 1 > longest {
                        return Err(FrameError::Length(length));
                    }
                    self.left = length as usize - 1;
                    self.body = Some(Kind::of(*kind).map_or(Body::PassedOver, Body::Of));
                    self.header.clear();
                    self.give(out);
                }
                continue;
            };
            let (piece, rest) = bytes.split_at(bytes.len().min(self.left));
            if matches!(body, Body::Of(_)) {
                self.json.extend_from_slice(piece);
            }
            self.left -= piece.len();
            bytes = rest;
            self.give(out);
        }
        Ok(())
    }

    /// Gives the frame, if it is whole.
    fn give(&mut self, out: &mut Vec<Frame>) {
        if self.left == 0
            && let Some(body) = self.body.take()
        {
            let json = std::mem::take(&mut self.json);
            if let Body::Of(kind) = body {
                out.push(Frame { kind, json });
            }
        }
    }
}
