//! What nobody may read: the claim code, the hashes of administrators' passwords,
//! the mail account's password, the recovery sheet. A file of its own, 0600.

use crate::copies::key::SshKey;
use crate::sheet::Sheet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The version that this code writes.
const VERSION: u32 = 1;

/// Letters and digits that are not taken for each other when read aloud or copied
/// by hand: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
const ALPHABET: &[u8] = b"34679ACDEFGHJKMNPQRTWXY";

/// Characters of a claim code: 23^10 codes and a delay after five wrong ones.
const CODE_LENGTH: usize = 10;

/// The secrets, as they are stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    version: u32,
    /// The box's code, until somebody looks after it.
    pub claim_code: Option<String>,
    /// Argon2 hashes of the administrators' passwords, by login.
    pub passwords: BTreeMap<String, String>,
    /// The password of the mail account.
    pub mail_password: Option<String>,
    /// The recovery sheet, once somebody looks after the box.
    #[serde(default)]
    pub sheet: Option<Sheet>,
    /// The shares' passwords of another card, until the accounts have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
    /// What opens the destinations of copies.
    #[serde(default)]
    pub copies: CopySecrets,
}

/// What opens the destinations of copies.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CopySecrets {
    /// The box's SSH key, once somebody needed it.
    pub ssh_key: Option<SshKey>,
    /// Passwords and secret keys, by destination.
    pub of: BTreeMap<Uuid, String>,
}

impl Secrets {
    /// Those of a new box.
    ///
    /// # Errors
    /// When the kernel gives no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            version: VERSION,
            claim_code: Some(make_claim_code()?),
            passwords: BTreeMap::new(),
            mail_password: None,
            sheet: None,
            restore: None,
            copies: CopySecrets::default(),
        })
    }

    /// Those of a box whose secrets are lost: nobody can log in, nobody can claim.
    pub fn none() -> Self {
        Self {
            version: VERSION,
            claim_code: None,
            passwords: BTreeMap::new(),
            mail_password: None,
            sheet: None,
            restore: None,
            copies: CopySecrets::default(),
        }
    }

    /// The same without what is only on its way.
    #[must_use]
    pub fn without_restore(self) -> Self {
        Self {
            restore: None,
            ..self
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is not of this shape or version.
    pub fn read(text: &str) -> Result<Self, String> {
        let secrets: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if secrets.version != VERSION {
            return Err(format!("version {} is not known", secrets.version));
        }
        Ok(secrets)
    }
}

/// A new claim code, `XXXXX-XXXXX`.
///
/// # Errors
/// When the kernel gives no random numbers.
pub fn make_claim_code() -> Result<String, getrandom::Error> {
    let mut code = String::with_capacity(CODE_LENGTH + 1);
    // Bytes past the last whole multiple would favour the first letters.
    let limit = 256 - 256 % ALPHABET.len();
    let mut byte = [0_u8];
    while code.len() < CODE_LENGTH + 1 {
        getrandom::fill(&mut byte)?;
        let value = usize::from(byte[0]);
        if value < limit {
            if code.len() == CODE_LENGTH / 2 {
                code.push('-');
            }
            code.push(char::from(ALPHABET[value % ALPHABET.len()]));
        }
    }
    Ok(code)
}

/// Compares a code as somebody typed it, in a time that does not tell how much of
/// it is right.
pub fn is_claim_code(typed: &str, code: &str) -> bool {
    let (typed, code) = (normalised(typed), normalised(code));
    typed.len() == code.len() && bool::from(typed.as_bytes().ct_eq(code.as_bytes()))
}

fn normalised(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_recognised_however_it_is_typed() {
        let code = make_claim_code().unwrap();
        assert_eq!(code.len(), 11);
        assert_eq!(code.find('-'), Some(5));
        assert!(is_claim_code(&code, &code));
        assert!(is_claim_code(&code.to_lowercase().replace('-', " "), &code));
        assert!(!is_claim_code(&code[..10], &code));
        assert!(!is_claim_code("", &code));
        assert_ne!(code, make_claim_code().unwrap());
    }
}
