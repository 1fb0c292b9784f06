//! The one binary of the firmware: picks the role. `preau supervise` looks after the
//! box, `preau web` serves the pages, `preau status` asks how things are,
//! `preau disks` how the disks are, `preau scrub` follows the reading of all that is
//! kept, `preau copies` and `preau restore` look after the copies elsewhere, and
//! `preau recovery` makes the box from one of them.

mod array;
mod console;
mod copies;
mod disks;
mod recovery;
mod school;
mod scrub;
mod sheet;
mod status;

use anyhow::Context;
use clap::{Parser, Subcommand};
use preau_supervisor::auth::passwords::{JUDGE_ROLE, Judge, score_case};
use preau_supervisor::paths::Paths;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A small box that keeps a school's files.
#[derive(Debug, Parser)]
#[command(name = "preau", version)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Looks after disks, shares and mails, and answers the API on its socket.
    Supervise,
    /// Serves the pages, and the API over HTTPS.
    Web,
    /// Says how things are; ends with 0 when all is well, else with 1.
    Status,
    /// Shows the disks of the volume and what protects them, or changes that; ends with
    /// 0 when as many may fail as should.
    Array {
        /// What is to be done.
        #[command(subcommand)]
        act: Option<array::Act>,
    },
    /// Shows the words of the recovery sheet.
    Sheet {
        /// In three parts, any two of which are enough.
        #[arg(long)]
        parts: bool,
    },
    /// Says how the disks are, or all about one; ends with 1 when one is to be
    /// replaced.
    Disks {
        /// A bay, an identity, or the end of a serial number.
        disk: Option<String>,
        /// Lets that disk test itself, or ends its test.
        #[arg(long, requires = "disk")]
        test: Option<disks::Test>,
        /// Makes that disk show where it sits; `wake` wakes it for that, `stop` ends it.
        #[arg(
            long,
            requires = "disk",
            conflicts_with = "test",
            num_args = 0..=1,
            default_missing_value = "start"
        )]
        blink: Option<disks::Blink>,
        /// Lets that disk back in, which the box has left aside. One that was used
        /// elsewhere is erased first: the command shows what is on it, and what to type.
        #[arg(long, requires = "disk", conflicts_with_all = ["test", "blink"])]
        take_back: bool,
        /// The agreement to lose what is on it, as `--take-back` showed it.
        #[arg(long, requires = "take_back", value_name = "SERIAL:CONTENTS")]
        erase: Option<String>,
        /// Opens that disk, which somebody brought, to copy from it: it appears as the
        /// share `usb`, and nothing is written on it.
        #[arg(long, requires = "disk", conflicts_with_all = ["test", "blink", "take_back"])]
        open: bool,
        /// Closes it.
        #[arg(long, requires = "disk", conflicts_with_all = ["test", "blink", "take_back", "open"])]
        close: bool,
    },
    /// Says when the school works, or changes it: disks do not test themselves then, and
    /// copies elsewhere leave gently.
    SchoolHours {
        /// From this hour, 0 to 23.
        from: Option<u8>,
        /// To this hour, exclusive, 1 to 24.
        to: Option<u8>,
        /// At weekends too.
        #[arg(long, requires = "to")]
        weekends: bool,
    },
    /// Reads everything that is kept, and repairs what was damaged; says how far it is.
    Scrub {
        /// What is to become of it.
        #[command(subcommand)]
        act: Option<scrub::Act>,
    },
    /// Says how the copies elsewhere are, or does something about them; ends with 1 when
    /// one has a problem.
    Copies {
        /// What is to be done.
        #[command(subcommand)]
        act: Option<copies::Act>,
    },
    /// Brings files back from a copy elsewhere.
    Restore(copies::Restore),
    /// Makes this box from nothing but a copy elsewhere and the recovery sheet; ends
    /// with 1 while not all files are back.
    Recovery {
        /// What is to be done.
        #[command(subcommand)]
        act: Option<recovery::Act>,
    },
    /// Says the version.
    Version,
    /// Judges a password for the supervisor.
    #[command(name = JUDGE_ROLE, hide = true)]
    Judge,
}

/// Threads for calls that block: SQLite, files, password hashes. More would only
/// wait for the same card.
const BLOCKING_THREADS: usize = 4;

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().role {
        Role::Supervise => {
            begin_journal()?;
            supervise()?;
        }
        Role::Web => {
            begin_journal()?;
            preau_web::run().context("serving the pages")?;
        }
        Role::Status => return runtime()?.block_on(status::print()),
        Role::Array { act } => return runtime()?.block_on(array::run(act)),
        Role::Sheet { parts } => runtime()?.block_on(sheet::print(parts))?,
        Role::Disks {
            disk,
            test,
            blink,
            take_back,
            erase,
            open,
            close,
        } => {
            let act = test.map(disks::Act::Test);
            let act = act.or(blink.map(disks::Act::Blink));
            let act = act.or(take_back.then_some(disks::Act::TakeBack { erase }));
            let act = act.or(open.then_some(disks::Act::Open));
            let act = act.or(close.then_some(disks::Act::Close));
            return runtime()?.block_on(disks::run(disk.as_deref(), act));
        }
        Role::SchoolHours { from, to, weekends } => {
            runtime()?.block_on(school::run(from, to, weekends))?;
        }
        Role::Scrub { act } => runtime()?.block_on(scrub::run(act))?,
        Role::Copies { act } => return runtime()?.block_on(copies::run(act)),
        Role::Recovery { act } => return runtime()?.block_on(recovery::run(act)),
        Role::Restore(wanted) => runtime()?.block_on(copies::restore(wanted))?,
        Role::Version => print_version(),
        Role::Judge => judge()?,
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
fn print_version() {
    println!("preau {}", env!("CARGO_PKG_VERSION"));
}

#[allow(clippy::print_stdout, reason = "the answer to the supervisor")]
fn judge() -> anyhow::Result<()> {
    let case = std::io::read_to_string(std::io::stdin()).context("reading the case")?;
    println!("{}", score_case(&case).context("understanding the case")?);
    Ok(())
}

fn supervise() -> anyhow::Result<()> {
    let machine = preau_host::Machine::open().context("opening the machine")?;
    runtime()?
        .block_on(preau_supervisor::run(
            machine,
            Paths::of_the_box(),
            Judge::Apart,
        ))
        .context("supervising")
}

/// One thread is enough for waiting; each further one would cost memory.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .context("starting the runtime")
}

/// To the journal with its fields when systemd listens, else to standard error.
fn begin_journal() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("PREAU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        let journal = tracing_journald::layer().context("opening the journal")?;
        registry.with(journal).init();
    } else {
        registry
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
            .init();
    }
    Ok(())
}
