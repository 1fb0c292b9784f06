//! Trees of files, and all that is known of one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::XattrFlags;
use sha2::{Digest, Sha256};

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub mode: u32,
    pub owner: (u32, u32),
    pub modified: (i64, i64),
    pub size: u64,
    pub content: Option<[u8; 32]>,
    pub link: Option<PathBuf>,
    pub attributes: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The first path with the same inode, when there are several.
    pub same_as: Option<PathBuf>,
}

/// All that is known of everything below a folder.
pub fn describe(root: &Path) -> BTreeMap<PathBuf, Facts> {
    let mut found = BTreeMap::new();
    let mut seen = BTreeMap::new();
    walk(root, root, &mut seen, &mut found);
    found
}

fn walk(
    root: &Path,
    folder: &Path,
    seen: &mut BTreeMap<u64, PathBuf>,
    found: &mut BTreeMap<PathBuf, Facts>,
) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap().to_path_buf();
        let facts = fs::symlink_metadata(&path).unwrap();
        let same_as = (!facts.is_dir() && facts.nlink() > 1).then(|| {
            seen.entry(facts.ino())
                .or_insert_with(|| below.clone())
                .clone()
        });
        found.insert(
            below,
            Facts {
                mode: facts.mode(),
                owner: (facts.uid(), facts.gid()),
                modified: (facts.mtime(), facts.mtime_nsec()),
                size: if facts.is_dir() { 0 } else { facts.len() },
                content: facts.is_file().then(|| hash(&path)),
                link: facts.is_symlink().then(|| fs::read_link(&path).unwrap()),
                attributes: attributes(&path),
                same_as,
            },
        );
        if facts.is_dir() {
            walk(root, &path, seen, found);
        }
    }
}

pub fn hash(path: &Path) -> [u8; 32] {
    Sha256::digest(fs::read(path).unwrap()).into()
}

fn attributes(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut names = vec![0_u8; 64 * 1024];
    let length = rustix::fs::llistxattr(path, &mut names[..]).unwrap();
    names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let mut value = vec![0_u8; 64 * 1024];
            let length =
                rustix::fs::lgetxattr(path, OsStr::from_bytes(name), &mut value[..]).unwrap();
            value.truncate(length);
            (name.to_vec(), value)
        })
        .collect()
}

/// Bytes that look like chance and are the same each time.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A share as a school might have it: a few folders, small files, two larger ones.
pub fn plain(root: &Path, seed: u64) {
    fs::create_dir_all(root).unwrap();
    for class in ["CP", "CE1", "Direction"] {
        let folder = root.join(class);
        fs::create_dir_all(&folder).unwrap();
        for number in 0..12 {
            let content = noise(seed + number, 3_000 + number as usize * 700);
            fs::write(folder.join(format!("Élève {number}.odt")), content).unwrap();
        }
    }
    let mut archive = noise(seed + 99, 8 << 20);
    // A file is cut where its rolling hash is nothing, and no piece is shorter than
    // 512 KiB: in so many zeros one ends, whatever the repository has drawn.
    archive[4 << 20..][..600 << 10].fill(0);
    fs::write(root.join("Direction/archive.zip"), archive).unwrap();
    fs::write(root.join("vide.txt"), b"").unwrap();
}

/// A share that a slow line carries in seconds.
pub fn light(root: &Path, seed: u64) {
    for class in ["CP", "CM2"] {
        let folder = root.join(class);
        fs::create_dir_all(&folder).unwrap();
        for number in 0..10 {
            let content = noise(seed * 100 + number, 60_000);
            fs::write(folder.join(format!("Élève {number}.odt")), content).unwrap();
        }
    }
}

/// What may happen in a day: files added, changed, removed, renamed.
pub fn change(root: &Path, seed: u64) {
    fs::write(root.join("CP/nouveau.odt"), noise(seed, 40_000)).unwrap();
    fs::write(root.join("CP/Élève 1.odt"), noise(seed + 1, 5_000)).unwrap();
    fs::remove_file(root.join("CE1/Élève 2.odt")).unwrap();
    fs::rename(root.join("CE1"), root.join("CE2")).unwrap();
    let mut archive = fs::read(root.join("Direction/archive.zip")).unwrap();
    archive[1_000_000..1_000_500].copy_from_slice(&noise(seed + 2, 500));
    fs::write(root.join("Direction/archive.zip"), archive).unwrap();
}

/// An access list: the owner, one more person, the group, the mask, the others, as
/// Linux keeps it (version 2; tag, rights and id, little-endian).
fn access_list(person: u32) -> Vec<u8> {
    let mut list = 2_u32.to_le_bytes().to_vec();
    let nobody = u32::MAX;
    for (tag, rights, id) in [
        (0x01_u16, 7_u16, nobody),
        (0x02, 6, person),
        (0x04, 5, nobody),
        (0x10, 7, nobody),
        (0x20, 0, nobody),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

fn set_attribute(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::setxattr(path, name, value, XattrFlags::empty()).unwrap();
}

/// Everything that a file system allows and that copies get wrong.
pub fn hard(root: &Path) {
    fs::create_dir_all(root.join("dossier vide")).unwrap();
    let names: [&[u8]; 9] = [
        "Écoliers à l'œuvre – été 2026 ☀.odt".as_bytes(),
        "e\u{301}te\u{301} de\u{301}compose\u{301}.txt".as_bytes(),
        b"line\nbreak.txt",
        b"not utf-8 \xff\xfe\xc3.txt",
        b" blanks around ",
        br#"quotes " ' ` and \ backslash.txt"#,
        b"* ? [ab] {c,d} !.txt",
        b"-r --delete",
        b"tab\tand\x01control\x7f.txt",
    ];
    for (number, name) in names.iter().enumerate() {
        let path = root.join(OsStr::from_bytes(name));
        fs::write(path, noise(number as u64, 100 + number)).unwrap();
    }
    let long = "é".repeat(127) + "x";
    assert_eq!(long.len(), 255);
    fs::create_dir(root.join(&long)).unwrap();
    fs::write(root.join(&long).join(&long), b"long").unwrap();
    fs::create_dir(root.join(OsStr::from_bytes(b"dossier \xe9t\xe9"))).unwrap();
    fs::write(
        root.join(OsStr::from_bytes(b"dossier \xe9t\xe9/dedans")),
        b"inside",
    )
    .unwrap();

    fs::write(root.join("read-only"), b"r").unwrap();
    fs::set_permissions(root.join("read-only"), Permissions::from_mode(0o400)).unwrap();
    fs::write(root.join("special bits"), b"s").unwrap();
    std::os::unix::fs::chown(root.join("special bits"), Some(4000), Some(4001)).unwrap();
    fs::set_permissions(root.join("special bits"), Permissions::from_mode(0o6751)).unwrap();
    fs::create_dir(root.join("sticky, group")).unwrap();
    std::os::unix::fs::chown(root.join("sticky, group"), Some(4000), Some(4001)).unwrap();
    fs::set_permissions(root.join("sticky, group"), Permissions::from_mode(0o3770)).unwrap();

    symlink("Écoliers/nowhere", root.join("broken link")).unwrap();
    symlink(OsStr::from_bytes(b"not \xff utf-8"), root.join("odd link")).unwrap();
    symlink("../commun", root.join("link to a folder")).unwrap();
    std::os::unix::fs::lchown(root.join("broken link"), Some(4000), Some(4001)).unwrap();

    fs::write(root.join("linked twice"), noise(50, 70_000)).unwrap();
    fs::hard_link(root.join("linked twice"), root.join("dossier vide/again")).unwrap();

    let sparse = File::create(root.join("sparse")).unwrap();
    sparse.set_len(40 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"middle", 20 << 20).unwrap();
    drop(sparse);

    fs::write(root.join("attributes"), b"a").unwrap();
    let attributes = root.join("attributes");
    set_attribute(&attributes, "user.DOSATTRIB", b"\0\0\x05\0binary\xff");
    set_attribute(&attributes, "user.empty", b"");
    set_attribute(&attributes, "user.large", &noise(60, 2_000));
    set_attribute(&attributes, "security.NTACL", &noise(61, 120));
    fs::create_dir(root.join("access list")).unwrap();
    let listed = root.join("access list");
    set_attribute(&listed, "system.posix_acl_access", &access_list(4002));
    set_attribute(&listed, "system.posix_acl_default", &access_list(4003));
    fs::write(listed.join("file"), b"f").unwrap();
    set_attribute(
        &listed.join("file"),
        "system.posix_acl_access",
        &access_list(4004),
    );

    for (name, seconds, nanoseconds) in [
        ("read-only", 0_i64, 0_i64),
        ("special bits", 1_700_000_000, 123_456_789),
        ("attributes", -86_400, 0),
        ("broken link", 1_600_000_000, 987_654_321),
        ("dossier vide", 1_500_000_000, 1),
    ] {
        set_time(&root.join(name), seconds, nanoseconds);
    }
}

fn set_time(path: &Path, seconds: i64, nanoseconds: i64) {
    let time = rustix::fs::Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    };
    let times = rustix::fs::Timestamps {
        last_access: time,
        last_modification: time,
    };
    rustix::fs::utimensat(
        rustix::fs::CWD,
        path,
        &times,
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )
    .unwrap();
}

/// Fails with what differs, path by path.
#[track_caller]
pub fn assert_same(wanted: &Path, found: &Path) {
    let (wanted, found) = (describe(wanted), describe(found));
    let mut differences = Vec::new();
    for (path, facts) in &wanted {
        match found.get(path) {
            None => differences.push(format!("{path:?} is missing")),
            Some(other) if other != facts => {
                differences.push(format!("{path:?}: {facts:?}\n   became {other:?}"));
            }
            Some(_) => {}
        }
    }
    for path in found.keys() {
        if !wanted.contains_key(path) {
            differences.push(format!("{path:?} came from nowhere"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
