//! The settings of the box, copied along as a snapshot of their own that holds one
//! file: with the recovery sheet, and nothing else, a new box becomes the old one.
//! The file is sealed by the supervisor; here it is bytes.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_offsite_job::{KeptSettings, Outcome, SETTINGS, Sealed, SettingsSource};
use rustic_core::repofile::{Metadata, Node, NodeType, SnapshotFile};
use rustic_core::{
    BackupOptions, IndexedFull, IndexedIds, ParentOptions, ReadSource, ReadSourceEntry, Repository,
    RusticResult, SnapshotOptions,
};

use super::browse::node_at;
use super::snapshots::{TAG, all, is_settings, of_shares};
use super::{Need, Room};
use crate::repository::JobResult;

/// The file's name, as on the disks of the box.
const FILE: &str = "settings.sealed";
/// Whoever restores it with restic keeps it to himself.
const MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Copies the settings.
pub fn copy<S: IndexedIds>(
    room: &Room<'_>,
    repository: &Repository<S>,
    settings: &SettingsSource,
) -> JobResult<()> {
    let explain =
        |error: Box<rustic_core::RusticError>| room.bench.explain("copying the settings", &error);
    let snapshot = SnapshotOptions::default()
        .host(room.bench.host.clone())
        .time(settings.taken_at.to_zoned(TimeZone::system()))
        .command("preau-offsite".to_owned())
        .add_tags(TAG)
        .and_then(|options| options.to_snapshot())
        .map_err(explain)?;
    // Nothing but their bytes tells whether they changed: they have no place on a disk.
    let options = BackupOptions::default()
        .as_path(PathBuf::from("/").join(SETTINGS))
        .parent_opts(ParentOptions::default().force(true))
        .no_scan(true);
    let source = InMemory(settings.clone());
    let root = [PathBuf::from(SETTINGS)];
    repository
        .archive(&options, &source, snapshot, &root)
        .map(drop)
        .map_err(explain)
}

/// Reads the newest of them that can be read, and lists the copies of shares.
pub fn read(room: &Room<'_>, at_most: usize) -> JobResult<Outcome> {
    let (repository, _lock) = room.open(Need::Read)?;
    let all = all(room, &repository)?;
    let repository = repository
        .to_indexed()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    let mut ours: Vec<&SnapshotFile> = all.iter().filter(|found| is_settings(found)).collect();
    ours.sort_by(|a, b| b.time.cmp(&a.time));
    let mut kept = Vec::new();
    let mut unread = None;
    for snapshot in ours.into_iter().take(at_most) {
        match fetch(room, &repository, snapshot) {
            Ok(sealed) => kept.push(KeptSettings {
                time: snapshot.time.timestamp(),
                host: snapshot.hostname.clone(),
                sealed,
            }),
            // Those before may be whole.
            Err(error) => {
                log::warn!("the settings of {}: {error}", snapshot.time);
                unread = unread.or(Some(error));
            }
        }
    }
    match unread {
        Some(error) if kept.is_empty() => Err(error),
        _ => Ok(Outcome::Settings {
            kept,
            snapshots: of_shares(&all),
        }),
    }
}

fn fetch<S: IndexedFull>(
    room: &Room<'_>,
    repository: &Repository<S>,
    snapshot: &SnapshotFile,
) -> JobResult<Sealed> {
    let node = node_at(room, repository, snapshot, Path::new(FILE))?;
    let mut bytes = Vec::new();
    repository
        .dump(&node, &mut bytes)
        .map_err(|error| room.bench.explain("reading the settings", &error))?;
    Ok(Sealed(bytes))
}

/// One folder with one file that is on no disk.
#[derive(Debug)]
struct InMemory(SettingsSource);

impl InMemory {
    fn node(&self, name: &str, node_type: NodeType, mode: u32, size: usize) -> Node {
        let at: Option<Timestamp> = Some(self.0.taken_at);
        let meta = Metadata {
            mode: Some(mode),
            mtime: at,
            ctime: at,
            size: size as u64,
            uid: Some(0),
            gid: Some(0),
            links: 1,
            ..Metadata::default()
        };
        Node::new_node(OsStr::new(name), node_type, meta)
    }
}

impl ReadSource for InMemory {
    type Open = Cursor<Vec<u8>>;
    type Iter = std::vec::IntoIter<RusticResult<ReadSourceEntry<Self::Open>>>;

    fn size(&self) -> RusticResult<Option<u64>> {
        Ok(Some(self.0.sealed.0.len() as u64))
    }

    fn entries(&self) -> Self::Iter {
        let bytes = self.0.sealed.0.clone();
        let folder = ReadSourceEntry {
            path: PathBuf::from(SETTINGS),
            node: self.node(SETTINGS, NodeType::Dir, FOLDER_MODE, 0),
            open: None,
        };
        let file = ReadSourceEntry {
            path: Path::new(SETTINGS).join(FILE),
            node: self.node(FILE, NodeType::File, MODE, bytes.len()),
            open: Some(Cursor::new(bytes)),
        };
        vec![Ok(folder), Ok(file)].into_iter()
    }
}
