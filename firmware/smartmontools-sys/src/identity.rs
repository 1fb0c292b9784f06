//! Who a disk is: what is printed on its label, and what a person or a plan needs
//! to know of its build.

use std::fmt;

use crate::bytes::{be, le16, le64, text};
use crate::device::{Bus, Device};
use crate::error::{Cause, Result};
use crate::ffi;
use crate::raw;
use crate::units::Bytes;

/// A name that no other disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wwn {
    /// A network address authority's, as SATA and SAS disks have.
    Naa(u64),
    /// An NVMe namespace's short one.
    Eui64(u64),
    /// An NVMe namespace's long one.
    Nguid(u128),
}

impl fmt::Display for Wwn {
    /// As the kernel and udev write it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wwn::Naa(name) => write!(formatter, "0x{name:016x}"),
            Wwn::Eui64(name) => write!(formatter, "eui.{name:016x}"),
            Wwn::Nguid(name) => write!(formatter, "eui.{name:032x}"),
        }
    }
}

/// What turns in a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// Nothing: flash.
    Solid,
    /// Platters, so many times a minute.
    PerMinute(u16),
    /// The disk does not say.
    Unknown,
}

/// How large the housing is. The numbers are ATA's word 168, which SCSI shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormFactor {
    /// 5.25 inches.
    Inch5_25,
    /// 3.5 inches.
    Inch3_5,
    /// 2.5 inches.
    Inch2_5,
    /// 1.8 inches or less.
    Inch1_8,
    /// mSATA.
    Msata,
    /// M.2, and all NVMe disks that do not say otherwise.
    M2,
    /// The disk does not say, or in a way that is too new.
    Unknown,
}

impl FormFactor {
    fn from_word(word: i32) -> FormFactor {
        match word {
            1 => FormFactor::Inch5_25,
            2 => FormFactor::Inch3_5,
            3 => FormFactor::Inch2_5,
            4 | 5 => FormFactor::Inch1_8,
            6 => FormFactor::Msata,
            7 => FormFactor::M2,
            _ => FormFactor::Unknown,
        }
    }
}

/// Whether the disk watches itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SmartSupport {
    /// Yes.
    Enabled,
    /// It could; [`Device::enable_smart`] switches it on.
    Disabled,
    /// It cannot.
    Unavailable,
    /// It does not say.
    Unknown,
}

/// Who a disk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Model, with the vendor's name as far as the disk gives it.
    pub model: String,
    /// Serial number.
    pub serial: Option<String>,
    /// Firmware's version.
    pub firmware: Option<String>,
    /// World-wide name.
    pub wwn: Option<Wwn>,
    /// The product's family, for ATA disks in the database.
    pub family: Option<String>,
    /// The database's warning about this firmware.
    pub warning: Option<String>,
    /// Size.
    pub capacity: Option<Bytes>,
    /// Size of a sector as the disk takes it.
    pub logical_sector: Option<Bytes>,
    /// Size of a sector as the disk keeps it.
    pub physical_sector: Option<Bytes>,
    /// What turns.
    pub rotation: Rotation,
    /// The housing.
    pub form_factor: FormFactor,
    /// Whether it watches itself.
    pub smart: SmartSupport,
}

impl Device {
    /// Reads who the disk is.
    pub fn identity(&mut self) -> Result<Identity> {
        let act = "identifying";
        match self.bus() {
            Bus::Ata => {
                let raw = self.handle.ata_identity();
                let raw = self.named(act, raw)?;
                if raw.packet != 0 {
                    let words = "a drive for CDs or the like".to_owned();
                    return Err(self.error(act, Cause::Unsupported(words)));
                }
                self.identity_page = Some(Box::new(raw.page));
                Ok(from_ata(&raw))
            }
            Bus::Nvme => {
                let pages = self.handle.nvme_identity();
                let (controller, space, nsid) = self.named(act, pages)?;
                Ok(from_nvme(&controller, &space, nsid))
            }
            Bus::Scsi => {
                let raw = self.handle.scsi_identity();
                Ok(from_scsi(&self.named(act, raw)?))
            }
        }
    }

    /// Switches on the watch that an ATA disk keeps on itself.
    pub fn enable_smart(&mut self) -> Result<()> {
        let outcome = self.handle.ata_enable_smart();
        // Its identity page says something else from now on.
        self.identity_page = None;
        self.named("switching on SMART in", outcome)
    }
}

fn size(bytes: u64) -> Option<Bytes> {
    (bytes != 0).then_some(Bytes(bytes))
}

fn field(characters: &[std::ffi::c_char]) -> Option<String> {
    Some(raw::text(characters)).filter(|text| !text.is_empty())
}

fn rotation(number: i32) -> Rotation {
    match u16::try_from(number) {
        Ok(1) => Rotation::Solid,
        Ok(turns) if turns > 1 => Rotation::PerMinute(turns),
        _ => Rotation::Unknown,
    }
}

fn from_ata(raw: &ffi::shim_ata_identity) -> Identity {
    Identity {
        model: raw::text(&raw.model),
        serial: field(&raw.serial),
        firmware: field(&raw.firmware),
        wwn: (raw.wwn != 0).then_some(Wwn::Naa(raw.wwn)),
        family: field(&raw.family),
        warning: field(&raw.warning),
        capacity: size(raw.capacity),
        logical_sector: size(raw.logical_sector.into()),
        physical_sector: size(raw.physical_sector.into()),
        rotation: rotation(raw.rotation),
        form_factor: FormFactor::from_word(raw.form & 0xf),
        smart: match (raw.smart_supported, raw.smart_enabled) {
            (0, _) => SmartSupport::Unavailable,
            (_, 1) => SmartSupport::Enabled,
            (_, 0) => SmartSupport::Disabled,
            _ => SmartSupport::Unknown,
        },
    }
}

/// Offsets: NVM Express base specification, identify controller and namespace.
fn from_nvme(controller: &[u8], space: &[u8], nsid: u32) -> Identity {
    const ALL: u32 = u32::MAX;
    let format = usize::from(space[26] & 0xf);
    let shift = u32::from(space[128 + 4 * format + 2]);
    let sector = (nsid != ALL)
        .then(|| 1_u64.checked_shl(shift))
        .flatten()
        .filter(|size| *size > 1);
    let blocks = le64(space, 0);
    // What the whole controller has, where no single namespace speaks for it.
    let total = le64(controller, 280);
    let capacity = sector
        .and_then(|sector| blocks.checked_mul(sector))
        .filter(|bytes| *bytes != 0)
        .unwrap_or(total);
    let nguid = (u128::from(be(&space[104..112])) << 64) | u128::from(be(&space[112..120]));
    let eui = be(&space[120..128]);
    Identity {
        model: text(&controller[24..64]).unwrap_or_default(),
        serial: text(&controller[4..24]),
        firmware: text(&controller[64..72]),
        wwn: match (nguid, eui) {
            (0, 0) => None,
            (0, eui) => Some(Wwn::Eui64(eui)),
            (nguid, _) => Some(Wwn::Nguid(nguid)),
        },
        family: None,
        warning: None,
        capacity: size(capacity),
        logical_sector: sector.map(Bytes),
        physical_sector: None,
        rotation: Rotation::Solid,
        form_factor: FormFactor::M2,
        smart: SmartSupport::Enabled,
    }
}

fn from_scsi(raw: &ffi::shim_scsi_identity) -> Identity {
    let vendor = raw::text(&raw.vendor);
    let product = raw::text(&raw.product);
    let unit = raw::text(&raw.unit_id);
    let wwn = unit
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    Identity {
        model: format!("{vendor} {product}").trim().to_owned(),
        serial: field(&raw.serial),
        firmware: field(&raw.revision),
        wwn: wwn.map(Wwn::Naa),
        family: None,
        warning: None,
        capacity: size(raw.capacity),
        logical_sector: size(raw.logical_sector.into()),
        physical_sector: size(raw.physical_sector.into()),
        rotation: rotation(raw.rotation),
        form_factor: FormFactor::from_word(raw.form),
        // Told apart by the health page: a disk may report nothing at all.
        smart: SmartSupport::Unknown,
    }
}

/// Words 0 to 255 of an ATA identity page, as they decide what to ask for.
pub(crate) struct Words<'a>(pub(crate) &'a [u8; 512]);

impl Words<'_> {
    fn word(&self, number: usize) -> u16 {
        le16(self.0, 2 * number)
    }

    /// General purpose logs, which hold what plain SMART logs have no room for.
    pub(crate) fn has_general_logs(&self) -> bool {
        let valid = |word: u16| word & 0xc000 == 0x4000;
        let (supported, enabled) = (self.word(84), self.word(87));
        (valid(supported) && supported & 0x20 != 0) || (valid(enabled) && enabled & 0x20 != 0)
    }

    /// The disk could watch itself, and has been told not to.
    pub(crate) fn smart_is_off(&self) -> bool {
        let valid = |word: u16| word & 0xc000 == 0x4000;
        let could = valid(self.word(83)) && self.word(82) & 1 != 0;
        could && valid(self.word(87)) && self.word(85) & 1 == 0
    }

    /// SMART command transport, which has a thermometer of its own.
    pub(crate) fn has_sct(&self) -> bool {
        self.word(206) & 1 != 0
    }
}
