//! What is told of files that come back from a copy.

use super::{BOX, Condition, Finding};
use crate::copies::recovery::{News, Recovered, Recovery};
use crate::incidents::{Facts, IncidentCode};

pub(super) fn findings(news: &News) -> [Finding; 3] {
    let coming = news.coming.as_ref();
    let stopped = coming.zip(news.trouble.as_ref());
    let told = |code, facts: Option<Facts>| Finding {
        code,
        subject: BOX.to_owned(),
        condition: facts.map_or(Condition::Good, Condition::Present),
    };
    [
        told(
            IncidentCode::FilesStopped,
            stopped.map(|((from, recovery), (failure, detail))| Facts {
                copy_failure: Some(failure.clone()),
                detail: detail.clone(),
                ..to_come(from, recovery)
            }),
        ),
        told(
            IncidentCode::FilesComing,
            coming.map(|(from, recovery)| to_come(from, recovery)),
        ),
        told(IncidentCode::FilesBack, news.ended.as_ref().map(came)),
    ]
}

fn to_come(from: &str, recovery: &Recovery) -> Facts {
    let shares = || recovery.shares.iter();
    Facts {
        destination: Some(from.to_owned()),
        last_copy: shares().map(|share| share.taken_at).max(),
        count: shares().map(|share| share.files).sum(),
        bytes: shares().map(|share| share.bytes).sum(),
        ..Facts::default()
    }
}

fn came(ended: &Recovered) -> Facts {
    Facts {
        destination: Some(ended.from.clone()),
        last_copy: Some(ended.taken_at),
        count: Some(ended.files),
        bytes: Some(ended.bytes),
        incomplete: ended.incomplete,
        files: ended.left.clone(),
        ..Facts::default()
    }
}
