//! The rules for people's names and passwords, for the first account and for the
//! others alike.

use crate::auth::passwords::{Judge, PasswordRule, Strength};
use crate::reconcile::chain;
use crate::refusal::{Reason, Refusal};
use preau_domain::names::{NameRule, check_display_name, check_login};
use preau_domain::settings::{Person, Settings};
use preau_host::HostError;
use preau_texts::Named;

/// Checks the names of somebody new beside those who are there.
///
/// # Errors
/// The first rule that is broken, with its field.
pub fn check_person(display_name: &str, login: &str, others: &[Person]) -> Result<(), Refusal> {
    check_display_name(display_name)
        .map_err(|rule| Refusal::of(Reason::Name(Named::DisplayName, rule), "display_name"))?;
    // Two people whom nobody can tell apart; most often a second click.
    if others
        .iter()
        .any(|person| person.display_name == display_name)
    {
        let reason = Reason::Name(Named::DisplayName, NameRule::Taken);
        return Err(Refusal::of(reason, "display_name"));
    }
    let refused = |rule| Refusal::of(Reason::Name(Named::Login, rule), "login");
    check_login(login).map_err(refused)?;
    if others.iter().any(|person| person.login == login) {
        return Err(refused(NameRule::Taken));
    }
    Ok(())
}

/// Judges a password beside what anybody knows of its owner.
///
/// # Errors
/// The rule that it breaks.
pub async fn judge_password(
    judge: Judge,
    password: &str,
    strength: Strength,
    login: &str,
    display_name: &str,
    settings: &Settings,
) -> Result<(), Refusal> {
    let box_name = settings.box_name.as_deref().unwrap_or_default();
    let known = [login, display_name, box_name, "preau", "préau"];
    let judged = judge.judge(password, strength, &known).await;
    let judged = judged.map_err(|error| system_failed(&error))?;
    judged.map_err(|rule| {
        let reason = match rule {
            PasswordRule::Shape(rule) => Reason::Name(Named::Password, rule),
            PasswordRule::TooWeak => Reason::TooWeak,
        };
        Refusal::of(reason, "password")
    })
}

/// What people are told when the system did not do it; the journal has it too.
pub fn system_failed(error: &HostError) -> Refusal {
    tracing::error!(error = error as &dyn std::error::Error, "on request");
    Reason::System(chain(error)).into()
}
