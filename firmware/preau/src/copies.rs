//! `preau copies` and `preau restore`: how the copies elsewhere are, what they hold,
//! and bringing files back, on the console and in the box's language.

use crate::console::{self, in_a_path, say};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use preau_api::{
    BoxInfo, BoxKey, CopiesView, CopyState, DestinationSet, DestinationView, FileView, FolderView,
    RestoreBegun, RestoreFiles, RestoreTarget, RunNow, RunView, SearchView, SetDestination,
    SnapshotView, StrikeBegun, StrikeFiles, WorkNow,
};
use preau_domain::copies::Restored;
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;

/// What is asked of the copies.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Copies now.
    Run {
        /// The destination's name.
        to: String,
    },
    /// Takes some files back now and compares them.
    Drill {
        /// The destination's name.
        to: String,
    },
    /// Stops what is under way.
    Cancel {
        /// The destination's name.
        to: String,
    },
    /// What was done.
    Runs {
        /// The destination's name.
        to: String,
    },
    /// The copies that there are.
    List {
        /// The destination's name.
        to: String,
    },
    /// What a folder of a copy holds.
    Files {
        /// The destination's name.
        to: String,
        /// The beginning of the copy's identity, or `latest`.
        copy: String,
        /// The folder, from the share's root.
        #[arg(default_value = "")]
        folder: String,
    },
    /// Files whose name contains a text.
    Search {
        /// The destination's name.
        to: String,
        /// A part of the name.
        name: String,
    },
    /// Adds a destination, or changes the one of that name: its settings are read from
    /// standard input, as `POST /v1/copies` takes them.
    Set,
    /// Makes it no destination any more; what is there stays there.
    Remove {
        /// The destination's name.
        to: String,
    },
    /// Says that the files which vanished were meant to.
    AcceptVanished {
        /// The destination's name.
        to: String,
    },
    /// Takes a file or folder out of every copy, everywhere. It never comes back.
    Strike {
        /// The share.
        share: String,
        /// The file or folder, from the share's root.
        path: String,
        /// The same path once more: it has been read and is meant.
        #[arg(long, value_name = "PATH")]
        delete: Option<String>,
    },
    /// Asks no more for what was to be struck at a destination.
    KeepStruck {
        /// The destination's name.
        to: String,
    },
    /// The box's key, for the server's `authorized_keys`.
    Key,
}

/// What is brought back, and where to.
#[derive(Debug, Args)]
pub struct Restore {
    /// The destination's name.
    from: String,
    /// The beginning of the copy's identity, or `latest`.
    copy: String,
    /// The file or folder, from the share's root; everything when left out.
    #[arg(default_value = "")]
    path: String,
    /// The path is a folder.
    #[arg(long)]
    folder: bool,
    /// To where it was: files of the same name are replaced. Without it, beside.
    #[arg(long)]
    over: bool,
}

/// Does it; ends with 1 when a copy has a problem.
pub async fn run(act: Option<Act>) -> anyhow::Result<ExitCode> {
    let texts = texts().await?;
    let Some(act) = act else {
        let copies: CopiesView = console::ask("GET", "/v1/copies").await?;
        say(&describe(texts, &copies));
        let bad = |view: &DestinationView| view.state == CopyState::Problem;
        return Ok(if copies.destinations.iter().any(bad) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        });
    };
    match act {
        Act::Run { to } => run_now(&to, WorkNow::BackUp).await?,
        Act::Drill { to } => run_now(&to, WorkNow::Drill).await?,
        Act::Cancel { to } => {
            let path = path_of(&to, "/cancel").await?;
            console::tell("POST", &path, String::new()).await?;
        }
        Act::Runs { to } => {
            let runs: Vec<RunView> = console::ask("GET", &path_of(&to, "/runs").await?).await?;
            for run in runs {
                say(&format!(
                    "{} {}: {}\n",
                    run.started_at, run.name, run.result
                ));
            }
        }
        Act::List { to } => {
            for copy in snapshots(&to).await? {
                say(&format!("{:.12} {} {}\n", copy.id, copy.time, copy.share));
            }
        }
        Act::Files { to, copy, folder } => {
            let copy = find_copy(&to, &copy).await?;
            let query = format!(
                "/files?snapshot={}&folder={}",
                in_a_path(&copy.id),
                in_a_path(&folder)
            );
            let found: FolderView = console::ask_far("GET", &path_of(&to, &query).await?).await?;
            say(&files(texts, &found.entries));
        }
        Act::Search { to, name } => {
            let query = format!("/search?name={}", in_a_path(&name));
            let found: SearchView = console::ask_far("GET", &path_of(&to, &query).await?).await?;
            say(&files(texts, &found.found));
        }
        Act::Set => set().await?,
        Act::Remove { to } => {
            console::tell("DELETE", &path_of(&to, "").await?, String::new()).await?;
        }
        Act::AcceptVanished { to } => {
            let path = path_of(&to, "/accept-vanished").await?;
            console::tell("POST", &path, String::new()).await?;
        }
        Act::Strike {
            share,
            path,
            delete,
        } => strike(texts, share, path, delete).await?,
        Act::KeepStruck { to } => {
            let path = path_of(&to, "/strikes").await?;
            console::tell("DELETE", &path, String::new()).await?;
        }
        Act::Key => {
            let key: BoxKey = console::ask("POST", "/v1/copies/key").await?;
            say(&format!("{}\n", key.public_key));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Begins to bring files back.
pub async fn restore(wanted: Restore) -> anyhow::Result<()> {
    let copy = find_copy(&wanted.from, &wanted.copy).await?;
    let body = RestoreFiles {
        snapshot: copy.id,
        share: copy.share.clone(),
        kind: if wanted.folder || wanted.path.is_empty() {
            Restored::Folder
        } else {
            Restored::File
        },
        path: wanted.path,
        to: if wanted.over {
            RestoreTarget::Over
        } else {
            RestoreTarget::Beside
        },
        confirmed: wanted.over,
    };
    let path = path_of(&wanted.from, "/restore").await?;
    let begun: RestoreBegun = console::ask_with("POST", &path, &body).await?;
    let folder = begun.folder.unwrap_or_default();
    say(&format!("{}/{folder}\n", copy.share));
    Ok(())
}

async fn strike(
    texts: Texts,
    share: String,
    path: String,
    delete: Option<String>,
) -> anyhow::Result<()> {
    if delete.as_ref() != Some(&path) {
        bail!("{}", unconfirmed(texts, &share, &path));
    }
    let body = StrikeFiles {
        share,
        path,
        delete,
    };
    let begun: StrikeBegun = console::ask_with("POST", "/v1/copies/strike", &body).await?;
    for struck in begun.destinations {
        say(&format!("{}: {}\n", struck.name, struck.strike.sentence));
    }
    Ok(())
}

/// What would go, and how to say that it is meant.
fn unconfirmed(texts: Texts, share: &str, path: &str) -> String {
    let what = format!("{share} / {path}");
    format!(
        "{}\n{}\nif that is meant, add --delete {path:?}",
        texts.t_with("copies-strike-what", &[("what", what.into())]),
        texts.t_with("copies-strike-also", &[("share", share.to_owned().into())])
    )
}

async fn run_now(to: &str, work: WorkNow) -> anyhow::Result<()> {
    let body = serde_json::to_string(&RunNow { work })?;
    console::tell("POST", &path_of(to, "/run").await?, body).await
}

async fn set() -> anyhow::Result<()> {
    let text = std::io::read_to_string(std::io::stdin()).context("reading the settings")?;
    let wanted: SetDestination = serde_json::from_str(&text).context("understanding them")?;
    let known = destinations().await?;
    let known = known.iter().find(|view| view.name == wanted.name);
    let (method, path) = known.map_or_else(
        || ("POST", "/v1/copies".to_owned()),
        |view| ("PUT", format!("/v1/copies/{}", view.id)),
    );
    let answer: DestinationSet = console::ask_with(method, &path, &wanted).await?;
    if let Some(shown) = answer.confirm {
        say(&format!(
            "{}\n\"host_key\": \"{}\"\n",
            shown.fingerprint, shown.key
        ));
        bail!("the server's key must be confirmed first: compare it, and give it as host_key");
    }
    Ok(())
}

async fn texts() -> anyhow::Result<Texts> {
    let info: BoxInfo = console::ask("GET", "/v1/box").await?;
    Ok(Texts::new(info.language))
}

async fn destinations() -> anyhow::Result<Vec<DestinationView>> {
    let copies: CopiesView = console::ask("GET", "/v1/copies").await?;
    Ok(copies.destinations)
}

/// The address of something about a destination, by its name.
async fn path_of(name: &str, rest: &str) -> anyhow::Result<String> {
    let all = destinations().await?;
    let is_it = |view: &&DestinationView| view.name.to_lowercase() == name.to_lowercase();
    match all.iter().find(is_it) {
        Some(view) => Ok(format!("/v1/copies/{}{rest}", view.id)),
        None => {
            let names: Vec<&str> = all.iter().map(|view| view.name.as_str()).collect();
            bail!(
                "no destination has the name {name}; there are: {}",
                names.join(", ")
            )
        }
    }
}

async fn snapshots(to: &str) -> anyhow::Result<Vec<SnapshotView>> {
    console::ask_far("GET", &path_of(to, "/snapshots").await?).await
}

async fn find_copy(to: &str, which: &str) -> anyhow::Result<SnapshotView> {
    let all = snapshots(to).await?;
    choose_copy(all, which)
}

/// The copies are the newest first.
fn choose_copy(all: Vec<SnapshotView>, which: &str) -> anyhow::Result<SnapshotView> {
    let mut found = all
        .into_iter()
        .filter(|copy| which == "latest" || copy.id.starts_with(which));
    let first = found
        .next()
        .with_context(|| format!("no copy is {which}"))?;
    if which != "latest" && found.next().is_some() {
        bail!("several copies begin with {which}");
    }
    Ok(first)
}

fn describe(texts: Texts, copies: &CopiesView) -> String {
    let mut text = format!("{}\n", copies.headline);
    // Writing to a string cannot fail.
    for line in [&copies.last, &copies.next].into_iter().flatten() {
        let _ = writeln!(text, "{line}");
    }
    if !copies.has_sheet {
        let _ = writeln!(text, "{}", texts.t("copies-wait-sheet"));
    }
    for view in &copies.destinations {
        let _ = writeln!(text, "\n{}: {}", view.name, view.sentence);
        if let Some(running) = &view.running {
            let _ = writeln!(text, "  {}", running.words);
        }
        if let Some(problem) = &view.problem {
            let _ = writeln!(text, "  {}\n  {}", problem.message, problem.detail);
        }
        if let Some(hold) = &view.hold {
            let _ = writeln!(text, "  {hold}");
        }
        for strike in &view.strikes {
            let _ = writeln!(text, "  {}", strike.sentence);
        }
    }
    text
}

fn files(texts: Texts, files: &[FileView]) -> String {
    files
        .iter()
        .map(|file| {
            let mark = if file.kind == "folder" { "/" } else { "" };
            let copy = file.snapshot.as_deref().unwrap_or_default();
            let copy = copy.get(..12).unwrap_or_default();
            format!(
                "{copy:12} {:>10} {}{mark}\n",
                texts.bytes(file.size),
                file.path
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    #[test]
    fn what_would_be_struck_is_named_whole_before_it_is_agreed_to() {
        let text = unconfirmed(Texts::new(Language::Fr), "commun", "CM2/dictée.odt");
        let text = text.replace('\u{a0}', " ");
        assert!(text.contains("« commun / CM2/dictée.odt »"), "{text}");
        assert!(text.contains("l’espace « commun »"), "{text}");
        assert!(text.ends_with("--delete \"CM2/dictée.odt\""), "{text}");
    }

    #[test]
    fn a_copy_is_named_by_its_beginning_or_by_being_the_latest() {
        let copy = |id: &str| SnapshotView {
            id: id.to_owned(),
            time: "2026-11-24T01:30:00Z".parse().unwrap(),
            share: "commun".to_owned(),
            host: "preau".to_owned(),
            files: None,
            bytes: None,
        };
        let all = || vec![copy("abc1"), copy("abc2"), copy("def3")];
        let id = |which: &str| choose_copy(all(), which).map(|copy| copy.id).ok();
        assert_eq!(id("latest").as_deref(), Some("abc1"));
        assert_eq!(id("d").as_deref(), Some("def3"));
        assert_eq!(id("abc"), None, "two begin so");
        assert_eq!(id("x"), None);
    }
}
