"""Peer: the customers table with Faker, row by row. usage: ROWS OUT.csv"""

import csv
import datetime
import sys

from faker import Faker

n, out = int(sys.argv[1]), sys.argv[2]
fake = Faker("en_US", use_weighting=False)
Faker.seed(42)
born = datetime.date(1980, 1, 1), datetime.date(2000, 12, 31)
signed = datetime.datetime(2020, 1, 1), datetime.datetime(2025, 1, 1)
with open(out, "w", newline="") as handle:
    writer = csv.writer(handle)
    writer.writerow(
        ["customer_id", "firstname", "lastname", "email", "dob", "city", "state", "phone", "signup", "balance"]
    )
    for i in range(1, n + 1):
        first, last = fake.first_name(), fake.last_name()
        writer.writerow(
            (
                i,
                first,
                last,
                f"{first.lower()}.{last.lower()}@example.com",
                fake.date_between_dates(*born),
                fake.city(),
                fake.state_abbr(),
                fake.numerify("###-###-####"),
                fake.date_time_between_dates(*signed),
                "%.2f" % (fake.random_int(0, 9999999999) / 100),
            )
        )
