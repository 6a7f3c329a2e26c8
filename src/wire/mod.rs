//! Bytes ↔ messages: no sockets, no clock, no threads.
//!
//! Everything here takes bytes (and, where time matters, the present moment) and gives back
//! messages, so that it can be replayed, fuzzed and tested by property.

mod batch;
pub mod characters;
mod escapes;
mod fitting;
mod framer;
mod framing;
mod hex;
mod looks;
mod marks;
mod places;
pub mod text;
mod visible;

pub use batch::{Batch, BatchBuilder, Boundary, Cut};
pub use escapes::{EscapeError, decode_escapes, encode_escapes};
pub use fitting::{LOOKED_AT, fitting};
pub use framer::{
    Framer, FramingError, LONGEST_HEADER, LONGEST_MESSAGE, LONGEST_PREFIXED, LONGEST_QUIET, MISSING_TOLD_AFTER,
    QUIET_TAIL, SHORTEST_QUIET, Unfinished,
};
pub use framing::{
    ByteOrder, Delimiter, FixedLength, Framing, LONGEST_DELIMITER, LengthPrefix, MOST_PREFIX_OFFSET, NotAFraming,
    PrefixWidth,
};
pub use hex::{HexError, decode_hex, encode_hex};
pub use looks::{Looks, has_blank_line, is_bytes_literal};
pub use marks::mark;
pub use visible::{OF_LINES, Piece, pieces, symbol, visible, visible_text, write_json_line};
