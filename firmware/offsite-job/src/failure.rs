//! What can be wrong with a job. The supervisor turns each into a sentence that says
//! what to do; codes never change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Failure {
    /// No machine has this name, or there is no network to ask.
    NameNotFound,
    /// The machine is there, and nothing answers on this port.
    PortClosed,
    /// Nothing answers at all within the time limit.
    NoAnswer,
    /// The server's certificate is not one to trust: unknown, expired, another name.
    CertificateRefused,
    /// The server's key has not been confirmed yet. Nothing was sent.
    HostKeyUnknown(HostKey),
    /// The server shows another key than the one that was confirmed. Nothing was sent.
    HostKeyChanged(HostKey),
    /// Name, password or key are not accepted.
    LoginRefused,
    /// The bucket does not exist, or is not this account's to use.
    BucketMissing,
    /// The folder does not exist (the disk is not plugged in) and may not be made.
    FolderMissing,
    /// The destination is full, or the account's quota is used up.
    NoSpace,
    /// The account may read and not write.
    WriteRefused,
    /// The account may write and not delete. [`crate::Task::Test`] does not fail for
    /// it at a restic server, where it is wanted (append-only).
    DeleteRefused,
    /// No repository is there.
    NoRepository,
    /// A repository is there already.
    RepositoryExists,
    /// The password opens none of the repository's keys.
    WrongKey,
    /// Something that should be at the destination is missing or is not what was
    /// written.
    Damaged,
    /// Another program works on the repository right now.
    Locked(LockHolder),
    /// The connection was cut, or the server stopped answering, in the middle.
    Cut,
    /// The server answered with an error of its own, again and again.
    ServerError,
    /// What should be copied cannot be read at all.
    SourceUnreadable,
    /// What was restored cannot be written: no such folder, no right, a read-only
    /// disk.
    TargetUnwritable,
    /// The disk that is restored to is full.
    TargetFull,
    /// The folder that is restored to holds something.
    TargetNotEmpty,
    /// No such snapshot.
    SnapshotMissing,
    /// No such file or folder in the snapshot.
    PathMissing,
    /// What was restored is not what was copied.
    DrillMismatch,
    /// The clock cannot be trusted: nothing is deleted.
    ClockNotTrusted,
    /// Somebody asked to stop.
    Cancelled,
    /// The job makes no sense: a field is missing, an address is not one.
    BadJob,
    /// A fault of the worker itself.
    Internal,
}

/// A server's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// Type and key, as [`crate::Destination::Sftp`] wants it.
    pub key: String,
    /// `SHA256:…`, as the server's own people can show it.
    pub fingerprint: String,
}

/// Who works on a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// The machine.
    pub host: String,
    /// The account there.
    pub user: String,
    /// Since when.
    pub since: Timestamp,
}

/// Whether the same job may succeed by itself later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Yes: the network or the server may be back.
    Later,
    /// Somebody has to do something first.
    AfterRepair,
}

impl Failure {
    /// Whether trying again by itself makes sense.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::NameNotFound
            | Self::PortClosed
            | Self::NoAnswer
            | Self::Locked(_)
            | Self::Cut
            | Self::ServerError
            | Self::ClockNotTrusted
            | Self::Internal => Retry::Later,
            Self::CertificateRefused
            | Self::HostKeyUnknown(_)
            | Self::HostKeyChanged(_)
            | Self::LoginRefused
            | Self::BucketMissing
            | Self::FolderMissing
            | Self::NoSpace
            | Self::WriteRefused
            | Self::DeleteRefused
            | Self::NoRepository
            | Self::RepositoryExists
            | Self::WrongKey
            | Self::Damaged
            | Self::SourceUnreadable
            | Self::TargetUnwritable
            | Self::TargetFull
            | Self::TargetNotEmpty
            | Self::SnapshotMissing
            | Self::PathMissing
            | Self::DrillMismatch
            | Self::Cancelled
            | Self::BadJob => Retry::AfterRepair,
        }
    }
}
