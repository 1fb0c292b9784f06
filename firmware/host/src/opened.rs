//! A disk that somebody brought, opened to copy from it. It is never written: first the
//! kernel is told to refuse every write to the whole device, then each file system on
//! it is mounted read-only, with the options that keep it from replaying its log. All of
//! them appear as folders of one share that only the people who look after the box can
//! read; it is gone when the disk is closed or pulled.

use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::samba::make_folder;
use crate::steps::LONG;
use crate::system::{Change, HostError, chain};
use preau_domain::ids::DiskId;
use preau_domain::opened::{FILESYSTEMS, Folder, OpenedDisk, SHARE};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The share's folder; each file system is mounted on a folder in it.
pub(crate) const PLACE: &str = "/run/preau/usb";
const BLOCKDEV: &str = "/usr/sbin/blockdev";
/// Nothing on it is run or followed as a device.
const OPTIONS: &str = "ro,nosuid,nodev,noexec,noatime";
/// The longest name of a folder; labels are shorter.
const NAME_MAX: usize = 32;

/// The disk that is open, if one is.
#[derive(Debug, Default)]
pub(crate) struct Open(Mutex<Option<OpenedDisk>>);

impl Open {
    fn now(&self) -> MutexGuard<'_, Option<OpenedDisk>> {
        // One assignment changes it: it is whole after each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read(&self) -> Option<OpenedDisk> {
        self.now().clone()
    }
}

impl Machine {
    /// See [`crate::System::open_disk`].
    pub(crate) async fn open_to_copy(
        &self,
        disk: &DiskId,
        kept: &[String],
    ) -> Result<OpenedDisk, HostError> {
        let _one_step = self.one_step.lock().await;
        if let Some(opened) = self.opened.read().filter(|opened| opened.disk == *disk) {
            return Ok(opened);
        }
        self.close_now().await?;
        let nodes = self.nodes().await?;
        let node = nodes
            .find(disk)
            .ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        let parts = parts_of(&nodes, node);
        let is_kept = |part: &Node| part.uuid.as_ref().is_some_and(|uuid| kept.contains(uuid));
        let is_mounted = |part: &Node| part.mounts().next().is_some();
        if parts.iter().any(|part| is_mounted(part) || is_kept(part)) {
            return Err(HostError::InUse(format!("the disk {disk}")));
        }
        let found = filesystems(&parts);
        if found.is_empty() {
            return Err(HostError::Missing(format!("a file system on {disk}")));
        }
        for part in &parts {
            set_writable(part, "--setro").await?;
        }
        let opened = mount_all(&found).await;
        let folders = match opened {
            Ok(folders) => folders,
            Err(error) => {
                self.close_now().await?;
                allow_writes(&parts).await;
                return Err(error);
            }
        };
        let opened = OpenedDisk {
            disk: disk.clone(),
            folders,
        };
        *self.opened.now() = Some(opened.clone());
        Ok(opened)
    }

    /// See [`crate::System::close_disk`].
    pub(crate) async fn close_opened(&self) -> Result<Change, HostError> {
        let _one_step = self.one_step.lock().await;
        let was = self.opened.read();
        let closed = self.close_now().await?;
        if let Some(opened) = was {
            let nodes = self.nodes().await?;
            // Of one that was pulled nothing is left to allow.
            if let Some(node) = nodes.find(&opened.disk) {
                allow_writes(&parts_of(&nodes, node)).await;
            }
        }
        Ok(closed)
    }

    /// Takes the share away from whoever has it open, then every mount in it: those of
    /// a supervisor that was ended, too. systemd may have taken them away already, when
    /// the disk was pulled.
    async fn close_now(&self) -> Result<Change, HostError> {
        let was_open = self.opened.read().is_some();
        let mounted = mounts_below(&self.mountinfo()?, PLACE);
        if mounted.is_empty() && !was_open {
            return Ok(Change::Unchanged);
        }
        self.close_share(SHARE).await;
        for place in mounted {
            // Lazily: a program that still reads a file must not keep the disk, and
            // there is nothing to write back.
            Command::new("/usr/bin/umount")
                .args(["--lazy", "--"])
                .arg(&place)
                .within(LONG)
                .run()
                .await?;
        }
        let folders = fs::read_dir(PLACE).into_iter().flatten().flatten();
        for folder in folders {
            if let Err(error) = fs::remove_dir(folder.path()) {
                tracing::warn!("removing {}: {error}", folder.path().display());
            }
        }
        *self.opened.now() = None;
        Ok(Change::Changed)
    }

    fn mountinfo(&self) -> Result<String, HostError> {
        let path = self.path("proc/self/mountinfo");
        fs::read_to_string(&path).map_err(|source| HostError::File {
            act: "reading",
            path,
            source,
        })
    }
}

/// The disk itself and its partitions: each has a switch of its own.
fn parts_of<'a>(nodes: &'a Nodes, disk: &'a Node) -> Vec<&'a Node> {
    let mut parts = vec![disk];
    parts.extend(nodes.partitions(disk));
    parts
}

/// What can be mounted, with the folder's name.
fn filesystems<'a>(parts: &[&'a Node]) -> Vec<(&'a Node, String)> {
    let mut taken = BTreeSet::new();
    parts
        .iter()
        .filter(|part| part.fstype.as_deref().is_some_and(is_known))
        .map(|part| (*part, name_of(part, &mut taken)))
        .collect()
}

fn is_known(kind: &str) -> bool {
    FILESYSTEMS.contains(&kind)
}

/// A folder's name from the label that somebody gave, or from the place on the disk.
fn name_of(part: &Node, taken: &mut BTreeSet<String>) -> String {
    let label = part.label().unwrap_or_default();
    let kept = label
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    let mut name: String = kept.take(NAME_MAX).collect();
    name = name.trim().to_owned();
    if name.is_empty() {
        name = "disque".to_owned();
    }
    let first = name.clone();
    let mut number = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{first} {number}");
        number += 1;
    }
    name
}

/// What each file system needs to leave its own medium alone, and to be read by the
/// share: FAT and its kin know no owners.
fn options_of(kind: &str) -> String {
    let own = match kind {
        // Without it ext4 replays its journal even when it is mounted read-only.
        "ext2" | "ext3" | "ext4" => "noload",
        "btrfs" => "rescue=nologreplay",
        "vfat" => "utf8,fmask=0133,dmask=0022",
        "exfat" => "fmask=0133,dmask=0022",
        // ntfs3: what Windows left open is read as it is.
        "ntfs" => "iocharset=utf8,fmask=0133,dmask=0022",
        _ => return OPTIONS.to_owned(),
    };
    format!("{OPTIONS},{own}")
}

/// The kernel's name for a file system that libblkid found.
fn driver_of(kind: &str) -> &str {
    match kind {
        "ntfs" => "ntfs3",
        // The driver of ext4 reads its elders.
        "ext2" | "ext3" => "ext4",
        kind => kind,
    }
}

/// Mounts all of them; one that cannot be read does not keep the others away.
async fn mount_all(found: &[(&Node, String)]) -> Result<Vec<Folder>, HostError> {
    make_folder(Path::new(PLACE), 0o755)?;
    let (mut folders, mut failure) = (Vec::new(), None);
    for (part, name) in found {
        let kind = part.fstype.clone().unwrap_or_default();
        match mount(part, &kind, name).await {
            Ok(()) => folders.push(Folder {
                name: name.clone(),
                kind,
                size: part.size,
            }),
            Err(error) => {
                tracing::warn!("opening {}: {}", part.path(), chain(&error));
                failure = failure.or(Some(error));
            }
        }
    }
    match failure {
        Some(error) if folders.is_empty() => Err(error),
        _ => Ok(folders),
    }
}

async fn mount(part: &Node, kind: &str, name: &str) -> Result<(), HostError> {
    let place = Path::new(PLACE).join(name);
    make_folder(&place, 0o755)?;
    let mounted = Command::new("/usr/bin/mount")
        .args(["--types", driver_of(kind), "--options", &options_of(kind)])
        .arg(part.path())
        .arg(&place)
        .within(LONG)
        .run()
        .await;
    if mounted.is_err()
        && let Err(error) = fs::remove_dir(&place)
    {
        tracing::warn!("removing {}: {error}", place.display());
    }
    mounted.map(drop)
}

async fn set_writable(part: &Node, switch: &str) -> Result<(), HostError> {
    let switched = Command::new(BLOCKDEV).arg(switch).arg(part.path());
    switched.run().await.map(drop)
}

/// After a disk is closed it may be erased and used, as any other.
async fn allow_writes(parts: &[&Node]) {
    for part in parts {
        if let Err(error) = set_writable(part, "--setrw").await {
            tracing::warn!("allowing writes to {}: {}", part.path(), chain(&error));
        }
    }
}

/// The mounts below a folder in the text of a mountinfo (proc(5)), the innermost first.
fn mounts_below(mountinfo: &str, folder: &str) -> Vec<PathBuf> {
    let points = mountinfo.lines().filter_map(|line| line.split(' ').nth(4));
    let mut found: Vec<PathBuf> = points
        .map(|point| PathBuf::from(unescape(point)))
        .filter(|point| point.starts_with(folder) && point != Path::new(folder))
        .collect();
    found.reverse();
    found
}

/// mountinfo writes space, tab, newline and backslash as `\040`, `\011`, `\012`, `\134`.
fn unescape(point: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(point.to_owned(), |text, (escaped, plain)| {
        text.replace(escaped, plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsblk::parse_lsblk;

    /// As lsblk of util-linux 2.41 writes a disk of a Mac and a PC with a dead
    /// partition; shortened by hand.
    const LSBLK: &str = r#"{"blockdevices": [
        {"kname":"sdb","maj:min":"8:16","type":"disk","size":2000398934016,"tran":"usb",
         "model":"My Passport","serial":"WX1","pttype":"gpt","children":[
            {"kname":"sdb1","maj:min":"8:17","type":"part","size":1000,"fstype":"exfat",
             "label":"PHOTOS","uuid":"1234-ABCD","pkname":"sdb"},
            {"kname":"sdb2","maj:min":"8:18","type":"part","size":1000,"fstype":"ntfs",
             "label":"Photos","uuid":"5678","pkname":"sdb"},
            {"kname":"sdb3","maj:min":"8:19","type":"part","size":1000,"fstype":"crypto_LUKS",
             "uuid":"bbbb","pkname":"sdb"},
            {"kname":"sdb4","maj:min":"8:20","type":"part","size":1000,"fstype":"ext4",
             "label":"../etc","uuid":"cccc","pkname":"sdb"},
            {"kname":"sdb5","maj:min":"8:21","type":"part","size":1000,"fstype":"vfat",
             "uuid":"dddd","pkname":"sdb"}]}]}"#;

    #[test]
    fn each_file_system_gets_a_folder_that_is_its_own_and_stays_in_its_place() {
        let nodes = parse_lsblk(LSBLK).unwrap();
        let disk = nodes.get("sdb").unwrap();
        let parts = parts_of(&nodes, disk);
        assert_eq!(parts.len(), 6, "all of them are closed to writes");
        let found: Vec<(&str, String)> = filesystems(&parts)
            .into_iter()
            .map(|(part, name)| (part.kname.as_str(), name))
            .collect();
        let expected = [
            ("sdb1", "PHOTOS"),
            ("sdb2", "Photos 2"),
            ("sdb4", "etc"),
            ("sdb5", "disque"),
        ];
        assert_eq!(found, expected.map(|(part, name)| (part, name.to_owned())));
    }

    #[test]
    fn every_file_system_is_mounted_so_that_nothing_of_it_is_written() {
        for kind in FILESYSTEMS {
            let options = options_of(kind);
            for wanted in ["ro", "nosuid", "nodev", "noexec"] {
                assert!(options.split(',').any(|option| option == wanted), "{kind}");
            }
        }
        assert!(options_of("ext4").contains(",noload"));
        assert!(options_of("ext3").contains(",noload"));
        assert!(options_of("btrfs").contains(",rescue=nologreplay"));
    }

    #[test]
    fn the_mounts_of_the_share_are_found_whatever_their_names() {
        let mountinfo = "\
36 35 9:127 / /srv/preau rw,nosuid shared:1 - btrfs /dev/md127 rw
40 35 8:17 / /run/preau/usb/PHOTOS ro,nosuid shared:2 - exfat /dev/sdb1 ro
41 35 8:18 / /run/preau/usb/Photos\\0402 ro,nosuid shared:3 - ntfs3 /dev/sdb2 ro
42 35 8:33 / /run/preau/usbstick rw shared:4 - ext4 /dev/sdc1 rw
";
        let expected = ["/run/preau/usb/Photos 2", "/run/preau/usb/PHOTOS"];
        assert_eq!(mounts_below(mountinfo, PLACE), expected.map(PathBuf::from));
    }
}
