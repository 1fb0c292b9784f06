//! Paths in JSON. A file's name is any bytes but `/` and zero, a JSON text is
//! Unicode; what is not Unicode travels escaped, so that a name comes back as it was.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A path or name: text as it is, a backslash doubled, a byte that is no UTF-8 as
/// `\x` and two hexadecimal digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EscapedPath(String);

impl EscapedPath {
    /// Escapes a path or name.
    pub fn new(path: impl AsRef<OsStr>) -> Self {
        let mut text = String::new();
        for chunk in path.as_ref().as_bytes().utf8_chunks() {
            for letter in chunk.valid().chars() {
                if letter == '\\' {
                    text.push('\\');
                }
                text.push(letter);
            }
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        Self(text)
    }

    /// Whether it is the root that it is counted from.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path that was meant. A backslash that begins no escape stands for itself.
    pub fn to_path(&self) -> PathBuf {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut rest = self.0.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = tail;
            match (first, tail) {
                (b'\\', [b'\\', after @ ..]) => {
                    bytes.push(b'\\');
                    rest = after;
                }
                (b'\\', [b'x', high, low, after @ ..]) => match hexadecimal(*high, *low) {
                    Some(byte) => {
                        bytes.push(byte);
                        rest = after;
                    }
                    None => bytes.push(b'\\'),
                },
                (byte, _) => bytes.push(*byte),
            }
        }
        PathBuf::from(OsString::from_vec(bytes))
    }

    /// The escaped text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

impl From<&Path> for EscapedPath {
    fn from(path: &Path) -> Self {
        Self::new(path)
    }
}

impl From<&str> for EscapedPath {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl fmt::Display for EscapedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
