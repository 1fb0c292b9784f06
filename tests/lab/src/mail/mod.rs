//! A real SMTP server on the loopback, and what arrives there.
//!
//! [`authority`] issues certificates, [`server`] runs exim with a configuration of
//! its own, [`mailbox`] reads the messages that it delivered as files. The box
//! reaches it at [`HOST`].

mod authority;
mod mailbox;
mod server;

#[cfg(feature = "clients")]
pub(crate) use self::authority::use_authority_of;
pub use self::{
    mailbox::{Mail, Mailbox},
    server::{Certificate, LOGIN, MailServer, PASSWORD, Recipients},
};

/// This machine's loopback, as a guest with user networking sees it.
pub const HOST: &str = "10.0.2.2";
