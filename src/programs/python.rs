//! The program in Python, as the course writes it: socket, connect, send, recv, close.

use std::fmt::Write as _;

use super::{Role, Wanted};
use crate::wire::{ByteOrder, Framing, LengthPrefix, mark, text::TextEncoding};

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
        Framing::LENGTH => ("import socket\nimport struct\n\n\n", RECV_EXACTLY),
        Framing::Length(_) => ("import socket\n\n\n", RECV_EXACTLY),
        _ => ("import socket\n\n", ""),
    }
}

const RECV_EXACTLY: &str = "def recv_exactly(sock, size):\n    \
        data = b\"\"\n    \
        while len(data) < size:\n        \
            more = sock.recv(size - len(data))\n        \
            if not more:\n            \
                raise EOFError\n        \
            data += more\n    \
        return data\n\n\n";

fn send(wanted: &Wanted) -> String {
    let (text, encoding) = (quoted(&wanted.line()), codec(wanted));
    match wanted.framing {
        Framing::LENGTH => format!(
            "data = {text}.encode({encoding})\n\
             client.send(struct.pack(\"!I\", len(data)) + data)\n"
        ),
        Framing::Length(prefix) => {
            let (width, order) = (prefix.width.bytes(), order(prefix));
            let counted =
                if prefix.counts_itself { format!("{} + len(data)", prefix.header()) } else { "len(data)".into() };
            let before = prefix.header() - width;
            let before = if before > 0 { format!("bytes({before}) + ") } else { String::new() };
            format!(
                "data = {text}.encode({encoding})\n\
                 client.send({before}({counted}).to_bytes({width}, {order}) + data)\n"
            )
        }
        Framing::Fixed(length) => {
            let length = length.get();
            format!("client.send({text}.encode({encoding}).ljust({length})[:{length}])\n")
        }
        Framing::Delimiter(delimiter) => {
            format!("client.send({text}.encode({encoding}) + {})\n", bytes(delimiter.as_slice()))
        }
        Framing::Line | Framing::Chunk | Framing::Cr | Framing::Quiet => {
            format!("client.send({text}.encode({encoding}))\n")
        }
    }
}

fn receive(wanted: &Wanted) -> String {
    let encoding = codec(wanted);
    match (wanted.framing, wanted.received_ending()) {
        (Framing::LENGTH, _) => format!(
            "(size,) = struct.unpack(\"!I\", recv_exactly(client, 4))\n\
             print(recv_exactly(client, size).decode({encoding}))\n"
        ),
        (Framing::Length(prefix), _) => {
            let (header, order) = (prefix.header(), order(prefix));
            let before = header - prefix.width.bytes();
            let itself = if prefix.counts_itself { format!(" - {header}") } else { String::new() };
            format!(
                "size = int.from_bytes(recv_exactly(client, {header})[{before}:], {order}){itself}\n\
                 print(recv_exactly(client, size).decode({encoding}))\n"
            )
        }
        (_, None) => format!("data = client.recv(1024)\nprint(data.decode({encoding}))\n"),
        (framing, Some(ending)) => {
            let aligned = if wanted.encoding.unit() == 2 && ending.len() % 2 == 0 { "len(data) % 2 or " } else { "" };
            let ending = bytes(&ending);
            let shown = if framing == Framing::Line {
                format!("data.decode({encoding}).rstrip()")
            } else {
                format!("data.removesuffix({ending}).decode({encoding})")
            };
            format!(
                "data = b\"\"\n\
                 while {aligned}not data.endswith({ending}):\n    \
                     more = client.recv(1024)\n    \
                     if not more:\n        \
                         break\n    \
                     data += more\n\
                 print({shown})\n"
            )
        }
    }
}

/// Bytes as Python writes them.
fn bytes(bytes: &[u8]) -> String {
    format!("b\"{}\"", bytes.escape_ascii())
}

fn order(prefix: LengthPrefix) -> &'static str {
    match prefix.order {
        ByteOrder::Big => "\"big\"",
        ByteOrder::Little => "\"little\"",
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
