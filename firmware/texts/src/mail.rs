//! Mails in words: a subject, a text part and an HTML part with the same words. The
//! HTML has inline styles only, and none that fixes a text colour without its
//! background, so that a dark mode stays readable.

use crate::Texts;
use crate::incident::{Setting, words};
use jiff::tz::TimeZone;
use preau_domain::incidents::{Incident, TransitionKind};

/// The words of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// One paragraph of a mail.
pub(crate) enum Block {
    Plain(String),
    /// A question in bold, and its answer.
    Answer(String, String),
    /// A question in bold, and numbered steps.
    Steps(String, Vec<String>),
    /// A question in bold, and things in no order.
    List(String, Vec<String>),
    /// Big, to be read from afar and typed.
    Code(String),
    /// Small print.
    Small(String),
    /// Who writes.
    Signature(String),
}

/// The mail about an incident that opened or closed.
pub fn incident_mail(
    texts: Texts,
    incident: &Incident,
    kind: TransitionKind,
    box_name: &str,
    setting: &Setting<'_>,
) -> MailText {
    let words = words(texts, incident, kind, setting);
    let number = number(incident, setting.time_zone);
    let mut blocks = vec![
        Block::Plain(words.what_happened),
        Block::Answer(texts.t("mail-question-safe"), words.is_data_safe),
    ];
    if words.what_to_do.is_empty() {
        blocks.push(Block::Answer(
            texts.t("mail-question-do"),
            texts.t("mail-nothing-to-do"),
        ));
    } else {
        blocks.push(Block::Steps(texts.t("mail-question-do"), words.what_to_do));
    }
    if let Some(when) = words.by_when {
        blocks.push(Block::Answer(texts.t("mail-question-when"), when));
    }
    let detail = if words.detail.is_empty() {
        texts.t_with("mail-detail-number", &[("number", number.into())])
    } else {
        let args = [("detail", words.detail.into()), ("number", number.into())];
        texts.t_with("mail-detail", &args)
    };
    blocks.push(Block::Small(detail));
    let subject = texts.t_with(
        "mail-subject",
        &[("title", words.title.into()), ("box", box_name.into())],
    );
    finish(texts, subject, blocks, box_name)
}

/// The mail whose code, typed back, proves that mails arrive.
pub fn test_mail(texts: Texts, box_name: &str, code: &str) -> MailText {
    let args = [("box", box_name.into()), ("code", code.into())];
    let blocks = vec![
        Block::Plain(texts.t_with("mail-test-body", &args)),
        Block::Plain(texts.t("mail-test-code")),
        Block::Code(code.to_owned()),
        Block::Plain(texts.t("mail-test-valid")),
    ];
    let subject = texts.t_with("mail-test-subject", &args);
    finish(texts, subject, blocks, box_name)
}

/// The number that people quote: `2026-0007`.
fn number(incident: &Incident, time_zone: &TimeZone) -> String {
    let opened = incident.opened_at.unwrap_or(incident.seen_at);
    let year = opened.to_zoned(time_zone.clone()).year();
    format!("{year}-{:04}", incident.number)
}

pub(crate) fn finish(
    texts: Texts,
    subject: String,
    mut blocks: Vec<Block>,
    box_name: &str,
) -> MailText {
    blocks.push(Block::Signature(
        texts.t_with("mail-signature", &[("box", box_name.into())]),
    ));
    MailText {
        text: as_text(&blocks),
        html: as_html(texts.language().tag(), &subject, &blocks),
        subject,
    }
}

fn as_text(blocks: &[Block]) -> String {
    let paragraphs: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Plain(text) | Block::Small(text) => text.clone(),
            Block::Answer(question, answer) => format!("{question}\n{answer}"),
            Block::Steps(question, steps) => {
                let steps: Vec<String> = (1..)
                    .zip(steps)
                    .map(|(number, step)| format!("{number}. {step}"))
                    .collect();
                format!("{question}\n{}", steps.join("\n"))
            }
            Block::List(question, things) => {
                let things: Vec<String> = things.iter().map(|thing| format!("- {thing}")).collect();
                format!("{question}\n{}", things.join("\n"))
            }
            Block::Code(code) => format!("    {code}"),
            // RFC 3676, section 4.3: mail programs fold what follows.
            Block::Signature(text) => format!("-- \n{text}"),
        })
        .collect();
    paragraphs.join("\n\n") + "\n"
}

fn as_html(language: &str, subject: &str, blocks: &[Block]) -> String {
    let body: String = blocks
        .iter()
        .map(|block| match block {
            Block::Plain(text) => format!("<p>{}</p>\n", escape(text)),
            Block::Answer(question, answer) => format!(
                "<p><strong>{}</strong> {}</p>\n",
                escape(question),
                escape(answer)
            ),
            Block::Steps(question, steps) => {
                format!(
                    "<p><strong>{}</strong></p>\n<ol>{}</ol>\n",
                    escape(question),
                    items(steps)
                )
            }
            Block::List(question, things) => format!(
                "<p><strong>{}</strong></p>\n<ul>{}</ul>\n",
                escape(question),
                items(things)
            ),
            Block::Code(code) => format!(
                "<p style=\"font-size:32px;letter-spacing:.15em\"><strong>{}</strong></p>\n",
                escape(code)
            ),
            Block::Small(text) | Block::Signature(text) => format!(
                "<p style=\"font-size:14px\"><em>{}</em></p>\n",
                escape(text)
            ),
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title></head>\n\
         <body style=\"font:17px/1.5 system-ui,sans-serif;max-width:38em;margin:1em auto;\
         padding:0 1em\">\n{body}</body></html>\n",
        escape(subject)
    )
}

fn items(all: &[String]) -> String {
    all.iter()
        .map(|item| format!("<li style=\"margin:.3em 0\">{}</li>", escape(item)))
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
