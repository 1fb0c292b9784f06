//! Samba's configuration, as a pure function of the box's name and its people, and
//! its password database, through Samba's own programs.
//!
//! The configuration lies in `/run` and is written at each start. Passwords lie on
//! the card; the programs that change them get a configuration of their own with
//! nothing in it but where that is.

use crate::command::Command;
use crate::durable::{sync_folder, write_durably};
use crate::machine::Machine;
use crate::system::{Change, HostError, chain};
use crate::{accounts, opened, steps};
use preau_domain::opened::SHARE;
use preau_domain::plan::COMMON_SHARE;
use preau_domain::settings::{Person, Role};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Where smbd's unit looks for its configuration.
pub(crate) const CONFIG: &str = "run/preau/smb.conf";
/// For the programs that change passwords.
const PASSWORD_CONFIG: &str = "run/preau/passdb.conf";
const PASSWORDS: &str = "data/samba/passdb.tdb";
/// In memory, for as long as pdbedit reads it.
const PASSWORD_IMPORT: &str = "run/preau/passwords.import";

/// Where Samba keeps what. Only what must outlive a start is on the card.
const PLACES: &str = "\
    passdb backend = tdbsam:/data/samba/passdb.tdb
    private dir = /data/samba/private
    state directory = /data/samba/state
    cache directory = /run/samba/cache
    lock directory = /run/samba/lock
    pid directory = /run/samba
    ncalrpc dir = /run/samba/ncalrpc
";

/// The folders that [`PLACES`] names, and who may look inside.
const FOLDERS: [(&str, u32); 6] = [
    ("data/samba", 0o700),
    ("data/samba/private", 0o700),
    ("data/samba/state", 0o755),
    ("run/samba", 0o755),
    ("run/samba/cache", 0o755),
    ("run/samba/lock", 0o755),
];

/// Whether a disk is open to copy from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// One is.
    Open,
    /// None is.
    None,
}

/// The configuration of the share service.
pub(crate) fn smb_conf(box_name: &str, people: &[Person], visitor: Visitor) -> String {
    let mut text = format!(
        "# Written by preau supervise at each start.
[global]
    workgroup = WORKGROUP
    netbios name = PREAU
    server string = {name}
    server role = standalone server
{PLACES}    logging = systemd
    # On btrfs the search for quotas fails, and says so as an error each time that
    # a client asks how much room is left.
    log level = 1 quota:-1
    # Only for file names of 8.3 characters; any other needs tables on the box.
    dos charset = ASCII

    # SMB3 alone, on its own port, signed; nobody comes in without a password.
    server min protocol = SMB3_00
    client min protocol = SMB3_00
    server signing = mandatory
    disable netbios = yes
    smb ports = 445
    map to guest = never
    restrict anonymous = 2
    usershare max shares = 0

    # No printers, and no names that avahi announces already.
    load printers = no
    disable spoolss = yes
    printing = bsd
    printcap name = /dev/null
    multicast dns register = no
    dns proxy = no

    # Only Samba touches the files: a client that lost the network for a moment
    # finds its open files again.
    durable handles = yes
    kernel oplocks = no
    kernel share modes = no
    posix locking = no
    strict sync = yes
    follow symlinks = no

    # What macOS needs: its forbidden characters, and its own data beside a file.
    # And a file that its client has closed is on the disks.
    vfs objects = catia fruit streams_xattr syncops
    fruit:metadata = stream
    fruit:model = MacSamba
    fruit:veto_appledouble = no
    fruit:wipe_intentionally_left_blank_rfork = yes
    fruit:delete_empty_adfiles = yes
",
        name = plain(box_name),
    );
    let logins: Vec<&str> = people.iter().map(|person| person.login.as_str()).collect();
    // An empty list of valid users would mean everybody.
    if !logins.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "
[{COMMON_SHARE}]
    path = {place}/{COMMON_SHARE}
    valid users = {logins}
    force group = {group}
    read only = no
    inherit permissions = yes
    map archive = no
    store dos attributes = yes
",
            place = crate::volume::PLACE,
            logins = logins.join(" "),
            group = accounts::GROUP,
        );
    }
    if visitor == Visitor::Open {
        text.push_str(&visitor_share(people));
    }
    text
}

/// The share of a disk that somebody brought. Its files belong to people of another
/// computer: whoever looks after the box reads all of them, and nobody writes.
fn visitor_share(people: &[Person]) -> String {
    let admins: Vec<&str> = people
        .iter()
        .filter(|person| person.role == Role::Admin)
        .map(|person| person.login.as_str())
        .collect();
    // An empty list of valid users would mean everybody.
    if admins.is_empty() {
        return String::new();
    }
    format!(
        "
[{SHARE}]
    path = {PLACE}
    valid users = {admins}
    force user = root
    read only = yes
    store dos attributes = no
    map archive = no
",
        PLACE = opened::PLACE,
        admins = admins.join(" "),
    )
}

/// A name on one line, without what Samba would replace (`%U`) or strip.
fn plain(name: &str) -> String {
    let harmless = |c: char| match c {
        '%' | '\\' | '"' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    name.chars()
        .map(harmless)
        .collect::<String>()
        .trim()
        .to_owned()
}

impl Machine {
    pub(crate) async fn write_smb_conf(
        &self,
        box_name: &str,
        people: &[Person],
    ) -> Result<Change, HostError> {
        self.make_samba_folders()?;
        let path = self.path(CONFIG);
        let visitor = match self.opened.read() {
            Some(_) => Visitor::Open,
            None => Visitor::None,
        };
        let text = smb_conf(box_name, people, visitor);
        if fs::read_to_string(&path).is_ok_and(|found| found == text) {
            return Ok(Change::Unchanged);
        }
        write_durably(&path, text.as_bytes(), 0o644)?;
        if self.shares_running().unwrap_or(false) {
            Command::new("/usr/bin/smbcontrol")
                .arg("--configfile")
                .arg(&path)
                .args(["smbd", "reload-config"])
                .run()
                .await?;
        }
        Ok(Change::Changed)
    }

    /// Ends what clients do in a share. One that nobody uses needs no end.
    pub(crate) async fn close_share(&self, share: &str) {
        if !self.shares_running().unwrap_or(false) {
            return;
        }
        let told = Command::new("/usr/bin/smbcontrol")
            .arg("--configfile")
            .arg(self.path(CONFIG))
            .args(["smbd", "close-share", share])
            .run()
            .await;
        if let Err(error) = told {
            tracing::warn!("closing the share {share}: {}", chain(&error));
        }
    }

    /// Removes the passwords of everybody who is not among `people`.
    pub(crate) async fn forget_passwords(&self, people: &[Person]) -> Result<(), HostError> {
        if !self.path(PASSWORDS).exists() {
            return Ok(());
        }
        let config = self.write_password_config()?;
        let listed = Command::new("/usr/bin/pdbedit")
            .arg("--configfile")
            .arg(&config)
            .arg("--list")
            .run()
            .await?;
        for login in parse_pdbedit(&listed) {
            if people.iter().any(|person| person.login == login) {
                continue;
            }
            Command::new("/usr/bin/pdbedit")
                .arg("--configfile")
                .arg(&config)
                .args(["--delete", "--user", &login])
                .run()
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn set_password(&self, login: &str, password: &str) -> Result<(), HostError> {
        if !accounts::exists(&self.path(accounts::PASSWD), login)? {
            return Err(HostError::Missing(format!("the account {login}")));
        }
        require_one_line(password)?;
        let config = self.write_password_config()?;
        Command::new("/usr/bin/smbpasswd")
            .arg("-c")
            .arg(&config)
            .args(["-s", "-a", login])
            .input(format!("{password}\n{password}\n"))
            .within(steps::LONG)
            .run()
            .await?;
        self.sync_passwords()
    }

    /// Every password's hash, one line each, in the form of smbpasswd(5).
    pub(crate) async fn export_passwords(&self) -> Result<String, HostError> {
        if !self.path(PASSWORDS).exists() {
            return Ok(String::new());
        }
        let config = self.write_password_config()?;
        let listed = Command::new("/usr/bin/pdbedit")
            .arg("--configfile")
            .arg(&config)
            .args(["--list", "--smbpasswd-style"])
            .run()
            .await?;
        Ok(hashes_in(&listed))
    }

    /// Takes over passwords from the form of smbpasswd(5). pdbedit reads them from a
    /// file, never from its arguments, which every process can see.
    pub(crate) async fn import_passwords(&self, passwords: &str) -> Result<(), HostError> {
        let mut known = String::new();
        for line in hashes_in(passwords).lines() {
            let login = line.split(':').next().unwrap_or_default();
            if accounts::exists(&self.path(accounts::PASSWD), login)? {
                known.push_str(line);
                known.push('\n');
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        let config = self.write_password_config()?;
        let file = self.path(PASSWORD_IMPORT);
        write_durably(&file, known.as_bytes(), 0o600)?;
        let imported = Command::new("/usr/bin/pdbedit")
            .arg("--configfile")
            .arg(&config)
            .arg(format!("--import=smbpasswd:{}", file.display()))
            .arg(format!(
                "--export=tdbsam:{}",
                self.path(PASSWORDS).display()
            ))
            .within(steps::LONG)
            .run()
            .await;
        fs::remove_file(&file).map_err(|source| HostError::File {
            act: "removing",
            path: file,
            source,
        })?;
        imported?;
        self.sync_passwords()
    }

    fn sync_passwords(&self) -> Result<(), HostError> {
        // tdb has synced its own transaction; a new file's name has not been.
        let synced = |path: &Path| fs::File::open(path)?.sync_all();
        let path = self.path(PASSWORDS);
        synced(&path)
            .and_then(|()| sync_folder(&self.path("data/samba")))
            .map_err(|source| HostError::File {
                act: "syncing",
                path,
                source,
            })
    }

    fn write_password_config(&self) -> Result<std::path::PathBuf, HostError> {
        self.make_samba_folders()?;
        let path = self.path(PASSWORD_CONFIG);
        let text = format!("[global]\n{PLACES}    log level = 0\n");
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            write_durably(&path, text.as_bytes(), 0o644)?;
        }
        Ok(path)
    }

    fn make_samba_folders(&self) -> Result<(), HostError> {
        for (folder, mode) in FOLDERS {
            make_folder(&self.path(folder), mode)?;
        }
        Ok(())
    }
}

/// smbpasswd reads a line of at most this many bytes, and takes the rest of a longer
/// one for the repetition.
const PASSWORD_MAX: usize = 254;

fn require_one_line(password: &str) -> Result<(), HostError> {
    if password.len() > PASSWORD_MAX || password.contains(['\n', '\r', '\0']) {
        return Err(HostError::Unexpected {
            what: "the password",
            text: format!("longer than {PASSWORD_MAX} bytes or of several lines"),
        });
    }
    Ok(())
}

/// Makes a folder with that mode whatever the umask, and those above it.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<(), HostError> {
    use std::os::unix::fs::PermissionsExt;
    let make = || -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(mode).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    };
    make().map_err(|source| HostError::File {
        act: "making the folder",
        path: path.to_owned(),
        source,
    })
}

/// The lines of smbpasswd(5) in a text: `login:uid:LM:NT:[flags]:LCT-time:`, with two
/// hashes of 32 digits each. Samba's programs may say other things in between.
pub(crate) fn hashes_in(text: &str) -> String {
    let is_hash =
        |field: &str| field.len() == 32 && field.chars().all(|c| c.is_ascii_hexdigit() || c == 'X');
    let mut lines = String::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        if fields.len() >= 6
            && fields[1].parse::<u32>().is_ok()
            && is_hash(fields[2])
            && is_hash(fields[3])
        {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}

/// The logins that `pdbedit --list` shows, one `login:uid:name` a line.
pub(crate) fn parse_pdbedit(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let (login, uid) = (fields.next()?, fields.next()?);
            uid.parse::<u32>().ok()?;
            Some(login.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(login: &str) -> Person {
        Person {
            login: login.to_owned(),
            display_name: login.to_owned(),
            uid: 10_000,
            role: Role::Member,
        }
    }

    #[test]
    fn the_share_is_for_the_people_and_nobody_else() {
        let text = smb_conf("École", &[person("a.b"), person("cd")], Visitor::None);
        assert!(text.contains("valid users = a.b cd\n"), "{text}");
        assert!(text.contains("path = /srv/preau/commun\n"));
        let text = smb_conf("École", &[], Visitor::None);
        assert!(
            !text.contains("[commun]"),
            "without people there is no share"
        );
    }

    #[test]
    fn a_disk_that_was_brought_is_read_by_those_who_look_after_the_box_alone() {
        let admin = Person {
            role: Role::Admin,
            ..person("elodie")
        };
        let all = [person("a.b"), admin];
        let text = smb_conf("École", &all, Visitor::Open);
        let (_, share) = text.split_once("[usb]").unwrap();
        assert!(share.contains("valid users = elodie\n"), "{share}");
        assert!(share.contains("read only = yes\n"), "{share}");
        let text = smb_conf("École", &all, Visitor::None);
        assert!(!text.contains("[usb]"));
        let text = smb_conf("École", &all[..1], Visitor::Open);
        assert!(!text.contains("[usb]"), "nobody may read it");
    }

    #[test]
    fn a_name_cannot_break_out_of_its_line() {
        let text = smb_conf("a%U\n[homes]\nb\\", &[], Visitor::None);
        assert!(text.contains("server string = a U [homes] b\n"), "{text}");
    }

    #[test]
    fn a_password_that_smbpasswd_would_cut_is_refused() {
        assert!(require_one_line("dix mots à l'abri").is_ok());
        assert!(require_one_line("two\nlines").is_err());
        assert!(require_one_line(&"x".repeat(255)).is_err());
    }

    #[test]
    fn only_lines_with_hashes_are_taken_over() {
        let line = "elodie:10000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:\
                    8846F7EAEE8FB117AD06BDD830B7586C:[U          ]:LCT-6926A7F1:\n";
        assert_eq!(hashes_in(&format!("lp_load_ex: changing\n{line}")), line);
        assert_eq!(hashes_in("root:0:x:y:[U]:LCT-0:\nelodie:10000:\n"), "");
    }

    #[test]
    fn the_list_of_passwords_is_read() {
        let listed = parse_pdbedit("lp_load_ex: changing\nelodie:10000:Mme \u{c9}lodie\nx:1:\n");
        assert_eq!(listed.into_iter().collect::<Vec<_>>(), ["elodie", "x"]);
    }
}
