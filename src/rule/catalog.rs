//! What an expression can speak of: the declared extracts, their fields and relations, and the parameters.
//!
//! The catalog is the declarations as the rule language sees them, without files or dialects.

use super::parameter::Parameter;
use super::parse::parse;
use super::syntax::{RuleError, Syntax};
use super::tree::Declared;
use super::types::{ExtractId, FieldId, ParameterId, RelationId, RobotId, Side, Type};

/// All that expressions can speak of.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The declared extracts.
    pub extracts: Vec<ExtractSchema>,
    /// The declared parameters and code lists.
    pub parameters: Vec<Parameter>,
    /// The ids of the robots, in order.
    pub robots: Vec<String>,
    /// What is declared, but with mistakes of its own: they are told there, and not again at every mention.
    pub mistaken: Mistaken,
}

/// The names of what is declared with mistakes.
#[derive(Debug, Default)]
pub struct Mistaken {
    /// Extracts.
    pub extracts: Vec<String>,
    /// Parameters.
    pub parameters: Vec<String>,
    /// Relations, each with its extract.
    pub relations: Vec<(ExtractId, String)>,
}

impl Catalog {
    /// The schema of an extract.
    #[must_use]
    pub fn extract(&self, id: ExtractId) -> &ExtractSchema {
        &self.extracts[usize::from(id.0)]
    }

    /// The extract of this id.
    #[must_use]
    pub fn extract_named(&self, id: &str) -> Option<ExtractId> {
        place(self.extracts.iter().position(|extract| extract.id == id)).map(ExtractId)
    }

    /// Whether a relation of this name is declared with mistakes.
    #[must_use]
    pub fn is_mistaken_relation(&self, of: ExtractId, name: &str) -> bool {
        self.mistaken.relations.iter().any(|(extract, relation)| *extract == of && relation == name)
    }

    /// The text that an expression of a declaration was put in place from.
    #[must_use]
    pub fn written(&self, by: Declared) -> Option<&Written> {
        match by {
            Declared::Field(extract, field) => self.extract(extract).field(field).computed.as_ref(),
            Declared::Relation(extract, relation) => self.extract(extract).relation(relation).condition.as_ref(),
            Declared::Protection(extract) => self.extract(extract).protection.as_ref(),
        }
    }

    /// The robot of this id.
    #[must_use]
    pub fn robot_named(&self, id: &str) -> Option<RobotId> {
        place(self.robots.iter().position(|robot| robot == id)).map(RobotId)
    }

    /// A robot's id.
    #[must_use]
    pub fn robot(&self, id: RobotId) -> &str {
        &self.robots[usize::from(id.0)]
    }

    /// The parameter of this id.
    #[must_use]
    pub fn parameter_named(&self, id: &str) -> Option<ParameterId> {
        place(self.parameters.iter().position(|parameter| parameter.id == id)).map(ParameterId)
    }
}

/// An expression of a declaration, as it is written and as it is read.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its text, which its spans are places in.
    pub text: String,
    /// What it was read into.
    pub syntax: Syntax,
}

impl Written {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, RuleError> {
        Ok(Self { text: text.to_owned(), syntax: parse(text)? })
    }
}

/// An extract as the rule language sees it.
#[derive(Debug)]
pub struct ExtractSchema {
    /// Its id.
    pub id: String,
    /// Its fields, computed ones included.
    pub fields: Vec<FieldSchema>,
    /// Its relations.
    pub relations: Vec<RelationSchema>,
    /// When one of its rows is about a protected person.
    pub protection: Option<Written>,
    /// Whether it holds what robots came to, and is come to by relations that name them and in no other way.
    pub is_of_robots: bool,
}

impl ExtractSchema {
    /// The field of this id.
    #[must_use]
    pub fn field_named(&self, id: &str) -> Option<FieldId> {
        place(self.fields.iter().position(|field| field.id == id)).map(FieldId)
    }

    /// The relation of this id.
    #[must_use]
    pub fn relation_named(&self, id: &str) -> Option<RelationId> {
        place(self.relations.iter().position(|relation| relation.id == id)).map(RelationId)
    }

    /// Where to look for the fields that it has.
    #[must_use]
    pub fn told_fields(&self) -> String {
        if self.is_of_robots {
            let fields: Vec<&str> = self.fields.iter().map(|field| field.id.as_str()).collect();
            return format!("the fields of `{}` are {}", self.id, fields.join(", "));
        }
        format!("the fields of `{0}` stand in robots/extracts/{0}.toml", self.id)
    }

    /// A field.
    #[must_use]
    pub fn field(&self, id: FieldId) -> &FieldSchema {
        &self.fields[usize::from(id.0)]
    }

    /// A relation.
    #[must_use]
    pub fn relation(&self, id: RelationId) -> &RelationSchema {
        &self.relations[usize::from(id.0)]
    }
}

fn place(position: Option<usize>) -> Option<u16> {
    position.and_then(|position| u16::try_from(position).ok())
}

/// A field as the rule language sees it.
#[derive(Debug)]
pub struct FieldSchema {
    /// Its id.
    pub id: String,
    /// The type of its values.
    pub ty: Type,
    /// Whether it can be null: where an empty cell is an answer.
    pub nullable: bool,
    /// For a field computed from what its row relates to: the expression. A field of the row's own cells alone is a
    /// column like any other and has none.
    pub computed: Option<Written>,
}

/// A relation as the rule language sees it.
#[derive(Debug)]
pub struct RelationSchema {
    /// Its id.
    pub id: String,
    /// The extract it leads to.
    pub to: ExtractId,
    /// How many rows it can lead to.
    pub cardinality: Cardinality,
    /// Which night's rows it leads to.
    pub night: RelationNight,
    /// The fields that must be equal: of the extract it leads to, and of its own.
    pub on: Vec<(FieldId, FieldId)>,
    /// What must hold for the rows it leads to.
    pub condition: Option<Written>,
    /// Of several rows with these fields equal, only the first is one.
    pub distinct: Vec<FieldId>,
    /// Whether it counts only as a whole: when a row that belongs to it was rejected, none of it is known.
    pub whole: bool,
    /// Where it leads to what robots came to: which.
    pub robots: Vec<RobotId>,
    /// Of those, the names of the outcomes that are asked for; all where there are none.
    pub outcomes: Vec<String>,
}

/// How many rows a relation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One or none; of several the first in the file.
    One,
    /// Any number.
    Many,
}

/// Which night's rows a relation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationNight {
    /// The night that its own row is from.
    Same,
    /// The night that is run.
    Tonight,
    /// The night it is compared with.
    Previous,
}

impl RelationNight {
    /// The night it leads to from a row of `own`.
    #[must_use]
    pub fn side(self, own: Side) -> Side {
        match self {
            Self::Same => own,
            Self::Tonight => Side::Tonight,
            Self::Previous => Side::Previous,
        }
    }
}
