//! Numbers and text out of pages. Offsets are constants of the standards and
//! pages have a fixed size, so that every access here is inside its page.

/// Two bytes at `offset`, low byte first, as ATA and NVMe have them.
pub(crate) fn le16(page: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes([page[offset], page[offset + 1]])
}

pub(crate) fn le32(page: &[u8], offset: usize) -> u32 {
    (0..4).fold(0, |sum, i| sum | u32::from(page[offset + i]) << (8 * i))
}

pub(crate) fn le64(page: &[u8], offset: usize) -> u64 {
    (0..8).fold(0, |sum, i| sum | u64::from(page[offset + i]) << (8 * i))
}

pub(crate) fn le128(page: &[u8], offset: usize) -> u128 {
    u128::from(le64(page, offset)) | u128::from(le64(page, offset + 8)) << 64
}

/// All of `bytes`, high byte first, as SCSI has them; wider numbers than 64 bits
/// (no disk has counted so far) keep their low end.
pub(crate) fn be(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// A field padded with blanks or zeros; `None` if nothing else is in it.
pub(crate) fn text(field: &[u8]) -> Option<String> {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    let text = String::from_utf8_lossy(&field[..end]).trim().to_owned();
    (!text.is_empty()).then_some(text)
}
