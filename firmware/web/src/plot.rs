//! A curve of temperatures as a picture, drawn here: lines in SVG, which stretch
//! with the page, and the figures beside them as text, which does not. Colours come
//! from the style sheet. The picture's label says the same in words.

use crate::words::Words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use preau_api::TemperaturePoint;
use preau_domain::health::Celsius;
use std::fmt::Write;

/// The picture's own units; the page stretches it.
const WIDTH: i64 = 1000;
const HEIGHT: i64 = 300;
/// A disk that slept or was off is not joined by a line. Points are an hour apart.
const GAP: SignedDuration = SignedDuration::from_hours(3);
/// No disk in a room is cooler than the bottom line.
const COOLEST: i16 = 20;

/// What is drawn.
pub(crate) struct Plot {
    /// The lines, as SVG.
    pub(crate) svg: String,
    /// The scale at the left, from the top.
    pub(crate) scale: Vec<String>,
    /// First and last day.
    pub(crate) from: String,
    pub(crate) to: String,
    /// `De 29 à 37 °C en 30 jours`.
    pub(crate) caption: String,
}

impl Plot {
    /// A curve from the first point to now; `None` of nothing.
    pub(crate) fn draw(
        words: Words,
        points: &[TemperaturePoint],
        limit: Celsius,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Self> {
        let first = points.first()?.at.min(now);
        let degrees = || points.iter().map(|point| point.degrees.0);
        let (coolest, hottest) = (degrees().min()?, degrees().max()?);
        let bottom = COOLEST.min(down_to_ten(coolest));
        let top = (limit.0 + 10).max(down_to_ten(hottest) + 10);
        let span = now.duration_since(first).as_secs().max(3600);
        let x = |at: Timestamp| {
            let since = at.duration_since(first).as_secs().clamp(0, span);
            since * WIDTH / span
        };
        let y = |degrees: i16| {
            let height = i64::from(top - bottom);
            HEIGHT - i64::from(degrees - bottom) * HEIGHT / height
        };
        let mut svg = String::new();
        let label = words.t3(
            "plot-label",
            ("from", coolest),
            ("to", hottest),
            ("limit", limit.0),
        );
        // Writing into a String does not fail.
        let _ = write!(
            svg,
            r#"<svg class="plot-lines" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">"#
        );
        let scale: Vec<i16> = (bottom..=top).rev().step_by(10).collect();
        for degrees in &scale {
            let at = y(*degrees);
            let _ = write!(svg, r#"<path class="grid" d="M0 {at}H{WIDTH}"/>"#);
        }
        let _ = write!(
            svg,
            r#"<path class="limit" d="M0 {}H{WIDTH}"/>"#,
            y(limit.0)
        );
        let mut curve = String::new();
        let mut before: Option<Timestamp> = None;
        for point in points {
            let joined = before.is_some_and(|before| point.at.duration_since(before) <= GAP);
            let (x, y) = (x(point.at), y(point.degrees.0));
            let verb = if joined { 'L' } else { 'M' };
            let _ = write!(curve, "{verb}{x} {y}");
            if !joined {
                // A point alone is seen too.
                curve.push_str("h0.1");
            }
            before = Some(point.at);
        }
        let _ = write!(svg, r#"<path class="curve" d="{curve}"/></svg>"#);
        Some(Self {
            svg,
            scale: scale
                .iter()
                .map(|degrees| format!("{degrees}\u{a0}°"))
                .collect(),
            from: words.day_and_month(first, zone),
            to: words.t("plot-now"),
            caption: words.t3(
                "plot-caption",
                ("from", coolest),
                ("to", hottest),
                ("limit", limit.0),
            ),
        })
    }
}

const fn down_to_ten(degrees: i16) -> i16 {
    degrees.div_euclid(10) * 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_domain::language::Language;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn draw(points: &[(i64, i16)]) -> Option<Plot> {
        let points: Vec<_> = points
            .iter()
            .map(|(hours, degrees)| TemperaturePoint {
                at: at(*hours),
                degrees: Celsius(*degrees),
            })
            .collect();
        let words = Words::new(Language::En);
        Plot::draw(words, &points, Celsius(60), at(100), &TimeZone::UTC)
    }

    #[test]
    fn nothing_is_no_picture_and_one_point_is_seen() {
        assert!(draw(&[]).is_none());
        assert!(draw(&[(99, 34)]).unwrap().svg.contains("h0.1"));
    }

    #[test]
    fn a_night_of_sleep_breaks_the_curve() {
        let svg = draw(&[(0, 30), (1, 31), (2, 32), (20, 25), (21, 30)])
            .unwrap()
            .svg;
        let curve = svg.split("class=\"curve\" d=\"").nth(1).unwrap();
        assert_eq!(curve.matches('M').count(), 2, "{curve}");
    }

    #[test]
    fn the_scale_holds_every_point_and_the_limit() {
        for degrees in [-5, 0, 19, 34, 61, 75, 104] {
            let plot = draw(&[(0, degrees), (100, degrees)]).unwrap();
            let curve = plot.svg.split("class=\"curve\" d=\"M0 ").nth(1).unwrap();
            let y: f64 = curve.split('h').next().unwrap().parse().unwrap();
            assert!((0.0..=300.0).contains(&y), "{degrees}: {y}");
            assert!(plot.scale.len() >= 5);
        }
    }
}
