//! `cargo xtask bench`: builds the image and runs the measurements of
//! `tests/bench`, which print a table and write `bench.json`. With a word it runs
//! one comparison alone, and writes `bench-WORD.json`.

use anyhow::Result;
use clap::Args;

use crate::command::Tool;
use crate::image;
use crate::inside;
use crate::paths::Paths;
use crate::source;

/// What `cargo xtask bench` is told.
#[derive(Args)]
pub struct BenchArgs {
    /// `layers` compares what could find silent corruption under the volume
    what: Option<String>,
}

/// Runs the measurements.
pub fn run(args: BenchArgs, paths: &Paths) -> Result<()> {
    inside::ensure_inside(paths, &[])?;
    source::ensure(paths)?;
    let image = image::ensure(paths, image::QEMU_BOARD)?;
    let name = match &args.what {
        Some(word) => format!("target/bench-{word}.json"),
        None => "target/bench.json".to_owned(),
    };
    let result = paths.checkout.join(name);
    Tool::new("cargo")
        .args(["run", "--quiet", "--locked", "--package", "preau-bench"])
        .args(["--"].into_iter().chain(args.what.as_deref()))
        .dir(&paths.checkout)
        .env("CARGO_TARGET_DIR", paths.target_host())
        .env("PREAU_IMAGE_DIR", image)
        .env("PREAU_EVIDENCE", paths.cache.join("evidence"))
        .env("PREAU_BENCH_JSON", &result)
        .show()
}
