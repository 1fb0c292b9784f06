//! The box is plugged in, and nothing more.

use anyhow::{Result, ensure};
use preau_domain::settings::SetupStep;
use preau_lab::Lab;

#[tokio::test(flavor = "multi_thread")]
async fn the_box_boots_without_a_failed_unit() -> Result<()> {
    let (lab, _) = Lab::new("boot")
        .disks(["bay1", "bay2", "bay3", "bay4"])
        .start_from_power_on()
        .await?;
    let guest = lab.guest();

    // "running" means that every unit has started and none has failed.
    let state = guest
        .run("/usr/bin/systemctl", ["is-system-running", "--wait"])
        .await?;
    ensure!(
        state.stdout.trim() == "running",
        "the system is {}",
        state.stdout
    );
    let root = guest
        .run(
            "/usr/bin/findmnt",
            ["--noheadings", "--output=FSTYPE,OPTIONS", "/"],
        )
        .await?
        .success()?;
    ensure!(root.starts_with("squashfs ro"), "the root is {root}");
    let user = guest
        .run(
            "/usr/bin/systemctl",
            ["show", "--property=User", "preau-web.service"],
        )
        .await?
        .success()?;
    ensure!(user.trim() == "User=preau-web", "the pages run as {user}");

    assert_eq!(lab.nas().info().await?.setup, SetupStep::Admin);
    for bay in ["bay1", "bay2", "bay3", "bay4"] {
        ensure!(
            lab.disk(bay).is_untouched()?,
            "something was written on the disk in {bay}"
        );
    }
    lab.finish().await
}
