//! The extracts that have no file: what robots came to, tonight and on earlier nights. Relations that name the robots lead
//! to them, and nothing leads on from them.

use std::path::PathBuf;
use std::sync::Arc;

use super::document::{Section, Text};
use super::extract::{Dialect, Empty, Encoding, Extract, Field, FieldKind, LineEnds, Origin};
use super::guard::Guard;
use crate::diagnostic::SourceFile;
use crate::outcome::Outcome;
use crate::rule::catalog::{Catalog, ExtractSchema, FieldSchema, Written};
use crate::rule::types::{ExtractId, FieldId, RobotId, Type};
use crate::value::date::DateFormat;

/// What robots came to, as one of the extracts that have no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfRobots {
    /// Tonight: a row for each subject.
    Outcomes,
    /// Tonight: a row for each check of a subject that deviates, or could not be tried and so may.
    Deviations,
    /// On earlier nights, as far as the ledger has kept it: a row for each case and outcome.
    History,
}

impl OfRobots {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Outcomes, Self::Deviations, Self::History];

    /// Its id, as definitions write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcomes => "outcomes",
            Self::Deviations => "deviations",
            Self::History => "history",
        }
    }

    /// The one of this id.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether it is about the night that is run, so that its robots have to go round first.
    #[must_use]
    pub fn is_of_tonight(self) -> bool {
        self != Self::History
    }

    /// What it is called where people read of it.
    fn title(self) -> &'static str {
        match self {
            Self::Outcomes => "robotarnas utfall i natt",
            Self::Deviations => "robotarnas avvikelser i natt",
            Self::History => "robotarnas utfall tidigare nätter",
        }
    }

    /// Its fields, and how many of the first tell its rows apart.
    fn fields(self) -> (Vec<Field>, usize) {
        let field = |name: &str, kind, empty| {
            let header = name.to_owned();
            Field { name: name.to_owned(), origin: Origin::Column { header }, kind, empty, is_code: false }
        };
        let text = |name| field(name, FieldKind::Text(None), Empty::Unknown);
        // A subject that belongs to no case has none.
        let case = field("case", FieldKind::Text(None), Empty::Null);
        let names = Outcome::ALL.map(|outcome| outcome.name().to_owned());
        let outcome = field("outcome", FieldKind::Text(Some(names.into_iter().collect())), Empty::Unknown);
        let words = FieldKind::Boolean { yes: YES.to_owned(), no: NO.to_owned() };
        let deviates = field("deviates", words, Empty::Unknown);
        match self {
            Self::Outcomes => (vec![text("robot"), text("subject"), case, outcome, deviates], 2),
            Self::Deviations => (vec![text("robot"), text("subject"), text("check"), case, deviates], 3),
            Self::History => {
                let night = field("night", FieldKind::Date(DateFormat::Iso), Empty::Unknown);
                let words = FieldKind::Boolean { yes: YES.to_owned(), no: NO.to_owned() };
                let deviated = field("deviated", words, Empty::Unknown);
                (vec![text("robot"), night, text("case"), outcome, deviates, deviated], 4)
            }
        }
    }
}

/// The words for true and false in these extracts.
pub const YES: &str = "J";
/// See [`YES`].
pub const NO: &str = "N";

/// Adds them to what is declared in files.
pub fn add(extracts: &mut Vec<Extract>, catalog: &mut Catalog) {
    for of_robots in OfRobots::ALL {
        let id = ExtractId(u16::try_from(extracts.len()).expect("there are few extracts"));
        let (fields, in_key) = of_robots.fields();
        let schemas = fields.iter().map(|field| FieldSchema {
            id: field.name.clone(),
            // A robot that does not exist is a mistake in a rule, as any other value that a field cannot have.
            ty: if field.name == "robot" { Type::Text(Some(catalog.robots.clone().into())) } else { field.kind.ty() },
            nullable: field.empty == Empty::Null,
            computed: None,
        });
        catalog.extracts.push(ExtractSchema {
            id: of_robots.name().to_owned(),
            fields: schemas.collect(),
            relations: Vec::new(),
            protection: None,
            is_of_robots: true,
        });
        extracts.push(Extract {
            id,
            name: of_robots.name().to_owned(),
            title: of_robots.title().to_owned(),
            file: of_robots.title().to_owned(),
            dialect: Dialect { encoding: Encoding::Utf8, delimiter: b';', line_ends: LineEnds::Lf },
            key: (0..in_key).filter_map(|place| u16::try_from(place).ok().map(FieldId)).collect(),
            fields,
            guard: Guard { min_rows: 0, ..Guard::default() },
            answer: None,
            grouping: None,
            pairing: None,
            keep: None,
            holds_persons: false,
            of_robots: Some(of_robots),
            source: Arc::new(SourceFile { path: PathBuf::new(), text: String::new() }),
        });
    }
}

/// What a relation to one of them says beside what every relation does.
pub struct Named {
    /// The robots.
    pub robots: Vec<RobotId>,
    /// The names of the outcomes; all where there are none.
    pub outcomes: Vec<String>,
    /// Which rows it leads to.
    pub condition: Option<Written>,
}

/// Reads which robots a relation names, and which of their outcomes; `condition` is what it says under `where`.
pub fn read_named(
    section: &mut Section<'_>,
    to: OfRobots,
    condition: Option<&Text>,
    catalog: &Catalog,
) -> Option<Named> {
    let robots = read_robots(section, to, catalog)?;
    let outcomes = read_outcomes(section, to);
    if section.has("night") {
        let problem = section.error(format!("`{}` has no night before", to.name()), section.span());
        section.report(problem.hint("leave `night` out; what robots came to on earlier nights is `history`"));
    }
    let one_of = |field: &str, names: Vec<&str>| {
        let asked = names.iter().map(|name| format!("{field} = \"{name}\"")).collect::<Vec<_>>().join(" or ");
        (!names.is_empty()).then(|| format!("({asked})"))
    };
    let mut parts = vec![one_of("robot", robots.iter().map(|id| catalog.robot(*id)).collect())];
    parts.push(one_of("outcome", outcomes.iter().map(String::as_str).collect()));
    // A check that could not be tried may deviate: its row is one that may belong.
    parts.push((to == OfRobots::Deviations).then(|| "deviates".to_owned()));
    parts.push(condition.map(|text| format!("({})", text.value)));
    let whole = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    // Where it is none the relation's own condition is, and that is told.
    Some(Named { robots, outcomes, condition: Written::read(&whole).ok() })
}

fn read_robots(section: &mut Section<'_>, to: OfRobots, catalog: &Catalog) -> Option<Vec<RobotId>> {
    let texts = section.texts("robots");
    if texts.is_empty() {
        section.missing("robots", "[\"…\"]");
        return None;
    }
    let mut robots = Vec::new();
    for text in texts {
        match catalog.robot_named(&text.value) {
            Some(robot) => robots.push(robot),
            None => {
                let title = format!("there is no robot `{}`", text.value);
                let problem =
                    section.error(title, text.span).suggest(&text.value, catalog.robots.iter().map(String::as_str));
                section.report(problem.hint(format!("a relation to `{}` names folders under robots", to.name())));
            }
        }
    }
    (!robots.is_empty()).then_some(robots)
}

fn read_outcomes(section: &mut Section<'_>, to: OfRobots) -> Vec<String> {
    let texts = section.texts("outcomes");
    if let (Some(first), true) = (texts.first(), to.is_of_tonight()) {
        let problem = section.error("only a relation to `history` names outcomes", first.span.clone());
        section.report(problem.hint("write `where = 'outcome = \"flagged\"'`"));
    }
    let names = Outcome::ALL.map(Outcome::name);
    for text in &texts {
        if !names.contains(&text.value.as_str()) {
            let problem = section.error(format!("`{}` is not an outcome", text.value), text.span.clone());
            section.report(problem.suggest(&text.value, names).hint(format!("the outcomes are {}", names.join(", "))));
        }
    }
    texts.into_iter().map(|text| text.value).filter(|name| names.contains(&name.as_str())).collect()
}
