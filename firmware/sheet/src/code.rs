//! The code itself: its words, and the keys that are made from it.

use crate::typed::{self, ReadError, fold};
use bip39::Mnemonic;
use preau_domain::language::Language;
use ring::hkdf;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many words there are: 128 random bits and 4 of checksum, 11 bits a word.
pub const WORDS: usize = 12;
/// The random bytes that a code is made from.
pub const ENTROPY_BYTES: usize = 16;
/// The length of every key, in bytes.
pub const KEY_BYTES: usize = 32;

/// Keeps these keys apart from those that another program makes from the same words.
pub(crate) const SALT: &[u8] = b"preau recovery sheet 1";

/// What a key is for. The labels are part of the format: they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The settings that are kept encrypted on the disks.
    Settings,
    /// The copy elsewhere.
    Offsite,
    /// The key with which the box logs in to SSH servers.
    Ssh,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Settings => b"settings",
            Self::Offsite => b"offsite",
            Self::Ssh => b"ssh",
        }
    }
}

/// The code of a recovery sheet. It is a secret: it has no readable `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Code {
    language: Language,
    entropy: [u8; ENTROPY_BYTES],
}

/// As it is stored: in words, so that the person who helps can read it off a card.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    language: Language,
    words: String,
}

impl From<Code> for Stored {
    fn from(code: Code) -> Self {
        Self {
            language: code.language,
            words: code.text(),
        }
    }
}

impl TryFrom<Stored> for Code {
    type Error = ReadError;

    fn try_from(stored: Stored) -> Result<Self, ReadError> {
        Self::read(&stored.words, stored.language)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// The code of these random bytes, to be shown in that language's words.
    pub const fn new(entropy: [u8; ENTROPY_BYTES], language: Language) -> Self {
        Self { language, entropy }
    }

    /// Reads a code as somebody typed it, or two of its [parts](crate::split) one after
    /// the other: case, accents, separators and numbering do
    /// not matter, the first four letters of a word are enough. The language is found
    /// out; `preferred` decides for words that are in both lists.
    ///
    /// # Errors
    /// Which words are not in the list, or that their number or the checksum is wrong.
    pub fn read(typed: &str, preferred: Language) -> Result<Self, ReadError> {
        typed::read(typed, preferred)
    }

    pub(crate) const fn entropy(&self) -> &[u8; ENTROPY_BYTES] {
        &self.entropy
    }

    /// The language of its words.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The same code in another language's words.
    pub const fn in_language(&self, language: Language) -> Self {
        Self {
            language,
            entropy: self.entropy,
        }
    }

    /// The twelve words, as they are written on the sheet.
    pub fn words(&self) -> Vec<String> {
        // 16 bytes are a length that BIP-39 knows, which is its only reason to refuse.
        Mnemonic::from_entropy_in(list(self.language), &self.entropy)
            .map(|mnemonic| mnemonic.words().map(composed).collect())
            .unwrap_or_default()
    }

    /// The words with a space between them: what the QR code holds.
    pub fn text(&self) -> String {
        self.words().join(" ")
    }

    /// Whether `typed` is the word at a place, counted from 1.
    pub fn is_word(&self, place: usize, typed: &str) -> bool {
        let words = self.words();
        let Some(word) = place.checked_sub(1).and_then(|index| words.get(index)) else {
            return false;
        };
        typed::find(self.language, &fold(typed))
            .map(composed)
            .as_ref()
            == Some(word)
    }

    /// The key for one use.
    pub fn key(&self, purpose: Purpose) -> [u8; KEY_BYTES] {
        derive(SALT, &self.entropy, purpose.label())
    }

    /// The same as 64 hexadecimal digits, for programs that want a password.
    pub fn key_text(&self, purpose: Purpose) -> String {
        let key = self.key(purpose);
        key.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// HKDF-SHA256 (RFC 5869).
pub(crate) fn derive(salt: &[u8], secret: &[u8], label: &[u8]) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    let labels = [label];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let filled = extracted
        .expand(&labels, hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut key));
    // It refuses only lengths beyond 255 hashes.
    debug_assert!(filled.is_ok(), "a key has the length of one hash");
    key
}

pub(crate) const fn list(language: Language) -> bip39::Language {
    match language {
        Language::Fr => bip39::Language::French,
        Language::En => bip39::Language::English,
    }
}

/// A word of the list as it is written. The French list has `e` and its accent as two
/// characters, which not every font draws as one.
pub(crate) fn composed(word: &str) -> String {
    word.replace("e\u{301}", "é").replace("e\u{300}", "è")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTROPY: [u8; ENTROPY_BYTES] = [0x7f; ENTROPY_BYTES];

    #[test]
    fn the_words_are_those_of_the_standard() {
        // From the test vectors of BIP-39's reference implementation.
        let code = Code::new(ENTROPY, Language::En);
        assert_eq!(
            code.text(),
            "legal winner thank year wave sausage worth useful legal winner thank yellow"
        );
        let french = code.in_language(Language::Fr).words();
        assert_eq!(french.len(), WORDS);
        assert_ne!(french, code.words());
    }

    #[test]
    fn every_use_has_a_key_of_its_own_whatever_the_language() {
        let code = Code::new(ENTROPY, Language::Fr);
        assert_ne!(code.key(Purpose::Settings), code.key(Purpose::Offsite));
        let other = Code::new([1; ENTROPY_BYTES], Language::Fr);
        assert_ne!(code.key(Purpose::Settings), other.key(Purpose::Settings));
        let english = code.in_language(Language::En);
        assert_eq!(code.key(Purpose::Offsite), english.key(Purpose::Offsite));
        assert_eq!(code.key_text(Purpose::Offsite).len(), 2 * KEY_BYTES);
    }

    #[test]
    fn the_keys_never_change() {
        // Another value here would mean that sheets printed before open nothing.
        let code = Code::new(ENTROPY, Language::Fr);
        assert_eq!(
            code.key_text(Purpose::Settings),
            "74b131c8c5c0cf322fae60b0625893b96971fe2264c7f0e324060ed0f0ea1b0c"
        );
        assert_eq!(
            code.key_text(Purpose::Offsite),
            "17b2f7bc11f02f06aa3d01d9800c705592c97ce93f3ecae6cc05869296b64c66"
        );
    }

    #[test]
    fn words_have_no_loose_accents() {
        for byte in 0..=u8::MAX {
            let code = Code::new([byte; ENTROPY_BYTES], Language::Fr);
            assert!(!code.text().contains(['\u{300}', '\u{301}']));
        }
    }

    #[test]
    fn a_word_is_known_at_its_place() {
        let code = Code::new(ENTROPY, Language::En);
        assert!(code.is_word(1, " Legal "));
        assert!(code.is_word(12, "YELL"));
        assert!(!code.is_word(2, "legal"));
        for odd in ["", "yel", "legal winner", "xyzt"] {
            assert!(!code.is_word(12, odd), "{odd}");
        }
        assert!(!code.is_word(0, "legal") && !code.is_word(13, "legal"));
    }

    #[test]
    fn a_code_is_never_told_by_accident() {
        let code = Code::new(ENTROPY, Language::En);
        assert_eq!(format!("{code:?}"), "Code(…)");
    }
}
