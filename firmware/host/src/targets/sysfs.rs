//! An array below a folder that stands in for sysfs: each line of the text is a file,
//! `md/array_state=clean`, in which `|` stands for the end of a line.

use super::text_of;
use crate::lsblk::parse_lsblk;
use crate::md::{describe, read_arrays};
use preau_domain::arrays::MemberState;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// A folder that goes with the value.
struct Root(PathBuf);

impl Root {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("preau-sysfs-{}-{nth}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    /// Writes the files of a text; one that cannot be written is left out.
    #[expect(
        clippy::disallowed_methods,
        reason = "a folder that stands in for sysfs, gone in a moment"
    )]
    fn fill(&self, text: &str) {
        let array = self.0.join("sys/block/md127");
        for line in text.lines().take(60) {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let place = Path::new(name);
            let is_plain = |part| matches!(part, Component::Normal(_));
            if name.is_empty() || !place.components().all(is_plain) {
                continue;
            }
            let file = array.join(place);
            if let Some(folder) = file.parent()
                && fs::create_dir_all(folder).is_ok()
            {
                // A name that the file system does not take is not in sysfs either.
                let _ = fs::write(&file, value.replace('|', "\n"));
            }
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Either every word is understood, or the arrays are unreadable: a member that serves,
/// a list of bad blocks that is empty and an array that rests were all told so.
pub(super) fn md(bytes: &[u8]) {
    let text = text_of(bytes);
    let root = Root::new();
    root.fill(&text);
    let Ok(arrays) = read_arrays(&root.0) else {
        return;
    };
    let nodes = parse_lsblk("").expect("nothing is no device");
    for raw in arrays {
        let array = describe(&raw, Uuid::nil(), &nodes);
        let file = |name: &str| {
            let path = root.0.join("sys/block/md127").join(name);
            fs::read_to_string(path).unwrap_or_default()
        };
        if array.running {
            assert!(!["", "inactive", "broken"].contains(&file("md/array_state").trim()));
        }
        match array.sync {
            Some(sync) => assert!(sync.percent() <= 100),
            None => assert!(
                ["", "idle", "frozen", "recover"].contains(&file("md/sync_action").trim()),
                "an action that is not known passes for rest"
            ),
        }
        assert!(array.members.len() <= text.lines().count());
        for (member, found) in raw.members.iter().zip(&array.members) {
            let folder = format!("md/dev-{}", member.kname.replace('/', "!"));
            let state = file(&format!("{folder}/state"));
            let says = |word: &str| state.trim().split(',').any(|found| found == word);
            match found.state {
                MemberState::InSync => assert!(says("in_sync") && !says("faulty")),
                MemberState::Faulty => assert!(says("faulty")),
                _ => assert!(says("spare") || says("journal"), "{state:?}"),
            }
            let bad = file(&format!("{folder}/bad_blocks"));
            let nothing = bad.trim().is_empty() || !bad.contains('\n') || bad.contains(" 0");
            assert!(
                found.marks.bad_sectors > 0 || nothing,
                "a list that is not understood passes for an empty one: {bad:?}"
            );
        }
    }
}
