//! QEMU's argument list, as a pure function of the plan and what is in the bays.
//!
//! The machine is the arm64 `virt` board as `board/qemu/aarch64` describes it: the
//! card on virtio-blk, every bay where [`sockets`] puts it, user networking with the
//! box's ports on the loopback. The guest reaches this machine's loopback as 10.0.2.2.

use std::path::Path;

use serde_json::{Value, json};

use super::{Bays, CONTROL, Card, Disk, MONITOR, Plan, SERIAL, media, sockets};
use crate::agent::Guest;

/// The whole argument list; file names are relative to the machine's folder.
pub(super) fn qemu(plan: &Plan, bays: &Bays) -> Vec<String> {
    let ports = plan.ports;
    let forward = |host: u16, guest: u16| format!("hostfwd=tcp:127.0.0.1:{host}-:{guest}");
    let network = [
        "user,id=net0".into(),
        forward(ports.http, 80),
        forward(ports.https, 443),
        forward(ports.smb, 445),
    ]
    .join(",");
    let uboot = plan.image.join("u-boot.bin");
    let mut args: Vec<String> = [
        "-nodefaults",
        "-no-user-config",
        "-machine",
        "virt",
        // Half of the time of a boot under emulation goes into pointer
        // authentication, which no part of the image relies on. Without vectors of any
        // length the rest is about a twentieth quicker; the Pi has none either.
        "-cpu",
        "max,pauth=off,sve=off,sme=off",
        "-accel",
        "tcg,thread=multi",
        "-smp",
        "2",
        "-m",
        "1024",
        "-display",
        "none",
        "-bios",
        &uboot.to_string_lossy(),
        // Appended to, so that a power cut does not lose what led to it.
        "-chardev",
        &format!("file,id=serial,path={SERIAL},append=on"),
        "-serial",
        "chardev:serial",
        "-qmp",
        &format!("unix:{CONTROL},server=on,wait=off"),
        "-qmp",
        &format!("unix:{MONITOR},server=on,wait=off"),
        "-device",
        "virtio-rng-pci",
        "-netdev",
        &network,
        "-device",
        "virtio-net-pci,netdev=net0,romfile=",
        "-device",
        "virtio-serial-pci",
        "-chardev",
        &format!("socket,id=agent,path={},server=on,wait=off", Guest::SOCKET),
        "-device",
        "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut add = |option: &str, value: &Value| args.extend([option.to_owned(), value.to_string()]);
    add("-blockdev", &card_node(&plan.card));
    add(
        "-device",
        &json!({"driver": "virtio-blk-pci", "id": "card", "drive": "card-medium", "serial": "PREAU-CARD"}),
    );
    for controller in sockets::controllers(bays) {
        add("-device", &controller);
    }
    for (bay, disk) in bays.filled() {
        add("-blockdev", &disk_node(bay, disk, &plan.card));
        add(
            "-device",
            &sockets::disk_device(bay, bays.socket(bay), disk),
        );
    }
    args
}

fn card_node(card: &Card) -> Value {
    match card {
        Card::Overlay { .. } => json!({
            "node-name": "card-medium", "driver": "qcow2", "discard": "unmap",
            "file": file_node(media::CARD_OVERLAY),
        }),
        Card::Kept { .. } => raw_node("card-medium", media::CARD_RAW),
        Card::Logged { .. } => logged_node("card-medium", media::CARD_RAW),
    }
}

/// The medium in a bay; on a machine whose power can be cut its writes are logged.
pub(super) fn disk_node(bay: &str, disk: &Disk, card: &Card) -> Value {
    let name = medium_name(bay);
    match card {
        Card::Logged { .. } => logged_node(&name, &disk.file),
        Card::Overlay { .. } | Card::Kept { .. } => disk_raw_node(bay, &disk.file),
    }
}

/// The medium of a bay, over a file node that [`super::faults`] can put something
/// in between.
pub(super) fn disk_raw_node(bay: &str, file: &str) -> Value {
    let mut node = raw_node(&medium_name(bay), file);
    node["file"]["node-name"] = json!(file_name(bay));
    node
}

/// The node of the file under the medium in a bay.
pub(super) fn file_name(bay: &str) -> String {
    format!("{bay}-file")
}

pub(super) fn raw_node(name: &str, file: &str) -> Value {
    json!({
        "node-name": name, "driver": "raw", "discard": "unmap",
        "file": file_node(file),
    })
}

fn logged_node(name: &str, file: &str) -> Value {
    json!({
        "node-name": name, "driver": "blklogwrites",
        "file": {
            "driver": "qcow2",
            "file": file_node(&media::volatile_of(Path::new(file))),
        },
        "log": file_node(&media::log_of(Path::new(file))),
    })
}

/// A file of this machine. What the guest flushes is not flushed here: a crash of
/// this machine ends the lab anyway, and the disk below is shared with builds.
fn file_node(name: &str) -> Value {
    json!({"driver": "file", "filename": name, "cache": {"no-flush": true}})
}

/// The node that stands for the medium in a bay.
pub(super) fn medium_name(bay: &str) -> String {
    format!("{bay}-medium")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::machine::Ports;

    fn plan(card: Card) -> Plan {
        Plan {
            image: PathBuf::from("/image"),
            folder: PathBuf::from("/state"),
            card,
            blank: vec![],
            used: vec![],
            sockets: vec![],
            ports: Ports {
                http: 8080,
                https: 8443,
                smb: 4450,
            },
        }
    }

    #[test]
    fn every_bay_is_a_target_of_its_own() {
        let mut bays = Bays::default();
        bays.fill("bay1", Disk::new("bay1", 1, 1 << 30).unwrap());
        bays.fill("bay3", Disk::new("bay3", 1, 1 << 30).unwrap());
        let args = qemu(&plan(Card::Overlay { bytes: 1 << 32 }), &bays).join("\n");
        assert!(
            args.contains(r#""scsi-id":0"#) && args.contains(r#""scsi-id":2"#),
            "{args}"
        );
        assert!(!args.contains(r#""id":"bay2""#), "{args}");
    }

    #[test]
    fn the_box_is_reached_on_the_loopback_only() {
        let args = qemu(&plan(Card::Kept { bytes: 1 << 32 }), &Bays::default()).join("\n");
        assert!(args.contains("hostfwd=tcp:127.0.0.1:8443-:443"), "{args}");
    }

    #[test]
    fn a_machine_whose_power_is_cut_logs_every_write() {
        let mut bays = Bays::default();
        bays.fill("bay1", Disk::new("bay1", 1, 1 << 30).unwrap());
        let args = qemu(&plan(Card::Logged { bytes: 1 << 32 }), &bays).join("\n");
        assert_eq!(args.matches("blklogwrites").count(), 2, "{args}");
    }
}
