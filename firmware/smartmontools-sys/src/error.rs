//! Why a disk could not be read: the act and the disk in the error, the reason
//! in its source.

/// The result of anything asked of a disk.
pub type Result<T> = std::result::Result<T, Error>;

/// An act on a disk that did not work.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{act} {disk}")]
pub struct Error {
    /// What was tried, such as "reading the attributes of".
    pub act: &'static str,
    /// The disk as the caller named it.
    pub disk: String,
    /// Why not.
    #[source]
    pub cause: Cause,
}

/// Why it did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The disk, the driver or the library said no.
    #[error("{message} (errno {number})")]
    Refused {
        /// errno, 0 where the library gave none.
        number: i32,
        /// The library's words.
        message: String,
    },
    /// The disk, or the bridge before it, has no such thing.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// A USB bridge that the database does not have.
    #[error("{0}")]
    UnknownBridge(String),
    /// SMART is switched off in the disk.
    #[error("SMART is switched off")]
    Off,
    /// C++ threw; the disk's state is as before.
    #[error("the library failed: {0}")]
    Exception(String),
    /// Something only another kind of disk has was asked for.
    #[error("the disk speaks another protocol")]
    WrongBus,
    /// The disk's path or type holds a zero byte.
    #[error("the name holds a zero byte")]
    Name,
}

impl Cause {
    /// True if asking again would not help: the disk lacks it.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Cause::Unsupported(_))
    }
}
