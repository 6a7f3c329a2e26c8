//! What the rows of the settings are called.

use i18n_embed_fl::fl;

use crate::{i18n::Words, net::SocketOption};

/// The names of the rows, for the palette.
#[must_use]
pub fn names_of_settings(words: &Words) -> Vec<String> {
    vec![
        fl!(words, "ip-address"),
        fl!(words, "port"),
        fl!(words, "backlog"),
        address_option(words).0,
        fl!(words, "max-clients"),
        fl!(words, "encoding"),
        fl!(words, "framing"),
        fl!(words, "line-ending"),
        fl!(words, "empty-enter"),
        fl!(words, "recv-size"),
        fl!(words, "auto-reply"),
        fl!(words, "when-peer-finishes"),
        fl!(words, "peer-timeout"),
        fl!(words, "keep-history"),
        fl!(words, "remove-after"),
        fl!(words, "visible"),
        fl!(words, "lan-name"),
        fl!(words, "lan-colour"),
        fl!(words, "read-receipts"),
        fl!(words, "language"),
        fl!(words, "theme"),
        fl!(words, "text-size"),
        fl!(words, "presenter-text-size"),
        fl!(words, "notify"),
    ]
}

/// The option of the server's socket that decides who else may have its address, and what it does.
#[must_use]
pub fn address_option(words: &Words) -> (String, String) {
    match SocketOption::of_server(true) {
        SocketOption::ExclusiveAddress(_) => (fl!(words, "exclusive-address"), fl!(words, "exclusive-address-hint")),
        _ => (fl!(words, "reuse-address"), fl!(words, "reuse-address-hint")),
    }
}
