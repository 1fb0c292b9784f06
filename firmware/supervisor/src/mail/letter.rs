//! Writes the letter of the month when it is due.

use super::post::box_name;
use crate::desk::Desk;
use crate::routes::{copies_view, current_status};
use crate::status::time_zone;
use crate::store::{Letter, StoreError};
use jiff::civil::Date;
use preau_domain::letter::due;
use preau_domain::settings::SetupStep;
use preau_texts::{Month, Setting, Texts, month_mail};
use std::sync::Arc;
use std::time::Duration;

/// How often it is asked whether one is due; also how long a box that was just started
/// has to come to itself before its state is told.
const EVERY: Duration = Duration::from_secs(60);
/// More than a month has; older ones are not told again.
const INCIDENTS: u32 = 100;

/// Who writes the letters.
pub struct Letters {
    desk: Arc<Desk>,
    /// The last one, so that the history is not asked for it again and again.
    written: Option<Date>,
}

impl Letters {
    /// None written yet.
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            written: None,
        }
    }

    /// Writes for ever.
    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.write_due().await {
                tracing::error!(error = &error as &dyn std::error::Error, "writing a letter");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Writes the letter that is due, once. Nobody is written to before mails are known
    /// to arrive.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn write_due(&mut self) -> Result<(), StoreError> {
        let desk = &self.desk;
        let (now, settings) = (desk.now(), desk.settings());
        let zone = time_zone(&settings);
        let done = settings.setup_step() == SetupStep::Done;
        let Some(mail) = settings.mail.as_ref().filter(|mail| done && mail.proved) else {
            return Ok(());
        };
        let since = desk.sheet_dates().map(|dates| dates.made_at);
        let due = since.and_then(|since| due(now, &zone, since));
        let Some(month) = due.filter(|month| self.written != Some(*month)) else {
            return Ok(());
        };
        let name = month.strftime("%Y-%m").to_string();
        let texts = Texts::new(settings.language);
        // Nothing is told before everything was looked at once.
        let Some(status) = current_status(desk, texts, now) else {
            return Ok(());
        };
        if !desk.store.has_letter(name.clone()).await? {
            let copies = copies_view(desk, texts).await;
            let incidents = desk.store.latest_incidents(INCIDENTS).await?;
            let news = Month {
                first: month,
                status: &status,
                copies: &copies.destinations,
                incidents: &incidents,
            };
            let setting = Setting {
                time_zone: &zone,
                now,
            };
            let text = month_mail(texts, &news, &box_name(&settings, texts), &setting);
            let letter = Letter {
                month: name,
                subject: text.subject,
                text: text.text,
                html: text.html,
            };
            let recipients = mail.recipients.clone();
            desk.store.write_letter(letter, recipients, now).await?;
            desk.post.notify_one();
        }
        self.written = Some(month);
        Ok(())
    }
}
