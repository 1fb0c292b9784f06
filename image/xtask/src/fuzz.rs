//! `cargo xtask fuzz`: lets libFuzzer look for a text that breaks a parser's promise
//! (`firmware/host/src/targets.rs`). It begins with the corpus of the checkout, keeps
//! what it finds interesting in the cache, and leaves a text that breaks something in
//! `target/fuzz`, with the command that keeps it as a test.
//!
//! Debian's stable compiler has no sanitizers, which safe code does not need; the
//! instrumentation that libFuzzer is guided by is a pass of LLVM that it does have.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::command::Tool;
use crate::files;
use crate::inside;
use crate::paths::Paths;
use crate::source;

const CORPUS: &str = "firmware/host/fuzz/corpus";
/// Named, so that build scripts and macros are not instrumented too.
const HOST: &str = "x86_64-unknown-linux-gnu";
/// Texts of the kernel are short: a record has 8 KiB at most.
const LONGEST_TEXT: &str = "8192";
/// Files of a stand-in for sysfs are written for each text: never on a disk.
const FAST_FOLDER: &str = "/dev/shm";
/// Beside the time that the fuzzer is given: to read the corpus, and to end.
const SPARE: Duration = Duration::from_secs(120);

/// What libFuzzer asks of the compiler: counters of the ways through the code, and the
/// values that are compared.
const INSTRUMENTATION: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What `cargo xtask fuzz` is told.
#[derive(Args)]
pub struct FuzzArgs {
    /// The parser, a folder of firmware/host/fuzz/corpus; all of them when none is named
    target: Option<String>,
    /// How long each is tried
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Builds the fuzzer and runs it.
pub fn run(args: FuzzArgs, paths: &Paths) -> Result<()> {
    inside::ensure_inside(paths, &[])?;
    source::ensure(paths)?;
    let known = targets(paths)?;
    let chosen: Vec<String> = match args.target {
        None => known,
        Some(name) => {
            ensure!(
                known.contains(&name),
                "there is no parser {name:?}: {}",
                known.join(", ")
            );
            vec![name]
        }
    };
    build(paths)?;
    let mut broken = Vec::new();
    for name in chosen {
        println!("\n== {name}");
        if let Err(error) = fuzz(paths, &name, args.seconds) {
            eprintln!("error: {name}: {error:#}");
            broken.push(name);
        }
    }
    if !broken.is_empty() {
        bail!("promises are broken: {}", broken.join(", "));
    }
    Ok(())
}

/// Cargo's target folder of the fuzzer: nothing in it fits anything else.
fn target_folder(paths: &Paths) -> PathBuf {
    paths.cache.join("target/fuzz")
}

fn targets(paths: &Paths) -> Result<Vec<String>> {
    let corpus = paths.checkout.join(CORPUS);
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&corpus).with_context(|| format!("reading {}", corpus.display()))?
    {
        let entry = entry?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn build(paths: &Paths) -> Result<()> {
    let flags = INSTRUMENTATION.map(|flag| format!("{flag:?}")).join(",");
    Tool::new("cargo")
        .args(["build", "--locked", "--package", "preau-fuzz"])
        .args(["--features", "run", "--profile", "fuzz", "--target", HOST])
        .arg("--config")
        .arg(format!("build.rustflags=[{flags}]"))
        .dir(&paths.checkout)
        .env("CARGO_TARGET_DIR", target_folder(paths))
        .show()
}

fn fuzz(paths: &Paths, name: &str, seconds: u64) -> Result<()> {
    let found = paths.cache.join("fuzz").join(name);
    let broken = paths.checkout.join("target/fuzz");
    for folder in [&found, &broken] {
        files::make_folder(folder)?;
    }
    let kept = paths.checkout.join(CORPUS).join(name);
    let tried = Tool::new(program(paths))
        .arg(&found)
        .arg(&kept)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST_TEXT}"))
        .arg(format!("-artifact_prefix={}/{name}-", broken.display()))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .env("PREAU_FUZZ_TARGET", name)
        .env("TMPDIR", FAST_FOLDER)
        .within(Duration::from_secs(seconds) + SPARE)
        .show();
    tried.with_context(|| {
        format!(
            "the text is in {}: once it is understood, keep it in {CORPUS}/{name}",
            broken.display()
        )
    })
}

fn program(paths: &Paths) -> PathBuf {
    target_folder(paths)
        .join(HOST)
        .join(Path::new("fuzz/preau-fuzz"))
}
