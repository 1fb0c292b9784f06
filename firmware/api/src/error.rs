//! How a refusal is told: a field, a code for programs, a sentence for people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiError {
    /// The field that is meant, as it is named in the request; `None` when the
    /// request as a whole is.
    pub field: Option<String>,
    /// For programs: `wrong-code`, `too-short`, `disk-gone`, … Codes never change.
    pub code: String,
    /// What was refused, the rule, and how to put it right.
    pub message: String,
    /// How long to wait before another try, in seconds, when that is the reason.
    pub retry_after: Option<u64>,
}

/// The body of every answer with a 4xx or 5xx status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// Why.
    pub error: ApiError,
}
