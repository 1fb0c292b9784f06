//! A disk is pulled: how soon does the box know, and how soon is it told?
//!
//! The moment of the pull is read from the guest's clock right before QEMU is asked,
//! which counts the asking in. When the incident opened is the guest's own record;
//! when the mail was taken is in the mail server's log, by this machine's clock,
//! which the guest's is compared with. `mdadm --monitor` runs beside it in the same
//! guest with its default settings, and writes to the journal when it notices.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use preau_domain::incidents::IncidentCode;
use preau_lab::{Lab, Look, mins, secs, wait_until};
use serde_json::Value;

use crate::figures::Figure;

/// How often a disk is pulled.
const PULLS: usize = 5;
const DAY: u64 = 24 * 3600 * 1000;

/// Pulls a disk a few times and lets the mirror heal in between.
pub async fn measure(lab: &Lab) -> Result<Vec<Figure>> {
    // `--syslog` is the one way to see it without a program or a mail of its own.
    lab.guest()
        .start_and_forget("/usr/sbin/mdadm", ["--monitor", "--scan", "--syslog"])
        .await?;
    let (mut known, mut mailed, mut mdadm) = (vec![], vec![], vec![]);
    for _ in 0..PULLS {
        let one = pull_once(lab).await?;
        known.push(one.known);
        mailed.push(one.mailed);
        mdadm.push(one.mdadm);
        heal(lab).await?;
    }
    Ok(vec![
        Figure::new(
            "disk pulled to incident opened (guest clock)",
            "s",
            Some(2.0),
            known,
        ),
        Figure::new(
            "disk pulled to mail accepted by the server",
            "s",
            Some(5.0),
            mailed,
        ),
        Figure::new(
            "disk pulled to `mdadm --monitor` noticing (guest clock)",
            "s",
            None,
            mdadm,
        ),
    ])
}

struct Pull {
    known: f64,
    mailed: f64,
    mdadm: f64,
}

async fn pull_once(lab: &Lab) -> Result<Pull> {
    let messages = lab.mail_log()?.len();
    let guest_before = lab.guest().clock().await? / 1_000_000;
    let host_before = milliseconds_of_day()?;
    lab.disk("bay2").pull().await?;
    lab.mailbox().opened("array-degraded", mins(2)).await?;

    let incidents = lab.nas().incidents().await?;
    let opened = incidents
        .iter()
        .filter(|incident| incident.code == IncidentCode::ArrayDegraded)
        .filter_map(|incident| incident.opened_at)
        .max()
        .context("the incident has no time")?;
    let log = lab.mail_log()?;
    let accepted = log
        .get(messages)
        .context("the mail server logged no message")?;
    Ok(Pull {
        known: (opened.as_millisecond() - i64::try_from(guest_before)?) as f64 / 1000.0,
        mailed: ((accepted + DAY - host_before) % DAY) as f64 / 1000.0,
        mdadm: (mdadm_noticed(lab, guest_before).await? - guest_before) as f64 / 1000.0,
    })
}

/// When `mdadm --monitor` wrote its first line after the pull, in milliseconds.
async fn mdadm_noticed(lab: &Lab, after: u64) -> Result<u64> {
    let args = [
        "--boot",
        "--identifier=mdadm",
        "--output=json",
        "--no-pager",
    ];
    wait_until("mdadm --monitor to notice", secs(90), || async {
        let journal = lab.guest().run("/usr/bin/journalctl", args).await?.stdout;
        let times = journal.lines().filter_map(|line| {
            let entry: Value = serde_json::from_str(line).ok()?;
            let noticed = entry["MESSAGE"].as_str()?.contains("event detected");
            let time: u64 = entry["__REALTIME_TIMESTAMP"].as_str()?.parse().ok()?;
            noticed.then_some(time / 1000)
        });
        Ok(times
            .into_iter()
            .find(|time| *time >= after)
            .map_or(Look::NotYet("nothing".into()), Look::Found))
    })
    .await
}

async fn heal(lab: &Lab) -> Result<()> {
    lab.disk("bay2").replace_with_blank().await?;
    lab.nas().rebuild_onto("bay2").await?;
    lab.mailbox().opened("array-rebuilding", mins(2)).await?;
    lab.mailbox().closed("array-degraded", mins(5)).await?;
    lab.nas().wait_until_protected().await
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with the mail server's log, which has this clock"
)]
fn milliseconds_of_day() -> Result<u64> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("a clock before 1970")?;
    Ok(u64::try_from(now.as_millis())? % DAY)
}
