//! The machine without a guest: what QEMU accepts, and what a hand does to the
//! bays. Its firmware only sleeps, so these take a second. Run in the tool root.

use std::{fs::File, io::Write, path::PathBuf};

use anyhow::Result;
use preau_lab::{
    Machine,
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
