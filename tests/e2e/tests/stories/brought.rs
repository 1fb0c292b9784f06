//! Somebody brings disks with files on them: they are opened, copied from and taken
//! away again, and not one byte on them has changed. The box shows where its own sit.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use preau_lab::{
    ADMIN, ADMIN_PASSWORD, Lab, Look, Smb, Socket, mib, mins, process::run, secs, sha256_of,
    wait_until, within,
};
use reqwest::Method;
use serde_json::json;

/// What is on each disk.
const FILE: &str = "photo.jpg";

/// ext4 as an old box leaves it when it is unplugged: its log waits to be replayed.
async fn make_ext4(file: &Path, content: &Path) -> Result<()> {
    fs::File::create(file)?.set_len(mib(256))?;
    let path = file.to_string_lossy();
    let content = content.to_string_lossy();
    let make = ["-q", "-t", "ext4", "-L", "ancien", "-d", &*content, &*path];
    run("/usr/sbin/mke2fs", make, secs(60)).await?;
    let dirty = ["-w", "-R", "feature needs_recovery", &*path];
    run("/usr/sbin/debugfs", dirty, secs(60)).await?;
    Ok(())
}

/// FAT as on a stick, without a partition.
async fn make_fat(file: &Path, content: &Path) -> Result<()> {
    fs::File::create(file)?.set_len(mib(64))?;
    let path = file.to_string_lossy();
    run("/usr/sbin/mkfs.vfat", ["-n", "CLE", &*path], secs(60)).await?;
    let content = content.join(FILE);
    let copy = ["-i", &*path, &*content.to_string_lossy(), "::/"];
    run("/usr/bin/mcopy", copy, secs(60)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_brought_is_copied_from_and_not_one_byte_on_it_changes() -> Result<()> {
    let lab = Lab::new("brought");
    let folder = lab.folder()?;
    let content = folder.join("content");
    fs::create_dir_all(&content)?;
    fs::write(content.join(FILE), vec![0x5a_u8; 3 << 20])?;
    let expected = sha256_of(&content.join(FILE))?;
    let (old, stick) = (folder.join("old.raw"), folder.join("stick.raw"));
    make_ext4(&old, &content).await?;
    make_fat(&stick, &content).await?;
    let before = [sha256_of(&old)?, sha256_of(&stick)?];

    let lab = lab
        .socket("bay3", Socket::Usb)
        .socket("bay4", Socket::Usb)
        .disks(["bay1", "bay2"])
        .used_disk("bay3", &old)
        .used_disk("bay4", &stick)
        .start()
        .await?;
    lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    blinks(&lab, "bay1").await?;

    let usb = lab.smb_as("usb", ADMIN, ADMIN_PASSWORD)?;
    let path = open(&lab, "bay3").await?;
    read(&usb, "ancien", &expected).await?;
    ask(&lab, Method::DELETE, &path).await?;
    ensure!(usb.list().await.is_err(), "the share outlives the disk");
    ensure!(sha256_of(&old)? == before[0], "the old disk was written");

    // The stick is pulled without a word to the box.
    open(&lab, "bay4").await?;
    read(&usb, "CLE", &expected).await?;
    lab.disk("bay4").pull().await?;
    ensure!(sha256_of(&stick)? == before[1], "the stick was written");
    wait_until(
        "the share of a pulled disk is gone",
        within(mins(2)),
        || {
            let usb = &usb;
            async move {
                Ok(match usb.list().await {
                    Err(_) => Look::Found(()),
                    Ok(names) => Look::NotYet(names),
                })
            }
        },
    )
    .await?;
    lab.nas().wait_for_share().await?;
    lab.finish().await
}

async fn ask(lab: &Lab, method: Method, path: &str) -> Result<serde_json::Value> {
    let body = (method == Method::POST).then(|| json!({}));
    let answer = lab.nas().request(method, path, body).await?;
    ensure!(answer.status.is_success(), "{path}: {answer:?}");
    Ok(answer.body)
}

/// The address of a disk of the box.
async fn address(lab: &Lab, bay: &str) -> Result<String> {
    let disk = lab.nas().disk_in(bay).await?.disk;
    Ok(format!("/disks/{}", disk.id))
}

async fn open(lab: &Lab, bay: &str) -> Result<String> {
    let path = format!("{}/open", address(lab, bay).await?);
    ask(lab, Method::POST, &path).await?;
    Ok(path)
}

async fn read(usb: &Smb, folder: &str, expected: &str) -> Result<()> {
    let found = usb.digest_of(&format!("{folder}\\{FILE}")).await;
    ensure!(found.context("reading the disk")? == expected, "{folder}");
    usb.refuses_writes(folder).await
}

/// A disk of the box is read in bursts while it shows itself, and left alone after.
async fn blinks(lab: &Lab, bay: &str) -> Result<()> {
    let address = address(lab, bay).await?;
    let path = format!("{address}/blink");
    ask(lab, Method::POST, &path).await?;
    let details = ask(lab, Method::GET, &address).await?;
    ensure!(details["blink"]["by"] == "activity", "{details}");
    ensure!(details["blink"]["seconds_left"].is_u64(), "{details}");
    ask(lab, Method::DELETE, &path).await?;
    let details = ask(lab, Method::GET, &address).await?;
    ensure!(details["blink"]["seconds_left"].is_null(), "{details}");
    Ok(())
}
