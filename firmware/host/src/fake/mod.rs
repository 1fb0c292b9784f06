//! A machine that is not there, and keeps state as a real one would: failing a
//! disk degrades its array, a power cut forgets what was only in memory, and a
//! disk that comes back carries what was written on it.
//!
//! Tests hold the machine's hands ([`FakeMachine::pull`], [`FakeMachine::insert`],
//! [`FakeMachine::cut_power`], …) and give the same machine to the supervisor as a
//! [`System`]. It refuses what the real machine refuses; the suite in
//! [`crate::contract`] runs against both.

mod array;
mod health;
mod kernel;
mod offsite;
mod scrub;
mod steps;
mod system;
#[cfg(test)]
mod tests;

use crate::system::{Bundles, Change, HostError, SetFacts, System};
use health::{Behaviour, FakeHealth};
use jiff::Timestamp;
use kernel::{FakeDisk, Kernel};
use offsite::Offsite;
pub use offsite::{FAKE_FINGERPRINT, FAKE_HOST_KEY};
use preau_domain::arrays::Marks;
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::disks::{Content, Disk};
use preau_domain::health::{Celsius, KernelNote, Noticed, OwnVerdict, SelfTestKind, Touch, Visit};
use preau_domain::ids::{Bay, DiskId};
use preau_domain::layouts::Layout;
use preau_domain::opened::{FILESYSTEMS, Folder, OpenedDisk};
use preau_domain::plan::Step;
use preau_domain::reading::Reading;
use preau_domain::scrub::{Act, ScrubSeen};
use preau_domain::settings::Person;
use preau_domain::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// Size of the disks that [`FakeMachine::with_blank_disks`] makes: 4 TB.
pub const DISK_SIZE: u64 = 4_000_787_030_016;

/// Whether the file system refuses writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {
    /// It does.
    Yes,
    /// It takes them.
    No,
}

/// A stateful stand-in for the box's hardware and kernel. Clones are the same
/// machine.
#[derive(Debug, Clone, Default)]
pub struct FakeMachine {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
    /// Workers that are held back look again.
    workers: Notify,
}

/// Everything that the machine is.
#[derive(Debug, Default)]
struct State {
    kernel: Kernel,
    /// On the card; survives a power cut.
    accounts: Vec<Person>,
    /// On the card, by login.
    share_passwords: BTreeMap<String, String>,
    /// In `/run`; a power cut forgets it.
    share_config: Option<(String, Vec<Person>)>,
    /// On the card's boot partition.
    claim_notice: Option<String>,
    /// Why disks and arrays cannot be read, if a test says so.
    unreadable: Option<String>,
    /// What the next step is answered, if a test says so.
    next_failure: Option<HostError>,
    /// What the kernel said of disks; a power cut forgets it.
    notes: Vec<KernelNote>,
    offsite: Offsite,
    disks_made: u32,
    /// The bays that have a light.
    lights: BTreeSet<Bay>,
    blinking: Option<Blinking>,
    opened: Option<OpenedDisk>,
    /// The open disk that Samba was last told of.
    shared: Option<DiskId>,
}

impl State {
    fn means_of_blinking(&self, disk: &DiskId) -> Result<BlinkBy, HostError> {
        let found = self.kernel.plugged().find(|found| found.id == *disk);
        let found = found.ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        Ok(match self.lights.contains(&found.bay) {
            true => BlinkBy::BayLight,
            false => BlinkBy::Activity,
        })
    }
}

impl FakeMachine {
    /// A machine without any disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A machine whose bays `1` to `count` each hold a blank disk.
    pub fn with_blank_disks(count: u32) -> Self {
        let machine = Self::new();
        for bay in 1..=count {
            machine.insert_blank(&bay.to_string());
        }
        machine
    }

    /// Pushes a new blank disk of [`DISK_SIZE`] into a bay.
    pub fn insert_blank(&self, bay: &str) -> DiskId {
        self.insert_blank_of(bay, DISK_SIZE)
    }

    /// Pushes a new blank disk of that many bytes into a bay.
    pub fn insert_blank_of(&self, bay: &str, size: u64) -> DiskId {
        self.change(|state| {
            state.disks_made += 1;
            let disk = FakeDisk::blank(state.disks_made, Bay(bay.to_owned()), size);
            let id = disk.id.clone();
            state.kernel.disks.push(disk);
            id
        })
    }

    /// Pushes a disk that was pulled back into its bay, as it was.
    pub fn insert(&self, disk: &DiskId) {
        self.change(|state| state.kernel.insert(disk));
    }

    /// Pulls a disk out of the running machine.
    pub fn pull(&self, disk: &DiskId) {
        self.change(|state| state.kernel.pull(disk));
    }

    /// Writes something on a disk, as another computer would have.
    pub fn write_contents(&self, disk: &DiskId, contents: Vec<Content>) {
        self.change(|state| {
            if let Some(disk) = state.kernel.disk_mut(disk) {
                disk.foreign = contents;
            }
        });
    }

    /// md gives a member up although its disk stays plugged in.
    pub fn fail_member(&self, disk: &DiskId) {
        self.change(|state| state.kernel.fail_member(disk));
    }

    /// Bytes in these sectors of a disk's copy change by themselves.
    pub fn corrupt(&self, disk: &DiskId, sectors: impl IntoIterator<Item = u64>) {
        self.change(|state| state.kernel.corrupt(disk, sectors));
    }

    /// How many sectors of a disk's copy are wrong now.
    pub fn wrong_sectors(&self, disk: &DiskId) -> usize {
        self.state().kernel.wrong_sectors(disk)
    }

    /// btrfs comes to the end of its scrub.
    pub fn finish_reading_files(&self) {
        self.change(|state| state.kernel.finish_reading_files());
    }

    /// md comes to the end of its check.
    pub fn finish_reading_copies(&self) {
        self.change(|state| state.kernel.finish_reading_copies());
    }

    /// The layer of a disk can no longer be opened.
    pub fn break_layer(&self, disk: &DiskId) {
        self.change(|state| {
            if let Some(disk) = state.kernel.disk_mut(disk) {
                disk.layer_broken = true;
            }
        });
    }

    /// md holds something against a member that still serves.
    pub fn mark_member(&self, disk: &DiskId, marks: Marks) {
        self.change(|state| state.kernel.mark_member(disk, marks));
    }

    /// The kernel notices something about a disk; all of them hang on one controller.
    pub fn notice(&self, disk: &DiskId, noticed: Noticed, at: Timestamp) {
        self.change(|state| {
            state.notes.push(KernelNote {
                at,
                disk: disk.clone(),
                controller: "0000:00:03.0".to_owned(),
                noticed,
            });
        });
    }

    /// The file system turns read-only, as after a write that failed, or back.
    pub fn turn_read_only(&self, read_only: ReadOnly) {
        self.change(|state| state.kernel.read_only = read_only == ReadOnly::Yes);
    }

    /// Another computer starts the array from this disk alone and writes on it.
    pub fn use_elsewhere(&self, disk: &DiskId) {
        self.change(|state| {
            let found = state.kernel.disk_mut(disk);
            if let Some(superblock) = found.and_then(|found| found.superblock.as_mut()) {
                superblock.events += 100;
                superblock.active = vec![disk.clone()];
            }
        });
    }

    /// Lets every running synchronisation get to that many hundredths; at 100 it
    /// is over.
    pub fn tick_rebuild(&self, percent: u8) {
        self.change(|state| state.kernel.tick_rebuild(percent));
    }

    /// Cuts the power and boots again: what was only in memory is forgotten, what
    /// is on disks and on the card stays.
    pub fn cut_power(&self) {
        self.change(|state| {
            state.kernel.cut_power();
            state.share_config = None;
            state.next_failure = None;
            state.blinking = None;
            state.opened = None;
            state.shared = None;
            state.notes.clear();
            state.offsite.cut_power();
        });
    }

    /// The card is replaced by a blank one, with the power off; the disks stay.
    pub fn replace_card(&self) {
        self.cut_power();
        self.change(|state| {
            state.accounts.clear();
            state.share_passwords.clear();
            state.claim_notice = None;
        });
    }

    /// The box burns down: another machine with that many blank disks, and the same
    /// world outside.
    #[must_use]
    pub fn burn(&self, disks: u32) -> Self {
        let outside = self.state().offsite.outside();
        let machine = Self::new();
        machine.change(|state| {
            state.offsite = outside;
            state.disks_made = 100;
        });
        for bay in 1..=disks {
            machine.insert_blank(&bay.to_string());
        }
        machine
    }

    /// Makes a disk one of another box's, as that one is.
    pub fn copy_onto(&self, disk: &DiskId, other: &Disk) {
        self.change(|state| {
            if let Some(disk) = state.kernel.disk_mut(disk) {
                disk.partition_name.clone_from(&other.partition_name);
                disk.superblock = other
                    .member_of
                    .map(|array| {
                        let members = std::slice::from_ref(&disk.id);
                        let size = disk.size - kernel::OVERHEAD;
                        array::FakeArray::new(array, Layout::Single, size, members, &[])
                    })
                    .and_then(|array| array.superblocks().pop())
                    .map(|(_, superblock)| kernel::Superblock {
                        events: 1,
                        ..superblock
                    });
            }
        });
    }

    /// What is kept on the disks of the first array that has a file system.
    pub fn bundles(&self) -> Bundles {
        let state = self.state();
        let first = state.kernel.filesystems.values().next();
        first.map(|fs| fs.bundles.clone()).unwrap_or_default()
    }

    /// Changes what is kept on the disks behind the box's back.
    pub fn change_bundles(&self, change: impl FnOnce(&mut Bundles)) {
        self.change(|state| {
            if let Some(fs) = state.kernel.filesystems.values_mut().next() {
                change(&mut fs.bundles);
            }
        });
    }

    /// How often md has written its note on a disk.
    pub fn times_noted(&self, disk: &DiskId) -> Option<u64> {
        let state = self.state();
        let disk = state.kernel.disks.iter().find(|found| found.id == *disk)?;
        disk.superblock.as_ref().map(|note| note.events)
    }

    /// Cuts the power in the middle of a write: an array whose members are not all
    /// there afterwards may have a half-written stripe.
    pub fn cut_power_while_writing(&self) {
        self.change(|state| {
            state.kernel.cut_power_while_writing();
            state.share_config = None;
            state.next_failure = None;
        });
    }

    /// Whether the files of an array can still be read from the disks that exist,
    /// wherever they are: what no click may ever make untrue.
    pub fn is_recoverable(&self, array: Uuid) -> bool {
        self.state().kernel.is_recoverable(array)
    }

    /// From now on disks, arrays and volume are unreadable, or readable again.
    pub fn make_unreadable(&self, reason: Option<&str>) {
        self.change(|state| state.unreadable = reason.map(str::to_owned));
    }

    /// The next step fails with this.
    pub fn fail_next_step(&self, failure: HostError) {
        self.change(|state| state.next_failure = Some(failure));
    }

    /// smbd ends by itself.
    pub fn crash_share_service(&self) {
        self.change(|state| state.kernel.shares_served = false);
    }

    /// The disk finds sectors that it cannot read, that many, and goes on working.
    pub fn make_failing(&self, disk: &DiskId, sectors: u64) {
        self.change_health(disk, |health| health.pending = sectors);
    }

    /// The disk has replaced that many sectors.
    pub fn reallocate(&self, disk: &DiskId, sectors: u64) {
        self.change_health(disk, |health| health.reallocated = sectors);
    }

    /// The disk says of itself that it has failed, or that it is well again.
    pub fn let_disk_say(&self, disk: &DiskId, own: OwnVerdict) {
        self.change_health(disk, |health| health.own_verdict = own);
    }

    /// The disk gets that hot.
    pub fn heat_to(&self, disk: &DiskId, degrees: i16) {
        self.change_health(disk, |health| health.temperature = Celsius(degrees));
    }

    /// The disk no longer answers, though it is plugged in.
    pub fn silence(&self, disk: &DiskId) {
        self.change_health(disk, |health| health.behaviour = Behaviour::KeepsSilent);
    }

    /// The disk hangs: what is read from it never comes, and it answers no question.
    pub fn hang(&self, disk: &DiskId, since: Duration) {
        self.change_health(disk, |health| health.behaviour = Behaviour::Hangs(since));
    }

    /// The disk refuses every read, and tells of itself as before.
    pub fn fail_reads(&self, disk: &DiskId) {
        self.change_health(disk, |health| health.reads_fail = true);
    }

    /// The disk stops spinning; asking it more than whether it does would wake it.
    pub fn put_to_sleep(&self, disk: &DiskId) {
        self.change_health(disk, |health| health.behaviour = Behaviour::Sleeps);
    }

    /// The disk spins and answers.
    pub fn wake(&self, disk: &DiskId) {
        self.change_health(disk, |health| health.behaviour = Behaviour::Answers);
    }

    /// The disk keeps no watch on itself, as virtual ones.
    pub fn take_smart_away(&self, disk: &DiskId) {
        self.change_health(disk, |health| health.behaviour = Behaviour::HasNoSmart);
    }

    /// The bay gets a light that shows it.
    pub fn give_light(&self, bay: &str) {
        self.state().lights.insert(Bay(bay.to_owned()));
    }

    /// A running self-test gets to that many hundredths; at 100 it is over.
    pub fn tick_self_test(&self, disk: &DiskId, percent: u8) {
        self.change_health(disk, |health| health.tick_self_test(percent));
    }

    fn change_health(&self, disk: &DiskId, act: impl FnOnce(&mut FakeHealth)) {
        // No disk tells of its health by itself.
        if let Some(disk) = self.state().kernel.disk_mut(disk) {
            act(&mut disk.health);
        }
    }

    /// Asks a plugged disk that answers; says whether that changed anything.
    fn ask(
        &self,
        disk: &DiskId,
        act: impl FnOnce(&mut FakeHealth) -> bool,
    ) -> Result<Change, HostError> {
        let mut state = self.state();
        let Some(found) = state.kernel.plugged_mut(disk) else {
            return Err(HostError::Missing(format!("the disk {disk}")));
        };
        if !matches!(found.health.behaviour, Behaviour::Answers) {
            return Err(HostError::TimedOut {
                program: "a self-test",
                seconds: 15,
            });
        }
        Ok(match act(&mut found.health) {
            true => Change::Changed,
            false => Change::Unchanged,
        })
    }

    /// What is left free on the volume, in bytes.
    pub fn fill_volume(&self, free: u64) {
        self.change(|state| state.kernel.free = Some(free));
    }

    /// The disk in a bay, if one is plugged in there.
    pub fn disk_in(&self, bay: &str) -> Option<Disk> {
        self.state()
            .kernel
            .plugged()
            .find(|disk| disk.bay.0 == bay)
            .map(FakeDisk::describe)
    }

    /// How often a disk was erased.
    pub fn times_erased(&self, disk: &DiskId) -> u32 {
        self.state()
            .kernel
            .disks
            .iter()
            .filter(|found| found.id == *disk)
            .map(|found| found.times_erased)
            .sum()
    }

    /// The Unix accounts, as last kept.
    pub fn accounts(&self) -> Vec<Person> {
        self.state().accounts.clone()
    }

    /// Somebody's password for the shares.
    pub fn share_password(&self, login: &str) -> Option<String> {
        self.state().share_passwords.get(login).cloned()
    }

    /// The box's name and the people of Samba's configuration.
    pub fn share_config(&self) -> Option<(String, Vec<Person>)> {
        self.state().share_config.clone()
    }

    /// The open disk that computers can read.
    pub fn shared_disk(&self) -> Option<DiskId> {
        self.state().shared.clone()
    }

    /// What console and boot partition show.
    pub fn claim_notice(&self) -> Option<String> {
        self.state().claim_notice.clone()
    }

    /// A test that panicked while it held the lock has failed already.
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let result = act(&mut self.state());
        self.inner.changed.notify_one();
        result
    }
}
