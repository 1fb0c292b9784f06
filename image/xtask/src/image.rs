//! The card image, from the package lock to `card.img`.
//!
//! [`packages`] makes sure that the archives are in the cache, [`kernel`] takes
//! the kernel apart, [`unpack`] and [`configure`] make the root's tree, [`card`]
//! packs it and puts the partitions together. Everything runs natively on this
//! machine and nothing of the arm64 code is executed. The inputs of the whole
//! are hashed: the same inputs are not built twice, and if they were, the bytes
//! would be the same.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::board::Board;
use crate::files;
use crate::firmware;
use crate::inside;
use crate::paths::Paths;
use crate::progress;
use crate::stamp::{Inputs, Stamp};
use crate::tools;
use packages::Archives;
pub use unpack::unpack;

mod card;
mod configure;
mod index;
mod kernel;
mod lock;
mod packages;
mod unpack;

/// The time that every file of the image bears, in seconds since 1970: the
/// first of January 2026. It only has to stay the same.
pub const EPOCH: &str = "1767225600";

/// The board that `run`, `test` and `bench` use.
pub const QEMU_BOARD: &str = "qemu/aarch64";

/// What the design allows the compressed root.
const ROOT_BUDGET: u64 = 100_000_000;

/// What `cargo xtask image` is told.
#[derive(Args)]
pub struct ImageArgs {
    /// The board, a folder below `board/`
    #[arg(long, default_value = QEMU_BOARD)]
    pub board: String,
    /// Takes the newest packages of Debian 13 and writes them into the lock
    #[arg(long)]
    pub update_lock: bool,
    /// Puts the finished files into this folder instead of the cache
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Takes the arm64 binaries in this folder instead of building them
    #[arg(long, requires = "out")]
    pub firmware: Option<PathBuf>,
    /// Assembles everything again, whatever was made before
    #[arg(long)]
    pub no_cache: bool,
}

/// Builds the image.
pub fn run(args: ImageArgs, paths: &Paths) -> Result<()> {
    let out = args.out.as_deref().map(|out| paths.absolute(out));
    let given = args
        .firmware
        .as_deref()
        .map(|folder| paths.absolute(folder));
    let folders: Vec<_> = out.iter().cloned().chain(given).collect();
    inside::ensure_inside(paths, &folders)?;
    let board = Board::load(paths, &args.board)?;
    let made = build(paths, &board, &args, out)?;
    println!("The card of {} is in {}", board.name, made.display());
    Ok(())
}

/// Builds what changed of a board's image; its files are then in
/// [`Paths::image_dir`]. Call it inside the tool root.
pub fn ensure(paths: &Paths, board: &str) -> Result<PathBuf> {
    let args = ImageArgs {
        board: board.to_owned(),
        update_lock: false,
        out: None,
        firmware: None,
        no_cache: false,
    };
    build(paths, &Board::load(paths, board)?, &args, None)
}

fn build(paths: &Paths, board: &Board, args: &ImageArgs, out: Option<PathBuf>) -> Result<PathBuf> {
    let _building = files::lock(&paths.cache.join("image.lock"))?;
    let binaries = match &args.firmware {
        Some(given) => paths.absolute(given),
        None => firmware::ensure(paths)?,
    };
    let archives = packages::obtain(paths, board, args.update_lock)?;
    let out = out.unwrap_or_else(|| paths.image_dir(&board.name));
    files::make_folder(&out)?;
    let inputs = inputs(paths, board, &archives, &binaries)?;
    let stamp = Stamp::at(out.join("stamp"));
    if !args.no_cache && stamp.matches(&inputs) {
        return Ok(out);
    }
    let work = paths.cache.join("work").join(board.name.replace('/', "-"));
    let kernel_folder = paths
        .cache
        .join("kernel")
        .join(board.name.replace('/', "-"));
    let kernel_folder = if args.no_cache {
        work.with_extension("kernel")
    } else {
        kernel_folder
    };
    if args.no_cache {
        files::remove(&kernel_folder)?;
    }
    println!("Building the card of {}", board.name);
    // Beside the finished files, so that they stay whole until all are new.
    let fresh = out.join("fresh");
    files::empty_folder(&fresh)?;
    let places = Places {
        work,
        kernel: kernel_folder,
        out: &fresh,
    };
    assemble(paths, board, &archives, &binaries, &places)?;
    stamp.clear()?;
    for file in files::walk(&fresh)? {
        let name = file.file_name().context("a file has a name")?;
        files::rename(&file, &out.join(name))?;
    }
    files::remove(&fresh)?;
    stamp.set(&inputs)?;
    Ok(out)
}

struct Places<'a> {
    work: PathBuf,
    kernel: PathBuf,
    out: &'a Path,
}

fn inputs(paths: &Paths, board: &Board, archives: &Archives, binaries: &Path) -> Result<String> {
    let mut inputs = Inputs::of("image");
    inputs.add_text("tools", &tools::fingerprint());
    for name in firmware::BINARIES {
        inputs.add_text(name, &files::sha256(&binaries.join(name))?);
    }
    for ((_, name), package) in &archives.lock.packages {
        inputs.add_text(name, &package.sha256);
    }
    let common = paths.checkout.join("board/common");
    let overlay = paths.checkout.join("image/debian/overlay");
    let trim = paths.checkout.join("image/debian/trim.toml");
    let builder = paths.checkout.join("image/xtask/src/image");
    for path in [&board.folder, &common, &overlay, &trim, &builder] {
        inputs.add_path(&paths.checkout, path)?;
    }
    Ok(inputs.finish())
}

fn assemble(
    paths: &Paths,
    board: &Board,
    archives: &Archives,
    binaries: &Path,
    places: &Places,
) -> Result<()> {
    let Places { work, out, .. } = places;
    files::empty_folder(work)?;
    let kernel = kernel::ensure(paths, board, archives, &places.kernel)?;
    let root = work.join("root");
    progress::step("unpacking", || unpack::unpack_all(archives, &root))?;
    progress::step("configuring", || {
        configure::configure(paths, board, &root, binaries, &kernel, &archives.lock)
    })?;
    let packed = out.join("root.squashfs");
    progress::step("packing the root", || card::pack_root(&root, &packed))?;
    progress::step("card", || {
        let boot = work.join("boot");
        card::fill_boot(paths, board, archives, &kernel, &boot)?;
        card::assemble(paths, &boot, out, out)?;
        card::take_boot_loader(board, archives, &out.join("u-boot.bin"))
    })?;
    files::remove(work)?;
    let size = files::size(&packed)?;
    let share = if size > ROOT_BUDGET { "over" } else { "of" };
    println!(
        "  root: {:.1} MB ({share} the {} MB allowed)",
        megabytes(size),
        ROOT_BUDGET / 1_000_000
    );
    write_manifest(board, out)
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[derive(Serialize)]
struct Manifest {
    board: String,
    files: Vec<ManifestFile>,
}

#[derive(Serialize)]
struct ManifestFile {
    name: &'static str,
    bytes: u64,
    sha256: String,
}

fn write_manifest(board: &Board, out: &Path) -> Result<()> {
    let describe = |name: &'static str| -> Result<ManifestFile> {
        let file = out.join(name);
        Ok(ManifestFile {
            name,
            bytes: files::size(&file)?,
            sha256: files::sha256(&file)?,
        })
    };
    let files = ["card.img", "root.squashfs", "u-boot.bin"].map(describe);
    let files = files.into_iter().collect::<Result<Vec<_>>>()?;
    let manifest = Manifest {
        board: board.name.clone(),
        files,
    };
    let text = serde_json::to_string_pretty(&manifest).context("writing the manifest")?;
    files::write(&out.join("manifest.json"), text + "\n")
}
