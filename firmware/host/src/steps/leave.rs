//! Steps that let a disk go in peace: its content is copied onto a spare while it
//! still works, and it is forgotten once md has given it up.

use super::member_device;
use super::{LONG, MDADM};
use crate::command::Command;
use crate::machine::Machine;
use crate::md::{RawArray, RawMember};
use crate::system::{Change, HostError};
use preau_domain::ids::DiskId;
use uuid::Uuid;

impl Machine {
    pub(super) async fn replace_member(
        &self,
        uuid: Uuid,
        leaving: &DiskId,
        joining: &DiskId,
    ) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        self.settle_udev().await?;
        let nodes = self.nodes().await?;
        let old = member_device(&nodes, leaving, uuid)?;
        let new = member_device(&nodes, joining, uuid)?;
        let slot = |kname: &str| member(&array, kname).map(|member| member.slot);
        let there = |id: &DiskId| HostError::Missing(format!("the member {id}"));
        let old_slot = slot(&old.kname).flatten().ok_or_else(|| there(leaving))?;
        match slot(&new.kname) {
            // It is being filled beside the old one already.
            Some(Some(found)) if found == old_slot => return Ok(Change::Unchanged),
            Some(None) => {}
            Some(Some(_)) => return Err(HostError::InUse(format!("the spare {joining}"))),
            None => return Err(there(joining)),
        }
        Command::new(MDADM)
            .arg("--manage")
            .arg(format!("/dev/{}", array.kname))
            .arg("--replace")
            .arg(old.path())
            .arg("--with")
            .arg(new.path())
            .within(LONG)
            .run()
            .await?;
        Ok(Change::Changed)
    }

    /// Only what md has given up: a member that works is never taken out.
    pub(super) async fn release_member(
        &self,
        uuid: Uuid,
        id: &DiskId,
    ) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        let nodes = self.nodes().await?;
        let is_it = |found: &&RawMember| {
            found.attached && nodes.disk_id_under(&found.kname).as_ref() == Some(id)
        };
        let Some(found) = array.members.iter().find(is_it) else {
            return Ok(Change::Unchanged);
        };
        if !found.is_faulty() {
            return Err(HostError::InUse(format!("the member {id}")));
        }
        self.forget_member(&array, found).await?;
        Ok(Change::Changed)
    }
}

fn member<'a>(array: &'a RawArray, kname: &str) -> Option<&'a RawMember> {
    array
        .members
        .iter()
        .find(|member| member.attached && member.kname == kname)
}
