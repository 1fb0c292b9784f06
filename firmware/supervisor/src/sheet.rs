//! The recovery sheet in the box: made once from the kernel's random numbers, kept
//! among the secrets, shown to whoever gives a password, and asked for by four of
//! its words.

use crate::secrets::Secrets;
use jiff::Timestamp;
use preau_domain::language::Language;
use preau_domain::sheet::SheetDates;
use preau_sheet::{Code, ENTROPY_BYTES, WORDS};
use serde::{Deserialize, Serialize};

/// How many words are asked for.
pub const ASKED: usize = 4;

/// The sheet as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its code.
    pub code: Code,
    /// When it was made, and proved.
    pub dates: SheetDates,
}

impl Sheet {
    /// A new one, in that language's words.
    ///
    /// # Errors
    /// When the kernel gives no random numbers.
    pub fn new(language: Language, now: Timestamp) -> Result<Self, getrandom::Error> {
        let mut entropy = [0; ENTROPY_BYTES];
        getrandom::fill(&mut entropy)?;
        Ok(Self {
            code: Code::new(entropy, language),
            dates: SheetDates {
                made_at: now,
                proved_at: None,
            },
        })
    }
}

/// Gives the secrets a sheet, unless they have one.
///
/// # Errors
/// When the kernel gives no random numbers.
pub fn ensure(
    secrets: &mut Secrets,
    language: Language,
    now: Timestamp,
) -> Result<(), getrandom::Error> {
    if secrets.sheet.is_none() {
        secrets.sheet = Some(Sheet::new(language, now)?);
    }
    Ok(())
}

/// Chooses the places to ask for, in order.
///
/// # Errors
/// When the kernel gives no random numbers.
pub fn choose_places() -> Result<Vec<usize>, getrandom::Error> {
    let mut random = [0; ASKED];
    getrandom::fill(&mut random)?;
    Ok(places(random))
}

fn places(random: [u8; ASKED]) -> Vec<usize> {
    let mut left: Vec<usize> = (1..=WORDS).collect();
    let mut chosen: Vec<usize> = random
        .into_iter()
        .map(|byte| left.remove(usize::from(byte) % left.len()))
        .collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_different_places_are_asked_for_and_every_place_may_be() {
        let mut seen = [false; WORDS];
        for byte in 0..=u8::MAX {
            let chosen = places([byte, 7, byte.wrapping_mul(3), 255]);
            assert_eq!(chosen.len(), ASKED);
            assert!(chosen.is_sorted_by(|a, b| a < b), "{chosen:?}");
            for place in chosen {
                seen[place - 1] = true;
            }
        }
        assert_eq!(seen, [true; WORDS]);
    }
}
