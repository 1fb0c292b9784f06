//! The stories, in one binary so that they are linked once.

mod adopt;
mod boot;
mod brought;
mod browser;
mod claim;
mod copies;
mod corruption;
mod faults;
mod friday;
mod image;
mod layouts;
mod mail;
mod nothing;
mod pictures;
mod power;
mod reboot;
mod refusals;
mod replace;
mod restic;
mod set_up;
mod used_disk;
