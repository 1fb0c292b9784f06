//! The board's facts: which bay a disk sits in. `board.toml` lists the bays with a
//! fragment of the sysfs path of whatever sits there; the path of a disk follows
//! its socket, not its name, so a bay is known across reboots and replacements.

use crate::system::HostError;
use preau_domain::ids::Bay;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// What `board.toml` tells; it may hold more, for the builders of the image.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Board {
    #[serde(default, rename = "bay")]
    bays: Vec<BoardBay>,
}

#[derive(Debug, Deserialize)]
struct BoardBay {
    /// What is written beside the bay.
    label: String,
    /// Fragments of the disk's resolved path below `/sys/devices`, one for each way
    /// into the bay; `*` stands for anything within one folder's name, such as a host
    /// number that may vary.
    #[serde(rename = "match")]
    fragments: Fragments,
}

/// Most bays have one way in; some take a SATA disk or an NVMe one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Fragments {
    One(String),
    Many(Vec<String>),
}

impl Fragments {
    fn hold(&self, path: &str) -> bool {
        match self {
            Self::One(fragment) => holds(path, fragment),
            Self::Many(fragments) => fragments.iter().any(|fragment| holds(path, fragment)),
        }
    }
}

impl Board {
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        toml::from_str(text).map_err(|error| HostError::Unexpected {
            what: "board.toml",
            text: error.to_string(),
        })
    }

    pub(crate) fn load(path: &Path) -> Result<Self, HostError> {
        let text = fs::read_to_string(path).map_err(|source| HostError::File {
            act: "reading",
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// The bay of the disk at that sysfs path, if the board has one there.
    pub(crate) fn bay_of(&self, sysfs_path: &str) -> Option<Bay> {
        self.bays
            .iter()
            .find(|bay| bay.fragments.hold(sysfs_path))
            .map(|bay| Bay(bay.label.clone()))
    }
}

/// Whether `fragment`, with its wildcards, occurs anywhere in `path`.
fn holds(path: &str, fragment: &str) -> bool {
    path.char_indices()
        .any(|(start, _)| starts_with(&path[start..], fragment))
}

fn starts_with(path: &str, fragment: &str) -> bool {
    let Some((before, after)) = fragment.split_once('*') else {
        return path.starts_with(fragment);
    };
    let Some(rest) = path.strip_prefix(before) else {
        return false;
    };
    let folder_end = rest.find('/').unwrap_or(rest.len());
    rest.char_indices()
        .map(|(index, _)| index)
        .chain([rest.len()])
        .filter(|index| *index <= folder_end)
        .any(|index| starts_with(&rest[index..], after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bay_is_found_by_the_path_of_its_socket() {
        let board = Board::parse(
            r#"
            name = "Test"
            [[bay]]
            label = "1"
            match = "/target*:0:1/"
            [[bay]]
            label = "2"
            match = "0000:00:04.0/"
            "#,
        )
        .unwrap();
        let scsi =
            "/sys/devices/pci0000:00/0000:00:03.0/virtio2/host0/target0:0:1/0:0:1:0/block/sdb";
        assert_eq!(board.bay_of(scsi), Some(Bay("1".to_owned())));
        let other =
            "/sys/devices/pci0000:00/0000:00:03.0/virtio2/host0/target0:0:11/0:0:11:0/block/sdb";
        assert_eq!(board.bay_of(other), None);
        let nvme = "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1";
        assert_eq!(board.bay_of(nvme), Some(Bay("2".to_owned())));
    }

    #[test]
    fn a_star_stays_within_one_folder() {
        assert!(holds("/a/host3/b", "/host*/b"));
        assert!(holds("/a/host/b", "/host*/b"));
        assert!(!holds("/a/host3/c/b", "/host*/b"));
    }

    #[test]
    fn a_disk_of_the_qemu_board_is_in_its_bay_whatever_it_is_plugged_into() {
        let text = include_str!("../../../board/qemu/aarch64/board.toml");
        let board = Board::parse(text).unwrap();
        let pci = "/sys/devices/platform/4010000000.pcie/pci0000:00";
        for (path, label) in [
            (
                "0000:00:03.0/virtio2/host0/target0:0:1/0:0:1:0/block/sdb",
                "2",
            ),
            (
                "0000:00:03.0/virtio2/host6/target6:0:2/6:0:2:0/block/sdb",
                "3",
            ),
            ("0000:00:13.0/0000:01:00.0/nvme/nvme0/nvme0n1", "3"),
            ("0000:00:14.0/0000:02:00.0/virtio5/block/vdb", "4"),
            (
                "0000:00:04.0/usb2/2-5/2-5:1.0/host1/target1:0:0/1:0:0:0/block/sdc",
                "5",
            ),
            ("0000:00:05.0/ata6/host7/target7:0:0/7:0:0:0/block/sdd", "6"),
        ] {
            let found = board.bay_of(&format!("{pci}/{path}"));
            assert_eq!(found, Some(Bay(label.to_owned())), "{path}");
        }
        let card = format!("{pci}/0000:00:04.0/virtio3/block/vda");
        assert_eq!(board.bay_of(&card), None);
    }

    #[test]
    fn a_board_without_bays_is_a_board() {
        assert_eq!(Board::parse("").unwrap().bay_of("/sys/x"), None);
        assert!(Board::parse("[[bay]]\nlabel = 1").is_err());
    }
}
