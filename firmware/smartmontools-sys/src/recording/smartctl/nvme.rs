//! An NVMe disk: the health log field by field, and enough of an identity.

use super::{Json, Outcome, write_blank};
use crate::recording::error::RecordingError;
use crate::recording::nvme::NvmeRecording;

/// Offsets: NVM Express base specification.
pub(super) fn disk(json: Json<'_>) -> Outcome<NvmeRecording> {
    let log = json.at("/nvme_smart_health_information_log");
    if !log.is_there() {
        return Err(RecordingError::Missing("health log"));
    }
    let mut controller = vec![0; 4096];
    write_blank(&mut controller[4..24], json.at("/serial_number"));
    write_blank(&mut controller[24..64], json.at("/model_name"));
    write_blank(&mut controller[64..72], json.at("/firmware_version"));
    let total = json.at("/nvme_total_capacity").number();
    controller[280..288].copy_from_slice(&total.to_le_bytes());
    controller[516] = 1;

    let mut namespace = vec![0; 4096];
    let sector = json.at("/logical_block_size").number().max(512);
    let blocks = json.at("/user_capacity/bytes").number() / sector;
    namespace[..8].copy_from_slice(&blocks.to_le_bytes());
    namespace[130] = sector.ilog2() as u8;
    Ok(NvmeRecording {
        controller,
        namespace,
        health: health_log(log),
        self_tests: None,
    })
}

fn health_log(log: Json<'_>) -> [u8; 512] {
    let mut page = [0; 512];
    page[0] = log.at("/critical_warning").byte();
    // Kelvin; the JSON has whole degrees Celsius, which may be below zero.
    let celsius = log.at("/temperature").0.as_i64();
    let kelvin = celsius.map_or(0, |celsius| (celsius + 273) as u16);
    page[1..3].copy_from_slice(&kelvin.to_le_bytes());
    page[3] = log.at("/available_spare").byte();
    page[4] = log.at("/available_spare_threshold").byte();
    page[5] = log.at("/percentage_used").byte();
    let counters = [
        "/data_units_read",
        "/data_units_written",
        "/host_reads",
        "/host_writes",
        "/controller_busy_time",
        "/power_cycles",
        "/power_on_hours",
        "/unsafe_shutdowns",
        "/media_errors",
        "/num_err_log_entries",
    ];
    for (index, name) in counters.into_iter().enumerate() {
        let at = 32 + 16 * index;
        page[at..at + 16].copy_from_slice(&counter(log.at(name)).to_le_bytes());
    }
    for (at, name) in [(192, "/warning_temp_time"), (196, "/critical_comp_time")] {
        let minutes = log.at(name).number() as u32;
        page[at..at + 4].copy_from_slice(&minutes.to_le_bytes());
    }
    for (index, sensor) in log.at("/temperature_sensors").items().take(8).enumerate() {
        let kelvin = sensor
            .0
            .as_i64()
            .map_or(0, |celsius| (celsius + 273) as u16);
        let at = 200 + 2 * index;
        page[at..at + 2].copy_from_slice(&kelvin.to_le_bytes());
    }
    page
}

/// Sixteen bytes wide, and as text where a JSON number has no room for it: there
/// are drives that fill the high bytes with anything.
fn counter(value: Json<'_>) -> u128 {
    let text = value.text().and_then(|text| text.parse().ok());
    text.unwrap_or_else(|| value.number().into())
}
