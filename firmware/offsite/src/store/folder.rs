//! A folder of this machine: a disk that is plugged in.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use preau_offsite_job::Failure;

use super::{Act, Cause, DRAFTS, Kind, Place, Store, StoreError, StoreResult};
use crate::flow::Flow;

/// A repository in a folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    flow: Arc<Flow>,
}

impl Folder {
    /// The repository in this folder.
    pub fn new(root: &Path, flow: Arc<Flow>) -> Self {
        Self {
            root: root.to_path_buf(),
            flow,
        }
    }

    fn write_draft(&self, place: &Place, content: &[Bytes]) -> io::Result<()> {
        let draft = self.root.join(place.draft());
        let target = self.root.join(place.path());
        let mut file = File::create(&draft)?;
        for part in content {
            for piece in part.chunks(crate::flow::PIECE * 64) {
                self.flow.wait_to_send(piece.len());
                file.write_all(piece)?;
            }
        }
        file.sync_all()?;
        fs::rename(&draft, &target)?;
        // The name too must survive the disk being pulled out.
        if let Some(folder) = target.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Store for Folder {
    fn connect(&self) -> StoreResult<()> {
        let there = |path: &Path| path.is_dir();
        if there(&self.root) || self.root.parent().is_some_and(there) {
            return Ok(());
        }
        Err(StoreError {
            act: Act::Connect,
            object: self.root.display().to_string(),
            cause: Cause::Failure(Failure::FolderMissing),
            reason: "neither the folder nor the one that it is in exists".into(),
        })
    }

    fn make_folders(&self) -> StoreResult<()> {
        let make = |path: &Path| match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        };
        let all = || -> io::Result<()> {
            make(&self.root)?;
            for kind in Kind::FOLDERS {
                make(&self.root.join(kind.folder()))?;
            }
            make(&self.root.join(DRAFTS))?;
            for number in 0..=255_u8 {
                make(&self.root.join(format!("data/{number:02x}")))?;
            }
            Ok(())
        };
        all().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError {
                act: Act::MakeFolders,
                object: self.root.display().to_string(),
                cause: Cause::Failure(Failure::FolderMissing),
                reason: error.to_string(),
            },
            _ => explain(Act::MakeFolders, &self.root, &error),
        })
    }

    fn list(&self, kind: Kind) -> StoreResult<Vec<(String, u64)>> {
        let folder = self.root.join(kind.folder());
        let listed = match kind {
            Kind::Config => file_size(&folder)
                .map(|size| size.map(|s| (String::new(), s)).into_iter().collect()),
            Kind::Pack => list_below(&folder),
            _ => list_folder(&folder),
        };
        listed.map_err(|error| explain(Act::List, &folder, &error))
    }

    fn read(&self, place: &Place, range: Option<(u64, u64)>) -> StoreResult<Bytes> {
        let path = self.root.join(place.path());
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            let mut content = Vec::new();
            match range {
                None => {
                    file.read_to_end(&mut content)?;
                }
                Some((offset, length)) => {
                    file.seek(SeekFrom::Start(offset))?;
                    content.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
                    file.read_exact(&mut content)?;
                }
            }
            Ok(content)
        };
        let content = read().map_err(|error| explain(Act::Read, &path, &error))?;
        self.flow.count_fetched(content.len());
        Ok(content.into())
    }

    fn write(&self, place: &Place, content: &[Bytes]) -> StoreResult<()> {
        let outcome = self.write_draft(place, content);
        // restic made the repository, or somebody tidied up: folders are missing.
        let outcome = match outcome {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.is_dir() => {
                self.make_folders()?;
                self.write_draft(place, content)
            }
            outcome => outcome,
        };
        outcome.map_err(|error| explain(Act::Write, &self.root.join(place.path()), &error))
    }

    fn remove(&self, place: &Place) -> StoreResult<()> {
        let path = self.root.join(place.path());
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(explain(Act::Remove, &path, &error))
            }
            _ => Ok(()),
        }
    }

    fn remove_drafts(&self) -> StoreResult<()> {
        let folder = self.root.join(DRAFTS);
        let clear = || -> io::Result<()> {
            for entry in fs::read_dir(&folder)? {
                fs::remove_file(entry?.path())?;
            }
            Ok(())
        };
        match clear() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(explain(Act::Remove, &folder, &error))
            }
            _ => Ok(()),
        }
    }

    fn free(&self) -> Option<u64> {
        let facts = rustix::fs::statvfs(&self.root).ok()?;
        Some(facts.f_bavail * facts.f_frsize)
    }
}

fn file_size(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(facts) => Ok(Some(facts.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn list_folder(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let facts = entry.metadata()?;
        if facts.is_file() {
            // A name that is no text is none of a repository's.
            if let Ok(name) = entry.file_name().into_string() {
                found.push((name, facts.len()));
            }
        }
    }
    Ok(found)
}

fn list_below(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(list_folder(&entry.path())?);
        }
    }
    Ok(found)
}

fn explain(act: Act, path: &Path, error: &io::Error) -> StoreError {
    let cause = match error.kind() {
        io::ErrorKind::NotFound => Cause::Missing,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Cause::Failure(Failure::NoSpace)
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Cause::Failure(match act {
                Act::Remove => Failure::DeleteRefused,
                Act::Write | Act::MakeFolders => Failure::WriteRefused,
                Act::Connect | Act::List | Act::Read => Failure::LoginRefused,
            })
        }
        // A part that is no longer there: the file is shorter than the index says.
        io::ErrorKind::UnexpectedEof => Cause::Failure(Failure::Damaged),
        // Pulled out while it was being used.
        _ => Cause::Failure(Failure::Cut),
    };
    StoreError {
        act,
        object: path.display().to_string(),
        cause,
        reason: error.to_string(),
    }
}
