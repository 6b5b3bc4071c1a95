"""What names of columns mean, and what they do not."""

import pytest
from policies import problem, table

import faasera
from faasera.generators.meaning import TypeInGroup
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.generators.semantic.neighbours import meaning

KNOWN = {
    "fname": "first-name", "FirstName": "first-name", "last_name": "last-name", "surname": "last-name", "cust_email": "email-address",
    "e_mail": "email-address", "eMailAddress": "email-address", "zip": "zip-code", "ZIP_CODE": "zip-code", "billing_postcode": "postcode",
    "dob": "date-of-birth", "date_of_birth": "date-of-birth", "birthDate": "date-of-birth", "homePhone": "phone-number", "mobile": "phone-number",
    "addr_city": "city", "billingCity": "city", "ShipToState": "state", "lat": "latitude", "lng": "longitude", "tz": "time-zone",
    "job_title": "occupation", "employer": "company", "company_name": "company", "iban": "iban-code", "cc_number": "creditcard-number", "cvv": "creditcard-cvc",
    "ip": "ip-address", "user_agent": "user-agent", "uuid": "guid", "login": "username", "street": "street-name", "address1": "street-address",
    "ssn": "ssn", "vin": "vin", "isbn": "isbn13", "product_name": "product-name", "sku": "sku", "icd10": "icd10-code", "medication": "prescription",
    "patient_name": "firstname-lastname", "full_name": "firstname-lastname", "supplier_name": "company", "cardholder": "firstname-lastname", "phone2": "phone-number",
}  # fmt: skip
UNSURE = [
    "name",
    "value",
    "status",
    "type",
    "code",
    "number",
    "data",
    "x",
    "title",
    "info",
    "count",
    "total",
    "amount",
    "state_machine",
    "emails_sent",
    "city_id",
    "phone_verified",
    "zipper",
    "ageing",
    "manager",
]


@pytest.mark.parametrize("name", KNOWN)
def test_a_name_that_is_sure(name):
    found = meaning(name, "t")
    assert found is not None and found.semantic == KNOWN[name]


@pytest.mark.parametrize("name", UNSURE)
def test_a_name_that_is_not_sure_is_refused(name):
    assert meaning(name, "t") is None
    found = problem(table({name: {}}))
    assert found.code == "cannot-infer" and "semanticType" in found.remedy


@pytest.mark.parametrize(
    "column,table_name,expected",
    [
        ("name", "customers", TypeInGroup("firstname-lastname", "")),
        ("name", "products", TypeInGroup("product-name", "")),
        ("name", "suppliers", TypeInGroup("company", "")),
        ("name", "crm.patients", TypeInGroup("firstname-lastname", "")),
        ("name", "orders", None),
        ("cust_email", "customers", TypeInGroup("email-address", "")),
        ("cust_email", "orders", TypeInGroup("email-address", "cust")),
        ("billing_city", "orders", TypeInGroup("city", "billing")),
        ("home_phone", "orders", TypeInGroup("phone-number", "")),
        ("emergency_contact_phone", "patients", TypeInGroup("phone-number", "emergency")),
        ("shipping_home_phone", "orders", TypeInGroup("phone-number", "shipping")),
    ],
)
def test_groups_and_tables(column, table_name, expected):
    assert meaning(column, table_name) == expected


def test_no_two_types_claim_a_name():
    names = [name for entry in SEMANTIC_TYPES for name in entry.names]
    assert len(set(names)) == len(names) and all(name == name.lower() and name.isalnum() for name in names)


def test_the_plan_shows_what_was_inferred():
    columns = faasera.load(
        table(
            {
                "fname": {},
                "x": {"type": "RANDOM", "semanticType": "city"},
                "zip": {"type": "RANDOM", "dataType": "STRING"},
            }
        )
    ).plan.as_dict()["tables"][0]["columns"]
    assert [(one.get("semanticType"), one.get("inferred")) for one in columns] == [
        ("first-name", True),
        ("city", None),
        ("zip-code", True),
    ]


@pytest.mark.parametrize(
    "name,data_type,expected",
    [
        ("age", "BIGINT", "age"),
        ("age", "STRING", None),
        ("latitude", "DECIMAL(9,6)", "latitude"),
        ("latitude", "INTEGER", None),
        ("email", "STRING", "email-address"),
        ("zip", "INTEGER", None),
        ("dob", "DATE", "date-of-birth"),
    ],
)
def test_the_data_type_has_its_say(name, data_type, expected):
    column = faasera.load(table({name: {"type": "RANDOM", "dataType": data_type}})).plan.tables["t"].column(name)
    assert str(column.data_type) == data_type
    assert (column.meaning.semantic_type if column.meaning else None) == expected
