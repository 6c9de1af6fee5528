#!/usr/bin/env python3
"""The five checks with Polars: FOLDER NIGHT PREVIOUS_NIGHT KEYS_FILE.

Written as one who knows Polars would: lazy frames without guessed types, only the columns that are used, the registers' rows
cut down to those of the cases' members before anything else, and everything collected together so that a file that two
checks need is read once.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from polars import col

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


def main(folder, night, before, keys):
    tonight, since = date.fromisoformat(night), date.fromisoformat(before)

    def read(extract, of=night):
        return pl.scan_csv(
            Path(folder) / of / f"{extract}.csv",
            schema=dict.fromkeys(COLUMNS[extract].split(), pl.String),
            has_header=False,
            skip_lines=1,
            # An empty field that is quoted is empty too.
            null_values="",
            separator="," if extract == "af" else ";",
            # kir.csv is in Windows-1252, which Polars does not read; the columns that are used are plain ASCII.
            encoding="utf8-lossy" if extract == "kir" else "utf8",
            # A row that is cut short has empty cells.
            truncate_ragged_lines=True,
        )

    def person(name):
        """Twelve digits of a number that is written with ten or twelve, with `-`, `+` or nothing between."""
        number, digits = col(name), col(name).str.replace_all("[-+]", "")
        year = digits.str.head(2).cast(pl.Int32, strict=False)
        day = digits.str.head(4).cast(pl.Int32, strict=False) * 100 + digits.str.slice(4, 2).cast(pl.Int32, strict=False) % 60
        century = (
            pl.when(number.str.contains("+", literal=True))
            .then(pl.when(year <= tonight.year - 2000).then(pl.lit("19")).otherwise(pl.lit("18")))
            .otherwise(pl.when(day <= int(tonight.strftime("%y%m%d"))).then(pl.lit("20")).otherwise(pl.lit("19")))
        )
        return pl.when(digits.str.len_bytes() == 12).then(digits).otherwise(century + digits)

    def born(name):
        """The day of birth as a number, a day that is 60 too high made the day that it is."""
        return col(name).str.head(6).cast(pl.Int64) * 100 + col(name).str.slice(6, 2).cast(pl.Int64) % 60

    def years_ago(years):
        return int(tonight.strftime("%Y%m%d")) - years * 10_000

    def amount(name):
        return col(name).str.replace(",", ".", literal=True).cast(pl.Decimal(12, 2), strict=False)

    # The members are few; everything else is cut down to them.
    arenden = read("arenden").filter(status="Pågående").select("arendenummer", "hinder").collect().lazy()
    membership = (
        read("hushall")
        .with_row_index("rad")
        .filter((col("fran") <= night) & (col("till").is_null() | (col("till") >= night)))
        .join(arenden, on="arendenummer", how="semi", maintain_order="left")
        .select("rad", "arendenummer", "roll", person=person("personnummer"))
        .collect()
        .lazy()
    )
    members = membership.select("arendenummer", "person").unique()
    members = members.with_columns(nummer=col("person").rank("ordinal").over("arendenummer")).collect().lazy()
    key = (pl.concat_str("arendenummer", pl.lit("/"), "nummer")).alias("key")
    persons = members.select("person").unique()

    kir = read("kir").select("adressid", "kommunkod", "flyttdatum", "orsak", person=person("personnummer"))
    moved = (
        kir.filter(col("flyttdatum") >= since.strftime("%Y%m%d"))
        .join(members, on="person")
        .select(key="arendenummer")
        .unique()
    )

    applicants = membership.filter(roll="Sökande").sort("rad").unique("arendenummer", keep="first", maintain_order=True)
    addresses = (
        kir.join(applicants, on="person").filter(kommunkod="0380").select("arendenummer", "adressid").unique()
    )
    registered = (
        kir.filter(col("orsak").is_null())
        .join(addresses, on="adressid", how="semi")
        .group_by("adressid")
        .agg(skrivna=col("person").n_unique())
    )
    size = members.group_by("arendenummer").agg(antal=pl.len())
    other_number = (
        addresses.join(size, on="arendenummer")
        .join(registered, on="adressid", how="left")
        .filter(col("skrivna").fill_null(0) != col("antal"))
        .select(key="arendenummer")
    )

    def vehicles(of):
        return (
            read("fordon", of)
            .select("regnr", "fabrikat", "arsmodell", "agare_sedan", person=person("agare"))
            .join(persons, on="person", how="semi")
            .with_columns(nummer=col("regnr").str.replace_all(" ", "", literal=True).str.to_uppercase())
            .drop("regnr")
        )

    same = ["person", "nummer", "fabrikat"]
    owned = vehicles(night).filter(
        col("agare_sedan").is_null() | (col("agare_sedan") >= str(tonight - timedelta(days=30)))
    )
    known = (
        owned.join(vehicles(before), on=same, suffix="_igar")
        .filter(
            col("arsmodell").is_null() | col("arsmodell_igar").is_null() | (col("arsmodell") == col("arsmodell_igar"))
        )
        .select("person", vehicle="nummer")
    )
    new_vehicle = (
        owned.select("person", vehicle="nummer")
        .join(known, on=["person", "vehicle"], how="anti")
        .join(members.filter(born("person") <= years_ago(18)), on="person")
        .select(key)
        .unique()
    )

    costs = (
        read("kostnader")
        .filter(col("slag").is_in(["Läkemedel", "Öppenvård"]))
        .with_columns(person=person("personnummer"))
        .join(persons, on="person", how="semi")
        .select(
            "kostnad",
            "ansokan",
            "arendenummer",
            "person",
            "slag",
            dag=col("inkopsdatum").str.to_date("%Y-%m-%d", strict=False),
            belopp=pl.when(col("beviljat").is_null()).then(amount("sokt")).otherwise(amount("beviljat")),
        )
        .unique()
    )
    new = costs.join(
        read("ansokningar").filter(col("inkom") >= before).select("ansokan"), on="ansokan", how="semi"
    ).join(members, on=["arendenummer", "person"], how="semi")
    over_ceiling = (
        new.select("kostnad", "person", "slag", till="dag")
        .join(costs.select("person", "slag", "dag", "belopp"), on=["person", "slag"])
        .filter(col("dag").is_between(col("till").dt.offset_by("-12mo"), col("till")))
        .group_by("kostnad", "slag")
        .agg(col("belopp").sum())
        .filter(col("belopp") > pl.when(col("slag") == "Läkemedel").then(3800).otherwise(1450))
        .select(key="kostnad")
    )

    seeking = read("af", before).filter(arbetssokande="J").select(person=person("personnummer"))
    still = read("af").filter(arbetssokande="J").select(person=person("personnummer"))
    deregistered = (
        members.join(arenden.filter(hinder="Arbetslös"), on="arendenummer", how="semi")
        .filter((born("person") <= years_ago(18)) & (born("person") > years_ago(67)))
        .join(seeking, on="person", how="semi")
        .join(still, on="person", how="anti")
        .select(key)
    )

    checks = {
        "adress_andrad": moved,
        "antal_skrivna": other_number,
        "nytt_fordon": new_vehicle,
        "over_taket": over_ceiling,
        "utskriven": deregistered,
    }
    frames = pl.collect_all(list(checks.values()), engine="streaming")
    write(keys, {check: frame["key"].to_list() for check, frame in zip(checks, frames)})


if __name__ == "__main__":
    main(*sys.argv[1:])
