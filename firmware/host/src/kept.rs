//! What the box keeps of itself on the volume of disks: sealed bundles of the
//! settings, two generations, in a folder that only root may look into. It lies
//! beside the shares, not in one, so that no client sees it.

use crate::durable::write_durably;
use crate::machine::Machine;
use crate::samba::make_folder;
use crate::system::{Bundles, Change, HostError};
use crate::volume::{PLACE, mounted};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Below the volume's top. A name with a dot is never taken for a share.
pub(crate) const FOLDER: &str = ".preau";
const CURRENT: &str = "settings.sealed";
const PREVIOUS: &str = "settings.previous.sealed";

/// The largest bundle that is read, in bytes. Some hundred people and their
/// certificates are a hundredth of it; disks from elsewhere may hold anything.
const BUNDLE_MAX: u64 = 4 << 20;

impl Machine {
    /// Both generations, as they lie on the mounted volume.
    pub(crate) async fn read_kept(&self) -> Result<Bundles, HostError> {
        let root = self.root().to_owned();
        apart(move || kept_place(&root).and_then(|top| read_bundles(&top))).await
    }

    /// Replaces the current generation, and the one before it when that is given.
    pub(crate) async fn write_kept(
        &self,
        bundle: &[u8],
        previous: Option<&[u8]>,
    ) -> Result<Change, HostError> {
        let root = self.root().to_owned();
        let (bundle, previous) = (bundle.to_vec(), previous.map(<[u8]>::to_vec));
        apart(move || write_bundles(&kept_place(&root)?, &bundle, previous.as_deref())).await
    }
}

/// Does something on a thread that may wait for the disks: one that hangs must not
/// keep the supervisor from everything else.
async fn apart<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    let done = tokio::task::spawn_blocking(act).await;
    done.unwrap_or_else(|error| {
        Err(HostError::Unexpected {
            what: "reading or writing on the volume",
            text: error.to_string(),
        })
    })
}

fn write_bundles(top: &Path, bundle: &[u8], previous: Option<&[u8]>) -> Result<Change, HostError> {
    let folder = top.join(FOLDER);
    make_folder(&folder, 0o700)?;
    let found = read_bundles(top)?;
    if found.current.as_deref() == Some(bundle) {
        return Ok(Change::Unchanged);
    }
    if let Some(previous) = previous
        && found.previous.as_deref() != Some(previous)
    {
        write_durably(&folder.join(PREVIOUS), previous, 0o600)?;
    }
    write_durably(&folder.join(CURRENT), bundle, 0o600)?;
    // fsync alone leaves it in btrfs' log, which is not replayed when the disks are
    // only looked at.
    let synced = File::open(&folder).and_then(|folder| Ok(rustix::fs::syncfs(folder)?));
    synced.map_err(|source| HostError::File {
        act: "syncing",
        path: folder,
        source,
    })?;
    Ok(Change::Changed)
}

/// The top of the mounted volume.
fn kept_place(root: &Path) -> Result<PathBuf, HostError> {
    let mount = mounted(root).map_err(|source| HostError::File {
        act: "reading",
        path: PathBuf::from(PLACE),
        source,
    })?;
    match mount {
        Some(_) => Ok(root.join(PLACE.trim_start_matches('/'))),
        None => Err(HostError::Missing("the mounted volume".to_owned())),
    }
}

/// Reads both generations below the top of a volume.
pub(crate) fn read_bundles(top: &Path) -> Result<Bundles, HostError> {
    let folder = top.join(FOLDER);
    Ok(Bundles {
        current: read_bundle(&folder.join(CURRENT))?,
        previous: read_bundle(&folder.join(PREVIOUS))?,
    })
}

fn read_bundle(path: &Path) -> Result<Option<Vec<u8>>, HostError> {
    let read = || -> io::Result<Vec<u8>> {
        // Disks from elsewhere: a link there must lead nowhere.
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(BUNDLE_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(HostError::File {
            act: "reading",
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::os::unix::fs::PermissionsExt;

    fn mounted_machine(folder: &Folder) -> Machine {
        let root = folder.path();
        fs::create_dir_all(root.join("proc/self")).unwrap();
        fs::create_dir_all(root.join("srv/preau")).unwrap();
        let text = include_str!("../fixtures/rebuilding/proc/self/mountinfo");
        write_durably(&root.join("proc/self/mountinfo"), text.as_bytes(), 0o644).unwrap();
        Machine::below(root)
    }

    #[tokio::test]
    async fn two_generations_are_kept_where_only_root_may_look() {
        let folder = Folder::new("kept");
        let machine = mounted_machine(&folder);
        assert_eq!(machine.read_kept().await.unwrap(), Bundles::default());
        assert_eq!(
            machine.write_kept(b"1", None).await.unwrap(),
            Change::Changed
        );
        assert_eq!(
            machine.write_kept(b"1", None).await.unwrap(),
            Change::Unchanged
        );
        assert_eq!(
            machine.write_kept(b"2", Some(b"1")).await.unwrap(),
            Change::Changed
        );
        let kept = machine.read_kept().await.unwrap();
        assert_eq!(kept.current.as_deref(), Some(&b"2"[..]));
        assert_eq!(kept.previous.as_deref(), Some(&b"1"[..]));
        let place = folder.path().join("srv/preau").join(FOLDER);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place), 0o700);
        assert_eq!(mode(&place.join(CURRENT)), 0o600);
    }

    #[tokio::test]
    async fn without_the_volume_nothing_is_written() {
        let folder = Folder::new("kept-nowhere");
        let machine = mounted_machine(&folder);
        let mountinfo = folder.path().join("proc/self/mountinfo");
        write_durably(&mountinfo, b"", 0o644).unwrap();
        let answer = machine.write_kept(b"1", None).await;
        assert!(matches!(answer, Err(HostError::Missing(_))), "{answer:?}");
        assert!(!folder.path().join("srv/preau").join(FOLDER).exists());
    }

    #[tokio::test]
    async fn a_link_on_a_foreign_disk_is_not_followed() {
        let folder = Folder::new("kept-link");
        let machine = mounted_machine(&folder);
        machine.write_kept(b"1", None).await.unwrap();
        let current = folder.path().join("srv/preau").join(FOLDER).join(CURRENT);
        fs::remove_file(&current).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &current).unwrap();
        assert_eq!(machine.read_kept().await.unwrap().current, None);
    }
}
