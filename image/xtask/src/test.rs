//! `cargo xtask test`: format, lints, unit tests, then the stories on the release
//! image. Everything runs inside the tool root, and goes on after a failure, so
//! that one run says all. The last line counts what passed and what failed.

use std::env;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::command::Tool;
use crate::garage;
use crate::image;
use crate::inside;
use crate::paths::Paths;
use crate::source;

/// What `cargo xtask test` is told.
#[derive(Args)]
pub struct TestArgs {
    /// Runs only the machine tests whose name contains this
    pub name: Option<String>,
    /// Takes the pictures of the page anew, for the README
    #[arg(long)]
    update_screenshots: bool,
}

/// How many machines run at a time. One has two processors and keeps two cores
/// busy by itself; two at a time miss deadlines as soon as anything else runs.
const MACHINES: &str = "1";

/// How many unit tests run at a time: those that take long wait for servers that are
/// slow or fail on purpose.
const UNIT_TESTS: &str = "4";

/// The fuzzer is not a part of the workspace's own build: its feature is named.
const LINTS: [&str; 9] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--features",
    "preau-fuzz/run",
    "--locked",
    "--",
    "-D",
    "warnings",
];

/// What passed and what failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    fn of_one(passed: bool) -> Self {
        Self {
            passed: usize::from(passed),
            failed: usize::from(!passed),
        }
    }
}

/// Runs the tests.
pub fn run(args: TestArgs, paths: &Paths) -> Result<()> {
    inside::ensure_inside(paths, &[])?;
    source::ensure(paths)?;
    let mut count = Count::default();
    if args.name.is_none() {
        count.add(check(paths, "format", &["fmt", "--check"])?);
        count.add(check(paths, "lints", &LINTS)?);
        let garage = garage::ensure(paths)?.to_string_lossy().into_owned();
        let unit = [
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--exclude",
            "preau-e2e",
        ];
        let settings = vec![
            ("PREAU_GARAGE", garage),
            ("RUST_TEST_THREADS", UNIT_TESTS.to_owned()),
        ];
        count.add(test(paths, "unit tests", &unit, settings)?);
    }
    match image::ensure(paths, image::QEMU_BOARD) {
        Ok(image) => {
            let settings = settings(paths, &args, &image)?;
            // With the features of the whole workspace: what the unit tests have compiled
            // is not compiled again.
            let mut stories = vec!["test", "--workspace", "--test", "stories", "--locked", "--"];
            stories.extend(["--test-threads", MACHINES]);
            stories.extend(args.name.as_deref());
            let told = test(paths, "machine tests", &stories, settings)?;
            ensure!(told != Count::default(), "no machine test has that name");
            count.add(told);
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            count.add(Count::of_one(false));
        }
    }
    println!("\n{} passed, {} failed", count.passed, count.failed);
    if count.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}

/// What the stories are told; they refuse to run without it.
fn settings(paths: &Paths, args: &TestArgs, image: &Path) -> Result<Vec<(&'static str, String)>> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let program = env::current_exe().context("finding this program")?;
    let mut settings = vec![
        ("PREAU_IMAGE_DIR", text(image)),
        ("PREAU_EVIDENCE", text(&paths.cache.join("evidence"))),
        ("PREAU_XTASK", text(&program)),
    ];
    if args.update_screenshots {
        settings.push((
            "PREAU_SCREENSHOTS",
            text(&paths.checkout.join("tests/e2e/screenshots")),
        ));
    }
    Ok(settings)
}

fn check(paths: &Paths, name: &str, args: &[&str]) -> Result<Count> {
    println!("\n== {name}");
    match cargo(paths, args).show() {
        Ok(()) => Ok(Count::of_one(true)),
        Err(error) => {
            eprintln!("error: {name}: {error:#}");
            Ok(Count::of_one(false))
        }
    }
}

fn test(paths: &Paths, name: &str, args: &[&str], settings: Vec<(&str, String)>) -> Result<Count> {
    println!("\n== {name}");
    let mut tool = cargo(paths, args);
    for (name, value) in settings {
        tool = tool.env(name, value);
    }
    let (status, text) = tool.tee()?;
    let mut count = count_results(&text);
    if !status.success() && count.failed == 0 {
        // It did not build, or it was ended: no line says so.
        eprintln!("error: {name} ended with {status}");
        count.failed += 1;
    }
    Ok(count)
}

fn cargo(paths: &Paths, args: &[&str]) -> Tool {
    Tool::new("cargo")
        .args(args)
        .dir(&paths.checkout)
        .env("CARGO_TARGET_DIR", paths.target_host())
}

/// Adds up the lines with which each test binary ends.
fn count_results(text: &str) -> Count {
    let mut count = Count::default();
    for line in text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: "))
    {
        let number = |word: &str| -> usize {
            let before = line
                .split([';', '.'])
                .map(str::trim)
                .find_map(|part| part.strip_suffix(word));
            before
                .and_then(|number| number.trim().parse().ok())
                .unwrap_or(0)
        };
        count.add(Count {
            passed: number("passed"),
            failed: number("failed"),
        });
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_binaries_are_added_up() {
        let text = "\
running 2 tests
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.31s
test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.31s
";
        assert_eq!(
            count_results(text),
            Count {
                passed: 12,
                failed: 3
            }
        );
        assert_eq!(count_results("error: could not compile"), Count::default());
    }
}
