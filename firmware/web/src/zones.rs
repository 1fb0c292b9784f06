//! The time zones that are offered: where France's schools are, then all others
//! that the box knows.

use crate::words::Words;

/// Zones of French schools: the mainland first, then overseas from west to east.
const FRENCH: [&str; 12] = [
    "Europe/Paris",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Wallis",
];

/// Where the zone database lists its zones, one a line, without old names.
const LIST: &str = "/usr/share/zoneinfo/zone1970.tab";

/// A zone as it is offered.
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) label: String,
}

/// France's zones, under the names of the places.
pub(crate) fn french(words: Words) -> Vec<Zone> {
    FRENCH
        .iter()
        .map(|name| {
            let key = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
            Zone {
                name: (*name).to_owned(),
                label: words.t(&format!("zone-{key}")),
            }
        })
        .collect()
}

/// All other zones, in order; empty when the box has no list.
pub(crate) fn others() -> Vec<Zone> {
    match std::fs::read_to_string(LIST) {
        Ok(text) => parse(&text),
        Err(error) => {
            tracing::debug!(%error, "{LIST} cannot be read: France's time zones are offered alone");
            Vec::new()
        }
    }
}

/// The third column of `zone1970.tab` holds the names.
fn parse(text: &str) -> Vec<Zone> {
    let mut names: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').nth(2))
        .filter(|name| !FRENCH.contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| Zone {
            label: name.replace('_', " ").replace('/', " – "),
            name: name.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_without_comments_and_without_the_zones_offered_first() {
        let text = "# comment\nFR\t+4852+00220\tEurope/Paris\nPT\t+3843-00908\tEurope/Lisbon\tmainland\nAR\t-3124-06411\tAmerica/Argentina/Cordoba\n";
        let names: Vec<String> = parse(text).into_iter().map(|zone| zone.label).collect();
        assert_eq!(names, ["America – Argentina – Cordoba", "Europe – Lisbon"]);
    }
}
