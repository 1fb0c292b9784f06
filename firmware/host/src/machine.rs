//! The real machine. Observing runs lsblk, when something has changed, and reads sysfs
//! and procfs for the rest; the two are joined by kernel names, which end here. What is
//! read below `root` may be a recording; commands are only for the machine itself.

use crate::blink::{Shown, put_out_all};
use crate::board::Board;
use crate::command::Command;
use crate::described::{Described, Signs};
use crate::events::Events;
use crate::kmsg::{KernelLog, parse_uptime};
use crate::lsblk::{COLUMNS, Nodes, parse_lsblk};
use crate::md::{RawArray, describe, parse_detail_uuid, read_arrays};
use crate::opened::Open;
use crate::system::{Bundles, Change, HostError, SetFacts, System, chain};
use crate::volume::read_volume;
use jiff::Timestamp;
use preau_domain::arrays::{Array, ChecksumProgress, SyncProgress};
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::disks::Disk;
use preau_domain::health::{KernelNote, SelfTestKind, Touch, Visit};
use preau_domain::ids::DiskId;
use preau_domain::opened::OpenedDisk;
use preau_domain::plan::Step;
use preau_domain::reading::Reading;
use preau_domain::scrub::{Act, ScrubSeen};
use preau_domain::settings::Person;
use preau_domain::snapshot::{Snapshot, Volume};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use uuid::Uuid;

const BOARD: &str = "/usr/share/preau/board.toml";
/// smbd's own part of the kernel's tree of control groups.
const SHARE_SERVICE: &str = "sys/fs/cgroup/system.slice/smbd.service/cgroup.events";
/// Where smbd listens.
const SHARE_PORT: u16 = 445;
/// How `/proc/net/tcp` writes a socket that listens (`TCP_LISTEN`).
const LISTENING: &str = "0A";
const SERVICES: &str = "sys/fs/cgroup/system.slice";
/// udev's queue is empty well before; a disk that hangs must not stop everything.
const SETTLE_SECONDS: u64 = 30;
/// A disk that sleeps answers within about 15 s.
const VOLUME_LIMIT: Duration = Duration::from_secs(20);

/// The disks, the arrays, and what the kernel noticed of the disks.
type Disks = (Vec<Disk>, Vec<Array>, Reading<Vec<KernelNote>>);

/// The machine that this program runs on.
#[derive(Debug)]
pub struct Machine {
    root: PathBuf,
    board: Board,
    events: Option<Events>,
    /// Held while the volume is read: of a disk that hangs, one reading waits.
    reading_volume: Arc<Mutex<()>>,
    /// What the kernel says of disks; `None` where its log cannot be read.
    kernel_log: std::sync::Mutex<Option<KernelLog>>,
    /// One step at a time: they find each other's half-made partitions otherwise.
    pub(crate) one_step: Mutex<()>,
    /// The disk that shows where it sits.
    pub(crate) blinking: Shown,
    /// The disk that is open to copy from it.
    pub(crate) opened: Open,
    described: Described,
    checksums: std::sync::Mutex<Option<ToldChecksums>>,
}

/// The checksums that were told of when md was that far.
type ToldChecksums = (Uuid, SyncProgress, Option<ChecksumProgress>);

impl Machine {
    /// Reads the board's facts and begins to listen to the kernel.
    ///
    /// # Errors
    /// When the image lacks its `board.toml` or the kernel cannot be listened to.
    pub fn open() -> Result<Self, HostError> {
        let root = PathBuf::from("/");
        let events = Events::listen(&root).map_err(|source| HostError::File {
            act: "listening to",
            path: "/sys".into(),
            source,
        })?;
        put_out_all(&root);
        Ok(Self {
            blinking: Shown::default(),
            opened: Open::default(),
            board: Board::load(Path::new(BOARD))?,
            events: Some(events),
            one_step: Mutex::new(()),
            reading_volume: Arc::default(),
            kernel_log: std::sync::Mutex::new(open_kernel_log(&root)),
            described: Described::default(),
            checksums: std::sync::Mutex::default(),
            root,
        })
    }

    /// A machine whose files lie below a folder, for tests.
    #[cfg(test)]
    pub(crate) fn below(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            blinking: Shown::default(),
            opened: Open::default(),
            board: Board::default(),
            events: None,
            one_step: Mutex::new(()),
            kernel_log: std::sync::Mutex::new(None),
            reading_volume: Arc::default(),
            described: Described::default(),
            checksums: std::sync::Mutex::default(),
        }
    }

    /// A place below the root.
    pub(crate) fn path(&self, place: &str) -> PathBuf {
        self.root.join(place)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn is_real(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Whether computers can use the shares: smbd runs and listens. A process alone
    /// is not enough, it takes seconds to read its databases first.
    pub(crate) fn shares_served(&self) -> Result<bool, HostError> {
        Ok(self.shares_running()? && self.listens(SHARE_PORT)?)
    }

    /// Whether something listens on a TCP port, over IPv4 or IPv6.
    fn listens(&self, port: u16) -> Result<bool, HostError> {
        for table in ["proc/net/tcp", "proc/net/tcp6"] {
            let path = self.path(table);
            match fs::read_to_string(&path) {
                Ok(text) if has_listener(&text, port) => return Ok(true),
                Ok(_) => {}
                // A kernel without IPv6.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(HostError::File {
                        act: "reading",
                        path,
                        source,
                    });
                }
            }
        }
        Ok(false)
    }

    /// Whether smbd runs, ready or not.
    pub(crate) fn shares_running(&self) -> Result<bool, HostError> {
        let path = self.path(SHARE_SERVICE);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().any(|line| line == "populated 1")),
            // A unit that does not run has no group, but the others have.
            Err(_) if self.path(SERVICES).is_dir() => Ok(false),
            Err(source) => Err(HostError::File {
                act: "reading",
                path,
                source,
            }),
        }
    }

    /// Every block device, as udev's database has it.
    pub(crate) async fn nodes(&self) -> Result<Nodes, HostError> {
        let known = self.known_to_udev()?;
        let text = Command::new("/usr/bin/lsblk")
            .args(["--json", "--bytes", "--output", COLUMNS])
            .run()
            .await?;
        let mut nodes = parse_lsblk(&text)?;
        nodes.mark_known(|number| known.contains(number));
        Ok(nodes)
    }

    /// The same for whoever only looks, and often: as they were last described, while
    /// nothing has changed.
    pub(crate) async fn nodes_to_look_at(&self) -> Result<Nodes, HostError> {
        // Read before: a change while they are described has them described again.
        let Ok(signs) = Signs::read(&self.root) else {
            return self.nodes().await;
        };
        if let Some(nodes) = self.described.under(&signs, Instant::now()) {
            return Ok(nodes);
        }
        let nodes = self.nodes().await?;
        self.described.keep(signs, Instant::now(), &nodes);
        Ok(nodes)
    }

    /// The numbers, e.g. `8:0`, of the block devices that udev has looked at.
    fn known_to_udev(&self) -> Result<BTreeSet<String>, HostError> {
        let path = self.path("run/udev/data");
        let entries = fs::read_dir(&path).map_err(|source| HostError::File {
            act: "reading",
            path,
            source,
        })?;
        let number = |entry: std::io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_prefix('b').map(str::to_owned)
        };
        Ok(entries.filter_map(number).collect())
    }

    /// The disks of the box among those nodes.
    pub(crate) fn disks(&self, nodes: &Nodes) -> Vec<Disk> {
        let sysfs_path = |kname: &str| {
            let link = self.path("sys/block").join(kname);
            let resolved = fs::canonicalize(link).ok()?;
            Some(resolved.to_string_lossy().into_owned())
        };
        nodes.disks(&self.board, sysfs_path)
    }

    /// The arrays with their UUIDs; one that has none is nobody's and is left out.
    pub(crate) async fn raw_arrays(&self) -> Result<Vec<(Uuid, RawArray)>, HostError> {
        let raw = read_arrays(&self.root).map_err(|source| HostError::File {
            act: "reading",
            path: self.path("sys/block"),
            source,
        })?;
        let mut arrays = Vec::new();
        for array in raw {
            let uuid = match array.uuid {
                Some(uuid) => Some(uuid),
                None => self.detail_uuid(&array).await?,
            };
            if let Some(uuid) = uuid {
                arrays.push((uuid, array));
            }
        }
        Ok(arrays)
    }

    /// The UUID on kernels whose sysfs does not have it.
    async fn detail_uuid(&self, array: &RawArray) -> Result<Option<Uuid>, HostError> {
        let text = Command::new("/usr/sbin/mdadm")
            .args(["--detail", "--export"])
            .arg(format!("/dev/{}", array.kname))
            .run()
            .await?;
        Ok(parse_detail_uuid(&text))
    }

    /// What the kernel noticed of the disks among those nodes.
    fn kernel_notes(&self, nodes: &Nodes, now: Timestamp) -> Reading<Vec<KernelNote>> {
        let mut log = self
            .kernel_log
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(log) = log.as_mut() else {
            return Reading::Absent;
        };
        let uptime = fs::read_to_string(self.path("proc/uptime"))
            .ok()
            .and_then(|text| parse_uptime(&text));
        let Some(started) = uptime.and_then(|uptime| now.checked_sub(uptime).ok()) else {
            return Reading::Unreadable {
                reason: "how long the kernel runs is not known".to_owned(),
            };
        };
        let disks = nodes.identities().filter_map(|(kname, id)| {
            let path = fs::canonicalize(self.path("sys/block").join(kname)).ok()?;
            Some((kname.to_owned(), id, path.to_string_lossy().into_owned()))
        });
        match log.read_on(disks, started) {
            Ok(notes) => Reading::at(notes, now),
            Err(error) => unreadable(&error),
        }
    }

    async fn observe_disks(&self, now: Timestamp) -> Result<Disks, HostError> {
        let nodes = self.nodes_to_look_at().await?;
        let disks = self.disks(&nodes);
        let notes = self.kernel_notes(&nodes, now);
        let mut arrays = Vec::new();
        for (uuid, raw) in self.raw_arrays().await? {
            let mut array = describe(&raw, uuid, &nodes);
            if let Some(sync) = &mut array.sync {
                // Only a remaining time depends on it: not knowing it blinds nobody.
                sync.checksums = self
                    .checksums_beside(uuid, *sync, &raw)
                    .await
                    .unwrap_or_else(|error| {
                        tracing::debug!(error = &error as &dyn Error, "reading the layers' state");
                        None
                    });
            }
            arrays.push(array);
        }
        Ok((disks, arrays, notes))
    }

    /// How far the checksums are beside what md does. md tells how far it is in steps,
    /// and only with a step does it matter: they are asked for once in each.
    async fn checksums_beside(
        &self,
        array: Uuid,
        sync: SyncProgress,
        raw: &RawArray,
    ) -> Result<Option<ChecksumProgress>, HostError> {
        let told = *self.told_checksums();
        if let Some((of, at, checksums)) = told
            && (of, at) == (array, sync)
        {
            return Ok(checksums);
        }
        let checksums = self.checksums_of(raw).await?;
        *self.told_checksums() = Some((array, sync, checksums));
        Ok(checksums)
    }

    fn told_checksums(&self) -> std::sync::MutexGuard<'_, Option<ToldChecksums>> {
        self.checksums
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// How far the checksums are of the member that has most of them before it.
    async fn checksums_of(&self, array: &RawArray) -> Result<Option<ChecksumProgress>, HostError> {
        let states = self.read_layer_states().await?;
        let layers = self.read_layers()?;
        let members = layers.iter().filter(|layer| {
            array
                .members
                .iter()
                .any(|member| member.kname == layer.kname)
        });
        let behind = members.filter_map(|layer| {
            let state = states.iter().find(|state| state.name == layer.name);
            state.and_then(|state| state.checksums)
        });
        Ok(behind.max_by_key(ChecksumProgress::left))
    }

    /// Reads the volume on a thread that may wait for the disks.
    async fn observe_volume(&self, now: Timestamp) -> Reading<Volume> {
        let unreadable = |reason: &str| Reading::Unreadable {
            reason: reason.to_owned(),
        };
        let Ok(turn) = Arc::clone(&self.reading_volume).try_lock_owned() else {
            return unreadable("the volume has not answered since the last reading");
        };
        let root = self.root.clone();
        let read = tokio::task::spawn_blocking(move || {
            let volume = read_volume(&root);
            drop(turn);
            volume
        });
        match tokio::time::timeout(VOLUME_LIMIT, read).await {
            Ok(Ok(Ok(Some(volume)))) => Reading::at(volume, now),
            Ok(Ok(Ok(None))) => Reading::Absent,
            Ok(Ok(Err(error))) => unreadable(&chain(&error)),
            Ok(Err(error)) => unreadable(&chain(&error)),
            Err(_) => unreadable("the volume does not answer"),
        }
    }

    /// Waits until udev has nothing left to do.
    pub(crate) async fn settle_udev(&self) -> Result<(), HostError> {
        Command::new("/usr/bin/udevadm")
            .arg("settle")
            .arg(format!("--timeout={SETTLE_SECONDS}"))
            .within(Duration::from_secs(SETTLE_SECONDS + 5))
            .run()
            .await
            .map(drop)
    }

    /// Returns once udev has looked at these devices anew. By itself it looks at one that
    /// somebody has written on and closed, but not when it was just then looking at it:
    /// then its database stays as it was.
    pub(crate) async fn have_looked_at(
        &self,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<(), HostError> {
        Command::new("/usr/bin/udevadm")
            .args(["trigger", "--action=change", "--settle"])
            .args(paths)
            .within(Duration::from_secs(SETTLE_SECONDS + 5))
            .run()
            .await
            .map(drop)
    }
}

/// A box whose kernel log cannot be read still looks after its disks.
fn open_kernel_log(root: &Path) -> Option<KernelLog> {
    KernelLog::open(root)
        .inspect_err(|error| tracing::warn!(%error, "the kernel's log cannot be read"))
        .ok()
}

/// Whether a table of sockets as in `/proc/net/tcp` (proc_pid_net(5)) has one that
/// listens on a port: `sl local_address rem_address st …`, ports in hexadecimal.
fn has_listener(table: &str, port: u16) -> bool {
    let port = format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().unwrap_or_default();
        let state = fields.nth(1).unwrap_or_default();
        local.ends_with(&port) && state == LISTENING
    })
}

fn unreadable<T>(error: &dyn Error) -> Reading<T> {
    Reading::Unreadable {
        reason: chain(error),
    }
}

impl System for Machine {
    async fn observe(&self, now: Timestamp) -> Snapshot {
        let (disks, arrays, kernel) = match self.observe_disks(now).await {
            Ok((disks, arrays, notes)) => {
                (Reading::at(disks, now), Reading::at(arrays, now), notes)
            }
            Err(error) => (unreadable(&error), unreadable(&error), unreadable(&error)),
        };
        let volume = self.observe_volume(now).await;
        let shares_served = match self.shares_served() {
            Ok(served) => Reading::at(served, now),
            Err(error) => unreadable(&error),
        };
        Snapshot {
            disks,
            arrays,
            volume,
            shares_served,
            kernel,
        }
    }

    async fn apply(&self, step: &Step) -> Result<Change, HostError> {
        let _one_step = self.one_step.lock().await;
        self.apply_step(step).await
    }

    async fn survey(&self, now: Timestamp) -> Result<BTreeMap<DiskId, Visit>, HostError> {
        self.visit_disks(now).await
    }

    async fn read_a_block(
        &self,
        disks: &[DiskId],
        turn: u64,
    ) -> Result<BTreeMap<DiskId, Touch>, HostError> {
        self.touch_disks(disks, turn).await
    }

    async fn start_self_test(
        &self,
        disk: &DiskId,
        kind: SelfTestKind,
    ) -> Result<Change, HostError> {
        self.begin_self_test(disk, kind).await
    }

    async fn abort_self_test(&self, disk: &DiskId) -> Result<Change, HostError> {
        self.stop_self_test(disk).await
    }

    async fn blink_by(&self, disk: &DiskId) -> Result<BlinkBy, HostError> {
        self.means_of_blinking(disk).await
    }

    async fn blink(&self, disk: &DiskId, wake: Wake) -> Result<Blinked, HostError> {
        self.show_disk(disk, wake).await
    }

    fn stop_blinking(&self) -> Change {
        self.blinking.end()
    }

    fn blinking(&self) -> Option<Blinking> {
        self.blinking.read()
    }

    async fn open_disk(&self, disk: &DiskId, kept: &[String]) -> Result<OpenedDisk, HostError> {
        self.open_to_copy(disk, kept).await
    }

    async fn close_disk(&self) -> Result<Change, HostError> {
        self.close_opened().await
    }

    fn opened_disk(&self) -> Option<OpenedDisk> {
        self.opened.read()
    }

    async fn read_scrub(&self, array: Uuid, since: Timestamp) -> Result<ScrubSeen, HostError> {
        self.look_at_scrub(array, since).await
    }

    async fn scrub(&self, array: Uuid, act: Act) -> Result<Change, HostError> {
        let _one_step = self.one_step.lock().await;
        self.carry_out_scrub(array, act).await
    }

    async fn settle(&self) -> Result<(), HostError> {
        self.settle_udev().await
    }

    async fn changed(&self) {
        match &self.events {
            Some(events) => events.changed().await,
            None => std::future::pending().await,
        }
    }

    async fn keep_accounts(&self, people: &[Person]) -> Result<Change, HostError> {
        self.write_accounts(people).await
    }

    async fn set_share_password(&self, login: &str, password: &str) -> Result<(), HostError> {
        self.set_password(login, password).await
    }

    async fn share_passwords(&self) -> Result<String, HostError> {
        self.export_passwords().await
    }

    async fn restore_share_passwords(&self, passwords: &str) -> Result<(), HostError> {
        self.import_passwords(passwords).await
    }

    async fn kept_bundles(&self) -> Result<Bundles, HostError> {
        self.read_kept().await
    }

    async fn keep_bundle(
        &self,
        bundle: &[u8],
        previous: Option<&[u8]>,
    ) -> Result<Change, HostError> {
        self.write_kept(bundle, previous).await
    }

    async fn describe_set(&self, set: &str) -> Result<SetFacts, HostError> {
        self.examine_set(set).await
    }

    async fn read_set(&self, set: &str) -> Result<Bundles, HostError> {
        self.peek_into_set(set).await
    }

    async fn renew_pages(&self) -> Result<(), HostError> {
        self.restart_pages().await
    }

    async fn write_share_config(
        &self,
        box_name: &str,
        people: &[Person],
    ) -> Result<Change, HostError> {
        self.write_smb_conf(box_name, people).await
    }

    async fn show_claim_code(&self, notice: Option<&str>) -> Result<Change, HostError> {
        self.keep_claim_notice(notice).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   1: 0100007F:D2F0 0100007F:01BD 01 00000000:00000000 00:00000000 00000000     0
   2: 0100007F:01BD 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0
";

    #[test]
    fn only_a_listening_socket_counts_as_served() {
        assert!(has_listener(TABLE, 443));
        assert!(
            !has_listener(TABLE, 445),
            "an old connection is no listener"
        );
        assert!(!has_listener("", 445));
    }
}
