//! The layers that lie between a member's partition and md: `dm-integrity` keeps a
//! checksum of every block beside it, so that md gets an error instead of wrong bytes
//! and reads the block elsewhere. An open layer is a device-mapper device; it is named
//! after its partition's own UUID, so that the same disk gives the same name in
//! whichever bay it sits. What the kernel says of them is read below a root folder.

use crate::command::Command;
use crate::machine::Machine;
use crate::system::HostError;
use preau_domain::arrays::ChecksumProgress;
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

/// What dm-integrity says of an open layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerState {
    /// [`layer_name`] of its partition.
    pub(crate) name: String,
    /// How often it refused to give out a block since it was opened.
    pub(crate) refused: u64,
    /// How far it is with the checksums of what lay there; `None` when it has them.
    pub(crate) checksums: Option<ChecksumProgress>,
}

impl Machine {
    /// Asks for the state of every open layer. Nothing is read from the disks for it.
    pub(crate) async fn read_layer_states(&self) -> Result<Vec<LayerState>, HostError> {
        let told = Command::new("/usr/sbin/dmsetup")
            .args(["status", "--noflush", "--target", "integrity"])
            .run()
            .await?;
        parse_layer_states(&told)
    }
}

/// Reads `dmsetup status --target integrity`: `NAME: 0 SECTORS integrity MISMATCHES
/// PROVIDED RECALCULATED`, where the last is `-` for a layer that was never told to
/// compute (dm-integrity in the kernel's documentation).
pub(crate) fn parse_layer_states(text: &str) -> Result<Vec<LayerState>, HostError> {
    const NONE: &str = "No devices found";
    let read = |line: &str| {
        let (name, rest) = line.split_once(": ")?;
        let mut words = rest.split_whitespace().skip(2);
        (words.next() == Some("integrity")).then_some(())?;
        let refused = words.next()?.parse().ok()?;
        let total: u64 = words.next()?.parse().ok()?;
        let done: u64 = match words.next()? {
            "-" => total,
            sector => sector.parse().ok()?,
        };
        Some(LayerState {
            name: name.to_owned(),
            refused,
            checksums: (done < total).then_some(ChecksumProgress { done, total }),
        })
    };
    let told = |line: &&str| !line.trim().is_empty() && *line != NONE;
    text.lines()
        .filter(told)
        .map(|line| read(line).ok_or_else(|| HostError::unexpected("dmsetup's status", line)))
        .collect()
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
    fn a_layer_says_what_it_refused_and_how_far_its_checksums_are() {
        let state = |refused, checksums: Option<(u64, u64)>| LayerState {
            name: "preau-aa".to_owned(),
            refused,
            checksums: checksums.map(|(done, total)| ChecksumProgress { done, total }),
        };
        let read = |words: &str| parse_layer_states(&format!("preau-aa: 0 4096 {words}\n"));
        for (words, expected) in [
            ("integrity 88 4096 4096", state(88, None)),
            ("integrity 0 4096 -", state(0, None)),
            ("integrity 0 4096 1024", state(0, Some((1024, 4096)))),
        ] {
            assert_eq!(read(words).unwrap(), [expected], "{words}");
        }
        for wrong in [
            "linear",
            "integrity 1",
            "integrity 1 4096",
            "integrity x 4096 -",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_layer_states("No devices found\n").unwrap(), []);
    }

    #[test]
    fn a_layer_is_named_after_its_partition() {
        assert_eq!(layer_name("0A1B-2C"), "preau-0a1b-2c");
    }
}
