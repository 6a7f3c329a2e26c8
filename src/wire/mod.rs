//! Bytes ↔ messages: no sockets, no clock, no threads.
//!
//! Everything here takes bytes (and, where time matters, the present moment) and gives back
//! messages, so that it can be replayed, fuzzed and tested by property.

mod batch;
pub mod characters;
mod framing;
mod hex;
mod line_feeds;
mod marks;
pub mod text;
pub mod tls_records;
mod visible;

pub use batch::{Batch, BatchBuilder, Boundary, Cut};
pub use framing::{Framer, Framing, FramingError, LENGTH_PREFIX_BYTES, LONGEST_MESSAGE, LONGEST_PREFIXED, QUIET_TAIL};
pub use hex::{HexError, decode_hex, encode_hex};
pub use marks::mark;
pub use visible::{OF_LINES, Piece, pieces, symbol, visible, visible_text, write_json_line};
