//! `image/debian/packages.lock`: exactly which archives the image is made of.
//! A line holds the group, name, version, pool path and SHA-256 of one; its
//! first line holds the hash of the list that was resolved, so that a changed
//! list is noticed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::files;

/// One Debian package, down to its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// `mdadm`
    pub name: String,
    /// `4.4-11`
    pub version: String,
    /// `pool/main/m/mdadm/mdadm_4.4-11_arm64.deb`
    pub pool_path: String,
    /// Of the archive file, in hexadecimal.
    pub sha256: String,
}

/// What a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Unpacked into the root of every board.
    Root,
    /// Unpacked into the root of one board only.
    Board,
    /// Looked into: boot loader, busybox.
    Part,
    /// Looked into; its name changes with its version.
    Kernel,
}

/// What the kernel's package is asked for as, whatever its name.
pub const KERNEL: &str = "kernel";

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Board => "board",
            Self::Part => "part",
            Self::Kernel => "kernel",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let roles = [Self::Root, Self::Board, Self::Part, Self::Kernel];
        roles.into_iter().find(|role| role.word() == word)
    }
}

/// The archives of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The hash of the list that these were resolved from.
    pub wanted: String,
    /// By role and name.
    pub packages: BTreeMap<(Role, String), Package>,
}

impl Lock {
    /// Reads a lock; an absent file is `None`.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        Self::parse(&files::read(path)?)
            .map(Some)
            .with_context(|| format!("reading {}", path.display()))
    }

    /// Writes the lock.
    pub fn write(&self, path: &Path) -> Result<()> {
        files::write(path, self.format())
    }

    /// The packages of a role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(move |((of, _), _)| *of == role)
            .map(|(_, package)| package)
    }

    /// The package of that name that is looked into, or the [`KERNEL`].
    pub fn part(&self, name: &str) -> Result<&Package> {
        let found = match name {
            KERNEL => self.of_role(Role::Kernel).next(),
            name => self.packages.get(&(Role::Part, name.to_owned())),
        };
        found.with_context(|| format!("the package lock lacks {name}"))
    }

    /// What differs in `other`, a line each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, package) in &self.packages {
            match other.packages.get(key) {
                None => lines.push(format!("- {} {}", package.name, package.version)),
                Some(now) if now.version != package.version => {
                    lines.push(format!(
                        "  {} {} → {}",
                        package.name, package.version, now.version
                    ));
                }
                Some(now) if now != package => {
                    lines.push(format!(
                        "  {} {} (other bytes)",
                        package.name, package.version
                    ));
                }
                Some(_) => {}
            }
        }
        let new = other
            .packages
            .iter()
            .filter(|(key, _)| !self.packages.contains_key(key));
        lines.extend(new.map(|(_, package)| format!("+ {} {}", package.name, package.version)));
        lines
    }

    fn parse(text: &str) -> Result<Self> {
        let mut wanted = None;
        let mut packages = BTreeMap::new();
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["wanted", hash] => wanted = Some(hash.to_owned()),
                [role, name, version, pool_path, sha256] => {
                    let role = Role::of_word(role).with_context(|| format!("no role {role}"))?;
                    let package = Package {
                        name: name.to_owned(),
                        version: version.to_owned(),
                        pool_path: pool_path.to_owned(),
                        sha256: sha256.to_owned(),
                    };
                    packages.insert((role, name.to_owned()), package);
                }
                _ => bail!("this line is none of a package lock: {line}"),
            }
        }
        Ok(Self {
            wanted: wanted.context("the line `wanted` is missing")?,
            packages,
        })
    }

    fn format(&self) -> String {
        let mut text = String::from(
            "# Written by `cargo xtask image --update-lock`: role, name, version, pool path, SHA-256.\n",
        );
        text.push_str(&format!("wanted {}\n", self.wanted));
        for ((role, name), package) in &self.packages {
            let Package {
                version,
                pool_path,
                sha256,
                ..
            } = package;
            text.push_str(&format!(
                "{} {name} {version} {pool_path} {sha256}\n",
                role.word()
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(packages: &[(&str, &str)]) -> Lock {
        let packages = packages.iter().map(|(name, version)| {
            let package = Package {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                pool_path: format!("pool/main/{name}.deb"),
                sha256: format!("{name}{version}"),
            };
            ((Role::Root, (*name).to_owned()), package)
        });
        Lock {
            wanted: "abc".to_owned(),
            packages: packages.collect(),
        }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = lock(&[("mdadm", "4.4-11"), ("udev", "257.8-1")]);
        assert_eq!(Lock::parse(&lock.format()).unwrap(), lock);
    }

    #[test]
    fn differences_name_what_moved_left_and_came() {
        let before = lock(&[("mdadm", "4.4-11"), ("udev", "257.8-1"), ("gone", "1")]);
        let after = lock(&[("mdadm", "4.4-12"), ("udev", "257.8-1"), ("new", "2")]);
        assert_eq!(
            before.differences(&after),
            ["- gone 1", "  mdadm 4.4-11 → 4.4-12", "+ new 2"]
        );
    }
}
