//! Shares held still: read-only btrfs snapshots below `.preau/copies` on the volume.
//! A client cannot see them, since that folder is root's alone and lies in no share.

use super::{StillShare, WorkPlaces};
use crate::command::Command;
use crate::machine::Machine;
use crate::steps::LONG;
use crate::system::{Change, HostError};
use crate::volume::{PLACE, mounted};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

const BTRFS: &str = "/usr/bin/btrfs";
/// Below the volume's top.
const STILL: &str = ".preau/copies/still";
const CACHE: &str = ".preau/copies/cache";
const SCRATCH: &str = ".preau/copies/scratch";

impl Machine {
    pub(super) async fn snapshot_share(
        &self,
        share: &str,
        mark: &str,
    ) -> Result<StillShare, HostError> {
        let place = self.require_place()?;
        let source = place.join(checked(share)?);
        if !source.is_dir() {
            return Err(HostError::Missing(format!("the share {share}")));
        }
        let folder = make_folder(&place, &format!("{STILL}/{}", checked(mark)?))?;
        let path = folder.join(share);
        if !path.exists() {
            Command::new(BTRFS)
                .args(["subvolume", "snapshot", "-r"])
                .arg(&source)
                .arg(&path)
                .within(LONG)
                .run()
                .await?;
        }
        Ok(StillShare {
            share: share.to_owned(),
            mark: mark.to_owned(),
            path,
        })
    }

    pub(super) fn list_still(&self) -> Result<Vec<StillShare>, HostError> {
        let top = self.require_place()?.join(STILL);
        let mut found = Vec::new();
        for mark in names_in(&top)? {
            for share in names_in(&top.join(&mark))? {
                found.push(StillShare {
                    path: top.join(&mark).join(&share),
                    mark: mark.clone(),
                    share,
                });
            }
        }
        found.sort();
        Ok(found)
    }

    pub(super) async fn remove_still(&self, still: &StillShare) -> Result<Change, HostError> {
        let folder = self
            .require_place()?
            .join(STILL)
            .join(checked(&still.mark)?);
        let path = folder.join(checked(&still.share)?);
        let change = if path.exists() {
            Command::new(BTRFS)
                .args(["subvolume", "delete"])
                .arg(&path)
                .within(LONG)
                .run()
                .await?;
            Change::Changed
        } else {
            Change::Unchanged
        };
        match fs::remove_dir(&folder) {
            Ok(()) => {}
            // Another share of the same mark, or nothing at all.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound
                ) => {}
            Err(error) => return Err(failed("removing", folder)(error)),
        }
        Ok(change)
    }

    pub(super) fn make_work_places(&self) -> Result<WorkPlaces, HostError> {
        let place = self.require_place()?;
        Ok(WorkPlaces {
            cache: make_folder(&place, CACHE)?,
            scratch: place.join(SCRATCH),
        })
    }

    pub(super) fn remove_scratch(&self) -> Result<(), HostError> {
        let scratch = self.require_place()?.join(SCRATCH);
        match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("removing", scratch)(error))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn make_share_folder(
        &self,
        share: &str,
        below: &Path,
    ) -> Result<PathBuf, HostError> {
        let top = self.require_place()?.join(checked(share)?);
        let path = top.join(below);
        make_folders_in(&top, below).map_err(failed("making", path.clone()))?;
        Ok(path)
    }

    fn require_place(&self) -> Result<PathBuf, HostError> {
        let place = self.path(PLACE.trim_start_matches('/'));
        match mounted(self.root()) {
            Ok(Some(_)) => Ok(place),
            // Never one byte onto the card.
            Ok(None) => Err(HostError::Missing("the mounted volume".to_owned())),
            Err(error) => Err(failed("reading", place)(error)),
        }
    }
}

/// A name that leads nowhere else.
fn checked(name: &str) -> Result<&str, HostError> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err(HostError::Unexpected {
            what: "the name of a share or snapshot",
            text: name.to_owned(),
        });
    }
    Ok(name)
}

fn make_folder(place: &Path, below: &str) -> Result<PathBuf, HostError> {
    let path = place.join(below);
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(&path)
        .map_err(failed("making", path.clone()))?;
    Ok(path)
}

/// Goes down folder by folder and follows no link: what people put into a share must
/// not lead the box out of it.
fn make_folders_in(top: &Path, below: &Path) -> io::Result<()> {
    let open = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = rustix::fs::open(top, open, Mode::empty())?;
    let like = rustix::fs::fstat(&folder)?;
    for part in below.components() {
        let Component::Normal(name) = part else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let is_new = match rustix::fs::mkdirat(&folder, name, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => return Err(error.into()),
        };
        folder = rustix::fs::openat(&folder, name, open, Mode::empty())?;
        if is_new {
            std::os::unix::fs::fchown(&folder, Some(like.st_uid), Some(like.st_gid))?;
            rustix::fs::fchmod(&folder, Mode::from_raw_mode(like.st_mode & 0o7777))?;
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<String>, HostError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("reading", folder.to_owned())(error)),
    };
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()
        .map_err(failed("reading", folder.to_owned()))
}

fn failed(act: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> HostError {
    move |source| HostError::File { act, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["", ".", "..", ".preau", "a/b", "../etc"] {
            assert!(checked(name).is_err(), "{name}");
        }
        assert!(checked("commun").is_ok());
    }

    #[test]
    fn folders_are_made_like_the_share_and_follow_no_link() {
        let folder = Folder::new("restore");
        let share = folder.path().join("commun");
        fs::create_dir(&share).unwrap();
        fs::set_permissions(&share, fs::Permissions::from_mode(0o2770)).unwrap();
        make_folders_in(&share, Path::new("CP/Photos")).unwrap();
        make_folders_in(&share, Path::new("CP/Photos")).unwrap();
        let made = fs::metadata(share.join("CP/Photos")).unwrap();
        assert_eq!(made.permissions().mode() & 0o7777, 0o2770);

        symlink("/tmp", share.join("ailleurs")).unwrap();
        for below in ["ailleurs/x", "../x", "/x"] {
            assert!(
                make_folders_in(&share, Path::new(below)).is_err(),
                "{below}"
            );
        }
    }
}
