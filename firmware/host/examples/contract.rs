//! The contract suite on a real machine: to be run as root inside a guest that has
//! three disks nobody needs, on virtio-scsi, with the supervisor stopped.
//!
//! ```text
//! systemctl stop preau-supervise && contract [serve|restart|visits|copies]
//! ```
//!
//! It erases every disk that sits in a bay. A disk is pulled by telling the
//! kernel to forget it, and pushed back by a scan of the controller: for md and
//! udev that is the same as the hand of a person. With a
//! word it tells one story alone; `serve` leaves the share there for a client.

use jiff::Timestamp;
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::health::{SelfTestKind, Touch, Visit};
use preau_domain::ids::DiskId;
use preau_domain::opened::OpenedDisk;
use preau_domain::plan::Step;
use preau_domain::scrub::{Act, ScrubSeen};
use preau_domain::settings::Person;
use preau_domain::snapshot::Snapshot;
use preau_host::contract::{self, Hands};
use preau_host::{Bundles, Change, HostError, Machine, SetFacts, System};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A resync of the small disks that such a guest has.
const COPY: Duration = Duration::from_secs(300);

struct Guest<'a> {
    machine: &'a Machine,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // System is 'static, as the supervisor needs it; the process ends with it.
    let machine: &'static Machine = match Machine::open() {
        Ok(machine) => Box::leak(Box::new(machine)),
        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
    };
    let hands = Guest { machine };
    let timed = Timed(machine);
    let started = Instant::now();
    match std::env::args().nth(1).as_deref() {
        Some("serve") => {
            contract::people::shares_are_served_to_people_with_a_password(&timed, &hands).await;
        }
        Some("adopt") => {
            contract::adopt::disks_of_another_box_are_read_and_left(&timed, &hands).await
        }
        Some("restart") => {
            contract::a_mirror_is_there_again_after_a_restart_even_with_a_disk_less(&timed, &hands)
                .await;
        }
        Some("visits") => {
            contract::visits::every_disk_that_is_there_is_visited_and_none_is_accused(
                &timed, &hands,
            )
            .await;
        }
        Some("copies") => contract::copies::tell_all(machine, &hands).await,
        _ => contract::tell_all(&timed, &hands).await,
    }
    println!("the machine keeps the contract ({:?})", started.elapsed());
}

/// The machine, telling how long it takes for what.
struct Timed(&'static Machine);

async fn time<T>(what: &str, act: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let result = act.await;
    println!("   {:5} ms {what}", started.elapsed().as_millis());
    result
}

impl System for Timed {
    async fn observe(&self, now: Timestamp) -> Snapshot {
        time("observe", self.0.observe(now)).await
    }

    async fn apply(&self, step: &Step) -> Result<Change, HostError> {
        let what = format!("{step:?}");
        let word = what.split(' ').next().unwrap_or_default();
        time(word, self.0.apply(step)).await
    }

    async fn survey(&self, now: Timestamp) -> Result<BTreeMap<DiskId, Visit>, HostError> {
        time("survey", self.0.survey(now)).await
    }

    async fn read_a_block(
        &self,
        disks: &[DiskId],
        turn: u64,
    ) -> Result<BTreeMap<DiskId, Touch>, HostError> {
        time("read_a_block", self.0.read_a_block(disks, turn)).await
    }

    async fn start_self_test(
        &self,
        disk: &DiskId,
        kind: SelfTestKind,
    ) -> Result<Change, HostError> {
        time("start_self_test", self.0.start_self_test(disk, kind)).await
    }

    async fn abort_self_test(&self, disk: &DiskId) -> Result<Change, HostError> {
        time("abort_self_test", self.0.abort_self_test(disk)).await
    }

    async fn blink_by(&self, disk: &DiskId) -> Result<BlinkBy, HostError> {
        time("blink_by", self.0.blink_by(disk)).await
    }

    async fn blink(&self, disk: &DiskId, wake: Wake) -> Result<Blinked, HostError> {
        time("blink", self.0.blink(disk, wake)).await
    }

    fn stop_blinking(&self) -> Change {
        self.0.stop_blinking()
    }

    fn blinking(&self) -> Option<Blinking> {
        self.0.blinking()
    }

    async fn open_disk(&self, disk: &DiskId, kept: &[String]) -> Result<OpenedDisk, HostError> {
        time("open_disk", self.0.open_disk(disk, kept)).await
    }

    async fn close_disk(&self) -> Result<Change, HostError> {
        time("close_disk", self.0.close_disk()).await
    }

    fn opened_disk(&self) -> Option<OpenedDisk> {
        self.0.opened_disk()
    }

    async fn read_scrub(&self, array: Uuid, since: Timestamp) -> Result<ScrubSeen, HostError> {
        time("read_scrub", self.0.read_scrub(array, since)).await
    }

    async fn scrub(&self, array: Uuid, act: Act) -> Result<Change, HostError> {
        time("scrub", self.0.scrub(array, act)).await
    }

    async fn settle(&self) -> Result<(), HostError> {
        time("settle", self.0.settle()).await
    }

    async fn changed(&self) {
        time("waiting for a change", self.0.changed()).await;
    }

    async fn keep_accounts(&self, people: &[Person]) -> Result<Change, HostError> {
        time("keep_accounts", self.0.keep_accounts(people)).await
    }

    async fn set_share_password(&self, login: &str, password: &str) -> Result<(), HostError> {
        let set = self.0.set_share_password(login, password);
        time("set_share_password", set).await
    }

    async fn share_passwords(&self) -> Result<String, HostError> {
        time("share_passwords", self.0.share_passwords()).await
    }

    async fn restore_share_passwords(&self, passwords: &str) -> Result<(), HostError> {
        let restored = self.0.restore_share_passwords(passwords);
        time("restore_share_passwords", restored).await
    }

    async fn kept_bundles(&self) -> Result<Bundles, HostError> {
        time("kept_bundles", self.0.kept_bundles()).await
    }

    async fn keep_bundle(&self, new: &[u8], old: Option<&[u8]>) -> Result<Change, HostError> {
        time("keep_bundle", self.0.keep_bundle(new, old)).await
    }

    async fn describe_set(&self, set: &str) -> Result<SetFacts, HostError> {
        time("describe_set", self.0.describe_set(set)).await
    }

    async fn read_set(&self, set: &str) -> Result<Bundles, HostError> {
        time("read_set", self.0.read_set(set)).await
    }

    async fn renew_pages(&self) -> Result<(), HostError> {
        time("renew_pages", self.0.renew_pages()).await
    }

    async fn write_share_config(&self, name: &str, all: &[Person]) -> Result<Change, HostError> {
        time("write_share_config", self.0.write_share_config(name, all)).await
    }

    async fn show_claim_code(&self, notice: Option<&str>) -> Result<Change, HostError> {
        time("show_claim_code", self.0.show_claim_code(notice)).await
    }
}

/// Runs a program; returns whether it succeeded.
#[expect(
    clippy::disallowed_methods,
    reason = "the hands of a person, not the firmware"
)]
fn run(program: &str, args: &[&str]) -> bool {
    let status = std::process::Command::new(program).args(args).status();
    status.is_ok_and(|status| status.success())
}

#[expect(
    clippy::disallowed_methods,
    reason = "an attribute of sysfs, not a file that must last"
)]
fn write(path: &Path, text: &str) {
    if let Err(error) = fs::write(path, text) {
        panic!("writing {}: {error}", path.display());
    }
}

fn folders(path: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with(prefix))
        })
        .collect()
}

/// The kernel's name of a disk.
fn kname(disk: &DiskId) -> String {
    let link = Path::new("/dev/disk/by-id").join(disk.as_str());
    let Ok(path) = fs::canonicalize(&link) else {
        panic!("{} is not there", link.display());
    };
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The device files of the disks or arrays of that kind.
fn devices(kind: &str) -> Vec<String> {
    folders("/sys/block", kind)
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| format!("/dev/{}", name.to_string_lossy()))
        .collect()
}

fn release_disks() {
    run("/usr/bin/systemctl", &["stop", "smbd.service"]);
    run("/usr/bin/umount", &["/srv/preau"]);
    for device in devices("md") {
        run("/usr/sbin/mdadm", &["--stop", &device]);
    }
    run("/usr/sbin/dmsetup", &["remove_all"]);
}

fn scan() {
    for host in folders("/sys/class/scsi_host", "host") {
        write(&host.join("scan"), "- - -");
    }
    run("/usr/bin/udevadm", &["settle"]);
}

impl Hands for Guest<'_> {
    async fn start_over(&self) -> Vec<DiskId> {
        scan();
        release_disks();
        for device in devices("sd") {
            // The partition, then the disk; one of them may have nothing on it.
            run("/usr/sbin/wipefs", &["--all", &format!("{device}1")]);
            run("/usr/sbin/wipefs", &["--all", &device]);
            run("/usr/sbin/blockdev", &["--rereadpt", &device]);
        }
        run("/usr/bin/udevadm", &["settle"]);
        let found = self.machine.observe(Timestamp::UNIX_EPOCH).await;
        let Some(disks) = found.disks.known() else {
            panic!("{:?}", found.disks);
        };
        println!("-- starting over with {} disks", disks.len());
        disks
            .iter()
            .filter(|disk| disk.bay.is_some())
            .inspect(|disk| assert!(disk.is_blank(), "{disk:?}"))
            .map(|disk| disk.id.clone())
            .collect()
    }

    async fn pull(&self, disk: &DiskId) {
        let name = kname(disk);
        println!("-- pulling {name}");
        write(Path::new(&format!("/sys/block/{name}/device/delete")), "1");
    }

    async fn insert(&self, disk: &DiskId) {
        println!("-- inserting {disk}");
        scan();
    }

    async fn write_something(&self, disk: &DiskId) {
        let device = format!("/dev/{}", kname(disk));
        assert!(run("/usr/sbin/mkfs.ext4", &["-q", "-F", &device]));
    }

    /// As far as storage goes: nothing is mounted, no array runs.
    async fn restart(&self) {
        println!("-- restarting");
        release_disks();
    }

    async fn finish_copying(&self) {
        let deadline = Instant::now() + COPY;
        loop {
            let found = self.machine.observe(Timestamp::UNIX_EPOCH).await;
            let arrays = found.arrays.known();
            if arrays.is_some_and(|arrays| arrays.iter().all(|array| array.sync.is_none())) {
                return;
            }
            assert!(Instant::now() < deadline, "still copying: {arrays:?}");
            // The kernel does not announce progress.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}
