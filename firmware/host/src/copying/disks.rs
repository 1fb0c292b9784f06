//! Disks that are plugged in for a copy and taken home again.

use super::CopyDisk;
use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::steps::LONG;
use crate::system::{Change, HostError};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where they are mounted, each in a folder named after its file system.
const MOUNTS: &str = "/run/preau/copies";
/// The repository's folder on the disk: an empty mount point has none, and the rest
/// of the disk stays as it is.
const FOLDER: &str = "Préau";
/// It holds a repository, nothing that the box should run.
const OPTIONS: &str = "nosuid,nodev,noexec,noatime";
/// The file systems that such disks are sold or made with.
const KINDS: [&str; 6] = ["exfat", "ext4", "vfat", "ntfs", "btrfs", "xfs"];

impl Machine {
    pub(super) async fn list_copy_disks(&self) -> Result<Vec<CopyDisk>, HostError> {
        Ok(copy_disks(&self.nodes().await?))
    }

    pub(super) async fn mount_copy_disk(&self, filesystem: &str) -> Result<PathBuf, HostError> {
        let nodes = self.nodes().await?;
        let node = find(&nodes, filesystem)
            .ok_or_else(|| HostError::Missing(format!("the disk with {filesystem}")))?;
        let place = Path::new(MOUNTS).join(filesystem);
        if node.mounts().any(|mount| Path::new(mount) == place) {
            return Ok(place.join(FOLDER));
        }
        DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(&place)
            .map_err(|source| HostError::File {
                act: "making",
                path: place.clone(),
                source,
            })?;
        Command::new("/usr/bin/mount")
            .args(["--options", OPTIONS])
            .arg(node.path())
            .arg(&place)
            .within(LONG)
            .run()
            .await?;
        Ok(place.join(FOLDER))
    }

    pub(super) async fn unmount_copy_disk(&self, filesystem: &str) -> Result<Change, HostError> {
        let place = Path::new(MOUNTS).join(filesystem);
        let nodes = self.nodes().await?;
        let is_mounted = nodes
            .iter()
            .flat_map(Node::mounts)
            .any(|mount| Path::new(mount) == place);
        if !is_mounted {
            return Ok(Change::Unchanged);
        }
        Command::new("/usr/bin/umount")
            .arg(&place)
            .within(LONG)
            .run()
            .await?;
        Ok(Change::Changed)
    }
}

/// The file systems on USB disks, each by itself or on a partition.
fn copy_disks(nodes: &Nodes) -> Vec<CopyDisk> {
    nodes
        .iter()
        .filter(|node| is_on_usb(nodes, node))
        .filter_map(|node| {
            Some(CopyDisk {
                filesystem: node.uuid.clone()?,
                label: node.label(),
                kind: node
                    .fstype
                    .clone()
                    .filter(|kind| KINDS.contains(&&**kind))?,
                size: node.size,
            })
        })
        .collect()
}

fn find<'a>(nodes: &'a Nodes, filesystem: &str) -> Option<&'a Node> {
    let is_it = |node: &&Node| node.uuid.as_deref() == Some(filesystem) && is_on_usb(nodes, node);
    nodes.iter().find(is_it)
}

fn is_on_usb(nodes: &Nodes, node: &Node) -> bool {
    let disk = node.disk_name().and_then(|name| nodes.get(name));
    disk.unwrap_or(node).is_usb()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsblk::parse_lsblk;

    /// As lsblk of util-linux 2.41 writes a stick with one partition beside a disk of
    /// the box; shortened by hand.
    const LSBLK: &str = r#"{"blockdevices": [
        {"kname":"sda","maj:min":"8:0","type":"disk","size":4000787030016,"tran":"sata",
         "fstype":"ext4","uuid":"aaaa"},
        {"kname":"sdb","maj:min":"8:16","type":"disk","size":2000398934016,"tran":"usb",
         "model":"My Passport","serial":"WX1", "children":[
            {"kname":"sdb1","maj:min":"8:17","type":"part","size":2000397795328,
             "fstype":"exfat","label":"COPIES","uuid":"1234-ABCD","pkname":"sdb"},
            {"kname":"sdb2","maj:min":"8:18","type":"part","size":1048576,
             "fstype":"linux_raid_member","uuid":"bbbb","pkname":"sdb"}]}]}"#;

    #[test]
    fn only_file_systems_on_usb_are_offered() {
        let nodes = parse_lsblk(LSBLK).unwrap();
        let offered = copy_disks(&nodes);
        let [disk] = offered.as_slice() else {
            panic!("{offered:?}");
        };
        assert_eq!(disk.filesystem, "1234-ABCD");
        assert_eq!(disk.label.as_deref(), Some("COPIES"));
        assert!(
            find(&nodes, "aaaa").is_none(),
            "a disk of the box is not taken"
        );
    }
}
