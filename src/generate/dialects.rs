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
