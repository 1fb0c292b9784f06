//! Pictures of the pages.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use preau_lab::Browser;

/// Keeps a picture for the README when `--update-screenshots` asks for it.
pub async fn picture(browser: &Browser, name: &str) -> Result<()> {
    let pixels = browser.picture().await?;
    ensure!(pixels.starts_with(b"\x89PNG"), "{name} is no picture");
    if let Some(folder) = std::env::var_os("PREAU_SCREENSHOTS").map(PathBuf::from) {
        std::fs::create_dir_all(&folder)?;
        keep(&folder.join(format!("{name}.png")), &pixels)?;
    }
    Ok(())
}

/// Keeps the page where a story stopped: its picture says more than the error, which is
/// given back.
pub async fn with_evidence(browser: &Browser, told: Result<()>) -> Result<()> {
    if told.is_err()
        && let Err(error) = browser.keep_evidence("where-it-stopped").await
    {
        eprintln!("the page could not be kept: {error:#}");
    }
    told
}

#[expect(
    clippy::disallowed_methods,
    reason = "a picture for the README: nothing depends on it"
)]
fn keep(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}
