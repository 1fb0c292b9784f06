//! The languages in which the box speaks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of the page and of the mails; the names are BCP 47 tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The BCP 47 tag, as in `<html lang>` and `Accept-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The best language for an `Accept-Language` header, if it names one of ours.
    /// Quality values order the choice as RFC 9110, section 12.5.4 says.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.split(';');
                let tag = pieces.next()?.trim();
                let quality = pieces
                    .find_map(|piece| piece.trim().strip_prefix("q="))
                    .map_or(Some(1.0), |value| value.parse::<f32>().ok())?;
                (quality > 0.0).then_some((quality, tag))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.iter().find_map(|(_, tag)| {
            let primary = tag.split('-').next().unwrap_or_default();
            Self::ALL
                .into_iter()
                .find(|language| language.tag().eq_ignore_ascii_case(primary))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_quality_wins() {
        assert_eq!(
            Language::from_accept_language("de, en-GB;q=0.7, fr-FR;q=0.9"),
            Some(Language::Fr)
        );
        assert_eq!(Language::from_accept_language("en"), Some(Language::En));
        assert_eq!(Language::from_accept_language("de, fr;q=0"), None);
    }
}
