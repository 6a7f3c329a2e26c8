//! The end of standard input: what the other end is told of it.

use std::io::{self, Write};

use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{Phase, Role, Session};
use crate::{
    chat::Relay,
    core::Input,
    net::{Command, ConnId},
    settings::AutoReplyChoice,
    terminal::{
        options::Direction,
        report::{Form, Told},
    },
};

impl<W: Write> Session<'_, W> {
    /// Standard input has ended.
    pub fn end_of_input(&mut self) -> io::Result<()> {
        self.input_ended = true;
        match self.role {
            Role::Connect(conn) if self.phase == Phase::Open => {
                self.phase = Phase::Finished;
                if self.options.udp {
                    return self.end_of_datagrams(conn);
                }
                self.inputs.push_back(Input::StopReconnecting(conn));
                self.command(Command::FinishSending { conn });
                if let Some(peer) = self.peers.get(&conn).map(|peer| peer.address) {
                    let told = Told::InputEnded { conn, peer };
                    self.report.tell(self.words, Timestamp::now(), &told)?;
                }
            }
            Role::Connect(_) => {}
            Role::Listen => self.finish_clients(),
        }
        Ok(())
    }

    /// Standard input has ended, which is nothing that UDP could tell: what only sends is done with its last datagram.
    fn end_of_datagrams(&mut self, conn: ConnId) -> io::Result<()> {
        if self.options.direction == Direction::SendOnly {
            self.stop_once_sent(conn);
            return Ok(());
        }
        self.report.note(self.words, Timestamp::now(), &fl!(self.words, "term-udp-input-ended"))
    }

    /// Ends what only sends, once the system has taken its last datagram.
    pub(super) fn stop_once_sent(&mut self, conn: ConnId) {
        let said_all = self.peers.get(&conn).is_none_or(|peer| peer.unsent.is_empty());
        let only_sends = self.options.udp && self.options.direction == Direction::SendOnly;
        if self.phase == Phase::Finished && only_sends && said_all {
            self.stop();
        }
    }

    /// The end of a server's standard input reaches its clients, if anything was in it: an empty one is a server's that
    /// has nothing to say by itself. One that answers has not said all.
    pub(super) fn finish_clients(&mut self) {
        let answers = self.settings.auto_reply != AutoReplyChoice::Off || self.settings.relay != Relay::Off;
        if !self.input_ended || answers || !self.returned.is_empty() {
            return;
        }
        // Through a pipe, an end without a word is one too, once the other side has ended.
        let (said, piped) = (self.had_input, self.report.form() == Form::Raw);
        let conns: Vec<ConnId> = (self.peers.iter_mut())
            .filter(|(_, peer)| said || piped && peer.has_ended)
            .filter_map(|(conn, peer)| (!std::mem::replace(&mut peer.finished, true)).then_some(*conn))
            .collect();
        for conn in conns {
            self.command(Command::FinishSending { conn });
        }
    }
}
