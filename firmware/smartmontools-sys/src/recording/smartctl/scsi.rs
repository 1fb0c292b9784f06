//! A SCSI disk: INQUIRY data and log pages.

use super::{Json, write_blank};
use crate::recording::scsi::{Exceptions, ScsiRecording};
use crate::replay::ScsiSense;

/// Offsets: SPC-5 and SBC-4.
pub(super) fn disk(json: Json<'_>) -> ScsiRecording {
    let any = |names: [&str; 2]| {
        let [first, second] = names.map(|name| json.at(name));
        if first.is_there() { first } else { second }
    };
    let mut inquiry = vec![0; 36];
    (inquiry[2], inquiry[3], inquiry[4]) = (5, 2, 31);
    write_blank(&mut inquiry[8..16], any(["/scsi_vendor", "/vendor"]));
    write_blank(&mut inquiry[16..32], any(["/scsi_product", "/product"]));
    write_blank(&mut inquiry[32..36], any(["/scsi_revision", "/revision"]));

    let serial = json.at("/serial_number").text().unwrap_or_default();
    let serial = [&[0, 0x80, 0, serial.len() as u8], serial.as_bytes()].concat();
    let mut rotation = vec![0; 64];
    (rotation[1], rotation[3]) = (0xb1, 60);
    rotation[4..6].copy_from_slice(&json.at("/rotation_rate").word().to_be_bytes());
    rotation[7] = json.at("/form_factor/scsi_value").byte();

    let mut disk = ScsiRecording {
        inquiry,
        product_data: [(0x80, serial), (0xb1, rotation)].into(),
        logs: [].into(),
        blocks: (
            json.at("/user_capacity/blocks").number(),
            json.at("/logical_block_size").number() as u32,
        ),
        exceptions: if json.at("/smart_status").is_there() {
            Exceptions::Reported
        } else {
            Exceptions::Unknown
        },
        sense: ScsiSense {
            key: 0,
            asc: json.at("/smart_status/scsi/asc").byte(),
            ascq: json.at("/smart_status/scsi/ascq").byte(),
        },
        grown_defects: json
            .at("/scsi_grown_defect_list")
            .0
            .as_u64()
            .map(|count| count as u16),
    };
    add_scsi_logs(&mut disk, json);
    disk
}

fn add_scsi_logs(disk: &mut ScsiRecording, json: Json<'_>) {
    let counters = json.at("/scsi_error_counter_log");
    for (page, name) in [(0x02, "/write"), (0x03, "/read"), (0x05, "/verify")] {
        let found = counters.at(name);
        if found.is_there() {
            let corrected = found.at("/total_errors_corrected").number();
            let lost = found.at("/total_uncorrected_errors").number();
            let parameters = [
                parameter(3, &corrected.to_be_bytes()),
                parameter(6, &lost.to_be_bytes()),
            ];
            disk.logs.insert(page, log_page(page, &parameters.concat()));
        }
    }
    let degrees = json.at("/temperature");
    if degrees.is_there() {
        let parameters = [
            parameter(0, &[0, degrees.at("/current").byte()]),
            parameter(1, &[0, degrees.at("/drive_trip").byte()]),
        ];
        disk.logs.insert(0x0d, log_page(0x0d, &parameters.concat()));
    }
    let time = json.at("/power_on_time");
    if time.is_there() {
        let minutes = 60 * time.at("/hours").number() + time.at("/minutes").number();
        let value = [(minutes as u32).to_be_bytes(), [0; 4]].concat();
        disk.logs
            .insert(0x15, log_page(0x15, &parameter(0, &value)));
    }
}

fn parameter(code: u16, value: &[u8]) -> Vec<u8> {
    let [high, low] = code.to_be_bytes();
    [&[high, low, 3, value.len() as u8], value].concat()
}

fn log_page(page: u8, parameters: &[u8]) -> Vec<u8> {
    let [high, low] = (parameters.len() as u16).to_be_bytes();
    [&[page, 0, high, low], parameters].concat()
}
