//! The ways in which the chosen disks can protect each other, as the set-up shows
//! them: in words, with what each holds, a small picture, the recommended one chosen.

use crate::forms::Fields;
use crate::words::Words;
use preau_api::DiskView;
use preau_domain::layouts::{Layout, Protection, protections};
use preau_texts::{protection_how, protection_title};
use std::fmt::Write;

/// One way.
pub(super) struct Choice {
    /// `double_parity:1`: the layout and its spares.
    pub(super) value: String,
    pub(super) title: String,
    pub(super) usable: String,
    pub(super) how: String,
    pub(super) recommended: bool,
    pub(super) chosen: bool,
    pub(super) picture: String,
}

/// All that is said of the chosen disks.
pub(super) struct Choices {
    pub(super) ways: Vec<Choice>,
    /// What mixed sizes leave unused, a sentence for each disk.
    pub(super) leftovers: Vec<String>,
    /// A disk that costs more than it brings, in a sentence.
    pub(super) better_without: Option<String>,
}

impl Choices {
    pub(super) fn of(words: Words, disks: &[&DiskView], fields: &Fields) -> Self {
        let sizes: Vec<_> = disks
            .iter()
            .map(|view| (view.disk.id.clone(), view.disk.size))
            .collect();
        let found = protections(&sizes);
        let name = |id: &preau_domain::ids::DiskId| {
            let view = disks.iter().find(|view| view.disk.id == *id);
            view.map_or_else(String::new, |view| words.full_name(&view.disk))
        };
        let asked = found
            .choices
            .iter()
            .any(|way| fields.has("protection", &value(way)));
        Self {
            ways: found
                .choices
                .iter()
                .map(|way| Choice {
                    value: value(way),
                    title: protection_title(words.texts(), way),
                    usable: words.t1("protection-usable", "size", words.bytes(&way.usable)),
                    how: protection_how(words.texts(), way),
                    recommended: way.recommended,
                    chosen: if asked {
                        fields.has("protection", &value(way))
                    } else {
                        way.recommended
                    },
                    picture: picture(disks.len(), way),
                })
                .collect(),
            leftovers: found
                .leftovers
                .iter()
                .map(|left| {
                    let (disk, size) = (name(&left.disk), words.bytes(&left.unused));
                    words.t2("protection-leftover", ("disk", disk), ("size", size))
                })
                .collect(),
            better_without: found.better_without.map(|better| {
                let (disk, size) = (name(&better.disk), words.bytes(&better.usable));
                words.t2("protection-better-without", ("disk", disk), ("size", size))
            }),
        }
    }
}

fn value(way: &Protection) -> String {
    format!("{}:{}", preau_texts::layout_name(way.layout), way.spares)
}

/// The layout and the spares that a form chose; `None` when it holds neither.
pub(super) fn chosen(fields: &Fields) -> Option<(Layout, u32)> {
    let text = fields.filled("protection")?;
    let (name, spares) = text.split_once(':')?;
    let layout = Layout::ALL
        .into_iter()
        .find(|layout| preau_texts::layout_name(*layout) == name)?;
    Some((layout, spares.parse().ok()?))
}

/// The disks side by side: those that may fail with a cross, a spare with dots. The
/// words beside it say the same.
fn picture(disks: usize, way: &Protection) -> String {
    let spares = way.spares as usize;
    let may_fail = way.may_fail as usize;
    let width = disks * 22 + 2;
    let mut svg = format!(
        r#"<svg class="protection-picture" viewBox="0 0 {width} 40" width="{width}" height="40" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">"#
    );
    for place in 0..disks {
        let x = place * 22 + 3;
        let waits = place >= disks - spares;
        let fails = !waits && place >= disks - spares - may_fail.min(disks - spares);
        let dash = if waits {
            r#" stroke-dasharray="3 4""#
        } else {
            ""
        };
        // Writing into a String does not fail.
        let _ = write!(
            svg,
            r#"<rect x="{x}" y="3" width="17" height="34" rx="3"{dash}/>"#
        );
        let sign = match (waits, fails) {
            (true, _) => "",
            (false, true) => "m4 12 9 9m0-9-9 9",
            (false, false) => "M4 13h9M4 18h9M4 23h6",
        };
        let _ = write!(svg, r#"<path transform="translate({x} 3)" d="{sign}"/>"#);
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: Protection = Protection {
        layout: Layout::DoubleParity,
        spares: 1,
        usable: 1,
        may_fail: 2,
        recommended: true,
    };

    #[test]
    fn what_a_form_chose_is_read_back_and_nothing_else_is() {
        let fields = |value: &str| Fields::from(vec![("protection".to_owned(), value.to_owned())]);
        assert_eq!(
            chosen(&fields(&value(&WAY))),
            Some((Layout::DoubleParity, 1))
        );
        assert_eq!(chosen(&fields("raid0:0")), None);
        assert_eq!(chosen(&fields("mirror")), None);
        assert_eq!(chosen(&Fields::default()), None);
    }

    #[test]
    fn a_picture_has_a_cross_for_each_disk_that_may_fail() {
        let svg = picture(6, &WAY);
        assert_eq!(svg.matches("<rect").count(), 6);
        assert_eq!(svg.matches("m0-9-9 9").count(), 2);
        assert_eq!(svg.matches("dasharray").count(), 1);
    }
}
