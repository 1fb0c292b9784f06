//! Recordings from smartctl's JSON (`smartctl --json --all`, format 1). What the
//! JSON leaves out (reserved bytes, logs that were not asked for) stays empty.

mod ata;
mod nvme;
mod scsi;

use serde_json::Value;

use super::ata::AtaRecording;
use super::error::RecordingError;
use super::nvme::NvmeRecording;
use super::scsi::ScsiRecording;
use crate::device::{Bus, Device};
use crate::error::Error;

pub(super) type Outcome<T> = Result<T, RecordingError>;

/// A disk of one protocol or another.
#[derive(Clone, Debug)]
pub enum Recording {
    /// ATA.
    Ata(Box<AtaRecording>),
    /// NVMe.
    Nvme(Box<NvmeRecording>),
    /// SCSI.
    Scsi(ScsiRecording),
}

impl Recording {
    /// The disk, opened.
    pub fn open(self, name: &str) -> Result<Device, Error> {
        match self {
            Recording::Ata(disk) => Device::replay(name, Bus::Ata, *disk),
            Recording::Nvme(disk) => Device::replay(name, Bus::Nvme, *disk),
            Recording::Scsi(disk) => Device::replay(name, Bus::Scsi, disk),
        }
    }
}

/// Makes a disk of what smartctl printed about one.
pub fn parse(text: &str) -> Outcome<Recording> {
    let json: Value = serde_json::from_str(text)?;
    let json = Json(&json);
    match json.at("/device/protocol").text() {
        Some("ATA") => Ok(Recording::Ata(Box::new(ata::disk(json)))),
        Some("NVMe") => Ok(Recording::Nvme(Box::new(nvme::disk(json)?))),
        Some("SCSI") => Ok(Recording::Scsi(scsi::disk(json))),
        _ => Err(RecordingError::Missing("protocol")),
    }
}

/// An NVMe disk of JSON in the same form.
pub(super) fn nvme(json: &Value) -> Outcome<NvmeRecording> {
    nvme::disk(Json(json))
}

/// A value that may be absent, like all of them in smartctl's JSON.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(pub(super) &'a Value);

impl<'a> Json<'a> {
    fn at(self, pointer: &str) -> Json<'a> {
        Json(self.0.pointer(pointer).unwrap_or(&Value::Null))
    }

    fn text(self) -> Option<&'a str> {
        self.0.as_str()
    }

    fn number(self) -> u64 {
        self.0.as_u64().unwrap_or(0)
    }

    /// Numbers as wide as their field; a recording that holds a wider one is cut,
    /// as the disk's page would have been.
    fn byte(self) -> u8 {
        self.number() as u8
    }

    fn word(self) -> u16 {
        self.number() as u16
    }

    fn items(self) -> impl Iterator<Item = Json<'a>> {
        self.0.as_array().into_iter().flatten().map(Json)
    }

    fn is_there(self) -> bool {
        !self.0.is_null()
    }
}

/// Text filled up with blanks.
fn write_blank(field: &mut [u8], text: Json<'_>) {
    let text = text.text().unwrap_or_default().bytes();
    let padded = text.chain(std::iter::repeat(b' '));
    for (to, from) in field.iter_mut().zip(padded) {
        *to = from;
    }
}
