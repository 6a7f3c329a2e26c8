//! What `listen` and `connect` have in common: how a conversation is held, and what becomes of what is said.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::values::{self, DelimiterText};
use crate::{
    chat::{ConversationOptions, LONGEST_KEEPALIVE, LineEnding},
    settings::{AutoReplyChoice, LARGEST_RECV, Settings},
    wire::{
        ByteOrder, Delimiter, FixedLength, Framing, LONGEST_QUIET, LengthPrefix, MOST_PREFIX_OFFSET, PrefixWidth,
        text::TextEncoding,
    },
};

/// What `listen` and `connect` have in common. What is not given is as [`Settings::default`] has it, whatever the
/// window's settings are, unless `--settings` is given.
#[derive(Clone, Debug, Default, Args)]
pub struct ConnArgs {
    /// What is not given here comes from the window’s saved settings, not from the defaults
    #[arg(long)]
    pub settings: bool,

    /// Pass bytes on as they are, like a pipe: standard input goes out unchanged, and what comes goes to standard output,
    /// which has nothing else
    #[arg(long, conflicts_with_all = ["json", "framing", "delimiter", "fixed", "prefix", "line_ending", "encoding"])]
    pub raw: bool,

    /// Where a received message ends; by default at the end of a line
    #[arg(long, value_parser = values::framing())]
    pub framing: Option<Framing>,

    /// A message ends with this text, received and sent; \r, \n, \x03 and the like are read as in a program
    #[arg(long, value_name = "TEXT", value_parser = values::delimiter, conflicts_with = "framing")]
    pub delimiter: Option<DelimiterText>,

    /// Each message received has so many bytes
    #[arg(long, value_name = "BYTES", value_parser = values::fixed, conflicts_with_all = ["framing", "delimiter"])]
    pub fixed: Option<FixedLength>,

    /// A length of so many bytes is before each message, received and sent
    #[arg(
        long,
        value_name = "BYTES",
        value_parser = values::prefix_width(),
        conflicts_with_all = ["framing", "delimiter", "fixed"]
    )]
    pub prefix: Option<PrefixWidth>,

    /// The order of the bytes of --prefix; big by default
    #[arg(long, requires = "prefix")]
    pub prefix_order: Option<ByteOrder>,

    /// The length of --prefix counts all of the message, itself too
    #[arg(long, requires = "prefix")]
    pub prefix_self: bool,

    /// So many bytes of the message are before the length of --prefix
    #[arg(
        long,
        value_name = "BYTES",
        requires = "prefix",
        value_parser = clap::value_parser!(u8).range(0..=i64::from(MOST_PREFIX_OFFSET))
    )]
    pub prefix_offset: Option<u8>,

    /// After so many milliseconds without a byte a tail is shown, or with --framing quiet a message ends; 200 by default
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_QUIET.as_millis() as u64))]
    pub quiet_ms: Option<u64>,

    /// Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …
    #[arg(long, value_name = "NAME", value_parser = values::encoding)]
    pub encoding: Option<TextEncoding>,

    /// What is added to each line sent; LF by default
    #[arg(long)]
    pub line_ending: Option<LineEnding>,

    /// Bytes asked of each recv; 4096 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST_RECV as i64))]
    pub recv_size: Option<u32>,

    /// Answer each message with this text
    #[arg(long, value_name = "TEXT", conflicts_with = "echo")]
    pub reply: Option<String>,

    /// Answer each message with itself
    #[arg(long)]
    pub echo: bool,

    /// Answer nothing, whatever --settings says
    #[arg(long, conflicts_with_all = ["reply", "echo"])]
    pub no_reply: bool,

    /// Keep this end open when the peer finishes sending
    #[arg(long)]
    pub half_open: bool,

    /// Only send: what comes is read and thrown away, and the connection is closed once standard input has been sent
    #[arg(long)]
    pub send_only: bool,

    /// Only receive: standard input is not read
    #[arg(long, conflicts_with = "send_only")]
    pub receive_only: bool,

    /// Wait so many milliseconds after each line before the next is sent
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=86_400_000))]
    pub delay: Option<u64>,

    /// End a conversation over which nothing has come or gone for this long
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    pub idle: Option<Duration>,

    /// Ask whether the peer’s system is still there after this long without a word from it; after a quarter of
    /// --peer-timeout by default
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=LONGEST_KEEPALIVE as i64))]
    pub keepalive: Option<u32>,

    /// Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default,
    /// 0 leaves it to this system
    #[arg(long, value_name = "SECONDS", value_parser = values::peer_timeout)]
    pub peer_timeout: Option<u64>,

    /// Write all that is sent and received to this file too, as it is on the wire
    #[arg(long = "output", short = 'o', value_name = "FILE")]
    pub copy_to: Option<PathBuf>,

    /// Write all that is sent and received to this file too, as hex and text, with times
    #[arg(long, short = 'x', value_name = "FILE")]
    pub hex_dump: Option<PathBuf>,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl ConnArgs {
    /// The settings to begin with, changed by what was given.
    #[must_use]
    pub fn over(&self, saved: Settings) -> Settings {
        let (auto_reply, reply_text) = match &self.reply {
            _ if self.no_reply => (AutoReplyChoice::Off, saved.reply_text),
            Some(text) => (AutoReplyChoice::Text, text.clone()),
            None if self.echo => (AutoReplyChoice::Echo, saved.reply_text),
            None => (saved.auto_reply, saved.reply_text),
        };
        let encoding = self.encoding.unwrap_or(saved.encoding);
        let delimiter = self.delimiter.as_ref().and_then(|text| Delimiter::new(&text.bytes(encoding)));
        let (framing, line_ending) = (self.framing(delimiter), delimiter.map(LineEnding::Own));
        let settings = Settings {
            framing: framing.unwrap_or(saved.framing),
            quiet_ms: self.quiet_ms.unwrap_or(saved.quiet_ms),
            encoding,
            line_ending: self.line_ending.or(line_ending).unwrap_or(saved.line_ending),
            recv_size: self.recv_size.map_or(saved.recv_size, |size| size as usize),
            auto_reply,
            reply_text,
            half_open: self.half_open || saved.half_open,
            peer_timeout: self.peer_timeout.unwrap_or(saved.peer_timeout),
            ..saved
        };
        if self.raw {
            let (framing, encoding) = (Framing::Chunk, TextEncoding::default());
            return Settings { framing, encoding, line_ending: LineEnding::None, ..settings };
        }
        settings
    }

    /// Where a message ends, if that was given.
    fn framing(&self, delimiter: Option<Delimiter>) -> Option<Framing> {
        let prefix = self.prefix.map(|width| {
            Framing::Length(LengthPrefix {
                width,
                order: self.prefix_order.unwrap_or_default(),
                counts_itself: self.prefix_self,
                offset: self.prefix_offset.unwrap_or(0),
            })
        });
        let fixed = self.fixed.map(Framing::Fixed);
        self.framing.or(delimiter.map(Framing::Delimiter)).or(fixed).or(prefix)
    }

    /// Over UDP nothing is added to a datagram unless that is asked for.
    pub fn set_datagrams(&self, settings: &mut Settings) {
        settings.line_ending = self.line_ending.unwrap_or(LineEnding::None);
        settings.framing = Framing::Chunk;
    }

    /// How a conversation is held with these settings.
    #[must_use]
    pub fn manner(&self, settings: &Settings) -> ConversationOptions {
        let mut manner = settings.conversation_options();
        manner.options.keepalive =
            self.keepalive.map(|seconds| Duration::from_secs(seconds.into())).or(manner.options.keepalive);
        manner
    }
}
