//! The machine without a guest: what QEMU accepts, and what a hand does to the
//! bays. Its firmware only sleeps, so these take a second. Run in the tool root.

use std::{fs::File, io::Write, os::unix::fs::FileExt, path::PathBuf};

use anyhow::Result;
use preau_lab::{
    Fault, Machine, Socket,
    machine::{Bay, Bays, Card, MONITOR, Plan, Ports},
    mib,
    qmp::Qmp,
};
use serde_json::{Value, json};

/// `wfi`: a processor that faults in circles would never let QEMU finish an unplug.
const SLEEP: u32 = 0xD503_207F;
/// A branch to the instruction before it.
const SLEEP_AGAIN: u32 = 0x17FF_FFFF;

/// A plan with an image that does nothing, in a folder with a long name.
fn plan(name: &str, card: Card) -> Result<Plan> {
    let deep = "a-folder-whose-path-is-longer-than-a-unix-socket-may-be-".repeat(2);
    let folder = std::env::temp_dir()
        .join(format!("preau-machine-{name}-{}", std::process::id()))
        .join(deep);
    std::fs::create_dir_all(&folder)?;
    File::create(folder.join("card.img"))?.set_len(mib(1))?;
    File::create(folder.join("u-boot.bin"))?
        .write_all(&[SLEEP, SLEEP_AGAIN].map(u32::to_le_bytes).concat())?;
    let blank = ["bay1", "bay2"]
        .map(|bay| (bay.to_owned(), mib(16)))
        .to_vec();
    Ok(Plan {
        image: folder.clone(),
        folder,
        card,
        blank,
        used: vec![],
        sockets: vec![],
        ports: Ports::free()?,
    })
}

fn remove(folder: PathBuf) -> Result<()> {
    Ok(std::fs::remove_dir_all(folder.parent().unwrap_or(&folder))?)
}

async fn serials(machine: &Machine) -> Result<Vec<String>> {
    let devices: Vec<Value> = machine
        .qmp()
        .execute("qom-list", json!({"path": "/machine/peripheral"}))
        .await?;
    let mut found = vec![];
    for name in devices
        .iter()
        .filter_map(|device| device["name"].as_str())
        .filter(|name| name.starts_with("bay"))
    {
        let path = format!("/machine/peripheral/{name}");
        if let Ok(serial) = machine
            .qmp()
            .execute("qom-get", json!({"path": path, "property": "serial"}))
            .await
        {
            found.push(serial);
        }
    }
    found.sort();
    Ok(found)
}

#[tokio::test]
async fn a_disk_can_be_pulled_replaced_and_put_back() -> Result<()> {
    let machine = Machine::start(plan("pull", Card::Overlay { bytes: mib(64) })?).await?;
    let folder = machine.folder().to_owned();
    let first = machine.bay("bay2").disk()?;
    assert_eq!(serials(&machine).await?.len(), 2);

    assert_eq!(machine.bay("bay2").pull().await?, first);
    assert!(
        machine.bay("bay2").pull().await.is_err(),
        "an empty bay was emptied"
    );
    let second = machine.bay("bay2").replace_with_blank().await?;
    assert_eq!(second.bytes, first.bytes);
    assert!(second.serial != first.serial && second.wwn != first.wwn);
    assert!(serials(&machine).await?.contains(&second.serial));

    machine.bay("bay2").pull().await?;
    machine.bay("bay2").insert(first.clone()).await?;
    assert!(serials(&machine).await?.contains(&first.serial));
    assert_eq!(Bays::load(&folder)?.disk("bay2"), Some(&first));
    drop(machine);
    remove(folder)
}

#[tokio::test]
async fn another_program_can_pull_a_disk_too() -> Result<()> {
    let machine = Machine::start(plan("other", Card::Overlay { bytes: mib(64) })?).await?;
    let folder = machine.folder().to_owned();
    let monitor = Qmp::connect(&folder, MONITOR).await?;
    Bay::new(&monitor, &folder, "bay1").pull().await?;
    assert_eq!(serials(&machine).await?.len(), 1);
    assert!(machine.bay("bay1").disk().is_err());
    drop(machine);
    remove(folder)
}

#[tokio::test]
async fn a_machine_with_logged_writes_comes_back_after_a_power_cut() -> Result<()> {
    let mut machine = Machine::start(plan("cut", Card::Logged { bytes: mib(64) })?).await?;
    let folder = machine.folder().to_owned();
    let replayed = machine.cut_power().await?;
    assert_eq!(replayed.len(), 3, "the card and two disks: {replayed:?}");
    assert_eq!(serials(&machine).await?.len(), 2);
    drop(machine);
    remove(folder)
}

#[tokio::test]
async fn a_kept_machine_finds_its_disks_again() -> Result<()> {
    let plan = plan("kept", Card::Kept { bytes: mib(64) })?;
    let folder = plan.folder.clone();
    let mut machine = Machine::start(plan.clone()).await?;
    machine.bay("bay1").pull().await?;
    let new = machine.bay("bay2").replace_with_blank().await?;
    machine.kill().await?;
    drop(machine);
    let machine = Machine::start(plan).await?;
    assert_eq!(serials(&machine).await?, [new.serial]);
    drop(machine);
    remove(folder)
}

#[tokio::test]
async fn a_bay_can_be_of_any_kind_and_an_nvme_disk_can_warn() -> Result<()> {
    let mut plan = plan("buses", Card::Overlay { bytes: mib(64) })?;
    let folder = plan.folder.clone();
    plan.sockets = [
        ("bay3", Socket::Nvme),
        ("bay4", Socket::Virtio),
        ("bay5", Socket::Usb),
        ("bay6", Socket::Ahci),
    ]
    .map(|(bay, socket)| (bay.to_owned(), socket))
    .to_vec();
    plan.blank
        .extend(["bay3", "bay4", "bay5", "bay6"].map(|bay| (bay.to_owned(), mib(16))));
    let machine = Machine::start(plan).await?;
    let shown = serials(&machine).await?;
    for bay in ["bay1", "bay3", "bay4", "bay5", "bay6"] {
        let serial = machine.bay(bay).disk()?.serial;
        assert_eq!(machine.bay(bay).written().await?, 0, "{bay}");
        assert!(shown.contains(&serial), "{bay}: {serial} not in {shown:?}");
    }
    machine.bay("bay3").warn(4).await?;
    assert!(machine.bay("bay1").warn(4).await.is_err());
    assert!(machine.bay("bay6").pull().await.is_err());
    machine.bay("bay5").replace_with_blank().await?;
    drop(machine);
    remove(folder)
}

#[tokio::test]
async fn a_disk_is_broken_in_every_way_mended_and_pulled_while_broken() -> Result<()> {
    let machine = Machine::start(plan("faults", Card::Overlay { bytes: mib(64) })?).await?;
    let folder = machine.folder().to_owned();
    let bay = machine.bay("bay2");
    for fault in [
        Fault::WritesFail,
        Fault::CannotRead { at: 4096 },
        Fault::CannotUse { at: 4096 },
        Fault::Hangs,
    ] {
        bay.break_disk(fault).await?;
        assert!(
            driver_of(&machine, "bay2-fault").await?.is_some(),
            "{fault:?}"
        );
    }
    assert_eq!(
        driver_of(&machine, "bay2-fault").await?.as_deref(),
        Some("throttle")
    );
    bay.mend().await?;
    bay.mend().await?;
    assert_eq!(driver_of(&machine, "bay2-fault").await?, None);

    bay.break_disk(Fault::Hangs).await?;
    bay.pull().await?;
    assert_eq!(driver_of(&machine, "bay2-fault").await?, None);
    bay.put_back().await?;
    bay.break_disk(Fault::Hangs).await?;
    drop(machine);
    remove(folder)
}

async fn driver_of(machine: &Machine, node: &str) -> Result<Option<String>> {
    let nodes: Vec<Value> = machine
        .qmp()
        .execute("query-named-block-nodes", json!({"flat": true}))
        .await?;
    let found = nodes.iter().find(|found| found["node-name"] == node);
    Ok(found.and_then(|found| Some(found["drv"].as_str()?.to_owned())))
}

#[tokio::test]
async fn bytes_change_underneath_a_running_machine() -> Result<()> {
    let machine = Machine::start(plan("bytes", Card::Overlay { bytes: mib(64) })?).await?;
    let folder = machine.folder().to_owned();
    let bay = machine.bay("bay1");
    let wanted = *b"thirty bytes that lie on a disk";
    File::options()
        .write(true)
        .open(folder.join(bay.disk()?.file))?
        .write_all_at(&wanted, mib(3))?;
    assert_eq!(bay.find(&wanted)?, Some(mib(3)));
    bay.change_bytes(mib(3), 4)?;
    assert_eq!(bay.find(&wanted)?, None);
    drop(machine);
    remove(folder)
}
