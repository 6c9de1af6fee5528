//! Sends each robot round its subjects, in parallel: outcomes, findings with their facts, and why something was not tried.

mod explain;
mod order;
mod reason;
mod result;
mod round;
mod subject;

pub use explain::{Applied, Explained, Explanation, NOT_A_SUBJECT, Place, Question, Tree, Verdict, explain};
pub use order::SortKey;
pub use reason::reason;
pub use result::{Cell, Finding, Identity, RobotResult, Source, SubjectResult, Untried};
pub use round::{Cases, go_round, isolated};
