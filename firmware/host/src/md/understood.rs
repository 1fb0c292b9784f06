//! What sysfs says of an array is either understood or an error: a word that is not
//! known must not pass for the absence of what it says.
//!
//! The words are those of `drivers/md/md.c` of Linux 6.12 (`array_states`,
//! `action_name`, `state_show`), and of its `Documentation/admin-guide/md.rst`.

use super::{RawArray, RawMember, has_word, parse_sync_completed};
use std::io;

const ARRAY_STATES: [&str; 10] = [
    "clear",
    "inactive",
    "suspended",
    "readonly",
    "read-auto",
    "clean",
    "active",
    "write-pending",
    "active-idle",
    "broken",
];
/// Nothing stands for an array without copies, which has nothing to synchronize.
const ACTIONS: [&str; 8] = [
    "", "idle", "frozen", "resync", "recover", "check", "repair", "reshape",
];
/// Nothing stands for an array without copies, and for one that does not run.
const POLICIES: [&str; 7] = ["", "none", "unknown", "bitmap", "resync", "ppl", "journal"];
/// What a member is; the other words say more about it.
const MEMBERS: [&str; 4] = ["faulty", "in_sync", "spare", "journal"];

pub(super) fn not_understood(name: &str, text: &str) -> io::Error {
    let start: String = text.chars().take(80).collect();
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{name} is not as expected: {start:?}"),
    )
}

fn require(understood: bool, name: &str, text: &str) -> io::Result<()> {
    if understood {
        return Ok(());
    }
    Err(not_understood(name, text))
}

impl RawArray {
    /// An error that names the first attribute which is not understood.
    pub(super) fn require_understood(&self) -> io::Result<()> {
        let completed = self.sync_completed.as_str();
        let speed = self.sync_speed.as_str();
        require(
            ARRAY_STATES.contains(&self.state.as_str()),
            "array_state",
            &self.state,
        )?;
        require(
            ACTIONS.contains(&self.sync_action.as_str()),
            "sync_action",
            &self.sync_action,
        )?;
        require(
            POLICIES.contains(&self.consistency_policy.as_str()),
            "consistency_policy",
            &self.consistency_policy,
        )?;
        require(
            matches!(completed, "" | "none" | "delayed")
                || parse_sync_completed(completed).is_some(),
            "sync_completed",
            completed,
        )?;
        require(
            matches!(speed, "" | "none") || speed.parse::<u64>().is_ok(),
            "sync_speed",
            speed,
        )
    }
}

impl RawMember {
    /// An error when it does not say what the member is.
    pub(super) fn require_understood(&self) -> io::Result<()> {
        let is_one = |word: &&str| has_word(&self.state, word);
        require(MEMBERS.iter().any(is_one), "state", &self.state)
    }
}
