//! Ten thousand sequences of requests, pulls, insertions, failures and power cuts on
//! the machine that is not there: whatever the order of the clicks, no step of the
//! firmware makes files unreadable that could be read before it, and nothing is erased
//! that nobody agreed to lose. What the API decides, what the plan plans and what the
//! machine refuses are the real ones; only HTTP and the history are left out.

use crate::routes::array::{with_growth, with_replacement};
use jiff::Timestamp;
use preau_api::{GrowVolume, ReplaceDisk};
use preau_domain::disks::{Content, Disk};
use preau_domain::ids::DiskId;
use preau_domain::layouts::{Growth, protections};
use preau_domain::plan::{Step, hold_out, partition_name, plan, settle};
use preau_domain::settings::{EraseConsent, HeldWhy, VolumeMember, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use preau_host::{FakeMachine, HostError, System};
use uuid::Uuid;

const SEQUENCES: u64 = 10_000;
const CLICKS: u64 = 12;
/// A plan that still has something to do after so many steps never ends.
const STEPS: usize = 60;

/// A xorshift: a sequence is told again by its number.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let place = self.below(from.len() as u64) as usize;
        from.get(place).cloned()
    }
}

fn consent(disk: &Disk) -> EraseConsent {
    EraseConsent {
        disk: disk.id.clone(),
        serial: disk.serial.clone(),
        contents_digest: (!disk.is_blank()).then(|| disk.contents_digest.clone()),
    }
}

/// Whether a disk is what a person agreed to lose: blank, made for this volume, or with
/// exactly what they were shown.
fn is_as_agreed(consent: &EraseConsent, found: &Snapshot, array: Uuid) -> bool {
    let disks = found.disks.known();
    let disk = disks.and_then(|disks| disks.iter().find(|disk| disk.id == consent.disk));
    disk.is_some_and(|disk| {
        let ours = disk.partition_name == Some(partition_name(array));
        let shown = consent.contents_digest.as_ref() == Some(&disk.contents_digest);
        disk.serial == consent.serial && (disk.is_blank() || ours || shown)
    })
}

/// A box with a volume, and those who click.
struct Story {
    machine: FakeMachine,
    volume: VolumeSettings,
    random: Random,
    /// Every disk that ever was, plugged in or not.
    disks: Vec<DiskId>,
    agreed: Vec<EraseConsent>,
    /// What happened, for the one who reads a failure.
    told: Vec<String>,
}

impl Story {
    async fn begin(sequence: u64) -> Self {
        let mut random = Random(sequence.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let count = 1 + random.below(5) as u32;
        let machine = FakeMachine::with_blank_disks(count);
        let found = machine.observe(Timestamp::UNIX_EPOCH).await;
        let disks = found.disks.known().unwrap().clone();
        let sizes: Vec<_> = disks
            .iter()
            .map(|disk| (disk.id.clone(), disk.size))
            .collect();
        let way = random.pick(&protections(&sizes).choices).unwrap();
        let erase: Vec<_> = disks.iter().map(consent).collect();
        let volume = VolumeSettings {
            layout: way.layout,
            array: Uuid::from_u128(u128::from(sequence) << 64 | 1),
            filesystem: Uuid::from_u128(u128::from(sequence) << 64 | 2),
            members: disks.iter().map(member).collect(),
            spares: way.spares,
            leaving: Vec::new(),
            growing: false,
            unclean_start: None,
            held_out: Vec::new(),
            erase: erase.clone(),
            formatted: false,
        };
        let mut story = Self {
            machine,
            volume,
            random,
            disks: sizes.into_iter().map(|(id, _)| id).collect(),
            agreed: erase,
            told: vec![format!("{:?} of {count}", way.layout)],
        };
        story.machine.write_share_config("x", &[]).await.unwrap();
        story.work().await;
        assert!(story.volume.formatted, "{:?}", story.told);
        if story.random.below(2) == 0 {
            story.machine.tick_rebuild(100);
        }
        story
    }

    async fn look(&self) -> Snapshot {
        self.machine.observe(Timestamp::UNIX_EPOCH).await
    }

    fn erased(&self) -> Vec<u32> {
        let times = |disk: &DiskId| self.machine.times_erased(disk);
        self.disks.iter().map(times).collect()
    }

    /// What the watch and the reconciler do, until nothing is left to do.
    async fn work(&mut self) {
        for done in 0.. {
            assert!(done < STEPS, "the plan never ends: {:?}", self.told);
            let found = self.look().await;
            if let Some(settled) = settle(&self.volume, &found) {
                self.volume = settled;
            }
            let steps = plan(Some(&self.volume), &found, false);
            if !self.carry_out(steps, &found).await {
                return;
            }
        }
    }

    /// The first step that changes something; says whether one did.
    async fn carry_out(&mut self, steps: Vec<Step>, found: &Snapshot) -> bool {
        for step in steps {
            let array = self.volume.array;
            let (readable, erased) = (self.machine.is_recoverable(array), self.erased());
            let outcome = self.machine.apply(&step).await;
            self.told.push(format!("   {step:?}: {outcome:?}"));
            let lost = readable && !self.machine.is_recoverable(array);
            assert!(!lost, "files were lost:\n{}", self.told.join("\n"));
            for (disk, before) in self.disks.iter().zip(erased) {
                if self.machine.times_erased(disk) != before {
                    let asked = matches!(&step, Step::PreparePartition { consent, .. }
                        if consent.disk == *disk
                            && self.agreed.contains(consent)
                            && is_as_agreed(consent, found, array));
                    assert!(asked, "nobody agreed:\n{}", self.told.join("\n"));
                }
            }
            match outcome {
                Ok(change) => return change == preau_host::Change::Changed,
                Err(HostError::Diverged { .. }) => {
                    if let Step::AddMember { disk, .. } = &step
                        && let Some(held) = hold_out(&self.volume, disk, HeldWhy::Diverged)
                    {
                        self.volume = held;
                        return true;
                    }
                }
                Err(_) if step.may_be_passed_over() => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// A consent to some disk, now and then for something else than is on it.
    fn some_consent(&mut self, found: &Snapshot) -> Option<EraseConsent> {
        let all = found.disks.known()?;
        let others: Vec<Disk> = all
            .iter()
            .filter(|disk| self.volume.member(&disk.id).is_none())
            .cloned()
            .collect();
        let free = !others.is_empty() && self.random.below(4) > 0;
        let disk = self.random.pick(if free { &others } else { all })?;
        let mut given = consent(&disk);
        match self.random.below(8) {
            0 => given.contents_digest = None,
            1 => given.contents_digest = Some("something else".to_owned()),
            2 => given.serial.push('X'),
            _ => {}
        }
        Some(given)
    }

    async fn click(&mut self) {
        let found = self.look().await;
        let plugged: Vec<DiskId> = found
            .disks
            .known()
            .into_iter()
            .flatten()
            .map(|disk| disk.id.clone())
            .collect();
        let away: Vec<DiskId> = self
            .disks
            .iter()
            .filter(|disk| !plugged.contains(disk))
            .cloned()
            .collect();
        // People who click do it more often than disks fail.
        let what = self.random.below(18);
        self.told
            .push(format!("{what} with {} disks", plugged.len()));
        match what {
            0 | 1 => self
                .random
                .pick(&plugged)
                .iter()
                .for_each(|d| self.machine.pull(d)),
            2 | 3 => self
                .random
                .pick(&away)
                .iter()
                .for_each(|d| self.machine.insert(d)),
            4 if self.disks.len() < 10 => {
                let bay = (self.disks.len() + 1).to_string();
                self.disks.push(self.machine.insert_blank(&bay));
            }
            5 => {
                let failing = self.random.pick(&plugged);
                failing.iter().for_each(|d| self.machine.fail_member(d));
            }
            6 | 12 | 13 => self
                .machine
                .tick_rebuild([10, 60, 100, 100][self.random.below(4) as usize]),
            7 => {
                match self.random.below(2) {
                    0 => self.machine.cut_power(),
                    _ => self.machine.cut_power_while_writing(),
                }
                self.machine.write_share_config("x", &[]).await.unwrap();
            }
            8 => {
                // Somebody uses a disk that is away on another computer.
                let used = self.random.pick(&away);
                let mine = used.filter(|disk| self.volume.member(disk).is_none());
                if let Some(disk) = mine {
                    let photos = Content {
                        kind: "ext4".to_owned(),
                        label: Some("photos".to_owned()),
                        size: 1,
                    };
                    self.machine.write_contents(&disk, vec![photos]);
                }
            }
            9 | 14 | 15 => self.replace(&found),
            10 | 16 => self.grow(&found),
            _ => {
                let there = |id: &DiskId| {
                    let disks = found.disks.known();
                    disks.is_some_and(|disks| {
                        let is_it = |disk: &Disk| {
                            disk.id == *id && disk.member_of == Some(self.volume.array)
                        };
                        disks.iter().any(is_it)
                    })
                };
                let belonging = self.volume.members.iter().chain(&self.volume.leaving);
                let present = belonging.map(|m| m.disk.clone()).filter(there).collect();
                self.volume.unclean_start = Some(present);
            }
        }
    }

    fn replace(&mut self, found: &Snapshot) {
        let Some(erase) = self.some_consent(found) else {
            return;
        };
        let members: Vec<DiskId> = self.volume.members.iter().map(|m| m.disk.clone()).collect();
        let leaving = match self.random.below(3) {
            0 => None,
            1 => self.random.pick(&members),
            _ => self.random.pick(&self.disks.clone()),
        };
        self.told
            .push(format!("   replace {leaving:?} with {erase:?}"));
        let wanted = ReplaceDisk {
            erase: erase.clone(),
            leaving,
        };
        if let Ok(changed) = with_replacement(&self.volume, found, wanted) {
            self.agreed.push(erase);
            self.volume = changed;
        }
    }

    fn grow(&mut self, found: &Snapshot) {
        let Some(erase) = self.some_consent(found) else {
            return;
        };
        let ways = [Growth::Spare, Growth::Safer, Growth::Larger];
        let Some(growth) = self.random.pick(&ways) else {
            return;
        };
        self.told.push(format!("   {growth:?} with {erase:?}"));
        let wanted = GrowVolume {
            erase: erase.clone(),
            growth,
        };
        if let Ok(changed) = with_growth(&self.volume, found, wanted) {
            self.agreed.push(erase);
            self.volume = changed;
        }
    }
}

fn member(disk: &Disk) -> VolumeMember {
    VolumeMember {
        disk: disk.id.clone(),
        bay: disk.bay.clone(),
        model: disk.model.clone(),
        serial: disk.serial.clone(),
        size: disk.size,
    }
}

#[tokio::test]
async fn whatever_the_order_of_the_clicks_the_last_good_copy_is_never_touched() {
    let (mut replaced, mut grown) = (0, 0);
    for sequence in 1..=SEQUENCES {
        let mut story = Story::begin(sequence).await;
        story.told.insert(0, format!("sequence {sequence}"));
        let (began, layout) = (story.volume.members.clone(), story.volume.layout);
        for _ in 0..CLICKS {
            story.click().await;
            story.work().await;
        }
        replaced += u64::from(began.iter().any(|m| story.volume.member(&m.disk).is_none()));
        let more = story.volume.members.len() > began.len() || story.volume.layout != layout;
        grown += u64::from(more);
    }
    // Clicks that are all refused would prove nothing.
    assert!(replaced > SEQUENCES / 20, "only {replaced} replaced a disk");
    assert!(grown > SEQUENCES / 50, "only {grown} grew");
    println!("sequences 1 to {SEQUENCES}: {replaced} replaced a disk, {grown} grew");
}
