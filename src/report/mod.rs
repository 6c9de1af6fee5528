//! What people read of a night, from its account alone.

mod summary;

pub use summary::{robots_table, stock_table, summary};
