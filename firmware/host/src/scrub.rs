//! The scrub on the real machine: btrfs reads every file in a process of its own and
//! keeps its place in a file on the volume; md reads every copy in the kernel and keeps
//! its place in sysfs. Both are asked how far they are, and told to stop.

use crate::command::Command;
use crate::lsblk::Nodes;
use crate::machine::Machine;
use crate::md::RawArray;
use crate::steps::{LONG, write_attribute};
use crate::system::{Change, HostError};
use crate::volume::PLACE;
use jiff::Timestamp;
use preau_domain::scrub::{Act, CopiesSeen, FilesSeen, Repairs, ScrubSeen};
use std::fs;
use std::time::Duration;
use uuid::Uuid;

const BTRFS: &str = "/usr/bin/btrfs";
/// `/var/lib/btrfs` leads there: where btrfs keeps its place in a scrub. On the disks
/// that are being read, since the card would be written every five seconds.
const NOTES: &str = "srv/preau/.scrub";
/// For md's thread to take up what it was told.
const TAKEN_UP: Duration = Duration::from_secs(10);
/// A block has eight, and md asks about twice before it reads elsewhere.
const SECTORS_PER_REFUSAL: u64 = 4;
const PAUSE: Duration = Duration::from_millis(100);

impl Machine {
    pub(crate) async fn look_at_scrub(
        &self,
        uuid: Uuid,
        since: Timestamp,
    ) -> Result<ScrubSeen, HostError> {
        let nodes = self.nodes_to_look_at().await?;
        let arrays = self.raw_arrays().await?;
        let array = arrays.iter().find(|(found, _)| *found == uuid);
        let (_, array) = array.ok_or_else(|| HostError::Missing(format!("the array {uuid}")))?;
        let files = self.read_files_scrub().await?;
        let named = match files.broken {
            0 => Vec::new(),
            _ => self.named_files(since).await?,
        };
        Ok(ScrubSeen {
            files,
            copies: self.read_check(array)?,
            repaired: self.read_repairs(array, &nodes).await?,
            named,
        })
    }

    async fn read_files_scrub(&self) -> Result<FilesSeen, HostError> {
        if !self.path(NOTES).exists() {
            return Ok(FilesSeen::default());
        }
        let told = Command::new(BTRFS)
            .args(["scrub", "status", "-R", PLACE])
            .run()
            .await?;
        parse_scrub_status(&told)
    }

    /// The files that the kernel named while btrfs met what it could not put right.
    async fn named_files(&self, since: Timestamp) -> Result<Vec<String>, HostError> {
        let told = Command::new("/usr/bin/journalctl")
            .args(["--dmesg", "--output=cat", "--no-pager", "--quiet"])
            .arg(format!("--since=@{}", since.as_second()))
            .run()
            .await?;
        Ok(parse_named_files(&told))
    }

    fn read_check(&self, array: &RawArray) -> Result<CopiesSeen, HostError> {
        let number = |name: &str| self.read_number(&format!("sys/block/{}/md/{name}", array.kname));
        Ok(CopiesSeen {
            running: array.check_progress(),
            interrupted_at: number("sync_min")?,
            differing: number("mismatch_cnt")?,
            // `none` while nothing is compared.
            speed: array.sync_speed.parse().unwrap_or(0),
            total: array.component_size / 512,
        })
    }

    /// About how much md wrote anew. Its own count knows what readers met and not what
    /// its check did, so that what counts is how often a layer refused a block since it
    /// was opened; for a member without a layer it is md's count.
    async fn read_repairs(
        &self,
        array: &RawArray,
        nodes: &Nodes,
    ) -> Result<Vec<Repairs>, HostError> {
        let states = self.read_layer_states().await?;
        let layers = self.read_layers()?;
        let mut repairs = Vec::new();
        for member in array.members.iter().filter(|member| member.attached) {
            let Some(disk) = nodes.disk_id_under(&member.kname) else {
                continue;
            };
            let layer = layers.iter().find(|layer| layer.kname == member.kname);
            let refused = layer.and_then(|layer| {
                let state = states.iter().find(|state| state.name == layer.name);
                state.map(|state| state.refused)
            });
            let place = format!("sys/block/{}/md/dev-{}/errors", array.kname, member.kname);
            let sectors = match refused {
                Some(count) => count * SECTORS_PER_REFUSAL,
                None => self.read_number(&place)?,
            };
            repairs.push(Repairs { disk, sectors });
        }
        Ok(repairs)
    }

    fn read_number(&self, place: &str) -> Result<u64, HostError> {
        let path = self.path(place);
        let text = fs::read_to_string(&path).map_err(|source| HostError::File {
            act: "reading",
            path: path.clone(),
            source,
        })?;
        text.trim().parse().map_err(|_| HostError::Unexpected {
            what: "a number of md's",
            text,
        })
    }

    pub(crate) async fn carry_out_scrub(&self, uuid: Uuid, act: Act) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        let running = self.read_files_scrub().await?.running;
        match act {
            Act::ReadFiles | Act::GoOnWithFiles if running => return Ok(Change::Unchanged),
            Act::ReadFiles => self.begin_files(uuid).await?,
            Act::GoOnWithFiles => {
                if let Err(error) = btrfs_scrub("resume").await {
                    tracing::info!(%error, "the files are read from the beginning");
                    self.begin_files(uuid).await?;
                }
            }
            Act::StopFiles if !running => return Ok(Change::Unchanged),
            Act::StopFiles => btrfs_scrub("cancel").await?,
            Act::ReadCopies { from } => {
                if array.check_progress().is_some() {
                    return Ok(Change::Unchanged);
                }
                self.tell_md(&array, "sync_min", &from.to_string())?;
                self.tell_md(&array, "sync_action", "check")?;
                self.wait_for_check(uuid).await?;
            }
            Act::StopCopies => {
                if array.check_progress().is_none() {
                    return Ok(Change::Unchanged);
                }
                self.tell_md(&array, "sync_action", "idle")?;
            }
        }
        Ok(Change::Changed)
    }

    /// What an earlier scrub said is forgotten: it would be taken for this one's.
    async fn begin_files(&self, uuid: Uuid) -> Result<(), HostError> {
        let notes = self.path(NOTES);
        let failed = |source| HostError::File {
            act: "emptying",
            path: notes.clone(),
            source,
        };
        if crate::volume::mounted(self.root())
            .map_err(failed)?
            .is_none()
        {
            return Err(HostError::Missing(format!("the volume on {uuid}")));
        }
        if notes.exists() {
            fs::remove_dir_all(&notes).map_err(failed)?;
        }
        fs::create_dir(&notes).map_err(failed)?;
        btrfs_scrub("start").await
    }

    /// Until md's thread has taken the check up, it looks as if it were over.
    async fn wait_for_check(&self, uuid: Uuid) -> Result<(), HostError> {
        let deadline = tokio::time::Instant::now() + TAKEN_UP;
        while tokio::time::Instant::now() < deadline {
            let array = self.running_array(uuid).await?;
            if array.check_progress().is_some() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        // A small array is read faster than it is looked at.
        Ok(())
    }

    fn tell_md(&self, array: &RawArray, name: &str, text: &str) -> Result<(), HostError> {
        let path = self.path(&format!("sys/block/{}/md/{name}", array.kname));
        write_attribute(&path, text).map_err(|source| HostError::File {
            act: "writing",
            path,
            source,
        })
    }
}

/// It goes on in a process of its own once it has begun.
async fn btrfs_scrub(act: &str) -> Result<(), HostError> {
    Command::new(BTRFS)
        .args(["scrub", act, PLACE])
        .within(LONG)
        .run()
        .await
        .map(drop)
}

/// Reads `btrfs scrub status -R` (btrfs-scrub(8)): `Status:`, `Duration:` as
/// hours:minutes:seconds, and counters by name. A counter that is not found is not
/// nought: nothing would be said of files that cannot be read.
pub(crate) fn parse_scrub_status(text: &str) -> Result<FilesSeen, HostError> {
    if text.lines().any(|line| line.trim() == NEVER) {
        return Ok(FilesSeen::default());
    }
    let read = || {
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))
                .map(str::trim)
        };
        let count = |name: &str| field(name)?.parse::<u64>().ok();
        let status = field("Status").filter(|status| STATES.contains(status))?;
        Some(FilesSeen {
            running: status == "running",
            finished: status == "finished",
            bytes: count("data_bytes_scrubbed")?.checked_add(count("tree_bytes_scrubbed")?)?,
            seconds: parse_duration(field("Duration")?)?,
            broken: count("uncorrectable_errors")?,
        })
    };
    read().ok_or_else(|| HostError::unexpected("what btrfs says of its scrub", text))
}

/// What `btrfs scrub status` says before the first scrub.
const NEVER: &str = "no stats available";
/// What it says of one that began.
const STATES: [&str; 4] = ["running", "finished", "aborted", "interrupted"];

fn parse_duration(text: &str) -> Option<u64> {
    text.split(':').try_fold(0_u64, |seconds, part| {
        seconds.checked_mul(60)?.checked_add(part.parse().ok()?)
    })
}

/// The paths in the kernel's messages about blocks that btrfs finds wrong:
/// `BTRFS warning (device md127): … links 1 (path: photos/ecole.jpg)`.
pub(crate) fn parse_named_files(text: &str) -> Vec<String> {
    let mut files: Vec<String> = text
        .lines()
        .filter(|line| line.contains("BTRFS"))
        .filter_map(|line| line.split_once("(path: ")?.1.strip_suffix(')'))
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As btrfs-progs 6.14 writes it.
    const STATUS: &str = "\
UUID:             6527ffb9-6395-4750-be1a-f0f4ac838ce6
Scrub started:    Tue Nov 24 20:01:02 2026
Status:           running
Duration:         1:02:03
\tdata_extents_scrubbed: 12
\ttree_extents_scrubbed: 4
\tdata_bytes_scrubbed: 1000
\ttree_bytes_scrubbed: 24
\tread_errors: 2
\tcsum_errors: 0
\tuncorrectable_errors: 2
\tcorrected_errors: 0
\tlast_physical: 30408704
";

    #[test]
    fn what_btrfs_says_of_its_scrub_is_read() {
        let seen = parse_scrub_status(STATUS).unwrap();
        let expected = FilesSeen {
            running: true,
            finished: false,
            bytes: 1024,
            seconds: 3723,
            broken: 2,
        };
        assert_eq!(seen, expected);
        let over = parse_scrub_status(&STATUS.replace("running", "finished")).unwrap();
        assert!(over.finished && !over.running);
        let never = "UUID: 6527ffb9-6395-4750-be1a-f0f4ac838ce6\n\tno stats available\n";
        assert_eq!(parse_scrub_status(never).unwrap(), FilesSeen::default());
    }

    #[test]
    fn a_scrub_status_without_its_counters_is_not_a_scrub_without_errors() {
        for (part, other) in [
            ("uncorrectable_errors: 2", "uncorrectable_errors: two"),
            ("\tuncorrectable_errors: 2\n", ""),
            ("running", "flying"),
            ("1:02:03", "99999999999999999999:0:0"),
        ] {
            let text = STATUS.replace(part, other);
            assert!(parse_scrub_status(&text).is_err(), "{text}");
        }
        assert!(parse_scrub_status("").is_err());
    }

    #[test]
    fn each_file_that_btrfs_names_is_told_once() {
        let line = |path: &str| {
            format!(
                "BTRFS warning (device md127): i/o error at logical 13 on dev /dev/md127, physical \
                 13, root 257, inode 9, offset 0, length 4096, links 1 (path: {path})\n"
            )
        };
        let text = line("b (1).jpg") + &line("a.odt") + &line("a.odt") + "eth0: up (path: x)\n";
        assert_eq!(parse_named_files(&text), ["a.odt", "b (1).jpg"]);
    }
}
