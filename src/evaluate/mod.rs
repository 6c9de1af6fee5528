//! Sends each robot round its subjects, in parallel: outcomes, findings with their facts, and why something was not tried.

mod checks;
mod errand;
mod explain;
mod figures;
mod notes;
mod order;
mod protection;
mod reason;
mod result;
mod round;
mod rows;
mod subject;

pub use errand::{Cases, Errand, Nothing, OtherNights};
pub use explain::{Applied, Explained, Explanation, NOT_A_SUBJECT, Place, Question, Tree, Verdict, explain};
pub use figures::add_up;
pub use order::SortKey;
pub use reason::reason;
pub use result::{Cell, FileOf, Finding, Identity, ListRow, RobotResult, Source, SubjectResult, Summary, Untried};
pub use round::{go_round, isolated};
pub use rows::lost;
