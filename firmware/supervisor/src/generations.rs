//! A document that is written whole, with the generation before kept beside it:
//! `settings.json` and `settings.previous.json`. Damaged is not missing: a file that
//! cannot be read falls back to the one before, and when that cannot be read either
//! the document is lost, never made anew.

use preau_host::{HostError, write_durably};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Neither file exists: nothing was ever stored.
    Nothing,
    /// The file is good.
    Good(T),
    /// The file is damaged or gone; this is the generation before.
    FellBack {
        /// The generation before.
        value: T,
        /// What is wrong with the file.
        why: String,
    },
    /// Neither generation can be read.
    Lost {
        /// What is wrong with both.
        why: String,
    },
}

/// Reads a document with `parse`.
pub fn load<T, E: std::fmt::Display>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Found<T> {
    let read = |path: &Path| -> Result<Option<T>, String> {
        match fs::read_to_string(path) {
            Ok(text) => parse(&text)
                .map(Some)
                .map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    };
    match (read(path), read(&previous(path))) {
        (Ok(Some(value)), _) => Found::Good(value),
        (Ok(None), Ok(None)) => Found::Nothing,
        (Ok(None), Ok(Some(value))) => Found::FellBack {
            value,
            why: format!("{} is gone", path.display()),
        },
        (Err(why), Ok(Some(value))) => Found::FellBack { value, why },
        (Err(why), Ok(None)) | (Ok(None), Err(why)) => Found::Lost { why },
        (Err(why), Err(before)) => Found::Lost {
            why: format!("{why}; {before}"),
        },
    }
}

/// Writes `new` and keeps `old`, the generation that is in force until then.
///
/// # Errors
/// When the card does not take it; the generation in force is then still there.
pub fn save(path: &Path, old: Option<&[u8]>, new: &[u8]) -> Result<(), HostError> {
    if let Some(old) = old {
        write_durably(&previous(path), old, 0o600)?;
    }
    write_durably(path, new, 0o600)
}

/// Where the generation before is kept.
fn previous(path: &Path) -> PathBuf {
    path.with_extension("previous.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn number(text: &str) -> Result<u32, std::num::ParseIntError> {
        text.parse()
    }

    #[test]
    fn a_damaged_file_falls_back_and_two_damaged_ones_are_lost() {
        let folder = Folder::new("generations");
        let path = folder.path().join("n.json");
        assert_eq!(load(&path, number), Found::Nothing);
        save(&path, None, b"1").unwrap();
        save(&path, Some(b"1"), b"2").unwrap();
        assert_eq!(load(&path, number), Found::Good(2));

        write_durably(&path, b"2x", 0o600).unwrap();
        let found = load(&path, number);
        assert!(
            matches!(found, Found::FellBack { value: 1, .. }),
            "{found:?}"
        );
        fs::remove_file(&path).unwrap();
        let found = load(&path, number);
        assert!(
            matches!(found, Found::FellBack { value: 1, .. }),
            "{found:?}"
        );

        write_durably(&path, b"", 0o600).unwrap();
        write_durably(&previous(&path), b"\0", 0o600).unwrap();
        assert!(matches!(load(&path, number), Found::Lost { .. }));
    }
}
