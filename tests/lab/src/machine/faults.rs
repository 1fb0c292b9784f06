//! How a disk is broken without a hand at its bay.
//!
//! The raw node that a disk's medium is gets its bytes from a file node. To break
//! the disk, a filter is put between the two with `blockdev-reopen`: `blkdebug`,
//! which answers errors, or `throttle`, which lets next to nothing through. Mending
//! it takes the filter away again. The device never notices that its medium changed.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Bay, Bays, arguments};

/// Linux's error numbers, as `blkdebug` takes them.
const EIO: i32 = 5;
/// What QEMU's disks report as a medium error.
const ENODATA: i32 = 61;
const SECTOR: u64 = 512;

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It takes no write and no flush any more, and still reads.
    WritesFail,
    /// One place cannot be read any more. Writing there works and does not help.
    CannotRead {
        /// The byte on the disk; its sector of 512 bytes is meant.
        at: u64,
    },
    /// One place can neither be read nor written.
    CannotUse {
        /// The byte on the disk; its sector of 512 bytes is meant.
        at: u64,
    },
    /// Nothing is answered any more, neither well nor badly. Only for virtio-scsi:
    /// NVMe and AHCI then hold QEMU itself up.
    Hangs,
    /// It works and is slow, as a disk that turns: so many requests in a second, of
    /// which one may be 1 MiB large. Flushes are not counted.
    Slow {
        /// Requests in one second.
        per_second: u64,
    },
    /// It works, and reads and writes no more than so many bytes in a second together.
    Narrow {
        /// Bytes in one second.
        per_second: u64,
    },
}

impl Fault {
    /// What `throttle-group` calls them, for a disk that is held back.
    fn limits(self) -> Option<Value> {
        match self {
            Self::Hangs => Some(json!({"bps-total": 1})),
            Self::Slow { per_second } => {
                Some(json!({"iops-total": per_second, "iops-size": 1 << 20}))
            }
            Self::Narrow { per_second } => Some(json!({"bps-total": per_second})),
            Self::WritesFail | Self::CannotRead { .. } | Self::CannotUse { .. } => None,
        }
    }
}

impl Bay<'_> {
    /// Breaks the disk in this bay; one that is broken already breaks in this way
    /// instead.
    pub async fn break_disk(&self, fault: Fault) -> Result<()> {
        self.mend().await?;
        let file = arguments::file_name(self.name);
        ensure!(
            self.has_node(&file).await?,
            "{} holds no disk that can be broken",
            self.name
        );
        let name = fault_name(self.name);
        if let Some(limits) = fault.limits() {
            let group = json!({
                "qom-type": "throttle-group", "id": group_name(self.name), "limits": limits,
            });
            self.qmp.order("object-add", group).await?;
        }
        self.qmp
            .order("blockdev-add", filter(&name, &file, self.name, fault))
            .await?;
        self.read_from(&name).await
    }

    /// Takes away whatever [`Bay::break_disk`] did; a whole disk stays whole.
    pub async fn mend(&self) -> Result<()> {
        let Some(node) = self.node(&fault_name(self.name)).await? else {
            return Ok(());
        };
        if node["drv"] == "throttle" {
            self.let_through().await?;
        }
        self.read_from(&arguments::file_name(self.name)).await?;
        self.forget_fault().await
    }

    /// Answers what the guest waits for, and whatever it asks from now on.
    ///
    /// `blockdev-reopen` waits until a node has nothing under way, and only a node
    /// that is reopened itself lets go of the requests it holds back: reopening the
    /// medium first would wait for the throttle for ever.
    async fn let_through(&self) -> Result<()> {
        self.qmp
            .order(
                "qom-set",
                json!({
                    "path": format!("/objects/{}", group_name(self.name)),
                    "property": "limits", "value": {"bps-total": 0, "iops-total": 0},
                }),
            )
            .await?;
        let file = arguments::file_name(self.name);
        let throttle = filter(&fault_name(self.name), &file, self.name, Fault::Hangs);
        self.qmp
            .order("blockdev-reopen", json!({"options": [throttle]}))
            .await
    }

    /// Removes the filter once nothing reads through it.
    pub(super) async fn forget_fault(&self) -> Result<()> {
        let name = fault_name(self.name);
        let Some(node) = self.node(&name).await? else {
            return Ok(());
        };
        self.qmp
            .order("blockdev-del", json!({"node-name": name}))
            .await?;
        if node["drv"] == "throttle" {
            self.qmp
                .order("object-del", json!({"id": group_name(self.name)}))
                .await?;
        }
        Ok(())
    }

    /// Sets the critical warning in the SMART log of an NVMe disk.
    pub async fn warn(&self, bits: u8) -> Result<()> {
        self.qmp
            .order(
                "qom-set",
                json!({
                    "path": format!("/machine/peripheral/{}", self.name),
                    "property": "smart_critical_warning", "value": bits,
                }),
            )
            .await
            .with_context(|| format!("setting the warning of the disk in {}", self.name))
    }

    /// How many bytes the guest has written on the disk since it was plugged in.
    pub async fn written(&self) -> Result<u64> {
        let stats: Vec<Value> = self.qmp.execute("query-blockstats", json!({})).await?;
        let ours = |found: &&Value| {
            let device = found["qdev"].as_str().unwrap_or_default();
            device.split('/').any(|part| part == self.name)
        };
        let found = stats.iter().find(ours);
        let bytes = found.and_then(|found| found["stats"]["wr_bytes"].as_u64());
        bytes.with_context(|| format!("QEMU counts no writes of {}", self.name))
    }

    /// Where on the disk `wanted` begins, looked for at every sector.
    pub fn find(&self, wanted: &[u8]) -> Result<Option<u64>> {
        find(&self.file()?, wanted)
    }

    /// Changes bytes underneath the running machine, as a disk does that lies.
    pub fn change_bytes(&self, at: u64, length: usize) -> Result<()> {
        let path = self.file()?;
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| format!("opening {}", path.display()))?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, at)?;
        bytes.iter_mut().for_each(|byte| *byte ^= 0xA5);
        file.write_all_at(&bytes, at)
            .with_context(|| format!("changing {}", path.display()))
    }

    fn file(&self) -> Result<PathBuf> {
        let bays = Bays::load(self.folder)?;
        let disk = bays.disk(self.name);
        let disk = disk.with_context(|| format!("{} is empty", self.name))?;
        Ok(self.folder.join(&disk.file))
    }

    async fn read_from(&self, node: &str) -> Result<()> {
        let mut medium = arguments::raw_node(&arguments::medium_name(self.name), "");
        medium["file"] = json!(node);
        self.qmp
            .order("blockdev-reopen", json!({"options": [medium]}))
            .await
    }

    async fn has_node(&self, name: &str) -> Result<bool> {
        Ok(self.node(name).await?.is_some())
    }

    async fn node(&self, name: &str) -> Result<Option<Value>> {
        let nodes: Vec<Value> = self
            .qmp
            .execute("query-named-block-nodes", json!({"flat": true}))
            .await?;
        Ok(nodes.into_iter().find(|node| node["node-name"] == name))
    }
}

fn filter(name: &str, file: &str, bay: &str, fault: Fault) -> Value {
    let errors = match fault {
        Fault::Hangs | Fault::Slow { .. } | Fault::Narrow { .. } => {
            return json!({
                "node-name": name, "driver": "throttle",
                "throttle-group": group_name(bay), "file": file,
            });
        }
        Fault::WritesFail => ["write", "write-zeroes", "discard", "flush"]
            .map(|kind| error(kind, EIO, None))
            .to_vec(),
        Fault::CannotRead { at } => vec![error("read", ENODATA, Some(at))],
        Fault::CannotUse { at } => ["read", "write", "write-zeroes"]
            .map(|kind| error(kind, ENODATA, Some(at)))
            .to_vec(),
    };
    json!({
        "node-name": name, "driver": "blkdebug", "image": file, "inject-error": errors,
    })
}

/// One rule of blkdebug; `none` is the event that has happened from the start.
fn error(kind: &str, errno: i32, at: Option<u64>) -> Value {
    let mut rule = json!({"event": "none", "iotype": kind, "errno": errno, "once": false});
    if let Some(at) = at {
        rule["sector"] = json!(at / SECTOR);
    }
    rule
}

fn fault_name(bay: &str) -> String {
    format!("{bay}-fault")
}

fn group_name(bay: &str) -> String {
    format!("{bay}-hang")
}

fn find(path: &Path, wanted: &[u8]) -> Result<Option<u64>> {
    if wanted.len() < 16 {
        bail!("too few bytes to be found by");
    }
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let length = file.metadata()?.len();
    let mut window = vec![0; 1 << 20];
    let mut offset = 0;
    while offset < length {
        let take = usize::try_from(length - offset)?.min(window.len());
        file.read_exact_at(&mut window[..take], offset)?;
        for start in (0..take).step_by(SECTOR as usize) {
            let head = wanted.len().min(take - start);
            if window[start..start + head] != wanted[..head] {
                continue;
            }
            let mut whole = vec![0; wanted.len()];
            let at = offset + start as u64;
            if at + wanted.len() as u64 <= length {
                file.read_exact_at(&mut whole, at)?;
            }
            if whole == wanted {
                return Ok(Some(at));
            }
        }
        offset += take as u64;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_where_they_lie_even_across_two_windows() {
        let path = std::env::temp_dir().join(format!("preau-find-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        file.set_len(3 << 20).unwrap();
        let wanted: Vec<u8> = (0..4096_u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(find(&path, &wanted).unwrap(), None);
        let at = (1 << 20) - 512;
        file.write_all_at(&wanted, at).unwrap();
        assert_eq!(find(&path, &wanted).unwrap(), Some(at));
        std::fs::remove_file(&path).unwrap();
    }
}
