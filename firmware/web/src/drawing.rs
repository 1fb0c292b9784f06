//! The front of the box as a picture: its bays, what sits in each, which one is
//! meant. Colours come from the style sheet; what the picture says is also said in
//! words beside it, and in its label for those who do not see it.

use crate::words::Words;
use preau_api::{DiskRole, DiskView, LostDisk};
use preau_domain::health::Verdict;
use preau_domain::ids::Bay;
use std::fmt::Write;

/// What is seen of a bay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Empty,
    Lost,
    /// It holds the files, and is to be replaced.
    Failing,
    Disk(DiskRole),
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Lost => "lost",
            Self::Failing => "failing",
            Self::Disk(DiskRole::InUse) => "use",
            Self::Disk(DiskRole::Rebuilding) => "copy",
            Self::Disk(DiskRole::Failed) => "failed",
            Self::Disk(DiskRole::Waiting | DiskRole::HeldOut | DiskRole::Diverged) => "waiting",
            Self::Disk(DiskRole::Free) => "free",
            Self::Disk(DiskRole::HoldsData) => "data",
        }
    }

    /// The sign on the tray, around 0,0.
    const fn sign(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::Lost | Self::Failing => r#"<path d="M0-7v8M0 7v.1"/>"#,
            Self::Disk(DiskRole::InUse) => r#"<path d="m-6 .5 4 4.5 8-9"/>"#,
            Self::Disk(DiskRole::Rebuilding) => r#"<path d="M-7-3H6L2-7M7 3H-6l4 4"/>"#,
            Self::Disk(DiskRole::Failed) => r#"<path d="m-5-5 10 10M5-5-5 5"/>"#,
            Self::Disk(DiskRole::Waiting | DiskRole::HeldOut | DiskRole::Diverged) => {
                r#"<path d="M-6 0h.1M0 0h.1M6 0h.1"/>"#
            }
            Self::Disk(DiskRole::Free) => r#"<path d="M0-6V6M-6 0H6"/>"#,
            Self::Disk(DiskRole::HoldsData) => r#"<path d="M-6-4.5H6M-6 0H6M-6 4.5H2"/>"#,
        }
    }

    fn word(self, words: Words) -> String {
        match self {
            Self::Empty => words.t("bay-empty"),
            Self::Lost => words.t("bay-lost"),
            Self::Failing => words.verdict(Some(Verdict::ReplaceSoon)),
            Self::Disk(role) => words.disk_role(role),
        }
    }
}

/// A bay as it is drawn.
#[derive(Debug, Clone)]
struct Place {
    label: String,
    mark: Mark,
    meant: bool,
}

/// The bays between the first and the last that is known to hold or to have held a
/// disk; two at least. A disk without a bay is not in the picture.
fn places(disks: &[DiskView], lost: &[LostDisk], meant: &[Bay]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut put = |bay: Option<&Bay>, mark: Mark| {
        let Some(bay) = bay else { return };
        match places.iter_mut().find(|place| place.label == bay.0) {
            // A disk that is there says more than one that left.
            Some(place) => place.mark = mark,
            None => places.push(Place {
                label: bay.0.clone(),
                mark,
                meant: meant.contains(bay),
            }),
        }
    };
    for disk in lost {
        put(disk.bay.as_ref(), Mark::Lost);
    }
    for view in disks {
        let is_failing = view.health.verdict >= Some(Verdict::ReplaceSoon);
        let mark = match view.role {
            DiskRole::InUse if is_failing => Mark::Failing,
            role => Mark::Disk(role),
        };
        put(view.disk.bay.as_ref(), mark);
    }
    let number = |place: &Place| place.label.parse::<u8>().ok();
    let last = places.iter().filter_map(number).max().unwrap_or(0).max(2);
    for label in 1..=last {
        if !places.iter().any(|place| number(place) == Some(label)) && last <= 8 {
            places.push(Place {
                label: label.to_string(),
                mark: Mark::Empty,
                meant: false,
            });
        }
    }
    places.sort_by_key(|place| (number(place).unwrap_or(u8::MAX), place.label.clone()));
    places
}

const TRAY_WIDTH: usize = 56;
const TRAY_HEIGHT: usize = 132;
const GAP: usize = 8;
const EDGE: usize = 16;
const FOOT: usize = 34;

/// The picture, as SVG; nothing when no disk has a bay.
pub(crate) fn draw(words: Words, disks: &[DiskView], lost: &[LostDisk], meant: &[Bay]) -> String {
    let somewhere = disks.iter().any(|view| view.disk.bay.is_some())
        || lost.iter().any(|disk| disk.bay.is_some());
    if !somewhere {
        return String::new();
    }
    let places = places(disks, lost, meant);
    let width = 2 * EDGE + places.len() * (TRAY_WIDTH + GAP) - GAP;
    let height = EDGE + TRAY_HEIGHT + FOOT;
    let label: Vec<String> = places
        .iter()
        .map(|place| {
            words.t2(
                "drawing-bay",
                ("bay", &place.label),
                ("state", place.mark.word(words)),
            )
        })
        .collect();
    let label = words.t1("drawing-label", "bays", label.join(", "));
    let label = askama::filters::escape(label, askama::filters::Html)
        .map(|text| text.to_string())
        .unwrap_or_default();
    let mut svg = format!(
        r#"<svg class="box-drawing bays-{count}" viewBox="-2 -2 {} {}" role="img" aria-label="{label}"><rect class="case" width="{width}" height="{height}" rx="14"/><path class="feet" d="M{EDGE} {height}h26v6h-26zM{} {height}h26v6h-26z"/>"#,
        width + 4,
        height + 10,
        width - EDGE - 26,
        count = places.len(),
    );
    let led = height - FOOT / 2;
    // Writing into a String does not fail.
    let _ = write!(
        svg,
        r#"<circle class="led" cx="{}" cy="{led}" r="3.5"/><path class="slot" d="M{} {led}h{}"/>"#,
        EDGE + 6,
        width - EDGE - 44,
        40
    );
    for (index, place) in places.iter().enumerate() {
        let x = EDGE + index * (TRAY_WIDTH + GAP);
        let middle = TRAY_WIDTH / 2;
        let meant = if place.meant { " meant" } else { "" };
        let _ = write!(
            svg,
            r#"<g class="bay bay-{class}{meant}" transform="translate({x} {EDGE})"><rect class="tray" width="{TRAY_WIDTH}" height="{TRAY_HEIGHT}" rx="7"/><text x="{middle}" y="26">{label}</text>"#,
            class = place.mark.class(),
            label = place
                .label
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>(),
        );
        if place.mark != Mark::Empty {
            let _ = write!(
                svg,
                r#"<g class="sign" transform="translate({middle} 62)"><circle r="15"/>{sign}</g>"#,
                sign = place.mark.sign()
            );
        }
        if matches!(place.mark, Mark::Disk(_) | Mark::Failing) {
            let _ = write!(
                svg,
                r#"<path class="handle" d="M14 96h{0}M14 104h{0}M14 112h{0}"/>"#,
                TRAY_WIDTH - 28
            );
        }
        svg.push_str("</g>");
    }
    svg.push_str("</svg>");
    svg
}
