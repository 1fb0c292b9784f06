//! Steps that change an array while it is used: more disks, another layout. md moves
//! the data towards the room that was left before it ([`super::arrays`]), so that no
//! file beside the array is needed and a power cut at any point only means going on
//! at the next start.

use super::{LONG, MDADM};
use crate::command::Command;
use crate::machine::Machine;
use crate::md::RawArray;
use crate::system::{Change, HostError};
use preau_domain::arrays::Consistency;
use preau_domain::layouts::Layout;
use std::fs;
use uuid::Uuid;

/// Layouts of RAID6 above this keep the second parity on the last disk, as a RAID5
/// that got a disk more has it (`ALGORITHM_LEFT_ASYMMETRIC_6` and the following).
const FIRST_KEPT_LAYOUT: u32 = 16;

impl Machine {
    pub(super) async fn reshape(
        &self,
        uuid: Uuid,
        layout: Layout,
        width: u32,
    ) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        if array.has_shape(layout.level(), width) {
            return Ok(Change::Unchanged);
        }
        // md refuses to change the shape of an array with a parity log.
        if array.consistency() == Consistency::ParityLog {
            self.grow(&array, &["--consistency-policy=resync"]).await?;
        }
        let disks = format!("--raid-devices={width}");
        match layout {
            Layout::Parity if array.is_level("raid1") => {
                self.grow(&array, &["--level=5"]).await?;
                self.grow(&array, &[&disks]).await?;
            }
            // The new disk gets the second parity of everything; nothing else moves.
            Layout::DoubleParity if array.is_level("raid5") => {
                let options = ["--level=6", "--layout=preserve", &disks];
                self.grow(&array, &options).await?;
            }
            Layout::DoubleParity if self.keeps_layout(&array)? => {
                self.grow(&array, &["--layout=preserve", &disks]).await?;
            }
            _ => self.grow(&array, &[&disks]).await?,
        }
        Ok(Change::Changed)
    }

    pub(super) async fn note_writes(
        &self,
        uuid: Uuid,
        layout: Layout,
    ) -> Result<Change, HostError> {
        let array = self.running_array(uuid).await?;
        if array.consistency().is_enough_for(layout) {
            return Ok(Change::Unchanged);
        }
        if array.consistency() == Consistency::ParityLog {
            self.grow(&array, &["--consistency-policy=resync"]).await?;
        }
        if Consistency::of(layout) == Consistency::ParityLog {
            match self.grow(&array, &["--consistency-policy=ppl"]).await {
                Err(HostError::Failed { stderr, .. }) if lacks_room(&stderr) => {}
                done => return done.map(|()| Change::Changed),
            }
        }
        self.grow(&array, &["--bitmap=internal"]).await?;
        Ok(Change::Changed)
    }

    async fn grow(&self, array: &RawArray, options: &[&str]) -> Result<(), HostError> {
        Command::new(MDADM)
            .arg("--grow")
            .arg(format!("/dev/{}", array.kname))
            .args(options)
            .within(LONG)
            .run()
            .await
            .map(drop)
    }

    fn keeps_layout(&self, array: &RawArray) -> Result<bool, HostError> {
        let path = self.path(&format!("sys/block/{}/md/layout", array.kname));
        let text = fs::read_to_string(&path).map_err(|source| HostError::File {
            act: "reading",
            path,
            source,
        })?;
        let number = text.split_whitespace().next().unwrap_or_default();
        let layout: u32 = number.parse().map_err(|_| HostError::Unexpected {
            what: "md's layout",
            text: text.trim().to_owned(),
        })?;
        Ok(layout >= FIRST_KEPT_LAYOUT)
    }
}

/// mdadm's reason not to add a parity log to members that were made without one.
fn lacks_room(stderr: &str) -> bool {
    stderr.contains("Not enough space to add ppl")
}
