//! The shapes that real ledgers come in: the same books in each of them come to the same, and nobody is told.
//!
//! The books are a few suppliers and their invoices, written here as cells. A [`Shape`] is how the files are written, with
//! the declarations changed to say so; the robots and everything else that they are read by are the repository's own.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{EARLIER, Exit, LittleNight, NIGHT, Tree, assert_same, person_numbers, rows, to_windows_1252};

const ROBOTS: [&str; 2] = ["fakturagranskning", "leverantorskontroll"];

/// Two companies, and a sole trader, whose number is a person's.
const A_COMPANY: &str = "559089-5594";
const ANOTHER: &str = "559134-3628";
const A_PERSON: &str = "19640511-2985";

/// The cells of a file, its headings first.
type Cells = Vec<Vec<String>>;

/// The suppliers and what they have sent.
struct Books {
    suppliers: Cells,
    invoices: Cells,
}

impl Books {
    fn new() -> Self {
        let of = |headings: &str| vec![headings.split(';').map(str::to_owned).collect()];
        Self {
            suppliers: of(
                "Leverantörsnummer;Namn;Organisationsnummer;Betalningssätt;Betalkonto;Upplagd;Ändrad betaluppgift;Spärrad",
            ),
            invoices: of(
                "kopare_id;kopare;verifikationsnummer;leverantor;leverantor_id;konto_nr;konto_text;belopp;datum;\
                          forvaltning;fakturanummer;avtal;leverantorsnummer;fakturadatum;forfallodatum;betalkonto;\
                          godkand_av;attesterad_av;makulerad",
            ),
        }
    }

    /// A supplier that has been there long, paid to an account abroad of its own.
    fn supplier(&mut self, label: &str, name: &str, number: &str) {
        let cells = [label, name, number, "IBAN", &account(label), "2019-04-01", "", "N"];
        self.suppliers.push(cells.map(str::to_owned).to_vec());
    }

    /// One kontering of an invoice that was booked the day before the night.
    fn invoice(&mut self, of: &str, invoice: &Invoice) {
        let supplier = self.suppliers.iter().find(|cells| cells[0] == of).expect("its supplier stands above").clone();
        let cells = [
            "212000-9994",
            "Exempelkommunen",
            invoice.voucher,
            &supplier[1],
            &supplier[2],
            "6550",
            "Konsulttjänster",
            invoice.amount,
            EARLIER,
            "Socialförvaltningen",
            invoice.number,
            invoice.contract,
            of,
            invoice.dated,
            "2026-12-20",
            &supplier[4],
            "anna.berg",
            "åsa.åhrn",
            "N",
        ];
        self.invoices.push(cells.map(str::to_owned).to_vec());
    }
}

/// An account of a supplier's own.
fn account(label: &str) -> String {
    format!("SE45 5000 0000 0583 9825 {label}")
}

struct Invoice<'a> {
    number: &'a str,
    voucher: &'a str,
    amount: &'a str,
    dated: &'a str,
    contract: &'a str,
}

const USUAL: Invoice<'_> = Invoice { number: "1", voucher: "V1", amount: "1500", dated: "2026-11-10", contract: "" };

/// How the files of the books are written, and what their declarations then say.
struct Shape {
    encoding: &'static str,
    also: &'static str,
    cell: fn(&str) -> String,
    line_end: &'static str,
    bytes: fn(&str) -> Vec<u8>,
}

/// As the repository declares them.
const AS_DECLARED: Shape = Shape {
    encoding: "windows-1252",
    also: "",
    cell: str::to_owned,
    line_end: "\r\n",
    bytes: |text| to_windows_1252(text.as_bytes()),
};

/// Puts the books in a folder, tonight and the night before, in a shape, with a register of companies beside them.
fn night_of(books: &Books, shape: &Shape) -> LittleNight {
    let mut little = LittleNight::of_nothing().with_its_own_robots();
    for extract in ["leverantorer", "fakturor"] {
        let declared = format!("robots/extracts/{extract}.toml");
        let says = format!("encoding  = \"{}\"\n{}", shape.encoding, shape.also);
        little = little.with_replaced(&declared, "encoding  = \"windows-1252\"\n", &says);
    }
    for night in [EARLIER, NIGHT] {
        let lay = |file: &str, text: &str| little.lay(&format!("nights/{night}/{file}.csv"), text.as_bytes());
        little.lay(&format!("nights/{night}/leverantorer.csv"), &written(&books.suppliers, shape));
        little.lay(&format!("nights/{night}/fakturor.csv"), &written(&books.invoices, shape));
        let company = |number: &str| format!("{number};Ett namn;J;J;N;Aktiv;2010-01-01\n");
        let companies = [A_COMPANY, ANOTHER, A_PERSON].map(company).concat();
        let headings = "Organisationsnummer;Namn;F-skatt;Moms;Arbetsgivare;Status;Status sedan\n";
        lay("foretag", &format!("{headings}{companies}"));
        lay("betalmottagare", "Betalsätt;Konto;Organisationsnummer\nBG;5050-1055;559134-3628\n");
        // What a source writes when it does not know.
        let headings = "Organisationsnummer;Betalkonto;Namn;Tillagd\n";
        lay("varningslista", &format!("{headings}SAKNAS;-;Bluff;2026-01-01\nokänt;;Bluff 2;2026-01-01\n"));
        lay(
            "avtal",
            "Avtal;Leverantörsnummer;Avser;Från;Till;Takbelopp\nC1;7;Bygge;2026-01-01;2026-12-31;100000000,00\n",
        );
    }
    little
}

/// A file of the books. A cell with a delimiter or a quote is quoted, its spaces within the quotes.
fn written(cells: &Cells, shape: &Shape) -> Vec<u8> {
    let quoted = |cell: String| {
        if cell.contains([';', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    };
    let line = |cells: &Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted((shape.cell)(cell))).collect();
        cells.join(";") + shape.line_end
    };
    (shape.bytes)(&cells.iter().map(line).collect::<String>())
}

/// What both robots write of the books, and the accounts.
fn come_to(books: &Books, shape: &Shape) -> Tree {
    let little = night_of(books, shape);
    let told = little.types(&["run", "--night", NIGHT, ROBOTS[0], ROBOTS[1]]).exits_with(Exit::Done);
    ROBOTS.into_iter().fold(told, |told, robot| told.ran(robot));
    let mut files = little.delivered(NIGHT);
    // The manifest has the size of each file and what the declarations say.
    files.remove("manifest.json");
    files
}

/// The outcome and the checks of each subject of a robot, by its key.
fn accounts(files: &Tree, robot: &str) -> BTreeMap<String, String> {
    let rows = rows(&files["redovisning.csv"], b';').into_iter().filter(|row| row[0] == robot);
    rows.map(|row| (row[1].clone(), format!("{} {}", row[3], row[4]).trim_end().to_owned())).collect()
}

/// A row of a list, by what its first cell says.
fn row_of(files: &Tree, list: &str, first: &str) -> Vec<String> {
    rows(&files[list], b';').into_iter().find(|row| row[0] == first).unwrap_or_else(|| panic!("{list} has no {first}"))
}

/// Suppliers with every kind of number that is none, a sole trader twice, and invoices of all.
fn mixed() -> Books {
    let mut books = Books::new();
    books.supplier("1", "Byggbolaget AB", A_COMPANY);
    books.supplier("2", "NULL", "NULL");
    books.supplier("3", "Saknad firma", "SAKNAS");
    books.supplier("4", "Nordisk Handel A/S", "DK12345678");
    books.supplier("5", "Två bolag \"i ett\"", &format!("{A_COMPANY}, {ANOTHER}"));
    books.supplier("6", "KVIST;PETRONELLA", A_PERSON);
    books.supplier("7", "KVIST;PETRONELLA", &A_PERSON[2..]);
    books.supplier("8", "Streck & Co", "-");
    books.supplier("9", "Tomt", "");
    for (of, voucher) in
        [("1", "V11"), ("2", "V12"), ("3", "V13"), ("4", "V14"), ("5", "V15"), ("8", "V18"), ("9", "V19")]
    {
        books.invoice(of, &Invoice { number: "1001", voucher, amount: "1234567,50", ..USUAL });
    }
    for (of, voucher) in [("6", "V16"), ("7", "V17")] {
        books.invoice(of, &Invoice { number: "2002", voucher, amount: "-0,00", ..USUAL });
    }
    books
}

#[test]
fn a_number_that_is_none_is_told_as_wrong_and_joins_its_supplier_with_no_other() {
    let files = come_to(&mixed(), &AS_DECLARED);
    let suppliers = accounts(&files, "leverantorskontroll");
    assert_eq!(suppliers["1"], "clear");
    // `NULL`, `SAKNAS`, a number of another country, two in one cell, and a dash: not in the register, and not Swedish.
    for label in ["2", "3", "4", "5", "8"] {
        assert_eq!(suppliers[label], "flagged okant-foretag ogiltigt-orgnr", "supplier {label}");
    }
    // An empty cell is not known to be anything.
    let untried = "undecided varningslista konkurs okant-foretag f-skatt-upphort saknar-fskatt ogiltigt-orgnr";
    assert_eq!(suppliers["9"], untried);
    // A sole trader's number is a person's, with its century or without.
    assert_eq!((suppliers["6"].as_str(), suppliers["7"].as_str()), ("clear", "clear"));
    let invoices = accounts(&files, "fakturagranskning");
    for (label, voucher) in [("1", "V11"), ("2", "V12"), ("3", "V13"), ("4", "V14"), ("5", "V15"), ("8", "V18")] {
        let outcome = &invoices[&format!("{label}/1001/{voucher}")];
        assert!(!outcome.contains("dubblett"), "one invoice number of two that have no number: {label} {outcome}");
    }
    for (label, voucher) in [("6", "V16"), ("7", "V17")] {
        let outcome = &invoices[&format!("{label}/2002/{voucher}")];
        assert_eq!(outcome, "flagged dubblett", "the same sole trader, paid twice: {label}");
    }
}

#[test]
fn the_same_books_come_to_the_same_in_every_shape() {
    fn padded(cell: &str) -> String {
        format!("{cell}   ")
    }
    /// `1234567,50` as `1 234 567,50`, with no-break spaces.
    fn in_thousands(cell: &str) -> String {
        let Some((kronor, ore)) = cell.split_once(',').filter(|(kronor, _)| kronor.parse::<i64>().is_ok()) else {
            return cell.to_owned();
        };
        let spaces = |(place, digit): (usize, char)| {
            let is_after_three =
                place > 0 && (kronor.len() - place).is_multiple_of(3) && kronor.as_bytes()[place - 1] != b'-';
            if is_after_three { format!("\u{a0}{digit}") } else { digit.to_string() }
        };
        format!("{},{ore}", kronor.chars().enumerate().map(spaces).collect::<String>())
    }
    fn in_narrow_thousands(cell: &str) -> String {
        in_thousands(cell).replace('\u{a0}', "\u{202f}")
    }
    fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(to_bytes).collect()
    }
    assert_eq!(in_thousands("1234567,50"), "1\u{a0}234\u{a0}567,50");
    let expected = come_to(&mixed(), &AS_DECLARED);
    let thousands = "thousands = \" \"\n";
    let utf_8 = Shape { encoding: "utf-8", bytes: |text| text.as_bytes().to_vec(), ..AS_DECLARED };
    let shapes = [
        ("spaces after every cell", Shape { cell: padded, ..AS_DECLARED }),
        ("thousands set apart", Shape { cell: in_thousands, also: thousands, ..AS_DECLARED }),
        ("thousands set apart by narrow spaces", Shape { cell: in_narrow_thousands, also: thousands, ..utf_8 }),
        ("lines that end with CR", Shape { line_end: "\r", also: "line_ends = \"cr\"\n", ..AS_DECLARED }),
        (
            "UTF-16, the low byte first",
            Shape { encoding: "utf-16", bytes: |text| utf_16(text, u16::to_le_bytes), ..AS_DECLARED },
        ),
        (
            "UTF-16, the high byte first",
            Shape { encoding: "utf-16", bytes: |text| utf_16(text, u16::to_be_bytes), ..AS_DECLARED },
        ),
    ];
    for (name, shape) in &shapes {
        println!("{name}");
        assert_same(&expected, &come_to(&mixed(), shape));
    }
    // All of them at once, as one system is known to deliver.
    let all = Shape {
        encoding: "utf-16",
        also: "line_ends = \"cr\"\nthousands = \" \"\n",
        cell: |cell| padded(&in_thousands(cell)),
        line_end: "\r",
        bytes: |text| utf_16(text, u16::to_le_bytes),
    };
    assert_same(&expected, &come_to(&mixed(), &all));
}

#[test]
fn a_sole_trader_is_told_by_neither_number_nor_name() {
    let little = night_of(&mixed(), &AS_DECLARED);
    let told = little.types(&["run", "--night", NIGHT, "--verbose", ROBOTS[0], ROBOTS[1]]).exits_with(Exit::Done);
    let supplier = little.types(&["explain", "leverantorskontroll", "6"]).exits_with(Exit::Done);
    let invoice = little.types(&["explain", "fakturagranskning", "V16"]).exits_with(Exit::Done);
    let as_json = little.types(&["explain", "fakturagranskning", "V17", "--json"]).exits_with(Exit::Done);
    let mut places: Vec<(String, String)> = little.left().into_iter().map(as_text).collect();
    for (place, it) in [("run", told), ("explain", supplier), ("an invoice", invoice), ("as JSON", as_json)] {
        places.push((place.to_owned(), it.stdout + &it.stderr));
    }
    assert!(places.len() > 8);
    for (place, content) in places {
        assert_eq!(person_numbers(&content), BTreeSet::new(), "{place}");
        assert!(!content.contains("KVIST") && !content.contains("PETRONELLA"), "{place} has the name");
    }
}

fn as_text((place, bytes): (String, Vec<u8>)) -> (String, String) {
    (place, String::from_utf8_lossy(&bytes).into_owned())
}

/// Two fifths of the month in one row: no sum is rounded, and a contract is at its ceiling and an öre later above it.
#[test]
fn a_row_that_is_two_fifths_of_the_month_is_summed_to_the_ore() {
    let mut books = Books::new();
    books.supplier("7", "Byggbolaget AB", A_COMPANY);
    let of = |number, voucher, amount| Invoice { number, voucher, amount, contract: "C1", ..USUAL };
    books.invoice("7", &of("10", "V1", "40000000,00"));
    books.invoice("7", &of("27", "V2", "33333333,33"));
    books.invoice("7", &of("35", "V3", "26666666,67"));
    let files = come_to(&books, &AS_DECLARED);
    let overview = row_of(&files, "fakturagranskning/leverantorsoversikt.csv", "7");
    assert_eq!(overview[1..], ["3", "100 000 000", "0"]);
    assert_eq!(
        row_of(&files, "fakturagranskning/avtalsuppfoljning.csv", "C1")[1..4],
        ["100 000 000", "100 000 000", "1"]
    );
    assert!(accounts(&files, "fakturagranskning").values().all(|outcome| outcome == "clear"));

    books.invoice("7", &of("41", "V4", "0,01"));
    let files = come_to(&books, &AS_DECLARED);
    assert_eq!(row_of(&files, "fakturagranskning/leverantorsoversikt.csv", "7")[1..3], ["4", "100 000 000,01"]);
    // All were booked on one day, and so the öre is in the sum of each.
    assert!(accounts(&files, "fakturagranskning").values().all(|outcome| outcome == "flagged over-tak"));
}

/// Order lines: the rows of an invoice are often equal in every column. They are all its own, and no payment made twice.
#[test]
fn hundreds_of_groups_of_equal_rows_are_order_lines_and_a_second_voucher_is_a_double_payment() {
    const INVOICES: u32 = 300;
    const LINES: u32 = 4;
    let mut books = Books::new();
    books.supplier("7", "Kontorsbolaget AB", A_COMPANY);
    for turn in 1..=INVOICES {
        // Numbers of which no two near each other are one sign apart.
        let number = format!("{:06}", turn * 123_457 % 1_000_000);
        let dated = (common::date("2026-01-05") + chrono::Days::new(u64::from(turn))).to_string();
        for _ in 0..LINES {
            let voucher = format!("V{turn:04}");
            books.invoice(
                "7",
                &Invoice { number: &number, voucher: &voucher, amount: "125,50", dated: &dated, ..USUAL },
            );
        }
    }
    // Without an invoice's number there is nothing to compare.
    for voucher in ["V8001", "V8002"] {
        books.invoice("7", &Invoice { number: "", voucher, ..USUAL });
    }
    let files = come_to(&books, &AS_DECLARED);
    let outcomes = accounts(&files, "fakturagranskning");
    assert_eq!(outcomes.len(), INVOICES as usize + 2);
    assert_eq!(outcomes.iter().filter(|(_, outcome)| *outcome != "clear").collect::<Vec<_>>(), []);
    // 300 invoices of four lines of 125,50, and two of 1500: no line is left out for being like another.
    assert_eq!(row_of(&files, "fakturagranskning/leverantorsoversikt.csv", "7")[1..], ["302", "153 600", "0"]);

    let first = books.invoices[1].clone();
    for _ in 0..LINES {
        let mut again = first.clone();
        again[2] = "V9001".to_owned();
        books.invoices.push(again);
    }
    let files = come_to(&books, &AS_DECLARED);
    let outcomes = accounts(&files, "fakturagranskning");
    let flagged: Vec<_> = outcomes.iter().filter(|(_, outcome)| *outcome != "clear").collect();
    let expected = ["7/123457/V0001", "7/123457/V9001"].map(|key| (key.to_owned(), "flagged dubblett".to_owned()));
    assert_eq!(flagged, expected.iter().map(|(key, outcome)| (key, outcome)).collect::<Vec<_>>());
}
