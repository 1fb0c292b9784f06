//! The mounted volume: what `/proc/self/mountinfo` says of its place, how full it
//! is, and which subvolumes lie at its top. All of it is read below a root folder.

use crate::system::HostError;
use preau_domain::snapshot::Volume;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use uuid::Uuid;

/// Where the volume is mounted.
pub(crate) const PLACE: &str = "/srv/preau";
/// The inode number of the top folder of every btrfs subvolume
/// (`BTRFS_FIRST_FREE_OBJECTID`).
const SUBVOLUME_INODE: u64 = 256;

/// One line of mountinfo, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// `btrfs`.
    pub(crate) kind: String,
    /// `/dev/md127`.
    pub(crate) source: String,
    pub(crate) read_only: bool,
}

/// What is mounted at `place`, from the text of a mountinfo (proc(5)); the last
/// one, when several lie on each other.
pub(crate) fn parse_mount_at(mountinfo: &str, place: &str) -> Option<Mount> {
    mountinfo
        .lines()
        .filter_map(|line| parse_mount(line, place))
        .next_back()
}

fn parse_mount(line: &str, place: &str) -> Option<Mount> {
    // 36 35 9:127 / /srv/preau rw,nosuid shared:1 - btrfs /dev/md127 rw,space_cache
    let (before, after) = line.split_once(" - ")?;
    let mut fields = before.split(' ').skip(4);
    let (point, options) = (fields.next()?, fields.next()?);
    if point != place {
        return None;
    }
    let mut fields = after.split(' ');
    let (kind, source, super_options) = (fields.next()?, fields.next()?, fields.next()?);
    // btrfs turns itself read-only after an error: then only the second says so.
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    Some(Mount {
        kind: kind.to_owned(),
        source: source.to_owned(),
        read_only: read_only(options) || read_only(super_options),
    })
}

/// What is mounted on any place below `root`.
pub(crate) fn mounted_at(root: &Path, place: &str) -> Result<Option<Mount>, HostError> {
    let path = root.join("proc/self/mountinfo");
    let text = fs::read_to_string(&path).map_err(|source| HostError::File {
        act: "reading",
        path,
        source,
    })?;
    Ok(parse_mount_at(&text, place))
}

/// What is mounted on the volume's place below `root`.
pub(crate) fn mounted(root: &Path) -> io::Result<Option<Mount>> {
    let text = fs::read_to_string(root.join("proc/self/mountinfo"))?;
    Ok(parse_mount_at(&text, PLACE))
}

/// Reads the volume; `None` when nothing is mounted there.
pub(crate) fn read_volume(root: &Path) -> io::Result<Option<Volume>> {
    let Some(mount) = mounted(root)? else {
        return Ok(None);
    };
    let filesystem = filesystem_on(root, &mount.source)?.ok_or_else(|| {
        let text = format!("{} holds no btrfs that the kernel knows", mount.source);
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    let place = root.join(PLACE.trim_start_matches('/'));
    let space = rustix::fs::statvfs(&place)?;
    Ok(Some(Volume {
        filesystem,
        read_only: mount.read_only,
        total: space.f_blocks * space.f_frsize,
        free: space.f_bavail * space.f_frsize,
        subvolumes: subvolumes_in(&place)?,
    }))
}

/// The UUID of the mounted btrfs that uses a device, from `/sys/fs/btrfs`, which
/// needs no reading of the disk.
fn filesystem_on(root: &Path, source: &str) -> io::Result<Option<Uuid>> {
    let source = fs::canonicalize(source).unwrap_or_else(|_| source.into());
    let Some(kname) = source.file_name() else {
        return Ok(None);
    };
    for entry in fs::read_dir(root.join("sys/fs/btrfs"))? {
        let entry = entry?;
        let uuid = entry
            .file_name()
            .to_str()
            .and_then(|name| Uuid::try_parse(name).ok());
        // A link, which dangles once the device has gone.
        let device = entry.path().join("devices").join(kname);
        if uuid.is_some() && device.symlink_metadata().is_ok() {
            return Ok(uuid);
        }
    }
    Ok(None)
}

/// Names of the subvolumes at the top of a btrfs; those that are being made or
/// kept for the box itself begin with a dot.
fn subvolumes_in(place: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let metadata = entry.metadata()?;
        if metadata.is_dir() && metadata.ino() == SUBVOLUME_INODE {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = include_str!("../fixtures/rebuilding/proc/self/mountinfo");

    #[test]
    fn the_mount_on_the_volumes_place_is_found() {
        let mount = parse_mount_at(MOUNTINFO, PLACE).unwrap();
        assert_eq!(
            (mount.kind.as_str(), mount.source.as_str()),
            ("btrfs", "/dev/md127")
        );
        assert!(!mount.read_only);
        assert_eq!(parse_mount_at(MOUNTINFO, "/srv"), None);
        assert_eq!(parse_mount_at("", PLACE), None);
    }

    #[test]
    fn a_file_system_that_turned_read_only_is_seen() {
        let by_kernel = MOUNTINFO.replace("/dev/md127 rw,", "/dev/md127 ro,");
        assert!(parse_mount_at(&by_kernel, PLACE).unwrap().read_only);
        let by_mount = MOUNTINFO.replace("/srv/preau rw,", "/srv/preau ro,");
        assert!(parse_mount_at(&by_mount, PLACE).unwrap().read_only);
    }
}
