//! The only room that reads TOML: extracts, parameters, robots, their examples, and the settings.
//!
//! Everything is read before anything runs, and every mistake in every file is told at once.

mod asks;
mod check_file;
mod columns;
pub mod decision;
mod document;
pub mod example;
pub mod extract;
mod grouped;
pub mod guard;
mod guard_file;
mod identifier;
pub mod keep;
mod lint;
mod load;
pub mod meaning;
mod named;
pub mod of_robots;
mod outlet_file;
mod pairing;
pub mod parameter;
mod reader;
mod relations;
pub mod robot;
mod robot_file;
mod sample_file;
pub mod settings;
mod share;

pub use document::Problems;
pub use load::{Definitions, count_examples, load, load_what_runs};
pub use share::Share;
