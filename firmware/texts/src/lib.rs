//! All that the box says, in every language it speaks. The texts are Fluent files
//! under `locales/`, compiled in; one bundle per language is built at first use and
//! lives as long as the program. [`Texts`] is a cheap handle on one of them: the
//! supervisor makes mails, refusals and incidents from it, the web process pages.

mod bundle;
mod disks;
mod errors;
mod incident;
mod letter;
mod mail;
mod naming;
mod protection;
mod units;

#[cfg(test)]
mod completeness;

pub use disks::{disk_figure, disk_reason, verdict, verdict_sentence};
pub use errors::{Named, name_rule};
pub use fluent_bundle::FluentValue as Value;
pub use incident::{
    Headline, Setting, copy_failure, failure_code, headline, incident_text, mail_failure,
    share_line,
};
pub use letter::{Month, month_mail};
pub use mail::{MailText, incident_mail, test_mail};

pub use protection::{growth, layout_name, protection_how, protection_now, protection_title};

use preau_domain::language::Language;

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Texts {
    language: Language,
}

impl Texts {
    /// The texts of `language`.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// Which language.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The text of `key`.
    pub fn t(self, key: &str) -> String {
        self.t_with(key, &[])
    }

    /// The text of `key` with its arguments: `t_with("people-count", &[("count", 3.into())])`.
    /// A key that does not exist gives itself in braces; a test sees that none is missing.
    pub fn t_with(self, key: &str, args: &[(&str, Value<'_>)]) -> String {
        bundle::format(self.language, key, args)
    }

    /// Whether there is a text of that key.
    pub fn has(self, key: &str) -> bool {
        bundle::has(self.language, key)
    }
}
