//! `preau sheet`: the recovery sheet on the console, for a box without a printer or
//! whose page cannot be reached.

use crate::console::ask;
use preau_api::SheetWords;
use preau_texts::Texts;
use std::fmt::Write;

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn print() -> anyhow::Result<()> {
    let sheet: SheetWords = ask("POST", "/v1/sheet/show").await?;
    print!("{}", describe(&sheet));
    Ok(())
}

fn describe(sheet: &SheetWords) -> String {
    let texts = Texts::new(sheet.language);
    let mut text = format!("{}\n\n", texts.t("paper-title"));
    for (number, word) in (1..).zip(&sheet.words) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{number:4}. {word}");
    }
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
