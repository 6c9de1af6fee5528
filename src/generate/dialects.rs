//! How each extract is written, as the registers deliver it.

use super::sheet::{Dates, Dialect, Encoding};

/// The cases.
pub static ARENDEN: Dialect = Dialect {
    file: "arenden.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &[
        "Ärendenummer",
        "Enhet",
        "Handläggare",
        "Status",
        "Aktualiserad",
        "Försörjningshinder",
        "Senaste ansökan",
        "Senaste utbetalning",
        "Återkrav",
        "Överklagande pågår",
        "Kända fordon",
    ],
};

/// Their members.
pub static HUSHALL: Dialect = Dialect {
    file: "hushall.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Ärendenummer", "Personnummer", "Roll", "Från och med", "Till och med"],
};

/// The residents.
pub static KIR: Dialect = Dialect {
    file: "kir.csv",
    encoding: Encoding::Windows1252,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Compact,
    columns: &[
        "Personnummer",
        "Förnamn",
        "Efternamn",
        "Adress",
        "Lägenhet",
        "Postnummer",
        "Postort",
        "Adressid",
        "Kommunkod",
        "Flyttdatum",
        "Från kommun",
        "Avregistreringsorsak",
        "Avregistrerad",
        "Skydd",
    ],
};

/// The vehicles.
pub static FORDON: Dialect = Dialect {
    file: "fordon.csv",
    encoding: Encoding::Utf8WithMark,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &["Regnr", "Ägare", "Fordonsslag", "Fabrikat", "Årsmodell", "Status", "Ägare sedan", "Status sedan"],
};

/// Arbetsförmedlingen's answers.
pub static AF: Dialect = Dialect {
    file: "af.csv",
    encoding: Encoding::Utf8,
    delimiter: ',',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &[
        "personnummer",
        "svar",
        "arbetssokande",
        "sokandekategori",
        "registrerad",
        "avaktualiserad",
        "senaste_aktivitetsrapport",
        "sekretess",
    ],
};

/// The applications.
pub static ANSOKNINGAR: Dialect = Dialect {
    file: "ansokningar.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &[
        "Ansökan",
        "Ärendenummer",
        "Typ",
        "Kanal",
        "Inkom",
        "Period",
        "Uppgivna inkomster",
        "Antal vuxna",
        "Antal barn",
    ],
};

/// What is applied for.
pub static KOSTNADER: Dialect = Dialect {
    file: "kostnader.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &[
        "Kostnad",
        "Ansökan",
        "Ärendenummer",
        "Personnummer",
        "Kostnadsslag",
        "Inköpsdatum",
        "Sökt belopp",
        "Beviljat belopp",
    ],
};

/// The plans.
pub static PLANER: Dialect = Dialect {
    file: "planer.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Ärendenummer", "Personnummer", "Aktivitet", "Från", "Till", "Planerade tillfällen", "Närvaro"],
};

/// What the sources of SSBTEK answer.
pub static INKOMSTER: Dialect = Dialect {
    file: "inkomster.csv",
    encoding: Encoding::Utf8,
    delimiter: ',',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &[
        "personnummer",
        "uppgiftslamnare",
        "svar",
        "forman",
        "belopp",
        "utbetalningsdatum",
        "period_fran",
        "period_till",
    ],
};

/// Who has a company.
pub static FORETAGSENGAGEMANG: Dialect = Dialect {
    file: "foretagsengagemang.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Personnummer", "Organisationsnummer", "Företag", "Roll", "Från", "Till"],
};

/// The scanned documents.
pub static DOKUMENT: Dialect = Dialect {
    file: "dokument.csv",
    encoding: Encoding::Utf8,
    delimiter: '\t',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &["Dokument", "Skannad", "Personnummer", "Ärendenummer", "Dokumenttyp", "Sidor", "Fil"],
};

/// The suppliers.
pub static LEVERANTORER: Dialect = Dialect {
    file: "leverantorer.csv",
    encoding: Encoding::Windows1252,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &[
        "Leverantörsnummer",
        "Namn",
        "Organisationsnummer",
        "Betalningssätt",
        "Betalkonto",
        "Upplagd",
        "Ändrad betaluppgift",
        "Spärrad",
    ],
};

/// The register of companies.
pub static FORETAG: Dialect = Dialect {
    file: "foretag.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Organisationsnummer", "Namn", "F-skatt", "Moms", "Arbetsgivare", "Status", "Status sedan"],
};

/// Whose the accounts are.
pub static BETALMOTTAGARE: Dialect = Dialect {
    file: "betalmottagare.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Betalsätt", "Konto", "Organisationsnummer"],
};

/// Whom Svensk Handel warns of.
pub static VARNINGSLISTA: Dialect = Dialect {
    file: "varningslista.csv",
    encoding: Encoding::Utf8WithMark,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Organisationsnummer", "Betalkonto", "Namn", "Tillagd"],
};

/// The contracts.
pub static AVTAL: Dialect = Dialect {
    file: "avtal.csv",
    encoding: Encoding::Utf8,
    delimiter: ';',
    line_end: "\n",
    dates: Dates::Dashed,
    columns: &["Avtal", "Leverantörsnummer", "Avser", "Från", "Till", "Takbelopp"],
};

/// The invoices, a row for each kontering.
pub static FAKTUROR: Dialect = Dialect {
    file: "fakturor.csv",
    encoding: Encoding::Windows1252,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &[
        "kopare_id",
        "kopare",
        "verifikationsnummer",
        "leverantor",
        "leverantor_id",
        "konto_nr",
        "konto_text",
        "belopp",
        "datum",
        "forvaltning",
        "fakturanummer",
        "grund",
        "avtal",
        "kommun_id",
        "s_kod_nr",
        "leverantorsnummer",
        "fakturadatum",
        "forfallodatum",
        "betalkonto",
        "godkand_av",
        "attesterad_av",
        "makulerad",
    ],
};
