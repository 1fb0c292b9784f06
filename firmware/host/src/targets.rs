//! What must hold of every parser of text that the kernel or a program wrote, whatever
//! the text: one function for each parser, which panics when it does not hold. A fuzzer
//! looks for such texts (`cargo xtask fuzz`), the unit tests read the ones that were
//! kept, and `noise` tries damaged ones.
//!
//! Beside "no panic" they hold a parser to three things: what it returns stands in the
//! text, it is no larger than the text, and what is not understood is an error or
//! unknown rather than nothing or nought.

mod files;
mod lines;
mod sysfs;

#[cfg(test)]
pub(crate) use lines::places;

/// One parser, held to its word.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Also the name of its folder in the corpus.
    pub name: &'static str,
    /// Reads a text, and panics when what must hold does not.
    pub read: fn(&[u8]),
}

/// Every parser.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "integrity",
        read: lines::integrity,
    },
    Target {
        name: "kmsg",
        read: lines::kmsg,
    },
    Target {
        name: "lsblk",
        read: files::lsblk,
    },
    Target {
        name: "mdadm",
        read: lines::mdadm,
    },
    Target {
        name: "procfs",
        read: files::procfs,
    },
    Target {
        name: "scrub",
        read: lines::scrub,
    },
    Target {
        name: "sysfs",
        read: sysfs::md,
    },
    Target {
        name: "uevent",
        read: files::uevent,
    },
];

/// The target of that name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// The lossy text of some bytes, as a command's output or a file is read.
fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// See `fuzz/corpus/README.md`.
    #[test]
    fn every_kept_text_is_read_as_its_parser_promises() {
        let corpus = Path::new("fuzz/corpus");
        for target in TARGETS {
            let folder = corpus.join(target.name);
            let mut read = 0;
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let bytes = std::fs::read(&path).unwrap();
                let held = std::panic::catch_unwind(|| (target.read)(&bytes));
                assert!(held.is_ok(), "{}", path.display());
                read += 1;
            }
            assert!(read > 0, "{} holds no text", folder.display());
        }
        for entry in std::fs::read_dir(corpus).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_known = named(&name).is_some() || entry.path().is_file();
            assert!(is_known, "no target reads the texts in {name}");
        }
    }
}
