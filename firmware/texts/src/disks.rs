//! A disk's verdict in words: a word, a sentence, and one sentence for each thing
//! that was found. What helps the person who helps is said apart.

use crate::{Setting, Texts, Value};
use jiff::Timestamp;
use preau_domain::health::{Reason, Verdict};

/// The verdict as one or two words; `None` of a disk that was not read yet.
pub fn verdict(texts: Texts, verdict: Option<Verdict>) -> String {
    texts.t(&format!("verdict-{}", key(verdict)))
}

/// The verdict as a sentence.
pub fn verdict_sentence(texts: Texts, verdict: Option<Verdict>) -> String {
    texts.t(&format!("verdict-sentence-{}", key(verdict)))
}

const fn key(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "unknown",
        Some(Verdict::Healthy) => "healthy",
        Some(Verdict::Unreadable) => "unreadable",
        Some(Verdict::Watch) => "watch",
        Some(Verdict::ReplaceSoon) => "replace_soon",
        Some(Verdict::Failed) => "failed",
    }
}

/// What was found, as a sentence for everybody.
pub fn disk_reason(texts: Texts, reason: &Reason, setting: &Setting<'_>) -> String {
    let name = match reason {
        Reason::Reallocated { grown, .. } if *grown > 0 => "reallocated-grown",
        Reason::SelfTestFailed { old: true, .. } => "self-test-failed-old",
        other => name(other),
    };
    let key = format!("disk-reason-{name}");
    texts.t_with(&key, &arguments(texts, reason, setting))
}

/// What was found, in the field's own terms: `214 secteurs réalloués, +30 en 30 jours`.
pub fn disk_figure(texts: Texts, reason: &Reason, setting: &Setting<'_>) -> String {
    let key = format!("disk-figure-{}", name(reason));
    let args = arguments(texts, reason, setting);
    let figure = texts.t_with(&key, &args);
    let grown = match reason {
        Reason::Unreadable { grown, .. }
        | Reason::Reallocated { grown, .. }
        | Reason::Uncorrected { grown, .. }
        | Reason::Cable { grown } => *grown,
        _ => 0,
    };
    if grown == 0 {
        return figure;
    }
    texts.t_with(
        "disk-figure-with-growth",
        &[("figure", figure.into()), ("grown", grown.into())],
    )
}

const fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::NeverRead => "never-read",
        Reason::Silent { .. } => "silent",
        Reason::OwnVerdict => "own-verdict",
        Reason::BelowThreshold { .. } => "below-threshold",
        Reason::Unreadable { .. } => "unreadable",
        Reason::Reallocated { .. } => "reallocated",
        Reason::Uncorrected { .. } => "uncorrected",
        Reason::Corrupted { .. } => "corrupted",
        Reason::Cable { .. } => "cable",
        Reason::Worn { .. } => "worn",
        Reason::Warning { .. } => "warning",
        Reason::SpareLow { .. } => "spare-low",
        Reason::SelfTestFailed { .. } => "self-test-failed",
        Reason::ReadFailed { .. } => "read-failed",
        Reason::Hot { .. } => "hot",
        Reason::MediumErrors { .. } => "medium-errors",
        Reason::LinkResets { .. } => "link-resets",
        Reason::ControllerResets { .. } => "controller-resets",
        Reason::Repaired { .. } => "repaired",
        Reason::Marked { .. } => "marked",
    }
}

/// Every argument that a sentence about that reason may ask for.
fn arguments(
    texts: Texts,
    reason: &Reason,
    setting: &Setting<'_>,
) -> Vec<(&'static str, Value<'static>)> {
    let moment = |at: Timestamp| texts.moment(at, setting.now, setting.time_zone);
    match *reason {
        Reason::NeverRead | Reason::OwnVerdict => Vec::new(),
        Reason::Silent { since } => vec![("since", moment(since).into())],
        Reason::BelowThreshold {
            id,
            value,
            threshold,
        } => vec![
            ("id", id.into()),
            ("value", value.into()),
            ("threshold", threshold.into()),
        ],
        Reason::Unreadable { id, sectors, .. } => {
            vec![("id", id.into()), ("count", sectors.into())]
        }
        Reason::Reallocated { sectors, grown } => {
            vec![("count", sectors.into()), ("grown", grown.into())]
        }
        Reason::Uncorrected { errors, .. } => vec![("count", errors.into())],
        Reason::Corrupted { times } => vec![("count", times.into())],
        Reason::Cable { grown } => vec![("grown", grown.into())],
        Reason::Worn { used } => vec![("percent", used.0.into())],
        Reason::Warning { bits } => vec![("bits", format!("0x{bits:02x}").into())],
        Reason::SpareLow { spare, threshold } => vec![
            ("percent", spare.0.into()),
            ("threshold", threshold.0.into()),
        ],
        Reason::SelfTestFailed { at, .. } => vec![("hours", at.0.into())],
        Reason::ReadFailed { times } => vec![("count", times.into())],
        Reason::Hot { temperature } => vec![("degrees", temperature.0.into())],
        Reason::MediumErrors { errors } => vec![("count", errors.into())],
        Reason::LinkResets { resets } | Reason::ControllerResets { resets } => {
            vec![("count", resets.into())]
        }
        Reason::Repaired { sectors, times } => vec![
            ("size", texts.bytes(sectors * 512).into()),
            ("count", times.into()),
        ],
        Reason::Marked {
            write_error,
            sectors,
        } => {
            let state = if write_error {
                "write_error"
            } else {
                "in_sync"
            };
            vec![("state", state.into()), ("count", sectors.into())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use preau_domain::health::{Celsius, Hours, Percent};
    use preau_domain::language::Language;

    /// One of each kind.
    fn reasons() -> Vec<Reason> {
        let since = Timestamp::UNIX_EPOCH;
        let at = Hours(900);
        vec![
            Reason::NeverRead,
            Reason::Silent { since },
            Reason::OwnVerdict,
            Reason::BelowThreshold {
                id: 5,
                value: 9,
                threshold: 10,
            },
            Reason::Unreadable {
                id: 197,
                sectors: 12,
                grown: 4,
            },
            Reason::Reallocated {
                sectors: 214,
                grown: 30,
            },
            Reason::Reallocated {
                sectors: 214,
                grown: 0,
            },
            Reason::Uncorrected {
                errors: 3,
                grown: 0,
            },
            Reason::Corrupted { times: 2 },
            Reason::Cable { grown: 45 },
            Reason::Worn { used: Percent(92) },
            Reason::Warning { bits: 4 },
            Reason::SpareLow {
                spare: Percent(9),
                threshold: Percent(10),
            },
            Reason::SelfTestFailed { at, old: false },
            Reason::SelfTestFailed { at, old: true },
            Reason::ReadFailed { times: 3 },
            Reason::Hot {
                temperature: Celsius(61),
            },
            Reason::MediumErrors { errors: 1 },
            Reason::MediumErrors { errors: 7 },
            Reason::LinkResets { resets: 4 },
            Reason::ControllerResets { resets: 1 },
            Reason::Repaired {
                sectors: 16,
                times: 1,
            },
            Reason::Repaired {
                sectors: 4000,
                times: 3,
            },
            Reason::Marked {
                write_error: true,
                sectors: 8,
            },
            Reason::Marked {
                write_error: false,
                sectors: 8,
            },
        ]
    }

    const SETTING: Setting<'_> = Setting {
        time_zone: &TimeZone::UTC,
        now: Timestamp::UNIX_EPOCH,
    };

    #[test]
    fn whatever_was_found_has_its_words_and_its_figures() {
        for texts in Language::ALL.map(Texts::new) {
            for reason in reasons() {
                for text in [
                    disk_reason(texts, &reason, &SETTING),
                    disk_figure(texts, &reason, &SETTING),
                ] {
                    assert!(!text.is_empty() && !text.contains('{'), "{text}");
                }
            }
            let verdicts = [
                None,
                Some(Verdict::Healthy),
                Some(Verdict::Unreadable),
                Some(Verdict::Watch),
                Some(Verdict::ReplaceSoon),
                Some(Verdict::Failed),
            ];
            for found in verdicts {
                for text in [verdict(texts, found), verdict_sentence(texts, found)] {
                    assert!(!text.is_empty() && !text.contains('{'), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_reason_is_said_to_everybody_and_counted_for_who_helps() {
        let texts = Texts::new(Language::Fr);
        let found = Reason::Reallocated {
            sectors: 214,
            grown: 30,
        };
        assert_eq!(
            disk_reason(texts, &found, &SETTING),
            "Il a dû remplacer 214 endroits abîmés de sa surface, dont 30 ce mois-ci."
        );
        assert_eq!(
            disk_figure(texts, &found, &SETTING),
            "214 secteurs réalloués, +30 en 30 jours"
        );
    }
}
