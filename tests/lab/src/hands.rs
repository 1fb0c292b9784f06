//! What a story does to the disks of its lab, remembered for the final checks: a
//! disk that was broken leaves lines in the journal which are no failure.

use std::{
    collections::BTreeSet,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{
    blocks::{self, Block},
    clients::smb::{Smb, Stored, sha256_of},
    evidence::Trouble,
    machine::{Bay, Disk, Fault},
    wait::{Look, mib, secs, wait_until},
};

/// What a story's disks went through since the machine was switched on.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<BTreeSet<Trouble>>);

impl Troubles {
    pub(crate) fn add(&self, trouble: Trouble) {
        self.lock().insert(trouble);
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Trouble> {
        self.lock().iter().copied().collect()
    }

    /// A restart begins a new journal.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bay of a lab.
#[derive(Debug)]
pub struct LabBay<'a> {
    bay: Bay<'a>,
    folder: &'a Path,
    troubles: &'a Troubles,
}

impl<'a> LabBay<'a> {
    pub(crate) fn new(bay: Bay<'a>, folder: &'a Path, troubles: &'a Troubles) -> Self {
        Self {
            bay,
            folder,
            troubles,
        }
    }

    /// The disk that is in it now.
    pub fn label(&self) -> Result<Disk> {
        self.bay.disk()
    }

    /// SHA-256 of everything on the disk.
    pub fn sha256(&self) -> Result<String> {
        sha256_of(&self.folder.join(self.bay.disk()?.file))
    }

    /// Whether nothing was ever written on the disk: its file has no block yet.
    pub fn is_untouched(&self) -> Result<bool> {
        let path = self.folder.join(self.bay.disk()?.file);
        let found = path
            .metadata()
            .with_context(|| format!("reading {}", path.display()))?;
        Ok(found.blocks() == 0)
    }

    /// Finds where blocks of a file lie on the disk, whatever lies in between.
    pub fn find_blocks(&self, of: &Path) -> Result<Vec<Block>> {
        blocks::find(&self.folder.join(self.bay.disk()?.file), of)
    }

    /// Changes the bytes of these blocks underneath the running box.
    pub fn spoil(&self, spoiled: &[Block]) -> Result<()> {
        self.troubles.add(Trouble::WrongBytes);
        blocks::spoil(&self.folder.join(self.bay.disk()?.file), spoiled)
    }

    /// How many of these blocks are not what they were.
    pub fn count_wrong(&self, spoiled: &[Block]) -> Result<usize> {
        blocks::count_wrong(&self.folder.join(self.bay.disk()?.file), spoiled)
    }

    /// Pulls the disk.
    pub async fn pull(&self) -> Result<Disk> {
        self.troubles.add(Trouble::Pulled);
        self.bay.pull().await
    }

    /// Puts a disk into the empty bay.
    pub async fn insert(&self, disk: Disk) -> Result<()> {
        self.bay.insert(disk).await
    }

    /// Puts the disk back that was pulled last.
    pub async fn put_back(&self) -> Result<Disk> {
        self.bay.put_back().await
    }

    /// Puts a blank disk into the empty bay.
    pub async fn insert_blank(&self, bytes: u64) -> Result<Disk> {
        self.bay.insert_blank(bytes).await
    }

    /// A blank disk of the same size in place of what was there.
    pub async fn replace_with_blank(&self) -> Result<Disk> {
        self.troubles.add(Trouble::Pulled);
        self.bay.replace_with_blank().await
    }

    /// Breaks the disk; see [`Fault`].
    pub async fn break_disk(&self, fault: Fault) -> Result<()> {
        // One that hangs may also fail what it was asked.
        self.troubles.add(Trouble::Errors);
        if fault == Fault::Hangs {
            self.troubles.add(Trouble::Silence);
        }
        self.bay.break_disk(fault).await
    }

    /// Makes a broken disk whole again.
    pub async fn mend(&self) -> Result<()> {
        self.bay.mend().await
    }

    /// How many bytes the guest has written on the disk since it was plugged in.
    pub async fn written(&self) -> Result<u64> {
        self.bay.written().await
    }

    /// Waits until the guest writes on the disk, for a file that is on its way.
    pub async fn wait_for_writes(&self) -> Result<()> {
        let before = self.written().await?;
        let reason = format!("writes on {}", self.bay.disk()?.file);
        wait_until(&reason, secs(120), || async {
            let written = self.written().await? - before;
            Ok(if written > mib(1) {
                Look::Found(())
            } else {
                Look::NotYet(format!("{written} bytes"))
            })
        })
        .await
    }

    /// Sets the critical warning in the SMART log of an NVMe disk.
    pub async fn warn(&self, bits: u8) -> Result<()> {
        self.bay.warn(bits).await
    }

    /// Where on this disk the `block`th block of a stored file lies, once it is there.
    pub async fn place_of(&self, share: &Smb, stored: &Stored, block: u64) -> Result<u64> {
        /// The guest writes what it holds back after half a minute.
        const WRITTEN_WITHIN: Duration = secs(90);
        let wanted = share.block_of(stored, block)?;
        let reason = format!("{} to be written on {}", stored.name, self.bay.disk()?.file);
        wait_until(&reason, WRITTEN_WITHIN, || async {
            Ok(match self.bay.find(&wanted)? {
                Some(at) => Look::Found(at),
                None => Look::NotYet("it is not there".into()),
            })
        })
        .await
    }

    /// Changes the bytes of one block of a stored file underneath the running box,
    /// and says where.
    pub async fn change_block(&self, share: &Smb, stored: &Stored, block: u64) -> Result<u64> {
        let at = self.place_of(share, stored, block).await?;
        let length = share.block_of(stored, block)?.len();
        self.bay.change_bytes(at, length)?;
        ensure!(
            self.bay.find(&share.block_of(stored, block)?)?.is_none(),
            "{} holds that block twice",
            self.bay.disk()?.file
        );
        Ok(at)
    }
}
