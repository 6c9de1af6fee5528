//! Which rows a robot goes through, and what each is called.

use crate::definition::Definitions;
use crate::definition::robot::{OWNER, Robot, SUBJECT};
use crate::extract::View;
use crate::rule::evaluate::Evaluator;
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::{Missing, RowRef, Value};
use crate::rule::world::{Silent, World};

/// One that a robot goes through.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its row; none for the members of a case that cannot be read.
    pub row: Result<RowRef, Missing>,
    /// Its case's row, for a subject that is one of a case's rows.
    pub owner: Option<RowRef>,
    /// Its number among its case's rows.
    pub number: Number,
    /// Why it may not be a subject at all.
    pub doubt: Option<Missing>,
}

/// How a subject is told from the others of its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// It is the case, or has a key of its own.
    None,
    /// The number of a person among the case's persons, counted from 1 in the order of their numbers.
    Person(usize),
    /// The members of the case cannot be read.
    NotKnown,
}

impl Subject {
    /// Its rows as the evaluator's first slots.
    pub fn slots<'w>(&self) -> [Value<'w>; 2] {
        const { assert!(SUBJECT.0 == 0 && OWNER.0 == 1, "the subject's row comes first, its case's row second") };
        let row = match self.row {
            Ok(row) => Value::Row(row),
            Err(missing) => Value::Unknown(missing),
        };
        [row, self.owner.map_or(Value::Null, Value::Row)]
    }
}

/// The subjects of a row of the extract that the robot goes through.
pub fn subjects_of<'w>(
    robot: &'w Robot,
    definitions: &Definitions,
    view: &'w View<'w>,
    row: RowRef,
    evaluator: &mut Evaluator<'w, View<'w>, Silent>,
) -> Vec<Subject> {
    let Some((members, extract)) = &robot.subject.members else {
        return vec![Subject { row: Ok(row), owner: None, number: Number::None, doubt: None }];
    };
    evaluator.turn_to(&[Value::Null, Value::Row(row)]);
    let rows = match evaluator.value(members) {
        Value::Rows(rows) => rows,
        other => {
            let missing = other.missing().unwrap_or(Missing::because(crate::rule::value::Why::Null));
            return vec![unreadable(row, missing)];
        }
    };
    if let Some(missing) = rows.open {
        return vec![unreadable(row, missing)];
    }
    let all: Vec<(RowRef, Option<Missing>)> =
        (0..rows.rows.len()).map(|place| (rows.at(place), rows.doubt(place))).collect();
    let numbers = numbers(&all, *extract, definitions, view);
    all.into_iter()
        .zip(numbers)
        .map(|((member, doubt), number)| Subject { row: Ok(member), owner: Some(row), number, doubt })
        .collect()
}

fn unreadable(owner: RowRef, missing: Missing) -> Subject {
    Subject { row: Err(missing), owner: Some(owner), number: Number::NotKnown, doubt: None }
}

/// Each member's number in the order of their persons' numbers; of their places in the file where they are no persons.
fn numbers(
    members: &[(RowRef, Option<Missing>)],
    extract: ExtractId,
    definitions: &Definitions,
    view: &View<'_>,
) -> Vec<Number> {
    let field = definitions.extracts[usize::from(extract.0)].person_field();
    let person = |row: &RowRef| match field.map(|field| view.cell(*row, field)) {
        Some(Value::Person(person)) => Some(person),
        _ => None,
    };
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|place| (person(&members[*place].0), members[*place].0.row));
    let mut numbers = vec![Number::NotKnown; members.len()];
    for (number, place) in order.into_iter().enumerate() {
        numbers[place] = Number::Person(number + 1);
    }
    numbers
}

/// What tells a row from others on any night: its person, else its key, else nothing.
pub fn identity(row: RowRef, definitions: &Definitions, view: &View<'_>) -> Vec<String> {
    let extract = &definitions.extracts[usize::from(row.extract.0)];
    let written = |field| view.cell(row, field).written().unwrap_or_default();
    match extract.person_field().filter(|field| extract.key.contains(field)) {
        Some(person) => vec![written(person)],
        None => extract.key.iter().map(|field| written(*field)).collect(),
    }
}

/// The rows that a robot goes through.
pub fn roots(robot: &Robot, view: &View<'_>) -> Vec<RowRef> {
    let extract = robot.subject.extract;
    let rows = view.table(extract, Side::Tonight).map_or(0, crate::extract::Table::len);
    let rows = u32::try_from(rows).expect("a table's rows are counted in four bytes");
    (0..rows).map(|row| RowRef { extract, side: Side::Tonight, row }).collect()
}
