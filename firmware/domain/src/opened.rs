//! A disk that somebody brought with files on it, opened so that they can be copied
//! into the shares. It is only ever read.

use crate::disks::Disk;
use crate::ids::DiskId;
use crate::settings::VolumeSettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The share in which an open disk appears.
pub const SHARE: &str = "usb";

/// The file systems that can be opened, as libblkid names them: those that disks from
/// a shop, from Windows, from Linux and from other boxes of this kind carry. What a Mac
/// writes (APFS, HFS+) the kernel cannot read.
pub const FILESYSTEMS: [&str; 7] = ["exfat", "vfat", "ntfs", "ext2", "ext3", "ext4", "btrfs"];

/// What can be copied from an open disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedDisk {
    /// Which disk.
    pub disk: DiskId,
    /// Its file systems, each a folder of the share.
    pub folders: Vec<Folder>,
}

/// A file system of an open disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Folder {
    /// The folder's name in the share.
    pub name: String,
    /// `exfat`, `ntfs`, …
    pub kind: String,
    /// Bytes in all.
    pub size: u64,
}

/// Whether a disk holds something that can be opened: a file system that the kernel
/// reads, on a disk that is none of a Préau's own.
pub fn can_be_opened(disk: &Disk, volume: Option<&VolumeSettings>) -> bool {
    let is_ours = |volume: &VolumeSettings| volume.members.iter().any(|it| it.disk == disk.id);
    let is_foreign = !volume.is_some_and(is_ours)
        && disk.member_of.is_none()
        && crate::adopt::set_of(disk, volume).is_none();
    let readable = |kind: &str| FILESYSTEMS.contains(&kind);
    is_foreign && disk.contents.iter().any(|content| readable(&content.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disks::{Bus, Content, Layer};
    use uuid::Uuid;

    fn disk(kinds: &[&str]) -> Disk {
        let content = |kind: &&str| Content {
            kind: (*kind).to_owned(),
            label: None,
            size: 1,
        };
        Disk {
            id: DiskId::from_identity(Some("0x5000c500a1b2c3d4"), "", None).unwrap(),
            bay: None,
            model: "My Passport".to_owned(),
            serial: "WX1".to_owned(),
            size: 1,
            bus: Bus::Usb,
            contents: kinds.iter().map(content).collect(),
            contents_digest: String::new(),
            member_of: None,
            layer: Layer::None,
            partition_name: None,
        }
    }

    #[test]
    fn what_the_kernel_reads_can_be_opened_and_a_disk_of_a_preau_cannot() {
        let foreign = disk(&["partition_table", "ntfs"]);
        assert!(can_be_opened(&foreign, None));
        for unreadable in [&[][..], &["apfs"], &["crypto_LUKS"], &["partition_table"]] {
            assert!(!can_be_opened(&disk(unreadable), None), "{unreadable:?}");
        }
        let member = Disk {
            member_of: Some(Uuid::from_u128(1)),
            ..disk(&["linux_raid_member", "ext4"])
        };
        assert!(!can_be_opened(&member, None));
    }
}
