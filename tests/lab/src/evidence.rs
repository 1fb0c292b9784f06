//! What a machine says about itself when a story ends: failed units, the journal's
//! errors, and the files that are kept when something was wrong.
//!
//! An error in the journal fails the story unless it is on [`EXPECTED`], a short
//! list in which every entry has its reason.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{agent::Guest, machine::QEMU_LOG, wait::secs};

/// A journal line of priority "error" or worse that is no failure.
struct Expected {
    /// Who writes it (`SYSLOG_IDENTIFIER`).
    from: &'static str,
    /// What it contains.
    text: &'static str,
    /// Why it is no failure; for the reader of this list.
    #[expect(dead_code, reason = "the reason is for people")]
    why: &'static str,
}

/// Everything that may be in a journal at priority "error" or worse.
const EXPECTED: &[Expected] = &[Expected {
    from: "smbd",
    text: "smbXsrv_session_disconnect_xconn",
    why: "Samba counts a client that it refused for its old protocol as an error",
}];

/// What a story did to a disk that leaves lines in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// It was pulled while the machine ran.
    Pulled,
    /// It answers errors.
    Errors,
    /// It answers nothing.
    Silence,
    /// Its bytes were changed underneath the box.
    WrongBytes,
    /// No disk is left for the file system.
    Lost,
    /// It was taken out while the power was away, from an array that may be half
    /// written.
    HalfWritten,
}

impl Trouble {
    /// Lines that appear only because of it.
    const fn expected(self) -> &'static [Expected] {
        match self {
            Self::Pulled => AFTER_A_PULL,
            Self::Errors => AFTER_ERRORS,
            Self::Silence => AFTER_SILENCE,
            Self::WrongBytes => AFTER_WRONG_BYTES,
            Self::Lost => AFTER_LOSS,
            Self::HalfWritten => WHEN_HALF_WRITTEN,
        }
    }
}

const AFTER_A_PULL: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "rejecting I/O to dead device",
        why: "something was asked of a disk that had just gone",
    },
    Expected {
        from: "kernel",
        text: "Synchronize Cache(10) failed",
        why: "the kernel flushes a disk that has just gone",
    },
    Expected {
        from: "kernel",
        text: "I/O error, dev",
        why: "what was on its way to the pulled disk",
    },
    Expected {
        from: "kernel",
        text: "device offline error, dev",
        why: "the same, of a disk whose going the kernel has noticed",
    },
    Expected {
        from: "kernel",
        text: "super_written gets error",
        why: "md writes its superblock to the pulled disk",
    },
    Expected {
        from: "kernel",
        text: "Disk failure on",
        why: "md drops the pulled disk from the array",
    },
    Expected {
        from: "kernel",
        text: "md/raid:md127: Operation continuing on",
        why: "parity stands in for the pulled disk",
    },
    Expected {
        from: "kernel",
        text: "device-mapper: integrity: Error on",
        why: "the layer cannot write its checksums to the pulled disk",
    },
    Expected {
        from: "(udev-worker)",
        text: "mdadm -If",
        why: "udev asks for the same as the box, and may come second",
    },
    Expected {
        from: "mdadm",
        text: "Fail event detected",
        why: "what the benchmark measures the box beside reports the same loss",
    },
    Expected {
        from: "kernel",
        text: "flush io error",
        why: "md asks a disk that has just gone to write out what it holds",
    },
];

const AFTER_ERRORS: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "error, dev",
        why: "the I/O and medium errors that the story has the disk answer",
    },
    Expected {
        from: "kernel",
        text: "super_written gets error",
        why: "md cannot write its superblock on a disk that takes no writes",
    },
    Expected {
        from: "kernel",
        text: "Disk failure on",
        why: "md drops the broken disk from the mirror",
    },
    Expected {
        from: "kernel",
        text: "device-mapper: integrity: Error on",
        why: "the layer cannot write its checksums on a disk that takes no writes",
    },
    Expected {
        from: "kernel",
        text: "BTRFS",
        why: "btrfs stops writing once no disk takes a write",
    },
];

const AFTER_WRONG_BYTES: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "Checksum failed at sector",
        why: "the layer says what it does not give out",
    },
    Expected {
        from: "kernel",
        text: "rescheduling sector",
        why: "md reads from another disk what the layer of this one refused",
    },
];

const WHEN_HALF_WRITTEN: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "starting dirty degraded array with PPL",
        why: "md puts right what the parity log tells it of",
    },
    Expected {
        from: "kernel",
        text: "cannot start dirty degraded array",
        why: "md refuses until a person agrees",
    },
    Expected {
        from: "kernel",
        text: "starting dirty degraded array - data corruption possible",
        why: "a person agreed",
    },
];

const AFTER_LOSS: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "BTRFS error (device md127",
        why: "the file system writes to an array without disks, and gives up",
    },
    Expected {
        from: "kernel",
        text: "BTRFS: error (device md127",
        why: "the same, from where it gives up",
    },
];

const AFTER_SILENCE: &[Expected] = &[
    Expected {
        from: "kernel",
        text: "blocked for more than",
        why: "who waits for the disk is named after two minutes, in these three lines",
    },
    Expected {
        from: "kernel",
        text: "Not tainted",
        why: "the second of them",
    },
    Expected {
        from: "kernel",
        text: "hung_task_timeout_secs",
        why: "the third of them",
    },
];

/// What the supervisor says when a step waited in vain. It tries once more and that
/// mostly works, so that somebody only wonders why it takes so long.
const IN_VAIN: &str = ", after 30s, is not there";

/// The journal's lines of priority "error" or worse that nobody expects, and steps that
/// waited in vain.
pub async fn unexpected_errors(guest: &Guest, troubles: &[Trouble]) -> Result<Vec<String>> {
    let args = [
        "--boot",
        "--priority=warning",
        "--output=json",
        "--no-pager",
    ];
    let journal = guest.run("/usr/bin/journalctl", args).await?.success()?;
    let mut unexpected = Vec::new();
    for line in journal.lines().filter(|line| line.starts_with('{')) {
        let entry: Value = serde_json::from_str(line).context("reading a line of the journal")?;
        let from = entry["SYSLOG_IDENTIFIER"].as_str().unwrap_or("unknown");
        let text = message(&entry["MESSAGE"]);
        if entry["PRIORITY"] == "4" && !text.contains(IN_VAIN) {
            continue;
        }
        if !is_expected(from, &text, troubles) {
            unexpected.push(format!("{from}: {text}"));
        }
    }
    Ok(unexpected)
}

fn is_expected(from: &str, text: &str, troubles: &[Trouble]) -> bool {
    let after = troubles.iter().flat_map(|trouble| trouble.expected());
    EXPECTED
        .iter()
        .chain(after)
        .any(|known| known.from == from && text.contains(known.text))
}

/// A message is a string, or a list of bytes when it is not plain text.
fn message(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes
                .iter()
                .filter_map(|byte| byte.as_u64().map(|byte| byte as u8))
                .collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        other => other.to_string(),
    }
}

/// The units that have failed, one line each.
pub async fn failed_units(guest: &Guest) -> Result<String> {
    let args = ["--failed", "--plain", "--no-legend", "--no-pager"];
    guest.run("/usr/bin/systemctl", args).await?.success()
}

/// No failed unit and no unexpected error: else an error that lists them.
pub async fn check(guest: &Guest, troubles: &[Trouble]) -> Result<()> {
    let failed = failed_units(guest).await?;
    ensure!(failed.trim().is_empty(), "units have failed:\n{failed}");
    let errors = unexpected_errors(guest, troubles).await?;
    ensure!(
        errors.is_empty(),
        "the journal has {} unexpected errors:\n{}",
        errors.len(),
        errors.join("\n")
    );
    Ok(())
}

/// Writes the guest's journal beside the other evidence, as far as the guest still
/// answers. Called while a story unwinds, so it has a runtime of its own.
pub fn keep_journal(folder: &Path) {
    let folder = folder.to_owned();
    let kept = std::thread::spawn(move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let guest = Guest::new(&folder);
            guest.wait_up(secs(10)).await?;
            // The second one also has the fields of each line.
            for (form, name) in [("short-precise", "journal.log"), ("json", "journal.json")] {
                let args = ["--boot", "--no-pager", &format!("--output={form}")];
                let ran = guest
                    .run_within("/usr/bin/journalctl", args, secs(60))
                    .await?;
                write(&folder.join(name), &ran.success()?)?;
            }
            Ok(())
        })
    });
    match kept.join() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => eprintln!("the guest's journal could not be kept: {error:#}"),
        Err(_) => eprintln!("the guest's journal could not be kept"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "evidence of a failure: nothing depends on it"
)]
fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// The end of QEMU's own log, for the message of a failed story.
pub fn qemu_words(folder: &Path) -> String {
    match std::fs::read_to_string(folder.join(QEMU_LOG)) {
        Ok(text) => text.lines().rev().take(5).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_disk_is_only_expected_after_a_pull() {
        let text = "md/raid1:md127: Disk failure on sdb1, disabling device.";
        assert!(is_expected("kernel", text, &[Trouble::Pulled]));
        assert!(!is_expected("kernel", text, &[]));
        assert!(!is_expected("smbd", text, &[Trouble::Pulled]));
    }
}
