//! How soon is a fault noticed: by the box, and by `mdadm --monitor` and `smartd` in the
//! same guest, all by the guest's clock?
//!
//! One machine has a mirror of a virtio-scsi and an NVMe disk: `smartd` skips the first,
//! which has no SMART log under emulation, and watches the second. A fault is made, and
//! everybody is waited for, for a while; then the disk is replaced and the mirror heals.
//! What nobody noticed within the wait is counted as missed. The moments of a sample are
//! of one fault, so that the ratio is taken sample by sample.

mod kinds;
mod watchers;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use preau_domain::incidents::IncidentCode;
use preau_lab::{Lab, Look, Socket, Stored, mib, mins, wait_until};

use crate::figures::{Figure, Report};
use kinds::{FAULTS, Fault};
use watchers::Watchers;

/// The mirror's members.
const SCSI: &str = "bay1";
const NVME: &str = "bay3";
const DISK: u64 = mib(384);
/// `mdadm --monitor` looks once a minute when nothing wakes it; `smartd` at its fastest
/// every ten seconds.
const OTHERS_WITHIN: u64 = 75_000;

/// One machine, and who watches its disks.
struct Stand {
    lab: Lab,
    watchers: Watchers,
    photos: Stored,
}

/// When each of them noticed, in seconds after the fault.
#[derive(Debug, Default)]
struct Noticed {
    box_itself: Vec<Option<f64>>,
    mdadm: Vec<Option<f64>>,
    smartd_fast: Vec<Option<f64>>,
    smartd: Vec<Option<f64>>,
}

/// Measures every fault whose name contains `only`, `samples` times each.
pub async fn measure(
    report: &mut Report,
    smartd: &Path,
    samples: usize,
    only: Option<&str>,
) -> Result<()> {
    let chosen: Vec<Fault> = FAULTS
        .into_iter()
        .filter(|fault| only.is_none_or(|part| fault.name().contains(part)))
        .collect();
    ensure!(!chosen.is_empty(), "no fault has that name");
    let mut stand = Stand::set_up(smartd).await?;
    for fault in chosen {
        let mut noticed = Noticed::default();
        for sample in 1..=samples {
            println!("{}: {sample} of {samples}", fault.name());
            let made = stand.sample(fault, &mut noticed).await;
            if made.is_err() {
                noticed.tell(fault, report);
            }
            made.with_context(|| format!("{}, sample {sample}", fault.name()))?;
        }
        noticed.tell(fault, report);
        println!("{}", report.table());
    }
    // Every fault was made on purpose, and leaves its lines.
    println!("the journal is not checked");
    Ok(())
}

impl Stand {
    async fn set_up(smartd: &Path) -> Result<Self> {
        let lab = Lab::new("bench-faults")
            .disk_size(DISK)
            .socket(NVME, Socket::Nvme)
            .disks([SCSI, NVME])
            .start()
            .await?;
        lab.set_up_with_mirror([SCSI, NVME]).await?;
        lab.nas().wait_until_protected().await?;
        let photos = lab.smb("commun")?.put_random(mib(16)).await?;
        let watchers = Watchers::start(lab.guest(), smartd).await?;
        Ok(Self {
            lab,
            watchers,
            photos,
        })
    }

    async fn sample(&mut self, fault: Fault, noticed: &mut Noticed) -> Result<()> {
        let now = self.milliseconds().await?;
        self.watchers.scan_again(self.lab.guest(), now).await?;
        let began = fault.make(self).await?;
        let codes = fault.told_as();
        let ours = wait_until(fault.name(), fault.box_within(), || async {
            let at = self.opened(codes, began.fault).await?;
            let late = self.milliseconds().await? >= began.fault + OTHERS_WITHIN;
            Ok(match at {
                Some(at) => Look::Found(Some(at)),
                None if late && !fault.must_be_told() => Look::Found(None),
                None => Look::NotYet("no incident".into()),
            })
        })
        .await;
        // A fault that the box misses is a figure too.
        let ours = ours.unwrap_or_else(|error| {
            println!("  {error:#}");
            None
        });
        let (mdadm, fast, slow) = self.wait_for_others(began.others).await?;
        let after = |at: Option<u64>, start: u64| at.map(|at| (at - start) as f64 / 1000.0);
        noticed.box_itself.push(after(ours, began.fault));
        noticed.mdadm.push(after(mdadm, began.others));
        noticed.smartd_fast.push(after(fast, began.others));
        noticed.smartd.push(after(slow, began.others));
        println!("  {:?}", noticed.last());
        fault.heal(self).await
    }

    /// When the first of these incidents opened at or after a moment.
    async fn opened(&self, codes: &[IncidentCode], after: u64) -> Result<Option<u64>> {
        let incidents = self.lab.nas().incidents().await?;
        let times = incidents
            .iter()
            .filter(|incident| codes.contains(&incident.code))
            .filter_map(|incident| u64::try_from(incident.opened_at?.as_millisecond()).ok());
        Ok(times.filter(|at| *at >= after).min())
    }

    async fn wait_for_others(&self, after: u64) -> Result<(Option<u64>, Option<u64>, Option<u64>)> {
        wait_until("the other watchers", mins(4), || async {
            let late = self.milliseconds().await? >= after + OTHERS_WITHIN;
            let guest = self.lab.guest();
            let mdadm = self.watchers.mdadm_noticed(guest, after).await?;
            let fast = self.watchers.smartd_fast_noticed(guest, after).await?;
            if !late && (mdadm.is_none() || fast.is_none()) {
                return Ok(Look::NotYet("nothing".into()));
            }
            let slow = self.watchers.smartd_noticed(guest, after).await?;
            Ok(Look::Found((mdadm, fast, slow)))
        })
        .await
    }

    /// The guest's clock.
    async fn milliseconds(&self) -> Result<u64> {
        Ok(self.lab.guest().clock().await? / 1_000_000)
    }

    /// A blank disk takes the place of what is in a bay.
    async fn replace(&self, bay: &str) -> Result<()> {
        self.lab.disk(bay).replace_with_blank().await?;
        self.lab.nas().rebuild_onto(bay).await?;
        self.lab.mailbox().closed("array-degraded", mins(8)).await?;
        self.lab.nas().wait_until_protected().await?;
        self.lab.smb("commun")?.assert_holds(&self.photos).await
    }
}

impl Noticed {
    /// The newest sample: the box, mdadm, and smartd fast and slow.
    fn last(&self) -> [Option<f64>; 4] {
        let all = [
            &self.box_itself,
            &self.mdadm,
            &self.smartd_fast,
            &self.smartd,
        ];
        all.map(|samples| samples.last().copied().flatten())
    }

    fn tell(&self, fault: Fault, report: &mut Report) {
        let name = fault.name();
        let waited = OTHERS_WITHIN as f64 / 1000.0;
        let mut add = |who: &str, samples: &[Option<f64>], waited| {
            let name = format!("{name}: {who}");
            report.add(Figure::noticed(&name, fault.budget(who), samples, waited));
        };
        add("Préau", &self.box_itself, fault.box_within().as_secs_f64());
        add("mdadm --monitor", &self.mdadm, waited);
        add("smartd, every 10 s", &self.smartd_fast, waited);
        add("smartd, every 1800 s", &self.smartd, waited);
        let pairs = self.box_itself.iter().zip(&self.mdadm);
        let ratios: Vec<f64> = pairs
            .filter_map(|(ours, theirs)| Some((*ours)? / (*theirs)?))
            .collect();
        if !ratios.is_empty() {
            let name = format!("{name}: Préau / mdadm --monitor");
            report.add(Figure::new(&name, "", None, ratios));
        }
    }
}
