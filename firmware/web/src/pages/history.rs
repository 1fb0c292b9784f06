//! What happened: every incident, the latest first.

use super::Answer;
use super::home::{IncidentPart, time_zone};
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use askama::Template;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    page: Page,
    incidents: Vec<IncidentPart>,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let status = visit.api().status().await?;
    let zone = time_zone(&status);
    let mut incidents = visit.api().incidents().await?;
    incidents.sort_by_key(|incident| std::cmp::Reverse(incident.number));
    Ok(render(&HistoryPage {
        page: visit.page("history-title", Nav::History),
        incidents: incidents
            .iter()
            .map(|incident| IncidentPart::of(visit.words, incident, status.now, &zone))
            .collect(),
    }))
}
