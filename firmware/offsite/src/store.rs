//! A place that keeps files under names: what every kind of destination can do. The
//! repository's format sits on top ([`crate::backend`]), so that one set of rules
//! for retries, limits and counting holds for all of them.

mod folder;
mod http;
mod object;
mod rest;
mod sftp;

use bytes::Bytes;
use preau_offsite_job::{Destination, Failure};
use std::fmt;
use std::sync::Arc;

use crate::flow::Flow;

pub use sftp::answer_ssh;

/// What a file in a repository is, which says in which folder it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The repository's own description. There is one, without a name.
    Config,
    /// The repository's key, encrypted with a password.
    Key,
    /// A snapshot.
    Snapshot,
    /// A part of the index.
    Index,
    /// Data.
    Pack,
    /// Who works on the repository.
    Lock,
}

impl Kind {
    /// Those that have a folder.
    pub const FOLDERS: [Self; 5] = [
        Self::Key,
        Self::Snapshot,
        Self::Index,
        Self::Pack,
        Self::Lock,
    ];

    /// The folder's name, by restic's layout.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Key => "keys",
            Self::Snapshot => "snapshots",
            Self::Index => "index",
            Self::Pack => "data",
            Self::Lock => "locks",
        }
    }
}

/// A file in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// Its name: 64 hexadecimal digits, or nothing for [`Kind::Config`].
    pub name: String,
}

impl Place {
    /// The config file.
    pub const fn config() -> Self {
        Self {
            kind: Kind::Config,
            name: String::new(),
        }
    }

    /// Where it lies, counted from the repository's folder. Packs are spread over
    /// 256 folders, as restic does.
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Config => Kind::Config.folder().into(),
            Kind::Pack => format!("data/{}/{}", &self.name[..2], self.name),
            kind => format!("{}/{}", kind.folder(), self.name),
        }
    }

    /// Where it lies while it is being written. restic passes such a folder over.
    pub fn draft(&self) -> String {
        match self.kind {
            Kind::Config => format!("{DRAFTS}/config"),
            _ => format!("{DRAFTS}/{}", self.name),
        }
    }
}

/// The folder of files that are being written.
pub const DRAFTS: &str = "tmp";

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Reaching the destination, logging in.
    Connect,
    /// Making the repository's folders.
    MakeFolders,
    /// Listing a folder.
    List,
    /// Reading a file.
    Read,
    /// Writing a file.
    Write,
    /// Removing a file.
    Remove,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to",
            Self::MakeFolders => "making the folders of",
            Self::List => "listing",
            Self::Read => "reading",
            Self::Write => "writing",
            Self::Remove => "removing",
        })
    }
}

/// Why a destination did not do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{act} {object}: {reason}")]
pub struct StoreError {
    /// What was tried.
    pub act: Act,
    /// On what.
    pub object: String,
    /// What it comes down to.
    pub cause: Cause,
    /// What came back, without secrets.
    pub reason: String,
}

/// What an error of a destination comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No such file: some callers expect that.
    Missing,
    /// A part of the file is there and can be neither replaced nor removed. Trying
    /// again is of no use; the next run writes under other names.
    HalfWritten,
    /// Everything else already has its name.
    Failure(Failure),
}

impl StoreError {
    /// The failure to report. A missing file, by the time that it is one, is damage:
    /// whoever expects it to be missing has dealt with it.
    pub fn failure(&self) -> Failure {
        match &self.cause {
            Cause::Missing => Failure::Damaged,
            Cause::HalfWritten => Failure::Cut,
            Cause::Failure(failure) => failure.clone(),
        }
    }
}

/// The outcome of asking a destination for something.
pub type StoreResult<T> = Result<T, StoreError>;

/// A place that keeps files. Calls block, and may come from several threads at once.
pub trait Store: Send + Sync + fmt::Debug {
    /// Reaches the destination and logs in; says what is wrong if that fails. Changes
    /// nothing there.
    fn connect(&self) -> StoreResult<()>;

    /// Makes the repository's folders, or finds them made.
    fn make_folders(&self) -> StoreResult<()>;

    /// Names and sizes of all files of a kind. A folder that does not exist is empty.
    fn list(&self, kind: Kind) -> StoreResult<Vec<(String, u64)>>;

    /// A whole file, or `length` bytes from `offset`.
    fn read(&self, place: &Place, range: Option<(u64, u64)>) -> StoreResult<Bytes>;

    /// Writes a file as a whole. A write that was cut leaves no file of this name, or
    /// for packs, whose names are the hashes of what they hold, at most a part that
    /// nothing refers to.
    fn write(&self, place: &Place, content: &[Bytes]) -> StoreResult<()>;

    /// Removes a file. One that is not there is removed.
    fn remove(&self, place: &Place) -> StoreResult<()>;

    /// Removes what an earlier run left half-written.
    fn remove_drafts(&self) -> StoreResult<()> {
        Ok(())
    }

    /// Bytes that are free, where the destination says so.
    fn free(&self) -> Option<u64> {
        None
    }
}

/// Opens the way to a destination. Most errors come with the first call.
pub fn open(destination: &Destination, flow: &Arc<Flow>) -> StoreResult<Arc<dyn Store>> {
    Ok(match destination {
        Destination::Folder { path } => Arc::new(folder::Folder::new(path, flow.clone())),
        Destination::Sftp {
            host,
            port,
            user,
            folder,
            host_key,
            login,
        } => Arc::new(sftp::Sftp::new(
            sftp::Server {
                host: host.clone(),
                port: *port,
                user: user.clone(),
                folder: folder.clone(),
                host_key: host_key.clone(),
                login: login.clone(),
            },
            flow.clone(),
        )?),
        Destination::Rest {
            url,
            account,
            certificate,
        } => Arc::new(rest::Rest::new(
            url,
            account.clone(),
            certificate.as_deref(),
            flow.clone(),
        )?),
        Destination::S3 { .. } | Destination::WebDav { .. } => {
            Arc::new(object::Objects::new(destination, flow.clone())?)
        }
    })
}

/// Whether deleting may be refused there on purpose: a restic server in append-only
/// mode keeps what it has, whoever holds the box's credentials.
pub const fn may_be_append_only(destination: &Destination) -> bool {
    matches!(destination, Destination::Rest { .. })
}
