//! Disks that nobody uses and that are in trouble all the same: one warns of itself,
//! one answers nothing. Nobody has to read a file for the box to know.

use anyhow::{Result, ensure};
use preau_domain::health::Reason;
use preau_domain::incidents::IncidentCode;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Fault, Lab, Socket, mib, mins, within};

use super::{Files, assert_names, serial};

/// "The reliability of the NVM subsystem is degraded": NVMe base specification,
/// critical warning of the SMART log, bit 2.
const DEGRADED: u8 = 1 << 2;

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_disk_that_warns_or_falls_silent_is_named_though_nobody_uses_it() -> Result<()> {
    let mut lab = Lab::new("quiet")
        .disk_size(mib(256))
        .socket("bay3", Socket::Nvme)
        .disks(["bay1", "bay3"])
        .start()
        .await?;
    lab.set_up_with_mirror(["bay1", "bay3"]).await?;
    lab.nas().wait_until_protected().await?;
    let share = lab.smb("commun")?;
    let mut files = Files::default();
    files.add(&share, mib(4)).await?;

    // Each is read once a minute and asked for its alarm. One that does not answer is
    // waited for, and told of once that has lasted.
    lab.disk("bay3").warn(DEGRADED).await?;
    lab.disk("bay1").break_disk(Fault::Hangs).await?;
    let mailbox = lab.mailbox();
    let warned = mailbox.opened("disk-failing", within(mins(4))).await?;
    let is_silence = |reason: &Reason| matches!(reason, Reason::Silent { .. });
    lab.nas().wait_for_reason("bay1", is_silence).await?;
    let silent = mailbox.opened("disk-silent", within(mins(4))).await?;
    assert_names(&warned, "bay3", &serial(&lab, "bay3")?)?;
    assert_names(&silent, "bay1", &serial(&lab, "bay1")?)?;
    // The page stays of use while a disk holds up whoever reads from it.
    let open = lab.nas().status().await?.incidents;
    for code in [IncidentCode::DiskFailing, IncidentCode::DiskSilent] {
        ensure!(
            open.iter().any(|incident| incident.code == code),
            "the page does not show {code:?}: {open:?}"
        );
    }
    lab.nas().page("/disks").await?;

    // A disk that hangs often answers again once it was without power. The mail that says
    // so waits until it can be trusted to go on.
    lab.pull_plug().await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    lab.nas().wait_until_protected().await?;
    files.assert_held(&share).await?;
    lab.finish().await
}
