//! `cargo xtask bench`: builds the image and runs the measurements of
//! `tests/bench`, which print a table and write `bench.json`. With a word it runs
//! one of them alone, and writes `bench-WORD.json`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;

use crate::command::Tool;
use crate::files;
use crate::image;
use crate::inside;
use crate::paths::Paths;
use crate::progress;
use crate::source;

/// Each of a dozen faults three times, and the mirror healed after each.
const LONGEST: Duration = Duration::from_secs(5 * 3600);

/// What `cargo xtask bench` is told.
#[derive(Args)]
pub struct BenchArgs {
    /// One alone: `faults` (how soon each is noticed, beside mdadm and smartd), `idle`,
    /// `pull`, `rebuild`, `layers` (what could find silent corruption), `copies` (the
    /// offsite worker beside restic), or `record` (what the kernel and the programs say
    /// of broken disks)
    what: Option<String>,
    /// For `faults`: how often each is made
    #[arg(long, default_value_t = 3)]
    samples: usize,
    /// For `faults`: only those whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// For `copies`: with so many files; may be given several times
    #[arg(long)]
    files: Vec<u64>,
}

/// `tests/bench/smartd.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Smartd {
    file: String,
    pool: String,
    sha256: String,
}

/// Runs the measurements.
pub fn run(args: BenchArgs, paths: &Paths) -> Result<()> {
    inside::ensure_inside(paths, &[])?;
    source::ensure(paths)?;
    let name = match &args.what {
        Some(word) => format!("target/bench-{word}.json"),
        None => "target/bench.json".to_owned(),
    };
    let result = paths.checkout.join(name);
    let mut tool = Tool::new("cargo")
        .args(["run", "--quiet", "--locked", "--package", "preau-bench"])
        .args(["--"].into_iter().chain(args.what.as_deref()))
        .dir(&paths.checkout)
        .env("CARGO_TARGET_DIR", paths.target_host())
        .env("PREAU_BENCH_JSON", &result)
        .within(LONGEST);
    if args.what.as_deref() == Some("copies") {
        tool = tool
            .args(args.files.iter().map(u64::to_string))
            .env("PREAU_BENCH_WORKER", worker(paths)?)
            .env("PREAU_BENCH_PLACE", paths.cache.join("bench"));
        return tool.show();
    }
    tool = tool
        .env("PREAU_IMAGE_DIR", image::ensure(paths, image::QEMU_BOARD)?)
        .env("PREAU_EVIDENCE", paths.cache.join("evidence"));
    if args.what.as_deref() == Some("faults") {
        tool = tool
            .arg(args.samples.to_string())
            .arg(&args.only)
            .env("PREAU_BENCH_SMARTD", smartd(paths)?);
    }
    tool.show()
}

/// The offsite worker as it is released, for this machine.
fn worker(paths: &Paths) -> Result<PathBuf> {
    let target = paths.target_host();
    progress::step("compiling the offsite worker", || {
        Tool::new("cargo")
            .args(["build", "--release", "--locked"])
            .args(["--package", "preau-offsite"])
            .dir(&paths.checkout)
            .env("CARGO_TARGET_DIR", &target)
            .within(LONGEST)
            .run()
    })?;
    Ok(target.join("release/preau-offsite"))
}

/// Fetches and unpacks smartd unless the cache has it.
fn smartd(paths: &Paths) -> Result<PathBuf> {
    let described = paths.checkout.join("tests/bench/smartd.toml");
    let wanted: Smartd = toml::from_str(&files::read(&described)?)
        .with_context(|| format!("reading {}", described.display()))?;
    let archive = source::fetch(paths, &wanted.pool, &wanted.file, &wanted.sha256)?;
    let folder = paths.cache.join("bench").join(&wanted.file);
    if !folder.is_dir() {
        let arriving = folder.with_extension("arriving");
        files::remove(&arriving)?;
        image::unpack(&archive, &arriving)?;
        files::rename(&arriving, &folder)?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_of_smartd_is_readable() {
        let text = include_str!("../../../tests/bench/smartd.toml");
        let smartd: Smartd = toml::from_str(text).unwrap();
        assert!(smartd.pool.ends_with(&smartd.file) && smartd.sha256.len() == 64);
    }
}
