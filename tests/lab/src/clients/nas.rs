//! The box's API over HTTPS, as a program on the school's network uses it.
//!
//! The certificate is checked: the box's own authority is the only one trusted,
//! and the box is reached under the name that it announces, `preau.local`, which
//! is resolved to the forwarded port of the loopback.

mod array;
mod copies;
mod disks;
mod recovery;

use std::{net::SocketAddr, sync::Mutex};

use anyhow::{Context, Result, bail, ensure};
use preau_api::{
    AddPerson, Adopt, Adoptable, Advance, BoxInfo, Claim, ConfirmMail, CreateVolume, DiskRole,
    DiskView, Disks, ErrorBody, IncidentView, Login, MailTest, MailView, PersonView, ProveSheet,
    ReplaceDisk, ScrubAct, ScrubState, ScrubView, Session, SetAdmin, SetBox, SetMail, SetScrub,
    SheetView, SheetWord, SheetWords, ShowSheet, Status, TakeBack, VolumeState,
};
use preau_domain::{
    ids::DiskId,
    language::Language,
    settings::{EraseConsent, Layout, MailSecurity, SetupStep},
};
use reqwest::{Client, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    claim::claim_code,
    machine::Machine,
    mail::{self, MailServer, Recipients},
    wait::{Look, mins, secs, wait_until},
};

/// The name under which the box is found on its network.
pub const NAME: &str = "preau.local";
/// The cookie in which a browser carries its session.
const COOKIE: &str = "__Host-preau";
/// The administrator that [`Nas::set_up_with_mirror`] makes.
pub const ADMIN: &str = "elodie.durand";
/// Their password.
pub const ADMIN_PASSWORD: &str = "sept craies dans le préau";

/// An answer of the box, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body, if it is JSON.
    pub body: Value,
}

impl Answer {
    /// Why the box refused; an error if it did not.
    pub fn refusal(&self) -> Result<preau_api::ApiError> {
        ensure!(
            self.status.is_client_error(),
            "expected a refusal, got {}: {}",
            self.status,
            self.body
        );
        let body: ErrorBody =
            serde_json::from_value(self.body.clone()).context("a refusal of another shape")?;
        Ok(body.error)
    }

    fn read<T: DeserializeOwned>(self, what: &str) -> Result<T> {
        ensure!(
            self.status.is_success(),
            "{what} was refused with {}: {}",
            self.status,
            self.body
        );
        serde_json::from_value(self.body).with_context(|| format!("reading the answer to {what}"))
    }
}

/// The box, as its API shows it.
#[derive(Debug)]
pub struct Nas {
    client: Client,
    https: u16,
    token: Mutex<Option<String>>,
}

impl Nas {
    /// A client that trusts `authority` (PEM) and nobody else.
    pub fn new(authority: &[u8], https: u16) -> Result<Self> {
        // A second call finds the first one's choice in place, which is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .tls_certs_only([
                reqwest::Certificate::from_pem(authority).context("the box's authority")?
            ])
            .resolve(NAME, SocketAddr::from(([127, 0, 0, 1], https)))
            .no_proxy()
            .timeout(secs(60))
            .build()
            .context("making the HTTPS client")?;
        Ok(Self {
            client,
            https,
            token: Mutex::new(None),
        })
    }

    /// A second client of the same box that has not logged in.
    pub fn stranger(&self) -> Self {
        Self {
            client: self.client.clone(),
            https: self.https,
            token: Mutex::new(None),
        }
    }

    /// The address of a page or of the API.
    pub fn url(&self, path: &str) -> String {
        format!("https://{NAME}:{}{path}", self.https)
    }

    /// Any request to the API; `path` begins after `/api/v1`.
    pub async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let bytes = body.map(|body| serde_json::to_vec(&body)).transpose()?;
        self.request_raw(method, &format!("/api/v1{path}"), bytes)
            .await
    }

    /// Any request to the box, with any body.
    pub async fn request_raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer> {
        let what = format!("{method} {path}");
        let mut request = self
            .client
            .request(method, self.url(path))
            .header("Accept-Language", "fr");
        if let Some(token) = self.session() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("sending {what}"))?;
        let status = response.status();
        let text = response
            .text()
            .await
            .with_context(|| format!("reading the answer to {what}"))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// Opens a page as the browser of somebody who is logged in, and returns its HTML.
    pub async fn page(&self, path: &str) -> Result<String> {
        let token = self.session().context("nobody is logged in")?;
        let response = self
            .client
            .get(self.url(path))
            .header("Cookie", format!("{COOKIE}={token}"))
            .send()
            .await
            .with_context(|| format!("opening {path}"))?;
        ensure!(
            response.status().is_success(),
            "{path} was answered with {}",
            response.status()
        );
        Ok(response.text().await?)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<impl Serialize>,
    ) -> Result<T> {
        let what = format!("{method} {path}");
        let body = body.map(serde_json::to_value).transpose()?;
        self.request(method, path, body).await?.read(&what)
    }

    /// What anybody may know.
    pub async fn info(&self) -> Result<BoxInfo> {
        self.ask(Method::GET, "/box", None::<()>).await
    }

    /// Gives the claim code; from then on this client is its owner's.
    pub async fn claim(&self, code: &str) -> Result<()> {
        let claim = Claim {
            code: code.to_owned(),
            language: Language::Fr,
        };
        let session: Session = self.ask(Method::POST, "/claim", Some(claim)).await?;
        self.keep(session);
        Ok(())
    }

    /// Logs in with an account.
    pub async fn log_in(&self, login: &str, password: &str) -> Result<()> {
        let login = Login {
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let session: Session = self.ask(Method::POST, "/login", Some(login)).await?;
        self.keep(session);
        Ok(())
    }

    /// Makes the administrator's account. The session of the claim code ends with
    /// the code, so this client logs in again.
    pub async fn set_admin(&self) -> Result<()> {
        let admin = SetAdmin {
            display_name: "Élodie Durand".to_owned(),
            login: ADMIN.to_owned(),
            password: ADMIN_PASSWORD.to_owned(),
        };
        let _: Value = self.ask(Method::PUT, "/setup/admin", Some(admin)).await?;
        self.log_in(ADMIN, ADMIN_PASSWORD).await
    }

    /// Names the box.
    pub async fn set_box(&self, name: &str) -> Result<()> {
        let named = SetBox {
            name: name.to_owned(),
            time_zone: "Europe/Paris".to_owned(),
        };
        let _: Value = self.ask(Method::PUT, "/setup/box", Some(named)).await?;
        Ok(())
    }

    /// The disks.
    pub async fn disks(&self) -> Result<Vec<DiskView>> {
        let disks: Disks = self.ask(Method::GET, "/disks", None::<()>).await?;
        match disks.unreadable {
            None => Ok(disks.disks),
            Some(reason) => bail!("the box cannot read its disks: {reason}"),
        }
    }

    /// The disk in a bay (`bay2`), once the box has seen it.
    pub async fn disk_in(&self, bay: &str) -> Result<DiskView> {
        let label = bay.strip_prefix("bay").unwrap_or(bay);
        wait_until(
            &format!("the box to see the disk in {bay}"),
            secs(30),
            || async {
                let disks = self.disks().await?;
                let seen: Vec<_> = disks
                    .iter()
                    .map(|view| (&view.disk.bay, &view.disk.serial))
                    .collect();
                let seen = format!("{seen:?}");
                let is_meant =
                    |view: &DiskView| view.disk.bay.as_ref().is_some_and(|bay| bay.0 == label);
                Ok(disks
                    .into_iter()
                    .find(is_meant)
                    .map_or(Look::NotYet(seen), Look::Found))
            },
        )
        .await
    }

    /// Agrees to erase the disk in a bay, with what is on it.
    pub async fn consent(&self, bay: &str) -> Result<EraseConsent> {
        let disk = self.disk_in(bay).await?.disk;
        let digest = (!disk.is_blank()).then_some(disk.contents_digest);
        Ok(EraseConsent {
            disk: disk.id,
            serial: disk.serial,
            contents_digest: digest,
        })
    }

    /// Waits until the box no longer sees a disk.
    pub async fn wait_until_gone(&self, disk: &DiskId) -> Result<()> {
        wait_until(&format!("the box to miss {disk}"), secs(30), || async {
            let disks = self.disks().await?;
            Ok(if disks.iter().any(|view| view.disk.id == *disk) {
                Look::NotYet("it is still there".into())
            } else {
                Look::Found(())
            })
        })
        .await
    }

    /// Asks for a mirror on the disks of two bays and waits until files can be kept.
    pub async fn make_mirror(&self, bays: [&str; 2]) -> Result<()> {
        self.ask_for_mirror(bays).await?;
        self.wait_for_share().await
    }

    /// Asks for a mirror; returns once the box has acknowledged the choice.
    pub async fn ask_for_mirror(&self, bays: [&str; 2]) -> Result<()> {
        self.ask_for(Layout::Mirror, 0, &bays).await
    }

    /// Asks for any protection on the disks of these bays; spares come last.
    pub async fn ask_for(&self, layout: Layout, spares: u32, bays: &[&str]) -> Result<()> {
        let mut erase = Vec::with_capacity(bays.len());
        for bay in bays {
            erase.push(self.consent(bay).await?);
        }
        let volume = CreateVolume {
            layout,
            erase,
            spares,
        };
        let _: Value = self.ask(Method::POST, "/volume", Some(volume)).await?;
        Ok(())
    }

    /// Waits until the share `commun` can be used.
    pub async fn wait_for_share(&self) -> Result<()> {
        self.wait_for_status("the share to be online", mins(5), |status| {
            status.shares.iter().any(|share| share.online)
        })
        .await
        .map(drop)
    }

    /// Waits until every disk holds what it should.
    pub async fn wait_until_protected(&self) -> Result<()> {
        self.wait_for_status("the volume to be whole", mins(10), |status| {
            status
                .volume
                .as_ref()
                .is_some_and(|volume| volume.state == VolumeState::Protected)
        })
        .await
        .map(drop)
    }

    /// Reads everything on the disks now, and waits for the end.
    pub async fn scrub(&self) -> Result<ScrubView> {
        let before = self
            .status()
            .await?
            .scrub
            .and_then(|scrub| scrub.last_finished);
        let start = SetScrub {
            act: ScrubAct::Start,
        };
        let _: Value = self.ask(Method::POST, "/array/scrub", Some(start)).await?;
        let status = self
            .wait_for_status("the scrub to end", mins(10), |status| {
                let scrub = status.scrub.as_ref();
                scrub.is_some_and(|scrub| {
                    scrub.state == ScrubState::Idle && scrub.last_finished != before
                })
            })
            .await?;
        status.scrub.context("a scrub that ended is told")
    }

    /// Adds somebody who uses the share.
    pub async fn add_person(&self, display_name: &str, password: &str) -> Result<PersonView> {
        let person = AddPerson {
            display_name: display_name.to_owned(),
            login: None,
            password: password.to_owned(),
        };
        self.ask(Method::POST, "/people", Some(person)).await
    }

    /// The mail settings that lead to the lab's server.
    pub fn mail_settings(server: &MailServer) -> Result<SetMail> {
        Ok(SetMail {
            host: mail::HOST.to_owned(),
            port: server.starttls_port(),
            security: MailSecurity::Starttls,
            login: Some(mail::LOGIN.to_owned()),
            password: Some(mail::PASSWORD.to_owned()),
            from: "boitier@ecole.example".to_owned(),
            extra_ca_pem: Some(server.authority_pem()?),
            recipients: vec![Recipients::HEAD.to_owned()],
        })
    }

    /// Stores mail settings.
    pub async fn set_mail(&self, settings: &SetMail) -> Result<()> {
        let _: Value = self.ask(Method::PUT, "/mail", Some(settings)).await?;
        Ok(())
    }

    /// The mail settings as the box shows them.
    pub async fn mail(&self) -> Result<MailView> {
        self.ask(Method::GET, "/mail", None::<()>).await
    }

    /// Sends the test mail.
    pub async fn test_mail(&self) -> Result<MailTest> {
        self.ask(Method::POST, "/mail/test", None::<()>).await
    }

    /// Sets mail up with the lab's server and proves that it arrives.
    pub async fn set_up_mail(&self, server: &MailServer, mailbox: &mail::Mailbox) -> Result<()> {
        self.set_mail(&Self::mail_settings(server)?).await?;
        self.prove_mail(mailbox).await
    }

    /// Sends the test mail and types its code back.
    pub async fn prove_mail(&self, mailbox: &mail::Mailbox) -> Result<()> {
        let test = self.test_mail().await?;
        for result in &test.results {
            ensure!(result.failure.is_none(), "the test mail failed: {result:?}");
        }
        let mail = mailbox
            .wait_for("the test mail", secs(30), |mail| {
                mail.incident.is_none() && six_digits(&mail.text).is_some()
            })
            .await?;
        let code = six_digits(&mail.text).context("the test mail has no code")?;
        let _: Value = self
            .ask(
                Method::POST,
                "/mail/test/confirm",
                Some(ConfirmMail { code }),
            )
            .await?;
        Ok(())
    }

    /// Leaves a step of the set-up.
    pub async fn advance(&self, from: SetupStep) -> Result<()> {
        let _: Value = self
            .ask(Method::POST, "/setup/advance", Some(Advance { from }))
            .await?;
        Ok(())
    }

    /// Everything that the first page shows.
    pub async fn status(&self) -> Result<Status> {
        self.ask(Method::GET, "/status", None::<()>).await
    }

    /// Waits for a status that `wanted` accepts.
    pub async fn wait_for_status(
        &self,
        reason: &str,
        limit: std::time::Duration,
        wanted: impl Fn(&Status) -> bool,
    ) -> Result<Status> {
        wait_until(reason, limit, || async {
            let status = self.status().await?;
            if wanted(&status) {
                return Ok(Look::Found(status));
            }
            let codes: Vec<_> = status
                .incidents
                .iter()
                .map(|incident| incident.code)
                .collect();
            Ok(Look::NotYet(format!(
                "{} {codes:?} {:?} {:?}",
                status.headline, status.volume, status.shares
            )))
        })
        .await
    }

    /// All incidents, open and closed.
    pub async fn incidents(&self) -> Result<Vec<IncidentView>> {
        self.ask(Method::GET, "/incidents", None::<()>).await
    }

    /// Gives the disk in a bay the place of the lost one, once the box offers a disk.
    pub async fn rebuild_onto(&self, bay: &str) -> Result<()> {
        self.wait_for_status("the new disk to be offered", secs(60), |status| {
            let volume = status.volume.as_ref();
            volume.is_some_and(|volume| !volume.candidates.is_empty())
        })
        .await?;
        let replace = ReplaceDisk {
            erase: self.consent(bay).await?,
            leaving: None,
        };
        let _: Value = self
            .ask(Method::POST, "/array/replace", Some(replace))
            .await?;
        Ok(())
    }

    /// Lets the disk in a bay back in that the box holds out.
    pub async fn take_back(&self, bay: &str) -> Result<()> {
        let wanted = TakeBack {
            disk: self.disk_in(bay).await?.disk.id,
            erase: None,
        };
        let _: Value = self
            .ask(Method::POST, "/array/take-back", Some(wanted))
            .await?;
        Ok(())
    }

    /// Waits until the disk in a bay has this role.
    pub async fn wait_for_role(&self, bay: &str, role: DiskRole) -> Result<()> {
        wait_until(
            &format!("the disk in {bay} to be {role:?}"),
            mins(3),
            || async {
                let found = self.disk_in(bay).await?.role;
                Ok(if found == role {
                    Look::Found(())
                } else {
                    Look::NotYet(format!("{found:?}"))
                })
            },
        )
        .await
    }

    /// What can be told of another Préau's disks.
    pub async fn adoptable(&self) -> Result<Adoptable> {
        self.ask(Method::GET, "/adoption", None::<()>).await
    }

    /// Takes over a set of disks; the code of the refusal, if it is refused.
    pub async fn adopt(&self, set: &str, code: &str) -> Result<Option<String>> {
        let (set, code) = (set.to_owned(), code.to_owned());
        let adopt = serde_json::to_value(Adopt { set, code })?;
        let answer = self.request(Method::POST, "/adoption", Some(adopt)).await?;
        if answer.status.is_success() {
            return Ok(None);
        }
        Ok(Some(answer.refusal()?.code))
    }

    /// Leaves the step of the recovery sheet with the proof that somebody has it;
    /// returns what is on the paper.
    pub async fn pass_sheet(&self) -> Result<Vec<String>> {
        let show = ShowSheet::default();
        let shown: SheetWords = self.ask(Method::POST, "/sheet/show", Some(show)).await?;
        let sheet: SheetView = self.ask(Method::GET, "/sheet", None::<()>).await?;
        let words = sheet.asked.iter().map(|place| {
            let word = shown.words.get(place - 1).cloned();
            word.map(|word| SheetWord {
                place: *place,
                word,
            })
        });
        let proof = ProveSheet {
            words: words.collect::<Option<_>>().context("too few words")?,
        };
        let _: Value = self.ask(Method::POST, "/sheet/prove", Some(proof)).await?;
        self.advance(SetupStep::Sheet).await?;
        Ok(shown.words)
    }

    /// The whole set-up, from the claim code to the last page, with the words of the
    /// sheet.
    pub async fn set_up_with_mirror(
        &self,
        machine: &Machine,
        server: &MailServer,
        mailbox: &mail::Mailbox,
        bays: [&str; 2],
    ) -> Result<Vec<String>> {
        self.set_up_to_disks(machine).await?;
        self.make_mirror(bays).await?;
        self.set_up_from_people(server, mailbox).await
    }

    /// The set-up until disks are asked for.
    pub async fn set_up_to_disks(&self, machine: &Machine) -> Result<()> {
        self.claim(&claim_code(machine).await?).await?;
        self.set_admin().await?;
        self.set_box("École Jules-Ferry").await
    }

    /// The set-up once there is a volume, with the words of the sheet.
    pub async fn set_up_from_people(
        &self,
        server: &MailServer,
        mailbox: &mail::Mailbox,
    ) -> Result<Vec<String>> {
        self.advance(SetupStep::People).await?;
        self.set_up_mail(server, mailbox).await?;
        self.advance(SetupStep::Mail).await?;
        let words = self.pass_sheet().await?;
        self.advance(SetupStep::Finish).await?;
        Ok(words)
    }

    fn keep(&self, session: Session) {
        self.go_on_with(&session.token);
    }

    /// Goes on with a session that another client began.
    pub(crate) fn go_on_with(&self, session: &str) {
        *self
            .token
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(session.to_owned());
    }

    /// The session of whoever is logged in, for [`Nas::go_on_with`].
    pub(crate) fn session(&self) -> Option<String> {
        self.token
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Six digits that stand alone.
pub fn six_digits(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 6)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_six_digits_is_not_part_of_a_longer_number() {
        assert_eq!(
            six_digits("le 24/11/2026, 1234567, votre code : 042137.").as_deref(),
            Some("042137")
        );
        assert_eq!(six_digits("rien"), None);
    }
}
