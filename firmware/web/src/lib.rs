//! The page of the box, and the API over HTTPS.
//!
//! A request comes in over TLS ([`serve`]), passes the guards (host, origin, size,
//! time), and is either handed on to the supervisor's socket as it is (`/api/v1/…`)
//! or answered with a page made from what the supervisor says. Nothing is kept
//! here: the session is a cookie that carries the supervisor's token, the wizard's
//! place is the supervisor's, and a page is made anew each time. Plain HTTP
//! explains why the browser will warn once, and leads to HTTPS.
//!
//! # Hooks for the browser tests
//!
//! These names are part of the page's contract. Fields are named like the API's.
//!
//! | address | `main` has | form | fields | submit (`data-action`) |
//! |---|---|---|---|---|
//! | `/setup/language` | `data-step="language"` | `#language` | | `language-fr`, `language-en` |
//! | `/setup/code` | `data-step="code"` | `#claim` | `code` | `claim` |
//! | `/setup/admin` | `data-step="admin"` | `#admin` | `display_name`, `login`, `password` | `admin` |
//! | `/setup/box` | `data-step="box"` | `#box` | `name`, `time_zone` (select) | `box` |
//! | `/setup/disks` | `data-step="disks"` | `#disks` | `input[name=disk][value=<disk id>]` (ticks) | `disks-choose` |
//! | `/setup/adopt?set=<name>` | `data-step="adopt"` | `#adopt` | `code` (twelve words) | `adopt` |
//! | (answer to it) | `data-step="adopted"` | | | `adopted` (a link) |
//! | `/setup/nothing?kind=<kind>` | `data-step="nothing"` | `#nothing` | those of the place as in `/copies/add`, `code` (twelve words) | `recovery-look` |
//! | `/setup/nothing/found` | `data-step="nothing-found"` | | `[data-found]`, `[data-share=<name>]` | `recovery-found` (a link) |
//! | `/setup/nothing/disks`, `/setup/nothing/confirm` | as `/setup/disks` | | as there | as there |
//! | (answer to it) | `data-step="nothing-decided"` | | | `recovery-decided` (a link) |
//! | `/setup/disks/confirm` | `data-step="disks-confirm"` | `#volume` | `input[name=erase][value=<disk id>]`, one for each disk that is not blank; `protection` (radios: `<Layout>:<spares>`) | `volume` |
//! | `/setup/volume` | `data-step="volume"` | | `#volume[data-state=<VolumeState>]` | `continue` (a link) |
//! | `/setup/people` | `data-step="people"` | `#person` | `display_name`, `login`, `password` | `person-add` |
//! | | | `#people-done` | | `people-done` |
//! | `/setup/mail` | `data-step="mail"` | `#mail` | `host`, `port`, `security` (select), `login`, `password`, `from`, `recipients` (one a line), `extra_ca_pem` (inside `details#mail-advanced`) | `mail-test` (stores, then sends) |
//! | | | `#mail-later` | | `mail-later` |
//! | (answer to it) | `data-step="mail-code"` | `#mail-code` | `code` | `mail-confirm` |
//! | `/setup/sheet` | `data-step="sheet"` | | `[data-word]`, one for each word in order | `sheet-printed` (a link) |
//! | `/setup/sheet/words` | `data-step="sheet-words"` | `#sheet-words` | `word-<place>`, four of them | `sheet-prove` |
//! | | | `#sheet-later` | | `sheet-later` |
//! | `/setup/done` | `data-step="done"` | `#finish` | | `finish` |
//! | `/login` | `data-page="login"` | `#login` | `login`, `password` | `login` |
//! | `/replace?disk=<id>` | `data-page="replace"` | `#replace` | `input[name=erase][value=<disk id>]` when it is not blank | `replace-confirm` |
//! | `/take-back?disk=<id>` | `data-page="take-back"` | `#take-back` | `input[name=erase][value=<disk id>]` when its role is `diverged` | `take-back-confirm` |
//! | `/array` | `data-page="array"` | `#array-start` | `agree` (a tick) | `array-start` |
//! | `/array/add?disk=<id>` | `data-page="array-add"` | `#array-add` | `use` (radios: `spare`, `safer`, `larger`, `replace:<disk id>`), `input[name=erase][value=<disk id>]` when it is not blank | `array-add-confirm` |
//! | `/people` | `data-page="people"` | `#person`, `#remove-<login>` | as in the set-up | `person-add`, `person-remove` |
//! | `/mail` | `data-page="mail"` | `#mail`, then `#mail-code` | as in the set-up | `mail-test`, `mail-confirm` |
//! | `/sheet` | `data-page="sheet"` | `#sheet-show` | `password` | `sheet-show` |
//! | (answer to it) | `data-page="sheet-paper"` | | `[data-word]` | `sheet-printed` (a link) |
//! | (answer at `/sheet/parts`) | `data-page="sheet-parts"` | `[data-part]`, three of them | `[data-word]` | `sheet-parts` |
//! | `/sheet/words` | `data-page="sheet-words"` | `#sheet-words` | as in the set-up | `sheet-prove` |
//! | every page after log-in | | `#logout` | | `logout` |
//!
//! `main` of a page in the set-up also has `data-page="setup"`. The status page is
//! `/`, `data-page="status"`. It holds `#headline` (with `data-severity`: `none`,
//! `info`, `attention` or `data_at_risk`), `#volume[data-state=<VolumeState>]`,
//! `#progress` (a `progress` element, while a copy is made), one
//! `article.incident[data-code=<IncidentCode>]` for each open incident,
//! `[data-disk=<disk id>][data-role=<DiskRole>]` for each disk,
//! `[data-lost=<serial>]` for each lost one, `[data-reminder=<Reminder>]`, and
//! `a[data-action=replace]` for each candidate, and `a[data-action=take-back]` for each
//! disk that is held out, and `a[data-action=array]`. `/array` has
//! `[data-member=<disk id>][data-member-role=<MemberRole>]` for each disk of the volume
//! and `a[data-action=array-add]` for each that could join. The result of a test mail is
//! `li[data-recipient=<address>][data-result=sent|<MailFailure>]`.
//!
//! A refused field `f` has `aria-invalid="true"` and a sentence in `#f-error`; a
//! refusal of the whole form is in `#form-error`. Both carry `data-error=<code>`.

mod assets;
mod client;
mod drawing;
mod forms;
mod guard;
mod page;
mod pages;
mod plain;
mod plot;
mod providers;
mod proxy;
mod serve;
mod trouble;
mod visit;
mod words;
mod zones;

use std::path::PathBuf;
use std::sync::Arc;

/// What every request may look at.
pub(crate) struct Site {
    /// The supervisor's socket.
    pub(crate) socket: PathBuf,
    /// The box's own certificate authority, in PEM, offered for download.
    pub(crate) authority: Option<String>,
    /// The port of HTTPS, when it is not the usual one.
    pub(crate) https_port: u16,
}

/// A [`Site`], shared by all requests.
pub(crate) type Shared = Arc<Site>;

pub use serve::{Config, Error, run, serve};
