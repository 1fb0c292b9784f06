//! A code as somebody types it from the paper. A mistake is told by the word that is
//! wrong, since twelve words are long to type again.

use crate::code::{Code, ENTROPY_BYTES, WORDS, composed, list};
use crate::parts::{NEEDED, PART_BYTES, PART_WORDS, Part, join};
use bip39::Mnemonic;
use preau_domain::language::Language;

/// Both lists tell their words apart by so many letters.
const TELLING: usize = 4;
/// The words of as many parts as are needed.
const BOTH_PARTS: usize = NEEDED * PART_WORDS;

/// A word that is in no list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongWord {
    /// Its place, counted from 1.
    pub place: usize,
    /// What was typed.
    pub typed: String,
}

/// Why a code cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Neither twelve words, nor twice fifteen.
    #[error("{found} words instead of twelve")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// Words that are in no list.
    #[error("{} unknown words", .0.len())]
    Words(Vec<WrongWord>),
    /// Each is in the list, and yet one of them is wrong, or two have changed places.
    #[error("the checksum is wrong")]
    Checksum,
    /// One part alone, with its number.
    #[error("part {0} alone")]
    OnePart(u8),
    /// Twice the same part, with its number.
    #[error("twice part {0}")]
    SamePart(u8),
    /// Two parts that were not made from the same sheet.
    #[error("parts of two sheets")]
    PartsOfTwoSheets,
}

pub(crate) fn read(typed: &str, preferred: Language) -> Result<Code, ReadError> {
    let words: Vec<&str> = typed
        .split(|c: char| !c.is_alphabetic() && !is_accent(c))
        .filter(|word| !word.is_empty())
        .collect();
    match words.len() {
        WORDS => read_in_any(&words, preferred, code_of),
        PART_WORDS => {
            let part: Part = read_in_any(&words, preferred, part_of)?;
            Err(ReadError::OnePart(part.number()))
        }
        BOTH_PARTS => {
            let (first, second) = words.split_at(PART_WORDS);
            let first = read_in_any(first, preferred, part_of)?;
            let second = read_in_any(second, preferred, part_of)
                .map_err(|error| further(error, PART_WORDS))?;
            join(&first, &second)
        }
        found => Err(ReadError::Count { found }),
    }
}

/// The same mistake, when so many words stand before those that were read.
fn further(error: ReadError, before: usize) -> ReadError {
    match error {
        ReadError::Words(wrong) => ReadError::Words(
            wrong
                .into_iter()
                .map(|wrong| WrongWord {
                    place: wrong.place + before,
                    ..wrong
                })
                .collect(),
        ),
        other => other,
    }
}

/// What the words mean in the preferred language, or else in another.
fn read_in_any<T>(
    words: &[&str],
    preferred: Language,
    make: fn(&[u8], Language) -> Option<T>,
) -> Result<T, ReadError> {
    let others = Language::ALL.into_iter().filter(|l| *l != preferred);
    let mut best: Option<ReadError> = None;
    for language in [preferred].into_iter().chain(others) {
        match read_in(language, words, make) {
            Ok(read) => return Ok(read),
            Err(error) => {
                // The list that knows more of the words is the one that was meant.
                if best
                    .as_ref()
                    .is_none_or(|best| misses(&error) < misses(best))
                {
                    best = Some(error);
                }
            }
        }
    }
    Err(best.unwrap_or(ReadError::Checksum))
}

fn misses(error: &ReadError) -> usize {
    match error {
        ReadError::Count { .. } => WORDS,
        ReadError::Words(wrong) => wrong.len(),
        _ => 0,
    }
}

fn code_of(entropy: &[u8], language: Language) -> Option<Code> {
    let entropy: [u8; ENTROPY_BYTES] = entropy.try_into().ok()?;
    Some(Code::new(entropy, language))
}

fn part_of(entropy: &[u8], language: Language) -> Option<Part> {
    let bytes: [u8; PART_BYTES] = entropy.try_into().ok()?;
    Part::new(bytes, language)
}

fn read_in<T>(
    language: Language,
    words: &[&str],
    make: fn(&[u8], Language) -> Option<T>,
) -> Result<T, ReadError> {
    let mut found = Vec::with_capacity(words.len());
    let mut wrong = Vec::new();
    for (index, typed) in words.iter().enumerate() {
        match find(language, &fold(typed)) {
            Some(word) => found.push(word),
            None => wrong.push(WrongWord {
                place: index + 1,
                typed: composed(typed),
            }),
        }
    }
    if !wrong.is_empty() {
        return Err(ReadError::Words(wrong));
    }
    let mnemonic = Mnemonic::parse_in_normalized(list(language), &found.join(" "))
        .map_err(|_| ReadError::Checksum)?;
    let (bytes, length) = mnemonic.to_entropy_array();
    let entropy = bytes.get(..length).unwrap_or_default();
    make(entropy, language).ok_or(ReadError::Checksum)
}

/// The word of the list that a folded text means: the word itself, or the only one
/// with the same first four letters.
pub(crate) fn find(language: Language, folded: &str) -> Option<&'static str> {
    let words = list(language).word_list();
    if let Some(word) = words.iter().find(|word| letters(word).eq(folded.chars())) {
        return Some(word);
    }
    let telling: String = folded.chars().take(TELLING).collect();
    if telling.chars().count() < TELLING {
        return None;
    }
    words
        .iter()
        .find(|word| letters(word).take(TELLING).eq(telling.chars()))
        .copied()
}

/// Lower case, without accents and without what stands around a word.
pub(crate) fn fold(word: &str) -> String {
    letters(word.trim()).collect()
}

fn letters(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase).flat_map(|c| {
        let letters = match c {
            'à' | 'á' | 'â' | 'ä' => [Some('a'), None],
            'ç' => [Some('c'), None],
            'è' | 'é' | 'ê' | 'ë' => [Some('e'), None],
            'ì' | 'í' | 'î' | 'ï' => [Some('i'), None],
            'ò' | 'ó' | 'ô' | 'ö' => [Some('o'), None],
            'ù' | 'ú' | 'û' | 'ü' => [Some('u'), None],
            'œ' => [Some('o'), Some('e')],
            c if is_accent(c) => [None, None],
            c => [Some(c), None],
        };
        letters.into_iter().flatten()
    })
}

/// An accent that stands as a character of its own behind its letter.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn code(seed: u8, language: Language) -> Code {
        let mut entropy = [0; ENTROPY_BYTES];
        for (place, byte) in (0_u8..).zip(&mut entropy) {
            *byte = seed.wrapping_mul(31).wrapping_add(place.wrapping_mul(97));
        }
        Code::new(entropy, language)
    }

    #[test]
    fn four_letters_without_accents_tell_every_word() {
        for language in Language::ALL {
            let words = list(language).word_list();
            let telling: BTreeSet<String> = words
                .iter()
                .map(|word| fold(word).chars().take(TELLING).collect())
                .collect();
            assert_eq!(telling.len(), words.len(), "{language:?}");
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for language in Language::ALL {
            for seed in 0..20 {
                let code = code(seed, language);
                let numbered: String = (1..)
                    .zip(code.words())
                    .map(|(place, word)| format!("{place}. {}\r\n", word.to_uppercase()))
                    .collect();
                let plain = fold(&code.text()).replace(' ', ",-;");
                let short: String = code
                    .words()
                    .iter()
                    .map(|word| word.chars().take(TELLING).collect::<String>() + " ")
                    .collect();
                for typed in [code.text(), numbered, plain, short] {
                    for preferred in Language::ALL {
                        let read = Code::read(&typed, preferred);
                        let read = read.unwrap_or_else(|error| panic!("{typed}: {error}"));
                        // The same bits: a word of both lists may change the language
                        // only if all twelve are of both.
                        assert_eq!(read, code, "{typed}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_wrong_word_is_pointed_at() {
        let words = code(3, Language::Fr).words();
        let mut typed = words.clone();
        typed[1] = "zzzz".to_owned();
        typed[11] = "qwerty".to_owned();
        let wrong = Code::read(&typed.join(" "), Language::En).unwrap_err();
        let ReadError::Words(wrong) = wrong else {
            panic!("{wrong:?}");
        };
        let places: Vec<(usize, &str)> = wrong
            .iter()
            .map(|wrong| (wrong.place, wrong.typed.as_str()))
            .collect();
        assert_eq!(places, [(2, "zzzz"), (12, "qwerty")]);
    }

    #[test]
    fn a_missing_word_and_two_that_changed_places_are_told_apart() {
        let words = code(5, Language::Fr).words();
        assert_eq!(
            Code::read(&words[1..].join(" "), Language::Fr),
            Err(ReadError::Count { found: 11 })
        );
        assert_eq!(
            Code::read("", Language::Fr),
            Err(ReadError::Count { found: 0 })
        );
        let mut typed = words;
        typed.swap(0, 1);
        assert_eq!(
            Code::read(&typed.join(" "), Language::Fr),
            Err(ReadError::Checksum)
        );
    }
}
