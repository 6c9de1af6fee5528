//! Reads every definition under a folder, and all mistakes in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::asks;
use super::columns;
use super::decision::{self, Decision, Standing};
use super::document::{Document, Problems, open};
use super::example::{self, Example};
use super::extract::Extract;
use super::grouped;
use super::keep;
use super::meaning::Meaning;
use super::of_robots;
use super::parameter;
use super::relations;
use super::robot::Robot;
use super::robot_file;
use crate::diagnostic::{Diagnostic, Severity, SourceFile};
use crate::rule::catalog::Catalog;
use crate::rule::types::{ExtractId, RelationId, RobotId};

/// Everything that is defined, checked as a whole.
#[derive(Debug)]
pub struct Definitions {
    /// The extracts, in the order of their ids; an extract's place is its `ExtractId`.
    pub extracts: Vec<Extract>,
    /// The extracts and parameters as the rule language sees them.
    pub catalog: Catalog,
    /// The robots, in the order of their ids.
    pub robots: Vec<Robot>,
    /// Each robot's examples, in the order of the robots; none where only what runs was read.
    pub examples: Vec<Vec<Example>>,
    /// Each robot's recorded decision, in the order of the robots.
    pub decisions: Vec<Option<Decision>>,
    /// When each parameter is to be looked over.
    pub reviews: Vec<(String, NaiveDate)>,
    /// SHA-256 over the SHA-256 of every parameter's, extract's and robot's file, in this order and that of their ids.
    pub digest: [u8; 32],
    /// What is worth mending though everything runs.
    pub warnings: Vec<Diagnostic>,
}

impl Definitions {
    /// The robot of this id.
    #[must_use]
    pub fn robot(&self, id: &str) -> Option<&Robot> {
        self.robots.iter().find(|robot| robot.id == id)
    }

    /// How a robot stands to its recorded decision.
    #[must_use]
    pub fn decision_of(&self, robot: &Robot) -> Standing<'_> {
        let place = self.robots.iter().position(|known| known.id == robot.id);
        let decision = place.and_then(|place| self.decisions.get(place)?.as_ref());
        Standing::of(Meaning::of(robot, self), decision)
    }
}

/// Reads and checks everything under `folder`, the robots' examples too.
///
/// # Errors
/// Every mistake in every file, when there is any.
pub fn load(folder: &Path) -> Result<Definitions, Vec<Diagnostic>> {
    load_with(folder, Examples::Read)
}

/// Reads and checks everything that a night rests on. The robots' examples are left unopened: most of the text under
/// `folder` is theirs, and a mistake in one is no reason not to run.
///
/// # Errors
/// Every mistake in every file but those of examples, when there is any.
pub fn load_what_runs(folder: &Path) -> Result<Definitions, Vec<Diagnostic>> {
    load_with(folder, Examples::LeftUnopened)
}

/// How many examples each robot's file has, in the order of the robots, without reading what they say.
#[must_use]
pub fn count_examples(folder: &Path, robots: &[Robot]) -> Vec<usize> {
    let is_example = |line: &&str| {
        let name = line.trim_start().strip_prefix("[[").and_then(|rest| rest.split_once("]]"));
        name.is_some_and(|(name, _)| name.trim() == "test")
    };
    let count = |robot: &Robot| {
        let file = std::fs::read_to_string(folder.join(&robot.id).join(EXAMPLES));
        file.map_or(0, |text| text.lines().filter(is_example).count())
    };
    robots.iter().map(count).collect()
}

/// The name of the file of examples in a robot's folder.
const EXAMPLES: &str = "tests.toml";

/// The name of a robot's own file in its folder.
const ROBOT: &str = "robot.toml";

/// Whether the robots' examples are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Examples {
    Read,
    LeftUnopened,
}

fn load_with(folder: &Path, examples: Examples) -> Result<Definitions, Vec<Diagnostic>> {
    let problems = Problems::default();
    let definitions = Loader { folder, shown: shown(folder), problems: &problems }.load(examples);
    let mut found = problems.into_inner();
    let mut told: Vec<(String, Option<PathBuf>, usize)> = Vec::new();
    found.retain(|problem| {
        let key = (problem.title.clone(), problem.source.as_ref().map(|s| s.path.clone()), problem.span.start);
        let is_new = !told.contains(&key);
        told.push(key);
        is_new
    });
    let (errors, warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(|d| d.severity == Severity::Error);
    match definitions {
        Some(definitions) if errors.is_empty() => Ok(Definitions { warnings, ..definitions }),
        _ => Err(errors),
    }
}

/// A folder as messages show it: from the working directory where that is shorter.
fn shown(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    folder.strip_prefix(&here).map_or_else(|_| folder.to_path_buf(), Path::to_path_buf)
}

struct Loader<'l> {
    folder: &'l Path,
    shown: PathBuf,
    problems: &'l Problems,
}

/// What stands in a robot's folder.
struct RobotFiles {
    robot: Arc<SourceFile>,
    examples: Option<Arc<SourceFile>>,
}

impl Loader<'_> {
    fn load(&self, examples: Examples) -> Option<Definitions> {
        if !self.folder.is_dir() {
            self.problems.borrow_mut().push(
                Diagnostic::nowhere(format!("there is no folder `{}` with robots", self.shown.display()))
                    .hint("run where a nattkoll.toml names it as `robots`, or set NATTKOLL_ROBOTS"),
            );
            return None;
        }
        let mut catalog = Catalog::default();
        let mut digest = Sha256::new();
        let reviews = self.parameters(&mut catalog, &mut digest);
        catalog.robots = self.robot_names();
        let extracts = self.extracts(&mut catalog);
        for extract in extracts.iter().filter(|extract| extract.of_robots.is_none()) {
            digest.update(Sha256::digest(&extract.source.text));
        }
        let files = self.robot_files(examples);
        let read = |files: &RobotFiles| {
            let problems = Problems::default();
            let robot = read_robot(files, &catalog, &extracts, &problems);
            (robot, problems.into_inner())
        };
        let read: Vec<_> = files.par_iter().map(read).collect();
        let mut robots = Vec::new();
        let mut examples = Vec::new();
        let mut decisions = Vec::new();
        for (files, (robot, problems)) in files.iter().zip(read) {
            digest.update(Sha256::digest(&files.robot.text));
            self.problems.borrow_mut().extend(problems);
            let Some((robot, its_examples)) = robot else { continue };
            decisions.push(self.decision(&robot.id));
            examples.push(its_examples);
            robots.push(robot);
        }
        for circle in asks::circles(&robots, &catalog, &extracts) {
            self.tell_circle(circle, &catalog, &extracts);
        }
        let digest = digest.finalize().into();
        Some(Definitions { extracts, catalog, robots, examples, decisions, reviews, digest, warnings: Vec::new() })
    }

    fn parameters(&self, catalog: &mut Catalog, digest: &mut Sha256) -> Vec<(String, NaiveDate)> {
        let mut reviews = Vec::new();
        for source in self.files_in("parameters") {
            digest.update(Sha256::digest(&source.text));
            let Some(declared) = parameter::read(&source, self.problems) else {
                catalog.mistaken.parameters.push(stem(&source));
                continue;
            };
            if let Some(review_by) = declared.review_by {
                reviews.push((declared.parameter.id.clone(), review_by));
            }
            catalog.parameters.push(declared.parameter);
        }
        reviews
    }

    fn extracts(&self, catalog: &mut Catalog) -> Vec<Extract> {
        let sources = self.files_in("extracts");
        let mut extracts: Vec<Extract> = Vec::new();
        // Read several times over, taken apart once.
        let mut documents: Vec<Document<'_>> = Vec::new();
        for source in &sources {
            let id = ExtractId(u16::try_from(extracts.len()).expect("there are few extracts"));
            let document = Document::parse(source, self.problems);
            let draft = document.as_ref().and_then(|document| columns::read_columns(document, id, self.problems));
            match (document, draft) {
                (Some(document), Some(draft)) => {
                    documents.push(document);
                    extracts.push(draft.extract);
                    catalog.extracts.push(draft.schema);
                }
                _ => catalog.mistaken.extracts.push(stem(source)),
            }
        }
        of_robots::add(&mut extracts, catalog);
        grouped::resolve(&documents, &mut extracts, catalog, self.problems);
        for (document, extract) in documents.iter().zip(&extracts) {
            relations::read_relations(document, extract.id, catalog, self.problems);
        }
        // Before any is checked, for a computed field may rest on another extract's.
        // And once more, for rows are grouped by computed fields too, and others rest on the groups.
        for _ in 0..2 {
            for (document, extract) in documents.iter().zip(&mut extracts) {
                relations::type_computed(document, extract, catalog);
            }
            grouped::take_kinds(&mut extracts, catalog);
        }
        for (document, extract) in documents.iter().zip(&mut extracts) {
            relations::check_expressions(document, extract, catalog, self.problems);
        }
        grouped::check_conditions(&documents, &mut extracts, catalog, self.problems);
        keep::read_all(&documents, &mut extracts, catalog, self.problems);
        extracts
    }

    fn files_in(&self, folder: &str) -> Vec<Arc<SourceFile>> {
        let names = names_in(&self.folder.join(folder));
        names
            .iter()
            .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
            .filter_map(|name| {
                let place = Path::new(folder).join(name);
                open(&self.folder.join(&place), &self.shown.join(&place), self.problems)
            })
            .collect()
    }

    fn decision(&self, robot: &str) -> Option<Decision> {
        let place = Path::new(robot).join(decision::FILE_NAME);
        if !self.folder.join(&place).is_file() {
            return None;
        }
        let source = open(&self.folder.join(&place), &self.shown.join(&place), self.problems)?;
        decision::read(&source, self.problems)
    }

    /// The names of the folders that are robots.
    fn robot_names(&self) -> Vec<String> {
        let mut names = names_in(self.folder);
        names.retain(|name| self.folder.join(name).join(ROBOT).is_file());
        names
    }

    /// Tells of robots that wait for each other, at the first that is named.
    fn tell_circle(
        &self,
        (robots, (extract, relation)): (Vec<RobotId>, (ExtractId, RelationId)),
        catalog: &Catalog,
        extracts: &[Extract],
    ) {
        let next = robots.iter().skip(1).chain(robots.first());
        let asks = |(robot, next): (&RobotId, &RobotId)| {
            format!("`{}` asks what `{}` comes to tonight", catalog.robot(*robot), catalog.robot(*next))
        };
        let title = robots.iter().zip(next).map(asks).collect::<Vec<_>>().join(", and ");
        let Some(document) = Document::parse(&extracts[usize::from(extract.0)].source, self.problems) else { return };
        document.read_part(self.problems, |section| {
            let name = &catalog.extract(extract).relation(relation).id;
            let relation = section.section("relations").and_then(|mut all| all.section(name));
            let named = relation.map(|mut one| one.texts("robots")).unwrap_or_default();
            let first = named.iter().find(|text| robots.first().is_some_and(|id| catalog.robot(*id) == text.value));
            let problem = section.error(title, first.map_or(0..0, |text| text.span.clone()));
            section
                .report(problem.hint("no robot can wait for itself; what it came to on earlier nights is `history`"));
        });
    }

    /// Each robot's definition, and its examples where it has any and they are to be read.
    fn robot_files(&self, examples: Examples) -> Vec<RobotFiles> {
        let mut files = Vec::new();
        for name in names_in(self.folder) {
            let folder = self.folder.join(&name);
            if !folder.is_dir() || ["extracts", "parameters"].contains(&name.as_str()) {
                continue;
            }
            if !folder.join(ROBOT).is_file() {
                let title = format!("`{}` has no robot.toml", self.shown.join(&name).display());
                self.problems.borrow_mut().push(Diagnostic::nowhere(title).hint("a folder under robots is a robot"));
                continue;
            }
            let shown = self.shown.join(&name);
            let Some(robot) = open(&folder.join(ROBOT), &shown.join(ROBOT), self.problems) else {
                continue;
            };
            let has_examples = examples == Examples::Read && folder.join(EXAMPLES).is_file();
            let examples =
                has_examples.then(|| open(&folder.join(EXAMPLES), &shown.join(EXAMPLES), self.problems)).flatten();
            files.push(RobotFiles { robot, examples });
        }
        files
    }
}

/// A robot, and its examples where they are read.
fn read_robot(
    files: &RobotFiles,
    catalog: &Catalog,
    extracts: &[Extract],
    problems: &Problems,
) -> Option<(Robot, Vec<Example>)> {
    let robot = robot_file::read(&files.robot, catalog, extracts, problems)?;
    // The examples of a robot with mistakes would be told wrong at every mention of what is broken.
    let is_whole = problems.borrow().iter().all(|problem| problem.severity != Severity::Error);
    let examples = match files.examples.as_ref().filter(|_| is_whole) {
        Some(source) => example::read(source, &robot, catalog, extracts, problems),
        None => Vec::new(),
    };
    Some((robot, examples))
}

/// The id of what a file declares, also where the file cannot be read.
fn stem(source: &SourceFile) -> String {
    source.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The names in a folder, in order, hidden ones left out.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}
