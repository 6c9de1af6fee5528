#!/usr/bin/env python3
"""Makes a night of invoices of any size, with the cases that are hard on a program: python3 benches/invoices.py N FOLDER

N konteringar, some three to an invoice, in FOLDER/<night>, with leverantorer, avtal, foretag and varningslista beside. A
third of them is hard: one supplier with so many invoices of one day that are all of one amount, one whose invoices all have
one number, one with numbers that are each one sign from many others, credits and what they cancel in one pile, and one
invoice of a great many rows. Nothing is drawn that a seed does not tell, so that the same N gives the same bytes. Only the
standard library.
"""

import datetime
import pathlib
import random
import sys

NIGHT = datetime.date(2026, 11, 21)
HEADER = (
    "kopare_id;kopare;verifikationsnummer;datum;leverantor;leverantor_id;leverantorsnummer;konto_nr;konto_text;belopp;"
    "forvaltning;fakturanummer;fakturadatum;forfallodatum;betalkonto;grund;avtal;kommun_id;s_kod_nr;godkand_av;attesterad_av;"
    "makulerad"
)
# Of each thousand konteringar so many belong to each hard case; the rest are of usual suppliers.
SHARES = {"one_day": 100, "one_number": 60, "near": 60, "credits": 60, "one_invoice": 53}


def organisation_number(number):
    """A number with the right check digit, of the group 556."""
    digits = f"556{number % 1_000_000:06d}"
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits)]
    check = -sum(d // 10 + d % 10 for d in doubled) % 10
    return f"{digits[:6]}-{digits[6:]}{check}"


def kronor(amount):
    """An amount in ören as the file writes it."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"


class Invoices:
    def __init__(self, out):
        self.out, self.voucher, self.buffer, self.known = out, 0, [], {}
        # The night itself comes last: no invoice is of a later day.
        self.days = [(NIGHT - datetime.timedelta(days=back)).isoformat() for back in range(700)]

    def row(self, supplier, number, day, booked, amount, department, contract, voucher):
        if supplier not in self.known:
            account = 5000000 + supplier % 1000000
            self.known[supplier] = (
                f"Bolag {supplier} AB;{organisation_number(supplier)};{supplier};6010;Material;",
                f";{account};;",
                f";0380;;g{supplier % 97};a{supplier % 89};N",
            )
        who, account, last = self.known[supplier]
        self.buffer.append(
            f"212000-9994;Kommunen;V{voucher};{booked};{who}{kronor(amount)};{department};{number};{day};{day}{account}{contract}{last}"
        )
        if len(self.buffer) > 20000:
            self.flush()

    def flush(self):
        self.out.write("".join(line + "\n" for line in self.buffer).encode("cp1252"))
        self.buffer.clear()

    def next_voucher(self):
        self.voucher += 1
        return self.voucher


def make(konteringar, folder):
    draw = random.Random(1)
    night = folder / NIGHT.isoformat()
    night.mkdir(parents=True, exist_ok=True)
    suppliers = max(20, konteringar // 600)
    of = {name: konteringar * share // 1000 for name, share in SHARES.items()}
    with open(night / "fakturor.csv", "wb") as out:
        out.write((HEADER + "\n").encode("cp1252"))
        all_invoices = Invoices(out)
        days = all_invoices.days
        week = days[1:8]
        # All of one supplier, day, department and amount; numbers far from each other.
        for number in range(of["one_day"]):
            all_invoices.row(90001, f"{number * 7919 % 99999989:08d}X{number % 10}{number % 7}", week[0], week[0], 125, "Skola", "", all_invoices.next_voucher())
        # One number.
        for number in range(of["one_number"]):
            all_invoices.row(90002, "F 1", days[number % 700], days[number % 700], 1000 + number, "Vård", "", all_invoices.next_voucher())
        # Numbers next to each other, of one amount and over two years.
        for number in range(of["near"]):
            day = days[number % 700]
            all_invoices.row(90003, f"{number:07d}", day, day, 50000, "Vård", "", all_invoices.next_voucher())
        # Half of them credits of the other half.
        for number in range(of["credits"]):
            day = days[number % 700]
            voucher = all_invoices.next_voucher()
            kind, amount = ("K", -777700) if number % 2 else ("R", 777700)
            all_invoices.row(90004, f"{kind}{number}", day, day, amount, "Park", "", voucher)
        # One invoice, under one contract.
        voucher = all_invoices.next_voucher()
        for number in range(of["one_invoice"]):
            all_invoices.row(90005, "STOR", week[1], week[1], 100 + number % 900, f"Enhet {number % 40}", "AV-90005", voucher)
        # What is usual.
        left = konteringar - sum(of.values())
        while left > 0:
            supplier = 10000 + int(suppliers * draw.random() ** 2)
            back = draw.randrange(1, 700)
            day, booked = days[back], days[max(1, back - draw.randrange(0, 10))]
            contract = f"AV-{supplier}" if supplier % 3 == 0 else ""
            voucher, number = all_invoices.next_voucher(), f"{draw.randrange(10**7):07d}"
            for _ in range(min(left, draw.choice((1, 2, 2, 3, 3, 3, 5, 8)))):
                amount = draw.randrange(1000, 900000)
                all_invoices.row(supplier, number, day, booked, amount, f"Enhet {draw.randrange(12)}", contract, voucher)
                left -= 1
        all_invoices.flush()
    ids = [*range(10000, 10000 + suppliers), *range(90001, 90006)]
    write(night / "leverantorer.csv", "cp1252", "Leverantörsnummer;Namn;Organisationsnummer;Betalningssätt;Betalkonto;Upplagd;Ändrad betaluppgift;Spärrad",
          (f"{i};Bolag {i} AB;{organisation_number(i)};BG;{5000000 + i % 1000000};2019-01-01;;N" for i in ids))
    write(night / "foretag.csv", "utf-8", "Organisationsnummer;Namn;F-skatt;Moms;Arbetsgivare;Status;Status sedan",
          (f"{organisation_number(i)};Bolag {i} AB;J;J;J;Aktiv;2001-01-01" for i in ids))
    write(night / "avtal.csv", "utf-8", "Avtal;Leverantörsnummer;Avser;Från;Till;Takbelopp",
          (f"AV-{i};{i};Varor;2025-01-01;2027-12-31;4000000" for i in ids if i % 3 == 0 or i == 90005))
    write(night / "varningslista.csv", "utf-8", "Organisationsnummer;Betalkonto;Namn;Tillagd",
          (f"{organisation_number(500000 + i)};;Bluff {i};2026-01-01" for i in range(500)))


def write(path, encoding, header, rows):
    with open(path, "w", encoding=encoding, newline="\n") as out:
        out.write(header + "\n")
        out.writelines(row + "\n" for row in rows)


if __name__ == "__main__":
    make(int(sys.argv[1]), pathlib.Path(sys.argv[2]))
