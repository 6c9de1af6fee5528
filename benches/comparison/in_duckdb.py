#!/usr/bin/env python3
"""The five checks in SQL, with DuckDB: FOLDER NIGHT PREVIOUS_NIGHT KEYS_FILE.

Written as one who knows DuckDB would: no sniffing of types, only the columns that are used, each file read once, and the
registers' rows cut down to those of the cases' members before anything else. Memory is left to DuckDB.
"""

import sys
from pathlib import Path

import duckdb

from keys import write

COLUMNS = {
    "arenden": "arendenummer enhet handlaggare status aktualiserad hinder ansokan utbetalning aterkrav overklagande kanda",
    "hushall": "arendenummer personnummer roll fran till",
    "ansokningar": "ansokan arendenummer typ kanal inkom period inkomster vuxna barn",
    "kostnader": "kostnad ansokan arendenummer personnummer slag inkopsdatum sokt beviljat",
    "kir": "personnummer fornamn efternamn adress lagenhet postnummer postort adressid kommunkod flyttdatum fran orsak "
    "avregistrerad skydd",
    "fordon": "regnr agare fordonsslag fabrikat arsmodell status agare_sedan status_sedan",
    "af": "personnummer svar arbetssokande kategori registrerad avaktualiserad rapport sekretess",
}

# Twelve digits of a number that is written with ten or twelve, with `-`, `+` or nothing between.
MACROS = """
CREATE MACRO century(ten, number) AS
  CASE WHEN contains(number, '+')
       THEN CASE WHEN ten[:2]::INT <= year($night) - 2000 THEN '19' ELSE '18' END
       WHEN ten[:4]::INT * 100 + ten[5:6]::INT % 60 <= strftime($night, '%y%m%d')::INT THEN '20' ELSE '19' END || ten;
CREATE MACRO person(number) AS
  CASE WHEN length(number) = 12 THEN number
       WHEN length(number) = 13 THEN number[:8] || number[10:]
       ELSE century(replace(replace(number, '-', ''), '+', ''), number) END;
-- The day of birth as a number, a day that is 60 too high made the day that it is.
CREATE MACRO born(person) AS person[:6]::INT * 100 + person[7:8]::INT % 60;
CREATE MACRO amount(text) AS TRY_CAST(replace(text, ',', '.') AS DECIMAL(12, 2));
"""

TABLES = """
CREATE TEMP TABLE arenden AS
  SELECT arendenummer, hinder FROM {arenden} WHERE status = 'Pågående';
CREATE TEMP TABLE medlemskap AS
  SELECT row_number() OVER () AS rad, arendenummer, person(personnummer) AS person, roll
  FROM {hushall}
  WHERE fran <= strftime($night, '%Y-%m-%d') AND (till IS NULL OR till >= strftime($night, '%Y-%m-%d'))
    AND arendenummer IN (SELECT arendenummer FROM arenden);
CREATE TEMP TABLE medlemmar AS
  SELECT arendenummer, person, row_number() OVER (PARTITION BY arendenummer ORDER BY person) AS nummer
  FROM (SELECT DISTINCT arendenummer, person FROM medlemskap);
CREATE TEMP TABLE personer AS SELECT DISTINCT person FROM medlemmar;

CREATE TEMP TABLE kir AS
  SELECT person(personnummer) AS person, adressid, kommunkod, flyttdatum, orsak FROM {kir};
CREATE TEMP TABLE i_natt AS
  SELECT agare, upper(replace(regnr, ' ', '')) AS nummer, fabrikat, arsmodell, agare_sedan
  FROM (SELECT person(agare) AS agare, * EXCLUDE agare FROM {fordon}) WHERE agare IN (FROM personer);
CREATE TEMP TABLE i_gar AS
  SELECT agare, upper(replace(regnr, ' ', '')) AS nummer, fabrikat, arsmodell
  FROM (SELECT person(agare) AS agare, * EXCLUDE agare FROM {fordon_before}) WHERE agare IN (FROM personer);
CREATE TEMP TABLE kostnader AS
  SELECT DISTINCT kostnad, ansokan, arendenummer, person, slag, TRY_CAST(inkopsdatum AS DATE) AS dag,
    CASE WHEN beviljat IS NULL THEN amount(sokt) ELSE amount(beviljat) END AS belopp
  FROM (SELECT person(personnummer) AS person, * EXCLUDE personnummer FROM {kostnader}
        WHERE slag IN ('Läkemedel', 'Öppenvård'))
  WHERE person IN (FROM personer);
"""

CHECKS = {
    "adress_andrad": """
        SELECT DISTINCT arendenummer FROM medlemmar JOIN kir USING (person) WHERE flyttdatum >= strftime($since, '%Y%m%d')""",
    "antal_skrivna": """
        WITH sokande AS (SELECT arendenummer, arg_min(person, rad) AS person FROM medlemskap WHERE roll = 'Sökande' GROUP BY 1),
        adresser AS (SELECT DISTINCT arendenummer, adressid FROM sokande JOIN kir USING (person) WHERE kommunkod = '0380'),
        skrivna AS (
          SELECT adressid, count(DISTINCT person) AS skrivna FROM kir
          WHERE orsak IS NULL AND adressid IN (SELECT adressid FROM adresser) GROUP BY 1),
        antal AS (SELECT arendenummer, count(*) AS antal FROM medlemmar GROUP BY 1)
        SELECT arendenummer FROM adresser JOIN antal USING (arendenummer) LEFT JOIN skrivna USING (adressid)
        WHERE coalesce(skrivna, 0) != antal""",
    "nytt_fordon": """
        SELECT DISTINCT arendenummer || '/' || m.nummer FROM medlemmar m JOIN i_natt f ON f.agare = m.person
        WHERE born(m.person) <= strftime($night - INTERVAL 18 YEAR, '%Y%m%d')::INT
          AND (f.agare_sedan IS NULL OR f.agare_sedan >= strftime($night - INTERVAL 30 DAY, '%Y-%m-%d'))
          AND NOT EXISTS (
            FROM i_gar g WHERE g.agare = f.agare AND g.nummer = f.nummer AND g.fabrikat = f.fabrikat
              AND (g.arsmodell IS NULL OR f.arsmodell IS NULL OR g.arsmodell = f.arsmodell))""",
    "over_taket": """
        WITH nya AS (
          SELECT k.* FROM kostnader k
          WHERE ansokan IN (SELECT ansokan FROM {ansokningar} WHERE inkom >= strftime($since, '%Y-%m-%d'))
            AND (arendenummer, person) IN (SELECT (arendenummer, person) FROM medlemmar))
        SELECT n.kostnad FROM nya n JOIN kostnader k ON k.person = n.person AND k.slag = n.slag
          AND k.dag BETWEEN n.dag - INTERVAL 12 MONTH AND n.dag
        GROUP BY n.kostnad, n.slag HAVING sum(k.belopp) > CASE n.slag WHEN 'Läkemedel' THEN 3800 ELSE 1450 END""",
    "utskriven": """
        WITH i_gar AS (SELECT person(personnummer) AS person FROM {af_before} WHERE arbetssokande = 'J'),
        i_natt AS (SELECT person(personnummer) AS person, arbetssokande FROM {af})
        SELECT arendenummer || '/' || nummer FROM medlemmar JOIN arenden USING (arendenummer)
        SEMI JOIN i_gar USING (person) LEFT JOIN i_natt USING (person)
        WHERE hinder = 'Arbetslös' AND coalesce(arbetssokande, 'N') = 'N'
          AND born(person) <= strftime($night - INTERVAL 18 YEAR, '%Y%m%d')::INT
          AND born(person) > strftime($night - INTERVAL 67 YEAR, '%Y%m%d')::INT""",
}


def main(folder, night, before, keys):
    db = duckdb.connect()

    # kir.csv is in Windows-1252, which is neither UTF-8 nor the Latin-1 that DuckDB reads without an extension from the
    # network. DuckDB looks only at the columns that are used, and those of kir are plain ASCII: it is read as it is.
    def read(extract, of=night):
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS[extract].split())
        return (
            f"read_csv('{Path(folder) / of / extract}.csv', columns={{{columns}}}, auto_detect=false, header=true, "
            f"delim='{',' if extract == 'af' else ';'}', quote='\"', escape='\"', "
            # A row that is cut short is no row.
            "ignore_errors=true)"
        )

    places = {extract: read(extract) for extract in COLUMNS}
    places |= {f"{extract}_before": read(extract, before) for extract in ("fordon", "af")}

    def said(text):
        return text.format(**places).replace("$night", f"DATE '{night}'").replace("$since", f"DATE '{before}'")

    db.execute(said(MACROS.replace("{", "{{").replace("}", "}}")))
    for statement in said(TABLES).split(";\n"):
        if statement.strip():
            db.execute(statement)
    write(keys, {check: [key for (key,) in db.execute(said(query)).fetchall()] for check, query in CHECKS.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
