//! `preau recovery`: makes this box from a copy elsewhere and the recovery sheet, on the
//! console. What is typed names each disk and what is on it, as the page does.

use crate::console::{self, say};
use crate::disks::{code_of, content_line};
use anyhow::{Context, bail};
use clap::Subcommand;
use preau_api::{
    BoxInfo, ComingBack, ComingState, CopyLooked, Disks, FoundBox, FoundShare, GoOn, GoOnAct,
    LookForCopy, Recover, RecoveryView,
};
use preau_domain::disks::Disk;
use preau_domain::layouts::Layout;
use preau_domain::settings::EraseConsent;
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Looks into a copy: where it is and the words of the sheet are read from standard
    /// input, as `POST /v1/recovery/look` takes them.
    Look,
    /// Erases disks and brings back what was found. Without disks it shows what is on
    /// each of them, and what to type.
    Begin {
        /// How they protect each other: `single`, `mirror`, `parity`, `double_parity`,
        /// `pairs`.
        layout: String,
        /// The disks, each with what is on it.
        #[arg(value_name = "SERIAL:CONTENTS")]
        disks: Vec<String>,
        /// How many of them wait to take the place of one that fails.
        #[arg(long, default_value_t = 0)]
        spares: u32,
    },
    /// Tries again now what does not come back.
    Again,
    /// Opens the share with what is back.
    Leave {
        /// Files are missing then, and somebody knows it.
        #[arg(long)]
        confirmed: bool,
    },
}

/// Does it, or says how far the files are; ends with 1 while not all are back.
pub async fn run(act: Option<Act>) -> anyhow::Result<ExitCode> {
    let info: BoxInfo = console::ask("GET", "/v1/box").await?;
    let texts = Texts::new(info.language);
    match act {
        None => {
            let view: RecoveryView = console::ask("GET", "/v1/recovery").await?;
            say(&describe(texts, &view));
            return Ok(match view.coming_back {
                Some(_) => ExitCode::FAILURE,
                None => ExitCode::SUCCESS,
            });
        }
        Some(Act::Look) => look(texts).await?,
        Some(Act::Begin {
            layout,
            disks,
            spares,
        }) => return begin(texts, &layout, &disks, spares).await,
        Some(Act::Again) => go_on(GoOnAct::Again, false).await?,
        Some(Act::Leave { confirmed }) => go_on(GoOnAct::Leave, confirmed).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn go_on(act: GoOnAct, confirmed: bool) -> anyhow::Result<()> {
    let body = serde_json::to_string(&GoOn { act, confirmed })?;
    console::tell("POST", "/v1/recovery/go-on", body).await
}

async fn look(texts: Texts) -> anyhow::Result<()> {
    let text = std::io::read_to_string(std::io::stdin()).context("reading where the copy is")?;
    let wanted: LookForCopy = serde_json::from_str(&text).context("understanding it")?;
    let looked: CopyLooked = console::ask_with("POST", "/v1/recovery/look", &wanted).await?;
    if let Some(shown) = looked.confirm {
        say(&format!(
            "{}\n\"host_key\": \"{}\"\n",
            shown.fingerprint, shown.key
        ));
        bail!("the server's key must be confirmed first: compare it, and give it as host_key");
    }
    if let Some(found) = looked.found {
        say(&describe_found(texts, &found));
    }
    Ok(())
}

async fn begin(
    texts: Texts,
    layout: &str,
    agreed: &[String],
    spares: u32,
) -> anyhow::Result<ExitCode> {
    let layout: Layout = serde_json::from_value(layout.into())
        .with_context(|| format!("{layout} is no way to protect disks"))?;
    let disks: Disks = console::ask("GET", "/v1/disks").await?;
    let disks: Vec<Disk> = disks.disks.into_iter().map(|view| view.disk).collect();
    let erase: Option<Vec<EraseConsent>> = agreed
        .iter()
        .map(|agreed| consent(&disks, agreed))
        .collect();
    let Some(erase) = erase.filter(|erase| !erase.is_empty()) else {
        say(&offer(texts, &disks));
        return Ok(ExitCode::FAILURE);
    };
    let wanted = Recover {
        layout,
        erase,
        spares,
    };
    let body = serde_json::to_string(&wanted)?;
    console::tell("POST", "/v1/recovery", body).await?;
    say(&format!("{}\n", texts.t("recovery-decided-lead")));
    Ok(ExitCode::SUCCESS)
}

/// The agreement to lose what is on a disk; `None` when it is not about a disk with
/// just what is on it now.
fn consent(disks: &[Disk], agreed: &str) -> Option<EraseConsent> {
    let disk = disks.iter().find(|disk| code_of(disk) == agreed)?;
    Some(EraseConsent {
        disk: disk.id.clone(),
        serial: disk.serial.clone(),
        contents_digest: (!disk.is_blank()).then(|| disk.contents_digest.clone()),
    })
}

fn offer(texts: Texts, disks: &[Disk]) -> String {
    let mut text = format!("{}\n", texts.t("recovery-disks-why-plain"));
    for disk in disks {
        let name = texts.disk(disk.bay.as_ref(), Some(&disk.model), Some(&disk.serial));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{name}");
        for content in &disk.contents {
            let _ = writeln!(text, "  {}", content_line(texts, content));
        }
        let _ = writeln!(text, "  {}", code_of(disk));
    }
    text
}

fn describe(texts: Texts, view: &RecoveryView) -> String {
    match (&view.coming_back, &view.found) {
        (Some(coming), _) => describe_coming(texts, coming),
        (None, Some(found)) => describe_found(texts, found),
        (None, None) => String::new(),
    }
}

fn describe_coming(texts: Texts, coming: &ComingBack) -> String {
    let mut text = format!("{}\n", coming.sentence);
    let words = coming.words.iter();
    for line in words.filter(|_| coming.state == ComingState::Running) {
        let _ = writeln!(text, "  {line}");
    }
    for share in &coming.shares {
        let line = match share.back {
            true => {
                let name = [("share", share.share.name.clone().into())];
                texts.t_with("coming-share-back", &name)
            }
            false => share_line(texts, "coming-share", &share.share),
        };
        let _ = writeln!(text, "  {line}");
    }
    if let Some(problem) = &coming.problem {
        let _ = writeln!(text, "  {}\n  {}", problem.message, problem.detail);
    }
    text
}

fn describe_found(texts: Texts, found: &FoundBox) -> String {
    let unnamed = || texts.t("recovery-found-unnamed");
    let mut text = format!("{}\n", found.name.clone().unwrap_or_else(unnamed));
    let _ = writeln!(text, "  {}", found.settings_at);
    for person in &found.people {
        let _ = writeln!(text, "  {} ({})", person.display_name, person.login);
    }
    for share in &found.shares {
        let line = share_line(texts, "recovery-found-share", share);
        let _ = writeln!(text, "  {line} {}", share.taken_at);
    }
    if found.shares.is_empty() {
        let _ = writeln!(text, "  {}", texts.t("recovery-found-no-share"));
    }
    text
}

fn share_line(texts: Texts, key: &str, share: &FoundShare) -> String {
    preau_texts::share_line(texts, key, &share.name, share.files, share.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::disks::{Bus, Content, Layer};
    use preau_domain::ids::DiskId;
    use preau_domain::language::Language;

    fn disk(contents: Vec<Content>) -> Disk {
        Disk {
            id: DiskId::from_identity(Some("0x5"), "WD", None).unwrap(),
            bay: None,
            model: "WD".to_owned(),
            serial: "WX1".to_owned(),
            size: 4_000_000_000_000,
            bus: Bus::Ata,
            contents,
            contents_digest: "0123456789".to_owned(),
            member_of: None,
            layer: Layer::None,
            partition_name: None,
        }
    }

    #[test]
    fn only_what_was_shown_is_agreed_to() {
        let photos = Content {
            kind: "ext4".to_owned(),
            label: Some("photos".to_owned()),
            size: 4_000_000_000_000,
        };
        let disks = [disk(vec![photos])];
        let shown = offer(Texts::new(Language::En), &disks);
        assert!(
            shown.contains("photos") && shown.contains("WX1:01234567"),
            "{shown}"
        );
        let consent = |agreed| consent(&disks, agreed);
        let agreed = consent("WX1:01234567").unwrap();
        assert_eq!(agreed.contents_digest.as_deref(), Some("0123456789"));
        assert_eq!(consent("WX1"), None);
        assert_eq!(consent("WX1:76543210"), None);
    }
}
