"""Peer: the customers table with mimesis' providers (its fastest way). usage: ROWS OUT.csv"""

import csv
import sys

from mimesis import Generic, Locale

n, out = int(sys.argv[1]), sys.argv[2]
generic = Generic(Locale.EN, seed=42)
person, when, address, number = generic.person, generic.datetime, generic.address, generic.numeric
with open(out, "w", newline="") as handle:
    writer = csv.writer(handle)
    writer.writerow(
        ["customer_id", "firstname", "lastname", "email", "dob", "city", "state", "phone", "signup", "balance"]
    )
    for i in range(1, n + 1):
        first, last = person.first_name(), person.last_name()
        writer.writerow(
            (
                i,
                first,
                last,
                f"{first.lower()}.{last.lower()}@example.com",
                when.date(start=1980, end=2000),
                address.city(),
                address.state(abbr=True),
                person.telephone(mask="###-###-####"),
                when.datetime(start=2020, end=2024),
                number.float_number(start=0, end=99999999, precision=2),
            )
        )
