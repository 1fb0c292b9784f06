//! Steps on md: make an array, start one, let a lost member go, give a place to a
//! disk. mdadm is always given the devices by name; its own search is switched off
//! in the image, since a disk from elsewhere must never start an array here.

use super::{ARRAY_NODE, LONG, MDADM, PAUSE, SOON, member_device, write_attribute};
use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::md::{RawArray, RawMember, parse_examined_members, parse_examined_slot};
use crate::system::{Change, HostError};
use preau_domain::ids::DiskId;
use preau_domain::layouts::Layout;
use preau_domain::plan::Start;
use uuid::Uuid;

/// In an hour, and halved with each further one.
const REPAIRS_TOLERATED: &str = "1000000";

impl Machine {
    pub(super) async fn create_array(
        &self,
        uuid: Uuid,
        layout: Layout,
        disks: &[DiskId],
        spares: &[DiskId],
    ) -> Result<Change, HostError> {
        self.settle_udev().await?;
        if self.is_ready(uuid).await? {
            return Ok(Change::Unchanged);
        }
        let nodes = self.nodes().await?;
        let mut devices = Vec::new();
        for disk in disks.iter().chain(spares) {
            devices.push(member_device(&nodes, disk, uuid)?);
        }
        let smallest = devices.iter().map(|node| node.size).min().unwrap_or(0);
        Command::new(MDADM)
            .args(["--create", ARRAY_NODE, "--metadata=1.2"])
            .args(["--homehost=any", "--name=preau"])
            .args(layout_options(layout))
            .arg(format!("--uuid={}", mdadm_uuid(uuid)))
            .arg(format!("--data-offset={}M", data_offset_mib(smallest)))
            .arg(format!("--raid-devices={}", disks.len()))
            .args((!spares.is_empty()).then(|| format!("--spare-devices={}", spares.len())))
            // Made again after a power cut, the members carry a superblock already.
            .arg("--run")
            .args(devices.iter().map(|node| node.path()))
            .within(LONG)
            .run()
            .await?;
        self.wait_for_array(uuid).await?;
        Ok(Change::Changed)
    }

    pub(super) async fn assemble(
        &self,
        uuid: Uuid,
        disks: &[DiskId],
        start: Start,
    ) -> Result<Change, HostError> {
        self.settle_udev().await?;
        if self.is_ready(uuid).await? {
            return Ok(Change::Unchanged);
        }
        let nodes = self.nodes().await?;
        let devices = carriers(&nodes, uuid, disks);
        if devices.is_empty() {
            return Err(HostError::Missing(format!(
                "every member of the array {uuid}"
            )));
        }
        let options: &[&str] = match start {
            Start::Whole => &[],
            Start::Degraded => &["--run"],
            Start::Unclean => &["--run", "--force"],
        };
        let started = Command::new(MDADM)
            .args(["--assemble", ARRAY_NODE])
            .arg(format!("--uuid={}", mdadm_uuid(uuid)))
            .args(options)
            .args(&devices)
            .within(LONG)
            .run()
            .await;
        // What md could not start, it leaves lying about.
        match self.array(uuid).await? {
            Some(array) if array.is_running() => {}
            half => {
                if let Some(array) = half {
                    self.stop_array(&array).await?;
                }
                return Err(match started {
                    Err(HostError::Failed { stderr, .. }) if wants_all_members(&stderr) => {
                        HostError::Missing(format!("a member of the array {uuid}"))
                    }
                    Err(HostError::Failed { stderr, .. }) if is_unclean(&stderr) => {
                        HostError::Unclean { array: uuid }
                    }
                    Err(error) => error,
                    Ok(_) => HostError::Missing(format!("the array {uuid}")),
                });
            }
        }
        self.wait_for_array(uuid).await?;
        Ok(Change::Changed)
    }

    /// Whether the array runs; one of that UUID that does not is stopped.
    async fn is_ready(&self, uuid: Uuid) -> Result<bool, HostError> {
        match self.array(uuid).await? {
            Some(array) if array.is_running() => Ok(true),
            Some(array) => {
                self.stop_array(&array).await?;
                Ok(false)
            }
            None => Ok(false),
        }
    }

    /// Waits until the array runs and udev has made its node and read its content.
    async fn wait_for_array(&self, uuid: Uuid) -> Result<(), HostError> {
        self.wait_for("the new array", |nodes, arrays| {
            arrays.iter().any(|(found, array)| {
                *found == uuid && array.is_running() && nodes.get(&array.kname).is_some()
            })
        })
        .await?;
        self.tolerate_repairs(uuid).await
    }

    /// Lets md repair what it reads wrong for as long as it can be repaired. By itself it
    /// gives a member up after twenty repairs in an hour, and with it the copy that the
    /// other disks are repaired from; whether a disk is dying is judged elsewhere.
    async fn tolerate_repairs(&self, uuid: Uuid) -> Result<(), HostError> {
        let array = self.running_array(uuid).await?;
        let path = self.path(&format!("sys/block/{}/md/max_read_errors", array.kname));
        write_attribute(&path, REPAIRS_TOLERATED).map_err(|source| HostError::File {
            act: "writing",
            path,
            source,
        })
    }

    pub(super) async fn forget_detached(&self, uuid: Uuid) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        let mut change = Change::Unchanged;
        for member in array.members.iter().filter(|member| !member.attached) {
            if !member.is_faulty() {
                self.give_up_member(&array, member)?;
            }
            self.forget_member(&array, member).await?;
            change = Change::Changed;
        }
        self.close_orphans().await?;
        Ok(change)
    }

    /// Tells md what it would find out with its next write. udev's own rule says so
    /// too, and then waits for five seconds before it looks at the outcome.
    fn give_up_member(&self, array: &RawArray, member: &RawMember) -> Result<(), HostError> {
        let place = format!("sys/block/{}/md/dev-{}/state", array.kname, member.kname);
        let path = self.path(&place);
        match write_attribute(&path, "faulty") {
            Ok(()) => Ok(()),
            // It was forgotten meanwhile.
            Err(_) if !path.exists() => Ok(()),
            Err(source) => Err(HostError::File {
                act: "writing",
                path,
                source,
            }),
        }
    }

    /// Uses md's own interface: mdadm would look for a device file that has gone.
    pub(super) async fn forget_member(
        &self,
        array: &RawArray,
        member: &RawMember,
    ) -> Result<(), HostError> {
        let place = format!("sys/block/{}/md/dev-{}/state", array.kname, member.kname);
        let path = self.path(&place);
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let source = match write_attribute(&path, "remove") {
                Ok(()) => return Ok(()),
                // udev's own rule for a removed disk was quicker.
                Err(_) if !path.exists() => return Ok(()),
                Err(error) => error,
            };
            // md lets go of a failed member once its last requests have ended.
            let busy = source.kind() == std::io::ErrorKind::ResourceBusy;
            if !busy || tokio::time::Instant::now() > deadline {
                return Err(HostError::File {
                    act: "writing",
                    path,
                    source,
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn add_member(&self, uuid: Uuid, id: &DiskId) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        self.settle_udev().await?;
        let nodes = self.nodes().await?;
        let device = member_device(&nodes, id, uuid)?;
        let is_it = |m: &RawMember| m.attached && m.kname == device.kname;
        if array.members.iter().any(is_it) {
            return Ok(Change::Unchanged);
        }
        require_room(&array, id, device)?;
        let returned = device.member_of() == Some(uuid);
        if !(returned && self.take_back(&array, id, device).await?) {
            self.manage(&array, "--add", device).await?;
        }
        self.wait_for("the new member", |_, arrays| {
            let joined = |m: &RawMember| is_it(m) && !m.is_faulty();
            arrays
                .iter()
                .any(|(found, array)| *found == uuid && array.members.iter().any(joined))
        })
        .await?;
        Ok(Change::Changed)
    }

    /// Lets a member that was away come back with what it has: only what changed
    /// meanwhile is copied. `false` when md does not want it back like that; its
    /// superblock is then erased, so that it can join as a new one.
    async fn take_back(
        &self,
        array: &RawArray,
        id: &DiskId,
        device: &Node,
    ) -> Result<bool, HostError> {
        let examined = Command::new(MDADM)
            .arg("--examine")
            .arg(device.path())
            .run()
            .await?;
        let Some(members) = parse_examined_members(&examined) else {
            return Err(HostError::Unexpected {
                what: "mdadm's examination",
                text: examined.chars().take(200).collect(),
            });
        };
        let why = match judge_return(array, &members, parse_examined_slot(&examined)) {
            Returning::Diverged => {
                return Err(HostError::Diverged {
                    disk: id.to_string(),
                });
            }
            Returning::Unsure => "others were replaced meanwhile".to_owned(),
            Returning::Behind => match self.manage(array, "--re-add", device).await {
                Ok(()) => return Ok(true),
                Err(error) => error.to_string(),
            },
        };
        tracing::info!(disk = %id, why, "the member is copied anew");
        Command::new(MDADM)
            .arg("--zero-superblock")
            .arg(device.path())
            .run()
            .await?;
        Ok(false)
    }

    pub(super) async fn manage(
        &self,
        array: &RawArray,
        act: &str,
        device: &Node,
    ) -> Result<(), HostError> {
        Command::new(MDADM)
            .arg("--manage")
            .arg(format!("/dev/{}", array.kname))
            .arg(act)
            .arg(device.path())
            .within(LONG)
            .run()
            .await
            .map(drop)
    }
}

/// The layers, partitions or disks that carry a superblock of an array, on these disks.
fn carriers(nodes: &Nodes, uuid: Uuid, disks: &[DiskId]) -> Vec<String> {
    let is_meant = |node: &&Node| {
        let disk = nodes.disk_id_under(&node.kname);
        disk.is_some_and(|disk| disks.contains(&disk))
    };
    nodes
        .iter()
        .filter(|node| node.member_of() == Some(uuid))
        .filter(is_meant)
        .map(Node::path)
        .collect()
}

/// What mdadm is told of a layout. `--assume-clean` never: the copies, and the parity
/// above all, must be the same before a disk may fail.
const fn layout_options(layout: Layout) -> &'static [&'static str] {
    match layout {
        // `--force`: mdadm asks whether one side is really meant.
        Layout::Single => &["--level=1", "--bitmap=internal", "--force"],
        Layout::Mirror => &["--level=1", "--bitmap=internal"],
        // `--force`: without it the last disk begins as one that is missing.
        Layout::Parity => &["--level=5", "--consistency-policy=ppl", "--force"],
        Layout::DoubleParity => &["--level=6", "--bitmap=internal"],
        Layout::Pairs => &["--level=10", "--layout=n2", "--bitmap=internal"],
    }
}

/// Where the data begins on a member, in MiB. The room before it lets the shape be
/// changed without a file beside the array. mdadm's own choice for large disks; more
/// than that for small ones.
fn data_offset_mib(member: u64) -> u64 {
    (member / 1024 / (1 << 20)).clamp(4, 128)
}

/// mdadm's reason not to start an array whose members were all there last time.
fn wants_all_members(stderr: &str) -> bool {
    stderr.contains("(use --run to insist)")
}

/// mdadm's reason not to start an array that may have been half written.
fn is_unclean(stderr: &str) -> bool {
    stderr.contains("consider --force")
}

/// mdadm's own form of a UUID: four groups with colons, the digits in order.
pub(super) fn mdadm_uuid(uuid: Uuid) -> String {
    let digits = uuid.simple().to_string();
    [&digits[..8], &digits[8..16], &digits[16..24], &digits[24..]].join(":")
}

fn require_room(array: &RawArray, id: &DiskId, device: &Node) -> Result<(), HostError> {
    let offset = array.members.iter().map(|member| member.data_offset).max();
    let needed = array.component_size + offset.unwrap_or(0);
    if device.size < needed {
        return Err(HostError::TooSmall {
            disk: id.to_string(),
            size: device.size,
            needed,
        });
    }
    Ok(())
}

/// How a returning member stands to the array that went on without it.
#[derive(Debug, PartialEq, Eq)]
enum Returning {
    /// It only misses what was written since.
    Behind,
    /// Members were replaced meanwhile; what it misses cannot be told.
    Unsure,
    /// It was used without any of those that are complete now: each has writes that
    /// the other lacks, and copying either way loses some.
    Diverged,
}

/// Judges by the members that the returning one last saw, by slot, and by its own
/// slot: whoever was with it then and is complete now has gone on without it.
fn judge_return(array: &RawArray, seen: &[bool], own: Option<usize>) -> Returning {
    let saw = |slot: usize| seen.get(slot) == Some(&true);
    let complete: Vec<usize> = array
        .members
        .iter()
        .filter(|member| member.is_in_sync())
        .filter_map(|member| member.slot)
        .collect();
    if complete.iter().all(|slot| saw(*slot)) {
        Returning::Behind
    } else if complete.iter().any(|slot| saw(*slot) && own != Some(*slot)) {
        Returning::Unsure
    } else {
        Returning::Diverged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsblk::parse_array_uuid;

    #[test]
    fn an_array_is_named_to_mdadm_as_it_is_read_back() {
        let uuid = Uuid::new_v4();
        assert_eq!(parse_array_uuid(&mdadm_uuid(uuid)), Some(uuid));
        assert_eq!(parse_array_uuid(&uuid.to_string()), Some(uuid));
    }

    #[test]
    fn who_returns_is_told_from_who_went_another_way() {
        let array = |slots: &[usize]| RawArray::of_complete("raid6", 4, slots);
        let judge = |slots, seen: [u8; 4], own| {
            judge_return(&array(slots), &seen.map(|there| there == 1), Some(own))
        };
        assert_eq!(judge(&[0, 1, 2], [1, 1, 1, 1], 3), Returning::Behind);
        // Place 2 was empty when it left, and has been filled since.
        assert_eq!(judge(&[0, 1, 2], [1, 1, 0, 1], 3), Returning::Unsure);
        let mirror = RawArray::of_complete("raid1", 2, &[0]);
        let alone = judge_return(&mirror, &[false, true], Some(1));
        assert_eq!(alone, Returning::Diverged);
        // Its own place was given to another while it was used alone.
        let mirror = RawArray::of_complete("raid1", 2, &[0, 1]);
        let alone = judge_return(&mirror, &[false, true], Some(1));
        assert_eq!(alone, Returning::Diverged);
    }

    #[test]
    fn data_begins_far_enough_for_another_shape_and_as_md_would_on_large_disks() {
        assert_eq!(data_offset_mib(350 << 20), 4);
        assert_eq!(data_offset_mib(64 << 30), 64);
        assert_eq!(data_offset_mib(4 << 40), 128);
    }

    #[test]
    fn no_layout_is_made_without_comparing_its_copies() {
        for layout in Layout::ALL {
            let options = layout_options(layout);
            assert!(!options.contains(&"--assume-clean"));
            let level = format!("--level={}", layout.level().trim_start_matches("raid"));
            assert!(options.contains(&level.as_str()), "{layout:?}");
        }
    }
}
