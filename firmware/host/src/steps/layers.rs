//! Steps on the layer that finds silent corruption: lay it on a new partition, open
//! it, close it when its disk has gone. dm-integrity notes in a bitmap which regions
//! are being written, and after a power cut computes their checksums anew; decision
//! 0005 says why not a journal.

use super::{LONG, prepared_partition};
use crate::command::Command;
use crate::layers::read_open_layers;
use crate::lsblk::Node;
use crate::machine::Machine;
use crate::system::{Change, HostError};
use preau_domain::ids::DiskId;
use uuid::Uuid;

const INTEGRITYSETUP: &str = "/usr/sbin/integritysetup";
const DMSETUP: &str = "/usr/sbin/dmsetup";
/// Hardware computes it, and four bytes per block find what a disk lets through.
const CHECKSUM: &str = "--integrity=crc32c";
/// The unit of disks and of btrfs: smaller ones would cost eight times the space.
const BLOCK: &str = "--sector-size=4096";

impl Machine {
    /// Lays the layer on a partition that nothing is on. Nothing is wiped: that would
    /// take a day on a large disk, and the first opening computes the checksums of
    /// what lies there.
    pub(super) async fn lay_layer(&self, partition: &Node) -> Result<(), HostError> {
        Command::new(INTEGRITYSETUP)
            .args(["format", "--batch-mode", "--no-wipe", CHECKSUM, BLOCK])
            .arg(partition.path())
            .within(LONG)
            .run()
            .await?;
        self.have_looked_at([partition.path()]).await
    }

    /// Opens the layers of disks; one that cannot be opened is told once the others are.
    pub(super) async fn open_layers(
        &self,
        array: Uuid,
        disks: &[DiskId],
    ) -> Result<Change, HostError> {
        self.settle_udev().await?;
        let mut change = Change::Unchanged;
        let mut failure = None;
        for disk in disks {
            match self.open_layer(array, disk).await {
                Ok(Change::Changed) => change = Change::Changed,
                Ok(Change::Unchanged) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(change), Err)
    }

    async fn open_layer(&self, array: Uuid, disk: &DiskId) -> Result<Change, HostError> {
        let nodes = self.nodes().await?;
        let partition = prepared_partition(&nodes, disk, array)?;
        let missing = || HostError::Missing(format!("the layer of {disk}"));
        if nodes.layer_on(partition).is_some() {
            return Ok(Change::Unchanged);
        }
        let name = partition
            .layer_name()
            .filter(|_| partition.has_layer())
            .ok_or_else(missing)?;
        // Left over from before the disk was pulled.
        self.close_orphans().await?;
        self.open_layer_as(&partition.path(), &name).await?;
        let kname = partition.kname.clone();
        self.wait_for("the opened layer", |nodes, _| {
            let partition = nodes.get(&kname);
            partition.is_some_and(|partition| nodes.layer_on(partition).is_some())
        })
        .await?;
        Ok(Change::Changed)
    }

    /// Opens the layer on a device under a device-mapper name.
    pub(super) async fn open_layer_as(&self, device: &str, name: &str) -> Result<(), HostError> {
        Command::new(INTEGRITYSETUP)
            .args(["open", CHECKSUM, "--integrity-bitmap-mode"])
            // Begins with the first opening, and goes on where it was with the others.
            .arg("--integrity-recalculate")
            .args([device, name])
            .within(LONG)
            .run()
            .await
            .map(drop)
    }

    /// Closes the layers whose disk has gone and that no array holds any more: their
    /// names must be free when the disks come back.
    pub(super) async fn close_orphans(&self) -> Result<(), HostError> {
        for layer in self.read_layers()? {
            if layer.orphaned && !layer.held {
                self.close_layer(&layer.name).await?;
            }
        }
        Ok(())
    }

    /// Closes the layer on a partition, if it is open and nothing uses it.
    pub(super) async fn close_layer_on(&self, layer: &Node) -> Result<(), HostError> {
        for open in self.read_layers()? {
            if open.kname == layer.kname && !open.held {
                self.close_layer(&open.name).await?;
            }
        }
        Ok(())
    }

    /// `integritysetup close` would look for the disk first.
    async fn close_layer(&self, name: &str) -> Result<(), HostError> {
        Command::new(DMSETUP)
            // udev may still be looking at it.
            .args(["remove", "--retry", name])
            .within(LONG)
            .run()
            .await
            .map(drop)
    }

    pub(crate) fn read_layers(&self) -> Result<Vec<crate::layers::OpenLayer>, HostError> {
        read_open_layers(self.root()).map_err(|source| HostError::File {
            act: "reading",
            path: self.path("sys/block"),
            source,
        })
    }
}
