//! The code with which a new box is claimed, as a person finds it: in a text file
//! on the first partition of the card.

use anyhow::{Result, bail};

use crate::machine::Machine;

/// The code that is printed on the console and written on the card's first partition.
pub async fn claim_code(machine: &Machine) -> Result<String> {
    let text = machine.guest().read_file(CLAIM_FILE).await?;
    find_claim_code(&String::from_utf8_lossy(&text))
}

/// Where the box writes its claim code; a person reads it in any computer.
const CLAIM_FILE: &str = "/boot/firmware/code-du-boitier.txt";

/// The word that is a code: two groups of five letters and digits.
fn find_claim_code(text: &str) -> Result<String> {
    let is_group = |group: &str| {
        group.len() == 5
            && group
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let is_code = |word: &&str| {
        word.split_once('-')
            .is_some_and(|(first, second)| is_group(first) && is_group(second))
    };
    match text.split_whitespace().find(is_code) {
        Some(code) => Ok(code.to_owned()),
        None => bail!("no claim code in {text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_among_sentences() {
        let text = "\u{feff}Préau\r\n\r\nCode du boîtier\u{a0}: 7K2PX-4MDQ9\r\nPREAU-BOOT\r\n";
        assert_eq!(find_claim_code(text).unwrap(), "7K2PX-4MDQ9");
        assert!(find_claim_code("PREAU-BOOT").is_err());
    }
}
