//! The repository's key file: the key to everything in it, encrypted with one that comes
//! from the password.
//!
//! restic and the library slow that down with scrypt, the library with 128 MiB of memory:
//! that is for passwords that people choose. The box's is 256 bits from its recovery
//! sheet, which nobody guesses at any speed, and it opens the repository several times
//! a night in a few hundred MiB.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use preau_offsite_job::{Failure, Secret};
use rustic_core::repofile::MasterKey;
use serde::{Deserialize, Serialize};

use crate::backend::Depot;
use crate::cipher::{Cipher, KEY};
use crate::locks::name_of;
use crate::repository::{JobError, JobResult};
use crate::store::{Act, Kind, Place};

/// 16 MiB (128 bytes, times r, times N) and some hundredths of a second.
const SLOW: Slow = Slow {
    n: 1 << 14,
    r: 8,
    p: 1,
};
/// Beyond 128 MiB a key is not tried: one that the server made up is not to fill the
/// worker's memory. The library's own keys take as much.
const LARGEST: u64 = 128 << 20;
/// Nor beyond so many rounds, of which restic takes a few.
const ROUNDS: u32 = 64;
const SALT: usize = 64;

/// A key file, as restic writes it.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    hostname: Option<String>,
    username: Option<String>,
    created: Option<String>,
    kdf: String,
    #[serde(flatten)]
    slow: Slow,
    data: String,
    salt: String,
}

/// scrypt's parameters.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Slow {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

impl Slow {
    /// Whether a key of somebody else's making is tried.
    fn is_bearable(self) -> bool {
        let bytes = (128 * u64::from(self.r)).saturating_mul(self.n);
        self.n.is_power_of_two() && bytes <= LARGEST && self.p <= ROUNDS
    }

    fn derive(self, password: &Secret, salt: &[u8]) -> Option<Cipher> {
        let steps = u8::try_from(self.n.trailing_zeros()).ok()?;
        let how = scrypt::Params::new(steps, self.r, self.p).ok()?;
        let mut key = [0; KEY];
        scrypt::scrypt(password.reveal().as_bytes(), salt, &how, &mut key).ok()?;
        Some(Cipher::of(&key))
    }
}

/// The key of a repository that is being made: the one that is there when an earlier
/// making was cut after it, or else a new one. Two that the password opens, and one of
/// them to nothing, would make the repository unreadable.
pub fn find_or_make(
    depot: &Depot,
    password: &Secret,
    host: &str,
    now: Timestamp,
) -> JobResult<MasterKey> {
    for (name, _) in depot.ask(Act::List, "keys", |store| store.list(Kind::Key))? {
        let place = Place {
            kind: Kind::Key,
            name,
        };
        let Some(content) = depot.look_for(&place)? else {
            continue;
        };
        if let Some(key) = open(&content, password) {
            log::info!("going on with the key that is there");
            return Ok(key);
        }
    }
    let key = MasterKey::new();
    let content = Bytes::from(seal(&key, password, host, now, SLOW)?);
    let place = Place {
        kind: Kind::Key,
        name: name_of(&content),
    };
    let content = [content];
    depot.ask(Act::Write, &place.path(), |store| {
        store.write(&place, &content)
    })?;
    Ok(key)
}

fn seal(
    key: &MasterKey,
    password: &Secret,
    host: &str,
    now: Timestamp,
    slow: Slow,
) -> JobResult<Vec<u8>> {
    let internal = |reason: String| JobError::new(Failure::Internal, reason);
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(|error| internal(error.to_string()))?;
    let cipher = slow.derive(password, &salt);
    let cipher = cipher.ok_or_else(|| internal("no key can be derived".into()))?;
    let text = serde_json::to_vec(key).map_err(|error| internal(error.to_string()))?;
    let file = KeyFile {
        hostname: Some(host.to_owned()),
        username: Some("preau".to_owned()),
        created: Some(now.to_string()),
        kdf: "scrypt".to_owned(),
        slow,
        data: STANDARD.encode(cipher.seal(&text)?),
        salt: STANDARD.encode(salt),
    };
    serde_json::to_vec(&file).map_err(|error| internal(error.to_string()))
}

/// The key in a file that this password opens.
fn open(content: &[u8], password: &Secret) -> Option<MasterKey> {
    let file: KeyFile = serde_json::from_slice(content).ok()?;
    let salt = STANDARD.decode(&file.salt).ok()?;
    let data = STANDARD.decode(&file.data).ok()?;
    let slow = Some(file.slow).filter(|slow| slow.is_bearable())?;
    let cipher = slow.derive(password, &salt)?;
    serde_json::from_slice(&cipher.open(&data)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(password: &Secret, slow: Slow) -> (MasterKey, Vec<u8>) {
        let key = MasterKey::new();
        let now = Timestamp::UNIX_EPOCH;
        let content = seal(&key, password, "preau-ecole", now, slow).unwrap();
        (key, content)
    }

    #[test]
    fn a_key_is_opened_with_its_password_alone() {
        let password = Secret::new("quatre mots sur une fiche");
        let (key, content) = made(&password, SLOW);
        let opened = open(&content, &password).unwrap();
        assert_eq!(opened.encrypt, key.encrypt);
        assert!(open(&content, &Secret::new("quatre mots sur une autre")).is_none());
        assert!(open(&content[1..], &password).is_none());
    }

    #[test]
    fn a_key_that_asks_for_too_much_is_not_tried() {
        let password = Secret::new("quatre mots sur une fiche");
        let is_opened = |p| {
            let slow = Slow { n: 2, r: 1, p };
            open(&made(&password, slow).1, &password).is_some()
        };
        assert!(is_opened(ROUNDS) && !is_opened(ROUNDS + 1));
        let is_bearable = |n, r| Slow { n, r, p: 1 }.is_bearable();
        // What the library makes, and then more.
        assert!(is_bearable(1 << 17, 8) && !is_bearable(1 << 18, 8));
        assert!(!is_bearable(1 << 63, 8) && !is_bearable(1 << 14, u32::MAX));
        assert!(!is_bearable(0, 8) && !is_bearable(3, 8));
    }
}
