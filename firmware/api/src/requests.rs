//! What a client sends, and the short answers to it.

use crate::disks::DiskHealthView;
use jiff::Timestamp;
use preau_domain::disks::Disk;
use preau_domain::ids::DiskId;
use preau_domain::language::Language;
use preau_domain::layouts::Growth;
use preau_domain::settings::{EraseConsent, Layout, MailSecurity, Role, SetupStep};
use preau_domain::snapshot::MailFailure;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/box`: what anybody on the network may know.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BoxInfo {
    /// The name that people gave it, once they did.
    pub name: Option<String>,
    /// The language it speaks.
    pub language: Language,
    /// Version of the firmware.
    pub version: String,
    /// Where the set-up stands.
    pub setup: SetupStep,
    /// SHA-256 of the box's own certificate authority, as `AB:CD:…`; the same is
    /// printed on the console.
    pub authority_fingerprint: String,
}

/// What is to become of a scrub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScrubAct {
    /// Begin one now, or go on at once with the one that is not over.
    Start,
    /// Hold it back.
    Pause,
    /// Let it go on.
    GoOn,
}

/// `POST /v1/array/scrub`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetScrub {
    /// What is to become of it.
    pub act: ScrubAct,
}

/// `POST /v1/claim`: gives the box's code. Refused with 403 when it is wrong, with
/// 429 and `retry_after` after five wrong ones, with 409 once the box has an owner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// As printed; case, spaces and dashes do not matter.
    pub code: String,
    /// The language to go on in.
    pub language: Language,
}

/// `POST /v1/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The account.
    pub login: String,
    /// Its password.
    pub password: String,
}

/// Answer to a claim or a login.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// To be sent as `Authorization: Bearer …`.
    pub token: String,
    /// When it ends if it is not used.
    #[schema(value_type = String)]
    pub expires_at: Timestamp,
}

/// `GET /v1/session`: whose session it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    /// The account; `None` for a session that the claim code opened, and for root on
    /// the console.
    pub login: Option<String>,
    /// How the page calls them.
    pub display_name: Option<String>,
    /// When it ends if it is not used; `None` for root on the console.
    #[schema(value_type = Option<String>)]
    pub expires_at: Option<Timestamp>,
}

/// `PUT /v1/setup/language`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLanguage {
    /// The box's language from now on.
    pub language: Language,
}

/// `PUT /v1/setup/admin`: the account of the person who looks after the box. It
/// ends the claim code. Repeating it before the step after changes the account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAdmin {
    /// How the page calls them.
    pub display_name: String,
    /// What they type.
    pub login: String,
    /// Judged by its real strength.
    pub password: String,
}

/// `PUT /v1/setup/box`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBox {
    /// e.g. `École Jules-Ferry`.
    pub name: String,
    /// IANA name, e.g. `Europe/Paris`.
    pub time_zone: String,
}

/// `GET /v1/disks`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Disks {
    /// Every disk but the card.
    pub disks: Vec<DiskView>,
    /// Why they could not be read, when they could not.
    pub unreadable: Option<String>,
}

/// What a disk is to the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiskRole {
    /// Holds the files, complete.
    InUse,
    /// Is being filled.
    Rebuilding,
    /// Belongs to the volume and the kernel gave it up.
    Failed,
    /// Belongs to the volume and waits for its place.
    Waiting,
    /// Belongs to the volume, came and went too often, and waits for a person.
    HeldOut,
    /// Belongs to the volume, was used elsewhere without the others, and waits for a
    /// person.
    Diverged,
    /// Blank and free.
    Free,
    /// Free, but something is written on it.
    HoldsData,
}

/// A disk with its role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiskView {
    /// What was observed.
    #[serde(flatten)]
    pub disk: Disk,
    /// What it is to the box.
    pub role: DiskRole,
    /// The set of another Préau's disks that it belongs to; see
    /// [`AdoptableSet`](crate::AdoptableSet).
    #[serde(default)]
    pub set: Option<String>,
    /// How it is.
    pub health: DiskHealthView,
}

/// `POST /v1/volume`: chooses the disks and agrees to erase them. Answered with 202
/// once the choice is stored; `GET /v1/status` shows how the work goes on. Refused
/// with 409 and `disk-gone`, `other-serial` or `contents-changed` when a disk is no
/// longer what was confirmed: nothing is erased then.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVolume {
    /// How the disks protect each other.
    pub layout: Layout,
    /// One consent for each disk; its `contents_digest` is needed when the disk is
    /// not blank, and is the person's own tick for this disk. Spares come last.
    pub erase: Vec<EraseConsent>,
    /// How many of the disks wait to take the place of one that fails.
    #[serde(default)]
    pub spares: u32,
}

/// `POST /v1/volume/protections`: what could be made of these disks; changes nothing.
/// Answered with [`Protections`](preau_domain::layouts::Protections).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskProtections {
    /// The disks, 1 to 8.
    pub disks: Vec<DiskId>,
}

/// `POST /v1/array/replace`: gives a disk the place of another. Answered with 202;
/// refused like [`CreateVolume`], with 409 and `nothing-to-replace` when no place is
/// free, with 409 and `change-under-way` while another change goes on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceDisk {
    /// The new disk, and what is lost with it.
    pub erase: EraseConsent,
    /// The disk whose place it takes. One that still works is copied first, and let go
    /// once the copy is complete. Left out: the one that was lost.
    #[serde(default)]
    pub leaving: Option<DiskId>,
}

/// `POST /v1/array/grow`: adds a disk to the volume, which stays in use. Answered with
/// 202; refused like [`ReplaceDisk`], and with 409 and `growth-impossible` when
/// `GET /v1/array` does not offer it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrowVolume {
    /// The new disk, and what is lost with it.
    pub erase: EraseConsent,
    /// What it is to bring.
    pub growth: Growth,
}

/// `POST /v1/array/start`: starts the volume from the disks that are there although
/// the power went while something was being written and a disk is missing. What was
/// being written then may be damaged. 409 and `nothing-to-start` when the volume does
/// not wait for this, or waits with other disks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartUnclean {
    /// The serial numbers of the disks of the volume that are there, as shown.
    pub serials: Vec<String>,
}

/// `POST /v1/array/take-back`: lets a disk back in that is held out. Answered with
/// 202; refused with 409 and `not-held-out` when it is not, and like [`CreateVolume`]
/// when a disk of the role `diverged` is not erased exactly as it was shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBack {
    /// Which disk.
    pub disk: DiskId,
    /// For a disk of the role `diverged`: what is lost with it.
    pub erase: Option<EraseConsent>,
}

/// `POST /v1/people`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPerson {
    /// How the page calls them.
    pub display_name: String,
    /// What they type; proposed from the display name when left out.
    pub login: Option<String>,
    /// Their password for the shares.
    pub password: String,
}

/// `GET /v1/people`, and the answer to `POST /v1/people`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// What they type.
    pub login: String,
    /// How the page calls them.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
}

/// `PUT /v1/mail`: how mails leave. Stored even when the server does not answer;
/// `POST /v1/mail/test` says what is wrong with it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMail {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: MailSecurity,
    /// The account there; none for a server that asks for none.
    pub login: Option<String>,
    /// Its password; left out, the stored one stays.
    pub password: Option<String>,
    /// The sender's address.
    pub from: String,
    /// A certificate authority to trust besides the public ones, in PEM.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Who is written to, 1 to 10 addresses.
    pub recipients: Vec<String>,
}

/// `GET /v1/mail`: the same without the password; `null` while nothing is set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MailView {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: MailSecurity,
    /// The account there.
    pub login: Option<String>,
    /// Whether a password is stored.
    pub has_password: bool,
    /// The sender's address.
    pub from: String,
    /// A certificate authority to trust besides the public ones, in PEM.
    pub extra_ca_pem: Option<String>,
    /// Who is written to.
    pub recipients: Vec<String>,
    /// Somebody typed the code of a test mail back.
    pub proved: bool,
}

/// Answer to `POST /v1/mail/test`, which sends at once, past the outbox, to every
/// recipient and waits at most 30 seconds for the server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MailTest {
    /// One result for each recipient.
    pub results: Vec<MailTestResult>,
}

/// What came of one test mail.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MailTestResult {
    /// To whom.
    pub recipient: String,
    /// `None`: the server took it. Its arrival is proved by typing its code.
    pub failure: Option<MailFailure>,
    /// What went wrong and what to do, in a sentence.
    pub message: Option<String>,
    /// The server's own words, for the person who helps.
    pub detail: Option<String>,
}

/// `POST /v1/mail/test/confirm`: the six digits of a test mail. 403 `wrong-code`
/// when they are not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmMail {
    /// The six digits.
    pub code: String,
}

/// `POST /v1/setup/advance`: leaves a step that stores nothing by itself: the
/// people step, the mail step (set up or put off), the recovery sheet (proved or put
/// off), the last page. 409
/// `not-this-step` when the set-up stands elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// The step that is left: `people`, `mail`, `sheet` or `finish`.
    pub from: SetupStep,
}

/// A disk that could take a lost one's place; part of the status.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// The disk.
    pub disk: DiskId,
    /// What must be sent back to agree to erasing it.
    pub consent: EraseConsent,
}
