//! The cross build of the firmware's binary. It happens inside the tool root on
//! fixed paths ([`inside::SOURCES`], [`inside::CACHE`]) and without network, so
//! that its bytes depend on the sources, the lock and the compiler alone.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::files;
use crate::inside;
use crate::paths::Paths;
use crate::progress;
use crate::source;
use crate::stamp::{Inputs, Stamp};
use crate::tools;

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// What the binary is built from.
const INPUTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "firmware", "board"];

/// Builds what changed and returns the binary.
pub fn ensure(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.cache.join("firmware");
    files::make_folder(&folder)?;
    let binary = folder.join("preau");
    let stamp = Stamp::at(folder.join("stamp"));
    let inputs = inputs(paths)?;
    if stamp.matches(&inputs) && binary.exists() {
        return Ok(binary);
    }
    source::ensure(paths)?;
    progress::step("fetching crates", || {
        plain_cargo(paths, Tool::new("cargo"))
            .args(["fetch", "--locked", "--quiet"])
            .run()
    })?;
    println!("  building the firmware for arm64");
    build(paths, &binary)?;
    stamp.set(&inputs)?;
    Ok(binary)
}

fn inputs(paths: &Paths) -> Result<String> {
    let mut inputs = Inputs::of("firmware");
    inputs.add_text("tools", &tools::fingerprint());
    for name in INPUTS {
        inputs.add_path(&paths.checkout, &paths.checkout.join(name))?;
    }
    Ok(inputs.finish())
}

fn build(paths: &Paths, binary: &Path) -> Result<()> {
    let target = Path::new(inside::CACHE).join("target/arm64");
    files::make_folder(&paths.target_arm64())?;
    let tool = Tool::new("unshare").args(["--net", "--", "cargo"]);
    plain_cargo(paths, tool)
        .args([
            "build",
            "--offline",
            "--locked",
            "--release",
            "--package=preau",
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_DIR", &target)
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc")
        .env("CXX_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-g++")
        .env("AR_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-ar")
        .env("PKG_CONFIG_ALLOW_CROSS", "1")
        .show()
        .context("cross-building the firmware")?;
    files::copy(&target.join(TARGET).join("release/preau"), binary)
}

/// Cargo on the fixed paths, and with none of the user's settings.
fn plain_cargo(paths: &Paths, tool: Tool) -> Tool {
    tool.only_env(inside::plain_environment(paths))
        .env("CARGO_HOME", Path::new(inside::CACHE).join("cargo"))
        .env("SOURCE_DATE_EPOCH", crate::image::EPOCH)
        .dir(Path::new(inside::SOURCES))
}
