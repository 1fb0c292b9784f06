//! Unix accounts of the people, in the two files that libnss-extrausers reads. They
//! are written whole from the settings; nobody can log in with them, since they
//! have neither a shell nor a password: Samba keeps its own.

use crate::durable::write_durably;
use crate::machine::Machine;
use crate::samba::make_folder;
use crate::system::{Change, HostError};
use preau_domain::settings::Person;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// Everybody's group; it owns what lies in the shares.
pub(crate) const GROUP: &str = "preau-share";
/// Its number: the last that Debian leaves to the system before people's own,
/// which begin at [`preau_domain::settings::FIRST_UID`].
pub(crate) const GROUP_ID: u32 = 9_999;
/// Below the root folder.
pub(crate) const PASSWD: &str = "data/extrausers/passwd";
const GROUPS: &str = "data/extrausers/group";
const FOLDER: &str = "data/extrausers";

fn passwd(people: &[Person]) -> String {
    let mut text = String::new();
    for Person {
        login,
        display_name,
        uid,
        ..
    } in people
    {
        let name = plain(display_name);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{login}:x:{uid}:{GROUP_ID}:{name}:/nonexistent:/usr/sbin/nologin"
        );
    }
    text
}

fn groups() -> String {
    format!("{GROUP}:x:{GROUP_ID}:\n")
}

/// A name for the passwd file, which `:` and line ends would break and in which
/// `,` and `&` have a meaning.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            ':' | ',' | '&' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// Whether the file has an account of that name.
pub(crate) fn exists(passwd: &Path, login: &str) -> Result<bool, HostError> {
    let text = read_or_empty(passwd)?;
    Ok(text
        .lines()
        .any(|line| line.split(':').next() == Some(login)))
}

fn read_or_empty(path: &Path) -> Result<String, HostError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        result => result.map_err(|source| HostError::File {
            act: "reading",
            path: path.to_owned(),
            source,
        }),
    }
}

impl Machine {
    /// Passwords are forgotten before the accounts are written: accounts that are
    /// as asked for then mean that nothing is left to do, which spares each start
    /// the seconds that Samba's programs take.
    pub(crate) async fn write_accounts(&self, people: &[Person]) -> Result<Change, HostError> {
        make_folder(&self.path(FOLDER), 0o755)?;
        let files = [
            (self.path(GROUPS), groups()),
            (self.path(PASSWD), passwd(people)),
        ];
        let mut outdated = Vec::new();
        for (path, text) in files {
            if !path.exists() || read_or_empty(&path)? != text {
                outdated.push((path, text));
            }
        }
        if outdated.is_empty() {
            return Ok(Change::Unchanged);
        }
        self.forget_passwords(people).await?;
        for (path, text) in outdated {
            write_durably(&path, text.as_bytes(), 0o644)?;
        }
        Ok(Change::Changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use preau_domain::settings::Role;

    fn person(display_name: &str) -> Person {
        Person {
            login: "elodie".to_owned(),
            display_name: display_name.to_owned(),
            uid: 10_000,
            role: Role::Member,
        }
    }

    #[test]
    fn an_account_is_one_line_whatever_the_name() {
        assert_eq!(
            passwd(&[person("Mme \u{c9}lodie: x\n0")]),
            "elodie:x:10000:9999:Mme \u{c9}lodie  x 0:/nonexistent:/usr/sbin/nologin\n"
        );
    }

    #[tokio::test]
    async fn accounts_are_exactly_those_asked_for() {
        let folder = Folder::new("accounts");
        let machine = Machine::below(folder.path());
        let people = [person("Mme \u{c9}lodie")];
        assert_eq!(
            machine.write_accounts(&people).await.unwrap(),
            Change::Changed
        );
        assert_eq!(
            machine.write_accounts(&people).await.unwrap(),
            Change::Unchanged
        );
        let file = folder.path().join(PASSWD);
        assert!(exists(&file, "elodie").unwrap());
        assert_eq!(machine.write_accounts(&[]).await.unwrap(), Change::Changed);
        assert!(!exists(&file, "elodie").unwrap());
        let groups = fs::read_to_string(folder.path().join(GROUPS)).unwrap();
        assert_eq!(groups, "preau-share:x:9999:\n");
    }
}
