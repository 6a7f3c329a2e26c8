//! A traceback of Python, or one line of it, taken apart: which mistake it is, of which call, on which address.
//!
//! Reads text that anybody may have written, and asks nobody anything.

use super::exceptions::{Exception, System};
use crate::net::CallKind;

/// The most bytes that are looked at; of a longer text its end, where the exception is.
pub const MOST_READ: usize = 64 * 1024;

/// A mistake, as far as the text says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// An error of a socket's call, by its row in the table.
    System(&'static Exception),
    /// The name has no address.
    NoSuchName,
    /// No name server answered.
    NoNameServer,
    /// The address is of another family than the socket.
    OtherFamily,
    /// Nothing came within the time that `settimeout` gave.
    TimedOut,
    /// The bytes end in the middle of a character.
    CharacterCut,
    /// The bytes are none of that encoding.
    OtherEncoding,
    /// The encoding has no bytes for a character.
    NoBytesFor,
    /// Text where bytes are wanted.
    TextForBytes,
    /// Text and bytes added to each other.
    TextAndBytes,
    /// `decode` of text.
    DecodeOfText,
    /// `encode` of bytes.
    EncodeOfBytes,
    /// Host and port as two arguments.
    TwoArguments,
    /// The address is not a tuple.
    NotATuple,
    /// The port is text.
    PortIsText,
    /// The port is too large, or negative.
    PortTooLarge,
    /// What `accept` returned was not taken apart.
    TupleForSocket,
    /// As many names as `accept` returns values were not given.
    OtherCount,
    /// The module was called as if it were its class.
    ModuleCalled,
    /// A file of the student's has the name of the module.
    ModuleShadowed,
    /// The module was not imported.
    NotImported,
    /// There is no module of that name.
    NoSuchModule,
    /// Fewer bytes than `struct.unpack` wants.
    TooFewBytes,
    /// There is no more input.
    EndOfInput,
    /// The user ended it.
    Interrupted,
    /// An exception that is not one of these.
    Unknown,
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// The line with the exception.
    pub line: String,
    /// Which mistake it is.
    pub mistake: Mistake,
    /// The system that the program ran on, where its number or words say so.
    pub system: Option<System>,
    /// The call that failed, where a line of the program shows it.
    pub call: Option<CallKind>,
    /// The host and the port that this line has written out.
    pub address: (Option<String>, Option<u16>),
}

impl Pasted {
    /// What this text says; None, where it has no exception.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.get(text.floor_char_boundary(text.len().saturating_sub(MOST_READ))..).unwrap_or_default();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // The last one: of exceptions that follow from each other it is the one that ended the program.
        let (place, line) =
            lines.iter().enumerate().rev().find(|(_, line)| is_exception(line) || named(line).is_some())?;
        // Windows prints long messages, and some copy them in two lines.
        let mut whole = (*line).to_owned();
        for more in lines.get(place + 1..).unwrap_or_default().iter().take(2) {
            whole.push(' ');
            whole.push_str(more);
        }
        let before = lines.get(..place).unwrap_or_default();
        let (number, said) = number(&whole);
        let (exception, system) = exception(line, number, &whole);
        let mistake = match exception {
            Some(exception) => Mistake::System(exception),
            None => of_words(&whole, number),
        };
        let code = before.iter().rev().find_map(|line| Some((call_in(line)?, *line)));
        let call = code.map(|(call, _)| call).or_else(|| of_message(&whole));
        let address = code.map_or((None, None), |(_, line)| address_in(line));
        let system = system.or(if said == Some(System::Windows) { said } else { None });
        Some(Self { line: (*line).to_owned(), mistake, system, call, address })
    }
}

/// Whether a line has an exception: its class and a colon, or one of the numbers in brackets.
fn is_exception(line: &str) -> bool {
    if line.contains("[Errno ") || line.contains("[WinError ") {
        return true;
    }
    let class = line.split(':').next().unwrap_or_default().trim();
    let name = class.rsplit('.').next().unwrap_or_default();
    !class.contains(' ')
        && (name.ends_with("Error") || ["timeout", "error", "KeyboardInterrupt", "gaierror"].contains(&name))
        && class.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        && (class.len() < line.trim_end().len() || name.ends_with("Error") || name == "KeyboardInterrupt")
}

/// The number in brackets, and of which systems it may be.
fn number(line: &str) -> (Option<i32>, Option<System>) {
    for (mark, system) in [("[WinError ", Some(System::Windows)), ("[Errno ", None)] {
        let found = line.split_once(mark).and_then(|(_, rest)| rest.split_once(']')?.0.trim().parse().ok());
        if let Some(number) = found {
            // Of Windows too is a number of Winsock that Python calls errno.
            let winsock = matches!(number, 10_000..=11_999).then_some(System::Windows);
            return (Some(number), system.or(winsock));
        }
    }
    (None, None)
}

/// The row of the table that the exception is of, and the system whose number or words it has.
fn exception(line: &str, number: Option<i32>, whole: &str) -> (Option<&'static Exception>, Option<System>) {
    if ["gaierror", "herror", "UnicodeDecodeError", "UnicodeEncodeError"].iter().any(|class| line.contains(class)) {
        return (None, None);
    }
    let words_of = |one: &Exception, system: System| {
        let words = one.printed(system).words;
        let chinese = if system == System::Windows { one.in_chinese_windows() } else { "" };
        !words.is_empty() && whole.contains(words) || !chinese.is_empty() && has_chinese(whole, chinese)
    };
    let has = |one: &Exception, system: System| number.is_some() && one.printed(system).number == number;
    // Both say it: the systems give the same number to different errors.
    let all = || Exception::all().iter().flat_map(|one| System::ALL.map(|system| (one, system)));
    let certain = all().find(|(one, system)| has(one, *system) && words_of(one, *system));
    if let Some((one, system)) = certain {
        let elsewhere = |other: System| other != system && has(one, other) && words_of(one, other);
        let only = !System::ALL.into_iter().any(elsewhere);
        return (Some(one), only.then_some(system));
    }
    if whole.contains("[WinError ") || number.is_some_and(|number| (10_000..12_000).contains(&number)) {
        let found = Exception::all().iter().find(|one| has(one, System::Windows));
        return (found, Some(System::Windows));
    }
    // Without words that are known, only what no other system gives to another error.
    let of: Vec<_> = all().filter(|(one, system)| has(one, *system)).collect();
    if let [(one, _), rest @ ..] = of.as_slice()
        && rest.iter().all(|(other, _)| other == one)
    {
        let only = if let [(_, system)] = of.as_slice() { Some(*system) } else { None };
        return (Some(one), only);
    }
    if let Some(class) = of.iter().find(|(one, _)| line.contains(one.class) && one.class != "OSError") {
        return (Some(class.0), Some(class.1));
    }
    if number.is_some() {
        return (None, None);
    }
    // Words alone, as a program prints them that shows the exception itself; or a class that is of one error.
    if let Some((one, _)) = all().find(|(one, system)| words_of(one, *system)) {
        return (Some(one), None);
    }
    if let Some((one, system)) = named(line) {
        return (Some(one), system);
    }
    let one_error = ["ConnectionRefusedError", "ConnectionResetError", "ConnectionAbortedError", "BrokenPipeError"];
    let class = one_error.iter().find(|class| line.contains(**class));
    (class.and_then(|class| Exception::all().iter().find(|one| one.class == *class)), None)
}

/// The error whose name stands in a line by itself, and the system that calls it so: `connect: ECONNREFUSED`.
fn named(line: &str) -> Option<(&'static Exception, Option<System>)> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 3);
    words.rev().find_map(|word| {
        let of_windows = word.strip_prefix("WSA");
        let one = Exception::all().iter().find(|one| one.name == of_windows.unwrap_or(word))?;
        Some((one, of_windows.map(|_| System::Windows)))
    })
}

/// Whether the text has these Chinese words, whatever the form of their marks, and with 您 for 你.
fn has_chinese(text: &str, words: &str) -> bool {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| !c.is_whitespace() && !"。.，,（）()".contains(*c));
        kept.map(|c| if c == '您' { '你' } else { c }).collect()
    };
    plain(text).contains(&plain(words))
}

/// The mistake that the words say.
fn of_words(line: &str, number: Option<i32>) -> Mistake {
    let has = |words: &str| line.contains(words);
    let any = |words: &[&str]| words.iter().any(|words| line.contains(words));
    if has("gaierror") || any(&["getaddrinfo failed", "nodename nor servname", "Name or service not known"]) {
        return match number {
            Some(-3 | 11_002) => Mistake::NoNameServer,
            _ if has("Temporary failure") => Mistake::NoNameServer,
            Some(-9) => Mistake::OtherFamily,
            _ if has("Address family for hostname not supported") => Mistake::OtherFamily,
            _ => Mistake::NoSuchName,
        };
    }
    if has("UnicodeDecodeError") {
        return if any(&["unexpected end of data", "incomplete multibyte sequence", "truncated data"]) {
            Mistake::CharacterCut
        } else {
            Mistake::OtherEncoding
        };
    }
    if has("UnicodeEncodeError") {
        return Mistake::NoBytesFor;
    }
    if any(&["timed out", "socket.timeout"]) {
        return Mistake::TimedOut;
    }
    if has("bytes-like object is required") {
        return Mistake::TextForBytes;
    }
    if any(&[
        "(not \"bytes\") to str",
        "(not \"str\") to bytes",
        "can't concat str to bytes",
        "can't concat bytes to str",
    ]) {
        return Mistake::TextAndBytes;
    }
    if has("'str' object has no attribute 'decode'") {
        return Mistake::DecodeOfText;
    }
    if has("'bytes' object has no attribute 'encode'") {
        return Mistake::EncodeOfBytes;
    }
    if has("takes exactly one argument (2 given)") {
        return Mistake::TwoArguments;
    }
    if any(&["address must be tuple", "must be a pair"]) {
        return Mistake::NotATuple;
    }
    if any(&["'str' object cannot be interpreted as an integer", "an integer is required (got type str)"]) {
        return Mistake::PortIsText;
    }
    if has("port must be 0-65535") {
        return Mistake::PortTooLarge;
    }
    if has("'tuple' object has no attribute") {
        return Mistake::TupleForSocket;
    }
    if any(&["not enough values to unpack", "too many values to unpack"]) {
        return Mistake::OtherCount;
    }
    if has("'module' object is not callable") {
        return Mistake::ModuleCalled;
    }
    if any(&["module 'socket' has no attribute", "partially initialized module 'socket'", "from 'socket'"]) {
        return Mistake::ModuleShadowed;
    }
    if any(&["name 'socket' is not defined", "name 'struct' is not defined", "name 'threading' is not defined"]) {
        return Mistake::NotImported;
    }
    if any(&["ModuleNotFoundError", "No module named"]) {
        return Mistake::NoSuchModule;
    }
    if any(&["unpack requires a buffer", "unpack_from requires a buffer"]) {
        return Mistake::TooFewBytes;
    }
    if has("EOFError") {
        return Mistake::EndOfInput;
    }
    if has("KeyboardInterrupt") {
        return Mistake::Interrupted;
    }
    Mistake::Unknown
}

/// The call that a message names: `bind(): port must be 0-65535.`
fn of_message(line: &str) -> Option<CallKind> {
    let names = [CallKind::Bind, CallKind::Connect];
    names.into_iter().find(|call| line.contains(&format!("{}()", call.name())))
}

/// The call of a socket that a line of a program makes.
fn call_in(line: &str) -> Option<CallKind> {
    const CALLS: [(&str, CallKind); 17] = [
        (".connect(", CallKind::Connect),
        (".connect_ex(", CallKind::Connect),
        ("create_connection(", CallKind::Connect),
        (".bind(", CallKind::Bind),
        ("create_server(", CallKind::Bind),
        (".listen(", CallKind::Listen),
        (".accept(", CallKind::Accept),
        ("._accept(", CallKind::Accept),
        (".recv(", CallKind::Recv),
        (".recv_into(", CallKind::Recv),
        (".recvfrom(", CallKind::RecvFrom),
        (".sendall(", CallKind::Send),
        (".send(", CallKind::Send),
        (".sendto(", CallKind::SendTo),
        (".shutdown(", CallKind::ShutdownWrite),
        (".setsockopt(", CallKind::SetOption),
        ("socket.socket(", CallKind::Socket),
    ];
    CALLS.into_iter().find(|(written, _)| line.contains(written)).map(|(_, call)| call)
}

/// The host and the port of an address that is written out: `('127.0.0.1', 8888)`.
fn address_in(line: &str) -> (Option<String>, Option<u16>) {
    for (place, _) in line.match_indices('(') {
        let rest = line.get(place + 1..).unwrap_or_default().trim_start();
        let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"')) else { continue };
        let Some((host, after)) = rest.get(1..).and_then(|rest| rest.split_once(quote)) else { continue };
        let Some(port) = after.trim_start().strip_prefix(',') else { continue };
        let digits: String =
            port.trim_start().trim_start_matches(['\'', '"']).chars().take_while(char::is_ascii_digit).collect();
        if host.len() <= 253 && !host.contains(char::is_whitespace) {
            return (Some(host.to_owned()), digits.parse().ok().filter(|port| *port > 0));
        }
    }
    // The host may be a name of the program's, and the port written out.
    let port = line.split_once("((").and_then(|(_, rest)| rest.split_once(','));
    let digits = port.and_then(|(_, port)| port.trim().split(')').next()?.parse().ok()).filter(|port: &u16| *port > 0);
    (None, digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,200}") {
            let _ = Pasted::read(&text);
        }

        #[test]
        fn no_text_that_begins_like_a_traceback_breaks_it(
            parts in prop::collection::vec(prop::sample::select(vec![
                "Traceback (most recent call last):\n", "  File \"a.py\", line 3, in <module>\n", "    s.connect(('", "',", "))", "(",
                "\"", "'", ", 8888", "[Errno ", "[WinError ", "]", "111", "-2", "99999999999999999999", "10061", ": ", "OSError",
                "socket.gaierror", "\n", "由于目标计算机积极拒绝，无法连接。", "\u{feff}", "é", " ",
            ]), 0..30),
        ) {
            let _ = Pasted::read(&parts.concat());
        }
    }

    #[test]
    fn a_text_without_an_exception_is_none() {
        for text in ["", "hello", "你好", "Connecting to 127.0.0.1:8888", "error", "No error here: all is well"] {
            assert_eq!(Pasted::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_name_of_an_error_is_enough() {
        for (text, name, system) in [
            ("ECONNREFUSED", "ECONNREFUSED", None),
            ("connect: ECONNRESET", "ECONNRESET", None),
            ("Error: listen EADDRINUSE: address already in use :::8888", "EADDRINUSE", None),
            ("WSAECONNREFUSED", "ECONNREFUSED", Some(System::Windows)),
            ("recv() failed\nlast error WSAETIMEDOUT (10060)", "ETIMEDOUT", Some(System::Windows)),
        ] {
            let pasted = Pasted::read(text).unwrap_or_else(|| panic!("nothing read in {text}"));
            assert_eq!((named_of(&pasted), pasted.system), (name, system), "{text}");
        }
        assert_eq!(Pasted::read("ECONNREFUSEDLY, EVERYTHING and ERROR are no names"), None);
    }

    fn named_of(pasted: &Pasted) -> &'static str {
        match pasted.mistake {
            Mistake::System(exception) => exception.name,
            _ => "",
        }
    }

    #[test]
    fn the_address_is_read_where_it_is_written_out() {
        let address = |line: &str| address_in(line);
        assert_eq!(address("s.connect(('127.0.0.1', 8888))"), (Some("127.0.0.1".to_owned()), Some(8888)));
        assert_eq!(address("s.bind((\"\", 9999))"), (Some(String::new()), Some(9999)));
        assert_eq!(address("s.connect(('host', port))"), (Some("host".to_owned()), None));
        assert_eq!(address("s.connect((host, 8888))"), (None, Some(8888)));
        assert_eq!(address("s.connect((host, port))"), (None, None));
        assert_eq!(address("s.connect(('127.0.0.1', '8888'))"), (Some("127.0.0.1".to_owned()), Some(8888)));
        assert_eq!(address("s.connect(('a', 70000))"), (Some("a".to_owned()), None));
    }

    /// The mistake by its name, the call and the system, as the table of texts has them.
    fn named(pasted: &Pasted) -> String {
        let mistake = match pasted.mistake {
            Mistake::System(exception) => exception.name.to_owned(),
            other => format!("{other:?}"),
        };
        format!("{mistake} {}", pasted.call.map_or("-", CallKind::name))
    }

    #[test]
    fn what_programs_print_is_the_mistake_that_it_is() {
        let mut texts = 0;
        let mut wrong = Vec::new();
        let linux = include_str!("../../tests/fixtures/tracebacks/linux.txt");
        for (table, of) in
            [(linux, Some(System::Linux)), (include_str!("../../tests/fixtures/tracebacks/elsewhere.txt"), None)]
        {
            for part in table.split("### ").skip(1) {
                let (head, text) = part.split_once('\n').unwrap();
                let mut head = head.split(' ');
                let (mistake, call, system) = (head.next().unwrap(), head.next().unwrap_or("-"), head.next());
                let Some(pasted) = Pasted::read(text) else {
                    wrong.push(format!("nothing read in {text}"));
                    continue;
                };
                texts += 1;
                if named(&pasted) != format!("{mistake} {call}") {
                    wrong.push(format!("{} is not {mistake} {call}: {text}", named(&pasted)));
                }
                let found = pasted.system.map(System::name);
                if system.is_some_and(|system| found != Some(system))
                    || of.is_some() && found.is_some_and(|found| found != "Linux")
                {
                    wrong.push(format!("{found:?} is not {system:?}: {text}"));
                }
                // The last line alone is the same mistake, but for what another line shows.
                let last = text.trim().lines().last().unwrap();
                let alone = Pasted::read(last).unwrap();
                if alone.mistake != pasted.mistake {
                    wrong.push(format!("{alone:?} of {last}"));
                }
            }
        }
        assert!(texts > 70, "{texts}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    #[test]
    fn every_mistake_is_explained_in_both_languages() {
        use crate::{explain::explain_pasted, i18n, settings::Language};
        let tables = [
            include_str!("../../tests/fixtures/tracebacks/linux.txt"),
            include_str!("../../tests/fixtures/tracebacks/elsewhere.txt"),
        ];
        for language in [Language::English, Language::Chinese] {
            let words = i18n::words(language);
            let read = tables.iter().flat_map(|table| table.split("### ")).filter_map(Pasted::read);
            let systems = Exception::all().iter().flat_map(|one| {
                let calls =
                    [None, Some(CallKind::Bind), Some(CallKind::Connect), Some(CallKind::Accept), Some(CallKind::Recv)];
                calls.map(|call| Pasted {
                    line: String::new(),
                    mistake: Mistake::System(one),
                    system: None,
                    call,
                    address: (None, None),
                })
            });
            for pasted in read.chain(systems) {
                let explained = explain_pasted(&words, &pasted).to_string();
                assert!(!explained.is_empty() && !explained.contains("{ $"), "{explained}");
                assert!(!explained.contains("No localization"), "{explained}");
            }
        }
    }
}
