//! What is compared, and how `dd` tells of it.

use anyhow::{Context, Result, ensure};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// md alone.
    Md,
    /// md on dm-integrity, which notes regions being written in a bitmap.
    Bitmap,
    /// md on dm-integrity, which writes everything to a journal first.
    Journal,
    /// btrfs keeps both copies.
    Btrfs,
}

pub(super) const ALL: [Layout; 4] = [Layout::Md, Layout::Bitmap, Layout::Journal, Layout::Btrfs];

impl Layout {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Bitmap => "md on dm-integrity (bitmap)",
            Self::Journal => "md on dm-integrity (journal)",
            Self::Btrfs => "btrfs raid1",
        }
    }

    /// How `integritysetup` is told of the mode.
    pub(super) const fn mode(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Bitmap => Some(&["--integrity-bitmap-mode"]),
            Self::Journal => Some(&[]),
            Self::Md | Self::Btrfs => None,
        }
    }
}

/// Megabytes a second, from dd's last line: `… bytes (…) copied, 1.5 s, 112 MB/s`.
pub(super) fn speed(told: &str) -> Result<f64> {
    let line = told
        .lines()
        .find(|line| line.contains("copied"))
        .context("dd did not say how much it copied")?;
    let number = |text: Option<&str>| -> Result<f64> {
        let word = text.and_then(|text| text.split_whitespace().next());
        Ok(word.context("no number")?.parse()?)
    };
    let bytes = number(Some(line))?;
    let seconds = number(line.split("copied, ").nth(1))?;
    ensure!(seconds > 0.0, "nothing takes no time: {line}");
    Ok(bytes / 1e6 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_read_from_what_dd_says() {
        let told = "160+0 records in\n160+0 records out\n\
                    167772160 bytes (168 MB, 160 MiB) copied, 2 s, 83.9 MB/s\n";
        assert_eq!(speed(told).unwrap().round(), 84.0);
        assert!(speed("dd: no such file").is_err());
    }
}
