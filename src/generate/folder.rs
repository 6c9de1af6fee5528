//! Makes the folder: checks what is asked for, writes every night's extracts, the facit and the page beside them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate};
use rayon::prelude::*;

use super::facit::{self, Answers};
use super::readme;
use super::recommendations;
use super::registers::{self, REGISTERS, Register};
use super::request::Request;
use super::town::{Nights, Town};

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// The earliest first.
    pub nights: Vec<NaiveDate>,
    /// Of all the files together.
    pub bytes: u64,
    /// The facit and the page among them.
    pub files: usize,
}

/// Why no municipality was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Too few for a block, or more than there are numbers for.
    #[error("{residents} residents cannot be made: ask for {FEWEST_RESIDENTS} up to {MOST_RESIDENTS}")]
    Residents {
        /// How many were asked for.
        residents: u32,
    },
    /// A case is a household, and households are half as many as residents.
    #[error("{cases} cases do not fit among {residents} residents: ask for at most {most}")]
    TooManyCases {
        /// How many were asked for.
        cases: u32,
        /// Among how many.
        residents: u32,
        /// How many there can be.
        most: u64,
    },
    /// None, or more than a year.
    #[error("{nights} nights cannot be made: ask for 1 up to {MOST_NIGHTS}")]
    Nights {
        /// How many were asked for.
        nights: u32,
    },
    /// Person numbers could not be formed for that time.
    #[error("the last night {last_night} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")]
    LastNight {
        /// The night that was asked for.
        last_night: NaiveDate,
    },
    /// Not four digits.
    #[error("`{municipality}` is no municipality's code, which has four digits")]
    Municipality {
        /// The code that was given.
        municipality: String,
    },
    /// It may be a real night.
    #[error("`{}` is there already and was not made by `nattkoll generate`: choose an empty folder", path.display())]
    Occupied {
        /// What is there.
        path: PathBuf,
    },
    /// Made before, but no night of this municipality.
    #[error("`{}` is not one of the nights that were asked for: remove it or choose an empty folder", path.display())]
    OtherNight {
        /// The night's folder.
        path: PathBuf,
    },
    /// A file or a folder, on the disk's word.
    #[error("`{}` could not be written", path.display())]
    Write {
        /// The file or the folder.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
}

const FEWEST_RESIDENTS: u32 = 20;
/// Numbers for the residents and plates for the vehicles suffice for so many.
const MOST_RESIDENTS: u32 = 15_000_000;
const MOST_NIGHTS: u32 = 366;
const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2200;

/// Writes the nights, `facit.csv`, `rekommendationer.csv` and `README.md`. The same request gives the same bytes, whatever the number of
/// threads. A folder that `generate` has made before is written over; one with other nights in it is refused.
///
/// # Errors
///
/// What is asked for cannot be made, the folder holds something else, or the disk refuses.
#[expect(clippy::disallowed_methods, reason = "a synthetic town is no output of a night")]
pub fn municipality(request: &Request) -> Result<Made, GenerateError> {
    let nights = check(request)?;
    refuse_occupied(request, &nights)?;
    let town = town(request, &nights);
    for night in &nights {
        let folder = night_folder(request, *night);
        fs::create_dir_all(&folder).map_err(|source| GenerateError::Write { path: folder.clone(), source })?;
    }
    // The page first: a folder that was cut off half-way may be made again.
    let page = readme::page(request);
    let path = request.folder.join("README.md");
    fs::write(&path, &page).map_err(|source| GenerateError::Write { path, source })?;

    let pieces = pieces(&nights);
    let sizes: Result<Vec<u64>, GenerateError> = pieces.par_iter().map(|piece| piece.write(request, &town)).collect();
    let bytes = sizes?.iter().sum::<u64>() + page.len() as u64;
    Ok(Made { nights, bytes, files: pieces.len() + 1 })
}

fn check(request: &Request) -> Result<Vec<NaiveDate>, GenerateError> {
    let Request { residents, cases, nights, last_night, ref municipality, .. } = *request;
    if !(FEWEST_RESIDENTS..=MOST_RESIDENTS).contains(&residents) {
        return Err(GenerateError::Residents { residents });
    }
    let most = Town::most_cases(residents.into());
    if u64::from(cases) > most {
        return Err(GenerateError::TooManyCases { cases, residents, most });
    }
    if !(1..=MOST_NIGHTS).contains(&nights) {
        return Err(GenerateError::Nights { nights });
    }
    if !(FIRST_YEAR..=LAST_YEAR).contains(&last_night.year()) {
        return Err(GenerateError::LastNight { last_night });
    }
    if municipality.len() != 4 || !municipality.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(GenerateError::Municipality { municipality: municipality.clone() });
    }
    Ok((0..nights).rev().map(|back| last_night - Days::new(back.into())).collect())
}

/// Real nights are never written over: only what lies beside a page of ours. Nor is a night of another municipality
/// left among the new ones.
fn refuse_occupied(request: &Request, nights: &[NaiveDate]) -> Result<(), GenerateError> {
    let page = fs::read_to_string(request.folder.join("README.md"));
    let is_ours = page.as_ref().is_ok_and(|text| text.starts_with(readme::HEADING));
    if page.is_ok() && !is_ours {
        return Err(GenerateError::Occupied { path: request.folder.join("README.md") });
    }
    let taken = nights_in(&request.folder);
    match taken.iter().find(|night| !is_ours || !nights.contains(night)) {
        None => Ok(()),
        Some(night) if is_ours => Err(GenerateError::OtherNight { path: night_folder(request, *night) }),
        Some(night) => Err(GenerateError::Occupied { path: night_folder(request, *night) }),
    }
}

/// The nights that have a folder there already.
fn nights_in(folder: &Path) -> Vec<NaiveDate> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn town(request: &Request, nights: &[NaiveDate]) -> Town {
    let last = request.last_night;
    let nights = Nights { first: nights[0], since: last - Days::new(1), last };
    Town::new(request.residents.into(), request.cases.into(), nights, request.municipality.clone(), request.seed)
}

fn night_folder(request: &Request, night: NaiveDate) -> PathBuf {
    request.folder.join(night.to_string())
}

/// One file to write.
enum Piece {
    Extract(NaiveDate, Register),
    Facit(Answers),
    Recommendations(Answers),
}

/// The largest first, so that the workers finish together.
fn pieces(nights: &[NaiveDate]) -> Vec<Piece> {
    let answers = if nights.len() > 1 { Answers::Given } else { Answers::Withheld };
    let extracts = REGISTERS.iter().flat_map(|register| nights.iter().map(|night| Piece::Extract(*night, *register)));
    extracts.chain([Piece::Facit(answers), Piece::Recommendations(answers)]).collect()
}

impl Piece {
    fn write(&self, request: &Request, town: &Town) -> Result<u64, GenerateError> {
        let failed = |folder: &Path, file| {
            let path = folder.join(file);
            move |source| GenerateError::Write { path, source }
        };
        match *self {
            Piece::Extract(night, register) => {
                let folder = night_folder(request, night);
                registers::write(town, night, register, &folder)
                    .map_err(failed(&folder, registers::file_name(register)))
            }
            Piece::Facit(answers) => {
                facit::write(town, answers, &request.folder).map_err(failed(&request.folder, facit::FILE))
            }
            Piece::Recommendations(answers) => recommendations::write(town, answers, &request.folder)
                .map_err(failed(&request.folder, recommendations::FILE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn request(folder: &Path, cases: u32, residents: u32, seed: u64) -> Request {
        Request {
            folder: folder.to_owned(),
            cases,
            residents,
            nights: 2,
            last_night: "2026-11-21".parse().unwrap(),
            municipality: "0380".to_owned(),
            seed,
        }
    }

    fn made(cases: u32, residents: u32, seed: u64) -> (tempfile::TempDir, Made) {
        let folder = tempfile::tempdir().unwrap();
        let made = municipality(&request(folder.path(), cases, residents, seed)).unwrap();
        (folder, made)
    }

    /// Every file by its path inside the folder.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let inside =
            |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        let nights = inside(folder).into_iter().filter(|path| path.is_dir());
        let paths =
            nights.flat_map(|night| inside(&night)).chain(inside(folder).into_iter().filter(|path| path.is_file()));
        paths.map(|path| (path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let ((first, made_first), (second, made_second), (third, _)) =
            (made(200, 2_000, 4), made(200, 2_000, 4), made(200, 2_000, 5));
        assert_eq!(made_first, made_second);
        assert!(files(first.path()) == files(second.path()));
        assert!(files(first.path()) != files(third.path()));
        let sizes: usize = files(first.path()).values().map(Vec::len).sum();
        assert_eq!((made_first.bytes, made_first.files), (sizes as u64, files(first.path()).len()));
    }

    #[test]
    fn every_check_and_every_outcome_is_planted_in_two_thousand_cases() {
        for seed in [1, 2, 3] {
            let (folder, _) = made(2_000, 20_000, seed);
            let facit = fs::read_to_string(folder.path().join("facit.csv")).unwrap();
            let mut seen = BTreeSet::new();
            for row in facit.lines().skip(1) {
                let [_, robot, _, outcome, checks] = row.split(';').collect::<Vec<_>>()[..] else { panic!("{row}") };
                seen.insert((robot, outcome));
                seen.extend(checks.split(' ').filter(|_| outcome == "flagged").map(|check| (robot, check)));
            }
            // Who is told of a check is seen after thirty nights.
            for robot in facit::ROBOTS.into_iter().filter(|robot| robot.id != "kontrollbesked") {
                let outcomes: &[&str] = match robot.id {
                    "nyansokan" => &["clear", "flagged"],
                    "inflyttade" => &["flagged", "protected"],
                    "fakturagranskning" | "leverantorskontroll" => &["clear", "flagged", "undecided"],
                    "skanning" => &["clear", "flagged", "protected"],
                    "stickprov" => &["lot", "protected"],
                    _ => &["clear", "flagged", "undecided", "protected"],
                };
                let checks = if robot.id == "stickprov" { &[] } else { robot.checks };
                for what in checks.iter().chain(outcomes) {
                    assert!(seen.contains(&(robot.id, *what)), "seed {seed}: {} {what}", robot.id);
                }
            }
        }
    }

    #[test]
    fn a_clear_case_has_as_many_registered_at_its_address_as_it_has_members() {
        let (folder, _) = made(500, 2_000, 6);
        let night = folder.path().join("2026-11-21");
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let kir = encoding_rs::WINDOWS_1252.decode(&fs::read(night.join("kir.csv")).unwrap()).0.into_owned();
        let mut address_of = BTreeMap::new();
        let mut registered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // Rows with quotes or in another form than twelve digits are left out, and then so are their cases.
        for fields in kir.lines().map(|line| line.split(';').collect::<Vec<_>>()) {
            if fields.len() == 14 && fields[11].is_empty() && fields[0].len() == 12 && !fields[7].is_empty() {
                address_of.insert(fields[0].to_owned(), fields[7].to_owned());
                registered.entry(fields[7].to_owned()).or_default().insert(fields[0].to_owned());
            }
        }
        let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in fs::read_to_string(night.join("hushall.csv")).unwrap().lines().skip(1) {
            let fields: Vec<&str> = line.split(';').collect();
            if fields[4].is_empty() || fields[4] >= "2026-11-21" {
                members.entry(fields[0].to_owned()).or_default().insert(digits(fields[1]));
            }
        }
        let facit = fs::read_to_string(folder.path().join("facit.csv")).unwrap();
        let mut agreed = 0;
        for row in facit.lines().filter(|row| row.contains(";folkbokforing;") && row.ends_with(";clear;")) {
            let members = &members[row.split(';').nth(2).unwrap()];
            if !members.iter().all(|member| address_of.contains_key(member)) {
                continue;
            }
            let homes: BTreeSet<&String> = members.iter().map(|member| &address_of[member]).collect();
            assert_eq!(homes.len(), 1, "{row}");
            assert_eq!(registered[*homes.first().unwrap()], *members, "{row}");
            agreed += 1;
        }
        assert!(agreed > 250, "{agreed}");
    }

    #[test]
    fn a_quarter_of_the_residents_can_be_cases_and_more_than_half_are_refused() {
        let (folder, made) = made(500, 2_000, 7);
        assert_eq!(made.files, 37);
        let refused = municipality(&request(folder.path(), 1_001, 2_000, 7));
        assert!(matches!(refused, Err(GenerateError::TooManyCases { most: 1_000, .. })));
    }

    #[test]
    fn what_cannot_be_made_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let with = |change: fn(&mut Request)| {
            let mut request = request(folder.path(), 5, 100, 1);
            change(&mut request);
            municipality(&request)
        };
        assert!(matches!(with(|request| request.residents = 19), Err(GenerateError::Residents { .. })));
        assert!(matches!(with(|request| request.nights = 0), Err(GenerateError::Nights { .. })));
        assert!(matches!(with(|request| request.municipality = "38".into()), Err(GenerateError::Municipality { .. })));
        assert!(matches!(with(|request| request.last_night = NaiveDate::MIN), Err(GenerateError::LastNight { .. })));
        assert!(files(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_with_other_nights_is_refused_and_one_of_ours_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("2026-11-20")).unwrap();
        let request = request(folder.path(), 5, 100, 1);
        assert!(matches!(municipality(&request), Err(GenerateError::Occupied { .. })));
        fs::remove_dir(folder.path().join("2026-11-20")).unwrap();
        municipality(&request).unwrap();
        municipality(&request).unwrap();
        let other = Request { nights: 1, ..request };
        assert!(matches!(municipality(&other), Err(GenerateError::OtherNight { .. })));
    }

    #[test]
    fn one_night_alone_has_no_answers() {
        let folder = tempfile::tempdir().unwrap();
        let mut request = request(folder.path(), 5, 100, 1);
        request.nights = 1;
        let made = municipality(&request).unwrap();
        assert_eq!((made.nights.len(), made.files), (1, 20));
        let facit = fs::read_to_string(folder.path().join("facit.csv")).unwrap();
        assert_eq!(facit.lines().count(), 1);
    }
}
