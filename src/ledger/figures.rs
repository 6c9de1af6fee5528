//! Sums out of extracts, kept night for night: what is written of a night, and what can be asked of it.

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::column::{Count, Day};
use super::error::LedgerError;
use super::lookup::{count, day, not_a_word_of_ours};
use super::store::Ledger;

/// What is kept of an extract's night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightFigures {
    /// The extract.
    pub extract: String,
    /// The fields that its rows are grouped by.
    pub by: Vec<String>,
    /// The groups; or why nothing of them is known, in words.
    pub groups: Result<Vec<FigureGroup>, String>,
    /// How many of its rows could not be read at all: each group may lack them.
    pub rejected: u64,
}

/// The rows that are equal in what they are grouped by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureGroup {
    /// What they are equal in, in the order of [`NightFigures::by`].
    pub of: Vec<GroupValue>,
    /// How many they are.
    pub rows: u64,
    /// How many more they may be: rows of which it is not known whether they are to be kept. No figure is known over them.
    pub doubtful: u64,
    /// What each kept field comes to.
    pub figures: Vec<(String, Figure)>,
}

/// One of the values that rows are grouped by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupValue {
    /// A value, as it is written.
    Is(String),
    /// None, as an answer.
    None,
    /// It is not known which.
    Unknown,
}

/// What a field comes to over the rows of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// The sum over the rows in which it is known.
    pub of_known: Decimal,
    /// In how many rows it is not known.
    pub unknown: u64,
}

impl Figure {
    /// The sum; none where it rests on something that is not known.
    #[must_use]
    pub fn sum(self) -> Option<Decimal> {
        (self.unknown == 0).then_some(self.of_known)
    }
}

impl NightFigures {
    /// How many rows may belong to a group beside its own: those whose group is not known and may be this, and those that
    /// could not be read. Where it is not zero, neither its rows nor its figures are known.
    #[must_use]
    pub fn may_lack(&self, group: &[GroupValue]) -> u64 {
        let may_be = |other: &&FigureGroup| {
            let parts = || other.of.iter().zip(group);
            other.of.contains(&GroupValue::Unknown)
                && other.of != group
                && parts().all(|(theirs, own)| theirs == own || *theirs == GroupValue::Unknown)
        };
        let groups = self.groups.iter().flatten();
        groups.filter(may_be).map(|other| other.rows + other.doubtful).sum::<u64>() + self.rejected
    }
}

/// The name under which the number of a group's rows stands among its figures.
const ROWS: &str = "";

/// Writes what is kept of a night's extracts, each in the place of what was. What is known of one stands where nothing is known
/// now: its files may be gone, and then it cannot be had back.
pub(super) fn write_figures(
    record: &Transaction<'_>,
    night: NaiveDate,
    figures: &[NightFigures],
) -> rusqlite::Result<()> {
    let known = "SELECT count(*) FROM figure_night WHERE extract = ?1 AND night = ?2 AND reason IS NULL";
    let of_night =
        "INSERT INTO figure_night (extract, night, grouped_by, rejected, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = record
        .prepare("INSERT INTO figure (figure_night, grouped, field, of_known, unknown) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for NightFigures { extract, by, groups, rejected } in figures {
        let is_known: i64 = record.query_row(known, params![extract, Day(night)], |row| row.get(0))?;
        if groups.is_err() && is_known > 0 {
            continue;
        }
        record.execute("DELETE FROM figure_night WHERE extract = ?1 AND night = ?2", params![extract, Day(night)])?;
        let names = Json::from(by.clone()).to_string();
        record.execute(of_night, params![extract, Day(night), names, Count(*rejected), groups.as_ref().err()])?;
        let figure_night = record.last_insert_rowid();
        for FigureGroup { of, rows, doubtful, figures } in groups.iter().flatten() {
            let grouped = of.iter().map(GroupValue::to_json).collect::<Json>().to_string();
            insert.execute(params![figure_night, grouped, ROWS, rows.to_string(), Count(*doubtful)])?;
            for (field, Figure { of_known, unknown }) in figures {
                let sum = of_known.normalize().to_string();
                insert.execute(params![figure_night, grouped, field, sum, Count(*unknown)])?;
            }
        }
    }
    Ok(())
}

impl GroupValue {
    fn to_json(&self) -> Json {
        match self {
            Self::Is(value) => Json::from(value.as_str()),
            Self::None => Json::Null,
            Self::Unknown => Json::Bool(false),
        }
    }

    fn from_json(json: Json) -> Option<Self> {
        Some(match json {
            Json::String(value) => Self::Is(value),
            Json::Null => Self::None,
            Json::Bool(false) => Self::Unknown,
            _ => return None,
        })
    }
}

impl Ledger {
    /// What is kept of an extract's night; nothing where the night has not been run as a whole since figures are kept.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn figures(&self, extract: &str, night: NaiveDate) -> Result<Option<NightFigures>, LedgerError> {
        let query = "SELECT id, grouped_by, rejected, reason FROM figure_night WHERE extract = ?1 AND night = ?2";
        let of_night = |row: &Row<'_>| {
            let by = listed(row, 1, |name| name.as_str().map(str::to_owned))?;
            Ok((row.get::<_, i64>(0)?, by, count(row, 2)?, row.get::<_, Option<String>>(3)?))
        };
        let of_night = self.connection.query_row(query, params![extract, Day(night)], of_night).optional();
        let Some((id, by, rejected, reason)) = of_night.map_err(|error| self.told(&error))? else { return Ok(None) };
        let groups = match reason {
            Some(reason) => Err(reason),
            None => Ok(self.groups(id)?),
        };
        Ok(Some(NightFigures { extract: extract.to_owned(), by, groups, rejected }))
    }

    /// The latest of these nights, the last included, on which something is known of an extract, and what.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn last_figures(
        &self,
        extract: &str,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Option<(NaiveDate, NightFigures)>, LedgerError> {
        let query = "SELECT night FROM figure_night WHERE extract = ?1 AND night BETWEEN ?2 AND ?3 AND reason IS NULL
                     ORDER BY night DESC LIMIT 1";
        let nights = self.rows(query, params![extract, Day(first), Day(last)], |row| day(row, 0))?;
        let Some(night) = nights.first() else { return Ok(None) };
        Ok(self.figures(extract, *night)?.map(|figures| (*night, figures)))
    }

    /// The nights of these on which nothing could be known of an extract that figures are kept of, and why.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn nights_without_figures(
        &self,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Vec<(NaiveDate, String, String)>, LedgerError> {
        let query = "SELECT night, extract, reason FROM figure_night
                     WHERE night BETWEEN ?1 AND ?2 AND reason IS NOT NULL ORDER BY night, extract";
        self.rows(query, params![Day(first), Day(last)], |row| Ok((day(row, 0)?, row.get(1)?, row.get(2)?)))
    }

    fn groups(&self, figure_night: i64) -> Result<Vec<FigureGroup>, LedgerError> {
        // The number of a group's rows comes first of its figures.
        let query = "SELECT grouped, field, of_known, unknown FROM figure WHERE figure_night = ?1
                     ORDER BY grouped, field";
        let mut groups: Vec<FigureGroup> = Vec::new();
        for (of, field, figure) in self.rows(query, [figure_night], figure)? {
            match groups.last_mut().filter(|group| field != ROWS && group.of == of) {
                Some(group) => group.figures.push((field, figure)),
                None => {
                    let rows = u64::try_from(figure.of_known).unwrap_or_default();
                    groups.push(FigureGroup { of, rows, doubtful: figure.unknown, figures: Vec::new() });
                }
            }
        }
        Ok(groups)
    }
}

fn figure(row: &Row<'_>) -> rusqlite::Result<(Vec<GroupValue>, String, Figure)> {
    let of = listed(row, 0, |value| GroupValue::from_json(value.clone()))?;
    let of_known = row.get_ref(2)?.as_str()?.parse().map_err(|_| not_a_word_of_ours(2))?;
    Ok((of, row.get(1)?, Figure { of_known, unknown: count(row, 3)? }))
}

/// A column that holds a list.
fn listed<T>(row: &Row<'_>, column: usize, read: impl Fn(&Json) -> Option<T>) -> rusqlite::Result<Vec<T>> {
    let list: Option<Vec<Json>> = serde_json::from_str(row.get_ref(column)?.as_str()?).ok();
    let items = list.and_then(|list| list.iter().map(read).collect::<Option<Vec<T>>>());
    items.ok_or_else(|| not_a_word_of_ours(column))
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, night, some_night};
    use super::super::remembered::NightRecord;
    use super::*;

    fn is(value: &str) -> GroupValue {
        GroupValue::Is(value.into())
    }

    fn group(of: &[GroupValue], rows: u64, sokt: i64, unknown: u64) -> FigureGroup {
        let figure = Figure { of_known: Decimal::new(sokt, 2), unknown };
        FigureGroup { of: of.to_vec(), rows, doubtful: unknown, figures: vec![("sokt".into(), figure)] }
    }

    fn costs(groups: Result<Vec<FigureGroup>, String>) -> NightFigures {
        let by = vec!["kostnadsslag".into(), "period".into()];
        NightFigures { extract: "kostnadsslagen".into(), by, groups, rejected: 0 }
    }

    #[test]
    fn what_is_kept_of_a_night_is_what_its_last_run_came_to() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let el = [is("El"), is("2026-11")];
        let first = costs(Ok(vec![group(&el, 2, 125_050, 0), group(&[is("El"), GroupValue::None], 1, -10, 1)]));
        let again = costs(Ok(vec![group(&el, 3, 130_000, 0)]));
        let record = |figures: Option<NightFigures>| {
            let figures = figures.map(|figures| vec![figures]);
            NightRecord { figures, ..some_night(3, vec![]) }
        };
        ledger.record(&record(Some(first.clone()))).unwrap();
        let kept = ledger.figures("kostnadsslagen", night(3)).unwrap().unwrap();
        let mut told = first.clone();
        told.groups.as_mut().unwrap().sort_by_key(|group| group.rows);
        let mut found = kept.clone();
        found.groups.as_mut().unwrap().sort_by_key(|group| group.rows);
        assert_eq!(found, told);
        ledger.record(&record(None)).unwrap();
        assert_eq!(ledger.figures("kostnadsslagen", night(3)).unwrap(), Some(kept), "a run of some robots leaves it");
        ledger.record(&record(Some(again.clone()))).unwrap();
        assert_eq!(ledger.figures("kostnadsslagen", night(3)).unwrap(), Some(again));
        assert_eq!(ledger.figures("kostnadsslagen", night(4)).unwrap(), None);
    }

    #[test]
    fn a_night_of_which_nothing_is_known_says_why_and_is_no_months_last() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let known = costs(Ok(vec![group(&[is("El"), is("2026-11")], 2, 100, 0)]));
        for (day, figures) in [(3, known.clone()), (4, costs(Err("`kostnader.csv` is not there".into())))] {
            ledger.record(&NightRecord { figures: Some(vec![figures]), ..some_night(day, vec![]) }).unwrap();
            ledger.clear_publication().unwrap();
        }
        let month = (night(1), night(30));
        assert_eq!(ledger.last_figures("kostnadsslagen", month).unwrap(), Some((night(3), known)));
        assert_eq!(ledger.last_figures("kostnadsslagen", (night(4), night(30))).unwrap(), None);
        let why = (night(4), "kostnadsslagen".to_owned(), "`kostnader.csv` is not there".to_owned());
        assert_eq!(ledger.nights_without_figures(month).unwrap(), [why]);
    }

    #[test]
    fn rows_of_which_the_group_is_not_known_may_be_any_that_they_could_be() {
        let figures = NightFigures {
            rejected: 1,
            ..costs(Ok(vec![
                group(&[is("El"), is("2026-11")], 2, 100, 0),
                group(&[is("El"), GroupValue::Unknown], 4, 100, 0),
                group(&[is("Hyra"), GroupValue::Unknown], 8, 100, 0),
                group(&[GroupValue::Unknown, is("2026-11")], 16, 100, 0),
            ]))
        };
        assert_eq!(
            figures.may_lack(&[is("El"), is("2026-11")]),
            4 + 16 + 1,
            "and not those that are certainly of others"
        );
        assert_eq!(figures.may_lack(&[is("Resor"), is("2026-10")]), 1);
        assert_eq!(Figure { of_known: Decimal::ONE, unknown: 1 }.sum(), None);
        assert_eq!(Figure { of_known: Decimal::ONE, unknown: 0 }.sum(), Some(Decimal::ONE));
    }
}
