//! The other end of one connection in the terminal: what waits for it, and what was told of it.

use std::{collections::VecDeque, net::SocketAddr, time::Instant};

use crate::{
    chat::{RowNumber, Sent},
    net::Cause,
    wire::text::SplitChar,
};

/// One connection, as far as the terminal counts for itself.
pub(super) struct Peer {
    pub address: SocketAddr,
    /// Half a character received.
    pub carry: SplitChar,
    /// Half a character sent by an echo.
    pub carry_out: SplitChar,
    /// Messages that the journal has and the kernel has not taken yet.
    pub unsent: VecDeque<(RowNumber, Sent)>,
    pub messages_in: u64,
    pub messages_out: u64,
    /// Lines of standard input that did not reach it.
    pub unsent_lines: u64,
    /// How much waits for this peer, counted by `cost`.
    pub queued: usize,
    /// The message that came last has not ended.
    pub goes_on: bool,
    /// It has finished sending.
    pub has_ended: bool,
    /// It was told that we have finished sending.
    pub finished: bool,
    /// When something last came or went.
    pub active: Instant,
    /// When it last took something, or had nothing to take.
    pub progress: Instant,
    /// The failure last told; the same again is not told until something is sent.
    pub told: Option<Cause>,
}

impl Peer {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            carry: SplitChar::default(),
            carry_out: SplitChar::default(),
            unsent: VecDeque::new(),
            messages_in: 0,
            messages_out: 0,
            unsent_lines: 0,
            queued: 0,
            goes_on: false,
            has_ended: false,
            finished: false,
            active: Instant::now(),
            progress: Instant::now(),
            told: None,
        }
    }

    /// That message waits no longer; the kernel takes them in their order.
    pub fn take_unsent(&mut self, number: RowNumber) -> Option<Sent> {
        let place = self.unsent.iter().position(|(waiting, _)| *waiting == number)?;
        self.unsent.remove(place).map(|(_, sent)| sent)
    }
}
