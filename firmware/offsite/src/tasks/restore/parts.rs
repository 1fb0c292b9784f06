//! A restore in parts. A plan remembers every name and every piece: of a million files
//! that was 375 MiB. A part holds as many as a plan may remember in a few MiB.
//!
//! What belongs to several parts waits: a folder gets its attributes with the part in which
//! it ends, since its time changes as long as something is written into it; files with
//! several names, which the library links only within one plan, are left for a last part.

use std::collections::{BTreeSet, VecDeque};
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

/// The files of several names of which one was seen.
#[derive(Debug, Default)]
struct Named(BTreeSet<(u64, u64)>);

impl Named {
    /// Whether a file of several names had another one before.
    fn is_further(&mut self, node: &Node) -> bool {
        !self.0.insert((node.meta.device_id, node.meta.inode))
    }
}

/// The paths at which the library will link a file that has another name before it.
pub fn further_names(
    listing: impl Iterator<Item = Item>,
) -> impl Iterator<Item = RusticResult<PathBuf>> {
    let mut named = Named::default();
    listing.filter_map(move |item| match item {
        Ok((path, node)) => {
            (has_several_names(&node) && named.is_further(&node)).then_some(Ok(path))
        }
        Err(error) => Some(Err(error)),
    })
}

/// The next part of a listing, without the files of several names.
#[derive(Debug)]
pub struct Part<'a, L> {
    listing: &'a mut L,
    room: usize,
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

/// What a restore will write, as far as names and sizes tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Survey {
    /// Bytes of each part.
    pub parts: VecDeque<u64>,
    /// Bytes of the files that are in none, if there are such.
    pub several_names: Option<u64>,
}

impl Survey {
    /// Goes through a listing. A file that has its size already may be what was copied, and
    /// does not count.
    pub fn of(
        listing: impl Iterator<Item = Item>,
        is_there: impl Fn(&Path, &Node) -> bool,
    ) -> RusticResult<Self> {
        Self::in_parts_of(MOST, listing, is_there)
    }

    fn in_parts_of(
        most: usize,
        listing: impl Iterator<Item = Item>,
        is_there: impl Fn(&Path, &Node) -> bool,
    ) -> RusticResult<Self> {
        let to_write = |below: &Path, node: &Node| {
            if node.is_file() && !is_there(below, node) {
                node.meta.size
            } else {
                0
            }
        };
        let mut parts = VecDeque::new();
        let mut several_names = None;
        let mut named = Named::default();
        let mut listing = listing.inspect(|item| {
            if let Ok((below, node)) = item
                && has_several_names(node)
            {
                let further = named.is_further(node);
                let bytes = if further { 0 } else { to_write(below, node) };
                *several_names.get_or_insert(0) += bytes;
            }
        });
        loop {
            let mut bytes = None;
            for item in Part::holding(most, &mut listing) {
                let (below, node) = item?;
                *bytes.get_or_insert(0) += to_write(&below, &node);
            }
            match bytes {
                Some(bytes) => parts.push_back(bytes),
                None => break,
            }
        }
        drop(listing);
        Ok(Self {
            parts,
            several_names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of two names.
    fn named(name: &str, inode: u64) -> Item {
        let text = format!(
            r#"{{"name":"{name}","type":"file","size":10,"links":2,"device_id":1,"inode":{inode}}}"#
        );
        Ok((PathBuf::from(name), serde_json::from_str(&text).unwrap()))
    }

    #[test]
    fn a_name_is_further_when_its_file_had_one() {
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
        assert_eq!(names(Part::holding(4, &mut listing)), ["a", "large"]);
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
    fn what_is_there_needs_no_room() {
        let all = || {
            let twins = [named("twin", 7), named("other twin", 7), named("third", 8)];
            [node("a", 1, 3), node("b", 1, 3), node("c", 1, 3)]
                .into_iter()
                .chain(twins)
        };
        let survey = |there: &'static [&str]| {
            let is_there = |below: &Path, _: &Node| there.iter().any(|name| below.ends_with(name));
            Survey::in_parts_of(8, all(), is_there).unwrap()
        };
        let nothing_there = Survey {
            parts: [20, 10].into(),
            several_names: Some(20),
        };
        assert_eq!(survey(&[]), nothing_there);
        let much_there = Survey {
            parts: [10, 0].into(),
            several_names: Some(10),
        };
        assert_eq!(survey(&["a", "c", "twin"]), much_there);
        let few = Survey::of([node("a", 1, 1)].into_iter(), |_, _| false).unwrap();
        assert_eq!(few.several_names, None);
    }

    #[test]
    fn the_last_part_has_what_the_others_left_out() {
        let listing = [node("a", 1, 1), node("b", 2, 1)].into_iter();
        assert_eq!(names(last(listing)), ["b"]);
    }
}
