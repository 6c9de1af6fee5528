//! The page that lies beside the nights and says what they are.

use super::cost_table::COSTS;
use super::facit::ROBOTS;
use super::request::Request;
use super::tables::{CENSUS, FLEET, LODGING, WORK, total};
use super::{documents, idle, invoice_table, moves, plans, recurring_table, supplier_table};

/// How the page begins; a folder whose page begins so may be made again.
pub const HEADING: &str = "# A synthetic municipality";

/// The whole page.
pub fn page(request: &Request) -> String {
    let Request { residents, cases, nights, last_night, municipality, seed, .. } = request;
    let facit = if *nights > 1 {
        format!(
            "`facit.csv` has the right outcome of every subject of the robots {} on the\n\
             last night, with the night before it as both `since` and the previous night, and an empty ledger whose\n\
             `start` is that night too. It is read off what was planted, never computed by the engine.\n\
             `rekommendationer.csv` has what beslutsstod is to reckon and recommend for each application.\n\n\
             stickprov draws with a secret key: where only the lot decides stands `lot`, and the subject is clear or flagged.\n\
             The answers of beslutsstod are as if nothing had been drawn: its check stickprov is left out. Whom kontrollbesked\n\
             tells depends on the nights before. Its answers are those when every night from the first on has been run with one\n\
             ledger, and the day before the first is `start`; with fewer than 31 nights there are none.",
            robots()
        )
    } else {
        "`facit.csv` has no rows: its answers presume a night before the last, and only one night was made.".to_owned()
    };
    format!(
        "{HEADING}\n\n\
         Made by `nattkoll generate`. Nothing here is about anyone.\n\n\
         The person numbers are formed by rule: a date, a serial and the check digit that follows from them. They are\n\
         not taken from any list, neither of people nor of the official test numbers, and belong to nobody known. One\n\
         may by chance be the number of somebody who lives, as any number formed by rule may; names, addresses,\n\
         vehicles and answers beside it are drawn at random. Do not send these files to another system or look the\n\
         numbers up anywhere.\n\n\
         | | |\n|---|---|\n\
         | seed | {seed} |\n| municipality | {municipality} |\n| residents | {residents} |\n| cases | {cases} |\n\
         | nights | {nights} |\n| last night | {last_night} |\n\n\
         The same figures and seed give the same bytes.\n\n\
         {facit}\n\n\
         ## What is planted\n\n\
         Of a thousand cases {census} are drawn for folkbokforing (and {lodging} of a thousand of the tenth that has\n\
         somebody to lodge with them), {fleet} for fordonsinnehav, {work} for arbetsformedlingen, {costs} for\n\
         hogkostnadsskydd, {plans} for anvisning, {idle} for avslut, {moves} for inflyttade\n\
         and {recurring} for beslutsstod; of a thousand documents\n\
         {documents} for skanning, and of {round} suppliers {suppliers} for leverantorskontroll\n\
         and {invoices} for fakturagranskning. A plant that does not suit the household comes to nothing. From about two thousand cases\n\
         on, every check deviates somewhere. Beside the deviations stand their boundaries (the day, the day before, the\n\
         limit, one more) and what cannot be tried (FEL, no adressid, no sökande, a date of birth that is not known, an\n\
         application that is not there). About fourteen households of a thousand are protected, some with deviations and\n\
         some without. A few cases are Avslutat.\n\n\
         `ansokningar.csv` and `kostnader.csv` go 25 months back. A case has about 17 applications there and 26 costs,\n\
         rent and electricity for the most part, some 3 kB a case and night; cases that began lately have fewer. Who\n\
         applies the day before the last night buys somewhat more Läkemedel and Öppenvård than others, so that a small\n\
         town too has costs to try. A few rows and cells of both files cannot be read. For\n\
         a last night before 2022-03-01, whose ceilings are not all known, there is no Läkemedel or Öppenvård in them.\n\
         Some rows of `kir.csv` and `kostnader.csv` stand there twice, some people have two memberships at once, and\n\
         some fields are quoted, with delimiters, quotes and line ends in them.\n\n\
         Some of those who live alone have a second case beside the first, and some apply anew the day before the last\n\
         night, as all of those do, half of those who have moved in and some of the others for whom something is planted.\n\n\
         Every second adult who should have a plan has one. Each source of SSBTEK has a row a month for every adult of a\n\
         case, four months back, and one source of a hundred or so does not answer. A case has one to three documents\n\
         a month, three months back. There is one supplier for a hundred residents, fifty at the least, with four\n\
         invoices a month since January of the year before; every fifth has a contract. The numbers of the sole traders\n\
         among them, and of those documents that are of nobody in a case, are person numbers past those of the residents.\n",
        census = total(&CENSUS),
        lodging = total(&LODGING),
        fleet = total(&FLEET),
        work = total(&WORK),
        plans = plans::planted_per_mille(),
        idle = idle::planted_per_mille(),
        moves = moves::planted_per_mille(),
        recurring = recurring_table::planted_per_mille(),
        documents = documents::planted_per_mille(),
        round = supplier_table::ROUND,
        suppliers = total(&supplier_table::SUPPLIERS),
        invoices = invoice_table::INVOICES.len(),
        costs = COSTS.iter().map(|plant| plant.per_mille).sum::<u64>(),
    )
}

/// The robots that have answers, for a sentence.
fn robots() -> String {
    let ids = ROBOTS.map(|robot| robot.id);
    match ids.split_last() {
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
