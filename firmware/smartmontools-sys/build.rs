//! Builds smartmontools' device code into a static library, and the bindings to
//! our shim over it. Data flows: the tarball named by `SMARTMONTOOLS_SOURCE` is
//! checked against `SOURCE.toml`, unpacked into `OUT_DIR`, compiled with a
//! `config.h` written here (no autotools) together with `shim/*.cpp`; bindgen
//! reads `shim/shim.h`, which is plain C.
// A build script's output is remade whenever it is missing: nothing to make durable.
#![allow(clippy::disallowed_methods)]

use std::env;
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SOURCE: &str = "SMARTMONTOOLS_SOURCE";

/// What a device, a command and the drive database need: no printing, no
/// option parsing, no daemon.
const LIBRARY: [&str; 13] = [
    "atacmds",
    "dev_areca",
    "dev_ata_cmd_set",
    "dev_intelliprop",
    "dev_interface",
    "dev_jmb39x_raid",
    "knowndrives",
    "nvmecmds",
    "os_linux",
    "scsiata",
    "scsicmds",
    "scsinvme",
    "utility",
];

const SHIM: [&str; 5] = ["ata", "library", "nvme", "replay", "scsi"];

/// What autoconf would have found on Linux with glibc, and three declarations of
/// our own: the library's open, ioctl and close get other symbol names, so that
/// the shim can give up its lock while the kernel has the disk's command. The
/// shim itself leaves them alone.
const CONFIG: &str = r#"
#define HAVE_ATTR_PACKED 1
#define HAVE_INTTYPES_H 1
#define HAVE_SYS_SYSMACROS_H 1
#define HAVE_UNISTD_H 1
#define HAVE___INT128 1
#define PACKAGE_BUGREPORT "smartmontools-support@listi.jpberlin.de"
#define PACKAGE_NAME "smartmontools"
#define PACKAGE_URL "https://www.smartmontools.org/"
#define PACKAGE_VERSION "@VERSION@"
#define SMARTMONTOOLS_BUILD_HOST "linux"
#define SMARTMONTOOLS_CONFIGURE_ARGS ""
#define SMARTMONTOOLS_RELEASE_DATE ""
#define SMARTMONTOOLS_RELEASE_TIME ""
#define WITH_NVME_DEVICESCAN 1
/* Names a folder that cannot exist: the database compiled in is the only one. */
#define SMARTMONTOOLS_SYSCONFDIR "/dev/null"
#undef _FORTIFY_SOURCE
#ifndef PREAU_SHIM
extern "C" {
int open(const char *, int, ...) __asm__("preau_smart_open");
int ioctl(int, unsigned long, ...) noexcept __asm__("preau_smart_ioctl");
int close(int) __asm__("preau_smart_close");
}
#endif
"#;

/// Theirs comes from a checkout of their repository. Without it they write the
/// day of the build, and no two builds are the same.
const REVISION: &str = r#"
#define SMARTMONTOOLS_SVN_REV ""
#define SMARTMONTOOLS_SVN_DATE ""
#define SMARTMONTOOLS_SVN_TIME ""
"#;

struct Source {
    version: String,
    file: String,
    sha256: String,
}

fn main() -> Outcome<()> {
    for path in ["build.rs", "shim", "SOURCE.toml"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed={SOURCE}");

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let source = source()?;
    let library = unpack(&source, &out)?;
    write_headers(&source, &out.join("include"))?;
    compile(&library, &out)?;
    bind(&out)
}

fn source() -> Outcome<Source> {
    let table: toml::Table = fs::read_to_string("SOURCE.toml")?.parse()?;
    let field = |name: &str| -> Outcome<String> {
        let text = table.get(name).and_then(|value| value.as_str());
        Ok(text
            .ok_or_else(|| format!("SOURCE.toml has no {name}"))?
            .to_owned())
    };
    Ok(Source {
        version: field("version")?,
        file: field("file")?,
        sha256: field("sha256")?,
    })
}

/// Returns the folder of the unpacked sources.
fn unpack(source: &Source, out: &Path) -> Outcome<PathBuf> {
    let path = env::var_os(SOURCE).map(PathBuf::from);
    let Some(path) = path.or_else(|| fetched(&source.file)) else {
        let file = &source.file;
        return Err(format!("{SOURCE} must name {file}: `cargo xtask` fetches it").into());
    };
    println!("cargo:rerun-if-changed={}", path.display());
    let packed = fs::read(&path).map_err(|error| format!("reading {}: {error}", path.display()))?;
    let found: String = Sha256::digest(&packed)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found != source.sha256 {
        let wanted = &source.sha256;
        return Err(format!("{} has SHA-256 {found}, not {wanted}", path.display()).into());
    }
    let mut archive = Vec::new();
    lzma_rs::xz_decompress(&mut Cursor::new(packed), &mut archive)
        .map_err(|error| format!("unpacking {}: {error:?}", path.display()))?;
    tar::Archive::new(Cursor::new(archive)).unpack(out)?;
    Ok(out.join(format!("smartmontools-{}", source.version)))
}

/// Where `cargo xtask` keeps it, for a plain `cargo check` after a set-up.
fn fetched(file: &str) -> Option<PathBuf> {
    let cache = env::var_os("PREAU_CACHE").map(PathBuf::from);
    let shared = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = cache.or_else(|| shared.or(home).map(|folder| folder.join("preau")))?;
    Some(cache.join("sources").join(file)).filter(|path| path.exists())
}

fn write_headers(source: &Source, folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("config.h"),
        CONFIG.replace("@VERSION@", &source.version),
    )?;
    fs::write(folder.join("svnversion.h"), REVISION)?;
    Ok(())
}

fn compile(library: &Path, out: &Path) -> Outcome<()> {
    let mut common = cc::Build::new();
    common
        .cpp(true)
        .std("c++11")
        .cpp_link_stdlib(None)
        .include(out.join("include"))
        .include(library)
        .define("HAVE_CONFIG_H", None)
        // The same bytes wherever the checkout is.
        .flag(format!("-ffile-prefix-map={}=.", out.display()));

    let theirs = LIBRARY.map(|name| library.join(name).with_extension("cpp"));
    common
        .clone()
        .warnings(false)
        .files(theirs)
        .cargo_metadata(false)
        .compile("preau_smartmontools");

    let ours = SHIM.map(|name| Path::new("shim").join(name).with_extension("cpp"));
    common
        .clone()
        .define("PREAU_SHIM", None)
        .warnings(true)
        .extra_warnings(true)
        .files(ours)
        .cargo_metadata(false)
        .compile("preau_smart_shim");

    // The order is the linker's: who needs, then who is needed.
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=preau_smart_shim");
    println!("cargo:rustc-link-lib=static=preau_smartmontools");
    // 130 kB within the binary instead of a library of 3 MB beside it.
    let standard = standard_library(&common)?;
    println!("cargo:rustc-link-search=native={}", standard.display());
    println!("cargo:rustc-link-lib=static:-bundle=stdc++");
    Ok(())
}

/// The folder in which the target's compiler keeps its static C++ library.
fn standard_library(build: &cc::Build) -> Outcome<PathBuf> {
    let output = build
        .get_compiler()
        .to_command()
        .arg("-print-file-name=libstdc++.a")
        .output()?;
    let path = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    match path.parent() {
        Some(folder) if path.is_absolute() => Ok(folder.to_owned()),
        _ => Err("the C++ compiler has no static libstdc++".into()),
    }
}

fn bind(out: &Path) -> Outcome<()> {
    bindgen::Builder::default()
        .header("shim/shim.h")
        .allowlist_function("shim_.*")
        .allowlist_type("shim_.*")
        .allowlist_var("SHIM_.*")
        .prepend_enum_name(false)
        .derive_default(true)
        .generate_comments(false)
        .layout_tests(false)
        .generate()?
        .write_to_file(out.join("shim.rs"))?;
    Ok(())
}
