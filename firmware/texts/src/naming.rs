//! How a disk is called: by its bay first, since that is what a person sees.

use crate::Texts;
use preau_domain::disks::serial_end;
use preau_domain::ids::Bay;

impl Texts {
    /// `le disque de la baie 2 (WDC WD40EFZX, n° …7K2P)`, with what is known of it.
    pub fn disk(self, bay: Option<&Bay>, model: Option<&str>, serial: Option<&str>) -> String {
        let label = self.disk_label(model, serial);
        match (bay, label) {
            (Some(bay), Some(label)) => self.t_with(
                "the-disk-of-bay-label",
                &[("bay", bay.to_string().into()), ("label", label.into())],
            ),
            (Some(bay), None) => self.t_with("the-disk-of-bay", &[("bay", bay.to_string().into())]),
            (None, Some(label)) => self.t_with("the-disk-label", &[("label", label.into())]),
            (None, None) => self.t("a-disk"),
        }
    }

    /// `le disque de la baie 2`, or by its label when the board has no bays.
    pub fn disk_short(
        self,
        bay: Option<&Bay>,
        model: Option<&str>,
        serial: Option<&str>,
    ) -> String {
        match bay {
            Some(_) => self.disk(bay, None, None),
            None => self.disk(None, model, serial),
        }
    }

    /// What is printed on it: `WDC WD40EFZX, n° …7K2P`.
    pub fn disk_label(self, model: Option<&str>, serial: Option<&str>) -> Option<String> {
        let serial = serial.map(serial_end);
        match (model, serial) {
            (Some(model), Some(serial)) => Some(self.t_with(
                "disk-label",
                &[("model", model.into()), ("serial", serial.into())],
            )),
            (Some(model), None) => Some(model.to_owned()),
            (None, Some(serial)) => {
                Some(self.t_with("disk-label-serial-only", &[("serial", serial.into())]))
            }
            (None, None) => None,
        }
    }
}
