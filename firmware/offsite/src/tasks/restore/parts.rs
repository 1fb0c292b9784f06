//! A restore in parts. A plan remembers every name and every piece: of a million files
//! that was 375 MiB. A part holds as many as a plan may remember in a few MiB.
//!
//! What belongs to several parts waits: a folder gets its attributes with the part in which
//! it ends, since its time changes as long as something is written into it; files with
//! several names, which the library links only within one plan, are left for a last part.

use std::collections::{BTreeSet, VecDeque};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use rustic_core::RusticResult;
use rustic_core::repofile::Node;

/// What a listing gives: a path below what is restored, and what was copied of it.
pub type Item = RusticResult<(PathBuf, Node)>;

/// Names and pieces of one plan, each of which it remembers in some 300 bytes.
const MOST: usize = 16 * 1024;

/// The last part of a listing: its folders, and its files of several names.
pub fn last(listing: impl Iterator<Item = Item>) -> impl Iterator<Item = Item> {
    listing.filter(|item| match item {
        Ok((_, node)) => node.is_dir() || has_several_names(node),
        Err(_) => true,
    })
}

fn has_several_names(node: &Node) -> bool {
    node.is_file() && node.meta.links > 1
}

/// The paths at which the library will link a file that has another name before it.
pub fn further_names(
    listing: impl Iterator<Item = Item>,
) -> impl Iterator<Item = RusticResult<PathBuf>> {
    let mut seen = BTreeSet::new();
    listing.filter_map(move |item| match item {
        Ok((path, node)) => {
            let is_further =
                has_several_names(&node) && !seen.insert((node.meta.device_id, node.meta.inode));
            is_further.then_some(Ok(path))
        }
        Err(error) => Some(Err(error)),
    })
}

/// What is not in the parts that were listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub any: bool,
    /// Bytes to write, if all names of each file are in what is restored.
    pub bytes: u64,
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, more: Self) {
        self.any |= more.any;
        self.bytes += more.bytes;
    }
}

/// The next part of a listing, without the files of several names.
#[derive(Debug)]
pub struct Part<'a, L> {
    listing: &'a mut L,
    room: usize,
    /// The files that were passed over.
    pub left_out: LeftOut,
}

impl<'a, L> Part<'a, L> {
    /// The part with which a listing goes on.
    pub fn of(listing: &'a mut L) -> Self {
        Self::holding(MOST, listing)
    }

    fn holding(most: usize, listing: &'a mut L) -> Self {
        Self {
            listing,
            room: most,
            left_out: LeftOut::default(),
        }
    }
}

impl<L: Iterator<Item = Item>> Iterator for Part<'_, L> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.room > 0 {
            let item = self.listing.next()?;
            let Ok((_, node)) = &item else {
                return Some(item);
            };
            if has_several_names(node) {
                self.left_out.any = true;
                self.left_out.bytes += node.meta.size / node.meta.links;
                continue;
            }
            let pieces = node.content.as_ref().map_or(0, Vec::len);
            self.room = self.room.saturating_sub(1 + pieces);
            return Some(item);
        }
        None
    }
}

/// The folders that go on after the end of a part, from the outermost.
#[derive(Debug, Default)]
pub struct OpenFolders(Vec<(PathBuf, Node)>);

impl OpenFolders {
    /// A part with the folders that end in it, and without those that go on: they have
    /// the path with which the `next` part begins below them.
    pub fn close<'a>(
        &'a mut self,
        part: impl Iterator<Item = Item> + 'a,
        next: Option<&'a Path>,
    ) -> impl Iterator<Item = Item> + 'a {
        let goes_on = move |path: &Path| next.is_some_and(|next| next.starts_with(path));
        let before = std::mem::take(&mut self.0).into_iter().map(Ok);
        before.chain(part).filter_map(move |item| match item {
            Ok((path, node)) if node.is_dir() && goes_on(&path) => {
                self.0.push((path, node));
                None
            }
            item => Some(item),
        })
    }
}

/// The bytes that each further part of a listing will write, and what is in none. A file
/// that has its size already may be what was copied, and does not count.
pub fn survey<L: Iterator<Item = Item>>(
    listing: &mut L,
    is_there: impl Fn(&Path, &Node) -> bool,
) -> RusticResult<(VecDeque<u64>, LeftOut)> {
    let mut parts = VecDeque::new();
    let mut left_out = LeftOut::default();
    loop {
        let mut part = Part::of(listing);
        let mut bytes = None;
        for item in part.by_ref() {
            let (below, node) = item?;
            let writes = node.is_file() && !is_there(&below, &node);
            *bytes.get_or_insert(0) += if writes { node.meta.size } else { 0 };
        }
        left_out += part.left_out;
        match bytes {
            Some(bytes) => parts.push_back(bytes),
            None => return Ok((parts, left_out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_further_when_its_file_had_one() {
        let named = |name: &str, inode: u64| {
            let text = format!(
                r#"{{"name":"{name}","type":"file","links":2,"device_id":1,"inode":{inode}}}"#
            );
            Ok((PathBuf::from(name), serde_json::from_str(&text).unwrap()))
        };
        let listing = [named("a", 7), named("b", 8), named("c", 7), named("d", 8)];
        let further: Vec<_> = further_names(listing.into_iter())
            .map(Result::unwrap)
            .collect();
        assert_eq!(further, [Path::new("c"), Path::new("d")]);
    }

    fn node(name: &str, links: u64, pieces: usize) -> Item {
        let text = format!(
            r#"{{"name":"{name}","type":"file","size":10,"links":{links},"content":[{}]}}"#,
            vec![format!(r#""{}""#, "0".repeat(64)); pieces].join(",")
        );
        Ok((PathBuf::from(name), serde_json::from_str(&text).unwrap()))
    }

    fn names(items: impl Iterator<Item = Item>) -> Vec<String> {
        let name = |item: Item| item.unwrap().0.display().to_string();
        items.map(name).collect()
    }

    #[test]
    fn parts_follow_each_other_and_leave_out_what_has_several_names() {
        let all = [
            node("a", 1, 0),
            node("b", 2, 1),
            node("large", 1, 7),
            node("c", 1, 1),
            node("d", 1, 1),
            node("e", 1, 1),
        ];
        let mut listing = all.into_iter();
        let mut part = Part::holding(4, &mut listing);
        assert_eq!(names(part.by_ref()), ["a", "large"]);
        let left_out = LeftOut {
            any: true,
            bytes: 5,
        };
        assert_eq!(part.left_out, left_out);
        assert_eq!(names(Part::holding(4, &mut listing)), ["c", "d"]);
        assert_eq!(names(Part::holding(4, &mut listing)), ["e"]);
        assert_eq!(names(Part::holding(4, &mut listing)), [""; 0]);
    }

    #[test]
    fn a_folder_comes_with_the_part_in_which_it_ends() {
        let folder = |path: &str| {
            let text = r#"{"name":"of no matter","type":"dir"}"#;
            Ok((PathBuf::from(path), serde_json::from_str(text).unwrap()))
        };
        let first = [
            folder("a"),
            folder("a/b"),
            node("a/b/1", 1, 1),
            folder("a/c"),
        ];
        let mut open = OpenFolders::default();
        let next = Some(Path::new("a/c/2"));
        let closed = names(open.close(first.into_iter(), next));
        assert_eq!(closed, ["a/b", "a/b/1"]);
        let closed = names(open.close([node("a/c/2", 1, 1)].into_iter(), None));
        assert_eq!(closed, ["a", "a/c", "a/c/2"]);
    }

    #[test]
    fn the_last_part_has_what_the_others_left_out() {
        let listing = [node("a", 1, 1), node("b", 2, 1)].into_iter();
        assert_eq!(names(last(listing)), ["b"]);
    }
}
