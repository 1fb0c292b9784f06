//! The supervisor: senses the machine, judges what it sees, makes it what the
//! settings want, tells people by mail, and answers the API on its socket.
//!
//! [`watch`] observes and judges, [`readings`] visits the disks, [`reconcile`] carries out steps, [`mail`] empties
//! the outbox, [`routes`] answer requests; they share the [`desk`], which owns the
//! settings, and the [`store`], which keeps incidents and mails.

pub mod adoption;
mod array;
pub mod auth;
pub mod bundle;
pub mod clock;
mod coming_back;
pub mod copies;
pub mod desk;
pub mod disk_view;
pub mod generations;
pub mod keep;
pub mod machine;
pub mod mail;
pub mod notice;
mod notices;
pub mod paths;
pub mod people;
pub mod picture;
pub mod readings;
pub mod reconcile;
pub mod refusal;
pub mod routes;
pub mod scrub;
pub mod secrets;
pub mod sheet;
pub mod status;
pub mod store;
pub mod tls;
pub mod watch;

mod run;
#[cfg(test)]
mod testing;

pub use run::{RunError, run};
