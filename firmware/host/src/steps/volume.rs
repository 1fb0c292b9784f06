//! Steps on the volume: make the file system, mount it, make a share's subvolume,
//! start and stop serving.

use super::LONG;
use crate::accounts::GROUP_ID;
use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::md::RawArray;
use crate::samba;
use crate::system::{Change, HostError};
use crate::volume::{PLACE, mounted_at, read_volume};
use preau_domain::snapshot::Volume;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const BTRFS: &str = "/usr/bin/btrfs";
const SYSTEMCTL: &str = "/usr/bin/systemctl";
const SHARE_UNIT: &str = "smbd.service";
const PAGES_UNIT: &str = "preau-web.service";
/// Shares hold files, not programs of the box.
const MOUNT_OPTIONS: &str = "nosuid,nodev,noexec,noatime";
/// The group may do everything, and what is made inside belongs to it too.
const SHARE_MODE: u32 = 0o2770;

impl Machine {
    pub(super) async fn format(&self, array: Uuid, filesystem: Uuid) -> Result<Change, HostError> {
        self.settle_udev().await?;
        let array = self.running_array(array).await?;
        let nodes = self.nodes().await?;
        let node = nodes
            .get(&array.kname)
            .ok_or_else(|| HostError::Missing(format!("the device of {}", array.kname)))?;
        if node.filesystem() == Some(filesystem) {
            return Ok(Change::Unchanged);
        }
        if node.mounts().next().is_some() {
            return Err(HostError::InUse(format!("the array {}", array.kname)));
        }
        Command::new("/usr/sbin/mkfs.btrfs")
            // An erased disk may still hold an older file system at the very place
            // where md puts the data: its erasure has been confirmed.
            .args(["--force", "--quiet", "--label", "preau"])
            .args(["--data", "single", "--metadata", "dup"])
            // Discarding terabytes takes minutes and gains nothing on a new mirror.
            .arg("--nodiscard")
            .arg("--uuid")
            .arg(filesystem.to_string())
            .arg(node.path())
            .within(LONG)
            .run()
            .await?;
        self.have_looked_at([node.path()]).await?;
        self.wait_for("the new file system", |nodes, _| {
            find_btrfs(nodes, filesystem).is_some()
        })
        .await?;
        Ok(Change::Changed)
    }

    pub(super) async fn mount(&self, filesystem: Uuid) -> Result<Change, HostError> {
        match self.volume()? {
            Some(volume) if volume.filesystem == filesystem => return Ok(Change::Unchanged),
            Some(_) => return Err(HostError::InUse(PLACE.to_owned())),
            None => {}
        }
        self.settle_udev().await?;
        let missing = || HostError::Missing(format!("the file system {filesystem}"));
        let nodes = self.nodes().await?;
        let node = find_btrfs(&nodes, filesystem).ok_or_else(missing)?;
        Command::new("/usr/bin/mount")
            .args(["--types", "btrfs", "--options", MOUNT_OPTIONS])
            .arg(node.path())
            .arg(PLACE)
            .within(LONG)
            .run()
            .await?;
        match self.volume()? {
            Some(volume) if volume.filesystem == filesystem => Ok(Change::Changed),
            _ => Err(missing()),
        }
    }

    /// What was not written before the disks went is lost already: btrfs has given up,
    /// and nothing of what it still holds in memory can reach a disk.
    pub(super) async fn put_volume_away(&self, uuid: Uuid) -> Result<Change, HostError> {
        let array = self.array(uuid).await?;
        if array.as_ref().is_some_and(RawArray::is_running) {
            return Err(HostError::InUse(format!("the array {uuid}")));
        }
        let mounted = mounted_at(self.root(), PLACE)?.is_some();
        if mounted {
            Command::new("/usr/bin/umount")
                .arg(PLACE)
                .within(LONG)
                .run()
                .await?;
        }
        if let Some(array) = &array {
            self.stop_array(array).await?;
        }
        // Their names must be free for the disks that are back.
        self.close_orphans().await?;
        Ok(Change::from_difference(
            &(mounted || array.is_some()),
            &false,
        ))
    }

    /// btrfs does this while it is used, in a moment: nothing is moved.
    pub(super) async fn grow_filesystem(&self, filesystem: Uuid) -> Result<Change, HostError> {
        let total = || match self.volume()? {
            Some(volume) if volume.filesystem == filesystem => Ok(volume.total),
            _ => Err(HostError::Missing(format!("the file system {filesystem}"))),
        };
        let before = total()?;
        Command::new(BTRFS)
            .args(["filesystem", "resize", "max", PLACE])
            .within(LONG)
            .run()
            .await?;
        Ok(Change::from_difference(&before, &total()?))
    }

    /// Makes the subvolume under another name first: a power cut before it has its
    /// owner and mode leaves nothing that looks finished.
    pub(super) async fn create_share(&self, name: &str) -> Result<Change, HostError> {
        let volume = self.require_volume()?;
        if volume.subvolumes.iter().any(|found| found == name) {
            return Ok(Change::Unchanged);
        }
        let place = Path::new(PLACE);
        let unfinished = place.join(format!(".{name}.new"));
        if !unfinished.exists() {
            Command::new(BTRFS)
                .args(["subvolume", "create"])
                .arg(&unfinished)
                .within(LONG)
                .run()
                .await?;
        }
        let share = place.join(name);
        finish_share(&unfinished, &share).map_err(|source| HostError::File {
            act: "making the share",
            path: share,
            source,
        })?;
        Command::new(BTRFS)
            .args(["filesystem", "sync", PLACE])
            .within(LONG)
            .run()
            .await?;
        Ok(Change::Changed)
    }

    pub(super) async fn serve_shares(&self) -> Result<Change, HostError> {
        self.require_volume()?;
        let config = self.path(samba::CONFIG);
        if !config.exists() {
            return Err(HostError::Missing(format!("{}", config.display())));
        }
        if self.shares_served()? {
            return Ok(Change::Unchanged);
        }
        systemctl("start").await
    }

    pub(super) async fn stop_shares(&self) -> Result<Change, HostError> {
        if !self.shares_running()? {
            return Ok(Change::Unchanged);
        }
        systemctl("stop").await
    }

    fn volume(&self) -> Result<Option<Volume>, HostError> {
        read_volume(self.root()).map_err(|source| HostError::File {
            act: "reading",
            path: PathBuf::from(PLACE),
            source,
        })
    }

    fn require_volume(&self) -> Result<Volume, HostError> {
        self.volume()?
            .ok_or_else(|| HostError::Missing("the mounted volume".to_owned()))
    }
}

impl Machine {
    /// Without waiting: the pages wait for the supervisor, which asks for this.
    pub(crate) async fn restart_pages(&self) -> Result<(), HostError> {
        Command::new(SYSTEMCTL)
            .args(["try-restart", "--no-block", PAGES_UNIT])
            .run()
            .await
            .map(drop)
    }
}

async fn systemctl(act: &str) -> Result<Change, HostError> {
    Command::new(SYSTEMCTL)
        .args([act, SHARE_UNIT])
        .within(LONG)
        .run()
        .await?;
    Ok(Change::Changed)
}

/// The array that carries that file system.
fn find_btrfs(nodes: &Nodes, filesystem: Uuid) -> Option<&Node> {
    nodes.iter().find(|node| {
        node.fstype.as_deref() == Some("btrfs") && node.filesystem() == Some(filesystem)
    })
}

fn finish_share(unfinished: &Path, share: &Path) -> io::Result<()> {
    chown(unfinished, Some(0), Some(GROUP_ID))?;
    fs::set_permissions(unfinished, fs::Permissions::from_mode(SHARE_MODE))?;
    fs::rename(unfinished, share)
}
