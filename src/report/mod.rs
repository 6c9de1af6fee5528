//! What people read of a night, from its account alone.

mod status;
mod summary;

pub use status::{HeldLine, NotDeliveredLine, RobotLine, RunLine, Status, held_text, status_text};
pub use summary::{robots_table, stock_table, summary};
