//! The way into the tool root. A command that needs tools calls
//! [`ensure_inside`] first; it returns at once when it already runs inside.
//! Otherwise the program starts itself again up to three times: as root
//! (sudo), in a mount namespace of its own (unshare), and, after the binds are
//! in place, inside the root (chroot). Nothing of this outlives the process:
//! the mounts go with the namespace.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::Mode;
use rustix::mount::{MountFlags, mount, mount_bind, mount_bind_recursive, mount_remount};

use crate::archive::Archive;
use crate::command::Tool;
use crate::files;
use crate::paths::{CACHE_VARIABLE, CHECKOUT_VARIABLE, FOLDER_VARIABLE, Paths};
use crate::tools;

const INSIDE_VARIABLE: &str = "PREAU_INSIDE";
const UNSHARED_VARIABLE: &str = "PREAU_UNSHARED";

/// The checkout's fixed place inside, read-only: what is built from there does
/// not depend on where the clone is.
pub const SOURCES: &str = "/src";
/// The cache's fixed place inside, for the same reason.
pub const CACHE: &str = "/build";

/// Variables that network clients and terminals need, and that pass both doors.
const PASSED: [&str; 17] = [
    "CARGO_HTTP_CAINFO",
    "CARGO_HTTP_PROXY",
    "CI",
    "CURL_CA_BUNDLE",
    "FTP_PROXY",
    "GIT_SSL_CAINFO",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_COLOR",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "RUST_BACKTRACE",
];

/// Prefixes of further variables that pass: ours, and registries set for cargo.
const PASSED_PREFIXES: [&str; 4] = ["PREAU_", "CARGO_REGISTR", "CARGO_SOURCE", "CARGO_NET"];

/// Returns once the program runs as root inside the tool root, with `folders`
/// (which are made if absent) at the same path as outside.
pub fn ensure_inside(paths: &Paths, folders: &[PathBuf]) -> Result<()> {
    if env::var_os(INSIDE_VARIABLE).is_some() {
        // The modes of what is built should not depend on the user's settings.
        rustix::process::umask(Mode::from_raw_mode(0o022));
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        return Err(become_root(paths));
    }
    let root = tools::ensure_root(paths)?;
    if env::var_os(UNSHARED_VARIABLE).is_none() {
        return Err(unshare(paths));
    }
    Err(enter(paths, &root, folders)?)
}

/// The environment for a program that must see nothing of the user's settings.
pub fn plain_environment(paths: &Paths) -> Vec<(OsString, OsString)> {
    let mut variables = passed_variables();
    let mut set = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        variables.push((name.into(), value.as_ref().to_owned()));
    };
    set(
        "PATH",
        &"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    );
    set("HOME", &"/root");
    set("LC_ALL", &"C.UTF-8");
    set("CARGO_HOME", &paths.cargo_home());
    set(CHECKOUT_VARIABLE, &paths.checkout);
    set(CACHE_VARIABLE, &paths.cache);
    set(FOLDER_VARIABLE, &paths.absolute(Path::new("")));
    variables
}

fn passed_variables() -> Vec<(OsString, OsString)> {
    env::vars_os()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            PASSED.contains(&name.as_ref())
                || PASSED_PREFIXES
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
        })
        .collect()
}

fn again(tool: Tool, paths: &Paths, program: &Path) -> Tool {
    // `env` sets the variables after sudo has cleared its own.
    let variables = [
        (CHECKOUT_VARIABLE, paths.checkout.clone()),
        (CACHE_VARIABLE, paths.cache.clone()),
        (FOLDER_VARIABLE, paths.absolute(Path::new(""))),
    ];
    let mut tool = tool.arg("env");
    for (name, value) in passed_variables() {
        tool = tool.arg(join(name, value));
    }
    for (name, value) in variables {
        tool = tool.arg(join(name, value));
    }
    tool.arg(program).args(env::args_os().skip(1))
}

fn join(name: impl Into<OsString>, value: impl Into<OsString>) -> OsString {
    let mut joined = name.into();
    joined.push("=");
    joined.push(value.into());
    joined
}

fn become_root(paths: &Paths) -> anyhow::Error {
    println!("Root is needed to make and enter the tool root: asking sudo");
    match env::current_exe() {
        Ok(program) => again(Tool::new("sudo"), paths, &program)
            .exec()
            .context("root is needed: run this as root, or install sudo"),
        Err(error) => anyhow::anyhow!(error).context("finding this program"),
    }
}

fn unshare(paths: &Paths) -> anyhow::Error {
    match env::current_exe() {
        Ok(program) => {
            let tool = Tool::new("unshare")
                .args(["--mount", "--propagation", "private", "--"])
                .env(UNSHARED_VARIABLE, "1");
            again(tool, paths, &program)
                .exec()
                .context("a mount namespace is needed to enter the tool root")
        }
        Err(error) => anyhow::anyhow!(error).context("finding this program"),
    }
}

fn enter(paths: &Paths, root: &Path, folders: &[PathBuf]) -> Result<anyhow::Error> {
    let program = env::current_exe().context("finding this program")?;
    // A mount of its own: tests that hide a file for one program make a namespace
    // of their own inside, which the kernel refuses where `/` is a plain folder.
    mount_bind(root, root).context("making the tool root a mount of its own")?;
    for folder in ["/dev", "/proc", "/sys", "/tmp"] {
        bind(root, Path::new(folder), Path::new(folder))?;
    }
    for folder in [&paths.checkout, &paths.cache].into_iter().chain(folders) {
        files::make_folder(folder)?;
        bind(root, folder, folder)?;
    }
    bind(root, &paths.checkout, Path::new(SOURCES))?;
    read_only(root, Path::new(SOURCES))?;
    bind(root, &paths.cache, Path::new(CACHE))?;
    for file in ["/etc/resolv.conf", "/etc/hosts"] {
        bind_file(root, Path::new(file))?;
    }
    for folder in ["/etc/ssl/certs", "/usr/local/share/ca-certificates"] {
        if Path::new(folder).is_dir() {
            bind(root, Path::new(folder), Path::new(folder))?;
        }
    }
    copy_cargo_settings(paths)?;

    // The program itself comes along: it may lie anywhere outside.
    let run = root.join("run");
    mount(
        c"preau",
        &run,
        c"tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        c"mode=0755",
    )
    .context("mounting a private /run in the tool root")?;
    files::copy(&program, &run.join("xtask"))?;

    let mut variables = plain_environment(paths);
    variables.push((INSIDE_VARIABLE.into(), "1".into()));
    if let Ok(archive) = Archive::find() {
        // Only resolving packages needs it, and says so when it is absent.
        let known = archive.variables();
        variables.extend(known.map(|(name, value)| (name.into(), value.into())));
    }
    rustix::process::chroot(root).context("entering the tool root")?;
    env::set_current_dir(&paths.checkout).context("going to the checkout in the tool root")?;
    Ok(Tool::new("/run/xtask")
        .args(env::args_os().skip(1))
        .only_env(variables)
        .exec())
}

fn bind(root: &Path, outside: &Path, inside: &Path) -> Result<()> {
    let target = within(root, inside);
    files::make_folder(&target)?;
    mount_bind_recursive(outside, &target)
        .with_context(|| format!("showing {} in the tool root", outside.display()))
}

fn bind_file(root: &Path, file: &Path) -> Result<()> {
    // /etc/resolv.conf is often a link into /run, which is not the same inside.
    let Ok(real) = file.canonicalize() else {
        return Ok(());
    };
    let target = within(root, file);
    if fs::symlink_metadata(&target).is_ok_and(|found| found.is_symlink()) {
        files::remove(&target)?;
    }
    if !target.exists() {
        files::write(&target, "")?;
    }
    mount_bind(&real, &target)
        .with_context(|| format!("showing {} in the tool root", file.display()))
}

fn read_only(root: &Path, inside: &Path) -> Result<()> {
    mount_remount(
        within(root, inside),
        MountFlags::BIND | MountFlags::RDONLY,
        c"",
    )
    .with_context(|| format!("making {} read-only in the tool root", inside.display()))
}

fn within(root: &Path, inside: &Path) -> PathBuf {
    root.join(inside.strip_prefix("/").unwrap_or(inside))
}

/// A registry mirror set for the user's cargo is needed inside too.
fn copy_cargo_settings(paths: &Paths) -> Result<()> {
    files::make_folder(&paths.cargo_home())?;
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let Some(home) = home else { return Ok(()) };
    for name in ["config.toml", "credentials.toml"] {
        let settings = home.join(name);
        if settings.exists() && home != paths.cargo_home() {
            files::copy(&settings, &paths.cargo_home().join(name))?;
        }
    }
    Ok(())
}
