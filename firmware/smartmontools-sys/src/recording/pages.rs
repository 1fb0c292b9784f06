//! Pages put together from what is known of a disk. Offsets: ACS-3, and for the
//! attribute table SFF-8035i, which no later standard has kept.

/// Sets the last byte so that all 512 add up to zero.
pub fn seal(page: &mut [u8; 512]) {
    let sum = page[..511]
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    page[511] = sum.wrapping_neg();
}

/// A line of an attribute table as the disk keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableEntry {
    /// The attribute's number.
    pub id: u8,
    /// Its flags.
    pub flags: u16,
    /// Its value.
    pub value: u8,
    /// Its worst value.
    pub worst: u8,
    /// Its threshold; `None` leaves it out of the second page.
    pub threshold: Option<u8>,
    /// Its counter, as the disk keeps it.
    pub raw: [u8; 6],
    /// The byte behind it, which some models count in as well.
    pub reserved: u8,
}

impl TableEntry {
    /// The counter's low 48 bits in the usual order, the next byte behind.
    pub fn set_raw(&mut self, raw: u64) {
        let bytes = raw.to_le_bytes();
        self.raw.copy_from_slice(&bytes[..6]);
        self.reserved = bytes[6];
    }
}

/// The two SMART pages of a table: values and thresholds.
pub fn smart(revision: u16, table: &[TableEntry]) -> ([u8; 512], [u8; 512]) {
    let (mut values, mut thresholds) = ([0; 512], [0; 512]);
    values[..2].copy_from_slice(&revision.to_le_bytes());
    thresholds[..2].copy_from_slice(&revision.to_le_bytes());
    // A page has room for thirty.
    for (index, entry) in table.iter().take(30).enumerate() {
        let at = 2 + 12 * index;
        values[at] = entry.id;
        values[at + 1..at + 3].copy_from_slice(&entry.flags.to_le_bytes());
        values[at + 3] = entry.value;
        values[at + 4] = entry.worst;
        values[at + 5..at + 11].copy_from_slice(&entry.raw);
        values[at + 11] = entry.reserved;
        if let Some(threshold) = entry.threshold {
            thresholds[at] = entry.id;
            thresholds[at + 1] = threshold;
        }
    }
    seal(&mut values);
    seal(&mut thresholds);
    (values, thresholds)
}

/// What an identity page is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identify<'a> {
    /// Model.
    pub model: &'a str,
    /// Serial number.
    pub serial: &'a str,
    /// Firmware's version.
    pub firmware: &'a str,
    /// World-wide name, 0 for none.
    pub wwn: u64,
    /// Size in bytes.
    pub capacity: u64,
    /// Logical sector's size in bytes.
    pub logical_sector: u32,
    /// Physical sector's size in bytes.
    pub physical_sector: u32,
    /// Word 217: 0 unknown, 1 flash, else per minute.
    pub rotation: u16,
    /// Word 168.
    pub form: u16,
    /// Word 206.
    pub sct: u16,
    /// General purpose logs are there.
    pub general_logs: GeneralLogs,
}

/// Whether a disk has general purpose logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeneralLogs {
    /// It has.
    Present,
    /// It has not.
    #[default]
    Absent,
}

/// An identity page of a disk whose SMART is on.
pub fn identify(disk: &Identify<'_>) -> [u8; 512] {
    let mut page = [0; 512];
    write_text(&mut page[20..40], disk.serial);
    write_text(&mut page[46..54], disk.firmware);
    write_text(&mut page[54..94], disk.model);
    let mut set = |word: usize, value: u16| {
        page[2 * word..2 * word + 2].copy_from_slice(&value.to_le_bytes());
    };
    let logical = disk.logical_sector.max(512);
    let physical = disk.physical_sector.max(logical);
    let sectors = disk.capacity / u64::from(logical);
    let low = |value: u64, shift: u32| (value >> shift & 0xffff) as u16;
    let logs = match disk.general_logs {
        GeneralLogs::Present => 0x20,
        GeneralLogs::Absent => 0,
    };

    set(49, 0x0200); // addresses by block
    let short = sectors.min(0x0fff_ffff);
    set(60, low(short, 0));
    set(61, low(short, 16));
    set(82, 0x0001); // SMART
    set(83, 0x4400); // 48-bit addresses
    set(84, 0x4003 | logs | 0x0100); // error log, self-test, name
    set(85, 0x0001);
    set(86, 0x0400);
    set(87, 0x4003 | logs | if disk.wwn == 0 { 0 } else { 0x0100 });
    for (index, shift) in [0, 16, 32, 48].into_iter().enumerate() {
        set(100 + index, low(sectors, shift));
    }
    let per_physical = (physical / logical).ilog2() as u16;
    let is_long = logical != 512;
    let several = if per_physical > 0 { 0x2000 } else { 0 };
    let long = if is_long { 0x1000 } else { 0 };
    set(106, 0x4000 | several | long | per_physical);
    for (index, shift) in [48, 32, 16, 0].into_iter().enumerate() {
        set(108 + index, low(disk.wwn, shift));
    }
    if is_long {
        set(117, low(u64::from(logical) / 2, 0));
        set(118, low(u64::from(logical) / 2, 16));
    }
    set(168, disk.form);
    set(206, disk.sct);
    set(217, disk.rotation);
    page
}

/// ATA keeps text in words, high byte first, filled up with blanks.
fn write_text(field: &mut [u8], text: &str) {
    let mut bytes = text.bytes().chain(std::iter::repeat(b' '));
    for pair in field.chunks_exact_mut(2) {
        pair[1] = bytes.next().unwrap_or(b' ');
        pair[0] = bytes.next().unwrap_or(b' ');
    }
}
