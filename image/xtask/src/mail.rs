//! `cargo xtask mail`: what the box has written, read from the files that the mail
//! server of `cargo xtask run` delivered.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use preau_lab::{Mail, Mailbox};

use crate::paths::Paths;
use crate::run::state_folder;

/// What `cargo xtask mail` is told.
#[derive(Args)]
pub struct MailArgs {
    #[command(subcommand)]
    action: MailAction,
    /// The folder given to `cargo xtask run --state`
    #[arg(long, global = true)]
    state: Option<PathBuf>,
}

#[derive(Subcommand)]
enum MailAction {
    /// Lists the mails
    List,
    /// Shows one mail
    Read {
        /// Its number in the list
        number: usize,
    },
}

/// Lists or reads mails.
pub fn run(args: MailArgs, paths: &Paths) -> Result<()> {
    let folder = state_folder(args.state.as_deref(), paths).join("mail/mailbox");
    let mails = Mailbox::new(&folder).all()?;
    match args.action {
        MailAction::List => list(&mails),
        MailAction::Read { number } => {
            let mail = number.checked_sub(1).and_then(|index| mails.get(index));
            let mail = mail
                .with_context(|| format!("there is no mail {number}, there are {}", mails.len()))?;
            println!(
                "To: {}\nSubject: {}\n\n{}",
                mail.to, mail.subject, mail.text
            );
            println!(
                "(the whole message, with its HTML: {})",
                mail.file.display()
            );
        }
    }
    Ok(())
}

fn list(mails: &[Mail]) {
    if mails.is_empty() {
        println!("No mail has arrived.");
    }
    for (index, mail) in mails.iter().enumerate() {
        println!("{:>3}  {:<28} {}", index + 1, mail.to, mail.subject);
    }
}
