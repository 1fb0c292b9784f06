//! What a bay's disk is plugged into. Every bay hangs on the virtio-scsi controller
//! unless a plan says otherwise; the other controllers are only built into machines
//! that use them, since each lengthens the boot.
//!
//! `board/qemu/aarch64/board.toml` knows bay N by the places that are chosen here:
//! target N-1 of virtio-scsi, the PCI Express port in slot 0x10 + N, port N of the
//! USB controller, port N-1 of AHCI.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bays, Disk, arguments::medium_name};

/// What a bay's disk is plugged into.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Socket {
    /// A target of the virtio-scsi controller.
    #[default]
    Scsi,
    /// A PCI Express port with an NVMe disk.
    Nvme,
    /// A PCI Express port with a virtio-blk disk.
    Virtio,
    /// A port of the USB controller.
    Usb,
    /// A port of the AHCI controller; QEMU lets nobody pull a disk out of it.
    Ahci,
}

impl Socket {
    /// Whether QEMU can pull a disk out of it while the machine runs.
    pub const fn is_hot(self) -> bool {
        !matches!(self, Self::Ahci)
    }
}

/// The controller that holds the bays on virtio-scsi.
const SCSI: &str = "bays";
const USB: &str = "usb";
const AHCI: &str = "ahci";

/// The controllers and ports that a machine with these bays needs.
pub(super) fn controllers(bays: &Bays) -> Vec<Value> {
    let uses = |socket| bays.sockets().any(|(_, used)| used == socket);
    let mut devices = vec![json!({"driver": "virtio-scsi-pci", "id": SCSI})];
    if uses(Socket::Usb) {
        devices.push(json!({"driver": "qemu-xhci", "id": USB, "p2": 8, "p3": 8}));
    }
    if uses(Socket::Ahci) {
        devices.push(json!({"driver": "ich9-ahci", "id": AHCI}));
    }
    for (bay, socket) in bays.sockets() {
        if !matches!(socket, Socket::Nvme | Socket::Virtio) {
            continue;
        }
        let number = number_of(bay);
        devices.push(json!({
            "driver": "pcie-root-port", "id": port_name(bay), "bus": "pcie.0",
            "addr": format!("{:#x}", 0x10 + number), "chassis": number, "slot": number,
        }));
    }
    devices
}

/// The disk as the guest sees it.
pub(super) fn disk_device(bay: &str, socket: Socket, disk: &Disk) -> Value {
    let (id, drive, serial) = (bay, medium_name(bay), &disk.serial);
    match socket {
        Socket::Scsi => json!({
            "driver": "scsi-hd", "id": id, "bus": format!("{SCSI}.0"),
            "scsi-id": disk.target, "lun": 0, "drive": drive,
            "vendor": "WDC", "product": disk.model, "serial": serial, "wwn": disk.wwn,
            "rotation_rate": 5400,
            // Without "force unit access" a durable write is always followed by a
            // flush, which is what the write log is cut at.
            "dpofua": false,
        }),
        Socket::Nvme => json!({
            "driver": "nvme", "id": id, "bus": port_name(bay), "drive": drive, "serial": serial,
        }),
        Socket::Virtio => json!({
            "driver": "virtio-blk-pci", "id": id, "bus": port_name(bay), "drive": drive,
            "serial": serial,
        }),
        Socket::Usb => json!({
            "driver": "usb-storage", "id": id, "bus": format!("{USB}.0"),
            "port": number_of(bay).to_string(), "drive": drive, "serial": serial,
        }),
        Socket::Ahci => json!({
            "driver": "ide-hd", "id": id, "bus": format!("{AHCI}.{}", disk.target),
            "drive": drive, "model": disk.model, "serial": serial, "wwn": disk.wwn,
            "rotation_rate": 5400,
        }),
    }
}

fn port_name(bay: &str) -> String {
    format!("{bay}-port")
}

/// The number in a bay's name; [`Disk::new`] has refused every other name.
fn number_of(bay: &str) -> u8 {
    bay.strip_prefix("bay")
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_only_the_controllers_that_its_bays_need() {
        let mut bays = Bays::default();
        bays.fill("bay1", Disk::new("bay1", 1, 1 << 30).unwrap());
        assert_eq!(controllers(&bays).len(), 1);
        bays.set_socket("bay3", Socket::Nvme);
        bays.set_socket("bay5", Socket::Usb);
        let text = format!("{:?}", controllers(&bays));
        assert!(
            text.contains("bay3-port") && text.contains("0x13"),
            "{text}"
        );
        assert!(
            text.contains("qemu-xhci") && !text.contains("ahci"),
            "{text}"
        );
    }

    #[test]
    fn every_socket_shows_the_disks_serial_number() {
        let disk = Disk::new("bay4", 1, 1 << 30).unwrap();
        for socket in [
            Socket::Scsi,
            Socket::Nvme,
            Socket::Virtio,
            Socket::Usb,
            Socket::Ahci,
        ] {
            let device = disk_device("bay4", socket, &disk);
            assert_eq!(device["serial"], disk.serial, "{socket:?}");
        }
    }
}
