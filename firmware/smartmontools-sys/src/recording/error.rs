//! Why a recording cannot be replayed.

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It is not JSON.
    #[error("the recording is not JSON")]
    Json(#[from] serde_json::Error),
    /// A field that every recording of its kind has is not there.
    #[error("the recording has no {0}")]
    Missing(&'static str),
    /// A line of a dump makes no sense.
    #[error("line {line}: {problem}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}
