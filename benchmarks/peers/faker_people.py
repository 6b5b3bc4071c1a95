"""Peer: people with Faker, row by row. usage: ROWS OUT.csv"""

import csv
import datetime
import sys

from faker import Faker

n, out = int(sys.argv[1]), sys.argv[2]
fake = Faker("en_US", use_weighting=False)
german = Faker("de_DE")
Faker.seed(42)
today = datetime.date(2026, 1, 1)
with open(out, "w", newline="") as handle:
    writer = csv.writer(handle)
    for i in range(1, n + 1):
        first, last = fake.first_name(), fake.last_name()
        born = fake.date_of_birth(minimum_age=18, maximum_age=90)
        place = fake.local_latlng("US")
        writer.writerow(
            (
                i,
                first,
                last,
                fake.random_element(("female", "male")),
                born,
                (today - born).days // 365,
                f"{first.lower()}.{last.lower()}@example.com",
                fake.user_name(),
                fake.street_address(),
                place[2],
                fake.state_abbr(),
                fake.postcode(),
                place[0],
                place[1],
                fake.phone_number(),
                fake.job(),
                fake.credit_card_number(),
                fake.credit_card_expire(),
                german.iban(),
                fake.numerify("##########"),
            )
        )
