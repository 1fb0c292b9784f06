//! The API's types, shared by the supervisor that answers, the web process and the
//! command line that ask, and the tests. The same API is on the Unix socket
//! (`/v1/…`) and over HTTPS (`/api/v1/…`); the supervisor generates its OpenAPI
//! document from these types.
//!
//! A session's token travels as `Authorization: Bearer …`. Sentences in answers are
//! in the language that `Accept-Language` asks for, else in the box's.

pub mod adoption;
pub mod array;
pub mod copies;
pub mod disks;
pub mod error;
pub mod recovery;
pub mod requests;
pub mod sheet;
pub mod status;

pub use adoption::*;
pub use array::*;
pub use copies::*;
pub use disks::*;
pub use error::{ApiError, ErrorBody};
pub use recovery::*;
pub use requests::*;
pub use sheet::*;
pub use status::*;

/// The socket that the supervisor listens on.
pub const SOCKET: &str = "/run/preau/api.sock";

/// The largest request body, in bytes. The largest honest one is a mail server's
/// certificate authority with some recipients.
pub const BODY_MAX: usize = 64 * 1024;
