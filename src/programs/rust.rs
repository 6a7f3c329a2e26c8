//! The program in Rust, with the standard library alone, which knows no encoding but UTF-8 by name.

use super::{Language, Role, Wanted, comment};
use crate::wire::{ByteOrder, Framing, LengthPrefix, PrefixWidth, text};

pub(super) fn write(wanted: &Wanted) -> String {
    let address = wanted.address();
    let io = match (wanted.framing, wanted.encoding.unit()) {
        (Framing::Line, 1) => "BufRead, BufReader, Write",
        _ => "Read, Write",
    };
    let (send, receive) = (send(wanted), receive(wanted));
    match wanted.role {
        Role::Client => format!(
            "use std::io::{{{io}}};\n\
             use std::net::TcpStream;\n\
             \n\
             fn main() -> std::io::Result<()> {{\n    \
                 let mut client = TcpStream::connect({address:?})?;\n\
                 {send}\n\
                 {receive}    \
                 Ok(())\n\
             }}\n"
        ),
        Role::Server => format!(
            "use std::io::{{{io}}};\n\
             use std::net::TcpListener;\n\
             \n\
             fn main() -> std::io::Result<()> {{\n    \
                 let server = TcpListener::bind({address:?})?;\n    \
                 println!({listening:?}, server.local_addr()?);\n\
             \n    \
                 let (mut client, address) = server.accept()?;\n    \
                 println!(\"{{address}}\");\n\
                 {receive}\n\
                 {send}    \
                 Ok(())\n\
             }}\n",
            listening = format!("{} {{}}", wanted.remarks.listening.replace('{', "{{").replace('}', "}}")),
        ),
    }
}

fn send(wanted: &Wanted) -> String {
    let line = wanted.line();
    let (remark, bytes) = if wanted.is_utf_8() {
        (String::new(), format!("{line:?}.as_bytes()"))
    } else {
        let remark = format!("    {}", comment(Language::Rust, &wanted.remarks.as_bytes));
        (remark, format!("b\"{}\"", text::encode(&line, wanted.encoding).bytes.escape_ascii()))
    };
    match wanted.framing {
        Framing::Length(prefix) => {
            let counted =
                if prefix.counts_itself { format!("({} + text.len())", prefix.header()) } else { "text.len()".into() };
            let (number, order) = (number(prefix), order(prefix));
            let before = prefix.header() - prefix.width.bytes();
            let before = if before > 0 { format!("    client.write_all(&[0; {before}])?;\n") } else { String::new() };
            format!(
                "{remark}    \
                     let text = {bytes};\n\
                 {before}    \
                     client.write_all(&({counted} as {number}).to_{order}_bytes())?;\n    \
                     client.write_all(text)?;\n"
            )
        }
        Framing::Fixed(length) => format!(
            "{remark}    \
                 let mut text = {bytes}.to_vec();\n    \
                 text.resize({}, b' ');\n    \
                 client.write_all(&text)?;\n",
            length.get()
        ),
        Framing::Delimiter(delimiter) => format!(
            "{remark}    client.write_all({bytes})?;\n    client.write_all(b\"{}\")?;\n",
            delimiter.as_slice().escape_ascii()
        ),
        Framing::Line | Framing::Chunk | Framing::Cr | Framing::Quiet => {
            format!("{remark}    client.write_all({bytes})?;\n")
        }
    }
}

fn receive(wanted: &Wanted) -> String {
    let read = match (wanted.framing, wanted.received_ending()) {
        (Framing::Line, _) if wanted.encoding.unit() == 1 => "    \
            let mut data = Vec::new();\n    \
            BufReader::new(&client).read_until(b'\\n', &mut data)?;\n"
            .to_owned(),
        (Framing::Length(prefix), _) => {
            let (header, number, order) = (prefix.header(), number(prefix), order(prefix));
            let before = header - prefix.width.bytes();
            let itself = if prefix.counts_itself { format!(" - {header}") } else { String::new() };
            let skip =
                if before > 0 { format!("    client.read_exact(&mut [0; {before}])?;\n") } else { String::new() };
            format!(
                "{skip}    \
                     let mut size = [0; {width}];\n    \
                     client.read_exact(&mut size)?;\n    \
                     let mut data = vec![0; {number}::from_{order}_bytes(size) as usize{itself}];\n    \
                     client.read_exact(&mut data)?;\n",
                width = prefix.width.bytes(),
            )
        }
        (_, Some(ending)) => {
            let aligned =
                if wanted.encoding.unit() == 2 && ending.len() % 2 == 0 { "data.len() % 2 == 0 && " } else { "" };
            let ending = ending.escape_ascii();
            format!(
                "    \
                     let (mut data, mut byte) = (Vec::new(), [0]);\n    \
                     while !({aligned}data.ends_with(b\"{ending}\")) && client.read(&mut byte)? == 1 {{\n        \
                         data.push(byte[0]);\n    \
                     }}\n"
            )
        }
        (_, None) => "    \
            let mut buffer = [0; 1024];\n    \
            let size = client.read(&mut buffer)?;\n    \
            let data = &buffer[..size];\n"
            .to_owned(),
    };
    let print = match (wanted.is_utf_8(), wanted.framing) {
        (true, Framing::Line | Framing::Cr) => "    println!(\"{}\", String::from_utf8_lossy(&data).trim_end());\n",
        (true, _) => "    println!(\"{}\", String::from_utf8_lossy(&data));\n",
        (false, _) => "    println!(\"{data:02x?}\");\n",
    };
    read + print
}

/// The type of the length.
fn number(prefix: LengthPrefix) -> &'static str {
    match prefix.width {
        PrefixWidth::One => "u8",
        PrefixWidth::Two => "u16",
        PrefixWidth::Four => "u32",
    }
}

/// In which order its bytes are, as its methods have it.
fn order(prefix: LengthPrefix) -> &'static str {
    match prefix.order {
        ByteOrder::Big => "be",
        ByteOrder::Little => "le",
    }
}
