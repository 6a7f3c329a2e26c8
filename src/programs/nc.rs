//! The command for `nc`, as OpenBSD's has its flags (netcat-openbsd; macOS has the same).

use super::{Language, Role, Wanted, comment};
use crate::{
    chat::LineEnding,
    wire::{Framing, text},
};

pub(super) fn write(wanted: &Wanted) -> String {
    let listen = match wanted.role {
        Role::Client => "",
        Role::Server => "-l ",
    };
    let (host, port) = (argument(&wanted.host), wanted.port);
    if wanted.framing == Framing::Line && wanted.is_utf_8() {
        let crlf = if wanted.ending == LineEnding::Crlf { "-C " } else { "" };
        let remark = comment(Language::Nc, &wanted.remarks.typed_lines);
        return format!("{remark}nc {crlf}{listen}{host} {port}\n");
    }
    let mut remarks = comment(Language::Nc, &wanted.remarks.typed_after);
    let unframe = match wanted.framing {
        Framing::Length(prefix) => format!(" | tail -c +{}", prefix.header() + 1),
        _ => String::new(),
    };
    let mut decode = String::new();
    if !wanted.is_utf_8() {
        remarks += &comment(Language::Nc, &wanted.remarks.shown_late);
        decode = format!(" | iconv -f {} -t UTF-8", charset(wanted.encoding.name()));
    }
    format!("{remarks}(printf {}; cat) | nc {listen}{host} {port}{unframe}{decode}\n", quoted(&message(wanted)))
}

/// The message as `printf` has it: what is no printable ASCII as octal digits, which each shell understands;
/// but UTF-8 as it is.
fn message(wanted: &Wanted) -> String {
    let line = wanted.line();
    let bytes = text::encode(&line, wanted.encoding).bytes;
    let length = bytes.len();
    let (before, after) = match wanted.framing {
        Framing::Length(_) => {
            let mut framed = wanted.framing.wrap(bytes.clone(), &[]);
            framed.truncate(framed.len() - length);
            (framed, Vec::new())
        }
        // What is missing of the length, as spaces. Our texts are shorter than any length that holds one.
        Framing::Fixed(fixed) => (Vec::new(), vec![b' '; fixed.get().saturating_sub(length)]),
        _ => (Vec::new(), wanted.delimiter().to_vec()),
    };
    let text = if wanted.is_utf_8() { as_format(&line) } else { octal(&bytes) };
    octal(&before) + &text + &octal(&after)
}

/// An argument: as it is where a shell takes it so, else in quotes.
fn argument(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_%".contains(c);
    // What begins with a dash would be an option to nc.
    let dash = if text.starts_with('-') { "-- " } else { "" };
    if !text.is_empty() && text.chars().all(plain) {
        format!("{dash}{text}")
    } else {
        format!("{dash}{}", quoted(text))
    }
}

/// A string as every shell (POSIX, section 2.2.2) takes it: nothing in it means anything, but for its end.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as `printf` prints it.
fn as_format(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', "%%").replace('\r', r"\r").replace('\n', r"\n")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_run_or_expand_is_quoted() {
        assert_eq!(argument("192.168.1.20"), "192.168.1.20");
        assert_eq!(argument("fe80::1%eth0"), "fe80::1%eth0");
        assert_eq!(argument("$(touch${IFS}pwned)"), "'$(touch${IFS}pwned)'");
        assert_eq!(argument("a'b"), r"'a'\''b'");
        assert_eq!(argument(""), "''");
        assert_eq!(argument("-e"), "-- -e");
    }
}
