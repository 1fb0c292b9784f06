//! Steps on md: make a mirror, start one, let a lost member go, give a place to a
//! disk. mdadm is always given the devices by name; its own search is switched off
//! in the image, since a disk from elsewhere must never start an array here.

use super::{ARRAY_NODE, LONG, MDADM, PAUSE, SOON, member_device, write_attribute};
use crate::command::Command;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::md::{RawArray, RawMember, parse_examined_members};
use crate::system::{Change, HostError};
use preau_domain::ids::DiskId;
use uuid::Uuid;

/// In an hour, and halved with each further one.
const REPAIRS_TOLERATED: &str = "1000000";

impl Machine {
    pub(super) async fn create_mirror(
        &self,
        uuid: Uuid,
        disks: &[DiskId],
    ) -> Result<Change, HostError> {
        self.settle_udev().await?;
        if self.is_ready(uuid).await? {
            return Ok(Change::Unchanged);
        }
        let nodes = self.nodes().await?;
        let mut devices = Vec::new();
        for disk in disks {
            devices.push(member_device(&nodes, disk, uuid)?.path());
        }
        Command::new(MDADM)
            .args(["--create", ARRAY_NODE, "--level=1", "--metadata=1.2"])
            .args(["--bitmap=internal", "--homehost=any", "--name=preau"])
            .arg(format!("--uuid={}", mdadm_uuid(uuid)))
            .arg(format!("--raid-devices={}", devices.len()))
            // Made again after a power cut, the members carry a superblock already.
            .arg("--run")
            .args(&devices)
            .within(LONG)
            .run()
            .await?;
        self.wait_for_array(uuid).await?;
        Ok(Change::Changed)
    }

    pub(super) async fn assemble(&self, uuid: Uuid, degraded: bool) -> Result<Change, HostError> {
        self.settle_udev().await?;
        if self.is_ready(uuid).await? {
            return Ok(Change::Unchanged);
        }
        let nodes = self.nodes().await?;
        let devices = carriers(&nodes, uuid);
        if devices.is_empty() {
            return Err(HostError::Missing(format!(
                "every member of the array {uuid}"
            )));
        }
        let started = Command::new(MDADM)
            .args(["--assemble", ARRAY_NODE])
            .arg(format!("--uuid={}", mdadm_uuid(uuid)))
            .args(degraded.then_some("--run"))
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
    async fn forget_member(&self, array: &RawArray, member: &RawMember) -> Result<(), HostError> {
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
        if ran_without_us(array, &members) {
            return Err(HostError::Diverged {
                disk: id.to_string(),
            });
        }
        if let Err(error) = self.manage(array, "--re-add", device).await {
            tracing::info!(disk = %id, %error, "the member is copied anew");
            Command::new(MDADM)
                .arg("--zero-superblock")
                .arg(device.path())
                .run()
                .await?;
            return Ok(false);
        }
        Ok(true)
    }

    async fn manage(&self, array: &RawArray, act: &str, device: &Node) -> Result<(), HostError> {
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

/// The layers, partitions or disks that carry a superblock of an array.
fn carriers(nodes: &Nodes, uuid: Uuid) -> Vec<String> {
    nodes
        .iter()
        .filter(|node| node.member_of() == Some(uuid))
        .map(Node::path)
        .collect()
}

/// mdadm's reason not to start an array whose members were all there last time.
fn wants_all_members(stderr: &str) -> bool {
    stderr.contains("(use --run to insist)")
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

/// Whether a returning member was once used without one of those that are complete
/// now: then each has writes that the other lacks, and copying either way loses some.
fn ran_without_us(array: &RawArray, its_members: &[bool]) -> bool {
    array
        .members
        .iter()
        .filter(|member| member.is_in_sync())
        .filter_map(|member| member.slot)
        .any(|slot| its_members.get(slot) == Some(&false))
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
}
