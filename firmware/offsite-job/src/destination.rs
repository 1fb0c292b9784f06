//! Where copies are kept, and what opens the door there.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Secret;

/// A place that keeps a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Destination {
    /// A folder of this machine: a USB disk, already mounted.
    Folder {
        /// The repository's folder. Its parent must exist: an empty mount point is
        /// not taken for the disk, so name a folder on the disk.
        path: PathBuf,
    },
    /// A server that one logs in to with SSH.
    Sftp {
        /// Name or address.
        host: String,
        /// Usually 22.
        port: u16,
        /// The account there.
        user: String,
        /// The repository's folder; relative to the account's home without a
        /// leading `/`.
        folder: String,
        /// The server's key, as it was shown to a person and confirmed: type and
        /// key, as in `ssh-ed25519 AAAA…`. Without it nothing is sent, and the job
        /// fails with [`crate::Failure::HostKeyUnknown`], which carries it.
        host_key: Option<String>,
        /// How to log in.
        login: SshLogin,
    },
    /// restic's own server, or `rclone serve restic`.
    Rest {
        /// `https://host:port/path/`.
        url: String,
        /// The account there, if it asks for one.
        account: Option<Account>,
        /// The certificate to trust, PEM, when no known authority signed it.
        certificate: Option<String>,
    },
    /// A bucket of any provider that speaks S3.
    S3 {
        /// `https://s3.example.org`.
        endpoint: String,
        /// The provider's name for the place; `auto` or `us-east-1` where it has none.
        region: String,
        /// The bucket. It must exist.
        bucket: String,
        /// The repository's folder in the bucket; empty is its root.
        folder: String,
        /// The key's public half.
        access_key: String,
        /// The key's secret half.
        secret_key: Secret,
        /// The certificate to trust, PEM, when no known authority signed it.
        certificate: Option<String>,
    },
    /// A folder of Nextcloud, kDrive and the like.
    WebDav {
        /// The repository's folder: `https://host/remote.php/dav/files/name/Préau`.
        url: String,
        /// The account there.
        account: Option<Account>,
        /// The certificate to trust, PEM, when no known authority signed it.
        certificate: Option<String>,
    },
}

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The login.
    pub user: String,
    /// Its password.
    pub password: Secret,
}

/// How the box proves to an SSH server who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SshLogin {
    /// With a key that was made on the box, in OpenSSH's format, without passphrase.
    Key(Secret),
    /// With a password.
    Password(Secret),
}
