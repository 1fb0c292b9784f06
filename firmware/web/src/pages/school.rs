//! When the school works: a form on the page of the disks.

use super::{Answer, disk, go, refused};
use crate::forms::{Fields, Refusal};
use crate::visit::Visit;
use crate::words::Words;
use preau_domain::settings::SchoolHours;

/// The form, with what is chosen.
pub(super) struct SchoolPart {
    pub(super) from: Vec<HourPart>,
    pub(super) to: Vec<HourPart>,
    pub(super) weekends: bool,
}

/// An hour that can be chosen.
pub(super) struct HourPart {
    pub(super) hour: u8,
    pub(super) text: String,
    pub(super) chosen: bool,
}

impl SchoolPart {
    pub(super) fn of(words: Words, hours: &SchoolHours) -> Self {
        let part = |chosen: u8| {
            move |hour| HourPart {
                hour,
                text: words.t1("school-hour", "hour", hour),
                chosen: hour == chosen,
            }
        };
        Self {
            from: (0..24).map(part(hours.from)).collect(),
            to: (1..=24).map(part(hours.to)).collect(),
            weekends: hours.weekends,
        }
    }
}

pub(crate) async fn set(visit: Visit, fields: Fields) -> Answer {
    // Something that is no hour is none of a day: the supervisor says the rule.
    let hour = |name: &str| fields.raw(name).parse().unwrap_or(u8::MAX);
    let wanted = SchoolHours {
        from: hour("from"),
        to: hour("to"),
        weekends: fields.has("weekends", "yes"),
    };
    match visit.api().set_school_hours(&wanted).await {
        Ok(()) => go("/disks#school-hours"),
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(disk::list_with(&visit, refusal, Some(&wanted)).await?)
        }
    }
}
