//! Which Debian archive to use. No address is written in this project: the
//! host's own apt sources name the archive (and its security part), the tool
//! root is made from it, and the same two addresses are handed into the root.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::files;

const MAIN_VARIABLE: &str = "PREAU_ARCHIVE";
const SECURITY_VARIABLE: &str = "PREAU_ARCHIVE_SECURITY";

/// Suites that only Debian's own archive has.
const DEBIAN_SUITES: [&str; 7] = [
    "bookworm",
    "trixie",
    "forky",
    "stable",
    "oldstable",
    "testing",
    "sid",
];

/// The addresses of Debian's archive and of its security updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Holds `dists/trixie`.
    pub main: String,
    /// Holds `dists/trixie-security`.
    pub security: String,
}

impl Archive {
    /// Reads the host's apt sources, or, inside the tool root, what was read before.
    pub fn find() -> Result<Self> {
        if let (Ok(main), Ok(security)) = (env::var(MAIN_VARIABLE), env::var(SECURITY_VARIABLE)) {
            return Ok(Self { main, security });
        }
        Self::of_sources(&read_sources(Path::new("/etc/apt"))?)
            .context("no Debian archive is named in /etc/apt/sources.list or sources.list.d; add one for Debian 12 or 13, as a fresh Debian has it")
    }

    /// The variables that carry this into the tool root.
    pub fn variables(&self) -> [(&'static str, &str); 2] {
        [
            (MAIN_VARIABLE, &self.main),
            (SECURITY_VARIABLE, &self.security),
        ]
    }

    /// The lines of an apt sources list for Debian 13 and its updates.
    pub fn lines(&self, keyring: &Path, components: &[String]) -> Vec<String> {
        let suites = [
            (&self.main, "trixie"),
            (&self.main, "trixie-updates"),
            (&self.security, "trixie-security"),
        ];
        let signed = format!("[signed-by={}]", keyring.display());
        let components = components.join(" ");
        let line = |(address, suite)| format!("deb {signed} {address} {suite} {components}");
        suites.map(line).to_vec()
    }

    /// The line of Debian 13's backports.
    pub fn backports_line(&self, keyring: &Path) -> String {
        format!(
            "deb [signed-by={}] {} trixie-backports main",
            keyring.display(),
            self.main
        )
    }

    fn of_sources(sources: &[Source]) -> Option<Self> {
        let from_debian = |source: &&Source| source.components.iter().any(|name| name == "main");
        // Others also name their suites after Debian's; Debian's mirrors end in /debian.
        let main = sources
            .iter()
            .filter(from_debian)
            .filter(|source| DEBIAN_SUITES.contains(&source.suite.as_str()))
            .max_by_key(|source| source.address.ends_with("/debian"))?;
        let security = sources
            .iter()
            .filter(from_debian)
            .find(|source| {
                source
                    .suite
                    .strip_suffix("-security")
                    .is_some_and(|suite| DEBIAN_SUITES.contains(&suite))
            })
            .map_or_else(
                || format!("{}-security", main.address),
                |source| source.address.clone(),
            );
        Some(Self {
            main: main.address.clone(),
            security,
        })
    }
}

/// One address and suite of apt's sources.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    address: String,
    suite: String,
    components: Vec<String>,
}

fn read_sources(apt: &Path) -> Result<Vec<Source>> {
    let mut files = vec![apt.join("sources.list")];
    if let Ok(parts) = fs::read_dir(apt.join("sources.list.d")) {
        let mut parts: Vec<_> = parts.flatten().map(|entry| entry.path()).collect();
        parts.sort();
        files.extend(parts);
    }
    let mut sources = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => sources.extend(parse_one_line(&files::read(file)?)),
            Some("sources") => sources.extend(parse_deb822(&files::read(file)?)),
            _ => {}
        }
    }
    for source in &mut sources {
        source.address = resolve_mirror_file(&source.address)?;
    }
    Ok(sources)
}

/// `mirror+file:/etc/apt/mirrors/…`, as cloud images have it, stands for the
/// addresses in that file.
fn resolve_mirror_file(address: &str) -> Result<String> {
    let Some(file) = address.strip_prefix("mirror+file:") else {
        return Ok(address.trim_end_matches('/').to_owned());
    };
    let list = files::read(Path::new(file.trim_start_matches("//")))?;
    let first = list
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let first = first.and_then(|line| line.split_whitespace().next());
    let first = first.with_context(|| format!("{file} names no mirror"))?;
    Ok(first.trim_end_matches('/').to_owned())
}

fn parse_one_line(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_deb_line).collect()
}

fn parse_deb_line(line: &str) -> Option<Source> {
    let rest = line.split('#').next()?.trim().strip_prefix("deb ")?.trim();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    Some(Source {
        address: words.next()?,
        suite: words.next()?,
        components: words.collect(),
    })
}

fn parse_deb822(text: &str) -> Vec<Source> {
    let without_comments: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    without_comments
        .join("\n")
        .split("\n\n")
        .flat_map(parse_stanza)
        .collect()
}

fn parse_stanza(stanza: &str) -> Vec<Source> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for line in stanza.lines() {
        let (name, value) = match line.split_once(':') {
            Some((name, value)) if !line.starts_with([' ', '\t']) => (Some(name), value),
            _ => (None, line),
        };
        if let Some(name) = name {
            fields.push((name.to_ascii_lowercase(), Vec::new()));
        }
        if let Some((_, words)) = fields.last_mut() {
            words.extend(value.split_whitespace().map(str::to_owned));
        }
    }
    let field = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name == wanted)
            .map_or(&[][..], |(_, words)| words)
    };
    if field("enabled").first().is_some_and(|word| word == "no")
        || !field("types").iter().any(|word| word == "deb")
    {
        return Vec::new();
    }
    let suites = field("suites");
    field("uris")
        .iter()
        .flat_map(|address| suites.iter().map(move |suite| (address, suite)))
        .map(|(address, suite)| Source {
            address: address.clone(),
            suite: suite.clone(),
            components: field("components").to_vec(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_sources_name_the_archive_and_its_security_part() {
        let text = "# deb http://old.example/debian bookworm main\n\
            deb [arch=amd64] http://docker.example/linux/debian bookworm stable\n\
            deb http://extra.example/php trixie main\n\
            deb [signed-by=/k] http://near.example/debian trixie main contrib\n\
            deb http://near.example/debian-security trixie-security main\n";
        let archive = Archive::of_sources(&parse_one_line(text)).unwrap();
        assert_eq!(archive.main, "http://near.example/debian");
        assert_eq!(archive.security, "http://near.example/debian-security");
    }

    #[test]
    fn deb822_sources_are_read_with_comments_and_folded_fields() {
        let text = "Types: deb deb-src\n# a note\nURIs: http://near.example/debian\n\
            Suites: bookworm\n bookworm-updates\nComponents: main\n\n\
            Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: sid\nComponents: main\n";
        let sources = parse_deb822(text);
        assert_eq!(sources.len(), 2);
        let archive = Archive::of_sources(&sources).unwrap();
        assert_eq!(archive.main, "http://near.example/debian");
        assert_eq!(archive.security, "http://near.example/debian-security");
    }
}
