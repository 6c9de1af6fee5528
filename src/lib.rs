//! nattkoll: small control robots that go over the night's register extracts and tell people what to look at.

pub mod diagnostic;
pub mod rule;
pub mod value;
