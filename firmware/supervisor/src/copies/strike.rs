//! What is to be struck from the copies: asked for at every destination, and settled when
//! it is gone there.

use crate::desk::Desk;
use crate::refusal::Refusal;
use preau_domain::copies::{Strike, StrikeWork, Work};
use preau_domain::settings::Settings;
use uuid::Uuid;

/// Asks for it at every destination. Asked again, it is tried anew where it was refused.
///
/// # Errors
/// When the card does not take it.
pub async fn ask(desk: &Desk, work: &StrikeWork) -> Result<(), Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let asked_at = desk.now();
    for destination in &mut settings.destinations {
        destination.strikes.retain(|strike| strike.work != *work);
        destination.strikes.push(Strike {
            work: work.clone(),
            asked_at,
        });
    }
    held.save(settings).await?;
    drop(held);
    desk.copies.wake.notify_one();
    Ok(())
}

/// Whether it is still asked for at a destination: looked at again right before it is
/// done.
pub fn is_asked(desk: &Desk, destination: Uuid, work: &StrikeWork) -> bool {
    desk.destination(destination)
        .is_some_and(|found| found.strikes.iter().any(|strike| strike.work == *work))
}

/// It is not asked for any more at a destination, and what was begun stops.
///
/// # Errors
/// When the card does not take it.
pub async fn withdraw_all(desk: &Desk, destination: Uuid) -> Result<(), Refusal> {
    withdraw(desk, destination, |_| true).await?;
    for job in desk.copies.state().running.values() {
        if job.destination == destination && matches!(job.work, Work::Strike(_)) {
            job.cancel.notify_one();
        }
    }
    Ok(())
}

async fn withdraw(
    desk: &Desk,
    destination: Uuid,
    is_it: impl Fn(&StrikeWork) -> bool,
) -> Result<(), Refusal> {
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    let mut all = settings.destinations.iter_mut();
    if let Some(found) = all.find(|found| found.id == destination) {
        found.strikes.retain(|strike| !is_it(&strike.work));
    }
    held.save(settings).await
}

/// It is gone there. What is copied next is proved in the place of what was written again.
pub async fn settle(desk: &Desk, destination: Uuid, work: &StrikeWork) {
    if let Err(error) = withdraw(desk, destination, |found| found == work).await {
        // It is done once more, which changes nothing there.
        tracing::error!("writing down what was struck: {:?}", error.reason());
    }
    desk.copies.ask(destination, Work::BackUp);
}
