"""Peer: people with mimesis, row by row. usage: ROWS OUT.csv"""

import csv
import sys

from mimesis import Address, Datetime, Payment, Person
from mimesis.locales import Locale
from mimesis.random import Random

n, out = int(sys.argv[1]), sys.argv[2]
person, address, pay, day = Person(Locale.EN, seed=42), Address(Locale.EN, seed=42), Payment(seed=42), Datetime(seed=42)
random = Random()
random.seed(42)
with open(out, "w", newline="") as handle:
    writer = csv.writer(handle)
    for i in range(1, n + 1):
        first, last = person.first_name(), person.last_name()
        writer.writerow(
            (
                i,
                first,
                last,
                person.gender(),
                day.date(start=1936, end=2007),
                person.random.randint(18, 90),
                f"{first.lower()}.{last.lower()}@example.com",
                person.username(),
                address.address(),
                address.city(),
                address.state(abbr=True),
                address.zip_code(),
                address.latitude(),
                address.longitude(),
                person.phone_number(),
                person.occupation(),
                pay.credit_card_number(),
                pay.credit_card_expiration_date(),
                random.generate_string_by_mask("DE####################"),
                random.generate_string_by_mask("##########"),
            )
        )
