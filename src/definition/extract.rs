//! The declaration of one extract: file, dialect, fields, key, guard. For how it is read from its file see `columns` and
//! `relations`.

use std::sync::Arc;

use super::guard::Guard;
use super::keep::Keep;
use super::of_robots::OfRobots;
use crate::diagnostic::SourceFile;
use crate::rule::tree::Expr;
use crate::rule::types::{ExtractId, FieldId, Type};
use crate::value::AmountFormat;
use crate::value::date::DateFormat;

/// One extract, as it is declared.
#[derive(Debug)]
pub struct Extract {
    /// Its place in the catalog.
    pub id: ExtractId,
    /// Its id, as definitions write it.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The name of its file in the night's folder.
    pub file: String,
    /// How its file is written.
    pub dialect: Dialect,
    /// Its fields, in the order of the declaration.
    pub fields: Vec<Field>,
    /// The fields that tell its rows apart; none when nothing does.
    pub key: Vec<FieldId>,
    /// What its file must be like to be used.
    pub guard: Guard,
    /// Which answer means that the source could answer, where it says so row by row.
    pub answer: Option<Answer>,
    /// For an extract that is made from another: how.
    pub grouping: Option<Grouping>,
    /// For an extract that is made from another: which of its rows cancel one another.
    pub pairing: Option<Pairing>,
    /// What the ledger keeps of it each night.
    pub keep: Option<Keep>,
    /// Whether it holds persons.
    pub holds_persons: bool,
    /// For an extract that has no file and tells what robots came to: what of it.
    pub of_robots: Option<OfRobots>,
    /// Where it is declared.
    pub source: Arc<SourceFile>,
}

impl Extract {
    /// Whether it is made by grouping another.
    #[must_use]
    pub fn key_is_grouped(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.origin, Origin::Grouped))
    }

    /// A field.
    #[must_use]
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[usize::from(id.0)]
    }

    /// The field that holds the person a row is about: the person in its key, else its only one.
    #[must_use]
    pub fn person_field(&self) -> Option<FieldId> {
        let is_person = |id: &FieldId| self.field(*id).kind == FieldKind::Person;
        let in_key = self.key.iter().copied().find(is_person);
        let all = (0..self.fields.len()).filter_map(|place| u16::try_from(place).ok().map(FieldId));
        in_key.or_else(|| all.filter(is_person).min())
    }

    /// The heading of a field's column; of a field that is worked out, the headings of what it is worked out from.
    #[must_use]
    pub fn heading(&self, id: FieldId) -> String {
        let field = self.field(id);
        match &field.origin {
            Origin::Row { reads, .. } => reads.iter().map(|id| self.heading(*id)).collect::<Vec<_>>().join(", "),
            Origin::Column { .. } | Origin::Related | Origin::OfRows { .. } | Origin::Paired | Origin::Grouped => {
                field.heading().to_owned()
            }
        }
    }
}

/// How an extract is made from another.
#[derive(Debug)]
pub struct Grouping {
    /// The extract whose rows are grouped.
    pub from: ExtractId,
    /// What they are grouped by: its own fields, and those of the other.
    pub by: Vec<(FieldId, FieldId)>,
    /// Which rows are grouped; the row is in the first slot.
    pub condition: Option<Expr>,
}

/// How rows of an extract that is made from another cancel one another, one to one: a credit note and its invoice.
#[derive(Debug)]
pub struct Pairing {
    /// The field that tells whether a row is one of a pair.
    pub field: FieldId,
    /// Which rows cancel others; the row is in the first slot, as in the expressions below.
    pub cancels: Expr,
    /// The fields in which both are equal.
    pub on: Vec<FieldId>,
    /// What is the same in both, with the other sign.
    pub amount: Expr,
    /// What is cancelled is not later than what cancels it.
    pub date: Expr,
    /// Rows that are equal in these fields too are paired before others; none where that means nothing.
    pub first: Vec<FieldId>,
    /// Of several of the latest date, the one that is highest in this field.
    pub highest: Option<FieldId>,
}

impl Pairing {
    /// Its expressions.
    pub fn expressions(&self) -> [&Expr; 3] {
        [&self.cancels, &self.amount, &self.date]
    }
}

/// The relation from a group to its rows.
pub const ROWS: &str = "rows";

/// How an extract's file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Its character encoding.
    pub encoding: Encoding,
    /// The byte between fields.
    pub delimiter: u8,
    /// What its lines end with.
    pub line_ends: LineEnds,
}

/// What lines end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// LF, or CR and LF.
    Lf,
    /// A CR alone.
    Cr,
}

/// A character encoding. Declared and decoded strictly, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16 with a byte order mark, of either order. It is read as UTF-8: see `extract/utf16.rs`.
    Utf16,
    /// Windows-1252, in which five bytes mean nothing.
    Windows1252,
}

impl Encoding {
    /// As declarations write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// One field of an extract.
#[derive(Debug)]
pub struct Field {
    /// Its id.
    pub name: String,
    /// Where its values come from.
    pub origin: Origin,
    /// How its cells are read.
    pub kind: FieldKind,
    /// What an empty cell means.
    pub empty: Empty,
    /// Whether it is declared as a text that tells of nobody: a code, or the name of one of a few units.
    pub is_code: bool,
}

/// Where a field's values come from.
#[derive(Debug)]
pub enum Origin {
    /// A column of the file, known by its heading.
    Column {
        /// The heading.
        header: String,
    },
    /// Worked out from the row's own cells as it is read, and then a column like any other.
    Row {
        /// The expression; its row is in the first slot.
        is: Box<Expr>,
        /// The fields that it reads.
        reads: Vec<FieldId>,
    },
    /// Worked out from what the row relates to, wherever it is asked for.
    Related,
    /// Worked out from the rows of its group and nothing else, and so the same for whoever asks.
    OfRows {
        /// The expression; its row is in the first slot.
        is: Box<Expr>,
    },
    /// Whether the row and another cancel each other; see [`Pairing`].
    Paired,
    /// What rows of another extract are grouped by.
    Grouped,
}

impl Field {
    /// The heading of its column; its id for one that is worked out.
    #[must_use]
    pub fn heading(&self) -> &str {
        match &self.origin {
            Origin::Column { header } => header,
            Origin::Row { .. } | Origin::Related | Origin::OfRows { .. } | Origin::Paired | Origin::Grouped => {
                &self.name
            }
        }
    }
}

/// How a cell is read.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// A text, and the only values it may have where they are listed.
    Text(Option<Arc<[String]>>),
    /// A whole number.
    Integer,
    /// An amount with at most two decimals.
    Amount(AmountFormat),
    /// A day.
    Date(DateFormat),
    /// A month, `2026-11`.
    Month,
    /// One of two words.
    Boolean {
        /// The word for true.
        yes: String,
        /// The word for false.
        no: String,
    },
    /// A person's number.
    Person,
    /// An organisation's number.
    Organisation,
    /// A person's or an organisation's number.
    Party,
}

impl FieldKind {
    /// The type of its values in expressions.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Text(values) => Type::Text(values.clone()),
            Self::Integer | Self::Amount(_) => Type::Number,
            Self::Date(_) => Type::Date,
            Self::Month => Type::Month,
            Self::Boolean { .. } => Type::Boolean,
            Self::Person => Type::Person,
            Self::Organisation => Type::Organisation,
            Self::Party => Type::Party,
        }
    }
}

/// What an empty cell means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// An answer: none, never, not.
    Null,
    /// Nothing is known.
    Unknown,
}

/// How a source says that it could not answer for a row.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The field that says so.
    pub field: FieldId,
    /// The value that means that it could.
    pub ok: String,
    /// The fields that stand whatever it says.
    pub except: Vec<FieldId>,
}
