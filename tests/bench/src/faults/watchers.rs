//! `mdadm --monitor` and `smartd`, as Debian starts them, in the guest.
//!
//! The image has no `smartd`: Debian's, with Debian's own configuration, is put into the
//! guest's memory. It runs twice, at its own interval of 1800 s and at the smallest that
//! it takes, 10 s. All three write to the journal, under units of their own.

use std::path::Path;

use anyhow::{Context, Result};
use preau_lab::{Look, agent::Guest, mins, wait_until};
use serde_json::Value;

const MDADM: &str = "bench-mdadm";
const SMARTD: &str = "bench-smartd";
const SMARTD_FAST: &str = "bench-smartd-fast";
const FOLDER: &str = "/run/bench";

/// The watchers that run beside the box.
pub struct Watchers {
    program: Vec<u8>,
    configuration: Vec<u8>,
}

impl Watchers {
    /// Brings them into the guest and starts them. `smartd` is the folder with what was
    /// unpacked of Debian's package.
    pub async fn start(guest: &Guest, smartd: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = smartd.join(name);
            std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
        };
        let watchers = Self {
            program: read("usr/sbin/smartd")?,
            configuration: read("etc/smartd.conf")?,
        };
        watchers.start_again(guest).await?;
        Ok(watchers)
    }

    /// Starts them after the guest has restarted.
    pub async fn start_again(&self, guest: &Guest) -> Result<()> {
        let run = |program: &'static str, args: Vec<String>| async move {
            guest.run(program, args).await?.success()
        };
        let text = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>();
        run("/usr/bin/mkdir", text(&["--parents", FOLDER])).await?;
        let program = format!("{FOLDER}/smartd");
        let configuration = format!("{FOLDER}/smartd.conf");
        guest.write_file(&program, &self.program).await?;
        guest
            .write_file(&configuration, &self.configuration)
            .await?;
        run("/usr/bin/chmod", text(&["755", &program])).await?;
        let as_unit = |unit: &str| vec![format!("--unit={unit}"), "--quiet".to_owned()];
        let mut mdadm = as_unit(MDADM);
        mdadm.extend(text(&[
            "/usr/sbin/mdadm",
            "--monitor",
            "--scan",
            "--syslog",
        ]));
        run("/usr/bin/systemd-run", mdadm).await?;
        for (unit, interval) in [(SMARTD, None), (SMARTD_FAST, Some("--interval=10"))] {
            let mut args = as_unit(unit);
            args.extend(text(&[
                &program,
                "--no-fork",
                "--configfile",
                &configuration,
            ]));
            args.extend(interval.map(str::to_owned));
            run("/usr/bin/systemd-run", args).await?;
        }
        Ok(())
    }

    /// Lets `smartd` look anew for the disks that are there: it scans only when it starts.
    pub async fn scan_again(&self, guest: &Guest, now: u64) -> Result<()> {
        let args = ["restart", SMARTD, SMARTD_FAST];
        let ran = guest
            .run_within("/usr/bin/systemctl", args, mins(1))
            .await?;
        ran.success()?;
        for unit in [SMARTD, SMARTD_FAST] {
            wait_until("smartd to have found the disks", mins(2), || async {
                let found = first_line(guest, unit, now, |line| {
                    line.text.starts_with("Monitoring ")
                });
                Ok(match found.await? {
                    Some(_) => Look::Found(()),
                    None => Look::NotYet("it looks".into()),
                })
            })
            .await?;
        }
        Ok(())
    }

    /// When mdadm told of a member or an array that fails, in milliseconds.
    pub async fn mdadm_noticed(&self, guest: &Guest, after: u64) -> Result<Option<u64>> {
        first_line(guest, MDADM, after, |line| {
            [
                "Fail event",
                "FailSpare event",
                "DegradedArray event",
                "DeviceDisappeared event",
            ]
            .iter()
            .any(|event| line.text.contains(event))
        })
        .await
    }

    /// When `smartd` at its own interval sent a warning.
    pub async fn smartd_noticed(&self, guest: &Guest, after: u64) -> Result<Option<u64>> {
        first_line(guest, SMARTD, after, Line::is_warning).await
    }

    /// When `smartd` at its smallest interval sent a warning.
    pub async fn smartd_fast_noticed(&self, guest: &Guest, after: u64) -> Result<Option<u64>> {
        first_line(guest, SMARTD_FAST, after, Line::is_warning).await
    }
}

/// A line of the journal.
struct Line {
    text: String,
    priority: u8,
}

impl Line {
    /// What `smartd` writes a mail about: it says so, and says what about at priority
    /// "critical". That a disk marked removable has gone, as Debian marks all of them, is
    /// information to it.
    fn is_warning(&self) -> bool {
        self.priority <= 2 || self.text.contains("Sending warning via")
    }
}

async fn first_line(
    guest: &Guest,
    unit: &str,
    after: u64,
    wanted: impl Fn(&Line) -> bool,
) -> Result<Option<u64>> {
    let unit = format!("--unit={unit}");
    let args = ["--boot", "--output=json", "--no-pager", "--quiet", &unit];
    let ran = guest.run("/usr/bin/journalctl", args).await?;
    Ok(first_after(&ran.success()?, after, wanted))
}

fn first_after(journal: &str, after: u64, wanted: impl Fn(&Line) -> bool) -> Option<u64> {
    let times = journal.lines().filter_map(|line| {
        let entry: Value = serde_json::from_str(line).ok()?;
        let time: u64 = entry["__REALTIME_TIMESTAMP"].as_str()?.parse().ok()?;
        let line = Line {
            text: entry["MESSAGE"].as_str()?.to_owned(),
            priority: entry["PRIORITY"].as_str()?.parse().ok()?,
        };
        wanted(&line).then_some(time / 1000)
    });
    times.filter(|time| *time >= after).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_told_from_what_smartd_says_beside() {
        let line = |time: u32, priority: u8, text: &str| {
            format!(
                "{{\"__REALTIME_TIMESTAMP\":\"{time}000\",\"PRIORITY\":\"{priority}\",\
                 \"MESSAGE\":\"{text}\"}}\n"
            )
        };
        let journal = line(
            90,
            2,
            "Device: /dev/nvme0, Critical Warning (0x04): Reliability",
        ) + &line(
            110,
            6,
            "Device: /dev/nvme0, removed NVMe device: No such device",
        ) + &line(130, 6, "Sending warning via /usr/share/x to root ...")
            + &line(
                120,
                2,
                "Device: /dev/nvme0, Critical Warning (0x04): Reliability",
            );
        assert_eq!(first_after(&journal, 100, Line::is_warning), Some(120));
        assert_eq!(first_after(&journal, 121, Line::is_warning), Some(130));
        assert_eq!(first_after(&journal, 131, Line::is_warning), None);
    }
}
