//! A disk as it is observed: identity, place, size and what is written on it.

use crate::ids::{Bay, DiskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a disk is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bus {
    /// SATA or PATA.
    Ata,
    /// SCSI, SAS or virtio-scsi.
    Scsi,
    /// NVMe.
    Nvme,
    /// USB.
    Usb,
    /// virtio-blk.
    Virtio,
    /// Something else.
    Other,
}

/// One thing found on a disk, as libblkid names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Content {
    /// `ext4`, `ntfs`, `crypto_LUKS`, `linux_raid_member`, `partition_table`, …
    pub kind: String,
    /// The label that somebody gave it, if any.
    pub label: Option<String>,
    /// Size in bytes.
    pub size: u64,
}

/// What Préau lays on the partition of a member before md gets it: a layer that keeps
/// a checksum of every block, so that a block which changed by itself is an error
/// instead of wrong bytes. What lies on it can only be seen while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// There is none.
    #[default]
    None,
    /// It is there and not opened.
    Closed,
    /// It is open, and what lies on it is visible.
    Open,
}

/// A disk in the box. Equality compares everything, so a changed snapshot shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disk {
    /// Who it is.
    pub id: DiskId,
    /// Where it sits, when the board knows.
    pub bay: Option<Bay>,
    /// Model as the disk gives it.
    pub model: String,
    /// Serial number as printed on its label.
    pub serial: String,
    /// Size in bytes.
    pub size: u64,
    /// How it is attached.
    pub bus: Bus,
    /// What is written on it; empty for a blank disk. Members of Préau's own
    /// array are listed here too, as `linux_raid_member`.
    pub contents: Vec<Content>,
    /// A short digest of `contents`. A confirmation to erase repeats it, so that
    /// a disk whose contents changed in between is refused.
    pub contents_digest: String,
    /// The array whose superblock it carries, ours or a foreign one. Below a layer
    /// that is closed it is not known.
    pub member_of: Option<Uuid>,
    /// The layer on its only partition.
    pub layer: Layer,
    /// The GPT name of its only partition; see [`crate::plan::partition_name`].
    pub partition_name: Option<String>,
}

impl Disk {
    /// Nothing is written on it that libblkid knows.
    pub fn is_blank(&self) -> bool {
        self.contents.is_empty()
    }

    /// The end of the serial that a person compares with the label.
    pub fn serial_end(&self) -> &str {
        serial_end(&self.serial)
    }
}

/// The last four characters of a serial number, which a person compares with the
/// label.
pub fn serial_end(serial: &str) -> &str {
    let start = serial
        .char_indices()
        .rev()
        .nth(3)
        .map_or(0, |(index, _)| index);
    &serial[start..]
}
