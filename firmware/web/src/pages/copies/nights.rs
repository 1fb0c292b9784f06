//! The calendar of nights as a picture: five weeks of seven days, a sign for each
//! night and never colour alone. A sentence beside it says the same.

use crate::words::Words;
use preau_api::{NightResult, NightView};
use std::fmt::Write;

/// Between the centres of two nights, in the picture's own units.
const STEP: usize = 26;
const DAYS: usize = 7;

/// The picture with its sentence.
pub(super) fn draw(words: Words, nights: &[NightView]) -> String {
    let count = |result| nights.iter().filter(|night| night.result == result).count();
    let without = count(NightResult::Failed) + count(NightResult::Missed);
    let label = format!(
        "{}, {}",
        words.count("copies-nights-good", count(NightResult::Good)),
        words.count("copies-nights-without", without)
    );
    let weeks = nights.len().div_ceil(DAYS).max(1);
    let (width, height) = (DAYS * STEP, weeks * STEP);
    let mut svg = format!(
        r#"<svg class="nights" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#,
        escape(&label)
    );
    for (place, night) in nights.iter().enumerate() {
        let x = place % DAYS * STEP + STEP / 2;
        let y = place / DAYS * STEP + STEP / 2;
        let (class, sign) = match night.result {
            NightResult::Good => ("good", r#"<path d="m-4 0 3 3 5-6"/>"#),
            NightResult::Failed => ("failed", r#"<path d="m-4-4 8 8m0-8-8 8"/>"#),
            NightResult::Missed => ("missed", r#"<path d="M-4 0h8"/>"#),
            NightResult::None => ("none", ""),
        };
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            r#"<g class="night-{class}" data-night="{}" transform="translate({x} {y})"><title>{}</title><circle r="10"/>{sign}</g>"#,
            night.date, night.date
        );
    }
    svg.push_str("</svg>");
    let _ = write!(svg, r#"<p class="hint">{}</p>"#, escape(&label));
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    #[test]
    fn every_night_has_its_sign_and_the_picture_its_sentence() {
        let results = [
            NightResult::Good,
            NightResult::Failed,
            NightResult::Missed,
            NightResult::None,
        ];
        let nights: Vec<NightView> = results
            .into_iter()
            .zip(21..)
            .map(|(result, day)| NightView {
                date: format!("2026-11-{day}"),
                result,
            })
            .collect();
        let svg = draw(Words::new(Language::En), &nights);
        for part in [
            r#"class="night-good" data-night="2026-11-21""#,
            r#"class="night-failed""#,
            r#"class="night-missed""#,
            "1 night with a copy, 2 without",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
    }
}
