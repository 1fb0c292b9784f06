//! A document that only the sheet's code opens.
//!
//! ```text
//! "PREAU SETTINGS 1\n" | check, 8 bytes | salt, 32 bytes | ChaCha20-Poly1305
//! ```
//! The key of the cipher is HKDF-SHA256 over the code's settings key with the salt,
//! new for each document, so that the nonce can be zero. Everything before the
//! ciphertext is authenticated with it. The check tells a wrong code from a damaged
//! document; it helps nobody to guess 128 bits.

use crate::code::{Code, KEY_BYTES, Purpose, derive};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// The random bytes that each document needs.
pub const SALT_BYTES: usize = 32;

const MAGIC: &[u8] = b"PREAU SETTINGS ";
const VERSION: &[u8] = b"1\n";
const CHECK_BYTES: usize = 8;
const HEADER_BYTES: usize = MAGIC.len() + VERSION.len() + CHECK_BYTES + SALT_BYTES;

/// Why a document cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is not such a document, or was cut short.
    #[error("not a document of Préau")]
    Foreign,
    /// A newer Préau wrote it.
    #[error("written by a newer Préau")]
    Newer,
    /// It belongs to another sheet.
    #[error("of another sheet")]
    WrongCode,
    /// The code is right and the document is not what was written.
    #[error("damaged")]
    Damaged,
}

/// Encrypts a document. The salt must be random and new.
///
/// # Errors
/// When the cipher refuses, which it does for documents of many gigabytes.
pub fn seal(code: &Code, salt: [u8; SALT_BYTES], document: &[u8]) -> Result<Vec<u8>, OpenError> {
    let master = code.key(Purpose::Settings);
    let mut sealed = Vec::with_capacity(HEADER_BYTES + document.len() + 16);
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(VERSION);
    sealed.extend_from_slice(&check(&master));
    sealed.extend_from_slice(&salt);
    let mut body = document.to_vec();
    cipher(&master, &salt)?
        .seal_in_place_append_tag(nonce(), Aad::from(&sealed), &mut body)
        .map_err(|_| OpenError::Damaged)?;
    sealed.append(&mut body);
    Ok(sealed)
}

/// Decrypts a document.
///
/// # Errors
/// Whether the code or the document is to blame.
pub fn open(code: &Code, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let rest = sealed.strip_prefix(MAGIC).ok_or(OpenError::Foreign)?;
    if !rest.starts_with(VERSION) {
        // A number and a line end: what this program cannot know yet.
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        return Err(match rest.get(digits) {
            Some(b'\n') if digits > 0 => OpenError::Newer,
            _ => OpenError::Foreign,
        });
    }
    let (header, body) = sealed
        .split_at_checked(HEADER_BYTES)
        .ok_or(OpenError::Foreign)?;
    let master = code.key(Purpose::Settings);
    let (before, salt) = header.split_at(HEADER_BYTES - SALT_BYTES);
    if !before.ends_with(&check(&master)) {
        return Err(OpenError::WrongCode);
    }
    let mut body = body.to_vec();
    let length = cipher(&master, salt)?
        .open_in_place(nonce(), Aad::from(header), &mut body)
        .map_err(|_| OpenError::Damaged)?
        .len();
    body.truncate(length);
    Ok(body)
}

fn cipher(master: &[u8], salt: &[u8]) -> Result<LessSafeKey, OpenError> {
    let key: [u8; KEY_BYTES] = derive(salt, master, b"bundle");
    UnboundKey::new(&CHACHA20_POLY1305, &key)
        .map(LessSafeKey::new)
        .map_err(|_| OpenError::Damaged)
}

/// Each document has a key of its own, which is used once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn check(master: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&derive(b"", master, b"check")[..CHECK_BYTES]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::ENTROPY_BYTES;
    use preau_domain::language::Language;

    const SALT: [u8; SALT_BYTES] = [7; SALT_BYTES];
    const DOCUMENT: &[u8] = "{\"école\": 1}".as_bytes();

    fn code(byte: u8) -> Code {
        Code::new([byte; ENTROPY_BYTES], Language::Fr)
    }

    #[test]
    fn the_right_code_opens_and_another_is_told_so() {
        let sealed = seal(&code(1), SALT, DOCUMENT).unwrap();
        assert_eq!(open(&code(1), &sealed).unwrap(), DOCUMENT);
        assert_eq!(open(&code(2), &sealed), Err(OpenError::WrongCode));
        assert!(!sealed.windows(5).any(|part| part == &DOCUMENT[2..7]));
        let again = seal(&code(1), [8; SALT_BYTES], DOCUMENT).unwrap();
        assert_ne!(sealed[HEADER_BYTES..], again[HEADER_BYTES..]);
    }

    #[test]
    fn no_bit_of_it_may_change_and_none_may_be_missing() {
        let sealed = seal(&code(1), SALT, DOCUMENT).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open(&code(1), &changed).is_err(), "byte {place}");
            assert!(open(&code(1), &sealed[..place]).is_err(), "cut at {place}");
        }
        let mut longer = sealed.clone();
        longer.push(0);
        assert_eq!(open(&code(1), &longer), Err(OpenError::Damaged));
    }

    #[test]
    fn a_newer_document_is_told_from_a_foreign_one() {
        assert_eq!(
            open(&code(1), b"PREAU SETTINGS 2\nx"),
            Err(OpenError::Newer)
        );
        assert_eq!(
            open(&code(1), b"PREAU SETTINGS 12\nx"),
            Err(OpenError::Newer)
        );
        for foreign in [&b""[..], b"PREAU SETTINGS ", b"PREAU SETTINGS x\n", b"ext4"] {
            assert_eq!(open(&code(1), foreign), Err(OpenError::Foreign));
        }
    }

    #[test]
    fn the_format_never_changes() {
        // Another value here would mean that bundles written before open no more.
        let sealed = seal(&code(1), SALT, DOCUMENT).unwrap();
        let golden = include_bytes!("../golden/settings-1.sealed");
        assert_eq!(sealed, golden);
    }
}
