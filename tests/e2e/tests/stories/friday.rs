//! A disk that is plugged in on Fridays and kept at home. On one Friday the power fails
//! while the copy is being made.

use std::{fs::File, path::Path};

use anyhow::{Context, Result, ensure};
use preau_api::{SetDestination, WorkNow};
use preau_domain::copies::Place;
use preau_domain::language::Language;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, Socket, mib, mins, process::run, secs, sha256_of};
use preau_sheet::{Code, Purpose};

use crate::restic::Restic;

const LABEL: &str = "COPIES";

/// Reads the whole of the disk as a computer at home does: its file system is put right
/// after the cut, then what is on it is copied to `to`.
async fn read_at_home(disk: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let copy = to.join("disk.raw");
    let [from, copy, to] = [disk, &copy, to].map(|path| path.display().to_string());
    run("/usr/bin/cp", ["--sparse=always", &from, &copy], mins(2)).await?;
    // Replaying the journal is what a mount does.
    run(
        "/usr/sbin/e2fsck",
        ["-E", "journal_only", "-p", &copy],
        mins(2),
    )
    .await?;
    let dump = format!("rdump / \"{to}\"");
    run("/usr/sbin/debugfs", ["-R", &dump, &copy], mins(2)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_while_the_friday_disk_is_written_costs_nothing() -> Result<()> {
    let lab = Lab::new("friday");
    let disk = lab.folder()?.join("friday.raw");
    File::create(&disk)?.set_len(mib(512))?;
    let path = disk.display().to_string();
    let options = ["-q", "-t", "ext4", "-L", LABEL, &path];
    run("/usr/sbin/mke2fs", options, secs(60)).await?;
    let mut lab = lab
        .socket("bay3", Socket::Usb)
        .used_disk("bay3", &disk)
        .power_can_be_cut()
        .start_with_mirror()
        .await?;
    let words = lab.sheet_words().join(" ");
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(48)).await?;

    let found = lab.nas().copy_disks().await?;
    let shown = found.first().context("the disk is not offered")?;
    ensure!(shown.label.as_deref() == Some(LABEL), "{found:?}");
    lab.nas()
        .add_destination(&SetDestination {
            name: "Le disque du vendredi".to_owned(),
            place: Place::UsbDisk {
                filesystem: shown.filesystem.clone(),
            },
            secret: None,
            days: None,
            hour: None,
            keep: None,
            kilobits_at_school: None,
            enabled: None,
        })
        .await?;
    // Packs are being written, and most of them are not there yet.
    lab.disk("bay3").wait_for_writes().await?;
    let limits = lab
        .guest()
        .run(
            "/usr/bin/systemctl",
            [
                "show",
                "preau-offsite-night.service",
                "--property=MemoryMax,CPUWeight,IOWeight,NoNewPrivileges,ProtectSystem",
            ],
        )
        .await?
        .success()?;
    for limit in [
        "MemoryMax=536870912",
        "CPUWeight=10",
        "IOWeight=10",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
    ] {
        ensure!(limits.contains(limit), "{limit} is not among\n{limits}");
    }
    lab.disk("bay3").wait_for_writes().await?;
    lab.cut_power().await?;

    // The next run clears what the first one left and is proved.
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    let cut = lab.nas().destination().await?;
    ensure!(cut.last_good.is_none(), "it was over already: {cut:?}");
    lab.nas().wait_for_share().await?;
    // The box itself would wait for ten minutes: disks and network come first.
    lab.nas()
        .run_now(&cut.id.to_string(), WorkNow::BackUp)
        .await?;
    lab.nas()
        .wait_for_destination("a copy that was proved", mins(10), |found| {
            found.last_good.is_some() && found.last_proof.is_some() && found.running.is_none()
        })
        .await?;
    // What was called proved is on the disk, even if the power fails again now.
    lab.cut_power().await?;
    let home = lab.folder().join("home");
    read_at_home(&disk, &home).await?;
    let code = Code::read(&words, Language::Fr).context("the words of the sheet")?;
    let key = code.key_text(Purpose::Offsite);
    let restic = Restic::new(&lab, &home.join("Préau"), &key)?;
    restic.run(&["check", "--read-data"]).await?;
    let target = home.join("restored").display().to_string();
    restic
        .run(&[
            "restore", "latest", "--path", "/commun", "--target", &target,
        ])
        .await?;
    let back = home.join("restored/commun").join(&photos.name);
    ensure!(
        sha256_of(&back)? == photos.sha256,
        "restic restored another file"
    );
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    share.assert_holds(&photos).await?;
    lab.finish().await
}
