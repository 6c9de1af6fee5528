//! Sends each robot round its subjects, in parallel: outcomes, findings with their facts, and why something was not tried.

mod explain;
mod order;
mod reason;
mod result;
mod round;
mod rows;
mod subject;

pub use explain::{Applied, Explained, Explanation, NOT_A_SUBJECT, Place, Question, Tree, Verdict, explain};
pub use order::SortKey;
pub use reason::reason;
pub use result::{Cell, Finding, Identity, ListRow, RobotResult, Source, SubjectResult, Summary, Untried};
pub use round::{Cases, Errand, Nothing, OtherNights, go_round, isolated};
pub use rows::lost;
