//! Why a request is refused: a status, a code for programs, a sentence for people.
//! A refusal travels inside the response until [`crate::routes`] puts it into the
//! reader's language.

use crate::bundle::DocumentError;
use crate::copies::view::waiting_key;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use preau_api::{ApiError, BODY_MAX, ErrorBody};
use preau_domain::copies::Waiting;
use preau_domain::layouts::{DISKS_MAX, Layout};
use preau_domain::names::NameRule;
use preau_domain::plan::ConsentRefused;
use preau_offsite_job::Failure;
use preau_sheet::WrongWord;
use preau_texts::{Named, Texts, Value, copy_failure, failure_code, layout_name, name_rule};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Not the box's code.
    WrongCode,
    /// Too many wrong tries; wait that many seconds.
    TooManyTries(u64),
    /// Somebody looks after the box already.
    AlreadyClaimed,
    /// No session.
    NotLoggedIn,
    /// Not this login or not this password.
    WrongPassword,
    /// The set-up stands elsewhere.
    NotThisStep,
    /// No generation of the settings can be read.
    SettingsLost,
    /// Not JSON; why.
    NotJson(String),
    /// A field that is not known here.
    UnknownField(String),
    /// A field that is missing.
    MissingField(String),
    /// A field of another shape; which, why.
    WrongType(String, String),
    /// Larger than [`BODY_MAX`].
    TooLarge,
    /// Nothing there.
    NotFound,
    /// Not this verb.
    MethodNotAllowed,
    /// The card did not take it.
    NotStored,
    /// The system did not do it; why.
    System(String),
    /// A name breaks a rule.
    Name(Named, NameRule),
    /// A password that is guessed too quickly.
    TooWeak,
    /// Not an IANA time zone.
    UnknownTimeZone,
    /// Disks or arrays cannot be read now.
    DisksUnreadable,
    /// A disk is not as it was confirmed.
    Consent(ConsentRefused),
    /// No such disk is plugged in.
    NoSuchDisk,
    /// The disk has no self-tests.
    NoSelfTest,
    /// A copy is being made: the disks have enough to do.
    CopyRunning,
    /// The disk does not answer.
    DiskSilent,
    /// A copy or a scrub keeps the lights of all disks flickering.
    AllBlink,
    /// It carries nothing that can be read, or is a Préau's own.
    NotOpenable,
    /// Copies are kept on it, or something of it is in use.
    DiskOfCopies,
    /// The disk sleeps, and nobody said that it may be woken.
    DiskAsleep,
    /// A disk that the volume has already.
    DiskInUse,
    /// A disk with less than that many bytes.
    DiskTooSmall(u64),
    /// No disk, too many, or one twice.
    DiskCount,
    /// That protection cannot be made of so many disks.
    LayoutMisfit(Layout),
    /// Something is being copied, added or replaced, or a disk is missing.
    ChangeUnderWay,
    /// One more disk cannot bring that here.
    GrowthImpossible,
    /// Not a disk of the volume, or one that does not hold a part now.
    NotReplaceable,
    /// The volume does not wait for that.
    NothingToStart,
    /// There is a volume, on other disks.
    VolumeExists,
    /// There is no volume.
    NoVolume,
    /// Every place is taken.
    NothingToReplace,
    /// The disk is not held out.
    NotHeldOut,
    /// No scrub is going on.
    NoScrub,
    /// Nobody would be left to look after the box.
    LastAdmin,
    /// No such account.
    NoSuchPerson,
    /// No such incident.
    NoSuchIncident,
    /// Not a server's name.
    MailHost,
    /// Not a port.
    MailPort,
    /// Too few or too many recipients.
    MailRecipients,
    /// Not a certificate.
    MailCertificate,
    /// Not a login.
    MailLogin,
    /// No mail server is set.
    MailNotSet,
    /// Not the code of the test mail.
    WrongMailCode,
    /// No test mail waits for its code.
    NoMailCode,
    /// There is no recovery sheet yet.
    NoSheet,
    /// Not the words that are asked for.
    OtherWordsAsked,
    /// Not the word at that place of the recovery sheet.
    WrongWord(usize),
    /// So many words instead of twelve.
    SheetCount(usize),
    /// Words that are on no list.
    SheetWords(Vec<WrongWord>),
    /// Words that are on the list and no code.
    SheetChecksum,
    /// One part of a sheet alone; which.
    SheetOnePart(u8),
    /// Twice the same part; which.
    SheetSamePart(u8),
    /// Parts of two sheets.
    SheetOtherPart,
    /// The code of another sheet.
    WrongSheet,
    /// The words are those of another sheet than this box's.
    OtherSheet,
    /// No such disks of another Préau.
    NoSuchSet,
    /// Disks of another Préau that cannot be read; why.
    SetUnreadable(String),
    /// What they carry cannot be used.
    Kept(DocumentError),
    /// The copy of a box cannot make one; why.
    CopyKept(DocumentError),
    /// The copy at that place is of another sheet.
    SheetOfOtherCopy,
    /// A server does not know the key that this sheet gives.
    KeyOfSheetRefused,
    /// The disks that were chosen do not hold so many bytes.
    DisksTooSmall(u64),
    /// No copy was looked into since the last start.
    NothingFound,
    /// No such destination of copies.
    NoSuchDestination,
    /// No more destinations than that.
    TooManyDestinations(usize),
    /// A destination's name of more characters than that, or none.
    DestinationName(usize),
    /// Another destination has the name.
    DestinationTaken,
    /// Not a server's name.
    DestinationHost,
    /// Not an https address without an account in it.
    DestinationUrl,
    /// Empty, too long, or not to be taken for what it is.
    DestinationField,
    /// No night.
    DestinationDays,
    /// No hour of a day.
    DestinationHour,
    /// Nothing would stay.
    DestinationKeep,
    /// Fewer kilobits a second than that.
    DestinationSpeed(u32),
    /// Hours that end before they begin.
    SchoolHours,
    /// The destination refused; why.
    Copy(Failure),
    /// Copies wait for something.
    CopiesWait(Waiting),
    /// Nothing is under way.
    NothingRuns,
    /// No such share, or it is not there now.
    NoSuchShare,
    /// It replaces files, and nobody said that this is meant.
    NotConfirmed,
    /// That would go from every copy for ever, and nobody agreed to just that.
    StrikeNotConfirmed(String),
    /// The worker strikes only what can be written as text.
    StrikeName,
}

/// The longest login for a mail server.
pub const MAIL_LOGIN_MAX: usize = 254;

impl Reason {
    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotLoggedIn => StatusCode::UNAUTHORIZED,
            Self::WrongCode
            | Self::WrongPassword
            | Self::WrongMailCode
            | Self::WrongWord(_)
            | Self::SheetOfOtherCopy
            | Self::KeyOfSheetRefused
            | Self::WrongSheet
            | Self::OtherSheet => StatusCode::FORBIDDEN,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSuchDestination
            | Self::NoSuchDisk
            | Self::NoSuchShare
            | Self::NotFound
            | Self::NoSuchPerson
            | Self::NoSuchIncident => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson(_) => StatusCode::BAD_REQUEST,
            Self::AlreadyClaimed
            | Self::NotThisStep
            | Self::Consent(_)
            | Self::DiskInUse
            | Self::NoSelfTest
            | Self::CopyRunning
            | Self::DiskSilent
            | Self::AllBlink
            | Self::NotOpenable
            | Self::DiskOfCopies
            | Self::DiskAsleep
            | Self::VolumeExists
            | Self::NoVolume
            | Self::NothingToReplace
            | Self::NotHeldOut
            | Self::NoScrub
            | Self::ChangeUnderWay
            | Self::GrowthImpossible
            | Self::NotReplaceable
            | Self::NothingToStart
            | Self::LastAdmin
            | Self::MailNotSet
            | Self::NoMailCode
            | Self::NoSheet
            | Self::OtherWordsAsked
            | Self::NoSuchSet
            | Self::SetUnreadable(_)
            | Self::Kept(_)
            | Self::CopyKept(_)
            | Self::NothingFound
            | Self::TooManyDestinations(_)
            | Self::DestinationTaken
            | Self::CopiesWait(_)
            | Self::NothingRuns
            | Self::NotConfirmed
            | Self::StrikeNotConfirmed(_)
            | Self::Name(_, NameRule::Taken) => StatusCode::CONFLICT,
            Self::NotStored | Self::System(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::SettingsLost | Self::DisksUnreadable => StatusCode::SERVICE_UNAVAILABLE,
            Self::UnknownField(_)
            | Self::MissingField(_)
            | Self::WrongType(..)
            | Self::Name(..)
            | Self::TooWeak
            | Self::UnknownTimeZone
            | Self::DiskTooSmall(_)
            | Self::DisksTooSmall(_)
            | Self::DiskCount
            | Self::LayoutMisfit(_)
            | Self::MailHost
            | Self::MailPort
            | Self::MailRecipients
            | Self::MailCertificate
            | Self::SheetCount(_)
            | Self::SheetWords(_)
            | Self::SheetChecksum
            | Self::SheetOnePart(_)
            | Self::SheetSamePart(_)
            | Self::SheetOtherPart
            | Self::DestinationName(_)
            | Self::DestinationHost
            | Self::DestinationUrl
            | Self::DestinationField
            | Self::DestinationDays
            | Self::DestinationHour
            | Self::DestinationKeep
            | Self::DestinationSpeed(_)
            | Self::SchoolHours
            | Self::StrikeName
            | Self::Copy(_)
            | Self::MailLogin => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The code for programs; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongCode | Self::WrongMailCode => "wrong-code",
            Self::TooManyTries(_) => "too-many-tries",
            Self::AlreadyClaimed => "already-claimed",
            Self::NotLoggedIn => "not-logged-in",
            Self::WrongPassword => "wrong-password",
            Self::NotThisStep => "not-this-step",
            Self::SettingsLost => "settings-lost",
            Self::NotJson(_) => "not-json",
            Self::UnknownField(_) => "unknown-field",
            Self::MissingField(_) => "missing-field",
            Self::WrongType(..) => "wrong-type",
            Self::TooLarge => "too-large",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotStored => "not-stored",
            Self::System(_) => "system",
            Self::Name(_, NameRule::Empty) => "empty",
            Self::Name(_, NameRule::TooLong) => "too-long",
            Self::Name(_, NameRule::TooShort) => "too-short",
            Self::Name(_, NameRule::Reserved) => "reserved",
            Self::Name(_, NameRule::Characters) => "characters",
            Self::Name(_, NameRule::Taken) => "taken",
            Self::TooWeak => "too-weak",
            Self::UnknownTimeZone => "unknown-time-zone",
            Self::DisksUnreadable => "disks-unreadable",
            Self::Consent(ConsentRefused::Gone) => "disk-gone",
            Self::Consent(ConsentRefused::OtherSerial) => "other-serial",
            Self::Consent(ConsentRefused::ContentsChanged) => "contents-changed",
            Self::DiskInUse => "disk-in-use",
            Self::NoSuchDisk => "no-such-disk",
            Self::NoSelfTest => "no-self-test",
            Self::CopyRunning => "copy-running",
            Self::DiskSilent => "disk-silent",
            Self::AllBlink => "all-blink",
            Self::NotOpenable => "not-openable",
            Self::DiskOfCopies => "disk-of-copies",
            Self::DiskAsleep => "disk-asleep",
            Self::DiskTooSmall(_) => "disk-too-small",
            Self::DiskCount => "disk-count",
            Self::LayoutMisfit(_) => "layout-misfit",
            Self::ChangeUnderWay => "change-under-way",
            Self::GrowthImpossible => "growth-impossible",
            Self::NotReplaceable => "not-replaceable",
            Self::NothingToStart => "nothing-to-start",
            Self::VolumeExists => "volume-exists",
            Self::NoVolume => "no-volume",
            Self::NothingToReplace => "nothing-to-replace",
            Self::NotHeldOut => "not-held-out",
            Self::NoScrub => "no-scrub",
            Self::LastAdmin => "last-admin",
            Self::NoSuchPerson => "no-such-person",
            Self::NoSuchIncident => "no-such-incident",
            Self::MailHost => "mail-host",
            Self::MailPort => "mail-port",
            Self::MailRecipients => "mail-recipients",
            Self::MailCertificate => "mail-certificate",
            Self::MailLogin => "mail-login",
            Self::MailNotSet => "mail-not-set",
            Self::NoMailCode => "no-mail-code",
            Self::NoSheet => "no-sheet",
            Self::OtherWordsAsked => "other-words-asked",
            Self::WrongWord(_) => "wrong-word",
            Self::SheetCount(_) => "sheet-count",
            Self::SheetWords(_) => "sheet-words",
            Self::SheetChecksum => "sheet-checksum",
            Self::SheetOnePart(_) => "sheet-one-part",
            Self::SheetSamePart(_) => "sheet-same-part",
            Self::SheetOtherPart => "sheet-other-part",
            Self::OtherSheet => "other-sheet",
            Self::WrongSheet | Self::Kept(DocumentError::WrongCode) => "wrong-sheet",
            Self::NoSuchSet => "no-such-set",
            Self::CopyKept(DocumentError::Nothing) => "copy-without-settings",
            Self::CopyKept(DocumentError::Newer) => "copy-newer",
            Self::CopyKept(_) => "copy-settings-damaged",
            Self::SheetOfOtherCopy => "sheet-of-other-copy",
            Self::KeyOfSheetRefused => "key-of-sheet-refused",
            Self::DisksTooSmall(_) => "disks-too-small",
            Self::NothingFound => "nothing-found",
            Self::SetUnreadable(_) => "set-unreadable",
            Self::Kept(DocumentError::Nothing) => "kept-nothing",
            Self::Kept(DocumentError::Newer) => "kept-newer",
            Self::Kept(DocumentError::Damaged(_) | DocumentError::Foreign) => "kept-damaged",
            Self::NoSuchDestination => "no-such-destination",
            Self::TooManyDestinations(_) => "too-many-destinations",
            Self::DestinationName(_) => "destination-name",
            Self::DestinationTaken => "destination-taken",
            Self::DestinationHost => "destination-host",
            Self::DestinationUrl => "destination-url",
            Self::DestinationField => "destination-field",
            Self::DestinationDays => "destination-days",
            Self::DestinationHour => "destination-hour",
            Self::DestinationKeep => "destination-keep",
            Self::DestinationSpeed(_) => "destination-speed",
            Self::SchoolHours => "school-hours",
            // As the worker and the histories write it.
            Self::Copy(failure) => failure_code(failure),
            Self::CopiesWait(waiting) => waiting_key(*waiting),
            Self::NothingRuns => "nothing-runs",
            Self::NoSuchShare => "no-such-share",
            Self::NotConfirmed => "not-confirmed",
            Self::StrikeNotConfirmed(_) => "strike-not-confirmed",
            Self::StrikeName => "strike-name",
        }
    }

    /// The sentence for people.
    pub fn message(&self, texts: Texts) -> String {
        let detail = |detail: &str| ("detail", Value::from(detail.to_owned()));
        let field = |field: &str| ("field", Value::from(field.to_owned()));
        let args = match self {
            Self::Name(named, rule) => return name_rule(texts, *named, *rule),
            Self::WrongMailCode => return texts.t("error-wrong-mail-code"),
            Self::Copy(failure) => return copy_failure(texts, failure),
            Self::CopiesWait(waiting) => return texts.t(waiting_key(*waiting)),
            Self::TooWeak => return texts.t("error-password-too-weak"),
            Self::TooManyTries(seconds) => vec![("seconds", (*seconds).into())],
            Self::NotJson(why) | Self::System(why) => vec![detail(why)],
            Self::UnknownField(name) | Self::MissingField(name) => vec![field(name)],
            Self::WrongType(name, why) => vec![field(name), detail(why)],
            Self::TooLarge => vec![("max", BODY_MAX.into())],
            Self::DiskTooSmall(size) | Self::DisksTooSmall(size) => {
                vec![("size", texts.bytes(*size).into())]
            }
            Self::DestinationName(max) | Self::TooManyDestinations(max) => {
                vec![("max", (*max).into())]
            }
            Self::DestinationSpeed(min) => vec![("min", (*min).into())],
            Self::DiskCount => vec![("max", DISKS_MAX.into())],
            Self::LayoutMisfit(layout) => vec![("layout", layout_name(*layout).into())],
            Self::MailLogin => vec![("max", MAIL_LOGIN_MAX.into())],
            Self::WrongWord(place) => vec![("place", (*place).into())],
            Self::SheetCount(found) => vec![("found", (*found).into())],
            Self::SheetWords(wrong) => vec![("words", wrong_words(texts, wrong).into())],
            Self::SheetOnePart(number) | Self::SheetSamePart(number) => {
                vec![("number", usize::from(*number).into())]
            }
            Self::SetUnreadable(why) => vec![detail(why)],
            Self::StrikeNotConfirmed(what) => vec![("what", what.clone().into())],
            Self::Kept(why) | Self::CopyKept(why) => vec![detail(&why.to_string())],
            _ => Vec::new(),
        };
        texts.t_with(&format!("error-{}", self.code()), &args)
    }
}

/// Each wrong word with its place: `n° 2 « zzzz », n° 12 « qwerty »`.
fn wrong_words(texts: Texts, wrong: &[WrongWord]) -> String {
    let words: Vec<String> = wrong
        .iter()
        .map(|wrong| {
            let args = [
                ("place", wrong.place.into()),
                ("word", Value::from(wrong.typed.clone())),
            ];
            texts.t_with("sheet-wrong-word", &args)
        })
        .collect();
    words.join(", ")
}

/// A refusal: the reason, and the field that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    reason: Reason,
    field: Option<String>,
}

impl Refusal {
    /// Names the field.
    pub fn of(reason: Reason, field: &str) -> Self {
        Self {
            reason,
            field: Some(field.to_owned()),
        }
    }

    /// The reason.
    pub const fn reason(&self) -> &Reason {
        &self.reason
    }

    /// In words.
    pub fn body(&self, texts: Texts) -> ErrorBody {
        let retry_after = match self.reason {
            Reason::TooManyTries(seconds) => Some(seconds),
            _ => None,
        };
        ErrorBody {
            error: ApiError {
                field: self.field.clone(),
                code: self.reason.code().to_owned(),
                message: self.reason.message(texts),
                retry_after,
            },
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        let field = match &reason {
            Reason::UnknownField(name)
            | Reason::MissingField(name)
            | Reason::WrongType(name, _) => Some(name.clone()),
            _ => None,
        };
        Self { reason, field }
    }
}

impl IntoResponse for Refusal {
    /// Without words: they are added where the reader's language is known.
    fn into_response(self) -> Response {
        let mut response = self.reason.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    #[test]
    fn every_refusal_has_its_words() {
        let text = || "x".to_owned();
        let reasons = [
            Reason::WrongCode,
            Reason::TooManyTries(3),
            Reason::AlreadyClaimed,
            Reason::NotLoggedIn,
            Reason::WrongPassword,
            Reason::NotThisStep,
            Reason::SettingsLost,
            Reason::NotJson(text()),
            Reason::UnknownField(text()),
            Reason::MissingField(text()),
            Reason::WrongType(text(), text()),
            Reason::TooLarge,
            Reason::NotFound,
            Reason::MethodNotAllowed,
            Reason::NotStored,
            Reason::System(text()),
            Reason::Name(Named::Login, NameRule::Empty),
            Reason::TooWeak,
            Reason::UnknownTimeZone,
            Reason::DisksUnreadable,
            Reason::Consent(ConsentRefused::Gone),
            Reason::Consent(ConsentRefused::OtherSerial),
            Reason::Consent(ConsentRefused::ContentsChanged),
            Reason::DiskInUse,
            Reason::NoSuchDisk,
            Reason::NoSelfTest,
            Reason::CopyRunning,
            Reason::DiskSilent,
            Reason::AllBlink,
            Reason::NotOpenable,
            Reason::DiskOfCopies,
            Reason::DiskAsleep,
            Reason::DiskTooSmall(1),
            Reason::DiskCount,
            Reason::LayoutMisfit(Layout::Pairs),
            Reason::ChangeUnderWay,
            Reason::GrowthImpossible,
            Reason::NotReplaceable,
            Reason::NothingToStart,
            Reason::VolumeExists,
            Reason::NoVolume,
            Reason::NothingToReplace,
            Reason::NoScrub,
            Reason::LastAdmin,
            Reason::NoSuchPerson,
            Reason::NoSuchIncident,
            Reason::MailHost,
            Reason::MailPort,
            Reason::MailRecipients,
            Reason::MailCertificate,
            Reason::MailLogin,
            Reason::MailNotSet,
            Reason::WrongMailCode,
            Reason::NoMailCode,
            Reason::NoSheet,
            Reason::OtherWordsAsked,
            Reason::WrongWord(3),
            Reason::SheetCount(11),
            Reason::SheetWords(vec![WrongWord {
                place: 2,
                typed: text(),
            }]),
            Reason::SheetChecksum,
            Reason::SheetOnePart(2),
            Reason::SheetSamePart(1),
            Reason::SheetOtherPart,
            Reason::WrongSheet,
            Reason::OtherSheet,
            Reason::NoSuchSet,
            Reason::SetUnreadable(text()),
            Reason::Kept(DocumentError::Nothing),
            Reason::Kept(DocumentError::Newer),
            Reason::Kept(DocumentError::Damaged(text())),
            Reason::CopyKept(DocumentError::Nothing),
            Reason::CopyKept(DocumentError::Newer),
            Reason::CopyKept(DocumentError::Damaged(text())),
            Reason::SheetOfOtherCopy,
            Reason::KeyOfSheetRefused,
            Reason::DisksTooSmall(1),
            Reason::NothingFound,
            Reason::NoSuchDestination,
            Reason::TooManyDestinations(8),
            Reason::DestinationName(60),
            Reason::DestinationTaken,
            Reason::DestinationHost,
            Reason::DestinationUrl,
            Reason::DestinationField,
            Reason::DestinationDays,
            Reason::DestinationHour,
            Reason::DestinationKeep,
            Reason::DestinationSpeed(64),
            Reason::SchoolHours,
            Reason::Copy(Failure::NoSpace),
            Reason::CopiesWait(Waiting::Sheet),
            Reason::CopiesWait(Waiting::Volume),
            Reason::CopiesWait(Waiting::Disk),
            Reason::CopiesWait(Waiting::Clock),
            Reason::CopiesWait(Waiting::Recovery),
            Reason::NothingRuns,
            Reason::NoSuchShare,
            Reason::NotConfirmed,
            Reason::StrikeNotConfirmed(text()),
            Reason::StrikeName,
        ];
        for texts in Language::ALL.map(Texts::new) {
            for reason in &reasons {
                let message = reason.message(texts);
                assert!(!message.contains(['{', '}']), "{reason:?}: {message}");
                assert!(message.ends_with(['.', '-']), "{reason:?}: {message}");
            }
        }
    }
}
