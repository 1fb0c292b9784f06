//! The mail providers of French schools, so that nobody has to know what a port is.
//! Names and ports are those that each provider publishes for sending with a
//! password.

use crate::page::Page;
use preau_domain::settings::MailSecurity;

/// A provider's server for sending.
pub(crate) struct Provider {
    /// In the form, and in the key of its hint.
    pub(crate) id: &'static str,
    /// As people call it; not translated.
    pub(crate) name: &'static str,
    /// Its server; empty when each school has its own.
    pub(crate) host: &'static str,
    pub(crate) port: u16,
    pub(crate) security: MailSecurity,
    /// It has something that people must know first.
    pub(crate) has_hint: bool,
}

impl Provider {
    pub(crate) const fn security_name(&self) -> &'static str {
        security_name(self.security)
    }

    /// What people must know first.
    pub(crate) fn hint(&self, page: &Page) -> String {
        page.t(&format!("mail-provider-{}", self.id))
    }
}

/// The value as the API writes it.
pub(crate) const fn security_name(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::Starttls => "starttls",
        MailSecurity::Tls => "tls",
    }
}

const fn tls(id: &'static str, name: &'static str, host: &'static str) -> Provider {
    Provider {
        id,
        name,
        host,
        port: 465,
        security: MailSecurity::Tls,
        has_hint: false,
    }
}

const fn starttls(id: &'static str, name: &'static str, host: &'static str) -> Provider {
    Provider {
        port: 587,
        security: MailSecurity::Starttls,
        ..tls(id, name, host)
    }
}

const fn hinted(provider: Provider) -> Provider {
    Provider {
        has_hint: true,
        ..provider
    }
}

/// In the order in which they are offered.
pub(crate) const PROVIDERS: [Provider; 13] = [
    hinted(tls("academie", "Messagerie académique", "")),
    tls("orange", "Orange, Wanadoo", "smtp.orange.fr"),
    hinted(tls("free", "Free", "smtp.free.fr")),
    hinted(tls("laposte", "La Poste (laposte.net)", "smtp.laposte.net")),
    tls("sfr", "SFR", "smtp.sfr.fr"),
    starttls("bouygues", "Bouygues Telecom", "smtp.bbox.fr"),
    hinted(tls("gmail", "Gmail", "smtp.gmail.com")),
    hinted(starttls(
        "outlook",
        "Outlook, Microsoft 365",
        "smtp.office365.com",
    )),
    hinted(tls("yahoo", "Yahoo", "smtp.mail.yahoo.com")),
    tls("ovh", "OVHcloud", "ssl0.ovh.net"),
    tls("ionos", "IONOS", "smtp.ionos.fr"),
    tls("gandi", "Gandi", "mail.gandi.net"),
    tls("infomaniak", "Infomaniak", "mail.infomaniak.com"),
];

/// The provider of that `id`.
pub(crate) fn provider(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}
