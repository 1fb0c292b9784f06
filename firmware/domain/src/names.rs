//! Names that people give, and the rules of those who must hold them: Unix, Samba
//! and the screens of other computers. Display names take any letter of any
//! language; logins are what Windows, macOS and Linux all accept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest login, in characters: Windows stops at 20.
pub const LOGIN_MAX: usize = 20;
/// The longest display name, in characters; it must fit a phone's line.
pub const DISPLAY_NAME_MAX: usize = 60;
/// The longest password, in bytes: smbpasswd takes no more.
pub const PASSWORD_MAX: usize = 254;
/// The shortest password, in characters.
pub const PASSWORD_MIN: usize = 10;

/// Names that systems keep for themselves; nobody may log in as one of them.
const RESERVED: &[&str] = &[
    "admin",
    "administrateur",
    "administrator",
    "avahi",
    "backup",
    "bin",
    "commun",
    "daemon",
    "everyone",
    "games",
    "guest",
    "invite",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "news",
    "nobody",
    "nogroup",
    "preau",
    "proxy",
    "root",
    "sambashare",
    "shadow",
    "staff",
    "sudo",
    "sync",
    "sys",
    "system",
    "systemd",
    "tty",
    "users",
    "uucp",
    "www-data",
];

/// Which rule a name breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NameRule {
    /// It is empty.
    #[error("empty")]
    Empty,
    /// It is longer than allowed.
    #[error("too long")]
    TooLong,
    /// It is shorter than allowed.
    #[error("too short")]
    TooShort,
    /// A system keeps it for itself.
    #[error("reserved")]
    Reserved,
    /// It has a character that is not allowed.
    #[error("a character that is not allowed")]
    Characters,
    /// Somebody else has it.
    #[error("taken")]
    Taken,
}

/// Checks a login: a lower-case letter, then lower-case letters, digits, `.`, `-`
/// or `_`, up to [`LOGIN_MAX`] characters, not ending in a dot (Samba, Windows).
///
/// # Errors
/// The first rule that it breaks.
pub fn check_login(login: &str) -> Result<(), NameRule> {
    if login.is_empty() {
        return Err(NameRule::Empty);
    }
    if login.chars().count() > LOGIN_MAX {
        return Err(NameRule::TooLong);
    }
    let mut characters = login.chars();
    let starts_well = characters.next().is_some_and(|c| c.is_ascii_lowercase());
    let goes_on_well =
        characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c));
    if !starts_well || !goes_on_well || login.ends_with('.') {
        return Err(NameRule::Characters);
    }
    if RESERVED.contains(&login) || login.starts_with("systemd-") {
        return Err(NameRule::Reserved);
    }
    Ok(())
}

/// Checks a name that is only shown: any letters, no control character, none of
/// `/ \ : * ? " < > |`, since it may become a folder's name, up to
/// [`DISPLAY_NAME_MAX`] characters. `:` and line ends would break passwd too.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_display_name(name: &str) -> Result<(), NameRule> {
    let trimmed = name.trim();
    if trimmed.is_empty() {
        return Err(NameRule::Empty);
    }
    if trimmed.chars().count() > DISPLAY_NAME_MAX {
        return Err(NameRule::TooLong);
    }
    if trimmed
        .chars()
        .any(|c| c.is_control() || "/\\:*?\"<>|".contains(c) || is_invisible(c))
    {
        return Err(NameRule::Characters);
    }
    Ok(())
}

/// Characters that change how others are read, and are never seen themselves.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Proposes a login for a display name: `Mme Élodie Dürand` gives `elodie.durand`.
/// Empty when nothing usable is left.
pub fn propose_login(display_name: &str) -> String {
    const TITLES: &[&str] = &["m", "mr", "mme", "mlle", "mrs", "ms", "dr"];
    let plain: String = display_name
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(without_accent)
        .collect();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .collect();
    let skip = usize::from(words.len() > 1 && TITLES.contains(&words[0]));
    let mut login = words[skip..].join(".");
    login.truncate(LOGIN_MAX);
    let login = login.trim_matches(|c: char| c == '.' || c.is_ascii_digit());
    login.to_owned()
}

/// The ASCII letters for a letter of the languages that our schools write.
fn without_accent(c: char) -> impl Iterator<Item = char> {
    let text: &[char] = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => &['a'],
        'ç' => &['c'],
        'è' | 'é' | 'ê' | 'ë' => &['e'],
        'ì' | 'í' | 'î' | 'ï' => &['i'],
        'ñ' => &['n'],
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => &['o'],
        'ù' | 'ú' | 'û' | 'ü' => &['u'],
        'ý' | 'ÿ' => &['y'],
        'œ' => &['o', 'e'],
        'æ' => &['a', 'e'],
        'ß' => &['s', 's'],
        _ => return [Some(c), None].into_iter().flatten(),
    };
    [text.first().copied(), text.get(1).copied()]
        .into_iter()
        .flatten()
}

/// Checks that a text looks like a mail address: one `@`, something before it, a
/// host after it, no spaces or control characters, at most 254 bytes (RFC 5321).
/// Whether mail arrives is proved by the test mail, not by this.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_mail_address(address: &str) -> Result<(), NameRule> {
    if address.is_empty() {
        return Err(NameRule::Empty);
    }
    if address.len() > 254 {
        return Err(NameRule::TooLong);
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c);
    let mut halves = address.split('@');
    let (local, host, more) = (halves.next(), halves.next(), halves.next());
    let well_formed = local.is_some_and(|local| !local.is_empty())
        && host
            .is_some_and(|host| !host.is_empty() && !host.starts_with('.') && !host.ends_with('.'))
        && more.is_none();
    if !well_formed || address.chars().any(odd) {
        return Err(NameRule::Characters);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_what_every_system_accepts() {
        assert_eq!(check_login("elodie.durand"), Ok(()));
        assert_eq!(check_login(""), Err(NameRule::Empty));
        assert_eq!(check_login(&"a".repeat(21)), Err(NameRule::TooLong));
        assert_eq!(check_login("root"), Err(NameRule::Reserved));
        for odd in [
            "Élodie", "a b", "1er", "a.", "a/b", "a\nb", "-a", "a:b", "A",
        ] {
            assert_eq!(check_login(odd), Err(NameRule::Characters), "{odd:?}");
        }
    }

    #[test]
    fn display_names_take_accents_and_refuse_what_a_folder_cannot_hold() {
        assert_eq!(check_display_name("Classe de CP — Mme Élodie"), Ok(()));
        assert_eq!(check_display_name("  "), Err(NameRule::Empty));
        assert_eq!(check_display_name(&"é".repeat(61)), Err(NameRule::TooLong));
        for odd in ["a/b", "a\\b", "a:b", "a\nb", "a\u{202e}b"] {
            assert_eq!(
                check_display_name(odd),
                Err(NameRule::Characters),
                "{odd:?}"
            );
        }
    }

    #[test]
    fn a_proposed_login_is_valid_or_empty() {
        assert_eq!(propose_login("Mme Élodie Dürand"), "elodie.durand");
        assert_eq!(propose_login("Bœuf"), "boeuf");
        for name in [
            "Mme",
            "李雷",
            "...",
            "Jean-Baptiste-Emmanuel Zorg",
            "4e B",
            "M. 12",
        ] {
            let login = propose_login(name);
            assert!(
                login.is_empty() || check_login(&login).is_ok(),
                "{name} gave {login}"
            );
        }
    }

    #[test]
    fn mail_addresses_are_checked_for_shape_only() {
        assert_eq!(check_mail_address("direction@ecole.fr"), Ok(()));
        assert_eq!(check_mail_address(""), Err(NameRule::Empty));
        for odd in [
            "direction",
            "a@b@c",
            "@b",
            "a@",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "a@.fr",
        ] {
            assert_eq!(
                check_mail_address(odd),
                Err(NameRule::Characters),
                "{odd:?}"
            );
        }
    }
}
