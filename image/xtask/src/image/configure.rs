//! From unpacked packages to a root that boots: what maintainer scripts would
//! have done on a running system is done here from outside, natively. Users
//! first, then the overlay and the firmware, then units, then what is not
//! wanted goes.

use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::EPOCH;
use super::kernel::Kernel;
use super::lock::{Lock, Role};
use crate::board::Board;
use crate::command::Tool;
use crate::files;
use crate::firmware;
use crate::paths::Paths;

/// `image/debian/trim.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trim {
    masked_units: Vec<String>,
    removed: Vec<String>,
    kept_gconv: Vec<String>,
}

/// Folders that are mounted upon, or that the box expects.
const FOLDERS: [&str; 5] = [
    "boot/firmware",
    "data",
    "srv/preau",
    "usr/share/preau",
    "var",
];

/// Links that stand for files of the running system.
const LINKS: [(&str, &str); 6] = [
    ("etc/default/locale", "../locale.conf"),
    // The journal is in universal time; pages and mails use the zone that people chose.
    ("etc/localtime", "../usr/share/zoneinfo/Etc/UTC"),
    ("etc/mtab", "../proc/self/mounts"),
    ("etc/vconsole.conf", "default/keyboard"),
    ("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf"),
    (
        "etc/systemd/system/default.target",
        "/usr/lib/systemd/system/multi-user.target",
    ),
];

/// Makes the tree in `root` the box's.
pub fn configure(
    paths: &Paths,
    board: &Board,
    root: &Path,
    binaries: &Path,
    kernel: &Kernel,
    lock: &Lock,
) -> Result<()> {
    let debian = paths.checkout.join("image/debian");
    let trim: Trim = toml::from_str(&files::read(&debian.join("trim.toml"))?)
        .context("reading image/debian/trim.toml")?;
    make_users_of_base(root)?;
    trim_tree(root, &trim)?;
    lay_over(&debian.join("overlay"), root)?;
    let board_overlay = board.folder.join("overlay");
    if board_overlay.is_dir() {
        lay_over(&board_overlay, root)?;
    }
    FOLDERS
        .iter()
        .try_for_each(|folder| files::make_folder(&root.join(folder)))?;
    for (link, target) in LINKS {
        files::remove(&root.join(link))?;
        symlink(target, root.join(link)).with_context(|| format!("linking {link}"))?;
    }
    files::write(&root.join("etc/machine-id"), "")?;
    Tool::new("systemd-sysusers")
        .arg(rooted(root))
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .run()?;
    install(paths, board, root, binaries, lock)?;
    Tool::new("cp")
        .args(["--recursive", "--no-target-directory"])
        .arg(kernel.modules())
        .arg(root.join("usr/lib/modules"))
        .run()?;
    Tool::new("systemctl")
        .arg(rooted(root))
        .arg("preset-all")
        .run()?;
    mask(root, &trim.masked_units)
}

fn rooted(root: &Path) -> String {
    format!("--root={}", root.display())
}

/// The users and groups with fixed numbers. Nobody has a password, a shell, or
/// a way to log in.
fn make_users_of_base(root: &Path) -> Result<()> {
    let masters = root.join("usr/share/base-passwd");
    let users = files::read(&masters.join("passwd.master"))?;
    let users: Vec<String> = users.lines().filter_map(without_shell).collect();
    files::write(&root.join("etc/passwd"), users.join("\n") + "\n")?;
    files::copy(&masters.join("group.master"), &root.join("etc/group"))
}

fn without_shell(line: &str) -> Option<String> {
    let fields: Vec<&str> = line.split(':').collect();
    match fields[..] {
        [name, _, user, group, about, home, _] => {
            Some([name, "*", user, group, about, home, "/usr/sbin/nologin"].join(":"))
        }
        _ => None,
    }
}

fn trim_tree(root: &Path, trim: &Trim) -> Result<()> {
    // The licences stay: they are a condition of handing the image on.
    for file in files::walk(&root.join("usr/share/doc"))? {
        if file.file_name().is_none_or(|name| name != "copyright") {
            files::remove(&file)?;
        }
    }
    for file in files::walk(&root.join("usr/lib/aarch64-linux-gnu/gconv"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !trim.kept_gconv.iter().any(|kept| *kept == name) {
            files::remove(&file)?;
        }
    }
    trim.removed
        .iter()
        .try_for_each(|path| files::remove(&root.join(path)))?;
    // /var is memory on the box; tmpfiles fills it at each start.
    files::empty_folder(&root.join("var"))
}

/// Copies a tree of the checkout. Modes are set: git knows one bit of them.
fn lay_over(overlay: &Path, root: &Path) -> Result<()> {
    for file in files::walk(overlay)? {
        let name = file.strip_prefix(overlay).context("walking the overlay")?;
        let target = root.join(name);
        files::make_folder(
            target
                .parent()
                .context("an overlay file lies in a folder")?,
        )?;
        files::remove(&target)?;
        files::copy(&file, &target)?;
        files::set_mode(&target, 0o644)?;
    }
    Ok(())
}

fn install(paths: &Paths, board: &Board, root: &Path, binaries: &Path, lock: &Lock) -> Result<()> {
    for name in firmware::BINARIES {
        let target = root.join("usr/bin").join(name);
        files::copy(&binaries.join(name), &target)?;
        files::set_mode(&target, 0o755)?;
    }
    let share = root.join("usr/share/preau");
    let board_file = share.join("board.toml");
    files::copy(&board.folder.join("board.toml"), &board_file)?;
    files::copy(&paths.checkout.join("LICENSE"), &share.join("LICENSE"))?;
    for file in [board_file, share.join("LICENSE")] {
        files::set_mode(&file, 0o644)?;
    }
    let packages = [Role::Root, Role::Board]
        .iter()
        .flat_map(|role| lock.of_role(*role));
    let mut lines: Vec<String> = packages
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    lines.sort();
    files::write(&share.join("packages.txt"), lines.join("\n") + "\n")
}

fn mask(root: &Path, units: &[String]) -> Result<()> {
    for unit in units {
        let link = root.join("etc/systemd/system").join(unit);
        files::remove(&link)?;
        symlink("/dev/null", &link).with_context(|| format!("masking {unit}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_keeps_a_shell_or_a_password() {
        let line = without_shell("root::0:0:root:/root:/bin/bash").unwrap();
        assert_eq!(line, "root:*:0:0:root:/root:/usr/sbin/nologin");
    }
}
