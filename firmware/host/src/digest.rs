//! A short digest of what was found on a disk. A confirmation to erase repeats it,
//! so equal findings must give equal digests on every boot and on every kernel:
//! the lines are sorted, and nothing in them depends on the device's name.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Bytes of the hash that are kept: 64 bits tell apart what one box ever shows.
const KEPT: usize = 8;

/// The digest of lines that each describe one finding, in any order.
pub(crate) fn digest_of(mut lines: Vec<String>) -> String {
    lines.sort();
    let mut hash = Sha256::new();
    for line in &lines {
        // The length keeps ["ab", "c"] and ["a", "bc"] apart.
        hash.update((line.len() as u64).to_le_bytes());
        hash.update(line.as_bytes());
    }
    let mut text = String::with_capacity(2 * KEPT);
    for byte in hash.finalize().iter().take(KEPT) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_what_was_found_and_not_on_its_order() {
        let of = |lines: &[&str]| digest_of(lines.iter().map(ToString::to_string).collect());
        assert_eq!(of(&["ext4", "ntfs"]), of(&["ntfs", "ext4"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&[]), of(&[""]));
        assert_eq!(of(&["ext4"]).len(), 2 * KEPT);
    }
}
