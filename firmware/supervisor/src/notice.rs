//! What the console and the file on the card say until somebody looks after the box.

use preau_domain::language::Language;
use preau_texts::Texts;

/// Where the page is, in every home network.
const ADDRESS: &str = "https://preau.local";

/// Address, code and fingerprint, in every language.
pub fn text(code: &str, fingerprint: &str) -> String {
    let parts = Language::ALL.map(Texts::new).map(|texts| {
        [
            texts.t_with("notice-open", &[("address", ADDRESS.into())]),
            texts.t_with("notice-code", &[("code", code.into())]),
            texts.t_with("notice-fingerprint", &[("fingerprint", fingerprint.into())]),
        ]
        .join("\n")
    });
    format!("Préau\n\n{}\n", parts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_there_in_both_languages() {
        let text = text("AAAAA-BBBBB", "AB:CD").replace('\u{a0}', " ");
        assert!(text.contains("Code du boîtier : AAAAA-BBBBB\n"), "{text}");
        assert!(text.contains("Code of the box: AAAAA-BBBBB\n"), "{text}");
        assert_eq!(text.matches("AB:CD").count(), 2);
    }
}
