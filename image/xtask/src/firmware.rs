//! The cross build of the firmware's binaries. It happens inside the tool root on
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

/// The packages, each with a binary of its name. One after the other: built at once,
/// the supervisor would get the features of the worker's libraries.
pub const BINARIES: [&str; 2] = ["preau", "preau-offsite"];

/// What the binaries are built from.
const INPUTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "firmware", "board"];

/// Builds what changed and returns the folder of the binaries.
pub fn ensure(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.cache.join("firmware");
    files::make_folder(&folder)?;
    let stamp = Stamp::at(folder.join("stamp"));
    let inputs = inputs(paths)?;
    let all_there = BINARIES.iter().all(|name| folder.join(name).exists());
    if stamp.matches(&inputs) && all_there {
        return Ok(folder);
    }
    source::ensure(paths)?;
    progress::step("fetching crates", || {
        plain_cargo(paths, Tool::new("cargo"))
            .args(["fetch", "--locked", "--quiet"])
            .run()
    })?;
    for name in BINARIES {
        println!("  building {name} for arm64");
        build(paths, name, &folder.join(name))?;
    }
    stamp.set(&inputs)?;
    Ok(folder)
}

fn inputs(paths: &Paths) -> Result<String> {
    let mut inputs = Inputs::of("firmware");
    inputs.add_text("tools", &tools::fingerprint());
    for name in INPUTS {
        inputs.add_path(&paths.checkout, &paths.checkout.join(name))?;
    }
    Ok(inputs.finish())
}

fn build(paths: &Paths, package: &str, binary: &Path) -> Result<()> {
    let target = Path::new(inside::CACHE).join("target/arm64");
    files::make_folder(&paths.target_arm64())?;
    let tool = Tool::new("unshare").args(["--net", "--", "cargo"]);
    plain_cargo(paths, tool)
        .args([
            "build",
            "--offline",
            "--locked",
            "--release",
            "--package",
            package,
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
        .with_context(|| format!("cross-building {package}"))?;
    let built = target.join(TARGET).join("release").join(package);
    files::copy(&built, binary)
}

/// Cargo on the fixed paths, and with none of the user's settings.
fn plain_cargo(paths: &Paths, tool: Tool) -> Tool {
    tool.only_env(inside::plain_environment(paths))
        .env("CARGO_HOME", Path::new(inside::CACHE).join("cargo"))
        .env("SOURCE_DATE_EPOCH", crate::image::EPOCH)
        .dir(Path::new(inside::SOURCES))
}
