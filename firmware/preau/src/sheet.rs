//! `preau sheet`: the recovery sheet on the console, for a box without a printer or
//! whose page cannot be reached.

use crate::console::ask;
use preau_api::{SheetParts, SheetWords};
use preau_texts::Texts;
use std::fmt::Write;

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn print(parts: bool) -> anyhow::Result<()> {
    if parts {
        let sheet: SheetParts = ask("POST", "/v1/sheet/parts").await?;
        print!("{}", describe_parts(&sheet));
        return Ok(());
    }
    let sheet: SheetWords = ask("POST", "/v1/sheet/show").await?;
    print!("{}", describe(&sheet));
    Ok(())
}

fn describe_parts(sheet: &SheetParts) -> String {
    let texts = Texts::new(sheet.language);
    let mut text = String::new();
    for (number, part) in (1_usize..).zip(&sheet.parts) {
        let args = [
            ("number", number.into()),
            ("parts", sheet.parts.len().into()),
        ];
        let _ = writeln!(text, "{}\n", texts.t_with("paper-part-title", &args));
        number_words(&mut text, part);
        let _ = writeln!(text, "\n{}\n", texts.t_with("paper-part-what-for", &args));
    }
    text
}

fn number_words(text: &mut String, words: &[String]) {
    for (number, word) in (1..).zip(words) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{number:4}. {word}");
    }
}

fn describe(sheet: &SheetWords) -> String {
    let texts = Texts::new(sheet.language);
    let mut text = format!("{}\n\n", texts.t("paper-title"));
    number_words(&mut text, &sheet.words);
    let _ = writeln!(text, "\n{}", texts.t("paper-what-for"));
    let _ = writeln!(text, "{}", texts.t("paper-keep-secret"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    #[test]
    fn the_words_are_numbered() {
        let text = describe(&SheetWords {
            words: vec!["cascade".to_owned(), "l\u{e9}zard".to_owned()],
            language: Language::Fr,
            made_at: Default::default(),
        });
        assert!(
            text.contains("   1. cascade\n   2. l\u{e9}zard\n"),
            "{text}"
        );
    }
}
