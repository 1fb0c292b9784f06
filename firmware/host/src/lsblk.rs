//! Disks as `lsblk` shows them: its JSON is read into a flat list of nodes, and the
//! disks of the box are made from it, each with what libblkid found on it.
//!
//! lsblk takes its facts from udev's database, so a disk is told only if udev had
//! looked at it and at each of its partitions before lsblk was asked: a disk that was
//! plugged in a moment ago would seem blank.

use crate::board::Board;
use crate::digest::digest_of;
use crate::layers::{LAYER, is_mapped, layer_name};
use crate::system::HostError;
use preau_domain::disks::{Bus, Content, Disk, Layer};
use preau_domain::ids::DiskId;
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The columns that [`parse_lsblk`] reads.
pub(crate) const COLUMNS: &str = "KNAME,MAJ:MIN,TYPE,SIZE,MODEL,SERIAL,WWN,TRAN,FSTYPE,LABEL,UUID,\
                                  PARTLABEL,PARTTYPE,PARTUUID,PTTYPE,MOUNTPOINTS,PKNAME";

/// Where the box itself is mounted from: what holds one of these is the card.
const CARD_MOUNTS: [&str; 3] = ["/", "/data", "/boot/firmware"];
/// Kernel names of block devices that are no disks, whatever their type says.
const NO_DISKS: [&str; 7] = ["loop", "zram", "ram", "md", "dm-", "sr", "nbd"];

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Node {
    /// `sda`, `sda1`, `md127`.
    pub(crate) kname: String,
    /// `8:0`.
    #[serde(rename = "maj:min")]
    pub(crate) number: String,
    /// `disk`, `part`, `raid1`, …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Bytes.
    pub(crate) size: u64,
    model: Option<String>,
    serial: Option<String>,
    wwn: Option<String>,
    tran: Option<String>,
    pub(crate) fstype: Option<String>,
    label: Option<String>,
    pub(crate) uuid: Option<String>,
    pub(crate) partlabel: Option<String>,
    parttype: Option<String>,
    partuuid: Option<String>,
    pttype: Option<String>,
    #[serde(default)]
    mountpoints: Vec<Option<String>>,
    pkname: Option<String>,
    #[serde(default)]
    children: Vec<Node>,
    /// udev had looked at it before it was described.
    #[serde(skip)]
    known: bool,
}

impl Node {
    /// Its device file.
    pub(crate) fn path(&self) -> String {
        format!("/dev/{}", self.kname)
    }

    /// Where it is mounted, swap included.
    pub(crate) fn mounts(&self) -> impl Iterator<Item = &str> {
        self.mountpoints.iter().filter_map(Option::as_deref)
    }

    /// The UUID of a file system on it.
    pub(crate) fn filesystem(&self) -> Option<Uuid> {
        Uuid::try_parse(self.uuid.as_deref()?).ok()
    }

    /// The array whose member it is.
    pub(crate) fn member_of(&self) -> Option<Uuid> {
        if self.fstype.as_deref() != Some("linux_raid_member") {
            return None;
        }
        parse_array_uuid(self.uuid.as_deref()?)
    }

    /// A partition with Préau's layer on it.
    pub(crate) fn has_layer(&self) -> bool {
        self.fstype.as_deref() == Some(LAYER)
    }

    /// The device-mapper name of the layer on this partition.
    pub(crate) fn layer_name(&self) -> Option<String> {
        self.partuuid.as_deref().map(layer_name)
    }

    fn identity(&self) -> Option<DiskId> {
        DiskId::from_identity(
            self.wwn.as_deref(),
            self.model.as_deref().unwrap_or_default(),
            self.serial.as_deref(),
        )
    }

    fn bus(&self) -> Bus {
        match self.tran.as_deref() {
            Some("ata" | "sata") => Bus::Ata,
            Some("nvme") => Bus::Nvme,
            Some("usb") => Bus::Usb,
            Some("virtio") => Bus::Virtio,
            Some("sas" | "spi" | "fc" | "iscsi" | "scsi") => Bus::Scsi,
            // lsblk has no word for virtio-scsi.
            None if self.kname.starts_with("sd") => Bus::Scsi,
            None if self.kname.starts_with("vd") => Bus::Virtio,
            _ => Bus::Other,
        }
    }

    /// Its name, when it was given one.
    pub(crate) fn label(&self) -> Option<String> {
        Self::filled(self.label.as_ref())
    }

    /// The kernel name of the disk that it is a part of.
    pub(crate) fn disk_name(&self) -> Option<&str> {
        self.pkname.as_deref()
    }

    pub(crate) fn is_usb(&self) -> bool {
        self.bus() == Bus::Usb
    }

    fn is_disk(&self) -> bool {
        let named = |prefix: &&str| self.kname.starts_with(*prefix);
        // eMMC shows its boot sectors as disks of their own.
        let boot_sectors = self.kname.starts_with("mmcblk") && self.kname.contains("boot");
        self.kind == "disk" && self.size > 0 && !NO_DISKS.iter().any(named) && !boot_sectors
    }

    fn filled(field: Option<&String>) -> Option<String> {
        let text = field?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Reads an md UUID in either of its forms, `a1b2c3d4:e5f60718:…` as mdadm writes
/// it or `a1b2c3d4-e5f6-…` as libblkid does: the digits stand in the same order.
pub(crate) fn parse_array_uuid(text: &str) -> Option<Uuid> {
    let digits: String = text.trim().chars().filter(|c| !":-".contains(*c)).collect();
    Uuid::try_parse(&digits).ok().filter(|_| digits.len() == 32)
}

/// Every block device of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Nodes(BTreeMap<String, Node>);

/// Reads `lsblk --json --bytes --output` [`COLUMNS`], nested or not.
pub(crate) fn parse_lsblk(text: &str) -> Result<Nodes, HostError> {
    #[derive(Deserialize)]
    struct Answer {
        blockdevices: Vec<Node>,
    }
    // With no device at all util-linux prints nothing.
    if text.trim().is_empty() {
        return Ok(Nodes::default());
    }
    let answer: Answer = serde_json::from_str(text).map_err(|error| HostError::Unexpected {
        what: "lsblk's answer",
        text: error.to_string(),
    })?;
    let mut nodes = BTreeMap::new();
    let mut waiting = answer.blockdevices;
    while let Some(mut node) = waiting.pop() {
        waiting.append(&mut node.children);
        nodes.insert(node.kname.clone(), node);
    }
    Ok(Nodes(nodes))
}

impl Nodes {
    /// Marks the nodes that udev had looked at before they were described, by their
    /// [`Node::number`].
    pub(crate) fn mark_known(&mut self, known: impl Fn(&str) -> bool) {
        for node in self.0.values_mut() {
            node.known = known(&node.number);
        }
    }

    /// The node of that kernel name.
    pub(crate) fn get(&self, kname: &str) -> Option<&Node> {
        self.0.get(kname)
    }

    /// Every node.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.0.values()
    }

    /// The partitions of a disk, in the order of their numbers.
    pub(crate) fn partitions<'a>(&'a self, disk: &'a Node) -> Vec<&'a Node> {
        let mut found: Vec<&Node> = self
            .iter()
            .filter(|node| node.kind == "part" && node.pkname.as_ref() == Some(&disk.kname))
            .collect();
        found.sort_by_key(|node| (node.kname.len(), node.kname.clone()));
        found
    }

    /// The disk that a node is, is a partition of, or is a layer on.
    pub(crate) fn disk_under(&self, kname: &str) -> Option<&Node> {
        let node = self.get(kname)?;
        if is_mapped(&node.kname) {
            let below = node.pkname.as_deref().filter(|below| !is_mapped(below))?;
            return self.disk_under(below);
        }
        match node.kind.as_str() {
            "part" => self.get(node.pkname.as_deref()?),
            _ => Some(node),
        }
    }

    /// The open layer on a partition.
    pub(crate) fn layer_on(&self, partition: &Node) -> Option<&Node> {
        self.iter()
            .find(|node| is_mapped(&node.kname) && node.pkname.as_ref() == Some(&partition.kname))
    }

    /// What md is given of a partition: the open layer on it, or the partition itself
    /// when there is none on it. `None` while the layer is closed.
    pub(crate) fn top_of<'a>(&'a self, partition: &'a Node) -> Option<&'a Node> {
        match self.layer_on(partition) {
            Some(layer) => Some(layer),
            None => (!partition.has_layer()).then_some(partition),
        }
    }

    /// The identity of the disk that holds a node.
    pub(crate) fn disk_id_under(&self, kname: &str) -> Option<DiskId> {
        self.disk_under(kname)?.identity()
    }

    /// The kernel names of the disks that are not the card, with their identities.
    pub(crate) fn identities(&self) -> impl Iterator<Item = (&str, DiskId)> {
        self.box_disks()
            .filter_map(|disk| Some((disk.kname.as_str(), disk.identity()?)))
    }

    /// The disk of that identity, the card excluded.
    pub(crate) fn find(&self, id: &DiskId) -> Option<&Node> {
        self.box_disks()
            .find(|disk| disk.identity().as_ref() == Some(id))
    }

    /// The disks that are not the card.
    fn box_disks(&self) -> impl Iterator<Item = &Node> {
        self.iter()
            .filter(|node| node.is_disk() && !self.is_card(node))
    }

    fn is_card(&self, disk: &Node) -> bool {
        let holds_box = |node: &Node| node.mounts().any(|mount| CARD_MOUNTS.contains(&mount));
        holds_box(disk) || self.partitions(disk).into_iter().any(holds_box)
    }

    /// Whether udev had looked at a disk, all its partitions and what lies open on them.
    fn is_known(&self, disk: &Node) -> bool {
        let partitions = self.partitions(disk);
        let mut layers = partitions.iter().filter_map(|part| self.layer_on(part));
        disk.known && layers.all(|layer| layer.known) && partitions.iter().all(|part| part.known)
    }

    /// The disks of the box. `sysfs_path` resolves a kernel name to a place below
    /// `/sys/devices`.
    pub(crate) fn disks(
        &self,
        board: &Board,
        sysfs_path: impl Fn(&str) -> Option<String>,
    ) -> Vec<Disk> {
        let mut disks: Vec<Disk> = self
            .box_disks()
            .filter(|node| self.is_known(node))
            .filter_map(|node| {
                let mut disk = self.describe(node)?;
                disk.bay = sysfs_path(&node.kname).and_then(|path| board.bay_of(&path));
                Some(disk)
            })
            .collect();
        disks.sort_by(|a, b| (&a.bay, &a.id).cmp(&(&b.bay, &b.id)));
        disks
    }

    /// A disk without its bay; `None` when it has no identity.
    fn describe(&self, node: &Node) -> Option<Disk> {
        let partitions = self.partitions(node);
        let mut contents: Vec<Content> = content_of(node).into_iter().collect();
        if node.pttype.is_some() || !partitions.is_empty() {
            contents.push(Content {
                kind: "partition_table".to_owned(),
                label: None,
                size: node.size,
            });
        }
        contents.extend(partitions.iter().filter_map(|part| content_of(part)));
        let layers = partitions.iter().filter_map(|part| self.layer_on(part));
        contents.extend(layers.clone().filter_map(content_of));
        // Not what lies on an open layer: the same disk gives the same digest before
        // and after it is opened.
        let mut lines = vec![facts(node)];
        lines.extend(partitions.iter().map(|part| facts(part)));
        let partition_name = match partitions.as_slice() {
            [only] => Node::filled(only.partlabel.as_ref()),
            _ => None,
        };
        Some(Disk {
            id: node.identity()?,
            bay: None,
            model: Node::filled(node.model.as_ref()).unwrap_or_default(),
            serial: Node::filled(node.serial.as_ref()).unwrap_or_default(),
            size: node.size,
            bus: node.bus(),
            contents,
            contents_digest: digest_of(lines),
            member_of: node
                .member_of()
                .or_else(|| partitions.iter().find_map(|part| part.member_of()))
                .or_else(|| layers.clone().find_map(Node::member_of)),
            layer: match partitions.as_slice() {
                [only] if self.layer_on(only).is_some() => Layer::Open,
                [only] if only.has_layer() => Layer::Closed,
                _ => Layer::None,
            },
            partition_name,
        })
    }
}

fn content_of(node: &Node) -> Option<Content> {
    Some(Content {
        kind: Node::filled(node.fstype.as_ref())?,
        label: Node::filled(node.label.as_ref()).or_else(|| Node::filled(node.partlabel.as_ref())),
        size: node.size,
    })
}

/// Everything of a node that tells its contents from others, and nothing that
/// another boot or another socket would change.
fn facts(node: &Node) -> String {
    let fields = [
        &node.fstype,
        &node.label,
        &node.uuid,
        &node.pttype,
        &node.partlabel,
        &node.parttype,
        &node.partuuid,
    ];
    let texts = fields.map(|field| Node::filled(field.as_ref()).unwrap_or_default());
    format!("{} {} {}", node.kind, node.size, texts.join("\u{1f}"))
}

#[cfg(test)]
mod tests;
