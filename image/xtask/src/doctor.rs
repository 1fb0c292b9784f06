//! `cargo xtask doctor`: what this machine lacks, why it is needed, and who can
//! put it right. It looks, and changes nothing. What the project installs by
//! itself is no trouble; what it cannot install makes the exit code 1.

use std::env;
use std::fs;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::archive::Archive;
use crate::command::Tool;
use crate::paths::Paths;
use crate::tools;

/// The tool root (3.1), crates and target folders (4), image and machines (3), in bytes.
const DISK_NEEDED: u64 = 12_000_000_000;

/// Below this, the linker and QEMU together do not fit.
const MEMORY_NEEDED_KIB: u64 = 3_500_000;

/// How long an archive may take to answer before it counts as out of reach.
const ANSWER: Duration = Duration::from_secs(10);

/// What was found about one need.
enum Finding {
    /// Nothing to do.
    Fine(String),
    /// A command will put it right by itself.
    Installable(String),
    /// A person has to.
    Missing(String),
}

struct Need {
    name: &'static str,
    why: &'static str,
    finding: Finding,
}

/// Says what is missing.
pub fn run(paths: &Paths) -> Result<ExitCode> {
    let archive = Archive::find();
    let needs = [
        Need {
            name: "Debian 12 or 13",
            why: "apt and mmdebstrap make the tool root",
            finding: debian(),
        },
        Need {
            name: "root",
            why: "the tool root is entered by chroot, and files of the image belong to root",
            finding: root(),
        },
        Need {
            name: "mount namespaces",
            why: "what is mounted for the tool root must not be seen by the rest of the machine",
            finding: namespaces(),
        },
        Need {
            name: "Debian archive",
            why: "tools and the image's packages come from it; its address is read from apt's sources",
            finding: match &archive {
                Ok(archive) => reach(&archive.main),
                Err(error) => Finding::Missing(format!("{error:#}")),
            },
        },
        Need {
            name: "security updates",
            why: "the image takes Debian 13 with its security updates",
            finding: match &archive {
                Ok(archive) => reach(&archive.security),
                Err(_) => Finding::Missing("unknown without the archive".to_owned()),
            },
        },
        Need {
            name: "crates",
            why: "the firmware's libraries are fetched by cargo",
            finding: crates(paths),
        },
        Need {
            name: "mmdebstrap",
            why: "makes the tool root",
            finding: if tools::has_mmdebstrap() {
                Finding::Fine("installed".to_owned())
            } else {
                Finding::Installable("`cargo xtask image` installs it by apt".to_owned())
            },
        },
        Need {
            name: "tool root",
            why: "holds compilers, QEMU, the browser and every other tool",
            finding: tool_root(paths),
        },
        Need {
            name: "disk space",
            why: "tool root, crates, image and machines live in the cache folder",
            finding: disk_space(paths),
        },
        Need {
            name: "memory",
            why: "a machine of 1 GiB runs beside the compiler",
            finding: memory(),
        },
    ];
    println!(
        "checkout {}\ncache    {}\n",
        paths.checkout.display(),
        paths.cache.display()
    );
    needs.iter().for_each(show);
    let missing = needs
        .iter()
        .filter(|need| matches!(need.finding, Finding::Missing(_)))
        .count();
    if missing == 0 {
        println!("\nThis machine has what is needed, or cargo xtask will install it.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nMissing: {missing}. See above what would put it right.");
    Ok(ExitCode::FAILURE)
}

fn show(need: &Need) {
    let (word, text) = match &need.finding {
        Finding::Fine(text) => ("ok      ", text),
        Finding::Installable(text) => ("later   ", text),
        Finding::Missing(text) => ("MISSING ", text),
    };
    println!("{word} {}: {text}", need.name);
    if !matches!(need.finding, Finding::Fine(_)) {
        println!("         why: {}", need.why);
    }
}

fn debian() -> Finding {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(String::new(), |value| value.trim_matches('"').to_owned())
    };
    let shown = field("PRETTY_NAME=");
    match (field("ID=").as_str(), field("VERSION_ID=").as_str()) {
        ("debian", "12" | "13") => Finding::Fine(shown),
        _ if Path::new("/usr/bin/apt-get").exists() => {
            Finding::Fine(format!("{shown} is not tried, but has apt"))
        }
        _ => Finding::Missing(format!("{shown} has no apt; use Debian 12 or 13")),
    }
}

fn root() -> Finding {
    if rustix::process::geteuid().is_root() {
        return Finding::Fine("running as root".to_owned());
    }
    match Path::new("/usr/bin/sudo").exists() {
        true => Finding::Fine("sudo will ask for a password".to_owned()),
        false => Finding::Missing("run as root, or `apt-get install sudo` as root".to_owned()),
    }
}

fn namespaces() -> Finding {
    if !rustix::process::geteuid().is_root() {
        return Finding::Fine("not tried without root".to_owned());
    }
    let tried = Tool::new("unshare")
        .args(["--mount", "--net", "--propagation", "private", "--", "true"])
        .within(ANSWER)
        .run();
    match tried {
        Ok(()) => Finding::Fine("may be made".to_owned()),
        Err(error) => Finding::Missing(format!(
            "{error:#}; in a container, start it with the capability SYS_ADMIN"
        )),
    }
}

/// Tries to connect; whether it also has what we want is for apt to say.
fn reach(address: &str) -> Finding {
    let shown = address.to_owned();
    if env::vars().any(|(name, _)| name.eq_ignore_ascii_case("http_proxy")) {
        return Finding::Fine(format!("{shown}, through the proxy that is set"));
    }
    let Some((scheme, rest)) = address.split_once("://") else {
        return Finding::Fine(format!("{shown}, not tried"));
    };
    let host = rest.split('/').next().unwrap_or(rest);
    let port = if scheme == "https" { 443 } else { 80 };
    let target = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    let connected = target.to_socket_addrs().map(|mut addresses| {
        addresses.any(|address| TcpStream::connect_timeout(&address, ANSWER).is_ok())
    });
    match connected {
        Ok(true) => Finding::Fine(shown),
        Ok(false) => Finding::Missing(format!("{shown} does not answer; check the network")),
        Err(error) => Finding::Missing(format!("{shown}: {error}; check the network")),
    }
}

fn crates(paths: &Paths) -> Finding {
    let home = env::var_os("CARGO_HOME")
        .map(Into::into)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let settings = home.map(|home: std::path::PathBuf| home.join("config.toml"));
    if paths.cargo_home().join("registry/cache").is_dir() {
        return Finding::Fine("fetched before; new ones need cargo's registry".to_owned());
    }
    match settings.filter(|file| file.exists()) {
        Some(file) => Finding::Fine(format!("from the registry set in {}", file.display())),
        None => Finding::Fine("from cargo's usual registry".to_owned()),
    }
}

fn tool_root(paths: &Paths) -> Finding {
    let root = tools::root(paths);
    if root.is_dir() {
        Finding::Fine(format!("{}", root.display()))
    } else {
        Finding::Installable("`cargo xtask image` makes it, in about 2 minutes".to_owned())
    }
}

fn disk_space(paths: &Paths) -> Finding {
    let Some(place) = paths.cache.ancestors().find(|folder| folder.exists()) else {
        return Finding::Missing(format!("{} cannot be reached", paths.cache.display()));
    };
    let free = match rustix::fs::statvfs(place) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => return Finding::Missing(format!("{}: {error}", place.display())),
    };
    let shown = format!("{} GB free in {}", free / 1_000_000_000, place.display());
    if free >= DISK_NEEDED || tools::root(paths).is_dir() {
        return Finding::Fine(shown);
    }
    Finding::Missing(format!(
        "{shown}, {} GB are needed; XDG_CACHE_HOME may name another place",
        DISK_NEEDED / 1_000_000_000
    ))
}

fn memory() -> Finding {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let available = available.and_then(|rest| rest.split_whitespace().next());
    match available.and_then(|number| number.parse::<u64>().ok()) {
        Some(kib) if kib < MEMORY_NEEDED_KIB => Finding::Missing(format!(
            "{} MiB free, {} are needed; close other programs",
            kib / 1024,
            MEMORY_NEEDED_KIB / 1024
        )),
        Some(kib) => Finding::Fine(format!("{} MiB free", kib / 1024)),
        None => Finding::Fine("unknown".to_owned()),
    }
}
