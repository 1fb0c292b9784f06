//! All that a new card needs to be this box again, in one document: settings,
//! secrets, the shares' passwords, the certificate authority. It is kept sealed on
//! the volume of disks (decision 0010) and read on another box.

use crate::secrets::Secrets;
use crate::tls::AuthorityFiles;
use preau_domain::settings::{self, Settings};
use preau_host::Bundles;
use preau_sheet::{Code, OpenError};
use serde::{Deserialize, Serialize};

/// The version that this code writes.
const VERSION: u32 = 1;

/// The document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    version: u32,
    /// As they are on the card; an older version passes through the same migrations.
    settings: serde_json::Value,
    /// The secrets.
    pub secrets: Secrets,
    /// The shares' passwords, hashed, as the host tells them.
    pub share_passwords: String,
    /// What browsers may have been told to trust.
    pub authority: AuthorityFiles,
}

/// Why a document cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Nothing is kept on these disks.
    #[error("nothing is kept there")]
    Nothing,
    /// What is there is no bundle.
    #[error("no bundle")]
    Foreign,
    /// It belongs to another sheet.
    #[error("the code is of another sheet")]
    WrongCode,
    /// A newer Préau wrote it.
    #[error("written by a newer Préau")]
    Newer,
    /// Neither generation can be read.
    #[error("damaged: {0}")]
    Damaged(String),
}

impl Document {
    /// The document of a box.
    ///
    /// # Errors
    /// When the settings cannot be written as JSON, which they always can.
    pub fn new(
        settings: &Settings,
        secrets: &Secrets,
        share_passwords: String,
        authority: AuthorityFiles,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            version: VERSION,
            settings: serde_json::to_value(settings)?,
            secrets: secrets.clone().without_restore(),
            share_passwords,
            authority,
        })
    }

    /// The settings in it.
    ///
    /// # Errors
    /// When they are of a newer version or damaged.
    pub fn settings(&self) -> Result<Settings, settings::ReadError> {
        settings::read(&self.settings.to_string())
    }

    /// The bytes to seal.
    ///
    /// # Errors
    /// Never, for a document that was read or made here.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let damaged = |error: &dyn std::fmt::Display| DocumentError::Damaged(error.to_string());
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } =
            serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
        if version > VERSION {
            return Err(DocumentError::Newer);
        }
        let document: Self = serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
        match document.settings() {
            Ok(_) => Ok(document),
            Err(settings::ReadError::TooNew { .. }) => Err(DocumentError::Newer),
            Err(error) => Err(damaged(&error)),
        }
    }
}

/// Opens the latest generation that can be opened.
///
/// # Errors
/// Whether the code or the bundles are to blame. A code that fits one of them is not.
pub fn open(code: &Code, bundles: &Bundles) -> Result<Document, DocumentError> {
    let mut why = DocumentError::Nothing;
    for sealed in [&bundles.current, &bundles.previous].into_iter().flatten() {
        let error = match preau_sheet::open(code, sealed) {
            Ok(bytes) => match Document::read(&bytes) {
                Ok(document) => return Ok(document),
                Err(error) => error,
            },
            Err(OpenError::WrongCode) => DocumentError::WrongCode,
            Err(OpenError::Newer) => DocumentError::Newer,
            Err(OpenError::Foreign) => DocumentError::Foreign,
            Err(error @ OpenError::Damaged) => DocumentError::Damaged(error.to_string()),
        };
        if certainty(&error) > certainty(&why) {
            why = error;
        }
    }
    Err(why)
}

/// A generation that the code fits says more than one that it does not fit, and that
/// one more than bytes that are no bundle.
const fn certainty(error: &DocumentError) -> u8 {
    match error {
        DocumentError::Nothing => 0,
        DocumentError::Foreign => 1,
        DocumentError::WrongCode => 2,
        DocumentError::Damaged(_) | DocumentError::Newer => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    fn code(byte: u8) -> Code {
        Code::new([byte; preau_sheet::ENTROPY_BYTES], Language::Fr)
    }

    fn document() -> Document {
        let authority = AuthorityFiles {
            pem: "pem".to_owned(),
            key: "key".to_owned(),
        };
        let (settings, secrets) = (Settings::default(), Secrets::none());
        Document::new(&settings, &secrets, "a:b\n".to_owned(), authority).unwrap()
    }

    fn sealed() -> Vec<u8> {
        let bytes = document().to_bytes().unwrap();
        preau_sheet::seal(&code(1), [3; preau_sheet::SALT_BYTES], &bytes).unwrap()
    }

    fn cut(mut sealed: Vec<u8>) -> Vec<u8> {
        sealed.pop();
        sealed
    }

    #[test]
    fn the_latest_generation_that_is_whole_is_taken() {
        for (current, previous) in [
            (Some(sealed()), None),
            (Some(cut(sealed())), Some(sealed())),
            (Some(Vec::new()), Some(sealed())),
            (None, Some(sealed())),
        ] {
            let opened = open(&code(1), &Bundles { current, previous }).unwrap();
            assert!(opened == document());
        }
    }

    #[test]
    fn a_wrong_code_is_told_from_damage() {
        let why = |byte, current: Option<Vec<u8>>, previous: Option<Vec<u8>>| {
            open(&code(byte), &Bundles { current, previous }).err()
        };
        assert_eq!(why(1, None, None), Some(DocumentError::Nothing));
        assert_eq!(why(2, Some(sealed()), None), Some(DocumentError::WrongCode));
        assert_eq!(
            why(2, Some(Vec::new()), Some(sealed())),
            Some(DocumentError::WrongCode)
        );
        assert_eq!(why(1, Some(Vec::new()), None), Some(DocumentError::Foreign));
        let damaged = why(1, Some(cut(sealed())), Some(cut(sealed())));
        assert!(matches!(damaged, Some(DocumentError::Damaged(_))));
    }

    #[test]
    fn a_document_of_a_newer_box_is_not_guessed_at() {
        let bytes = document().to_bytes().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let newer = text.replacen("\"version\":1", "\"version\":2", 1);
        let read = Document::read(newer.as_bytes());
        assert!(matches!(read, Err(DocumentError::Newer)));
    }
}
