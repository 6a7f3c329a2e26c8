//! Examples of the command line, in the help and in the man pages. `tests/terminal/examples.rs` runs each.

/// An example: a line for a shell, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// What the translation files call it: `cli-example-KEY`.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The line. It is for port 8888 of this computer.
    pub line: &'static str,
}

/// Of `sockhop listen`.
pub const LISTEN: [Example; 7] = [
    Example {
        key: "listen",
        about: "Serve clients of this computer; each line typed goes to all of them",
        line: "sockhop listen 127.0.0.1:8888",
    },
    Example {
        key: "room",
        about: "A room to chat in, for nc and scripts, with the address of who said it",
        line: "sockhop listen 8888 --relay-names",
    },
    Example {
        key: "echo",
        about: "Answer each message with itself, until the program is ended",
        line: "sockhop listen 127.0.0.1:8888 --echo < /dev/null",
    },
    Example {
        key: "take",
        about: "Take a file from one client, byte for byte",
        line: "sockhop listen 127.0.0.1:8888 --once --raw --receive-only > photo.jpg",
    },
    Example {
        key: "serve",
        about: "Give one client a file, and the end of it",
        line: "sockhop listen 127.0.0.1:8888 --once --raw < photo.jpg",
    },
    Example {
        key: "allow",
        about: "Let only a classroom’s computers and this one connect",
        line: "sockhop listen 8888 --allow 192.168.1.0/24 --allow 127.0.0.1",
    },
    Example {
        key: "jq",
        about: "Print the messages received, for another program",
        line: "sockhop listen 127.0.0.1:8888 --json | grep '\"event\":\"received\"'",
    },
];

/// Of `sockhop connect`.
pub const CONNECT: [Example; 8] = [
    Example {
        key: "connect",
        about: "Talk to a server; Ctrl+D finishes sending, Ctrl+C ends",
        line: "sockhop connect 127.0.0.1:8888",
    },
    Example {
        key: "ask",
        about: "Send one line and print what comes, until nothing has come for two seconds",
        line: "echo hello | sockhop connect 127.0.0.1 8888 --idle 2",
    },
    Example {
        key: "probe",
        about: "Wait until a server has started",
        line: "until sockhop connect 127.0.0.1:8888 --probe --connect-timeout 1 > /dev/null 2>&1; do sleep 1; done",
    },
    Example {
        key: "give",
        about: "Send a file, byte for byte",
        line: "sockhop connect 127.0.0.1:8888 --raw --send-only < photo.jpg",
    },
    Example {
        key: "device",
        about: "Ask a device that ends its messages with CR, every line half a second after the one before",
        line: "printf 'T?\\nV?\\n' | sockhop connect 127.0.0.1:8888 --delimiter '\\r' --delay 500 --idle 1",
    },
    Example {
        key: "prefix",
        about: "Speak with a program that sends a 2-byte length before each message, the low byte first",
        line: "echo hello | sockhop connect 127.0.0.1:8888 --prefix 2 --prefix-order little",
    },
    Example {
        key: "watch",
        about: "Only receive, connect again whenever the connection ends, and keep what came in a file",
        line: "sockhop connect 127.0.0.1:8888 --receive-only --reconnect --output measured.log",
    },
    Example {
        key: "gbk",
        about: "Talk to a program that writes GBK",
        line: "echo 你好 | sockhop connect 127.0.0.1:8888 --encoding gbk",
    },
];

/// Those of a command by its name.
#[must_use]
pub fn of(command: &str) -> &'static [Example] {
    match command {
        "listen" => &LISTEN,
        "connect" => &CONNECT,
        _ => &[],
    }
}

/// The examples as a man page has them.
#[must_use]
pub(super) fn in_english(examples: &[Example]) -> String {
    text("Examples:", examples.iter().map(|example| (example.about.to_owned(), example.line)))
}

/// The examples under this heading, each with its line below it.
#[must_use]
pub(super) fn text(heading: &str, examples: impl Iterator<Item = (String, &'static str)>) -> String {
    let mut text = heading.to_owned();
    for (about, line) in examples {
        text.extend(["\n  ", &about, ":\n    ", line, "\n"]);
    }
    text.trim_end().to_owned()
}
