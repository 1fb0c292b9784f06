//! A page that stands twice: as a step of the set-up, and by itself afterwards.

use super::setup::{Progress, Step};
use crate::page::Nav;
use crate::words::Words;

/// Where such a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// As that step of the set-up.
    Setup(Step),
    /// As that part of the site.
    Site(Nav),
}

impl Place {
    /// Its navigation.
    pub(super) const fn nav(self) -> Nav {
        match self {
            Self::Setup(_) => Nav::Setup,
            Self::Site(nav) => nav,
        }
    }

    /// Where it is among the steps, if it is one.
    pub(super) fn progress(self, words: Words) -> Option<Progress> {
        match self {
            Self::Setup(step) => Some(Progress::at(words, step)),
            Self::Site(_) => None,
        }
    }
}
