//! Refusals in words: what was refused, the rule, and how to put it right.

use crate::Texts;
use preau_domain::names::{DISPLAY_NAME_MAX, LOGIN_MAX, NameRule, PASSWORD_MAX, PASSWORD_MIN};

/// What a name is the name of; each has its own rules and example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// What somebody types to log in.
    Login,
    /// How the page calls somebody.
    DisplayName,
    /// How people call the box.
    BoxName,
    /// A mail address.
    MailAddress,
    /// A password.
    Password,
}

impl Named {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Login,
        Self::DisplayName,
        Self::BoxName,
        Self::MailAddress,
        Self::Password,
    ];

    const fn stem(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::DisplayName => "display-name",
            Self::BoxName => "box-name",
            Self::MailAddress => "mail-address",
            Self::Password => "password",
        }
    }

    const fn bounds(self) -> (usize, usize) {
        match self {
            Self::Login => (1, LOGIN_MAX),
            Self::DisplayName | Self::BoxName => (1, DISPLAY_NAME_MAX),
            Self::MailAddress => (3, 254),
            Self::Password => (PASSWORD_MIN, PASSWORD_MAX),
        }
    }
}

/// Why a name was refused, the rule, and an example.
pub fn name_rule(texts: Texts, named: Named, rule: NameRule) -> String {
    let rule = match rule {
        NameRule::Empty => "empty",
        NameRule::TooLong => "too-long",
        NameRule::TooShort => "too-short",
        NameRule::Reserved => "reserved",
        NameRule::Characters => "characters",
        NameRule::Taken => "taken",
    };
    let (min, max) = named.bounds();
    let example = texts.t(&format!("example-{}", named.stem()));
    let args = [
        ("min", min.into()),
        ("max", max.into()),
        ("example", example.into()),
    ];
    let own = format!("{}-{rule}", named.stem());
    if texts.has(&own) {
        return texts.t_with(&own, &args);
    }
    texts.t_with(&format!("name-{rule}"), &args)
}
