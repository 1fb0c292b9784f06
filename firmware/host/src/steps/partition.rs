//! Erasing a disk and giving it its one partition with the layer on it: the only place
//! where what somebody may have wanted is destroyed. udev is made to read the disk again, the
//! consent is judged on what it finds, and anything that still uses the disk is an
//! answer of its own.

use super::LONG;
use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::prepare::{Prepared, judge};
use crate::system::{Change, HostError};
use preau_domain::disks::Layer;
use preau_domain::ids::DiskId;
use preau_domain::settings::EraseConsent;

const MIB: u64 = 1 << 20;
/// Linux RAID, among the partition types of GPT.
const LINUX_RAID: &str = "A19D880F-05FC-4D3B-A006-743F0F84911E";
/// At least this much stays free at the end: two disks of the same nominal size
/// differ by a few MiB, and the backup of the partition table lies there.
const MIN_RESERVE: u64 = 16 * MIB;
/// And a thousandth of the disk: makers round within about that.
const RESERVE_SHARE: u64 = 1000;

/// The size of the partition on a disk of that many bytes, in MiB; it starts at
/// 1 MiB. `None` when the disk is too small to hold one.
fn partition_mib(disk: u64) -> Option<u64> {
    let reserve = MIN_RESERVE.max(disk / RESERVE_SHARE);
    let size = disk.checked_sub(MIB + reserve)? / MIB;
    // Below this mdadm and mkfs.btrfs have no room for their own notes.
    (size >= 128).then_some(size)
}

/// What sfdisk is told.
fn sfdisk_script(size_mib: u64, name: &str) -> String {
    format!("label: gpt\nstart=1MiB, size={size_mib}MiB, type={LINUX_RAID}, name=\"{name}\"\n")
}

impl Machine {
    pub(super) async fn prepare_partition(
        &self,
        consent: &EraseConsent,
        partition_name: &str,
    ) -> Result<Change, HostError> {
        let nodes = self.look_again(&consent.disk).await?;
        let disks = self.disks(&nodes);
        let disk = disks.iter().find(|disk| disk.id == consent.disk);
        match judge(consent, disk, partition_name)? {
            Prepared::Already => return Ok(Change::Unchanged),
            Prepared::Unfinished => {}
            Prepared::MayErase => self.erase(&nodes, consent, partition_name).await?,
        }
        self.finish_partition(consent, partition_name).await?;
        Ok(Change::Changed)
    }

    /// Lays the layer on the partition that was made, once udev shows it.
    async fn finish_partition(
        &self,
        consent: &EraseConsent,
        partition_name: &str,
    ) -> Result<(), HostError> {
        let gone = || HostError::Missing(format!("the new partition of {}", consent.disk));
        let nodes = self.nodes().await?;
        let disk = nodes.find(&consent.disk).ok_or_else(gone)?;
        let partition = match nodes.partitions(disk).as_slice() {
            [only] if only.partlabel.as_deref() == Some(partition_name) => *only,
            _ => return Err(gone()),
        };
        self.lay_layer(partition).await?;
        self.wait_for("the new layer", |nodes, _| {
            let mut disks = self.disks(nodes).into_iter();
            disks.any(|disk| disk.id == consent.disk && disk.layer == Layer::Closed)
        })
        .await
    }

    async fn erase(
        &self,
        nodes: &Nodes,
        consent: &EraseConsent,
        partition_name: &str,
    ) -> Result<(), HostError> {
        let gone = || HostError::Missing(format!("the disk {}", consent.disk));
        let node = nodes.find(&consent.disk).ok_or_else(gone)?;
        self.release(nodes, node).await?;
        let too_small = || HostError::TooSmall {
            disk: consent.disk.to_string(),
            size: node.size,
            needed: MIN_RESERVE + 129 * MIB,
        };
        let size = partition_mib(node.size).ok_or_else(too_small)?;
        let partitions = nodes.partitions(node);
        // The partitions first: without their table they cannot be found any more.
        for erased in partitions.into_iter().chain([node]) {
            Command::new("/usr/sbin/wipefs")
                .args(["--all", "--lock=yes"])
                .arg(erased.path())
                .within(LONG)
                .run()
                .await?;
        }
        Command::new("/usr/sbin/sfdisk")
            .args(["--wipe=always", "--wipe-partitions=always", "--lock=yes"])
            .arg(node.path())
            .input(sfdisk_script(size, partition_name))
            .within(LONG)
            .run()
            .await?;
        self.wait_for("the new partition", |nodes, _| {
            self.disks(nodes).into_iter().any(|disk| {
                disk.id == consent.disk && disk.partition_name.as_deref() == Some(partition_name)
            })
        })
        .await
    }

    /// Every node, after udev has read that disk and its partitions once more: what
    /// its database says of them may be as old as the disk's last plug.
    async fn look_again(&self, id: &DiskId) -> Result<Nodes, HostError> {
        self.settle_udev().await?;
        let nodes = self.nodes().await?;
        let Some(disk) = nodes.find(id) else {
            return Ok(nodes);
        };
        let paths = nodes.partitions(disk).into_iter().chain([disk]);
        self.have_looked_at(paths.map(Node::path)).await?;
        self.nodes().await
    }

    /// Makes sure that nothing uses a disk: an array that does not run is stopped, a
    /// layer that nothing uses is closed, everything else is a refusal.
    async fn release(&self, nodes: &Nodes, disk: &Node) -> Result<(), HostError> {
        let in_use = || HostError::InUse(format!("the disk /dev/{}", disk.kname));
        let own: Vec<&Node> = nodes.partitions(disk).into_iter().chain([disk]).collect();
        if own.iter().any(|node| node.mounts().next().is_some()) {
            return Err(in_use());
        }
        let layers: Vec<&Node> = own.iter().filter_map(|node| nodes.layer_on(node)).collect();
        for (_, array) in self.raw_arrays().await? {
            let mut all = own.iter().chain(&layers);
            let mut uses = |kname: &str| all.any(|node| node.kname == kname);
            if !array.members.iter().any(|member| uses(&member.kname)) {
                continue;
            }
            if array.is_running() {
                return Err(in_use());
            }
            self.stop_array(&array).await?;
        }
        for layer in layers {
            self.close_layer_on(layer).await?;
        }
        // Device mapper and whatever else holds a partition shows in sysfs.
        for node in own {
            if self.holders(disk, node)? > 0 {
                return Err(in_use());
            }
        }
        Ok(())
    }

    fn holders(&self, disk: &Node, node: &Node) -> Result<usize, HostError> {
        let folder = if node.kname == disk.kname {
            format!("sys/block/{}/holders", disk.kname)
        } else {
            format!("sys/block/{}/{}/holders", disk.kname, node.kname)
        };
        let path = self.path(&folder);
        match std::fs::read_dir(&path) {
            Ok(entries) => Ok(entries.count()),
            Err(source) => Err(HostError::File {
                act: "reading",
                path,
                source,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_left_for_a_slightly_smaller_replacement() {
        let four_tb = 4_000_787_030_016;
        let size = partition_mib(four_tb).unwrap() * MIB;
        assert!(four_tb - size > four_tb / 1000);
        assert!(four_tb - size < four_tb / 990);
        let small = 1 << 30;
        assert_eq!(partition_mib(small), Some(1024 - 17));
        assert_eq!(partition_mib(100 * MIB), None);
        assert_eq!(partition_mib(0), None);
    }

    #[test]
    fn sfdisk_is_told_of_one_partition() {
        let script = sfdisk_script(1007, "preau-0123456789abcdef");
        assert_eq!(
            script,
            "label: gpt\nstart=1MiB, size=1007MiB, type=A19D880F-05FC-4D3B-A006-743F0F84911E, \
             name=\"preau-0123456789abcdef\"\n"
        );
    }
}
