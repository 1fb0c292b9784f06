//! The kernel of an image: the boot file, the modules that the boards name with
//! all that those need, and the initramfs that mounts the root. Made once for
//! each kernel package and list of modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::EPOCH;
use super::lock::KERNEL;
use super::packages::Archives;
use super::unpack::unpack;
use crate::board::Board;
use crate::command::Tool;
use crate::files;
use crate::paths::Paths;
use crate::progress;
use crate::stamp::{Inputs, Stamp};

/// A folder with the kernel's three parts.
pub struct Kernel {
    folder: PathBuf,
}

impl Kernel {
    /// What the boot loader loads.
    pub fn image(&self) -> PathBuf {
        self.folder.join("kernel")
    }

    /// The archive that the kernel starts from.
    pub fn initrd(&self) -> PathBuf {
        self.folder.join("initrd")
    }

    /// `usr/lib/modules` of the root.
    pub fn modules(&self) -> PathBuf {
        self.folder.join("modules/usr/lib/modules")
    }
}

/// `modules.toml` of a board, and of all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModuleList {
    initramfs: Vec<String>,
    root: Vec<String>,
}

/// Makes the kernel's parts in `folder`, unless they are there.
pub fn ensure(paths: &Paths, board: &Board, archives: &Archives, folder: &Path) -> Result<Kernel> {
    let common = paths.checkout.join("board/common");
    let lists = [
        board.folder.join("modules.toml"),
        common.join("modules.toml"),
    ];
    let init = common.join("initramfs-init");
    let mut inputs = Inputs::of("kernel");
    for name in [KERNEL, "busybox-static"] {
        inputs.add_text(name, &archives.lock.part(name)?.sha256);
    }
    for file in lists.iter().chain([&init]) {
        inputs.add_path(&paths.checkout, file)?;
    }
    inputs.add_text("this", include_str!("kernel.rs"));
    let inputs = inputs.finish();
    let kernel = Kernel {
        folder: folder.to_path_buf(),
    };
    let stamp = Stamp::at(folder.join("stamp"));
    if stamp.matches(&inputs) {
        return Ok(kernel);
    }
    files::empty_folder(folder)?;
    let lists = lists
        .iter()
        .map(|file| read_list(file))
        .collect::<Result<Vec<_>>>()?;
    progress::step("kernel and modules", || {
        let scratch = folder.join("scratch");
        unpack(&archives.part(KERNEL)?, &scratch)?;
        make_kernel(&kernel, &scratch)?;
        make_modules(&kernel, &scratch, &lists)?;
        files::remove(&scratch)
    })?;
    progress::step("initramfs", || {
        make_initramfs(&kernel, &lists, &archives.part("busybox-static")?, &init)
    })?;
    stamp.set(&inputs)?;
    Ok(kernel)
}

fn read_list(file: &Path) -> Result<ModuleList> {
    toml::from_str(&files::read(file)?).with_context(|| format!("reading {}", file.display()))
}

fn make_kernel(kernel: &Kernel, scratch: &Path) -> Result<()> {
    let boot = files::walk(&scratch.join("boot"))?;
    let found = boot
        .iter()
        .find(|file| file.to_string_lossy().contains("/vmlinuz-"));
    files::copy(
        found.context("the kernel's package has no vmlinuz")?,
        &kernel.image(),
    )
}

fn make_modules(kernel: &Kernel, scratch: &Path, lists: &[ModuleList]) -> Result<()> {
    link_lib(scratch)?;
    let version = version_below(&scratch.join("usr/lib/modules"))?;
    run_depmod(scratch, &version)?;
    let from = scratch.join("usr/lib/modules").join(&version);
    let to = kernel.modules().join(&version);
    let known = Dependencies::read(&from)?;
    let named = lists
        .iter()
        .flat_map(|list| list.root.iter().chain(&list.initramfs));
    let mut wanted = BTreeSet::new();
    for name in named {
        wanted.extend(known.closure(name)?);
    }
    for file in &wanted {
        let target = to.join(file);
        files::make_folder(target.parent().context("a module lies in a folder")?)?;
        files::copy(&from.join(file), &target)?;
    }
    for name in [
        "modules.builtin",
        "modules.builtin.modinfo",
        "modules.order",
    ] {
        files::copy(&from.join(name), &to.join(name))?;
    }
    // squashfs packs them better and loads them faster when they are not packed twice.
    let packed = wanted
        .iter()
        .filter(|file| file.ends_with(".xz"))
        .map(|file| to.join(file));
    Tool::new("xz")
        .args(["--decompress", "--quiet"])
        .args(packed)
        .run()?;
    let top = kernel.folder.join("modules");
    link_lib(&top)?;
    run_depmod(&top, &version)
}

/// depmod looks below `lib`, which on Debian is a link.
fn link_lib(top: &Path) -> Result<()> {
    let link = top.join("lib");
    if !link.exists() {
        std::os::unix::fs::symlink("usr/lib", &link).context("linking lib to usr/lib")?;
    }
    Ok(())
}

fn run_depmod(top: &Path, version: &str) -> Result<()> {
    Tool::new("depmod")
        .arg("--basedir")
        .arg(top)
        .arg(version)
        .run()
}

fn version_below(modules: &Path) -> Result<String> {
    let mut versions = std::fs::read_dir(modules)
        .with_context(|| format!("listing {}", modules.display()))?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()
        .context("listing the kernel's modules")?;
    ensure!(
        versions.len() == 1,
        "one kernel was expected, there are {versions:?}"
    );
    Ok(versions.remove(0))
}

/// `modules.dep` and `modules.builtin`: what each module needs.
struct Dependencies {
    /// By module name: its file, then the files it needs, nearest first.
    files: BTreeMap<String, Vec<String>>,
    builtin: BTreeSet<String>,
}

impl Dependencies {
    fn read(folder: &Path) -> Result<Self> {
        Ok(Self::parse(
            &files::read(&folder.join("modules.dep"))?,
            &files::read(&folder.join("modules.builtin"))?,
        ))
    }

    fn parse(dependencies: &str, builtin: &str) -> Self {
        let files = dependencies.lines().filter_map(|line| {
            let (file, needed) = line.split_once(':')?;
            let needed = needed.split_whitespace().map(str::to_owned);
            Some((
                module_name(file),
                std::iter::once(file.to_owned()).chain(needed).collect(),
            ))
        });
        Self {
            files: files.collect(),
            builtin: builtin.lines().map(module_name).collect(),
        }
    }

    /// The module's file and all that it needs, in the order in which to load
    /// them; nothing for one that is built in.
    fn closure(&self, name: &str) -> Result<Vec<String>> {
        match self.files.get(name) {
            Some(files) => Ok(files.iter().rev().cloned().collect()),
            None if self.builtin.contains(name) => Ok(Vec::new()),
            None => anyhow::bail!("the kernel has no module {name}"),
        }
    }
}

fn module_name(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name).replace('-', "_")
}

fn make_initramfs(
    kernel: &Kernel,
    lists: &[ModuleList],
    busybox: &Path,
    init: &Path,
) -> Result<()> {
    let tree = kernel.folder.join("initramfs");
    files::empty_folder(&tree)?;
    for folder in ["bin", "dev", "modules", "proc", "root", "sys"] {
        files::make_folder(&tree.join(folder))?;
    }
    let unpacked = kernel.folder.join("busybox");
    unpack(busybox, &unpacked)?;
    files::copy(&unpacked.join("usr/bin/busybox"), &tree.join("bin/busybox"))?;
    files::remove(&unpacked)?;
    files::copy(init, &tree.join("init"))?;
    files::set_mode(&tree.join("init"), 0o755)?;

    let version = version_below(&kernel.modules())?;
    let from = kernel.modules().join(&version);
    let known = Dependencies::read(&from)?;
    let mut order: Vec<String> = Vec::new();
    for name in lists.iter().flat_map(|list| &list.initramfs) {
        for file in known.closure(name)? {
            let module = format!("{}.ko", module_name(&file));
            if !order.contains(&module) {
                files::copy(&from.join(&file), &tree.join("modules").join(&module))?;
                order.push(module);
            }
        }
    }
    files::write(&tree.join("modules/order"), order.join("\n") + "\n")?;
    pack_initramfs(&tree, &kernel.initrd())?;
    files::remove(&tree)
}

fn pack_initramfs(tree: &Path, initrd: &Path) -> Result<()> {
    let folders = ["bin", "dev", "modules", "proc", "root", "sys"].map(str::to_owned);
    let files = files::walk(tree)?;
    let files = files.iter().filter_map(|file| file.strip_prefix(tree).ok());
    let mut names: Vec<String> = folders
        .into_iter()
        .chain(files.map(|file| file.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    let time = format!("--date=@{EPOCH}");
    Tool::new("touch")
        .arg("--no-dereference")
        .arg(time)
        .args(&names)
        .dir(tree)
        .run()?;
    let list = tree.with_extension("list");
    files::write(&list, names.join("\n") + "\n")?;
    let archive = tree.with_extension("cpio");
    Tool::new("cpio")
        .args([
            "--create",
            "--format=newc",
            "--reproducible",
            "--owner=0:0",
            "--quiet",
            "--file",
        ])
        .arg(&archive)
        .input(std::fs::File::open(&list).context("opening the initramfs's list")?)
        .dir(tree)
        .run()?;
    Tool::new("zstd")
        .args(["-19", "--quiet", "--force", "-o"])
        .arg(initrd)
        .arg(&archive)
        .run()?;
    files::remove(&list)?;
    files::remove(&archive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_loaded_after_what_it_needs() {
        let known = Dependencies::parse(
            "kernel/fs/btrfs/btrfs.ko.xz: kernel/lib/raid6/raid6_pq.ko.xz kernel/crypto/xor.ko.xz\n\
             kernel/crypto/xor.ko.xz:\n",
            "kernel/drivers/virtio/virtio-pci.ko\n",
        );
        let order = known.closure("btrfs").unwrap();
        let names: Vec<_> = order.iter().map(|file| module_name(file)).collect();
        assert_eq!(names, ["xor", "raid6_pq", "btrfs"]);
        assert!(known.closure("virtio_pci").unwrap().is_empty());
        assert!(known.closure("floppy").is_err());
    }
}
