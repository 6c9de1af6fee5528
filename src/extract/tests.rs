//! The scan over the shipped declarations: dialects, pieces, rejections, headers.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::definition::extract::{Extract, Field, Origin};
use crate::definition::guard::{Guard, Trailer};
use crate::definition::{Definitions, Share, load};
use crate::rule::types::FieldId;

fn definitions() -> Definitions {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("robots")).unwrap()
}

fn night() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn extract<'d>(definitions: &'d Definitions, id: &str) -> &'d Extract {
    definitions.extracts.iter().find(|extract| extract.name == id).unwrap()
}

fn field(extract: &Extract, name: &str) -> FieldId {
    FieldId(u16::try_from(extract.fields.iter().position(|field| field.name == name).unwrap()).unwrap())
}

/// Scans bytes for all their rows and every field, in pieces of this size.
fn scanned(id: &str, bytes: &[u8], piece: u64) -> Result<Table, ScanError> {
    let definitions = definitions();
    let extract = extract(&definitions, id);
    let places = (0..extract.fields.len()).map(|place| FieldId(u16::try_from(place).unwrap()));
    let stands_in_rows =
        |field: &FieldId| !matches!(extract.field(*field).origin, Origin::Related | Origin::OfRows { .. });
    let fields: Vec<FieldId> = places.filter(stands_in_rows).collect();
    let ways: Vec<Vec<FieldId>> = extract.key.first().map(|key| vec![*key]).into_iter().collect();
    let request = Request {
        extract,
        night: night(),
        fields: &fields,
        reach: Reach::All,
        ways: &ways,
        parameters: &definitions.catalog.parameters,
        path: PathBuf::from(format!("{id}.csv")),
        piece: Some(piece),
    };
    scan(&Source::Bytes(bytes.to_vec()), &request).map(|table| table.without_duplicates(extract, &ways))
}

/// A table's cells as text, a row a line, with the line it is from.
fn told(table: &Table) -> Vec<String> {
    (0..table.len())
        .map(|row| {
            let cells = table.columns.iter().flatten().map(|column| match column.get(row) {
                Ok(value) => value.written().unwrap_or_default(),
                Err(lack) => format!("{lack:?}"),
            });
            format!("{}: {}", table.lines[row], cells.collect::<Vec<_>>().join(" | "))
        })
        .collect()
}

const HUSHALL: &str = "Ärendenummer;Personnummer;Roll;Från och med;Till och med\n";

#[test]
fn a_file_is_read_with_and_without_byte_order_mark_and_with_either_line_end() {
    let row = "A1;900101+9802;Sökande;2020-01-01;\n";
    let plain = told(&scanned("hushall", format!("{HUSHALL}{row}").as_bytes(), 1000).unwrap());
    assert_eq!(plain, ["2: A1 | 18900101-9802 | Sökande | 2020-01-01 | Null | J"]);
    let marked = format!("\u{feff}{HUSHALL}{row}");
    assert_eq!(told(&scanned("hushall", marked.as_bytes(), 1000).unwrap()), plain);
    let crlf = format!("{HUSHALL}{row}").replace('\n', "\r\n");
    assert_eq!(told(&scanned("hushall", crlf.as_bytes(), 1000).unwrap()), plain);
}

#[test]
fn columns_are_known_by_their_headings_and_not_by_their_order() {
    let text = "Roll;Extra;Personnummer;Till och med;Från och med;Ärendenummer\nBarn;x;189001019802;;2020-01-01;A1\n";
    let table = scanned("hushall", text.as_bytes(), 1000).unwrap();
    assert_eq!(told(&table), ["2: A1 | 18900101-9802 | Barn | 2020-01-01 | Null | J"]);
}

#[test]
fn windows_1252_is_decoded_and_its_five_empty_bytes_are_not() {
    let definitions = definitions();
    let kir = extract(&definitions, "kir");
    let headings: Vec<String> = kir.fields.iter().map(|field| field.heading().to_owned()).collect();
    let header = encoding_rs::WINDOWS_1252.encode(&headings.join(";")).0.into_owned();
    let row = |name: &[u8]| [b"189001019802;", name, b";Str\xf6m;Gatan 1;;75000;Uppsala;U1;0380;20261120;;;;"].concat();
    let text = [header, row(b"\xc5sa"), row(b"\x81sa")].join(&b"\r\n"[..]);
    let table = scanned("kir", &text, 1000).unwrap();
    assert_eq!(table.columns[1].as_ref().unwrap().get(0).unwrap().written().unwrap(), "Åsa");
    assert_eq!(table.columns[2].as_ref().unwrap().get(0).unwrap().written().unwrap(), "Ström");
    assert_eq!(table.columns[9].as_ref().unwrap().get(0).unwrap().written().unwrap(), "2026-11-20");
    assert_eq!(table.rejected[0].kind, Rejection::Encoding);
    assert_eq!(table.rejected[0].line, 3);
}

#[test]
fn rows_are_rejected_for_shape_key_and_contradiction_and_cells_are_listed() {
    let text = format!(
        "{HUSHALL}A1;189001019802;Sökande;2020-01-01;\nA2;189001019802;Sökande\n;189001019802;Barn;2020-01-01;\n\
A1;189001019802;Barn;2020-01-01;\nA1;189001019802;Sökande;2020-01-01;\nA3;189001019802;Barn;2020-01-01;2026-02-30\n"
    );
    let table = scanned("hushall", text.as_bytes(), 1000).unwrap();
    let rejected: Vec<(u64, Rejection, &str)> =
        table.rejected.iter().map(|row| (row.line, row.kind, row.field.as_str())).collect();
    assert_eq!(
        rejected,
        [
            (3, Rejection::Shape, ""),
            (4, Rejection::Key, "Ärendenummer"),
            (5, Rejection::Duplicate, "Ärendenummer, Personnummer, Från och med"),
        ]
    );
    assert!(table.rejected[1].lost, "it cannot be told whose row it is");
    assert_eq!(table.unreadable.iter().map(|cell| cell.line).collect::<Vec<_>>(), [7]);
    assert_eq!(table.len(), 2, "the row that is repeated word for word is there once");
    assert_eq!(table.rows_in_file, 6);
    assert_eq!(table.contradicted_by(0), Some(5));
}

#[test]
fn what_a_source_could_not_answer_is_not_known_but_for_what_always_stands() {
    let header = "personnummer,svar,arbetssokande,sokandekategori,registrerad,avaktualiserad,senaste_aktivitetsrapport,sekretess\n";
    let text = format!("{header}189001019802,FEL,,,,,,J\n");
    let table = scanned("af", text.as_bytes(), 1000).unwrap();
    assert_eq!(
        told(&table),
        ["2: 18900101-9802 | FEL | SourceFailed | SourceFailed | SourceFailed | SourceFailed | SourceFailed | J"]
    );
}

#[test]
fn only_rows_that_a_key_reaches_are_kept_and_rows_that_hide_their_key() {
    let definitions = definitions();
    let extract = extract(&definitions, "hushall");
    let case = field(extract, "arendenummer");
    let mut wanted = KeySet::of(vec![case]);
    wanted.insert(Key::Text("A2".into()));
    let ways = [vec![case]];
    let request = Request {
        extract,
        night: night(),
        fields: &[case, extract.key[1], extract.key[2]],
        reach: Reach::Keys(vec![wanted.ready().into()]),
        ways: &ways,
        parameters: &[],
        path: PathBuf::from("hushall.csv"),
        piece: None,
    };
    let text =
        format!("{HUSHALL}A1;fel;Barn;2020-01-01;\nA2;189001019802;Barn;2020-01-01;\n;189001019802;Barn;2020-01-01;\n");
    let table = scan(&Source::Bytes(text.into_bytes()), &request).unwrap();
    assert_eq!(table.lines, [3]);
    assert_eq!(table.rejected.iter().map(|row| row.line).collect::<Vec<_>>(), [4]);
    assert_eq!(table.rows_in_file, 3);
}

/// What is worked out of one text alone is remembered for the rows that have it too, as long as texts come again.
#[test]
fn what_is_worked_out_of_a_row_is_the_same_beside_others_as_alone() {
    const HEADER: &str = "kopare_id;kopare;verifikationsnummer;leverantor;leverantor_id;konto_nr;konto_text;belopp;datum;forvaltning;\
        fakturanummer;avtal;leverantorsnummer;fakturadatum;forfallodatum;betalkonto;godkand_av;attesterad_av;makulerad\n";
    let row = |number: usize, supplier: &str, account: &str| {
        format!("1;K;V{number};L;{supplier};1;t;1,00;2026-11-20;F;{number};;7;2026-11-20;2026-11-20;{account};a;b;N\n")
    };
    // Suppliers that come again, of which some lack a number; accounts of which nearly all differ, and some come again late.
    let rows: Vec<String> = (0..1200)
        .map(|number| {
            let supplier =
                if number % 11 == 0 { String::new() } else { format!("16556{:03}-{:04}", number % 90, number % 90) };
            let account = if number > 900 { format!("bg {}", number % 7) } else { format!("pg {number}-x") };
            row(number, &supplier, &account)
        })
        .collect();
    let without_line = |told: Vec<String>| told.into_iter().map(|row| row.split_once(": ").unwrap().1.to_owned());
    let together = scanned("fakturor", format!("{HEADER}{}", rows.concat()).as_bytes(), 1 << 20).unwrap();
    let together: Vec<String> = without_line(told(&together)).collect();
    assert_eq!(together.len(), rows.len());
    assert!(together[1].contains("| 5560010001 | PG1X"), "{}", together[1]);
    assert!(together[11].contains("| Empty | PG11X"), "{}", together[11]);
    for (number, row) in rows.iter().enumerate().step_by(37).chain((895..920).map(|number| (number, &rows[number]))) {
        let alone = scanned("fakturor", format!("{HEADER}{row}").as_bytes(), 1 << 20).unwrap();
        assert_eq!(together[number..=number], without_line(told(&alone)).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_of_another_dialect_than_declared_says_what_it_looks_like() {
    let text = format!("{HUSHALL}A1;189001019802;Barn;2020-01-01;\n");
    let told = |bytes: &[u8]| scanned("hushall", bytes, 1000).unwrap_err().to_string();
    let latin = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    assert!(told(&latin).starts_with("the header of `hushall.csv` is not utf-8; it reads as windows-1252\nhint: "));
    assert!(told(text.replace(';', ",").as_bytes()).contains("its columns are separated by `,`"));
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(told(&wide).contains("it begins as utf-16"));
    assert!(told(text.replace("Roll", "Rolle").as_bytes()).starts_with("`hushall.csv` has no column `Roll`\nhint: "));
    assert!(told(b"").starts_with("`hushall.csv` is empty"));
    assert!(told(text.replace("Till och med", "Roll").as_bytes()).contains("no column `Till och med`"));
    let utf8_for_1252 = "Personnummer;Förnamn\n";
    let kir = scanned("kir", utf8_for_1252.as_bytes(), 1000).unwrap_err().to_string();
    assert!(kir.starts_with("the header of `kir.csv` is not windows-1252; it reads as utf-8\nhint: "), "{kir}");
}

#[test]
fn rows_in_utf_8_that_are_declared_as_windows_1252_are_told_of_where_the_header_is_ascii() {
    let definitions = definitions();
    let fakturor = extract(&definitions, "fakturor");
    let headings: Vec<&str> = fakturor
        .fields
        .iter()
        .filter(|field| matches!(field.origin, Origin::Column { .. }))
        .map(Field::heading)
        .collect();
    assert!(headings.iter().all(|heading| heading.is_ascii()));
    let filler = ";".repeat(headings.len() - 2);
    let file = |names: &[&[u8]]| {
        let row =
            |(number, name): (usize, &&[u8])| [format!("{number};").as_bytes(), *name, filler.as_bytes()].concat();
        let lines = [headings.join(";").into_bytes()].into_iter().chain(names.iter().enumerate().map(row));
        lines.collect::<Vec<_>>().join(&b"\r\n"[..])
    };
    let (utf8, latin, ascii) = ("Förvaltningen å".as_bytes(), &b"F\xf6rvaltningen"[..], &b"Kontoret"[..]);
    let alike: Vec<&[u8]> = (0..200).map(|place| if place % 40 == 7 { utf8 } else { ascii }).collect();
    for piece in [64, 700, 1 << 20] {
        let told = scanned("fakturor", &file(&alike), piece).unwrap_err().to_string();
        let hint = "have it delivered as declared, or declare `encoding = \"utf-8\"` in robots/extracts/fakturor.toml";
        assert_eq!(told, format!("the rows of `fakturor.csv` are not windows-1252; they read as utf-8\nhint: {hint}"));
        // One letter that no UTF-8 has, wherever it stands; too few to tell; and nothing but ASCII.
        for place in [0, 7, 150, 199] {
            let mut names = alike.clone();
            names[place] = latin;
            assert!(scanned("fakturor", &file(&names), piece).is_ok(), "{place} {piece}");
        }
        let two: Vec<&[u8]> = (0..200).map(|place| if place % 100 == 7 { utf8 } else { ascii }).collect();
        assert!(scanned("fakturor", &file(&two), piece).is_ok(), "{piece}");
        assert!(scanned("fakturor", &file(&[ascii; 200]), piece).is_ok(), "{piece}");
    }
}

#[test]
fn guards_stop_what_has_shrunk_or_cannot_be_read() {
    let definitions = definitions();
    let guard = &Guard::default();
    let row = |n: usize| format!("A{n};189001019802;Barn;2020-01-01;\n");
    let table = |rows: usize, broken: usize| {
        let good: String = (0..rows).map(row).collect();
        scanned("hushall", format!("{HUSHALL}{good}{}", "A1;x\n".repeat(broken)).as_bytes(), 1 << 20).unwrap()
    };
    let judged = |table: &Table, previous, guard: &Guard| {
        stop(table, extract(&definitions, "hushall"), guard, Circumstances { previous, ..Circumstances::default() })
    };
    assert_eq!(judged(&table(80, 0), Some(100), guard), None);
    assert!(matches!(judged(&table(79, 0), Some(100), guard), Some(Stop::Truncated { rows: 79, previous: 100, .. })));
    assert_eq!(judged(&table(4, 0), Some(19), guard), None, "so small a file has no trend");
    assert!(matches!(judged(&table(0, 0), None, guard), Some(Stop::TooFewRows { .. })));
    assert_eq!(judged(&table(50, 3), None, guard), None, "three rows stop nothing");
    assert!(matches!(judged(&table(50, 4), None, guard), Some(Stop::TooManyRejected { rejected: 4, rows: 54, .. })));
    let own = &extract(&definitions, "hushall").guard;
    let lost = scanned("hushall", format!("{HUSHALL}{};x;y;z;w\n", row(1)).as_bytes(), 1000).unwrap();
    assert_eq!(judged(&lost, None, own), Some(Stop::LostRow { line: 3 }));
}

fn stop(table: &Table, extract: &Extract, guard: &Guard, seen: Circumstances) -> Option<Stop> {
    measure(table, extract, guard, &seen).into_iter().find_map(|measure| measure.stop)
}

#[test]
fn guards_that_are_declared_stop_what_is_old_or_cut_off_or_hollow_or_repeated() {
    let definitions = definitions();
    let hushall = extract(&definitions, "hushall");
    let roll = FieldId(2);
    assert_eq!(hushall.field(roll).name, "roll");
    let row = |n: usize| format!("A{n};189001019802;{};2020-01-01;\n", if n.is_multiple_of(2) { "Barn" } else { "" });
    let table = |rows: usize, more: &str| {
        let rows: String = (0..rows).map(row).collect();
        scanned("hushall", format!("{HUSHALL}{rows}{more}").as_bytes(), 1 << 20).unwrap()
    };
    let seen = Circumstances::default();
    let judged = |table: &Table, guard: Guard, seen: Circumstances| stop(table, hushall, &guard, seen);
    let whole = table(40, "");

    let age = Guard { max_age: Some(36), ..Guard::default() };
    assert_eq!(judged(&whole, age.clone(), Circumstances { age: Some(36), ..seen }), None);
    let old = judged(&whole, age.clone(), Circumstances { age: Some(37), ..seen });
    assert_eq!(old, Some(Stop::TooOld { hours: 37, allowed: 36 }));
    assert_eq!(judged(&whole, age, seen), None, "where the system does not tell, nothing is known");

    let filled = |share| Guard { filled: vec![(roll, Share::percent(share))], ..Guard::default() };
    assert_eq!(judged(&whole, filled(50), seen), None);
    assert!(matches!(judged(&whole, filled(51), seen), Some(Stop::NotFilled { filled: 20, rows: 40, .. })));
    assert_eq!(judged(&table(19, ""), filled(90), seen), None, "so few rows say nothing");

    let found = Guard { min_found: Some(Share::percent(90)), ..Guard::default() };
    assert_eq!(judged(&whole, found.clone(), Circumstances { found: Some((18, 20)), ..seen }), None);
    let broken = judged(&whole, found.clone(), Circumstances { found: Some((17, 20)), ..seen });
    assert!(matches!(broken, Some(Stop::NotFound { found: 17, sought: 20, .. })));
    assert_eq!(judged(&whole, found, Circumstances { found: Some((0, 19)), ..seen }), None);

    let told = Trailer { before: "SLUT;".to_owned(), after: String::new() };
    let trailer = Guard { trailer: Some(told), ..Guard::default() };
    assert_eq!(judged(&whole, trailer.clone(), Circumstances { trailer: Some(40), ..seen }), None);
    let other = judged(&whole, trailer.clone(), Circumstances { trailer: Some(41), ..seen });
    assert_eq!(other, Some(Stop::TrailerDiffers { told: 41, rows: 40 }));
    assert_eq!(judged(&whole, trailer, seen), Some(Stop::NoTrailer));

    let twice: String = (0..8).step_by(2).map(|n| row(n).replace("2020-01-01;", "2020-01-01;2021-01-01")).collect();
    let guard = Guard { max_rejected: Share::percent(50), ..Guard::default() };
    let repeated = Guard { max_duplicates: Some(Share::percent(5)), ..guard.clone() };
    assert_eq!(judged(&table(40, &twice), guard, seen), None);
    let stopped = judged(&table(40, &twice), repeated, seen);
    assert!(matches!(stopped, Some(Stop::TooManyDuplicates { duplicates: 4, rows: 44, .. })), "{stopped:?}");
}

#[test]
fn what_guards_measure_is_told_also_when_it_passes() {
    let definitions = definitions();
    let hushall = extract(&definitions, "hushall");
    let table = scanned("hushall", format!("{HUSHALL}A1;189001019802;Barn;2020-01-01;\n").as_bytes(), 1000).unwrap();
    let seen = Circumstances { previous: Some(1), ..Circumstances::default() };
    let measures = measure(&table, hushall, &hushall.guard, &seen);
    let told: Vec<(&str, u64, Option<u64>)> =
        measures.iter().map(|measure| (measure.guard.as_str(), measure.part, measure.whole)).collect();
    assert_eq!(
        told[..4],
        [("rows", 1, None), ("drop", 0, Some(1)), ("rejected", 0, Some(1)), ("duplicates", 0, Some(1))]
    );
    assert!(measures.iter().all(|measure| measure.stop.is_none()));
}

/// Rows with everything that can stand in a field, whole and broken.
fn file() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        4 => "[A-C][0-9]",
        2 => Just("189001019802".to_owned()),
        2 => Just("2020-01-01".to_owned()),
        1 => Just("\"a;b\"\"c\nd\r\ne\"".to_owned()),
        1 => Just(String::new()),
        1 => Just("\"".to_owned()),
        1 => Just("åäö".to_owned()),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n")];
    let row = (prop::collection::vec(cell, 3..7), end).prop_map(|(cells, end)| cells.join(";") + end);
    prop::collection::vec(row, 0..12).prop_map(|rows| format!("{HUSHALL}{}", rows.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_size_of_the_pieces_never_changes_what_is_read(text in file(), piece in 1_u64..40) {
        let whole = scanned("hushall", text.as_bytes(), 1 << 20).unwrap();
        let pieces = scanned("hushall", text.as_bytes(), piece).unwrap();
        prop_assert_eq!(told(&pieces), told(&whole));
        let rejected = |table: &Table| table.rejected.iter().map(|row| (row.line, row.reason.clone())).collect::<Vec<_>>();
        prop_assert_eq!(rejected(&pieces), rejected(&whole));
        prop_assert_eq!(pieces.rows_in_file, whole.rows_in_file);
        let dialect = extract(&definitions(), "hushall").dialect;
        let counted = count_rows(&Source::Bytes(text.clone().into_bytes()), dialect).unwrap();
        prop_assert_eq!(counted, whole.rows_in_file);
    }
}

/// The cells, the rejected rows and the unreadable cells of a table, with where they stand.
type Everything = (Vec<String>, Vec<(u64, u64, String)>, Vec<(u64, u64, FieldId)>, u64);

fn everything(table: &Table) -> Everything {
    let rejected = table.rejected.iter().map(|row| (row.offset, row.line, row.reason.clone())).collect();
    let unreadable = table.unreadable.iter().map(|cell| (cell.offset, cell.line, cell.field)).collect();
    (told(table), rejected, unreadable, table.rows_in_file)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// A file that is read for some cases, and then for some persons among the rows that nobody asked for, gives what two
    /// readings of the whole of it give.
    #[test]
    fn what_was_noted_of_a_file_spares_a_second_reading_and_changes_nothing(text in file(), piece in 1_u64..400) {
        let definitions = definitions();
        let extract = extract(&definitions, "hushall");
        let fields: Vec<FieldId> = (0..5).map(FieldId).collect();
        let (case, person) = (vec![field(extract, "arendenummer")], vec![field(extract, "personnummer")]);
        let mut cases = KeySet::of(case.clone());
        for case in ["A1", "B2", "C3"] {
            cases.insert(Key::Text(case.into()));
        }
        let mut persons = KeySet::of(person.clone());
        persons.insert(Key::Number(189_001_019_802));
        let ways = [case, person.clone()];
        let request = |keys: KeySet| Request {
            extract,
            night: night(),
            fields: &fields,
            reach: Reach::Keys(vec![keys.ready().into()]),
            ways: &ways,
            parameters: &definitions.catalog.parameters,
            path: PathBuf::from("hushall.csv"),
            piece: Some(piece),
        };
        let source = Source::Bytes(text.into_bytes());
        let (of_cases, of_persons) = (request(cases), request(persons));
        let twice = scan(&source, &of_cases).unwrap().with(scan(&source, &of_persons).unwrap(), extract);
        let (once, passed) = scan_noting(&source, &of_cases, &[person]).unwrap();
        let once = once.with(scan_among(&source, &of_persons, &passed.unwrap()).unwrap(), extract);
        prop_assert_eq!(everything(&once), everything(&twice));
    }
}

/// Records longer than a record can be are rejected, the lines after them are rows again, and where a piece or a block
/// happens to end changes nothing of it.
#[test]
fn records_that_are_too_long_are_rejected_the_same_in_pieces_of_any_size() {
    let row = |case: usize| format!("A{case};189001019802;Sökande;2020-01-01;\n");
    let mut lines = Vec::new();
    for (case, length) in [200_000_usize, 262_143, 262_144, 262_145, 300_000, 524_290, 700_000].into_iter().enumerate()
    {
        let long = "x".repeat(length);
        lines.extend([
            row(case * 10),
            format!("{long};189001019802;Barn;2020-01-01;\n"),
            row(case * 10 + 1),
            format!("\"{long}\n;\";189001019802;Barn;2020-01-01;\n"),
            row(case * 10 + 2),
            format!("\"A\";189001019802;Barn;2020-01-01;{long}\n"),
            row(case * 10 + 3),
            format!("\"{long};A;A;A;A\n"),
            format!("B{case};189001019802;Barn;2020-01-01;{long}\n"),
        ]);
    }
    lines.push(row(900));
    let text = HUSHALL.to_owned() + &lines.concat();
    let whole = scanned("hushall", text.as_bytes(), 1 << 30).unwrap();
    assert!(told(&whole).iter().any(|row| row.contains("A900")));
    let rejected = |table: &Table| {
        let told = |row: &Rejected| (row.offset, row.line, row.reason.clone(), row.keys.clone(), row.person.clone());
        table.rejected.iter().map(told).collect::<Vec<_>>()
    };
    assert!(rejected(&whole).iter().any(|(_, _, reason, ..)| reason == "the row is too long"));
    for piece in [50_000, 65_536, 100_001, 262_144, 600_000, 1 << 20] {
        let pieces = scanned("hushall", text.as_bytes(), piece).unwrap();
        assert_eq!(rejected(&pieces), rejected(&whole), "{piece}");
        assert_eq!(told(&pieces), told(&whole), "{piece}");
        assert_eq!(pieces.rows_in_file, whole.rows_in_file, "{piece}");
    }
    let dialect = extract(&definitions(), "hushall").dialect;
    assert_eq!(count_rows(&Source::Bytes(text.into_bytes()), dialect).unwrap(), whole.rows_in_file);
}
