//! What Debian 13 offers for arm64 now. A private apt state, which knows
//! nothing of the tool root's own packages, is kept in the cache; apt reads and
//! verifies the archive's indexes into it, resolves names to packages and
//! downloads archives. Nothing is installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::lock::Package;
use crate::archive::Archive;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::tools;

/// The archive's indexes, read.
pub struct Index {
    state: PathBuf,
    /// Every package on offer, by the SHA-256 of its archive.
    by_hash: BTreeMap<String, Offer>,
}

/// One package on offer.
struct Offer {
    package: Package,
    depends: String,
}

impl Index {
    /// Fetches the indexes of these components anew.
    pub fn update(paths: &Paths, components: &[String]) -> Result<Self> {
        let archive = Archive::find()?;
        let state = paths.cache.join("apt-arm64");
        prepare_state(&state, &archive, components)?;
        apt(&state, "apt-get")
            .args(["--error-on=any", "update"])
            .run()?;
        let mut by_hash = BTreeMap::new();
        for list in files::walk(&state.join("state/lists"))? {
            if list.to_string_lossy().ends_with("_Packages") {
                let offers = files::read(&list)?;
                let offers = offers.split("\n\n").filter_map(parse_stanza);
                by_hash.extend(offers.map(|offer| (offer.package.sha256.clone(), offer)));
            }
        }
        ensure!(
            !by_hash.is_empty(),
            "the archive at {} offers no arm64 package",
            archive.main
        );
        Ok(Self { state, by_hash })
    }

    /// True if this very archive can still be fetched.
    pub fn offers(&self, package: &Package) -> bool {
        self.by_hash
            .get(&package.sha256)
            .is_some_and(|offer| &offer.package == package)
    }

    /// The newest packages for `names` and all that they depend on.
    pub fn resolve(&self, names: &[String]) -> Result<Vec<Package>> {
        let plan = apt(&self.state, "apt-get")
            .args(["install", "--print-uris", "--quiet=2", "--yes"])
            .args(names)
            .read()
            .context("resolving the image's packages")?;
        ensure!(plan.contains(" SHA256:"), "apt planned no package:\n{plan}");
        let hashes = plan.lines().filter_map(|line| line.rsplit_once(" SHA256:"));
        hashes
            .map(|(line, hash)| {
                let offer = self.by_hash.get(hash.trim());
                Ok(offer
                    .with_context(|| format!("the indexes lack {line}"))?
                    .package
                    .clone())
            })
            .collect()
    }

    /// The newest package of that name by itself, without its dependencies.
    pub fn newest(&self, name: &str) -> Result<Package> {
        let shown = apt(&self.state, "apt-cache")
            .args(["show", "--no-all-versions", name])
            .read()
            .with_context(|| format!("looking for the package {name}"))?;
        let offer = shown.split("\n\n").find_map(parse_stanza);
        Ok(offer
            .with_context(|| format!("the archive has no package {name}"))?
            .package)
    }

    /// The newest package that the empty package `name` stands for: its first
    /// dependency whose name starts with `prefix`.
    pub fn newest_behind(&self, name: &str, prefix: &str) -> Result<Package> {
        let package = self.newest(name)?;
        let depends = &self.by_hash[&package.sha256].depends;
        let real = depends
            .split([',', '|'])
            .filter_map(|dependency| dependency.split_whitespace().next())
            .find(|dependency| dependency.starts_with(prefix) && *dependency != name);
        self.newest(real.with_context(|| format!("{name} depends on no {prefix}…"))?)
    }

    /// Downloads archives into `folder`, under names of apt's choosing.
    pub fn download(&self, packages: &[&Package], folder: &Path) -> Result<()> {
        let wanted = packages
            .iter()
            .map(|package| format!("{}={}", package.name, package.version));
        apt(&self.state, "apt-get")
            .args(["download", "--quiet=2"])
            .args(wanted)
            .dir(folder)
            .run()
    }
}

fn apt(state: &Path, program: &str) -> Tool {
    Tool::new(program)
        .env("APT_CONFIG", state.join("apt.conf"))
        .env("LC_ALL", "C")
}

fn prepare_state(state: &Path, archive: &Archive, components: &[String]) -> Result<()> {
    for folder in ["state/lists/partial", "cache/archives/partial", "etc/none"] {
        files::make_folder(&state.join(folder))?;
    }
    files::write(&state.join("status"), "")?;
    let lines = archive
        .lines(Path::new(tools::KEYRING), components)
        .join("\n")
        + "\n";
    files::write(&state.join("etc/sources.list"), lines)?;
    let state_folder = state.display();
    // The parts folders are named so that the tool root's own settings stay out.
    let settings = format!(
        r#"APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::GzipIndexes "false";
Acquire::ForceHash "SHA256";
Acquire::Retries "3";
Dir::State "{state_folder}/state";
Dir::State::status "{state_folder}/status";
Dir::Cache "{state_folder}/cache";
Dir::Etc::sourcelist "{state_folder}/etc/sources.list";
Dir::Etc::sourceparts "{state_folder}/etc/none";
Dir::Etc::parts "{state_folder}/etc/none";
Dir::Etc::preferences "{state_folder}/etc/none";
Dir::Etc::preferencesparts "{state_folder}/etc/none";
"#
    );
    files::write(&state.join("apt.conf"), settings)
}

fn parse_stanza(stanza: &str) -> Option<Offer> {
    let field = |name: &str| {
        stanza
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .map(str::to_owned)
    };
    Some(Offer {
        package: Package {
            name: field("Package")?,
            version: field("Version")?,
            pool_path: field("Filename")?,
            sha256: field("SHA256")?,
        },
        depends: field("Depends").unwrap_or_default(),
    })
}
