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
}

impl Figure {
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
        }
    }

    fn verdict(&self) -> &'static str {
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
                "{:<58} {:>10} {:>10.2} {:>10.2} {:>4} {:>9} {}",
                figure.name,
                format!("{:.2} {}", figure.value, figure.unit),
                figure.lowest,
                figure.highest,
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
    fn a_figure_over_its_budget_says_so() {
        let mut report = Report::default();
        report.add(Figure::new("slow", "s", Some(2.0), vec![3.0]));
        assert!(report.table().contains("OVER"));
    }
}
