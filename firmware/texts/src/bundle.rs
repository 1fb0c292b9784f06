//! One Fluent bundle per language, built once.

use crate::Value;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use preau_domain::language::Language;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<FluentResource>;

/// The files of a language.
pub(crate) const fn sources(language: Language) -> [&'static str; 8] {
    match language {
        Language::Fr => [
            include_str!("../locales/fr/common.ftl"),
            include_str!("../locales/fr/copies.ftl"),
            include_str!("../locales/fr/disks.ftl"),
            include_str!("../locales/fr/errors.ftl"),
            include_str!("../locales/fr/incidents.ftl"),
            include_str!("../locales/fr/mails.ftl"),
            include_str!("../locales/fr/pages.ftl"),
            include_str!("../locales/fr/recovery.ftl"),
        ],
        Language::En => [
            include_str!("../locales/en/common.ftl"),
            include_str!("../locales/en/copies.ftl"),
            include_str!("../locales/en/disks.ftl"),
            include_str!("../locales/en/errors.ftl"),
            include_str!("../locales/en/incidents.ftl"),
            include_str!("../locales/en/mails.ftl"),
            include_str!("../locales/en/pages.ftl"),
            include_str!("../locales/en/recovery.ftl"),
        ],
    }
}

fn bundle(language: Language) -> &'static Bundle {
    static FR: LazyLock<Bundle> = LazyLock::new(|| build(Language::Fr));
    static EN: LazyLock<Bundle> = LazyLock::new(|| build(Language::En));
    match language {
        Language::Fr => &FR,
        Language::En => &EN,
    }
}

/// Texts are compiled in and a test sees that they parse and do not overlap; what
/// cannot be used is left out here.
fn build(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Isolation marks would end up in mails, file names and copied text; both
    // languages are written from left to right.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let source = match language {
            Language::Fr => with_french_spaces(source),
            Language::En => source.to_owned(),
        };
        let resource = FluentResource::try_new(source).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// French sets a space before `? ! ; : »` and after `«`, where a line must not
/// break. The files are written with plain spaces, which are seen in an editor.
fn with_french_spaces(source: &str) -> String {
    let mut text = source.replace("« ", "«\u{a0}");
    for mark in ["?", "!", ";", ":", "»", "%", "€"] {
        text = text.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
    }
    text
}

pub(crate) fn has(language: Language, key: &str) -> bool {
    bundle(language)
        .get_message(key)
        .is_some_and(|message| message.value().is_some())
}

pub(crate) fn format(language: Language, key: &str, args: &[(&str, Value<'_>)]) -> String {
    let bundle = bundle(language);
    let pattern = bundle.get_message(key).and_then(|message| message.value());
    let Some(pattern) = pattern else {
        return format!("{{{key}}}");
    };
    let args: FluentArgs<'_> = args
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    // An argument that is missing shows as `{$name}`; a test sees that both
    // languages ask for the same ones.
    let mut errors = Vec::new();
    bundle
        .format_pattern(pattern, Some(&args), &mut errors)
        .into_owned()
}
