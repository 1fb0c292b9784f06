//! A machine that is put to sleep with all that it has in mind, and others that wake
//! up from there: starting a box takes half a minute under emulation, waking one up a
//! second.
//!
//! QEMU writes the machine's state ("migration") into a file beside the card and the
//! disks. Whoever wakes up gets copies of these and reads the memory from where it is.
//! The clock of the guest stands still meanwhile, and is late by as much afterwards. Its
//! random numbers go on from the same place, so two that woke up may choose the same
//! keys.

use std::path::Path;

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::{Bays, Machine, Plan, arguments, bays::plug_in, media, switch_on};
use crate::{
    agent::Guest,
    wait::{Look, secs, wait_until},
};

/// What the machine has in mind.
const MEMORY: &str = "memory";

#[derive(Deserialize)]
struct Status {
    status: String,
}

impl Machine {
    /// Puts the machine to sleep. Its folder then holds all that [`Machine::wake`] needs.
    pub async fn sleep(&mut self) -> Result<()> {
        self.qmp.order("stop", json!({})).await?;
        let memory = self.plan.folder.join(MEMORY);
        let to = format!("file:{}", memory.display());
        self.qmp.order("migrate", json!({"uri": to})).await?;
        wait_until("the machine's memory to be written", secs(120), || async {
            let written: Status = self.qmp.execute("query-migrate", json!({})).await?;
            ensure!(written.status != "failed", "QEMU could not write it");
            Ok(match written.status.as_str() {
                "completed" => Look::Found(()),
                _ => Look::NotYet(written.status),
            })
        })
        .await?;
        // The answer may be cut off with the monitor.
        let _ = self.qmp.order("quit", json!({})).await;
        self.qemu.wait(secs(30)).await
    }

    /// A machine that goes on from where the one whose folder is `asleep` was put to
    /// sleep, with the disks that the plan adds.
    pub async fn wake(plan: Plan, asleep: &Path) -> Result<Self> {
        media::copy_of(asleep, &plan).await?;
        let memory = asleep.join(MEMORY);
        let (qemu, qmp) = switch_on(&plan, Some(&memory)).await?;
        let guest = Guest::new(&plan.folder);
        let machine = Self {
            plan,
            qemu,
            qmp,
            guest,
        };
        wait_until("the machine to wake up", secs(60), || async {
            let state: Status = machine.qmp.execute("query-status", json!({})).await?;
            Ok(match state.status.as_str() {
                "paused" => Look::Found(()),
                _ => Look::NotYet(state.status),
            })
        })
        .await?;
        machine.qmp.order("cont", json!({})).await?;
        let mut bays = Bays::load(&machine.plan.folder)?;
        bays.plug_in_at(&machine.plan.sockets);
        let added = media::add_disks(&machine.plan, &mut bays).await?;
        bays.save(&machine.plan.folder)?;
        for (bay, disk) in added {
            let node = arguments::disk_node(&bay, &disk, &machine.plan.card);
            plug_in(&machine.qmp, &bay, bays.socket(&bay), &disk, node).await?;
        }
        Ok(machine)
    }
}
