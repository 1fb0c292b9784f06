//! The tool root: Debian 13 for this machine, made once by mmdebstrap from the
//! list in `image/debian/tools.toml` and named by that list's hash. A root
//! appears under its name only when it is complete.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::archive::Archive;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::progress;
use crate::source;

const LIST: &str = include_str!("../../debian/tools.toml");

/// Where Debian keeps the keys that sign its archive.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolList {
    build: Vec<String>,
    image: Vec<String>,
    test: Vec<String>,
    compiler: Compiler,
}

impl ToolList {
    /// In mmdebstrap's notation, where a version follows an equals sign and a suite a
    /// slash. `pinned`: the compiler's files of the version that is wanted are there.
    fn packages(&self, pinned: bool) -> Vec<String> {
        let plain = self
            .build
            .iter()
            .chain(&self.image)
            .chain(&self.test)
            .cloned();
        let which = if pinned {
            format!("={}", self.compiler.version)
        } else {
            "/trixie-backports".to_owned()
        };
        let tools = self.compiler.tools.iter();
        tools
            .map(|name| format!("{name}{which}"))
            .chain(plain)
            .collect()
    }
}

/// The compiler, and the files that it comes in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compiler {
    version: String,
    tools: Vec<String>,
    files: Vec<PackageFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageFile {
    package: String,
    architecture: String,
    sha256: String,
}

impl Compiler {
    /// Fetches its files into a folder that apt can install from, and says where that
    /// is; `None` when the archive has replaced them.
    fn fetch(&self, paths: &Paths) -> Result<Option<PathBuf>> {
        let mut index = String::new();
        for wanted in &self.files {
            let name = format!(
                "{}_{}_{}.deb",
                wanted.package, self.version, wanted.architecture
            );
            let pool_path = format!("pool/main/r/rustc/{name}");
            let file = match source::fetch(paths, &pool_path, &name, &wanted.sha256) {
                Ok(file) => file,
                Err(error) => {
                    println!(
                        "  the archive does not give rustc {}: {error:#}",
                        self.version
                    );
                    println!("  the version that its lists name is taken");
                    return Ok(None);
                }
            };
            let described = Tool::new("dpkg-deb").arg("--field").arg(&file).read()?;
            let bytes = files::size(&file)?;
            let sha256 = &wanted.sha256;
            index.push_str(&format!(
                "{}\nFilename: ./{name}\nSize: {bytes}\nSHA256: {sha256}\n\n",
                described.trim_end()
            ));
        }
        files::write(&paths.sources().join("Packages"), index)?;
        Ok(Some(paths.sources()))
    }
}

/// Where the root of the present list is, or will be.
pub fn root(paths: &Paths) -> PathBuf {
    paths.cache.join(format!("root-{}", fingerprint()))
}

/// Changes whenever the list does.
pub fn fingerprint() -> String {
    files::hex(&Sha256::digest(LIST)[..6])
}

/// Makes the root if it is not there.
pub fn ensure_root(paths: &Paths) -> Result<PathBuf> {
    let root = root(paths);
    if root.is_dir() {
        return Ok(root);
    }
    files::make_folder(&paths.cache)?;
    let _building = files::lock(&paths.cache.join("root.lock"))?;
    if root.is_dir() {
        return Ok(root);
    }
    let archive = Archive::find()?;
    ensure_mmdebstrap()?;
    println!(
        "Making the tool root, once (about 2 minutes, 3 GB): {}",
        root.display()
    );
    make_root(paths, &archive, &root)?;
    Ok(root)
}

/// True if the host has what makes the root.
pub fn has_mmdebstrap() -> bool {
    Path::new("/usr/bin/mmdebstrap").exists() && Path::new(KEYRING).exists()
}

fn ensure_mmdebstrap() -> Result<()> {
    if has_mmdebstrap() {
        return Ok(());
    }
    println!("Installing mmdebstrap and debian-archive-keyring on this machine");
    // Another apt may be at work, for example right after the machine started.
    let wait = "DPkg::Lock::Timeout=300";
    // A foreign source that fails is no reason to give up: installing decides.
    let lists = progress::step("reading the package lists", || {
        Tool::new("apt-get").args(["-o", wait, "update"]).run()
    });
    if let Err(error) = lists {
        println!("  {error:#}");
    }
    progress::step("installing", || {
        Tool::new("apt-get")
            .args(["-o", wait, "install", "--yes", "--no-install-recommends"])
            .args(["mmdebstrap", "debian-archive-keyring"])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()
    })
}

fn make_root(paths: &Paths, archive: &Archive, root: &Path) -> Result<()> {
    let list: ToolList = toml::from_str(LIST).context("reading image/debian/tools.toml")?;
    let partial = root.with_extension("partial");
    files::remove(&partial)?;
    let log = paths.cache.join("root.log");
    let compiler = list.compiler.fetch(paths)?;
    // What is in that folder was checked when it was fetched, and is here already.
    let compiler_line = compiler
        .as_ref()
        .map(|folder| format!("deb [trusted=yes] copy:{} ./", folder.display()));
    progress::step("installing the tools into it", || {
        Tool::new("mmdebstrap")
            .args([
                "--mode=root",
                "--variant=apt",
                "--architectures=amd64,arm64",
            ])
            .arg("--aptopt=APT::Install-Recommends \"false\"")
            .args(proxies()?)
            .arg(format!(
                "--include={}",
                list.packages(compiler.is_some()).join(",")
            ))
            .arg("trixie")
            .arg(&partial)
            .args(archive.lines(Path::new(KEYRING), &["main".to_owned()]))
            .arg(archive.backports_line(Path::new(KEYRING)))
            .args(compiler_line)
            .within(Duration::from_secs(20 * 60))
            .log(log)
            .run()
    })?;
    ensure!(
        partial.join("usr/bin/cargo").exists(),
        "the new tool root has no cargo"
    );
    files::rename(&partial, root)
}

/// The host's own apt proxies, which mmdebstrap's private apt would not see.
fn proxies() -> Result<Vec<String>> {
    let dump = Tool::new("apt-config").args(["dump", "Acquire"]).read()?;
    let is_proxy = |line: &&str| {
        let name = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        name.starts_with("acquire::http") && name.contains("::proxy")
    };
    let set = dump
        .lines()
        .filter(is_proxy)
        .filter(|line| !line.contains("\"\""));
    Ok(set
        .map(|line| format!("--aptopt={}", line.trim_end_matches(';')))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_asked_for_by_version_or_by_suite() {
        let list: ToolList = toml::from_str(LIST).unwrap();
        let pinned = format!("rustc={}", list.compiler.version);
        assert!(list.packages(true).contains(&pinned));
        let newest = "rustc/trixie-backports".to_owned();
        assert!(list.packages(false).contains(&newest));
    }

    #[test]
    fn every_tool_of_the_compiler_has_its_file() {
        let list: ToolList = toml::from_str(LIST).unwrap();
        for tool in &list.compiler.tools {
            let (package, architecture) = tool.split_once(':').unwrap_or((tool, "amd64"));
            let is_it =
                |file: &&PackageFile| file.package == package && file.architecture == architecture;
            assert_eq!(
                list.compiler.files.iter().filter(is_it).count(),
                1,
                "{tool}"
            );
        }
    }
}
