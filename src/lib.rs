//! nattkoll: small control robots that go over the night's register extracts and tell people what to look at.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests set their own stage"))]

pub mod cli;
pub mod definition;
pub mod diagnostic;
pub mod evaluate;
pub mod extract;
pub mod generate;
pub mod ledger;
pub mod night;
pub mod outcome;
pub mod output;
pub mod plan;
pub mod report;
pub mod rule;
pub mod sample;
pub mod value;
