//! Passwords: how strong they are, and their hashes.
//!
//! zxcvbn's dictionaries take 5 MB once they were looked at, and are never given
//! back. On the box another process looks at them and goes away again.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use preau_domain::names::{NameRule, PASSWORD_MAX, PASSWORD_MIN};
use preau_host::HostError;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// OWASP's smallest recommended Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// One hash at a time: each takes 19 MiB, and a box has little memory.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// What is wrong with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRule {
    /// Its shape.
    Shape(NameRule),
    /// It is guessed too quickly.
    TooWeak,
}

/// How strong a password must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// It opens the shares to one person.
    Share,
    /// It opens the whole box.
    Box,
}

/// Where passwords are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// In this process, whose memory keeps the dictionaries.
    Here,
    /// In a process of its own: this program in the role [`JUDGE_ROLE`].
    Apart,
}

/// The role that [`Judge::Apart`] starts this program in. It is given a [`Case`] on
/// its standard input and answers with [`score_case`].
pub const JUDGE_ROLE: &str = "judge";

/// A password to be judged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Case {
    password: String,
    known: Vec<String>,
}

/// Judges a case: a digit from 0 (guessed at once) to 4.
///
/// # Errors
/// When the text is not a [`Case`].
pub fn score_case(text: &str) -> Result<u8, serde_json::Error> {
    let case: Case = serde_json::from_str(text)?;
    Ok(score(&case))
}

fn score(case: &Case) -> u8 {
    let known: Vec<&str> = case.known.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(&case.password, &known).score().into()
}

impl Judge {
    /// Judges a password; `known` is what anybody knows of the person.
    ///
    /// # Errors
    /// When there is no judge; else the first rule that it breaks, or none.
    pub async fn judge(
        self,
        password: &str,
        strength: Strength,
        known: &[&str],
    ) -> Result<Result<(), PasswordRule>, HostError> {
        if let Err(rule) = check_shape(password) {
            return Ok(Err(rule));
        }
        let case = Case {
            password: password.to_owned(),
            known: known.iter().map(|&word| word.to_owned()).collect(),
        };
        let score = match self {
            Self::Here => score(&case),
            Self::Apart => {
                let case = serde_json::to_string(&case).unwrap_or_default();
                let answer = preau_host::run_role(JUDGE_ROLE, case).await?;
                answer.trim().parse().map_err(|_| HostError::Unexpected {
                    what: "a judgement",
                    text: answer,
                })?
            }
        };
        let wanted = match strength {
            Strength::Share => 2,
            Strength::Box => 3,
        };
        Ok(if score < wanted {
            Err(PasswordRule::TooWeak)
        } else {
            Ok(())
        })
    }
}

fn check_shape(password: &str) -> Result<(), PasswordRule> {
    if password.is_empty() {
        return Err(PasswordRule::Shape(NameRule::Empty));
    }
    if password.chars().count() < PASSWORD_MIN {
        return Err(PasswordRule::Shape(NameRule::TooShort));
    }
    if password.len() > PASSWORD_MAX {
        return Err(PasswordRule::Shape(NameRule::TooLong));
    }
    if password.chars().any(char::is_control) {
        return Err(PasswordRule::Shape(NameRule::Characters));
    }
    Ok(())
}

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Argon2 refused.
    #[error("hashing a password: {0}")]
    Argon2(String),
    /// The thread was ended.
    #[error("hashing a password was cut short")]
    Cut,
}

/// Hashes a password, as a PHC string.
///
/// # Errors
/// When there are no random numbers or no memory.
pub async fn hash(password: String) -> Result<String, HashError> {
    one_at_a_time(move || {
        let hash = hasher()?
            .hash_password(password.as_bytes())
            .map_err(|error| HashError::Argon2(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one of a hash. With no hash it takes as long and says
/// no, so that the time tells nobody which accounts exist.
///
/// # Errors
/// When there is no memory for it.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, HashError> {
    one_at_a_time(move || {
        let hasher = hasher()?;
        let Some(hash) = hash else {
            hasher
                .hash_password(password.as_bytes())
                .map_err(|error| HashError::Argon2(error.to_string()))?;
            return Ok(false);
        };
        Ok(hasher
            .verify_password(password.as_bytes(), hash.as_str())
            .is_ok())
    })
    .await
}

fn hasher() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| HashError::Argon2(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn one_at_a_time<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let _turn = ONE_AT_A_TIME.acquire().await.map_err(|_| HashError::Cut)?;
    tokio::task::spawn_blocking(act)
        .await
        .map_err(|_| HashError::Cut)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_judged_by_their_strength() {
        let long = "é".repeat(200);
        let shape = |rule| Err(PasswordRule::Shape(rule));
        for (password, strength, expected) in [
            ("", Strength::Share, shape(NameRule::Empty)),
            ("court", Strength::Share, shape(NameRule::TooShort)),
            (
                "deux\nlignes de texte",
                Strength::Share,
                shape(NameRule::Characters),
            ),
            (long.as_str(), Strength::Box, shape(NameRule::TooLong)),
            ("motdepasse1", Strength::Share, Err(PasswordRule::TooWeak)),
            (
                "école jules-ferry",
                Strength::Share,
                Err(PasswordRule::TooWeak),
            ),
            ("girafe vélo tartine lundi", Strength::Box, Ok(())),
        ] {
            let known = ["École Jules-Ferry"];
            let judged = Judge::Here.judge(password, strength, &known).await;
            assert_eq!(judged.unwrap(), expected, "{password}");
        }
    }

    #[test]
    fn a_case_is_judged_from_its_text() {
        let case = r#"{"password":"girafe vélo tartine lundi","known":[]}"#;
        assert_eq!(score_case(case).unwrap(), 4);
        assert!(score_case("{}").is_err());
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hash = hash("girafe vélo tartine".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify =
            |password: &str, hash: Option<&String>| verify(password.to_owned(), hash.cloned());
        assert!(verify("girafe vélo tartine", Some(&hash)).await.unwrap());
        assert!(!verify("girafe vélo", Some(&hash)).await.unwrap());
        assert!(!verify("girafe vélo tartine", None).await.unwrap());
    }
}
