//! What the system says of files that it does not open, read or write, in the user's language.

use std::io::{self, ErrorKind};

use i18n_embed_fl::fl;

use crate::i18n::Words;

/// This reason, if it ends in the system's own words for an error with ours in their place; else as it is.
#[must_use]
pub fn of_system(words: &Words, why: &str) -> String {
    let number = why.strip_suffix(')').and_then(|why| why.rsplit_once(" (os error ")?.1.parse().ok());
    let Some(number): Option<i32> = number else { return why.to_owned() };
    let error = io::Error::from_raw_os_error(number);
    let Some(before) = why.strip_suffix(&error.to_string()) else { return why.to_owned() };
    let what = match error.kind() {
        ErrorKind::NotFound => fl!(words, "system-not-found"),
        ErrorKind::PermissionDenied => fl!(words, "system-not-permitted"),
        ErrorKind::AlreadyExists => fl!(words, "system-exists"),
        ErrorKind::IsADirectory => fl!(words, "system-is-folder"),
        ErrorKind::NotADirectory => fl!(words, "system-no-folder"),
        ErrorKind::ReadOnlyFilesystem => fl!(words, "system-read-only"),
        ErrorKind::StorageFull => fl!(words, "system-disk-full"),
        ErrorKind::QuotaExceeded => fl!(words, "system-quota"),
        ErrorKind::FileTooLarge => fl!(words, "system-too-large"),
        ErrorKind::InvalidFilename => fl!(words, "system-bad-name"),
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => fl!(words, "system-busy"),
        _ => return why.to_owned(),
    };
    format!("{before}{}", fl!(words, "system-error", what = what, number = number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n, settings::Language};

    #[test]
    fn what_the_system_says_of_a_file_is_said_in_the_users_language() {
        let folder = tempfile::tempdir().expect("a folder");
        let why = std::fs::read(folder.path().join("missing")).expect_err("there is no file").to_string();
        let said = |language| of_system(&i18n::words(language), &why);
        assert_eq!(said(Language::English), "there is no such file or folder (os error 2)");
        assert_eq!(said(Language::Chinese), "没有这个文件或文件夹（os error 2）");
        let chinese = i18n::words(Language::Chinese);
        let prefixed = format!("/tmp/x: {why}");
        assert_eq!(of_system(&chinese, &prefixed), "/tmp/x: 没有这个文件或文件夹（os error 2）");
        for other in ["database disk image is malformed", "odd words (os error 2)", "(os error x)", ""] {
            assert_eq!(of_system(&chinese, other), other, "nothing is said for it that is not known");
        }
    }
}
