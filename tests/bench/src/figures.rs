//! A figure with its samples and its budget, as a line of the table and as JSON.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result};
use serde::Serialize;

/// One thing that was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    name: String,
    unit: &'static str,
    /// The most that the design allows; `None` for a figure that is only told.
    budget: Option<f64>,
    /// What is compared with the budget: the median, unless the name says another.
    value: f64,
    lowest: f64,
    highest: f64,
    samples: Vec<f64>,
    /// How often what was waited for did not come, and for how long it was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<Missed>,
}

/// Samples without a value.
#[derive(Debug, Clone, Copy, Serialize)]
struct Missed {
    times: usize,
    waited_seconds: f64,
}

impl Figure {
    /// When something was noticed, in seconds; `None` is a sample in which it was not
    /// within `waited`.
    pub fn noticed(name: &str, budget: Option<f64>, samples: &[Option<f64>], waited: f64) -> Self {
        let seen: Vec<f64> = samples.iter().copied().flatten().collect();
        let times = samples.len() - seen.len();
        Self {
            missed: (times > 0).then_some(Missed {
                times,
                waited_seconds: waited,
            }),
            ..Self::new(name, "s", budget, seen)
        }
    }

    /// A figure whose value is the median of its samples.
    pub fn new(name: &str, unit: &'static str, budget: Option<f64>, samples: Vec<f64>) -> Self {
        Self::at(50, name, unit, budget, samples)
    }

    /// A figure whose value is a percentile of its samples.
    pub fn at(
        percentile: usize,
        name: &str,
        unit: &'static str,
        budget: Option<f64>,
        samples: Vec<f64>,
    ) -> Self {
        let mut sorted = samples.clone();
        sorted.sort_by(f64::total_cmp);
        // The smallest sample that at least so many hundredths are not above.
        let rank = (sorted.len() * percentile).div_ceil(100).max(1);
        let pick = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self {
            name: name.to_owned(),
            unit,
            budget,
            value: pick(rank - 1),
            lowest: pick(0),
            highest: pick(sorted.len().wrapping_sub(1)),
            samples,
            missed: None,
        }
    }

    fn verdict(&self) -> String {
        if let Some(missed) = self.missed {
            let all = missed.times + self.samples.len();
            let (times, waited) = (missed.times, missed.waited_seconds);
            return format!("not within {waited:.0} s in {times} of {all}");
        }
        self.within().to_owned()
    }

    fn within(&self) -> &'static str {
        match self.budget {
            None => "",
            Some(budget) if self.value <= budget => "within",
            Some(_) => "OVER",
        }
    }
}

/// All figures.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    figures: Vec<Figure>,
}

/// JSON knows no number for what was never seen, nor need a person read one.
fn shown(value: f64) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else {
        format!("{value:.2}")
    }
}

impl Report {
    /// Adds a figure.
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// A table for people.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<58} {:>10} {:>10} {:>10} {:>4} {:>9}\n",
            "figure", "value", "lowest", "highest", "n", "budget"
        );
        for figure in &self.figures {
            let budget = figure
                .budget
                .map_or(String::new(), |budget| format!("{budget} {}", figure.unit));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{:<58} {:>10} {:>10} {:>10} {:>4} {:>9} {}",
                figure.name,
                format!("{} {}", shown(figure.value), figure.unit),
                shown(figure.lowest),
                shown(figure.highest),
                figure.samples.len(),
                budget,
                figure.verdict()
            );
        }
        text
    }

    /// The same for programs.
    #[expect(
        clippy::disallowed_methods,
        reason = "a report: the next run makes it again"
    )]
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_percentile_asked_for() {
        let samples: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(
            Figure::at(99, "x", "ms", None, samples.clone()).value,
            198.0
        );
        assert_eq!(Figure::new("x", "ms", None, samples).value, 100.0);
        assert_eq!(Figure::new("x", "ms", None, vec![7.0]).value, 7.0);
    }

    #[test]
    fn what_nobody_noticed_is_told_as_that() {
        let mut report = Report::default();
        report.add(Figure::noticed("never", None, &[None, None], 75.0));
        report.add(Figure::noticed("once", Some(2.0), &[None, Some(1.0)], 75.0));
        let table = report.table();
        assert!(table.contains("not within 75 s in 2 of 2"), "{table}");
        assert!(table.contains("1.00 s") && table.contains("in 1 of 2"));
        assert!(serde_json::to_string(&report).unwrap().contains("null"));
    }

    #[test]
    fn a_figure_over_its_budget_says_so() {
        let mut report = Report::default();
        report.add(Figure::new("slow", "s", Some(2.0), vec![3.0]));
        assert!(report.table().contains("OVER"));
    }
}
