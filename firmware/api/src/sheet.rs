//! The recovery sheet: showing it, and proving that somebody has it.

use jiff::Timestamp;
use preau_domain::language::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/sheet`: what may be known of it without the words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SheetView {
    /// When it was made.
    #[schema(value_type = String)]
    pub made_at: Timestamp,
    /// When somebody typed four of its words.
    #[schema(value_type = Option<String>)]
    pub proved_at: Option<Timestamp>,
    /// The places, counted from 1, whose words the box asks for.
    pub asked: Vec<usize>,
}

/// `POST /v1/sheet/show` and `/v1/sheet/parts`: asks for the words.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowSheet {
    /// The asking administrator's password; needed once the set-up has passed the
    /// sheet, and never from root on the console.
    #[serde(default)]
    pub password: Option<String>,
}

/// Answer to `POST /v1/sheet/show`. Whoever has it can open what the sheet opens.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SheetWords {
    /// The twelve words, in order.
    pub words: Vec<String>,
    /// Their language.
    pub language: Language,
    /// When the sheet was made.
    #[schema(value_type = String)]
    pub made_at: Timestamp,
}

/// Answer to `POST /v1/sheet/parts`: the sheet in three parts. Any two of them are as
/// good as the sheet, typed one after the other; one alone says nothing.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SheetParts {
    /// The fifteen words of each part, in order. They are the same each time.
    pub parts: Vec<Vec<String>>,
    /// Their language.
    pub language: Language,
    /// When the sheet was made.
    #[schema(value_type = String)]
    pub made_at: Timestamp,
}

/// `POST /v1/sheet/prove`: the words that `GET /v1/sheet` asks for, typed from the
/// paper. 403 `wrong-word` with the field `words[n]` when one of them is not it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveSheet {
    /// One for each place that is asked for.
    pub words: Vec<SheetWord>,
}

/// `POST /v1/sheet/prove-code`: all that is on the paper, for who keeps the sheet in
/// parts. 403 `other-sheet` when it is the code of another sheet.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveSheetCode {
    /// The twelve words of the sheet, or the words of two of its parts one after the
    /// other; see [`crate::Adopt::code`].
    pub code: String,
}

/// A word and its place.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetWord {
    /// Its place, counted from 1.
    pub place: usize,
    /// The word.
    pub word: String,
}
