//! From the list of wanted packages to archives in the cache.
//!
//! `packages.toml` says what is wanted, `packages.lock` what that was when it
//! was last resolved. As long as every locked archive is in the cache or still
//! on offer, exactly those are used. When the archive has moved on, the newest
//! of Debian 13 is taken instead, the difference is printed, and the lock in
//! the checkout stays as it is until `--update-lock`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::index::Index;
use super::lock::{Lock, Package, Role};
use crate::board::Board;
use crate::files;
use crate::paths::Paths;
use crate::progress;
use crate::stamp::Inputs;

/// `image/debian/packages.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageList {
    /// Resolved with all they depend on.
    root: BTreeMap<String, Vec<String>>,
    /// Taken out of what was resolved: only maintainer scripts need them.
    leave_out: Vec<String>,
    /// Taken alone, to look into.
    parts: Vec<String>,
    kernel: Kernel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kernel {
    /// The package that always depends on the newest kernel.
    follows: String,
    /// How the names of real kernel packages start.
    prefix: String,
}

/// Where to find the archives of an image.
pub struct Archives {
    folder: PathBuf,
    /// What they are.
    pub lock: Lock,
}

impl Archives {
    /// The file of a package.
    pub fn file(&self, package: &Package) -> PathBuf {
        archive_file(&self.folder, package)
    }

    /// The file of a package that is looked into.
    pub fn part(&self, name: &str) -> Result<PathBuf> {
        Ok(self.file(self.lock.part(name)?))
    }
}

/// Makes sure that every archive of the image is in the cache.
pub fn obtain(paths: &Paths, board: &Board, update_lock: bool) -> Result<Archives> {
    let list_file = paths.checkout.join("image/debian/packages.toml");
    let text = files::read(&list_file)?;
    let list: PackageList =
        toml::from_str(&text).with_context(|| format!("reading {}", list_file.display()))?;
    let mut inputs = Inputs::of("packages");
    inputs.add_text("list", &text);
    inputs.add_text("board", &board.packages_text());
    let wanted = inputs.finish();

    let folder = paths.packages();
    files::make_folder(&folder)?;
    let lock_file = lock_file(paths, board);
    let locked = Lock::read(&lock_file)?;
    let known = locked
        .as_ref()
        .filter(|lock| lock.wanted == wanted && !update_lock);
    if let Some(lock) = known.filter(|lock| missing(&folder, lock).is_empty()) {
        return Ok(Archives {
            folder,
            lock: lock.clone(),
        });
    }
    // What was resolved when the archive had moved on before is kept too.
    let moved_file = paths.cache.join("packages-moved").join(lock_name(board));
    if !update_lock && let Some(moved) = moved_on(&moved_file, &folder, &wanted, &lock_file)? {
        println!("  the archive has moved on from the lock: packages as resolved before");
        return Ok(Archives {
            folder,
            lock: moved,
        });
    }

    let index = progress::step("reading Debian's package indexes", || {
        Index::update(paths, &board.image.components)
    })?;
    if let Some(lock) = known {
        let gone: Vec<_> = missing(&folder, lock);
        let gone: Vec<_> = gone
            .iter()
            .filter(|package| !index.offers(package))
            .collect();
        if gone.is_empty() {
            fetch(&index, &folder, lock)?;
            return Ok(Archives {
                folder,
                lock: lock.clone(),
            });
        }
        let names: Vec<_> = gone
            .iter()
            .map(|gone| format!("{} {}", gone.name, gone.version))
            .collect();
        println!("  no longer in the archive: {}", names.join(", "));
        println!("  taking the newest of Debian 13 with its security updates");
    } else if !update_lock {
        println!("  the package list is not the locked one: resolving it");
    }
    let lock = progress::step("resolving", || resolve(&index, &list, board, wanted))?;
    fetch(&index, &folder, &lock)?;
    report_differences(locked.as_ref(), &lock);
    if update_lock {
        lock.write(&lock_file)?;
        println!("  wrote {}", lock_file.display());
    } else {
        files::make_folder(&paths.cache.join("packages-moved"))?;
        lock.write(&moved_file)?;
        files::write(&base_file(&moved_file), lock_hash(&lock_file)?)?;
    }
    Ok(Archives { folder, lock })
}

/// The lock of a board. The boards share every package but a few, but each has
/// its own file, so that updating one does not touch another.
pub fn lock_file(paths: &Paths, board: &Board) -> PathBuf {
    paths.checkout.join("image/debian").join(lock_name(board))
}

fn lock_name(board: &Board) -> String {
    match board.name.as_str() {
        super::QEMU_BOARD => "packages.lock".to_owned(),
        other => format!("packages.{}.lock", other.replace('/', "-")),
    }
}

fn moved_on(file: &Path, folder: &Path, wanted: &str, lock_file: &Path) -> Result<Option<Lock>> {
    let Some(moved) = Lock::read(file)? else {
        return Ok(None);
    };
    let same_base = files::read(&base_file(file)).ok() == Some(lock_hash(lock_file)?);
    let usable = same_base && moved.wanted == wanted && missing(folder, &moved).is_empty();
    Ok(usable.then_some(moved))
}

fn base_file(moved: &Path) -> PathBuf {
    moved.with_extension("base")
}

fn lock_hash(lock_file: &Path) -> Result<String> {
    if lock_file.exists() {
        files::sha256(lock_file)
    } else {
        Ok("none".to_owned())
    }
}

fn resolve(index: &Index, list: &PackageList, board: &Board, wanted: String) -> Result<Lock> {
    let mut packages = BTreeMap::new();
    let mut add = |role: Role, resolved: Vec<Package>| {
        for package in resolved {
            let in_root = packages.contains_key(&(Role::Root, package.name.clone()));
            let known = role == Role::Board && in_root;
            if !known && !list.leave_out.contains(&package.name) {
                packages.insert((role, package.name.clone()), package);
            }
        }
    };
    let names: Vec<String> = list.root.values().flatten().cloned().collect();
    add(Role::Root, index.resolve(&names)?);
    let with_board: Vec<String> = names.iter().chain(&board.image.packages).cloned().collect();
    add(Role::Board, index.resolve(&with_board)?);
    for name in list.parts.iter().chain(&board.image.parts) {
        add(Role::Part, vec![index.newest(name)?]);
    }
    let kernel = index.newest_behind(&list.kernel.follows, &list.kernel.prefix)?;
    packages.insert((Role::Kernel, kernel.name.clone()), kernel);
    Ok(Lock { wanted, packages })
}

fn missing<'a>(folder: &Path, lock: &'a Lock) -> Vec<&'a Package> {
    lock.packages
        .values()
        .filter(|package| !archive_file(folder, package).exists())
        .collect()
}

fn archive_file(folder: &Path, package: &Package) -> PathBuf {
    folder.join(format!("{}.deb", package.sha256))
}

fn fetch(index: &Index, folder: &Path, lock: &Lock) -> Result<()> {
    let missing = missing(folder, lock);
    if missing.is_empty() {
        return Ok(());
    }
    progress::step(&format!("fetching {} packages", missing.len()), || {
        let arriving = folder.join("arriving");
        files::empty_folder(&arriving)?;
        index.download(&missing, &arriving)?;
        // apt has checked the bytes against the signed index; the name in the
        // cache is what we check ourselves.
        for file in files::walk(&arriving)? {
            files::rename(
                &file,
                &folder.join(format!("{}.deb", files::sha256(&file)?)),
            )?;
        }
        files::remove(&arriving)
    })?;
    for package in missing {
        let file = archive_file(folder, package);
        ensure!(
            file.exists(),
            "{} {} did not arrive as locked",
            package.name,
            package.version
        );
    }
    Ok(())
}

fn report_differences(locked: Option<&Lock>, now: &Lock) {
    let Some(locked) = locked else { return };
    let differences = locked.differences(now);
    if differences.is_empty() {
        println!("  no package differs from the lock");
    } else {
        println!("  differences from the lock:");
        differences.iter().for_each(|line| println!("    {line}"));
    }
}
