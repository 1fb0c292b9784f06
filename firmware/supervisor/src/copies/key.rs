//! The box's SSH key: made once, from the recovery sheet, so that a box which is made
//! from nothing but that paper still opens the servers' doors, in the form that
//! OpenSSH reads (PROTOCOL.key of its source, without a passphrase: it lies among the
//! secrets). The public half is shown, to be given to whoever looks after a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use preau_sheet::{Code, Purpose};
use ring::error::KeyRejected;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};

const KIND: &[u8] = b"ssh-ed25519";
const SEED_BYTES: usize = 32;
/// The private part is padded to a multiple of this when it is not encrypted.
const BLOCK: usize = 8;
/// Characters of a line, as ssh-keygen breaks them.
const LINE: usize = 70;

/// A key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshKey {
    /// In OpenSSH's private form.
    pub private: String,
    /// One line for `authorized_keys`.
    pub public: String,
}

impl std::fmt::Debug for SshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SshKey({})", self.public)
    }
}

/// The key that a recovery sheet gives: on a box that is made from nothing it opens the
/// doors that it opened before.
///
/// # Errors
/// When ring refuses the key; it has no reason to, since every 32 bytes are one.
pub fn from_sheet(code: &Code, comment: &str) -> Result<SshKey, KeyRejected> {
    let seed = code.key(Purpose::Ssh);
    // The same sheet gives the same bytes; what the check is does not matter.
    let check = u32::from_be_bytes([seed[0], seed[1], seed[2], seed[3]]) ^ u32::MAX;
    from_seed(&seed, check, comment)
}

fn from_seed(seed: &[u8; SEED_BYTES], check: u32, comment: &str) -> Result<SshKey, KeyRejected> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed)?;
    let public = pair.public_key().as_ref();
    let mut blob = Vec::new();
    put(&mut blob, KIND);
    put(&mut blob, public);

    let mut secret = Vec::new();
    // Twice the same: so a passphrase is known to be the right one.
    secret.extend(check.to_be_bytes());
    secret.extend(check.to_be_bytes());
    put(&mut secret, KIND);
    put(&mut secret, public);
    put(&mut secret, &[seed.as_slice(), public].concat());
    put(&mut secret, comment.as_bytes());
    for padding in 1_u8.. {
        if secret.len().is_multiple_of(BLOCK) {
            break;
        }
        secret.push(padding);
    }

    let mut whole = b"openssh-key-v1\0".to_vec();
    put(&mut whole, b"none");
    put(&mut whole, b"none");
    put(&mut whole, b"");
    whole.extend(1_u32.to_be_bytes());
    put(&mut whole, &blob);
    put(&mut whole, &secret);
    Ok(SshKey {
        private: armoured(&STANDARD.encode(whole)),
        public: format!("ssh-ed25519 {} {comment}", STANDARD.encode(blob)),
    })
}

/// A text of SSH: its length, then its bytes (RFC 4251, 5).
fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    into.extend(length.to_be_bytes());
    into.extend(bytes);
}

fn armoured(text: &str) -> String {
    let mut lines = "-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned();
    for line in text.as_bytes().chunks(LINE) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    lines.push_str("-----END OPENSSH PRIVATE KEY-----\n");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed and its public key are test 1 of RFC 8032, 7.1.
    #[test]
    fn the_key_is_in_openssh_s_form() {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = from_seed(&seed, 7, "preau").unwrap();
        assert_eq!(
            key.public,
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea preau"
        );
        let body: String = key
            .private
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let bytes = STANDARD.decode(body).unwrap();
        assert!(
            bytes.starts_with(b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01")
        );
        assert!(bytes.windows(32).any(|window| window == seed));
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}
