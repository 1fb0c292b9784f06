//! Who may do what. A session is opened by the claim code or by an administrator's
//! password; its token is shown to the client once and known here by its hash.
//! Wrong tries are slowed down, never locked out for good. Root on the socket needs
//! no session.

pub mod passwords;
pub mod sessions;
pub mod throttle;
