//! The command for `nc`, as OpenBSD's has its flags (netcat-openbsd; macOS has the same).

use super::{Language, Role, Wanted, comment};
use crate::wire::{Framing, text};

pub(super) fn write(wanted: &Wanted) -> String {
    let listen = match wanted.role {
        Role::Client => "",
        Role::Server => "-l ",
    };
    let (host, port) = (&wanted.host, wanted.port);
    if wanted.framing == Framing::Line && wanted.is_utf_8() {
        let crlf = if wanted.ending == "\r\n" { "-C " } else { "" };
        let remark = comment(Language::Nc, &wanted.remarks.typed_lines);
        return format!("{remark}nc {crlf}{listen}{host} {port}\n");
    }
    let mut remarks = comment(Language::Nc, &wanted.remarks.typed_after);
    let unframe = if wanted.framing == Framing::Length { " | tail -c +5" } else { "" };
    let mut decode = String::new();
    if !wanted.is_utf_8() {
        remarks += &comment(Language::Nc, &wanted.remarks.shown_late);
        decode = format!(" | iconv -f {} -t UTF-8", charset(wanted.encoding.name()));
    }
    format!("{remarks}(printf '{}'; cat) | nc {listen}{host} {port}{unframe}{decode}\n", message(wanted))
}

/// The message as `printf` has it: what is no printable ASCII as octal digits, which each shell understands;
/// but UTF-8 as it is.
fn message(wanted: &Wanted) -> String {
    let line = wanted.line();
    let bytes = text::encode(&line, wanted.encoding).bytes;
    let prefix = match wanted.framing {
        Framing::Length => octal(&(bytes.len() as u32).to_be_bytes()),
        Framing::Line | Framing::Chunk => String::new(),
    };
    prefix + &if wanted.is_utf_8() { line.replace('\r', "\\r").replace('\n', "\\n") } else { octal(&bytes) }
}

fn octal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| if byte.is_ascii_alphabetic() { char::from(*byte).to_string() } else { format!("\\{byte:03o}") })
        .collect()
}

/// The name that `iconv` has for the encoding; where the names of the standards differ, the one that has the
/// same characters.
fn charset(name: &'static str) -> &'static str {
    match name {
        "Big5" => "BIG5-HKSCS",
        "Shift_JIS" => "CP932",
        "EUC-KR" => "CP949",
        "windows-1252" => "CP1252",
        name => name,
    }
}
