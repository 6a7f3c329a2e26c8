//! What a student's own program prints for an error: Python's exception, and each system's number and words.

use std::sync::LazyLock;

use i18n_embed::LanguageLoader as _;
use i18n_embed_fl::fl;

use crate::{i18n::Words, net::Errno};

/// One row of `resources/errors.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The name in the headers of Unix; on Windows it begins with `WSA`.
    pub name: &'static str,
    /// The exception that Python raises.
    pub class: &'static str,
    linux: Printed,
    macos: Printed,
    windows: Printed,
    windows_chinese: &'static str,
}

/// What one system prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its number; None, where it has none.
    pub number: Option<i32>,
    /// Its words; empty, where they are not certain.
    pub words: &'static str,
}

/// A system whose numbers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum System {
    /// Linux, with glibc.
    Linux,
    /// macOS.
    MacOs,
    /// Windows, whose numbers Python calls `WinError`.
    Windows,
}

impl System {
    /// In the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Linux, Self::MacOs, Self::Windows];

    /// The one that this program runs on; the other Unixes have the numbers of macOS.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "linux") {
        Self::Linux
    } else {
        Self::MacOs
    };

    /// Its name, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
            Self::Windows => "Windows",
        }
    }
}

static TABLE: LazyLock<Vec<Exception>> = LazyLock::new(|| {
    let text = include_str!("../../resources/errors.tsv");
    text.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(row).collect()
});

fn row(line: &'static str) -> Option<Exception> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    let (name, class) = (cell()?, cell()?);
    let mut printed = || Some(Printed { number: cell()?.parse().ok(), words: cell()? });
    let (linux, macos, windows) = (printed()?, printed()?, printed()?);
    Some(Exception { name, class, linux, macos, windows, windows_chinese: cells.next()? })
}

impl Exception {
    /// All of the table.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &TABLE
    }

    /// The error that has this name in the headers, with or without the `WSA` of Windows.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.strip_prefix("WSA").unwrap_or(name);
        let name = if name == "EWOULDBLOCK" { "EAGAIN" } else { name };
        TABLE.iter().find(|one| one.name == name)
    }

    /// The error of this number, here.
    #[must_use]
    pub fn of(errno: Errno) -> Option<&'static Self> {
        errno.name().and_then(Self::named)
    }

    /// What that system prints for it.
    #[must_use]
    pub fn printed(&self, system: System) -> Printed {
        match system {
            System::Linux => self.linux,
            System::MacOs => self.macos,
            System::Windows => self.windows,
        }
    }

    /// What Windows in Chinese prints for it; empty, where that is not certain.
    #[must_use]
    pub fn in_chinese_windows(&self) -> &'static str {
        self.windows_chinese
    }

    /// The last line of the traceback there.
    #[must_use]
    pub fn line(&self, system: System) -> Option<String> {
        let Printed { number, words } = self.printed(system);
        let number = number?;
        let kind = if system == System::Windows { "WinError" } else { "Errno" };
        Some(format!("{}: [{kind} {number}] {words}", self.class).trim_end().to_owned())
    }

    /// What Python prints for it here, then its numbers elsewhere; for Windows with the words that it
    /// prints in the language of `words`.
    #[must_use]
    pub fn told(&self, words: &Words) -> String {
        let number = |system| self.printed(system).number.map(|number| number.to_string());
        let mut told = Vec::new();
        if let (Some(linux), Some(macos)) = (number(System::Linux), number(System::MacOs)) {
            told.push(if linux == macos {
                fl!(words, "exception-unix", linux = linux)
            } else {
                fl!(words, "exception-unixes", linux = linux, macos = macos)
            });
        }
        if let Some(windows) = number(System::Windows) {
            let chinese = words.current_language().language.as_str() == "zh";
            let said = if chinese { self.windows_chinese } else { self.windows.words };
            told.push(format!("Windows [WinError {windows}] {said}").trim_end().to_owned());
        }
        fl!(words, "exception", class = self.class, told = told.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n, settings::Language};

    #[test]
    fn every_row_of_the_table_is_read_and_no_number_is_there_twice() {
        let lines = include_str!("../../resources/errors.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(Exception::all().len(), lines - 1);
        for system in System::ALL {
            let mut numbers: Vec<i32> = TABLE.iter().filter_map(|one| one.printed(system).number).collect();
            let all = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "{system:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_table_has_the_numbers_and_the_words_of_this_system() {
        for one in Exception::all() {
            let here = one.printed(System::HERE);
            let number = here.number.unwrap();
            assert_eq!(Errno(number).name().map(Exception::named), Some(Some(one)), "{one:?}");
            if System::HERE == System::Linux {
                let said = std::io::Error::from_raw_os_error(number).to_string();
                assert!(said.starts_with(here.words), "{said}");
            }
        }
    }

    #[test]
    fn what_is_told_has_the_exception_and_each_systems_number() {
        let refused = Exception::named("WSAECONNREFUSED").unwrap();
        assert_eq!(
            refused.told(&i18n::words(Language::Chinese)),
            "Python：ConnectionRefusedError，Linux [Errno 111]，macOS [Errno 61] · Windows [WinError 10061] \
             由于目标计算机积极拒绝，无法连接。"
        );
        let line = refused.line(System::Windows).unwrap();
        assert!(line.starts_with("ConnectionRefusedError: [WinError 10061] No connection could be made"), "{line}");
        let pipe = Exception::named("EPIPE").unwrap();
        assert_eq!((pipe.line(System::Windows), pipe.class), (None, "BrokenPipeError"));
    }
}
