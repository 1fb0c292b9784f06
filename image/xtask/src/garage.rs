//! The object store that the offsite worker's tests copy to. Debian has none, so
//! Garage is compiled once from its published crate, whose own lock file pins all
//! that it needs.

use std::path::PathBuf;

use anyhow::Result;

use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::progress;

const VERSION: &str = "2.5.0";

/// The program, compiled unless the cache has it. Runs inside the tool root.
pub fn ensure(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.cache.join(format!("garage-{VERSION}"));
    let program = folder.join("bin/garage");
    if program.exists() {
        return Ok(program);
    }
    files::make_folder(&folder)?;
    let build = folder.join("build");
    // What takes long is compiling: the tests store megabytes.
    progress::step(&format!("compiling Garage {VERSION}"), || {
        Tool::new("cargo")
            .args(["install", "garage", "--version", &format!("={VERSION}")])
            .args(["--locked", "--debug", "--no-default-features"])
            .args(["--features", "bundled-libs,sqlite", "--no-track"])
            .arg("--target-dir")
            .arg(&build)
            .arg("--root")
            .arg(&folder)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .log(folder.join("build.log"))
            .run()?;
        files::remove(&build)
    })?;
    Ok(program)
}
