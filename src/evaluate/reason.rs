//! Why something could not be tried, in words for those who read the list. Says where, never what.

use crate::definition::Definitions;
use crate::definition::robot::{Check, Requirement};
use crate::rule::types::Side;
use crate::rule::value::{Missing, Why};

/// The reason in Swedish.
#[must_use]
pub fn reason(missing: &Missing, check: &Check, definitions: &Definitions) -> String {
    if let Why::Unless(place) = missing.why
        && let Some(awaited) = check.unless.get(usize::from(place))
    {
        return format!("prövas inte när {} avviker", awaited.id);
    }
    reason_for(missing, &check.requires, definitions)
}

/// The reason in Swedish, where these are what the check requires.
pub(super) fn reason_for(missing: &Missing, requires: &[Requirement], definitions: &Definitions) -> String {
    let extract = missing.extract.map(|(id, side)| (&definitions.extracts[usize::from(id.0)], side));
    let title = extract.map_or("underlaget", |(extract, _)| extract.title.as_str());
    let file = extract.map_or_else(
        || "utdraget".to_owned(),
        |(extract, side)| match side {
            Side::Tonight => extract.file.clone(),
            Side::Previous => format!("gårdagens {}", extract.file),
        },
    );
    let place = missing.line.map_or_else(|| file.clone(), |line| format!("{file} rad {line}"));
    let heading = match (extract, missing.field) {
        (Some((extract, _)), Some(field)) => extract.heading(field),
        _ => "uppgiften".to_owned(),
    };
    match missing.why {
        Why::Empty | Why::Unreadable if extract.is_some_and(|(extract, _)| extract.of_robots.is_some()) => {
            "en annan robot kunde inte pröva det".to_owned()
        }
        Why::NoRow => format!("finns inte i {title}"),
        Why::Empty => format!("{heading} är tomt ({place})"),
        Why::Null => "en uppgift saknas".to_owned(),
        Why::Unreadable => format!("{heading} går inte att läsa ({place})"),
        Why::Rejected => format!("en rad går inte att läsa ({place})"),
        Why::Contested => format!("två rader säger olika ({place})"),
        Why::SourceFailed => format!("{title} svarade inte ({place})"),
        Why::SetAside => format!("{file} är stoppad av en vakt"),
        Why::NotDelivered | Why::NoPreviousNight => format!("{file} saknas"),
        Why::NotRun(robot) => {
            let id = definitions.catalog.robot(robot);
            let title = definitions.robot(id).map_or(id, |robot| robot.title.as_str());
            format!("{title} kördes inte i natt")
        }
        Why::NoBirthDate => "födelsedatum är inte känt".to_owned(),
        Why::NoParameter(id) => {
            let parameter = &definitions.catalog.parameters[usize::from(id.0)];
            format!("{} har inget värde", parameter.title)
        }
        Why::NoKey => "det finns ingen nyckel att dra med; den görs när den första natten körs".to_owned(),
        Why::NoDraw => "dragningen går inte att göra".to_owned(),
        Why::NotCounted => "antalet är inte känt".to_owned(),
        Why::Waits => "en kontroll som går före kunde inte prövas".to_owned(),
        // Of which check stands with the check itself.
        Why::Unless(_) => "en annan kontroll avviker".to_owned(),
        Why::NoNumber | Why::NoDate => "går inte att räkna ut".to_owned(),
        Why::Requirement(place) => {
            requires.get(usize::from(place)).map_or_else(String::new, |requirement| requirement.otherwise.clone())
        }
    }
}
