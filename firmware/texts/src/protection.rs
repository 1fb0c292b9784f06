//! Protection in words: what may fail, what is chosen, what a disk more brings.

use crate::Texts;
use preau_domain::layouts::{Growth, Layout, Protection};

/// The name of a layout in the keys of texts, and in the API.
pub const fn layout_name(layout: Layout) -> &'static str {
    match layout {
        Layout::Single => "single",
        Layout::Mirror => "mirror",
        Layout::Parity => "parity",
        Layout::DoubleParity => "double_parity",
        Layout::Pairs => "pairs",
    }
}

/// How many disks may fail now.
pub fn protection_now(texts: Texts, left: u32, layout: Layout) -> String {
    if layout == Layout::Single {
        return texts.t("protection-single");
    }
    texts.t_with("protection-now", &[("left", left.into())])
}

/// A protection that may be chosen: what it survives, in one line.
pub fn protection_title(texts: Texts, protection: &Protection) -> String {
    if protection.layout == Layout::Single {
        return texts.t("protection-single-title");
    }
    texts.t_with("protection-title", &[("left", protection.may_fail.into())])
}

/// How it does that, for those who want to know.
pub fn protection_how(texts: Texts, protection: &Protection) -> String {
    let args = [
        ("layout", layout_name(protection.layout).into()),
        ("spares", protection.spares.into()),
    ];
    texts.t_with("protection-how", &args)
}

/// What a disk more brings.
pub fn growth(texts: Texts, growth: Growth, may_fail: u32, usable: u64) -> String {
    let key = match growth {
        Growth::Spare => "growth-spare",
        Growth::Safer => "growth-safer",
        Growth::Larger => "growth-larger",
    };
    let args = [
        ("left", may_fail.into()),
        ("usable", texts.bytes(usable).into()),
    ];
    texts.t_with(key, &args)
}
