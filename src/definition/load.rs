//! Reads every definition under a folder, and all mistakes in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::columns;
use super::decision::{self, Decision, Standing};
use super::document::{Problems, open};
use super::example::{self, Example};
use super::extract::Extract;
use super::grouped;
use super::meaning::Meaning;
use super::parameter;
use super::relations;
use super::robot::Robot;
use super::robot_file;
use crate::diagnostic::{Diagnostic, Severity, SourceFile};
use crate::rule::catalog::Catalog;
use crate::rule::types::ExtractId;

/// Everything that is defined, checked as a whole.
#[derive(Debug)]
pub struct Definitions {
    /// The extracts, in the order of their ids; an extract's place is its `ExtractId`.
    pub extracts: Vec<Extract>,
    /// The extracts and parameters as the rule language sees them.
    pub catalog: Catalog,
    /// The robots, in the order of their ids.
    pub robots: Vec<Robot>,
    /// Each robot's examples, in the order of the robots.
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

/// Reads and checks everything under `folder`.
///
/// # Errors
/// Every mistake in every file, when there is any.
pub fn load(folder: &Path) -> Result<Definitions, Vec<Diagnostic>> {
    let problems = Problems::default();
    let definitions = Loader { folder, shown: shown(folder), problems: &problems }.load();
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

impl Loader<'_> {
    fn load(&self) -> Option<Definitions> {
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
        let extracts = self.extracts(&mut catalog);
        for extract in &extracts {
            digest.update(Sha256::digest(&extract.source.text));
        }
        let sources = self.robot_sources();
        let mut robots = Vec::new();
        let mut examples = Vec::new();
        let mut decisions = Vec::new();
        for (source, tests) in sources {
            digest.update(Sha256::digest(&source.text));
            let mistakes_before = self.mistakes();
            let Some(robot) = robot_file::read(&source, &catalog, &extracts, self.problems) else { continue };
            // The examples of a robot with mistakes would be told wrong at every mention of what is broken.
            let is_whole = self.mistakes() == mistakes_before;
            decisions.push(self.decision(&robot.id));
            examples.push(match tests.filter(|_| is_whole) {
                Some(tests) => example::read(&tests, &robot, &catalog, &extracts, self.problems),
                None => Vec::new(),
            });
            robots.push(robot);
        }
        let digest = digest.finalize().into();
        Some(Definitions { extracts, catalog, robots, examples, decisions, reviews, digest, warnings: Vec::new() })
    }

    /// How many mistakes there are so far, warnings left out.
    fn mistakes(&self) -> usize {
        self.problems.borrow().iter().filter(|problem| problem.severity == Severity::Error).count()
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
        let mut extracts: Vec<Extract> = Vec::new();
        for source in self.files_in("extracts") {
            let id = ExtractId(u16::try_from(extracts.len()).expect("there are few extracts"));
            match columns::read_columns(&source, id, self.problems) {
                Some(draft) => {
                    extracts.push(draft.extract);
                    catalog.extracts.push(draft.schema);
                }
                None => catalog.mistaken.extracts.push(stem(&source)),
            }
        }
        grouped::resolve(&mut extracts, catalog, self.problems);
        for extract in &extracts {
            relations::read_relations(extract, catalog, self.problems);
        }
        // Twice, for a computed field may rest on another extract's; the mistakes are told the second time.
        for extract in &mut extracts {
            relations::check_expressions(extract, catalog, &Problems::default());
        }
        for extract in &mut extracts {
            relations::check_expressions(extract, catalog, self.problems);
        }
        grouped::check_conditions(&mut extracts, catalog, self.problems);
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

    /// Each robot's definition, and its examples where it has any.
    fn robot_sources(&self) -> Vec<(Arc<SourceFile>, Option<Arc<SourceFile>>)> {
        let mut sources = Vec::new();
        for name in names_in(self.folder) {
            let folder = self.folder.join(&name);
            if !folder.is_dir() || ["extracts", "parameters"].contains(&name.as_str()) {
                continue;
            }
            if !folder.join("robot.toml").is_file() {
                let title = format!("`{}` has no robot.toml", self.shown.join(&name).display());
                self.problems.borrow_mut().push(Diagnostic::nowhere(title).hint("a folder under robots is a robot"));
                continue;
            }
            let shown = self.shown.join(&name);
            let Some(robot) = open(&folder.join("robot.toml"), &shown.join("robot.toml"), self.problems) else {
                continue;
            };
            let has_tests = folder.join("tests.toml").is_file();
            let tests =
                has_tests.then(|| open(&folder.join("tests.toml"), &shown.join("tests.toml"), self.problems)).flatten();
            sources.push((robot, tests));
        }
        sources
    }
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
