//! The settings: `nattkoll.toml`, then the environment, then what is typed.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::document::{Problems, Section, open, with_document};
use crate::diagnostic::Diagnostic;

/// The name of the settings file, looked for from the working directory upward.
pub const FILE_NAME: &str = "nattkoll.toml";

/// Where things are and what is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder with a folder for each night.
    pub input: PathBuf,
    /// Where the nights' outputs go.
    pub output: PathBuf,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// Where the robots, extracts and parameters are defined.
    pub robots: PathBuf,
    /// Which night is run when none is typed.
    pub night: NightChoice,
    /// The own municipality's code, four digits.
    pub municipality: Option<String>,
    /// For a robot's first run: the night counted as its last.
    pub start: Option<NaiveDate>,
    /// Whether a robot is refused that has no decision for what it means now.
    pub require_decision: bool,
    /// The profile that the file asks for.
    profile: Option<String>,
    /// The settings of each profile.
    profiles: Vec<(String, Settings)>,
}

/// Which night is run when none is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NightChoice {
    /// Today's date. A folder that is missing is missing; an older night is never run instead.
    Today,
    /// The newest night that has a folder: for demonstrations and tests.
    Newest,
}

impl Settings {
    /// The settings where there is no file: everything beside the working directory.
    #[must_use]
    pub fn beside(folder: &Path) -> Self {
        Self {
            input: folder.join("input"),
            output: folder.join("out"),
            state: folder.join("state"),
            robots: folder.join("robots"),
            night: NightChoice::Today,
            municipality: None,
            start: None,
            require_decision: false,
            profile: None,
            profiles: Vec::new(),
        }
    }

    /// The settings file nearest above `folder`.
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        folder.ancestors().map(|ancestor| ancestor.join(FILE_NAME)).find(|path| path.is_file())
    }

    /// Reads a settings file; its paths are relative to the file.
    pub fn read(path: &Path, problems: &Problems) -> Option<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let source = open(path, path, problems)?;
        with_document(&source, "the settings", problems, |section| {
            let mut settings = Self::beside(folder);
            settings.read_keys(section, folder);
            settings.profile = section.text("profile").map(|text| text.value);
            let Some(mut profiles) = section.section("profiles") else { return Some(settings) };
            for (name, _) in profiles.keys() {
                let Some(mut section) = profiles.section(&name) else { continue };
                let mut profile = settings.clone();
                profile.read_keys(&mut section, folder);
                section.finish();
                settings.profiles.push((name, profile));
            }
            profiles.finish();
            Some(settings)
        })
    }

    /// Puts what a section says over what is known.
    fn read_keys(&mut self, section: &mut Section<'_>, folder: &Path) {
        for (key, place) in [
            ("input", &mut self.input),
            ("output", &mut self.output),
            ("state", &mut self.state),
            ("robots", &mut self.robots),
        ] {
            if let Some(text) = section.text(key) {
                *place = folder.join(text.value);
            }
        }
        if let Some(text) = section.text("night") {
            match NightChoice::parse(&text.value) {
                Some(choice) => self.night = choice,
                None => section.report(
                    section
                        .error(format!("`{}` is not a choice of night", text.value), text.span)
                        .hint("write `\"today\"` or `\"newest\"`"),
                ),
            }
        }
        if let Some(text) = section.text("municipality") {
            if !is_municipality_code(&text.value) {
                let title = format!("`{}` is not a municipality code", text.value);
                section
                    .report(section.error(title, text.span.clone()).hint("four digits in quotes, such as `\"0380\"`"));
            }
            self.municipality = Some(text.value);
        }
        self.start = section.date("start").or(self.start);
        self.require_decision = section.boolean("require_decision").unwrap_or(self.require_decision);
    }

    /// The settings of the profile that is asked for, by `typed`, the environment or the file; these where none is.
    ///
    /// # Errors
    /// When there is no such profile.
    pub fn of_profile(
        self,
        typed: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Diagnostic> {
        let asked = typed.map(str::to_owned).or_else(|| variable("NATTKOLL_PROFILE")).or_else(|| self.profile.clone());
        let Some(asked) = asked else { return Ok(self) };
        match self.profiles.iter().find(|(name, _)| *name == asked) {
            Some((_, profile)) => Ok(profile.clone()),
            None => {
                let hint = format!("profiles stand in nattkoll.toml: `[profiles.{asked}]`");
                Err(Diagnostic::nowhere(format!("there is no profile `{asked}`")).hint(hint))
            }
        }
    }

    /// Puts what the environment says over what the file says.
    ///
    /// # Errors
    /// When a variable has a value that means nothing.
    pub fn with_environment(mut self, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Diagnostic> {
        for (name, place) in [
            ("NATTKOLL_INPUT", &mut self.input),
            ("NATTKOLL_OUTPUT", &mut self.output),
            ("NATTKOLL_STATE", &mut self.state),
            ("NATTKOLL_ROBOTS", &mut self.robots),
        ] {
            if let Some(value) = variable(name) {
                *place = PathBuf::from(value);
            }
        }
        let wrong =
            |name: &str, value: &str| Diagnostic::nowhere(format!("`{name}` is set to `{value}`, which means nothing"));
        if let Some(value) = variable("NATTKOLL_NIGHT") {
            self.night = NightChoice::parse(&value).ok_or_else(|| wrong("NATTKOLL_NIGHT", &value))?;
        }
        if let Some(value) = variable("NATTKOLL_MUNICIPALITY") {
            if !is_municipality_code(&value) {
                return Err(wrong("NATTKOLL_MUNICIPALITY", &value));
            }
            self.municipality = Some(value);
        }
        if let Some(value) = variable("NATTKOLL_START") {
            self.start = Some(value.parse().map_err(|_| wrong("NATTKOLL_START", &value))?);
        }
        Ok(self)
    }
}

impl NightChoice {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "today" => Some(Self::Today),
            "newest" => Some(Self::Newest),
            _ => None,
        }
    }
}

fn is_municipality_code(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_before_the_file_and_paths_are_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        std::fs::write(&path, "input = \"nights\"\nnight = \"newest\"\nmunicipality = \"0380\"\n").unwrap();
        let problems = Problems::default();
        let settings = Settings::read(&path, &problems).unwrap();
        assert_eq!(settings.input, folder.path().join("nights"));
        assert_eq!(settings.night, NightChoice::Newest);
        let environment = |name: &str| (name == "NATTKOLL_INPUT").then(|| "/elsewhere".to_owned());
        assert_eq!(settings.with_environment(environment).unwrap().input, PathBuf::from("/elsewhere"));
        assert_eq!(Settings::find(&folder.path().join("a/b")), Some(path));
    }

    #[test]
    fn a_profile_goes_before_the_rest_of_the_file_and_is_chosen_by_what_is_typed_then_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let text = "output = \"out\"\nprofile = \"test\"\n[profiles.test]\noutput = \"elsewhere\"\n\
                    [profiles.production]\nrequire_decision = true\n";
        std::fs::write(&path, text).unwrap();
        let problems = Problems::default();
        let settings = Settings::read(&path, &problems).unwrap();
        assert!(problems.borrow().is_empty());
        let of = |typed, variable: Option<&str>| {
            settings.clone().of_profile(typed, |_| variable.map(str::to_owned)).map(|of| of.require_decision)
        };
        assert_eq!(of(None, None).ok(), Some(false));
        assert_eq!(of(None, Some("production")).ok(), Some(true));
        assert_eq!(of(Some("test"), Some("production")).ok(), Some(false));
        assert!(of(Some("produktion"), None).unwrap_err().title.contains("there is no profile `produktion`"));
        let test = settings.of_profile(None, |_| None).unwrap();
        assert_eq!(test.output, folder.path().join("elsewhere"));
    }

    #[test]
    fn a_variable_that_means_nothing_is_an_error() {
        let settings = Settings::beside(Path::new("."));
        let environment = |name: &str| (name == "NATTKOLL_START").then(|| "igår".to_owned());
        assert!(settings.with_environment(environment).unwrap_err().title.contains("NATTKOLL_START"));
    }
}
