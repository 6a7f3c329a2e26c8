//! What is said, written to files beside what is told: as it is on the wire, or as hex and text.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Write},
    net::SocketAddr,
    path::Path,
};

use jiff::{Timestamp, tz::TimeZone};

use super::options::Options;
use crate::private_file;

/// Bytes in a row of a dump.
const ROW: usize = 16;

/// The files; what they hold already is replaced.
#[derive(Default)]
pub struct Copies {
    plain: Option<BufWriter<File>>,
    hex: Option<BufWriter<File>>,
    zone: Option<TimeZone>,
}

/// Who has said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The peer.
    Received,
    /// We.
    Sent,
}

impl Copies {
    /// Opens those that were asked for.
    ///
    /// # Errors
    /// Where one can't be written.
    pub fn open(options: &Options) -> io::Result<Self> {
        let open = |path: &Option<std::path::PathBuf>| path.as_deref().map(create).transpose();
        Ok(Self { plain: open(&options.copy_to)?, hex: open(&options.hex_dump)?, zone: Some(TimeZone::system()) })
    }

    /// Writes what was said.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&mut self, at: Timestamp, peer: SocketAddr, said: Said, bytes: &[u8]) -> io::Result<()> {
        if let Some(plain) = &mut self.plain {
            plain.write_all(bytes)?;
        }
        if let Some(hex) = &mut self.hex {
            let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
            hex.write_all(dump(at, &zone, peer, said, bytes).as_bytes())?;
        }
        Ok(())
    }

    /// Hands on what is buffered.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.plain.iter_mut().chain(&mut self.hex).try_for_each(Write::flush)
    }
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = private_file::options().write(true).create(true).truncate(true).open(path).map_err(named)?;
    Ok(BufWriter::new(file))
}

fn dump(at: Timestamp, zone: &TimeZone, peer: SocketAddr, said: Said, bytes: &[u8]) -> String {
    let mark = if said == Said::Received { '←' } else { '→' };
    let time = at.to_zoned(zone.clone()).strftime("%F %T%.3f").to_string();
    let mut text = format!("{time} {mark} {peer}  {}\n", bytes.len());
    for (row, begins) in bytes.chunks(ROW).zip((0..).step_by(ROW)) {
        let _ = write!(text, "{begins:08x} ");
        for place in 0..ROW {
            let gap = if place == ROW / 2 { "  " } else { " " };
            let _ = match row.get(place) {
                Some(byte) => write!(text, "{gap}{byte:02x}"),
                None => write!(text, "{gap}  "),
            };
        }
        let seen = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
        let _ = writeln!(text, "  |{}|", row.iter().map(seen).collect::<String>());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_what_was_said_when_and_by_whom_and_each_byte() {
        let peer = "127.0.0.1:5".parse().unwrap();
        let said = dump(Timestamp::UNIX_EPOCH, &TimeZone::UTC, peer, Said::Received, "hello, 你好 there\n".as_bytes());
        assert_eq!(
            said,
            "1970-01-01 00:00:00.000 ← 127.0.0.1:5  20\n\
             00000000  68 65 6c 6c 6f 2c 20 e4  bd a0 e5 a5 bd 20 74 68  |hello, ...... th|\n\
             00000010  65 72 65 0a                                       |ere.|\n"
        );
    }
}
