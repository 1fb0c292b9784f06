//! A certificate authority for the length of a lab, made with `openssl`.
//!
//! The mail server's certificate names the address at which the box sees this
//! machine; the box trusts it because the lab pastes the authority's certificate
//! into the mail settings, as a town hall with its own authority would.

use std::path::Path;

use anyhow::{Context, Result};

use super::HOST;
use crate::{process::run, tools, wait::secs};

/// Days that a certificate of the lab is valid: a box left running overnight works.
const DAYS: &str = "7";

/// Makes an authority in `folder`: `NAME.pem` and `NAME.key`.
pub(super) async fn found(folder: &Path, name: &str) -> Result<()> {
    let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
    let mut args = key_args();
    args.extend(
        [
            "-keyout",
            &path(folder, &key),
            "-out",
            &path(folder, &certificate),
        ]
        .map(str::to_owned),
    );
    args.extend(
        [
            "-x509",
            "-days",
            DAYS,
            "-subj",
            &format!("/CN=Préau laboratory {name}"),
            "-utf8",
        ]
        .map(str::to_owned),
    );
    args.extend(
        [
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign",
        ]
        .map(str::to_owned),
    );
    run(tools::OPENSSL, args, secs(30))
        .await
        .context("making the lab's certificate authority")?;
    Ok(())
}

/// Issues `NAME.pem` and `NAME.key` for the mail server, signed by `authority`.
pub(super) async fn issue(folder: &Path, authority: &str, name: &str) -> Result<()> {
    let mut args = key_args();
    args.extend(["-keyout", &path(folder, &format!("{name}.key"))].map(str::to_owned));
    args.extend(["-out", &path(folder, &format!("{name}.pem"))].map(str::to_owned));
    args.extend(["-CA", &path(folder, &format!("{authority}.pem"))].map(str::to_owned));
    args.extend(["-CAkey", &path(folder, &format!("{authority}.key"))].map(str::to_owned));
    let names = format!("subjectAltName=DNS:mail.ecole.example,IP:{HOST},IP:127.0.0.1");
    args.extend(
        [
            "-x509",
            "-days",
            DAYS,
            "-subj",
            "/CN=mail.ecole.example",
            "-addext",
            &names,
        ]
        .map(str::to_owned),
    );
    args.extend(
        [
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "extendedKeyUsage=serverAuth",
        ]
        .map(str::to_owned),
    );
    run(tools::OPENSSL, args, secs(30))
        .await
        .context("issuing the mail server's certificate")?;
    Ok(())
}

/// Gives the server whose files will be in `to` the certificates of the one in `from`.
#[cfg(feature = "clients")]
pub(crate) fn use_authority_of(from: &Path, to: &Path) -> Result<()> {
    let [from, to] = [from, to].map(|folder| folder.join("tls"));
    std::fs::create_dir_all(&to).with_context(|| format!("making {}", to.display()))?;
    let files = std::fs::read_dir(&from).with_context(|| format!("reading {}", from.display()))?;
    for file in files {
        let file = file?;
        std::fs::copy(file.path(), to.join(file.file_name()))
            .with_context(|| format!("copying {}", file.path().display()))?;
    }
    Ok(())
}

fn key_args() -> Vec<String> {
    [
        "req",
        "-batch",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-noenc",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).to_string_lossy().into_owned()
}
