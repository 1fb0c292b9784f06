//! `cargo xtask bench`: builds the image and runs the measurements of
//! `tests/bench`, which print a table and write `bench.json`.

use anyhow::Result;
use clap::Args;

use crate::command::Tool;
use crate::image;
use crate::inside;
use crate::paths::Paths;
use crate::source;

/// What `cargo xtask bench` is told.
#[derive(Args)]
pub struct BenchArgs {}

/// Runs the measurements.
pub fn run(_args: BenchArgs, paths: &Paths) -> Result<()> {
    inside::ensure_inside(paths, &[])?;
    source::ensure(paths)?;
    let image = image::ensure(paths, image::QEMU_BOARD)?;
    let result = paths.checkout.join("target/bench.json");
    Tool::new("cargo")
        .args(["run", "--quiet", "--locked", "--package", "preau-bench"])
        .dir(&paths.checkout)
        .env("CARGO_TARGET_DIR", paths.target_host())
        .env("PREAU_IMAGE_DIR", image)
        .env("PREAU_EVIDENCE", paths.cache.join("evidence"))
        .env("PREAU_BENCH_JSON", &result)
        .show()
}
