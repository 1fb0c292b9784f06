//! What is in the bays, and how a hand changes it.
//!
//! `bays.json` in the machine's folder says which disk file is in which bay; it is
//! read when the machine is switched on and written after each change, by whoever
//! made it: a story, or `cargo xtask disk` from another terminal.

use std::{collections::BTreeMap, fs::File, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Socket, arguments, media, sockets};
use crate::{
    qmp::{Qmp, wait_for_event},
    wait::secs,
};

const FILE: &str = "bays.json";
/// On a PCI Express port the guest has five seconds to object, and under emulation
/// it is slow to say that it does not.
const LEAVES_WITHIN: Duration = secs(60);

/// The models that the lab's disks claim to be; a person reads them in mails.
const MODELS: [&str; 3] = ["WD40EFPX-68C6CN0", "ST4000VN006-3CW1", "HDWG440UZSVA"];

/// A disk that can be in a bay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// The raw file with its contents, relative to the machine's folder or absolute.
    pub file: String,
    /// SCSI target: the bay's number less one.
    pub target: u8,
    /// Product name, 16 characters at most.
    pub model: String,
    /// Serial number, different for every disk.
    pub serial: String,
    /// World wide name, different for every disk.
    pub wwn: u64,
    /// Size.
    pub bytes: u64,
}

impl Disk {
    /// The `nth` disk that is put into a bay, with an identity of its own.
    pub fn new(bay: &str, nth: u32, bytes: u64) -> Result<Self> {
        let number: u8 = match bay.strip_prefix("bay").map(str::parse) {
            Some(Ok(number @ 1..=8)) => number,
            _ => bail!("a bay is called bay1 to bay8, not {bay:?}"),
        };
        let unique = u32::from(number) * 1000 + nth;
        Ok(Self {
            file: format!("{bay}-{nth}.raw"),
            target: number - 1,
            model: MODELS[usize::from(number - 1) % MODELS.len()].to_owned(),
            serial: format!("PREAU{number}X{:04}", (unique * 7_919) % 10_000),
            wwn: 0x5001_4EE0_0000_0000 + u64::from(unique),
            bytes,
        })
    }
}

/// What is in the bays, and how many disks each has seen.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bays {
    bays: BTreeMap<String, Slot>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    #[serde(default)]
    socket: Socket,
    disk: Option<Disk>,
    /// The one that was pulled last, and can be put back.
    pulled: Option<Disk>,
    seen: u32,
}

impl Bays {
    /// What the machine's folder says; no file, no disks.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("reading {}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a lab's file: losing it in a crash of the host loses nothing"
    )]
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))
    }

    /// The bays with a disk in them, in order.
    pub fn filled(&self) -> impl Iterator<Item = (&str, &Disk)> {
        self.bays
            .iter()
            .filter_map(|(name, slot)| Some((name.as_str(), slot.disk.as_ref()?)))
    }

    /// The disk in a bay.
    pub fn disk(&self, bay: &str) -> Option<&Disk> {
        self.bays.get(bay)?.disk.as_ref()
    }

    /// Whether a bay has never held a disk.
    pub fn is_new(&self, bay: &str) -> bool {
        self.seen(bay) == 0
    }

    /// What a bay's disk is plugged into.
    pub fn socket(&self, bay: &str) -> Socket {
        self.bays
            .get(bay)
            .map_or_else(Socket::default, |slot| slot.socket)
    }

    /// Every bay that was ever used or is of a kind of its own, with its socket.
    pub(super) fn sockets(&self) -> impl Iterator<Item = (&str, Socket)> {
        self.bays
            .iter()
            .map(|(name, slot)| (name.as_str(), slot.socket))
    }

    pub(super) fn set_socket(&mut self, bay: &str, socket: Socket) {
        self.bays.entry(bay.to_owned()).or_default().socket = socket;
    }

    /// Gives every bay that holds no disk the socket that `wanted` says.
    pub(super) fn plug_in_at(&mut self, wanted: &[(String, Socket)]) {
        for slot in self.bays.values_mut().filter(|slot| slot.disk.is_none()) {
            slot.socket = Socket::default();
        }
        for (bay, socket) in wanted {
            self.set_socket(bay, *socket);
        }
    }

    /// Takes the disk out of a machine that is off.
    pub fn take_out(&mut self, bay: &str) -> Result<Disk> {
        self.empty(bay).with_context(|| format!("{bay} is empty"))
    }

    /// Puts a disk into a machine that is off.
    pub fn put_in(&mut self, bay: &str, disk: Disk) -> Result<()> {
        if self.disk(bay).is_some() {
            bail!("{bay} already holds a disk: take it out first");
        }
        let target = Disk::new(bay, 1, 0)?.target;
        self.fill(bay, Disk { target, ..disk });
        Ok(())
    }

    /// Puts a new, blank disk of the same size in the place of each, in a machine that is
    /// off.
    pub(super) fn replace_all_with_blanks(&mut self, folder: &Path) -> Result<()> {
        let old: Vec<(String, u64)> = self
            .filled()
            .map(|(bay, disk)| (bay.to_owned(), disk.bytes))
            .collect();
        for (bay, bytes) in old {
            self.take_out(&bay)?;
            let new = self.make_blank(folder, &bay, bytes)?;
            self.put_in(&bay, new)?;
        }
        Ok(())
    }

    /// Makes the next disk that is put into a bay, with nothing on it.
    fn make_blank(&self, folder: &Path, bay: &str, bytes: u64) -> Result<Disk> {
        let disk = Disk::new(bay, self.seen(bay) + 1, bytes)?;
        let path = folder.join(&disk.file);
        let file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
        file.set_len(bytes)?;
        Ok(disk)
    }

    pub(super) fn fill(&mut self, bay: &str, disk: Disk) {
        let slot = self.bays.entry(bay.to_owned()).or_default();
        slot.seen += 1;
        slot.pulled = None;
        slot.disk = Some(disk);
    }

    fn empty(&mut self, bay: &str) -> Option<Disk> {
        let slot = self.bays.get_mut(bay)?;
        let disk = slot.disk.take()?;
        slot.pulled = Some(disk.clone());
        Some(disk)
    }

    fn seen(&self, bay: &str) -> u32 {
        self.bays.get(bay).map_or(0, |slot| slot.seen)
    }
}

/// A bay of a running machine.
#[derive(Debug)]
pub struct Bay<'a> {
    pub(super) qmp: &'a Qmp,
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
}

impl<'a> Bay<'a> {
    /// The bay `name` of the machine whose files are in `folder`.
    pub fn new(qmp: &'a Qmp, folder: &'a Path, name: &'a str) -> Self {
        Self { qmp, folder, name }
    }

    /// The disk that is in it now.
    pub fn disk(&self) -> Result<Disk> {
        Bays::load(self.folder)?
            .disk(self.name)
            .cloned()
            .with_context(|| format!("{} is empty", self.name))
    }

    /// Pulls the disk out of the running machine; its file stays.
    pub async fn pull(&self) -> Result<Disk> {
        let mut bays = Bays::load(self.folder)?;
        let disk = bays
            .empty(self.name)
            .with_context(|| format!("{} is empty", self.name))?;
        if !bays.socket(self.name).is_hot() {
            bail!(
                "{} lets its disk go only while the machine is off",
                self.name
            );
        }
        let mut events = self.qmp.events();
        self.qmp
            .order("device_del", json!({"id": self.name}))
            .await?;
        wait_for_event(
            &mut events,
            "the disk to leave its bay",
            LEAVES_WITHIN,
            |event| event.event == "DEVICE_DELETED" && event.data["device"] == self.name,
        )
        .await?;
        self.qmp
            .order(
                "blockdev-del",
                json!({"node-name": arguments::medium_name(self.name)}),
            )
            .await?;
        self.forget_fault().await?;
        bays.save(self.folder)?;
        Ok(disk)
    }

    /// Puts a new, blank disk of `bytes` into the empty bay.
    pub async fn insert_blank(&self, bytes: u64) -> Result<Disk> {
        let disk = Bays::load(self.folder)?.make_blank(self.folder, self.name, bytes)?;
        self.insert(disk.clone()).await?;
        Ok(disk)
    }

    /// Puts a disk that exists (one that was pulled, say) into the empty bay.
    pub async fn insert(&self, disk: Disk) -> Result<()> {
        let mut bays = Bays::load(self.folder)?;
        if bays.disk(self.name).is_some() {
            bail!("{} already holds a disk: pull it first", self.name);
        }
        let disk = Disk {
            target: Disk::new(self.name, 1, 0)?.target,
            ..disk
        };
        let path = self.folder.join(&disk.file);
        let node = arguments::disk_raw_node(self.name, &path.to_string_lossy());
        plug_in(self.qmp, self.name, bays.socket(self.name), &disk, node).await?;
        bays.fill(self.name, disk);
        bays.save(self.folder)
    }

    /// Puts the disk back that was pulled last.
    pub async fn put_back(&self) -> Result<Disk> {
        let bays = Bays::load(self.folder)?;
        let pulled = bays
            .bays
            .get(self.name)
            .and_then(|slot| slot.pulled.clone());
        let disk = pulled.with_context(|| format!("no disk was pulled out of {}", self.name))?;
        self.insert(disk.clone()).await?;
        Ok(disk)
    }

    /// The size of the disk that it holds, or held last.
    pub fn usual_size(&self) -> Result<u64> {
        media::last_size(self.folder, self.name)
    }

    /// Pulls whatever is there and puts a blank disk of the same size in its place.
    pub async fn replace_with_blank(&self) -> Result<Disk> {
        let size = match Bays::load(self.folder)?.disk(self.name) {
            Some(_) => self.pull().await?.bytes,
            None => media::last_size(self.folder, self.name)?,
        };
        self.insert_blank(size).await
    }
}

/// Plugs a disk into a bay of a running machine; `node` is its medium.
pub(super) async fn plug_in(
    qmp: &Qmp,
    bay: &str,
    socket: Socket,
    disk: &Disk,
    node: Value,
) -> Result<()> {
    qmp.order("blockdev-add", node).await?;
    qmp.order("device_add", sockets::disk_device(bay, socket, disk))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_disks_never_share_an_identity() {
        let mut seen = std::collections::HashSet::new();
        for bay in 1..=8 {
            for nth in 1..=20 {
                let disk = Disk::new(&format!("bay{bay}"), nth, 0).unwrap();
                assert!(
                    seen.insert(disk.serial.clone()) && seen.insert(disk.wwn.to_string()),
                    "{disk:?}"
                );
                assert!(
                    disk.model.len() <= 16,
                    "SCSI allows 16 characters: {}",
                    disk.model
                );
            }
        }
    }

    #[test]
    fn a_bay_that_does_not_exist_is_refused() {
        for name in ["bay0", "bay9", "sda", ""] {
            assert!(Disk::new(name, 1, 0).is_err(), "{name}");
        }
    }
}
