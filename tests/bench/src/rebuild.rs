//! A disk is replaced: how right is the remaining time that the page tells at half-way?
//!
//! The status is asked for until half of the copy is made; the remaining time that it
//! tells then is compared with what it took from that moment until the box says that the
//! array is whole, both by the guest's clock.

use anyhow::{Context, Result, ensure};
use preau_domain::incidents::{IncidentCode, IncidentState};
use preau_lab::{Fault, Lab, Look, mib, mins, wait_until};

use crate::figures::Figure;

/// Large enough that a rebuild takes minutes, and its speed has time to change: the new
/// disk's checksums are computed meanwhile.
const DISK: u64 = mib(4096);
const REBUILDS: usize = 3;
const HALF: u8 = 50;
/// As quick as this machine lets them be, and as a disk that turns.
const KINDS: [(&str, Option<Fault>); 2] = [
    ("quick disks", None),
    (
        "disks of 48 MiB/s",
        Some(Fault::Narrow {
            per_second: mib(48),
        }),
    ),
];

/// Measures it in a machine of its own.
pub async fn measure() -> Result<Vec<Figure>> {
    let lab = Lab::new("bench-rebuild")
        .disk_size(DISK)
        .disks(["bay1", "bay2"])
        .start()
        .await?;
    lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    lab.mailbox().tolerate("array-rebuilding");
    let mut figures = Vec::new();
    for (disks, fault) in KINDS {
        let (mut wrong, mut took) = (vec![], vec![]);
        for _ in 0..REBUILDS {
            lab.disk("bay2").replace_with_blank().await?;
            lab.mailbox().opened("array-degraded", mins(2)).await?;
            if let Some(fault) = fault {
                lab.disk("bay1").break_disk(fault).await?;
                lab.disk("bay2").break_disk(fault).await?;
            }
            let asked = lab.guest().clock().await?;
            lab.nas().rebuild_onto("bay2").await?;
            let (half, told) = half_way(&lab).await?;
            // The same questions at the same pace: the second half is as burdened as the first.
            lab.nas().wait_until_protected().await?;
            lab.mailbox().closed("array-degraded", mins(20)).await?;
            let whole = whole_since(&lab).await?;
            lab.disk("bay1").mend().await?;
            lab.disk("bay2").mend().await?;
            let left = whole.saturating_sub(half) as f64 / 1e9;
            println!("{disks}: at half-way {told} s were told, and it took {left:.1} s");
            wrong.push(100.0 * (told as f64 - left).abs() / left);
            took.push(whole.saturating_sub(asked) as f64 / 1e9);
        }
        let size = DISK >> 30;
        let name = format!("rebuild of {size} GiB, {disks} (guest clock)");
        figures.push(Figure::new(&name, "s", None, took));
        let name = format!("remaining time told at half-way, {disks}, off by");
        figures.push(Figure::new(&name, "%", Some(15.0), wrong));
    }
    lab.finish().await.context("ending the rebuild's machine")?;
    Ok(figures)
}

/// The guest's clock at half-way, in nanoseconds, and the seconds that were told.
async fn half_way(lab: &Lab) -> Result<(u64, u64)> {
    wait_until("half of the copy", mins(20), || async {
        let status = lab.nas().status().await?;
        let progress = status.volume.and_then(|volume| volume.progress);
        let Some(progress) = progress else {
            return Ok(Look::NotYet("no progress is told".into()));
        };
        let told = progress.remaining_seconds;
        Ok(match told.filter(|_| progress.percent >= HALF) {
            Some(told) => Look::Found((lab.guest().clock().await?, told)),
            None => Look::NotYet(format!("{progress:?}")),
        })
    })
    .await
}

/// When the box last found the array whole, in nanoseconds since 1970.
async fn whole_since(lab: &Lab) -> Result<u64> {
    let incidents = lab.nas().incidents().await?;
    let degraded = incidents
        .iter()
        .filter(|incident| incident.code == IncidentCode::ArrayDegraded);
    let last = degraded.max_by_key(|incident| incident.number);
    let last = last.context("no incident tells of the lost disk")?;
    ensure!(
        last.state == IncidentState::Closed,
        "the array is not whole: {last:?}"
    );
    let closed = last.closed_at.context("it has no time")?;
    Ok(u64::try_from(closed.as_nanosecond())?)
}
