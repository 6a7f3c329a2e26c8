//! What the command line says, in the user's language: `--help`, and what is wrong with the arguments.

use std::{borrow::Cow, error::Error as _, ffi::OsString, io::Write as _, path::Path, process};

use clap::{
    Command, CommandFactory as _, Error,
    builder::Resettable,
    error::{ContextKind, ContextValue, ErrorKind},
};
use i18n_embed::LanguageLoader as _;
use i18n_embed_fl::fl;

use super::{AddressError, Cli, WrongUse, examples, values::WrongValue};
use crate::{
    chat::{LEAST_PEER_TIMEOUT, MOST_PEER_TIMEOUT, NotANetwork},
    explain,
    i18n::{self, Words},
    settings::{DataFolder, Language, Settings},
    wire::{EscapeError, LONGEST_DELIMITER, LONGEST_MESSAGE, text::OFFERED},
};

/// Why arguments are no command line.
pub(super) enum Wrong {
    /// clap says so, or has been asked for help.
    Parsed(Error),
    /// Each is right, but not together.
    Used(WrongUse),
}

/// Says what is wrong, or gives the help that was asked for, and ends the process with clap's status.
pub(super) fn end_with(wrong: Wrong, arguments: &[OsString]) -> ! {
    let words = i18n::words(language_asked_for(arguments));
    let error = match wrong {
        Wrong::Parsed(error) => error,
        Wrong::Used(wrong) if is_english(&words) => wrong.into_clap(),
        Wrong::Used(wrong) => end(&words, &used_wrongly(&words, wrong)),
    };
    if is_english(&words) {
        error.exit();
    }
    if error.use_stderr() {
        end(&words, &parsed_wrongly(&words, &error));
    }
    match in_words(&words).try_get_matches_from(arguments) {
        Err(help) => help.exit(),
        Ok(_) => error.exit(),
    }
}

/// Says what is wrong, and where help is.
fn end(words: &Words, what: &str) -> ! {
    let (error, more) = (fl!(words, "cli-error", what = what), fl!(words, "cli-more"));
    // Where nobody can be told there is nobody to tell.
    drop(writeln!(std::io::stderr(), "{error}\n\n{more}"));
    process::exit(WRONG_USAGE);
}

/// The exit status of clap.
const WRONG_USAGE: i32 = 2;

fn is_english(words: &Words) -> bool {
    words.current_language().language.as_str() == "en"
}

/// The language as far as it can be told from arguments that are no command line: the one asked for, else the saved one.
fn language_asked_for(arguments: &[OsString]) -> Language {
    let value_of = |flag: &str| {
        let mut all = arguments.iter().map(|argument| argument.to_string_lossy()).skip_while(|argument| {
            argument != flag && argument.strip_prefix(flag).is_none_or(|rest| !rest.starts_with('='))
        });
        let found = all.next()?;
        match found.split_once('=') {
            Some((_, value)) => Some(value.to_owned()),
            None => all.next().map(Cow::into_owned),
        }
    };
    if let Some(asked) = value_of("--lang") {
        match asked.as_str() {
            "en" => return Language::English,
            "zh-CN" => return Language::Chinese,
            _ => {}
        }
    }
    let folder = DataFolder::locate(value_of("--data-dir").as_deref().map(Path::new));
    folder
        .ok()
        .and_then(|folder| Settings::read(&folder.settings()).ok())
        .map(|saved| saved.language)
        .unwrap_or_default()
}

/// The command line's definition with its help in these words. That of the derived one is English.
fn in_words(words: &Words) -> Command {
    let mut command = Cli::command();
    // Only then has it the flags and the subcommand that clap adds.
    command.build();
    of_command(command, words)
}

fn of_command(command: Command, words: &Words) -> Command {
    let command = match text(words, "cli-", command.get_name()) {
        Some(about) => command.about(about),
        None => command,
    };
    let examples = examples::of(command.get_name());
    let command = if examples.is_empty() {
        command
    } else {
        let in_words =
            examples.iter().map(|example| (words.get(&format!("cli-example-{}", example.key)), example.line));
        command.after_long_help(examples::text(&fl!(words, "cli-examples"), in_words))
    };
    let usage = usage(command.clone(), words);
    let template =
        format!("{{about-with-newline}}\n{}{{usage}}\n\n{{all-args}}{{after-help}}", fl!(words, "cli-usage"));
    command
        .override_usage(usage)
        .help_template(template)
        .subcommand_help_heading(heading(fl!(words, "cli-commands")))
        .mut_args(|arg| {
            let positional = arg.is_positional();
            let above = if positional { fl!(words, "cli-arguments") } else { fl!(words, "cli-options") };
            let arg = arg.help_heading(heading(above));
            let Some(help) = text(words, "cli-arg-", arg.get_id().as_str()) else { return arg };
            let values: Vec<String> =
                arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            let help = if values.is_empty() || !arg.get_action().takes_values() {
                help
            } else {
                help + &fl!(words, "cli-values", values = i18n::listed(words, &values))
            };
            arg.help(help).long_help(Resettable::Reset).hide_possible_values(true).hide_default_value(true)
        })
        .mut_subcommands(|subcommand| of_command(subcommand, words))
}

/// A heading lives as long as the process, which ends when its help is written.
fn heading(text: String) -> &'static str {
    text.leak()
}

/// How it is called, with what clap puts for the rest in these words.
fn usage(mut command: Command, words: &Words) -> String {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    usage.replace("[OPTIONS]", &fl!(words, "cli-usage-options")).replace("COMMAND", &fl!(words, "cli-usage-command"))
}

/// The text of a command or an argument; clap's own have one too.
fn text(words: &Words, of: &str, name: &str) -> Option<String> {
    let key = format!("{of}{}", name.replace('_', "-"));
    words.has(&key).then(|| words.get(&key))
}

fn used_wrongly(words: &Words, wrong: WrongUse) -> String {
    match wrong {
        WrongUse::OfTheWindow => fl!(words, "cli-of-the-window"),
        WrongUse::PortTwice => fl!(words, "cli-port-twice"),
        WrongUse::PortZero => fl!(words, "address-port"),
        WrongUse::Many(ip) => fl!(words, "address-many", ip = ip.to_string()),
    }
}

fn parsed_wrongly(words: &Words, error: &Error) -> String {
    let of = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(several)) => i18n::listed(words, several),
        _ => String::new(),
    };
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => fl!(words, "cli-no-value", arg = arg),
        ErrorKind::InvalidValue => {
            let values = fl!(words, "cli-values", values = of(ContextKind::ValidValue));
            fl!(words, "cli-wrong-value", arg = arg, value = value) + &values
        }
        ErrorKind::ValueValidation => {
            let wrong = fl!(words, "cli-wrong-value", arg = arg, value = value);
            fl!(words, "named", name = wrong, what = why(words, error))
        }
        ErrorKind::UnknownArgument => fl!(words, "cli-unknown-argument", arg = arg),
        ErrorKind::InvalidSubcommand => {
            fl!(words, "cli-unknown-command", command = of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => fl!(words, "cli-missing", arg = arg),
        ErrorKind::ArgumentConflict => {
            fl!(words, "cli-conflict", arg = arg, other = of(ContextKind::PriorArg))
        }
        // What is left is rare, and clap has no parts of it that a sentence could be made of.
        _ => error.to_string().trim_start_matches("error: ").trim_end().to_owned(),
    }
}

/// Why the value can't be used.
fn why(words: &Words, error: &Error) -> String {
    let Some(source) = error.source() else { return String::new() };
    if let Some(error) = source.downcast_ref::<AddressError>() {
        return explain::address_error(words, error, &[]);
    }
    match source.downcast_ref::<WrongValue>() {
        Some(WrongValue::PeerTimeout) => {
            let (least, most) = (LEAST_PEER_TIMEOUT.as_secs().to_string(), MOST_PEER_TIMEOUT.as_secs().to_string());
            return fl!(words, "peer-timeout-wrong", least = least, most = most);
        }
        Some(WrongValue::Encoding) => {
            let offered = OFFERED.map(|encoding| encoding.name().to_owned());
            return fl!(words, "cli-encodings", encodings = i18n::listed(words, &offered));
        }
        Some(WrongValue::Seconds) => return fl!(words, "cli-seconds"),
        Some(WrongValue::Escapes(error)) => return escape_error(words, error),
        Some(WrongValue::DelimiterLength) => return fl!(words, "cli-delimiter", most = LONGEST_DELIMITER),
        Some(WrongValue::Group) => return fl!(words, "cli-group"),
        Some(WrongValue::Fixed) => {
            return fl!(words, "cli-range", least = "1", most = LONGEST_MESSAGE.to_string());
        }
        Some(WrongValue::Network(NotANetwork(network))) => {
            return fl!(words, "cli-network", network = network.as_str());
        }
        Some(WrongValue::NetworkFile { path, why }) => {
            return fl!(words, "cli-network-file", path = path.as_str(), why = why.as_str());
        }
        None => {}
    }
    let said = source.to_string();
    match said.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        Some((least, most)) => fl!(words, "cli-range", least = least, most = most),
        None if said.contains("digit") => fl!(words, "cli-no-number"),
        None => said,
    }
}

fn escape_error(words: &Words, error: &EscapeError) -> String {
    match error {
        EscapeError::Unknown { position, found } => {
            fl!(words, "cli-escape-unknown", position = position.to_string(), found = found.to_string())
        }
        EscapeError::Unfinished { position } => {
            fl!(words, "cli-escape-unfinished", position = position.to_string())
        }
        EscapeError::NoCharacter { position } => {
            fl!(words, "cli-escape-no-character", position = position.to_string())
        }
        // The encoding that is asked is UTF-8, which has all.
        EscapeError::Unmappable(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// What this command line leads to in Chinese, where it is wrong.
    fn said(line: &str) -> String {
        let words = i18n::words(Language::Chinese);
        match Cli::try_parse_from(line.split_whitespace()) {
            Err(error) => parsed_wrongly(&words, &error),
            Ok(cli) => used_wrongly(&words, cli.checked().expect_err(line)),
        }
    }

    /// The help of each command, from that definition.
    fn pages(mut command: Command) -> Vec<String> {
        command.build();
        let mut pages = vec![command.render_help().to_string(), command.render_long_help().to_string()];
        for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
            pages.extend(self::pages(subcommand.clone()));
        }
        pages
    }

    #[test]
    fn the_english_texts_are_those_of_the_help_and_the_man_pages() {
        fn each(command: &Command, words: &Words) {
            let about = command.get_about().map(ToString::to_string);
            assert_eq!(text(words, "cli-", command.get_name()), about);
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string);
                assert_eq!(text(words, "cli-arg-", arg.get_id().as_str()), help, "{}", command.get_name());
            }
            command.get_subcommands().for_each(|subcommand| each(subcommand, words));
        }
        each(&Cli::command(), &i18n::words(Language::English));
    }

    #[test]
    fn in_chinese_each_command_and_each_argument_is_explained_in_chinese() {
        fn each(command: &Command) {
            let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(han(&about), "{}: {about}", command.get_name());
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(han(&help), "{} {}: {help}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(each);
        }
        let command = in_words(&i18n::words(Language::Chinese));
        each(&command);
        for page in pages(command) {
            for english in
                ["Usage", "Options:", "Arguments:", "Commands:", "OPTIONS", "COMMAND", "possible", "default", "Print"]
            {
                assert!(!page.contains(english), "{english}: {page}");
            }
        }
    }

    #[test]
    fn what_is_wrong_names_what_was_typed_and_says_why() {
        for (line, expected) in [
            ("sockhop listen --backlog 0", "--backlog <N> 不能是“0”：请输入 1 到 2147483647 的整数"),
            ("sockhop listen --backlog five", "--backlog <N> 不能是“five”：请输入整数"),
            (
                "sockhop listen --framing words",
                "--framing <FRAMING> 不能是“words”（可选：line、cr、chunk、length、quiet）",
            ),
            ("sockhop connect a:1 --idle soon", "--idle <SECONDS> 不能是“soon”：请输入 0.001 到 86400 的秒数"),
            (r"sockhop listen --delimiter \q", r"--delimiter <TEXT> 不能是“\q”：第 1 个字符处的 \q 没有意义"),
            (
                "sockhop listen --allow lan",
                "--allow <NETWORK> 不能是“lan”：“lan”不是地址，也不是网络，例如 192.168.1.20 或 192.168.1.0/24",
            ),
            ("sockhop listen --peer-timeout 2", "--peer-timeout <SECONDS> 不能是“2”：请输入 0，或 3 到 86400 的整数"),
            (
                "sockhop listen a.example:80",
                "[ADDR:PORT] 不能是“a.example:80”：请输入 IP 地址（例如 192.168.1.20 或 ::1）或本机的主机名",
            ),
            ("sockhop connect ::1:8888", "<HOST:PORT> 不能是“::1:8888”：IPv6 地址带端口时要加方括号：[::1]:8888"),
            ("sockhop connect", "缺少 <HOST:PORT>"),
            ("sockhop connect a:1 2", "端口写了两次"),
            ("sockhop connect a 0", "端口是 1 到 65535 的整数"),
            ("sockhop speak", "没有 speak 这个命令"),
            ("sockhop listen --loud", "没有 --loud 这个参数"),
            ("sockhop listen --encoding", "--encoding <NAME> 缺少值"),
            ("sockhop listen --reply a --echo", "--reply <TEXT> 不能与 --echo 同时使用"),
            ("sockhop --listen 1 interfaces", "--listen、--connect、--frame-log 和命令前的端口用于窗口，不能用于命令"),
        ] {
            assert_eq!(said(line), expected, "{line}");
        }
        assert!(said("sockhop listen --encoding klingon").contains("UTF-8、"));
    }

    #[test]
    fn the_language_is_read_from_arguments_that_are_no_command_line() {
        let asked = |line: &str| {
            let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            language_asked_for(&arguments)
        };
        for (line, language) in [
            ("sockhop --lang zh-CN --loud", Language::Chinese),
            ("sockhop listen --lang=en --backlog 0", Language::English),
            ("sockhop --loud --data-dir /nowhere", Language::System),
            ("sockhop --data-dir=/nowhere --lang", Language::System),
        ] {
            assert_eq!(asked(line), language, "{line}");
        }
    }
}
