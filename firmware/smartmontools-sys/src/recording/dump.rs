//! Recordings from what `smartctl -r ataioctl,2` prints: each command by name,
//! what it returned, and the page that came, byte by byte.

use super::ata::{AtaRecording, Log};
use super::error::RecordingError;

/// A command of a dump.
#[derive(Clone, Debug, Default)]
struct Exchange {
    command: String,
    parameter: u8,
    /// What the command returned; the library's own numbers.
    returned: i32,
    page: Option<[u8; 512]>,
    count_register: Option<u8>,
}

/// Makes a disk of a dump. Of a command that occurs twice the last answer counts.
pub fn parse(text: &str) -> Result<AtaRecording, RecordingError> {
    let exchanges = exchanges(text)?;
    let identify = exchanges
        .iter()
        .rev()
        .find(|one| one.command == "IDENTIFY DEVICE")
        .and_then(|one| one.page)
        .ok_or(RecordingError::Missing("identity page"))?;
    let mut disk = AtaRecording::new(identify);
    for one in exchanges {
        let page = one.page.filter(|_| one.returned == 0);
        match one.command.as_str() {
            "SMART READ ATTRIBUTE VALUES" => disk.values = page,
            "SMART READ ATTRIBUTE THRESHOLDS" => disk.thresholds = page,
            "SMART STATUS CHECK" => {
                disk.passes = match one.returned {
                    0 => Some(true),
                    1 => Some(false),
                    _ => None,
                };
            }
            "SMART READ LOG" => {
                if let Some(page) = page {
                    disk.logs.insert(Log::Smart(one.parameter), page);
                }
            }
            "CHECK POWER MODE" => {
                if let Some(count) = one.count_register {
                    disk.power = count;
                }
            }
            _ => {}
        }
    }
    Ok(disk)
}

fn exchanges(text: &str) -> Result<Vec<Exchange>, RecordingError> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let wrong = |problem| RecordingError::Line {
            line: number + 1,
            problem,
        };
        if let Some((_, rest)) = line
            .strip_prefix("REPORT-IOCTL: ")
            .and_then(|rest| rest.split_once(" Command="))
        {
            if let Some((_, returned)) = rest.split_once(" returned ") {
                let last = found.last_mut().ok_or(wrong("no command before it"))?;
                let digits = returned.split_whitespace().next().unwrap_or_default();
                last.returned = digits.parse().map_err(|_| wrong("not a number"))?;
            } else {
                let (command, parameter) = match rest.split_once(" InputParameter=") {
                    Some((command, digits)) => {
                        let parameter = digits.trim().parse();
                        (command, parameter.map_err(|_| wrong("not a number"))?)
                    }
                    None => (rest, 0),
                };
                found.push(Exchange {
                    command: command.trim().to_owned(),
                    parameter,
                    ..Exchange::default()
                });
            }
        } else if line.starts_with("===== [") && line.contains("] DATA START ") {
            let last = found.last_mut().ok_or(wrong("no command before it"))?;
            let mut page = [0; 512];
            for row in page.chunks_exact_mut(16) {
                let (_, line) = lines.next().ok_or(wrong("the page is cut short"))?;
                read_row(line, row).ok_or(wrong("not sixteen bytes"))?;
            }
            last.page = Some(page);
        } else if let Some(hex) = line.strip_prefix("Sector Count Register (BASE-16): ") {
            let last = found.last_mut().ok_or(wrong("no command before it"))?;
            let count = u8::from_str_radix(hex.trim(), 16);
            last.count_register = Some(count.map_err(|_| wrong("not a number"))?);
        }
    }
    Ok(found)
}

/// `000-015: 40 00 ff 3f …  |@..?…|`
fn read_row(line: &str, row: &mut [u8]) -> Option<()> {
    let (_, bytes) = line.split_once(':')?;
    let mut bytes = bytes.split_whitespace();
    for byte in row {
        *byte = u8::from_str_radix(bytes.next()?, 16).ok()?;
    }
    Some(())
}

/// Writes the answer to one command as smartctl would.
#[cfg(test)]
fn write(command: &str, page: &[u8; 512]) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "\nREPORT-IOCTL: Device=/dev/sda Command={command}\n Input:   FR=...\n\
         REPORT-IOCTL: Device=/dev/sda Command={command} returned 0\n\n\
         ===== [{command}] DATA START (BASE-16) =====\n"
    );
    for (index, row) in page.chunks(16).enumerate() {
        let bytes: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let start = 16 * index;
        writeln!(
            text,
            "{start:03}-{:03}: {} |..|",
            start + 15,
            bytes.join(" ")
        )
        .unwrap();
    }
    text + &format!("===== [{command}] DATA END (512 Bytes) =====\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_gives_back_its_pages() {
        let page: [u8; 512] = std::array::from_fn(|index| index as u8);
        let text = write("IDENTIFY DEVICE", &page);
        let disk = parse(&text).unwrap();
        assert_eq!(disk.identify, page);
        assert_eq!(disk.values, None);
    }

    #[test]
    fn a_dump_that_is_cut_short_is_refused() {
        let text = write("IDENTIFY DEVICE", &[7; 512]);
        let cut = &text[..text.len() / 2];
        assert!(matches!(parse(cut), Err(RecordingError::Line { .. })));
    }
}
