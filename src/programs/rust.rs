//! The program in Rust, with the standard library alone, which knows no encoding but UTF-8 by name.

use super::{Language, Role, Wanted, comment};
use crate::wire::{Framing, text};

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
        Framing::Line | Framing::Chunk => format!("{remark}    client.write_all({bytes})?;\n"),
        Framing::Length => format!(
            "{remark}    \
                 let text = {bytes};\n    \
                 client.write_all(&(text.len() as u32).to_be_bytes())?;\n    \
                 client.write_all(text)?;\n"
        ),
    }
}

fn receive(wanted: &Wanted) -> String {
    let read = match (wanted.framing, wanted.encoding.unit()) {
        (Framing::Line, 1) => "    \
            let mut data = Vec::new();\n    \
            BufReader::new(&client).read_until(b'\\n', &mut data)?;\n"
            .to_owned(),
        (Framing::Line, _) => "    \
            let (mut data, mut byte) = (Vec::new(), [0]);\n    \
            while !(data.len() % 2 == 0 && data.ends_with(b\"\\n\\0\")) && client.read(&mut byte)? == 1 {\n        \
                data.push(byte[0]);\n    \
            }\n"
        .to_owned(),
        (Framing::Chunk, _) => "    \
            let mut buffer = [0; 1024];\n    \
            let size = client.read(&mut buffer)?;\n    \
            let data = &buffer[..size];\n"
            .to_owned(),
        (Framing::Length, _) => "    \
            let mut size = [0; 4];\n    \
            client.read_exact(&mut size)?;\n    \
            let mut data = vec![0; u32::from_be_bytes(size) as usize];\n    \
            client.read_exact(&mut data)?;\n"
            .to_owned(),
    };
    let print = match (wanted.is_utf_8(), wanted.framing) {
        (true, Framing::Line) => "    println!(\"{}\", String::from_utf8_lossy(&data).trim_end());\n",
        (true, _) => "    println!(\"{}\", String::from_utf8_lossy(&data));\n",
        (false, _) => "    println!(\"{data:02x?}\");\n",
    };
    read + print
}
