//! Two builds of the same sources: the image that the other stories use, and one more.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use preau_lab::{lab::setting, mins, process::run, sha256_of};

#[tokio::test(flavor = "multi_thread")]
async fn the_image_is_reproducible() -> Result<()> {
    let folder = PathBuf::from(setting("PREAU_EVIDENCE")?).join("reproducible");
    let used = PathBuf::from(setting("PREAU_IMAGE_DIR")?);
    build(&folder).await?;
    let [first, second] = [sums(&used)?, sums(&folder)?];
    ensure!(
        first.contains_key(Path::new("card.img")),
        "no card was built: {:?}",
        first.keys()
    );
    let differing: Vec<_> = first
        .keys()
        .filter(|name| first.get(*name) != second.get(*name))
        .collect();
    ensure!(
        differing.is_empty() && first.len() == second.len(),
        "two builds differ in {differing:?}; they are in {} and {}",
        used.display(),
        folder.display()
    );
    std::fs::remove_dir_all(&folder).context("removing the second image")
}

/// Builds the image anew into a folder.
async fn build(out: &Path) -> Result<()> {
    if out.exists() {
        std::fs::remove_dir_all(out)?;
    }
    std::fs::create_dir_all(out)?;
    let program = setting("PREAU_XTASK")?;
    let path = out.to_string_lossy();
    run(&program, ["image", "--no-cache", "--out", &path], mins(30))
        .await
        .context("building the image anew")?;
    Ok(())
}

/// The SHA-256 of every file of an image.
fn sums(folder: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut sums = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = PathBuf::from(path.file_name().context("a file without a name")?);
        sums.insert(name, sha256_of(&path)?);
    }
    Ok(sums)
}
