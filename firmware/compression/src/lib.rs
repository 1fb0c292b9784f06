//! Packs and unpacks with zstd what is in memory as a whole. Each thread keeps what it
//! works with: making and clearing it anew takes longer than packing a small file.
//!
//! It is what `rustic_core` calls of the crate `zstd`, on the same library beneath
//! (`zstd-safe`), and packs every piece as one frame that tells its size.

use std::ops::RangeInclusive;

pub use stream::decode_all;

/// The levels that zstd has.
#[must_use]
pub fn compression_level_range() -> RangeInclusive<i32> {
    zstd_safe::min_c_level()..=zstd_safe::max_c_level()
}

/// Packing and unpacking.
pub mod stream {
    use std::cell::RefCell;
    use std::io::{Error, ErrorKind, Result};

    use zstd_safe::{CCtx, DCtx, InBuffer, OutBuffer, ResetDirective};

    /// How much room more is made at a time where a frame does not tell its size, and the
    /// most that is made because a frame tells one.
    const STEP: usize = 128 * 1024;
    const TOLD_AT_MOST: u64 = 64 * 1024 * 1024;

    thread_local! {
        static PACKER: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
        static UNPACKER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
    }

    /// Packs `data` at a level of [`super::compression_level_range`]; 0 is zstd's own
    /// choice.
    ///
    /// # Errors
    ///
    /// When there is no memory.
    pub fn encode_all(data: &[u8], level: i32) -> Result<Vec<u8>> {
        let mut packed = Vec::with_capacity(zstd_safe::compress_bound(data.len()));
        let done = PACKER.with_borrow_mut(|packer| packer.compress(&mut packed, data, level));
        done.map_err(explain)?;
        Ok(packed)
    }

    /// Packs `data` and adds it to `destination`.
    ///
    /// # Errors
    ///
    /// When there is no memory.
    pub fn copy_encode(data: &[u8], destination: &mut Vec<u8>, level: i32) -> Result<()> {
        destination.append(&mut encode_all(data, level)?);
        Ok(())
    }

    /// What frames of zstd hold, one after the other.
    ///
    /// # Errors
    ///
    /// When they hold something else, or end too early.
    pub fn decode_all(packed: &[u8]) -> Result<Vec<u8>> {
        UNPACKER.with_borrow_mut(|unpacker| {
            unpacker
                .reset(ResetDirective::SessionOnly)
                .map_err(explain)?;
            unpack(unpacker, packed)
        })
    }

    fn unpack(unpacker: &mut DCtx<'_>, packed: &[u8]) -> Result<Vec<u8>> {
        let told = zstd_safe::get_frame_content_size(packed).ok().flatten();
        let room = told.unwrap_or_default().min(TOLD_AT_MOST);
        let mut data = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
        let mut input = InBuffer::around(packed);
        let mut left = 0;
        while input.pos() < packed.len() || left > 0 {
            let before = (input.pos(), data.len());
            let mut output = OutBuffer::around_pos(&mut data, before.1);
            left = unpacker
                .decompress_stream(&mut output, &mut input)
                .map_err(explain)?;
            if (input.pos(), data.len()) != before {
                continue;
            }
            if data.len() < data.capacity() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            data.reserve(STEP);
        }
        Ok(data)
    }

    fn explain(code: zstd_safe::ErrorCode) -> Error {
        Error::other(zstd_safe::get_error_name(code))
    }
}

#[cfg(test)]
mod tests {
    use super::stream::{copy_encode, decode_all, encode_all};

    /// Text that packs well, of any length.
    fn text(length: usize) -> Vec<u8> {
        let lines = (0..).flat_map(|line: u32| format!("ligne {line}\n").into_bytes());
        lines.take(length).collect()
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        for length in [0, 1, 4096, 600_000, 9_000_000] {
            let text = text(length);
            for level in [0, 1, 3] {
                let packed = encode_all(&text, level).unwrap();
                assert!(length < 100 || packed.len() < length / 2, "{length}");
                assert_eq!(decode_all(&packed).unwrap(), text, "{length} at {level}");
            }
        }
    }

    /// As other programs write them: in pieces, so that a frame does not tell its size.
    #[test]
    fn a_frame_that_does_not_tell_its_size_is_unpacked() {
        let text = text(600_000);
        let mut packed = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
        let mut packer = zstd_safe::CCtx::create();
        let mut output = zstd_safe::OutBuffer::around(&mut packed);
        for piece in text.chunks(1000) {
            let mut input = zstd_safe::InBuffer::around(piece);
            packer.compress_stream(&mut output, &mut input).unwrap();
        }
        assert_eq!(packer.end_stream(&mut output).unwrap(), 0);
        let told = zstd_safe::get_frame_content_size(&packed);
        assert!(matches!(told, Ok(None)));
        assert_eq!(decode_all(&packed).unwrap(), text);
    }

    #[test]
    fn frames_one_after_the_other_are_one_whole() {
        let mut packed = encode_all(b"un, ", 1).unwrap();
        copy_encode(b"deux", &mut packed, 1).unwrap();
        assert_eq!(decode_all(&packed).unwrap(), b"un, deux");
    }

    /// What went wrong before does not show in what is unpacked after.
    #[test]
    fn what_is_cut_or_no_frame_is_refused_and_forgotten() {
        let text = text(300_000);
        let whole = encode_all(&text, 1).unwrap();
        for end in [1, 7, whole.len() / 2, whole.len() - 1] {
            assert!(decode_all(&whole[..end]).is_err(), "cut at {end}");
            assert_eq!(decode_all(&whole).unwrap(), text);
        }
        assert!(decode_all(b"{\"an\": \"object\"}").is_err());
        assert_eq!(decode_all(&whole).unwrap(), text);
        assert!(decode_all(b"").unwrap().is_empty());
    }
}
