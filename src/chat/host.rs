//! What may be the name of a host: it is typed, imported, looked up, and written into programs.

use std::net::IpAddr;

use crate::wire::mark;

/// Characters of a host's name (RFC 1035, section 2.3.4, without the lengths in between).
pub const LONGEST_HOST: usize = 253;

/// Whether this is an IP address, or may be a name: letters of any script, digits, `.`, `-` and `_`. No blank, no mark
/// and nothing that means something to a shell.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "eth0"));
    if address.contains(':') {
        return address.parse::<IpAddr>().is_ok() && is_name(zone);
    }
    is_name(text)
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| {
        let beyond_ascii = !c.is_ascii() && !c.is_whitespace() && mark(c).is_none();
        c.is_ascii_alphanumeric() || "-._".contains(c) || beyond_ascii
    };
    !text.is_empty() && !text.starts_with('-') && text.chars().count() <= LONGEST_HOST && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_hosts_and_what_commands_a_shell_is_not() {
        for host in ["a", "a.example", "my_pi", "例子.测试", "bücher.example", "127.0.0.1", "::1", "fe80::1%wlp2s0"]
        {
            assert!(is_host(host), "{host}");
        }
        let long = "a".repeat(LONGEST_HOST + 1);
        for no_host in [
            "",
            " ",
            "a b",
            "-x",
            "$(touch${IFS}pwned)",
            "`id`",
            "a;b",
            "a|b",
            "a'b",
            "a\"b",
            "a\\b",
            "a/b",
            "a@b",
            "a&b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\nb",
            "fe80::1%$(id)",
            "::g",
            &long,
        ] {
            assert!(!is_host(no_host), "{no_host:?}");
        }
    }
}
