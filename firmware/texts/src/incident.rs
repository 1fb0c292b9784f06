//! An incident in words: what happened, whether the files are safe, what to do, by
//! when. The sentences are looked up by the incident's code and filled with its
//! facts.

use crate::disks::{disk_figure, disk_reason};
use crate::{Texts, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::IncidentText;
use preau_domain::health::Verdict;
use preau_domain::ids::Bay;
use preau_domain::incidents::{Facts, Incident, IncidentCode, OtherDisk, TransitionKind};
use preau_domain::layouts::Layout;
use preau_domain::snapshot::MailFailure;
use preau_offsite_job::Failure;

/// Where and when a sentence is read.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// The box's time zone.
    pub time_zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
}

/// An incident in words, as it is while it goes on.
pub fn incident_text(texts: Texts, incident: &Incident, setting: &Setting<'_>) -> IncidentText {
    words(texts, incident, TransitionKind::Opened, setting)
}

/// An incident in words, at its beginning or at its end.
pub(crate) fn words(
    texts: Texts,
    incident: &Incident,
    kind: TransitionKind,
    setting: &Setting<'_>,
) -> IncidentText {
    let stem = format!("incident-{}", incident.code);
    let args = arguments(texts, incident, setting);
    let t = |key: String| texts.t_with(&key, &args);
    match kind {
        TransitionKind::Opened | TransitionKind::Worsened => IncidentText {
            title: t(format!("{stem}-title")),
            what_happened: t(match format!("{stem}-worse") {
                worse if kind == TransitionKind::Worsened && texts.has(&worse) => worse,
                _ => format!("{stem}-what"),
            }),
            is_data_safe: t(format!("{stem}-safe")),
            what_to_do: (1..)
                .map(|step| format!("{stem}-do-{step}"))
                .take_while(|key| texts.has(key))
                .map(t)
                .collect(),
            by_when: Some(format!("{stem}-when"))
                .filter(|key| texts.has(key))
                .map(t),
            detail: detail(texts, &incident.facts, setting),
        },
        TransitionKind::Closed => IncidentText {
            title: t(format!("{stem}-closed-title")),
            what_happened: t(format!("{stem}-closed-what")),
            is_data_safe: t(format!("{stem}-closed-safe")),
            what_to_do: Vec::new(),
            by_when: None,
            detail: detail(texts, &incident.facts, setting),
        },
    }
}

/// The technical line: what is noted in the field's own terms, or a disk's figures.
fn detail(texts: Texts, facts: &Facts, setting: &Setting<'_>) -> String {
    let noted = Some(facts.detail.clone()).filter(|detail| !detail.is_empty());
    let figures = facts
        .reasons
        .iter()
        .map(|reason| disk_figure(texts, reason, setting));
    noted
        .into_iter()
        .chain(figures)
        .collect::<Vec<_>>()
        .join(" ; ")
}

/// Every argument that a sentence about an incident may ask for.
fn arguments<'a>(
    texts: Texts,
    incident: &Incident,
    setting: &Setting<'_>,
) -> Vec<(&'static str, Value<'a>)> {
    let facts = &incident.facts;
    let (model, serial) = (facts.model.as_deref(), facts.serial.as_deref());
    let disk = texts.disk_short(facts.bay.as_ref(), model, serial);
    let label = texts
        .disk_label(model, serial)
        .unwrap_or_else(|| "—".to_owned());
    let size = facts
        .size
        .map_or_else(|| texts.t("same-size"), |size| texts.bytes(size));
    let free = facts
        .free
        .map_or_else(|| "—".to_owned(), |free| texts.bytes(free));
    let moment = |at: Option<Timestamp>| {
        texts.moment(
            at.unwrap_or(incident.seen_at),
            setting.now,
            setting.time_zone,
        )
    };
    let labelled = texts.disk(facts.bay.as_ref(), model, serial);
    let reason = facts
        .reasons
        .first()
        .map(|reason| disk_reason(texts, reason, setting))
        .unwrap_or_default();
    let state = match facts.verdict {
        Some(Verdict::Failed) => "failed",
        _ => "soon",
    };
    let others = if facts.others_hold_all { "yes" } else { "no" };
    let mail = facts
        .mail_failure
        .map(|failure| mail_failure(texts, failure))
        .unwrap_or_default();
    let failure = facts
        .copy_failure
        .as_ref()
        .map(|failure| copy_failure(texts, failure))
        .unwrap_or_default();
    let whole = match facts.files.is_empty() && facts.incomplete == 0 {
        true => "yes",
        false => "no",
    };
    let last_copy = |none: &str| {
        facts
            .last_copy
            .map_or_else(|| texts.t(none), |at| moment(Some(at)))
    };
    vec![
        (
            "destination",
            facts.destination.clone().unwrap_or_default().into(),
        ),
        ("failure", failure.into()),
        ("last_copy", last_copy("the-beginning").into()),
        ("last_good", last_copy("none-yet").into()),
        ("files", files(texts, facts).into()),
        ("counted", counted(texts, facts.count.unwrap_or(0)).into()),
        ("bytes", texts.bytes(facts.bytes.unwrap_or(0)).into()),
        ("copied", moment(facts.last_copy).into()),
        ("whole", whole.into()),
        ("missing", missing(texts, facts).into()),
        ("Disk", capitalised(&disk).into()),
        ("disk", disk.into()),
        ("label", label.into()),
        ("size", size.into()),
        ("case", case(incident).into()),
        ("spare", if facts.spare { "yes" } else { "no" }.into()),
        ("left", facts.may_still_fail.unwrap_or(0).into()),
        ("may_fail", may_fail(facts).into()),
        ("lost", (facts.others.len() + 1).into()),
        ("also", other_disks(texts, facts, Texts::disk_short).into()),
        (
            "alsoLabelled",
            other_disks(texts, facts, Texts::disk).into(),
        ),
        ("Survivor", capitalised(&survivor(texts, facts)).into()),
        // A person remembers when it began, not when it was believed.
        ("free", free.into()),
        ("since", moment(Some(begins(incident))).into()),
        ("until", moment(incident.closed_at).into()),
        ("mail", mail.into()),
        ("DiskLabelled", capitalised(&labelled).into()),
        ("diskLabelled", labelled.into()),
        ("reason", reason.into()),
        ("state", state.into()),
        ("others", others.into()),
        ("disks", facts.disks.into()),
    ]
}

/// `12 fichiers`.
fn counted(texts: Texts, files: u64) -> String {
    texts.t_with("recovery-files", &[("count", files.into())])
}

/// A share with how much there is of it, when that is known: the text `key`, or
/// `key-unknown`.
pub fn share_line(
    texts: Texts,
    key: &str,
    share: &str,
    files: Option<u64>,
    bytes: Option<u64>,
) -> String {
    let name = ("share", share.into());
    match files.zip(bytes) {
        Some((files, bytes)) => {
            let files = ("counted", counted(texts, files).into());
            texts.t_with(key, &[name, files, ("size", texts.bytes(bytes).into())])
        }
        None => texts.t_with(&format!("{key}-unknown"), &[name]),
    }
}

/// What did not come back from a copy.
fn missing(texts: Texts, facts: &Facts) -> String {
    if facts.files.is_empty() {
        let incomplete = ("incomplete", facts.incomplete.into());
        return texts.t_with("files-back-missing-some", &[incomplete]);
    }
    let shares = facts.files.join(", ");
    texts.t_with("files-back-missing-shares", &[("shares", shares.into())])
}

/// Since when it is as it is told: a disk that failed has not since it was first to be
/// replaced.
fn begins(incident: &Incident) -> Timestamp {
    let failed = incident.facts.verdict == Some(Verdict::Failed);
    let worse_at = incident.worse_at.filter(|_| failed);
    worse_at.unwrap_or(incident.seen_at)
}

/// So many files are named; a longer list is for the person who helps.
const NAMED: usize = 10;

fn files(texts: Texts, facts: &Facts) -> String {
    if facts.files.is_empty() {
        return texts.t("files-without-names");
    }
    let named: Vec<&str> = facts.files.iter().take(NAMED).map(String::as_str).collect();
    let mut list = named.join(", ");
    if facts.files.len() > NAMED {
        list.push_str(", …");
    }
    list
}

/// Which of the sentences about an array applies: what a reader must know differs
/// with what is left.
fn case(incident: &Incident) -> &'static str {
    let facts = &incident.facts;
    if facts.waits_for_consent {
        return "consent";
    }
    // An incident of before this was noted is about a mirror of two.
    match (facts.layout, facts.may_still_fail) {
        (Some(Layout::Single), _) => "single",
        (_, Some(left)) if left > 0 => "left",
        (None | Some(Layout::Mirror), _) if facts.survivors.len() <= 1 => "alone",
        _ => "none-left",
    }
}

/// How many disks may fail once all are complete again; 1 or 2 have their own words.
fn may_fail(facts: &Facts) -> u32 {
    match facts.layout {
        Some(Layout::DoubleParity) => 2,
        _ => 1,
    }
}

/// How a disk is called.
type Naming = fn(Texts, Option<&Bay>, Option<&str>, Option<&str>) -> String;

/// The other disks that are meant, one after the other.
fn other_disks(texts: Texts, facts: &Facts, named: Naming) -> String {
    let name = |disk: &OtherDisk| {
        let (model, serial) = (disk.model.as_deref(), disk.serial.as_deref());
        named(texts, disk.bay.as_ref(), model, serial)
    };
    facts.others.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn survivor(texts: Texts, facts: &Facts) -> String {
    facts.survivors.first().map_or_else(
        || texts.t("the-other-disk"),
        |bay| texts.disk(Some(bay), None, None),
    )
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// Why a mail did not go through and what to do, in a sentence.
pub fn mail_failure(texts: Texts, failure: MailFailure) -> String {
    texts.t(match failure {
        MailFailure::NameNotFound => "mail-failure-name-not-found",
        MailFailure::Unreachable => "mail-failure-unreachable",
        MailFailure::CertificateWrong => "mail-failure-certificate-wrong",
        MailFailure::NoEncryption => "mail-failure-no-encryption",
        MailFailure::LoginRefused => "mail-failure-login-refused",
        MailFailure::RecipientRefused => "mail-failure-recipient-refused",
        MailFailure::SenderRefused => "mail-failure-sender-refused",
        MailFailure::TryLater => "mail-failure-try-later",
        MailFailure::Refused => "mail-failure-refused",
    })
}

/// Why a copy elsewhere, or bringing files back from it, did not go through and what to
/// do, in a sentence.
pub fn copy_failure(texts: Texts, failure: &Failure) -> String {
    let code = failure_code(failure).replace('_', "-");
    texts.t(&format!("copy-failure-{code}"))
}

/// The failure's code, as histories and the API write it.
pub const fn failure_code(failure: &Failure) -> &'static str {
    match failure {
        Failure::NameNotFound => "name_not_found",
        Failure::PortClosed => "port_closed",
        Failure::NoAnswer => "no_answer",
        Failure::CertificateRefused => "certificate_refused",
        Failure::HostKeyUnknown(_) => "host_key_unknown",
        Failure::HostKeyChanged(_) => "host_key_changed",
        Failure::LoginRefused => "login_refused",
        Failure::BucketMissing => "bucket_missing",
        Failure::FolderMissing => "folder_missing",
        Failure::NoSpace => "no_space",
        Failure::WriteRefused => "write_refused",
        Failure::DeleteRefused => "delete_refused",
        Failure::NoRepository => "no_repository",
        Failure::RepositoryExists => "repository_exists",
        Failure::WrongKey => "wrong_key",
        Failure::Damaged => "damaged",
        Failure::Locked(_) => "locked",
        Failure::Cut => "cut",
        Failure::ServerError => "server_error",
        Failure::SourceUnreadable => "source_unreadable",
        Failure::TargetUnwritable => "target_unwritable",
        Failure::TargetFull => "target_full",
        Failure::TargetNotEmpty => "target_not_empty",
        Failure::SnapshotMissing => "snapshot_missing",
        Failure::PathMissing => "path_missing",
        Failure::DrillMismatch => "drill_mismatch",
        Failure::ClockNotTrusted => "clock_not_trusted",
        Failure::Cancelled => "cancelled",
        Failure::BadJob => "bad_job",
        Failure::Internal => "internal",
    }
}

/// What the sentence at the top of the first page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline {
    /// The set-up is not over.
    SetUp,
    /// The volume is being made.
    Creating,
    /// The copies become the same for the first time.
    Copying,
    /// A disk is being added or replaced before it fails.
    Changing,
    /// Nothing is wrong.
    AllWell,
    /// The volume is not there and no incident says why yet.
    Offline,
    /// The volume is whole, and Samba does not answer yet.
    Opening,
    /// No generation of the settings can be read.
    SettingsLost,
    /// The volume lacks more than one disk.
    SeveralLost,
    /// This is wrong.
    Incident(IncidentCode),
}

/// One sentence that says how things are.
pub fn headline(texts: Texts, headline: Headline) -> String {
    match headline {
        Headline::SetUp => texts.t("headline-set-up"),
        Headline::Creating => texts.t("headline-creating"),
        Headline::Copying => texts.t("headline-copying"),
        Headline::Changing => texts.t("headline-changing"),
        Headline::AllWell => texts.t("headline-all-well"),
        Headline::Offline => texts.t("headline-offline"),
        Headline::Opening => texts.t("headline-opening"),
        Headline::SettingsLost => texts.t("headline-settings-lost"),
        Headline::SeveralLost => texts.t("headline-several-lost"),
        Headline::Incident(code) => texts.t(&format!("headline-{code}")),
    }
}
