//! Disks as the pages show them, and the consent to erase one: what was shown is
//! sent along in the form, so that the supervisor can refuse when the disk is no
//! longer the one that was shown.

use crate::forms::Fields;
use crate::words::{self, Words};
use preau_api::{DiskRole, DiskView};
use preau_domain::settings::EraseConsent;

/// A disk in words.
pub(super) struct DiskCard {
    pub(super) id: String,
    pub(super) role: &'static str,
    pub(super) role_word: String,
    pub(super) icon: &'static str,
    /// `Baie 2`.
    pub(super) place: String,
    pub(super) model: String,
    pub(super) serial: String,
    pub(super) serial_end: String,
    /// `le disque de la baie 2 (WDC WD40EFZX, n° WD-WX12D9075H7K)`, serial whole.
    pub(super) full_name: String,
    pub(super) size: String,
    pub(super) bus: &'static str,
    pub(super) contents: Vec<String>,
    pub(super) contents_digest: String,
    /// It was chosen, in the form that is shown again.
    pub(super) chosen: bool,
    /// How it is, once that was read.
    pub(super) health: Option<HealthPart>,
    /// The person agreed to lose what is on it.
    pub(super) agreed: bool,
}

/// How a disk is, with the way to its page.
pub(super) struct HealthPart {
    pub(super) href: String,
    pub(super) verdict: &'static str,
    pub(super) icon: &'static str,
    pub(super) word: String,
    pub(super) temperature: Option<String>,
}

impl DiskCard {
    pub(super) fn of(words: Words, view: &DiskView) -> Self {
        let disk = &view.disk;
        Self {
            id: disk.id.as_str().to_owned(),
            role: words::disk_role(view.role),
            role_word: words.disk_role(view.role),
            icon: role_icon(view.role),
            place: words.bay(disk.bay.as_ref()),
            model: disk.model.clone(),
            serial: disk.serial.clone(),
            serial_end: disk.serial_end().to_owned(),
            full_name: words.full_name(disk),
            size: words.bytes(&disk.size),
            bus: words.bus(disk.bus),
            contents: match view.set {
                // What people see of it is not an array but their other box.
                Some(_) => vec![words.t("content-preau")],
                None => disk
                    .contents
                    .iter()
                    .map(|content| words.content(content))
                    .collect(),
            },
            contents_digest: if disk.is_blank() {
                String::new()
            } else {
                disk.contents_digest.clone()
            },
            health: view.health.verdict.map(|verdict| HealthPart {
                href: super::disk::address(disk.id.as_str()),
                verdict: words::disk_verdict(Some(verdict)),
                icon: super::disk::verdict_icon(Some(verdict)),
                word: words.verdict(Some(verdict)),
                temperature: view.health.temperature.map(|found| words.degrees(found)),
            }),
            chosen: false,
            agreed: false,
        }
    }

    /// The same with the ticks that `fields` hold.
    pub(super) fn ticked(mut self, fields: &Fields) -> Self {
        self.chosen = fields.has("disk", &self.id);
        self.agreed = fields.has("erase", &self.id);
        self
    }

    pub(super) fn is_blank(&self) -> bool {
        self.contents.is_empty()
    }
}

pub(super) const fn role_icon(role: DiskRole) -> &'static str {
    match role {
        DiskRole::InUse => "ok",
        DiskRole::Rebuilding => "copy",
        DiskRole::Failed => "danger",
        DiskRole::Waiting | DiskRole::Free => "info",
        DiskRole::HeldOut | DiskRole::Diverged | DiskRole::HoldsData => "attention",
    }
}

/// The consents that a form holds: `disk`, `serial` and `contents_digest` as they
/// were shown, side by side. A disk that is not blank is agreed to by its own tick
/// alone; without it the digest is left out, and the supervisor refuses.
pub(super) fn consents(fields: &Fields, known: &[DiskView]) -> Vec<EraseConsent> {
    fields
        .all("disk")
        .zip(fields.all("serial"))
        .zip(fields.all("contents_digest"))
        .filter_map(|((id, serial), digest)| {
            let view = known.iter().find(|view| view.disk.id.as_str() == id);
            let disk = match view {
                Some(view) => view.disk.id.clone(),
                None => parse_id(id)?,
            };
            let agreed = fields.has("erase", id) && !digest.is_empty();
            Some(EraseConsent {
                disk,
                serial: serial.to_owned(),
                contents_digest: agreed.then(|| digest.to_owned()),
            })
        })
        .collect()
}

/// The identity of a disk that is not there any more: the supervisor is to say so.
fn parse_id(id: &str) -> Option<preau_domain::ids::DiskId> {
    serde_json::from_value(serde_json::Value::String(id.to_owned())).ok()
}
