//! The layers that lie between a member's partition and md: `dm-integrity` keeps a
//! checksum of every block beside it, so that md gets an error instead of wrong bytes
//! and reads the block elsewhere. An open layer is a device-mapper device; it is named
//! after its partition's own UUID, so that the same disk gives the same name in
//! whichever bay it sits. What the kernel says of them is read below a root folder.

use std::fs;
use std::io;
use std::path::Path;

/// What libblkid calls a partition with such a layer on it.
pub(crate) const LAYER: &str = "DM_integrity";
const PREFIX: &str = "preau-";

/// The device-mapper name of the layer on a partition of that UUID.
pub(crate) fn layer_name(partition_uuid: &str) -> String {
    format!("{PREFIX}{}", partition_uuid.to_lowercase())
}

/// A layer that the kernel has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenLayer {
    /// `dm-0`.
    pub(crate) kname: String,
    /// [`layer_name`] of its partition.
    pub(crate) name: String,
    /// Its disk has gone from under it: every access is an error.
    pub(crate) orphaned: bool,
    /// Something lies on it and uses it.
    pub(crate) held: bool,
}

/// The layers of Préau that the kernel has open.
pub(crate) fn read_open_layers(root: &Path) -> io::Result<Vec<OpenLayer>> {
    let mut layers = Vec::new();
    let block = root.join("sys/block");
    for entry in fs::read_dir(&block)? {
        let kname = entry?.file_name().to_string_lossy().into_owned();
        if !is_mapped(&kname) {
            continue;
        }
        let device = block.join(&kname);
        let name = match fs::read_to_string(device.join("dm/name")) {
            Ok(name) => name.trim().to_owned(),
            // Closed while it was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if !name.starts_with(PREFIX) {
            continue;
        }
        layers.push(OpenLayer {
            orphaned: !is_backed(root, &kname),
            held: has_entries(&device.join("holders")),
            kname,
            name,
        });
    }
    layers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(layers)
}

/// Whether a kernel name is one of device-mapper's.
pub(crate) fn is_mapped(kname: &str) -> bool {
    kname.starts_with("dm-")
}

/// Whether everything below a mapped device is still plugged in; true for any other
/// device, which has nothing below it. The kernel keeps the links of what has gone:
/// they lead nowhere.
pub(crate) fn is_backed(root: &Path, kname: &str) -> bool {
    if !is_mapped(kname) {
        return true;
    }
    let slaves = root.join("sys/block").join(kname).join("slaves");
    let Ok(entries) = fs::read_dir(&slaves) else {
        return false;
    };
    let mut below = entries.filter_map(Result::ok).peekable();
    below.peek().is_some() && below.all(|entry| entry.path().exists())
}

fn has_entries(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::os::unix::fs::symlink;

    fn open(root: &Path, kname: &str, name: &str, below: &str) {
        let device = root.join("sys/block").join(kname);
        for part in ["dm", "slaves", "holders"] {
            fs::create_dir_all(device.join(part)).unwrap();
        }
        fs::create_dir_all(root.join("sys/devices").join(below)).unwrap();
        let target = Path::new("../../../devices").join(below);
        symlink(target, device.join("slaves").join(below)).unwrap();
        crate::write_durably(
            &device.join("dm/name"),
            format!("{name}\n").as_bytes(),
            0o600,
        )
        .unwrap();
    }

    #[test]
    fn a_layer_whose_disk_was_pulled_is_told_from_one_that_works() {
        let folder = Folder::new("layers");
        let root = folder.path();
        open(root, "dm-0", "preau-aa", "sda1");
        open(root, "dm-1", "preau-bb", "sdb1");
        open(root, "dm-2", "somebody-elses", "sdc1");
        fs::remove_dir(root.join("sys/devices/sdb1")).unwrap();
        fs::create_dir(root.join("sys/block/dm-1/holders/md127")).unwrap();
        let layer = |kname: &str, name: &str, gone| OpenLayer {
            kname: kname.to_owned(),
            name: name.to_owned(),
            orphaned: gone,
            held: gone,
        };
        assert_eq!(
            read_open_layers(root).unwrap(),
            [
                layer("dm-0", "preau-aa", false),
                layer("dm-1", "preau-bb", true)
            ]
        );
        assert!(is_backed(root, "sda1"), "nothing lies below a partition");
        assert!(!is_backed(root, "dm-9"));
    }

    #[test]
    fn a_layer_is_named_after_its_partition() {
        assert_eq!(layer_name("0A1B-2C"), "preau-0a1b-2c");
    }
}
