//! The repository's encryption, for the two kinds of files that its library does not write
//! for us: locks, which it knows nothing of, and the key, which it makes too dear to open.

use aes256ctr_poly1305aes::aead::Aead;
use aes256ctr_poly1305aes::{Aes256CtrPoly1305Aes, Key, Nonce};
use rustic_core::repofile::MasterKey;

use preau_offsite_job::Failure;

use crate::repository::{JobError, JobResult};

/// Bytes of a key: 32 for AES, 16 and 16 for Poly1305.
pub const KEY: usize = 64;
/// Bytes of the nonce in front of everything that is encrypted.
const NONCE: usize = 16;

/// AES-256 in counter mode, authenticated with Poly1305-AES.
pub struct Cipher(Key);

impl Cipher {
    /// With the key that opens everything in the repository.
    pub fn new(key: &MasterKey) -> JobResult<Self> {
        let bytes = [&*key.encrypt, &*key.mac.k, &*key.mac.r].concat();
        let bytes = <[u8; KEY]>::try_from(bytes)
            .map_err(|_| JobError::new(Failure::Damaged, "the key has the wrong length"))?;
        Ok(Self::of(&bytes))
    }

    /// With these bytes for a key.
    pub fn of(key: &[u8; KEY]) -> Self {
        Self(*Key::from_slice(key))
    }

    /// Encrypts.
    pub fn seal(&self, text: &[u8]) -> JobResult<Vec<u8>> {
        let internal = |reason: String| JobError::new(Failure::Internal, reason);
        let mut content = vec![0; NONCE];
        getrandom::fill(&mut content).map_err(|error| internal(error.to_string()))?;
        let sealed = Aes256CtrPoly1305Aes::new(&self.0)
            .encrypt(Nonce::from_slice(&content), text)
            .map_err(|error| internal(error.to_string()))?;
        content.extend(sealed);
        Ok(content)
    }

    /// Decrypts; `None` is what was not encrypted with this key, or not to its end.
    pub fn open(&self, content: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = content.split_at_checked(NONCE)?;
        Aes256CtrPoly1305Aes::new(&self.0)
            .decrypt(Nonce::from_slice(nonce), sealed)
            .ok()
    }
}
