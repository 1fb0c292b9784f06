//! Recordings from facts taken out of smartctl's plain text: an attribute table
//! whose counters are as they were printed. Each way of printing one is undone.

use serde_json::{Value, json};

use super::ata::AtaRecording;
use super::error::RecordingError;
use super::nvme::NvmeRecording;
use super::pages::{self, Identify, TableEntry};
use super::smartctl;

/// Makes a disk of a file with `model`, `firmware`, `capacity_bytes`,
/// `rotation_rpm`, `overall_health` and `attributes`.
pub fn parse(text: &str) -> Result<AtaRecording, RecordingError> {
    let json: Value = serde_json::from_str(text)?;
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    let lines = json["attributes"]
        .as_array()
        .ok_or(RecordingError::Missing("attributes"))?;
    let table: Option<Vec<TableEntry>> = lines.iter().map(entry).collect();
    let table = table.ok_or(RecordingError::Missing("counter that can be read"))?;
    let mut disk = AtaRecording::new(pages::identify(&Identify {
        model: text("model"),
        firmware: text("firmware"),
        capacity: json["capacity_bytes"].as_u64().unwrap_or(0),
        rotation: match json["rotation_rpm"].as_u64() {
            Some(turns) => turns as u16,
            None => u16::from(text("rotation_rpm") == "ssd"),
        },
        ..Identify::default()
    }));
    let (values, thresholds) = pages::smart(1, &table);
    disk.values = Some(values);
    disk.thresholds = Some(thresholds);
    disk.passes = Some(text("overall_health") == "PASSED");
    Ok(disk)
}

/// Makes an NVMe disk of a file with `model`, `capacity_bytes` and
/// `nvme_health_log`, by way of the JSON that smartctl would have printed.
pub fn parse_nvme(text: &str) -> Result<NvmeRecording, RecordingError> {
    let facts: Value = serde_json::from_str(text)?;
    let log = facts["nvme_health_log"]
        .as_object()
        .ok_or(RecordingError::Missing("health log"))?;
    let printed = |name: &str| log.get(name).and_then(Value::as_str).and_then(leading);
    let counters: serde_json::Map<String, Value> = HEALTH_LOG
        .iter()
        .filter_map(|(text, name)| {
            let number = printed(text)?;
            let value = match u64::try_from(number) {
                Ok(number) => json!(number),
                Err(_) => json!(number.to_string()),
            };
            Some(((*name).to_owned(), value))
        })
        .collect();
    let sensors: Vec<Option<u64>> = (1..=8)
        .map(|number| printed(&format!("Temperature Sensor {number}")))
        .map(|degrees| u64::try_from(degrees?).ok())
        .collect();
    let mut json = json!({
        "model_name": facts["model"],
        "firmware_version": facts["firmware"],
        "user_capacity": { "bytes": facts["capacity_bytes"] },
        "nvme_smart_health_information_log": counters,
    });
    json["nvme_smart_health_information_log"]["temperature_sensors"] = json!(sensors);
    smartctl::nvme(&json)
}

/// smartctl's names of the same counters in its text and in its JSON.
const HEALTH_LOG: [(&str, &str); 17] = [
    ("Critical Warning", "critical_warning"),
    ("Temperature", "temperature"),
    ("Available Spare", "available_spare"),
    ("Available Spare Threshold", "available_spare_threshold"),
    ("Percentage Used", "percentage_used"),
    ("Data Units Read", "data_units_read"),
    ("Data Units Written", "data_units_written"),
    ("Host Read Commands", "host_reads"),
    ("Host Write Commands", "host_writes"),
    ("Controller Busy Time", "controller_busy_time"),
    ("Power Cycles", "power_cycles"),
    ("Power On Hours", "power_on_hours"),
    ("Unsafe Shutdowns", "unsafe_shutdowns"),
    ("Media and Data Integrity Errors", "media_errors"),
    ("Error Information Log Entries", "num_err_log_entries"),
    ("Warning  Comp. Temperature Time", "warning_temp_time"),
    ("Critical Comp. Temperature Time", "critical_comp_time"),
];

/// The number that a print begins with: `0x04`, `32 Celsius`, `505,379 [258 GB]`.
fn leading(text: &str) -> Option<u128> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u128::from_str_radix(digits, 16).ok();
    }
    let digits: String = text
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn entry(line: &Value) -> Option<TableEntry> {
    let byte = |name: &str| line[name].as_u64().map(|value| value as u8);
    let mut entry = TableEntry {
        id: byte("id")?,
        flags: flags(line["flags"].as_str()?),
        value: byte("value").unwrap_or(0),
        worst: byte("worst").unwrap_or(0),
        threshold: byte("thresh"),
        ..TableEntry::default()
    };
    entry.set_raw(raw(line["raw"].as_str()?)?);
    Some(entry)
}

fn flags(letters: &str) -> u16 {
    let bits = "POSRCK".chars().enumerate();
    bits.filter(|(_, letter)| letters.contains(*letter))
        .fold(0, |flags, (bit, _)| flags | 1 << bit)
}

/// A counter from its print, in the order of bytes that makes it print so.
fn raw(text: &str) -> Option<u64> {
    let words = |from: &[u64]| {
        let bits = 16;
        from.iter().enumerate().fold(0, |sum, (index, word)| {
            sum | (word & 0xffff) << (bits * index)
        })
    };
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    if let Some((hours, rest)) = text.split_once("h+") {
        let (minutes, seconds) = rest.trim_end_matches('s').split_once("m+")?;
        let (seconds, thousandths) = seconds.split_once('.')?;
        let number = |digits: &str| digits.parse::<u64>().ok();
        let minutes = number(minutes)?;
        let millis = (minutes * 60 + number(seconds)?) * 1000 + number(thousandths)?;
        return Some(number(hours)? | millis << 32);
    }
    if let Some((above, below)) = text.split_once('/').filter(|_| !text.contains(' ')) {
        let (above, below): (u64, u64) = (above.parse().ok()?, below.parse().ok()?);
        return Some(above << 32 | below);
    }
    let numbers: Vec<u64> = text
        .split(|c: char| !c.is_ascii_digit() && c != '-')
        .filter_map(|word| word.parse::<i64>().ok())
        .map(i64::cast_unsigned)
        .collect();
    match *numbers.as_slice() {
        [now, min, max] if text.contains("Min/Max") => Some(words(&[now, min, max])),
        [now, average] if text.contains("Average") => Some(words(&[now, average])),
        [low, high, mid] if text.contains('(') => Some(words(&[low, mid, high])),
        [high, mid, low] => Some(words(&[low, mid, high])),
        [low, five, four, three] => Some(low & 0xff_ffff | three << 24 | four << 32 | five << 40),
        [low, five, four, three, two, one] => {
            Some(low & 0xff | one << 8 | two << 16 | three << 24 | four << 32 | five << 40)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_counters_are_read_back() {
        assert_eq!(raw("75301422"), Some(75_301_422));
        assert_eq!(raw("31 (Min/Max 18/45)"), Some(31 | 18 << 16 | 45 << 32));
        assert_eq!(raw("0/203402060"), Some(203_402_060));
        assert_eq!(raw("126h+01m+00.000s"), Some(126 | 60_000 << 32));
        assert_eq!(raw("what"), None);
        assert_eq!(leading("505,379 [258 GB]"), Some(505_379));
        assert_eq!(leading("0x04"), Some(4));
    }
}
