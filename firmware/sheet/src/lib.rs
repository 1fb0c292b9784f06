//! The recovery sheet: twelve words on paper from which everything secret on the
//! disks and elsewhere can be opened again.
//!
//! [`Code`] holds 128 random bits and shows them as words of a known list with a
//! checksum (BIP-39, French or English). Nothing is ever encrypted with the words
//! themselves: each use has a key of its own, [`Code::key`], so that one that leaks
//! opens nothing else. [`split`] makes three parts of it, any two of which are enough. [`seal`] and [`open`] keep a document encrypted with one.
//! Pure: random numbers are arguments, and no file is touched.

mod bundle;
mod code;
mod parts;
mod typed;

pub use bundle::{OpenError, SALT_BYTES, open, seal};
pub use code::{Code, ENTROPY_BYTES, KEY_BYTES, Purpose, WORDS};
pub use parts::{NEEDED, PART_WORDS, PARTS, Part, split};
pub use typed::{ReadError, WrongWord};
