//! A parent brings the photos of the year on a disk from home, as Windows or a camera
//! made it.

use std::{fs::File, path::Path};

use anyhow::{Context, Result, ensure};
use preau_domain::opened::SHARE;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, Socket, Stored, mib, process::run, secs};

const TEACHER: &str = "la craie du lundi matin";
/// What the disks are called at home; the share shows each as a folder.
const OF_WINDOWS: &str = "PHOTOS 2026";
const OF_CAMERA: &str = "CLASSE CP";

async fn make(file: &Path, program: &str, options: &[&str]) -> Result<()> {
    File::create(file)?.set_len(mib(256))?;
    let path = file.to_string_lossy();
    let options = options.iter().copied().chain([&*path]);
    run(program, options, secs(60)).await?;
    Ok(())
}

/// Puts a photo on the disk in a bay, as the computer at home does.
async fn take_a_photo(lab: &Lab, label: &str, kind: &str) -> Result<Stored> {
    let photo = lab.smb("commun")?.make_random(mib(3))?;
    let guest = lab.guest();
    let place = "/run/home";
    guest
        .run("/usr/bin/mkdir", ["-p", place])
        .await?
        .success()?;
    let mount = ["-t", kind, "-L", label, place];
    guest.run("/usr/bin/mount", mount).await?.success()?;
    let bytes = std::fs::read(lab.smb("commun")?.original(&photo))?;
    let name = format!("{place}/{}", photo.name);
    guest.write_file(&name, &bytes).await?;
    guest.run("/usr/bin/umount", [place]).await?.success()?;
    Ok(photo)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_from_home_is_read_and_never_written() -> Result<()> {
    let lab = Lab::new("brought");
    let folder = lab.folder()?;
    let [of_windows, of_camera] = ["windows.raw", "camera.raw"].map(|name| folder.join(name));
    make(
        &of_windows,
        "/usr/sbin/mkntfs",
        &["--force", "--quick", "--quiet", "--label", OF_WINDOWS],
    )
    .await?;
    make(
        &of_camera,
        "/usr/sbin/mkfs.exfat",
        &["--volume-label", OF_CAMERA],
    )
    .await?;
    let lab = lab
        .socket("bay3", Socket::Usb)
        .socket("bay4", Socket::Usb)
        .used_disk("bay3", &of_windows)
        .used_disk("bay4", &of_camera)
        .start_with_mirror()
        .await?;
    let nas = lab.nas();
    let teacher = nas.add_person("M. Karim Benali", TEACHER).await?;

    for (bay, label, kind) in [("bay3", OF_WINDOWS, "ntfs3"), ("bay4", OF_CAMERA, "exfat")] {
        let photo = take_a_photo(&lab, label, kind).await?;
        let before = lab.disk(bay).sha256()?;
        let opened = nas.open_disk(bay).await?;
        let shown = opened.folders.first().context("no folder is shown")?;
        ensure!(shown.name == label, "{kind}: {shown:?}");
        let in_folder = Stored {
            name: format!("{}/{}", shown.name, photo.name),
            ..photo.clone()
        };
        let share = lab.smb_as(SHARE, ADMIN, ADMIN_PASSWORD)?;
        share
            .assert_holds(&in_folder)
            .await
            .with_context(|| format!("reading what is on {kind}"))?;
        let put = share.put_random(4096).await;
        ensure!(put.is_err(), "something was stored on {kind}");
        let said = lab
            .smb_as(SHARE, &teacher.login, TEACHER)?
            .refusal(&[])
            .await?;
        ensure!(
            said.contains("ACCESS_DENIED"),
            "everybody sees what was brought: {said}"
        );
        nas.close_disk(bay).await?;
        ensure!(
            lab.disk(bay).sha256()? == before,
            "the disk of {kind} was written on"
        );
    }

    // Pulled while it is open: the share goes with it, and nothing is wrong.
    nas.open_disk("bay4").await?;
    let disk = nas.disk_in("bay4").await?.disk.id;
    lab.disk("bay4").pull().await?;
    nas.wait_until_gone(&disk).await?;
    ensure!(
        nas.status().await?.incidents.is_empty(),
        "a disk from home is missed"
    );
    lab.finish().await
}
