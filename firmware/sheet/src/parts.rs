//! The code in three parts, of which any two give it back and one alone says nothing:
//! one for the school, one for the town hall, one for an association.
//!
//! A part is 20 bytes in fifteen words of the same lists: its number (1 to 3), three
//! bytes that all parts of one code share, and Shamir's share of the sixteen bytes
//! over GF(2⁸). What Shamir's scheme draws at random is derived from the code, so that
//! a part that was lost can be printed again and fits the others.

use crate::code::{Code, ENTROPY_BYTES, KEY_BYTES, SALT, composed, derive, list};
use crate::typed::ReadError;
use bip39::Mnemonic;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use preau_domain::language::Language;
use vsss_rs::Gf256;

/// How many parts there are.
pub const PARTS: usize = 3;
/// How many of them are needed.
pub const NEEDED: usize = 2;
/// The words of one part: 160 bits and 5 of checksum, 11 bits a word.
pub const PART_WORDS: usize = 15;

const SET_BYTES: usize = 3;
pub(crate) const PART_BYTES: usize = 1 + SET_BYTES + ENTROPY_BYTES;

/// One part. It is half a secret: it has no readable `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    language: Language,
    bytes: [u8; PART_BYTES],
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({}, …)", self.number())
    }
}

impl Part {
    /// The part with these bytes, as they were read from words.
    pub(crate) fn new(bytes: [u8; PART_BYTES], language: Language) -> Option<Self> {
        let known = (1..=PARTS).contains(&usize::from(bytes[0]));
        known.then_some(Self { language, bytes })
    }

    /// Which part it is, from 1.
    pub const fn number(&self) -> u8 {
        self.bytes[0]
    }

    /// Its fifteen words, as they are written on its sheet.
    pub fn words(&self) -> Vec<String> {
        // 20 bytes are a length that BIP-39 knows, which is its only reason to refuse.
        Mnemonic::from_entropy_in(list(self.language), &self.bytes)
            .map(|mnemonic| mnemonic.words().map(composed).collect())
            .unwrap_or_default()
    }

    fn set(&self) -> &[u8] {
        &self.bytes[1..=SET_BYTES]
    }

    /// As Shamir's scheme knows it: the number, then the share.
    fn share(&self) -> Vec<u8> {
        [&self.bytes[..1], &self.bytes[1 + SET_BYTES..]].concat()
    }
}

/// The three parts of a code, always the same ones.
pub fn split(code: &Code) -> Vec<Part> {
    let set = derive(SALT, code.entropy(), b"parts, which belong together");
    let seed: [u8; KEY_BYTES] = derive(SALT, code.entropy(), b"parts");
    let random = ChaCha20Rng::from_seed(seed);
    let shares = Gf256::split_bytes(NEEDED, PARTS, code.entropy(), random);
    // It refuses only numbers of parts that cannot be.
    debug_assert!(shares.is_ok(), "two of three can be");
    let part = |share: Vec<u8>| {
        let (number, share) = share.split_first()?;
        let bytes = [&[*number][..], &set[..SET_BYTES], share].concat();
        Part::new(bytes.try_into().ok()?, code.language())
    };
    let shares = shares.unwrap_or_default();
    shares.into_iter().filter_map(part).collect()
}

/// The code again, from two of its parts in any order.
///
/// # Errors
/// When both are the same part, or are parts of different codes.
pub(crate) fn join(first: &Part, second: &Part) -> Result<Code, ReadError> {
    if first.set() != second.set() {
        return Err(ReadError::PartsOfTwoSheets);
    }
    if first.number() == second.number() {
        return Err(ReadError::SamePart(first.number()));
    }
    let entropy = Gf256::combine_bytes(&[first.share(), second.share()])
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(ReadError::Checksum)?;
    let code = Code::new(entropy, first.language);
    // Three bytes may be the same by chance; what the parts were made from is not.
    let whole = split(&code);
    if whole.iter().any(|part| part.bytes == first.bytes) {
        Ok(code)
    } else {
        Err(ReadError::PartsOfTwoSheets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(seed: u8) -> Code {
        let mut entropy = [0; ENTROPY_BYTES];
        for (place, byte) in (0_u8..).zip(&mut entropy) {
            *byte = seed.wrapping_mul(37).wrapping_add(place.wrapping_mul(89));
        }
        Code::new(entropy, Language::Fr)
    }

    #[test]
    fn any_two_parts_typed_in_any_order_are_the_code() {
        for seed in 0..4 {
            let code = code(seed);
            let parts = split(&code);
            assert_eq!(parts.len(), PARTS);
            for first in &parts {
                assert_eq!(first.words().len(), PART_WORDS);
                for second in parts.iter().filter(|part| *part != first) {
                    let typed = [first.words(), second.words()].concat().join(" ");
                    assert_eq!(Code::read(&typed, Language::En), Ok(code.clone()));
                }
            }
        }
    }

    #[test]
    fn one_part_is_told_from_a_sheet_and_says_nothing() {
        let parts = split(&code(1));
        let typed = parts[1].words().join(" ");
        assert_eq!(
            Code::read(&typed, Language::Fr),
            Err(ReadError::OnePart(2)),
            "{typed}"
        );
        // Every code is as likely as any other, whatever one part is: for each there
        // is a second part that gives it.
        let share = parts[0].share();
        for seed in 0..3 {
            let wanted = code(seed);
            let other: Vec<u8> = std::iter::once(2)
                .chain((0..ENTROPY_BYTES).map(|at| {
                    let fits = |byte: &u8| {
                        let pair = [vec![1, share[1 + at]], vec![2, *byte]];
                        Gf256::combine_bytes(&pair).unwrap() == [wanted.entropy()[at]]
                    };
                    (0..=u8::MAX).find(fits).unwrap()
                }))
                .collect();
            let joined = Gf256::combine_bytes(&[share.clone(), other]).unwrap();
            assert_eq!(joined, wanted.entropy());
        }
    }

    #[test]
    fn parts_that_do_not_belong_together_open_nothing() {
        let (ours, theirs) = (split(&code(1)), split(&code(2)));
        let read = |first: &Part, second: &Part| {
            let typed = [first.words(), second.words()].concat().join(" ");
            Code::read(&typed, Language::Fr)
        };
        assert_eq!(read(&ours[0], &theirs[1]), Err(ReadError::PartsOfTwoSheets));
        assert_eq!(read(&ours[2], &ours[2]), Err(ReadError::SamePart(3)));
        let mut bytes = theirs[1].bytes;
        bytes[1..=SET_BYTES].copy_from_slice(ours[0].set());
        let forged = Part::new(bytes, Language::Fr).unwrap();
        assert_eq!(read(&ours[0], &forged), Err(ReadError::PartsOfTwoSheets));
    }

    #[test]
    fn the_parts_never_change() {
        // Another value here would mean that a part printed again fits no other.
        let code = Code::new([0x7f; ENTROPY_BYTES], Language::En);
        let first = split(&code).remove(0).words().join(" ");
        assert_eq!(
            first,
            "abuse equip dad eagle tip vanish cube gain praise gossip border badge ketchup enemy stay"
        );
        assert_eq!(format!("{:?}", split(&code)[0]), "Part(1, …)");
    }
}
