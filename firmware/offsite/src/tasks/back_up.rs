//! Copies shares. The library walks the read-only snapshot, compares with the last
//! copy of the same share, and sends what is new.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use jiff::tz::TimeZone;
use preau_offsite_job::{Copied, Event, Failure, Outcome, Phase, SettingsSource, ShareSource};
use rustic_core::repofile::{Metadata, Node, NodeType, SnapshotFile};
use rustic_core::{
    BackupOptions, Excludes, IndexedIds, LocalSource, LocalSourceFilterOptions,
    LocalSourceSaveOptions, ReadSource, ReadSourceEntry, Repository, RusticResult, SnapshotOptions,
};

use super::snapshots::{TAG, id_of};
use super::{Need, Room, settings};
use crate::repository::{JobError, JobResult};

/// Copies the settings, then the shares, one after the other.
pub fn run(
    room: &Room<'_>,
    shares: &[ShareSource],
    settings: Option<&SettingsSource>,
) -> JobResult<Outcome> {
    for share in shares {
        look_at(share)?;
    }
    let (repository, _lock) = room.open(Need::Add)?;
    // What an earlier run left half-written; a shared lock does not exclude another
    // machine, but drafts are this program's own.
    room.clear_drafts()?;
    let repository = repository
        .to_indexed_ids()
        .map_err(|error| room.bench.explain("reading the index", &error))?;
    if let Some(settings) = settings {
        settings::copy(room, &repository, settings)?;
    }
    let mut copied = Vec::new();
    for share in shares {
        let done = copy(room, &repository, share)?;
        room.bench.reporter.tell(&Event::Copied(done.clone()));
        copied.push(done);
    }
    // The library copies without what it could not read of earlier copies, and counts on
    // it all the same: what is new is safe, and somebody must hear of the rest tonight.
    match room.bench.depot.last_failure() {
        Some(error) if error.failure() == Failure::Damaged => Err(error.into()),
        _ => Ok(Outcome::BackUp { copied }),
    }
}

/// An empty mount point must not become a copy without files.
fn look_at(share: &ShareSource) -> JobResult<()> {
    if share.share.is_empty() || share.share.contains(['/', '\0']) {
        return Err(JobError::new(
            Failure::BadJob,
            format!("{:?} is no name of a share", share.share),
        ));
    }
    std::fs::read_dir(&share.path).map(drop).map_err(|error| {
        JobError::new(
            Failure::SourceUnreadable,
            format!("reading {}: {error}", share.path.display()),
        )
    })
}

fn copy<S: IndexedIds>(
    room: &Room<'_>,
    repository: &Repository<S>,
    share: &ShareSource,
) -> JobResult<Copied> {
    let reporter = &room.bench.reporter;
    reporter.share(Some(&share.share));
    reporter.phase(Phase::Copying, None);
    let notes_before = reporter.notes();
    let explain = |error: Box<rustic_core::RusticError>| {
        let doing = format!("copying {}", share.share);
        room.bench.explain(&doing, &error)
    };

    let source = ShareTree::open(room, share)?;
    let snapshot = SnapshotOptions::default()
        .host(room.bench.host.clone())
        .time(share.taken_at.to_zoned(TimeZone::system()))
        .command("preau-offsite".to_owned())
        .add_tags(TAG)
        .and_then(|options| options.to_snapshot())
        .map_err(explain)?;
    let options = BackupOptions::default().as_path(PathBuf::from("/").join(&share.share));
    let made = repository
        .archive(
            &options,
            &source,
            snapshot,
            std::slice::from_ref(&share.path),
        )
        .map_err(explain)?;
    reporter.share(None);
    Ok(describe(share, &made, reporter.notes() - notes_before))
}

fn describe(share: &ShareSource, made: &SnapshotFile, unreadable: u64) -> Copied {
    let summary = made.summary.clone().unwrap_or_default();
    Copied {
        share: share.share.clone(),
        snapshot: id_of(made),
        files: summary.total_files_processed,
        bytes: summary.total_bytes_processed,
        files_new: summary.files_new,
        files_changed: summary.files_changed,
        bytes_new: summary.data_added,
        bytes_added: summary.data_added_packed,
        unreadable,
    }
}

/// Patterns as the library wants them: `!` leaves out. One with a `/` in it counts
/// from the share's root, which for the library lies below the snapshot's folder.
fn patterns(root: &Path, exclude: &[String]) -> Vec<String> {
    exclude
        .iter()
        .map(|pattern| {
            let body = pattern.trim_end_matches('/');
            if body.contains('/') {
                let root = escape(&root.to_string_lossy());
                format!("!{root}/{}", pattern.trim_start_matches('/'))
            } else {
                format!("!{pattern}")
            }
        })
        .collect()
}

/// A path that a pattern takes for itself.
pub fn escape(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for letter in path.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '{' | '}' | '\\' | '!') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A share's files, its own folder first: the library's walk leaves that out, and with
/// it the rights that everything below inherits.
#[derive(Debug)]
struct ShareTree {
    root: PathBuf,
    node: Node,
    below: LocalSource,
}

impl ShareTree {
    fn open(room: &Room<'_>, share: &ShareSource) -> JobResult<Self> {
        let excludes = Excludes::default().globs(patterns(&share.path, &share.exclude));
        let below = LocalSource::new(
            LocalSourceSaveOptions::default(),
            &excludes,
            &LocalSourceFilterOptions::default(),
            &[&share.path],
        );
        // The folder as an entry of the one that it is in, named like the share.
        let meta = folder_itself(&share.path).map_err(|reason| {
            let detail = format!("reading {}: {reason}", share.path.display());
            JobError::new(Failure::SourceUnreadable, detail)
        })?;
        Ok(Self {
            root: share.path.clone(),
            node: Node::new_node(share.share.as_ref(), NodeType::Dir, meta),
            below: below.map_err(|error| room.bench.explain("reading the patterns", &error))?,
        })
    }
}

/// A folder's own attributes, by the library's own rules: the only entry of a walk
/// that goes no deeper.
fn folder_itself(folder: &Path) -> Result<Metadata, String> {
    let mut walk = WalkBuilder::new(folder).max_depth(Some(0)).build();
    let entry = walk.next().ok_or("nothing there")?;
    let entry = entry.map_err(|error| error.to_string())?;
    LocalSourceSaveOptions::default()
        .map_entry(entry)
        .map(|entry| entry.node.meta)
        .map_err(|error| error.to_string())
}

impl ReadSource for ShareTree {
    type Open = <LocalSource as ReadSource>::Open;
    type Iter = Box<dyn Iterator<Item = RusticResult<ReadSourceEntry<Self::Open>>> + Send>;

    fn size(&self) -> RusticResult<Option<u64>> {
        self.below.size()
    }

    fn entries(&self) -> Self::Iter {
        let first = ReadSourceEntry {
            path: self.root.clone(),
            node: self.node.clone(),
            open: None,
        };
        Box::new(std::iter::once(Ok(first)).chain(self.below.entries()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_count_from_the_shares_root() {
        let given = ["*.tmp", "/corbeille", "CP/brouillons/"].map(String::from);
        assert_eq!(
            patterns(Path::new("/srv/[a]/commun"), &given),
            [
                "!*.tmp",
                r"!/srv/\[a\]/commun/corbeille",
                r"!/srv/\[a\]/commun/CP/brouillons/"
            ]
        );
    }
}
