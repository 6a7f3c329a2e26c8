//! `sockhop interfaces`: this machine's addresses.

use std::{
    io::{self, Write},
    net::IpAddr,
    process::ExitCode,
};

use i18n_embed_fl::fl;
use serde::Serialize;

use super::{FAILED, complain};
use crate::{
    cli::InterfacesArgs,
    host::{self, Interface, InterfaceKind},
    i18n::Words,
    wire::{visible, write_json_line},
};

/// List this machine's addresses: `sockhop interfaces`.
#[must_use]
pub fn interfaces(args: InterfacesArgs, words: &Words) -> ExitCode {
    let listed = host::interfaces().map_err(|error| error.to_string()).and_then(|interfaces| {
        match list(&interfaces, args.json, words, &mut io::stdout().lock()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
            _ => Ok(()),
        }
    });
    match listed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(FAILED)
        }
    }
}

/// One of them, in the form that `--json` prints.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    ip: IpAddr,
    kind: &'static str,
}

fn list(interfaces: &[Interface], json: bool, words: &Words, out: &mut impl Write) -> io::Result<()> {
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let name_width = widest(&mut interfaces.iter().map(|interface| interface.name.chars().count()));
    let address_width = widest(&mut interfaces.iter().map(|interface| interface.address.to_string().len()));
    for Interface { name, address, kind, .. } in interfaces {
        if json {
            let row = Row { name, ip: *address, kind: kind_name(*kind) };
            write_json_line(&mut *out, &row)?;
        } else {
            let name = visible(name, &[]);
            let reach = kind_in_words(words, *kind);
            writeln!(out, "{name:name_width$}  {:address_width$}  {reach}", address.to_string())?;
        }
    }
    out.flush()
}

fn kind_name(kind: InterfaceKind) -> &'static str {
    match kind {
        InterfaceKind::Lan => "lan",
        InterfaceKind::Public => "public",
        InterfaceKind::Virtual => "virtual",
        InterfaceKind::LinkLocal => "link_local",
        InterfaceKind::Loopback => "loopback",
    }
}

/// From where an address of this kind can be reached.
fn kind_in_words(words: &Words, kind: InterfaceKind) -> String {
    match kind {
        InterfaceKind::Lan => fl!(words, "term-interface-lan"),
        InterfaceKind::Public => fl!(words, "term-interface-public"),
        InterfaceKind::Virtual => fl!(words, "term-interface-virtual"),
        InterfaceKind::LinkLocal => fl!(words, "term-interface-link-local"),
        InterfaceKind::Loopback => fl!(words, "term-interface-loopback"),
    }
}
