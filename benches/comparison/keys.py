"""What each program hands over: for every check the subjects that deviate."""

import csv
import hashlib


def write(path, found):
    """The file `check;subject`, and on the screen each check's number and digest."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";")
        for check, subjects in found.items():
            rows.writerows((check, subject) for subject in sorted(subjects))
            print(f"{check}: {len(subjects)} {digest(subjects)}")


def read(path):
    found = {}
    with open(path, newline="", encoding="utf-8") as file:
        for check, subject in csv.reader(file, delimiter=";"):
            found.setdefault(check, set()).add(subject)
    return found


def digest(subjects):
    """The first twelve signs of the SHA-256 of the sorted keys, one a line."""
    return hashlib.sha256("".join(f"{subject}\n" for subject in sorted(subjects)).encode()).hexdigest()[:12]
