//! The message itself: headers, a text part and an HTML part.

use crate::store::Says;
use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use preau_domain::incidents::TransitionKind;
use preau_texts::MailText;
use sha2::{Digest, Sha256};
use std::time::{Duration, UNIX_EPOCH};

/// Why a message could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// An address that is none.
    #[error("the address {address}")]
    Address {
        /// Which.
        address: String,
        /// Why.
        #[source]
        source: lettre::address::AddressError,
    },
    /// A part is missing.
    #[error("putting a mail together")]
    Parts(#[from] lettre::error::Error),
}

/// Who writes to whom, and when.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The box's name.
    pub box_name: &'a str,
    /// The sender's address.
    pub from: &'a str,
    /// The recipient's address.
    pub to: &'a str,
    /// The time in the header.
    pub now: Timestamp,
}

/// The same for every try at the same mail, so that a server or a reader that gets
/// it twice sees that it is one.
pub fn message_id(says: &Says, recipient: &str, box_id: &str) -> String {
    let hash = Sha256::digest(recipient.as_bytes());
    let recipient = crate::store::hex(&hash[..6]);
    let (incident, kind) = match says {
        Says::Told { incident, kind } => (incident, *kind),
        Says::Letter(letter) => {
            return format!(
                "<preau-letter-{}-{recipient}@{box_id}.preau.local>",
                letter.month
            );
        }
    };
    let mut kind = transition(kind).to_owned();
    // It may become graver more than once.
    if let (true, Some(left)) = (kind == "worsened", incident.facts.may_still_fail) {
        kind = format!("{kind}-{left}");
    }
    format!(
        "<preau-{}-{kind}-{recipient}@{box_id}.preau.local>",
        incident.number
    )
}

/// The word for a transition in headers and identities.
pub const fn transition(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::Opened => "opened",
        TransitionKind::Worsened => "worsened",
        TransitionKind::Closed => "closed",
    }
}

/// Puts a message together; `headers` are added as they are.
///
/// # Errors
/// When an address is none.
pub fn build(
    text: MailText,
    envelope: &Envelope<'_>,
    id: String,
    headers: &[(&'static str, &str)],
) -> Result<Vec<u8>, MessageError> {
    let address = |address: &str| {
        address
            .parse::<Address>()
            .map_err(|source| MessageError::Address {
                address: address.to_owned(),
                source,
            })
    };
    let seconds = u64::try_from(envelope.now.as_second()).unwrap_or(0);
    let mut builder = Message::builder()
        .from(Mailbox::new(
            Some(envelope.box_name.to_owned()),
            address(envelope.from)?,
        ))
        .to(Mailbox::new(None, address(envelope.to)?))
        .subject(text.subject)
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(id));
    // RFC 3834, section 5: no automatic answers to automatic mails.
    let automatic = [("Auto-Submitted", "auto-generated")];
    for (name, value) in automatic.iter().chain(headers) {
        builder = builder.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str(name),
            (*value).to_owned(),
        ));
    }
    let message = builder.multipart(MultiPart::alternative_plain_html(text.text, text.html))?;
    Ok(message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_both_parts_and_ascii_only() {
        let text = MailText {
            subject: "Un disque a lâché — École".to_owned(),
            text: "Été".to_owned(),
            html: "<p>Été</p>".to_owned(),
        };
        let envelope = Envelope {
            box_name: "École \"Jules\"",
            from: "ecole@exemple.fr",
            to: "direction@exemple.fr",
            now: "2026-11-24T06:42:10Z".parse().unwrap(),
        };
        let headers = [("X-Preau-Incident", "array-degraded")];
        let bytes = build(text, &envelope, "<a@b>".to_owned(), &headers).unwrap();
        assert!(bytes.is_ascii());
        let message = String::from_utf8(bytes).unwrap();
        for part in [
            "X-Preau-Incident: array-degraded\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Message-ID: <a@b>\r\n",
            "To: direction@exemple.fr\r\n",
            "Date: Tue, 24 Nov 2026 06:42:10 +0000\r\n",
            "text/plain",
            "text/html",
        ] {
            assert!(message.contains(part), "{part}\n{message}");
        }
    }
}
