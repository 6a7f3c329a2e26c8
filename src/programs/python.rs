//! The program in Python, as the course writes it: socket, connect, send, recv, close.

use std::fmt::Write as _;

use super::{Role, Wanted};
use crate::wire::{Framing, mark, text::TextEncoding};

pub(super) fn write(wanted: &Wanted) -> String {
    let family = if wanted.is_ipv6() { "AF_INET6" } else { "AF_INET" };
    let (host, port) = (quoted(&wanted.host), wanted.port);
    let (before, after) = imports(wanted.framing);
    let (send, receive) = (send(wanted), receive(wanted));
    match wanted.role {
        Role::Client => format!(
            "{before}{after}\
             client = socket.socket(socket.{family}, socket.SOCK_STREAM)\n\
             client.connect(({host}, {port}))\n\
             {send}\n\
             {receive}\
             client.close()\n"
        ),
        Role::Server => format!(
            "{before}{after}\
             server = socket.socket(socket.{family}, socket.SOCK_STREAM)\n\
             server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)\n\
             server.bind(({host}, {port}))\n\
             server.listen(5)\n\
             print({listening}, server.getsockname())\n\
             \n\
             client, address = server.accept()\n\
             print(address)\n\
             {receive}\
             {send}\
             client.close()\n\
             server.close()\n",
            listening = quoted(&wanted.remarks.listening),
        ),
    }
}

/// What is imported, and what the program needs of its own.
fn imports(framing: Framing) -> (&'static str, &'static str) {
    match framing {
        Framing::Line | Framing::Chunk => ("import socket\n\n", ""),
        Framing::Length => (
            "import socket\nimport struct\n\n\n",
            "def recv_exactly(sock, size):\n    \
                 data = b\"\"\n    \
                 while len(data) < size:\n        \
                     more = sock.recv(size - len(data))\n        \
                     if not more:\n            \
                         raise EOFError\n        \
                     data += more\n    \
                 return data\n\n\n",
        ),
    }
}

fn send(wanted: &Wanted) -> String {
    let (text, encoding) = (quoted(&wanted.line()), codec(wanted));
    match wanted.framing {
        Framing::Line | Framing::Chunk => format!("client.send({text}.encode({encoding}))\n"),
        Framing::Length => format!(
            "data = {text}.encode({encoding})\n\
             client.send(struct.pack(\"!I\", len(data)) + data)\n"
        ),
    }
}

fn receive(wanted: &Wanted) -> String {
    let encoding = codec(wanted);
    match wanted.framing {
        Framing::Line => {
            let goes_on = if wanted.encoding.unit() == 2 {
                "len(data) % 2 or not data.endswith(b\"\\n\\x00\")"
            } else {
                "not data.endswith(b\"\\n\")"
            };
            format!(
                "data = b\"\"\n\
                 while {goes_on}:\n    \
                     more = client.recv(1024)\n    \
                     if not more:\n        \
                         break\n    \
                     data += more\n\
                 print(data.decode({encoding}).rstrip())\n"
            )
        }
        Framing::Chunk => format!("data = client.recv(1024)\nprint(data.decode({encoding}))\n"),
        Framing::Length => format!(
            "(size,) = struct.unpack(\"!I\", recv_exactly(client, 4))\n\
             print(recv_exactly(client, size).decode({encoding}))\n"
        ),
    }
}

/// Python's name for the encoding, in quotes. Where the names of the standards differ, the one that has the
/// same characters.
fn codec(wanted: &Wanted) -> String {
    quoted(&codec_name(wanted.encoding))
}

/// The same without quotes.
#[must_use]
pub fn codec_name(encoding: TextEncoding) -> String {
    match encoding.name() {
        "Big5" => "big5hkscs".to_owned(),
        "Shift_JIS" => "cp932".to_owned(),
        "EUC-KR" => "cp949".to_owned(),
        "UTF-16LE" => "utf-16-le".to_owned(),
        "UTF-16BE" => "utf-16-be".to_owned(),
        "windows-1252" => "cp1252".to_owned(),
        name => name.to_lowercase(),
    }
}

/// A string as Python writes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' => quoted.extend(['\\', character]),
            // Nothing hides in a program, and Python takes no NUL in its source.
            _ if mark(character).is_some() => {
                // A String takes everything.
                let _ = write!(quoted, "\\U{:08x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
