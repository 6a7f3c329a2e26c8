//! Bytes ↔ messages: no sockets, no clock, no threads.
//!
//! Everything here takes bytes (and, where time matters, the present moment) and gives back
//! messages, so that it can be replayed, fuzzed and tested by property.

mod framing;
mod hex;
pub mod text;

pub use framing::{
    Batch, BatchBuilder, Boundary, Cut, Framer, Framing, FramingError, LENGTH_PREFIX_BYTES, LONGEST_MESSAGE,
    LONGEST_PREFIXED, QUIET_TAIL,
};
pub use hex::{HexError, decode_hex, encode_hex};
