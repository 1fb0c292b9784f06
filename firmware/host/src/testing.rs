//! What this crate's tests share.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder that is removed when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new empty folder; `name` is one test's own.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("preau-host-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that failed to clean up has not failed.
        let _ = fs::remove_dir_all(&self.0);
    }
}
