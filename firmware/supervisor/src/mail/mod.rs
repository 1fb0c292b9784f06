//! Mails: built in words from what the outbox holds, handed to a server one by one,
//! kept until a server took them.

pub mod deliver;
pub mod letter;
pub mod message;
pub mod post;
pub mod test;

#[cfg(test)]
mod tests;
