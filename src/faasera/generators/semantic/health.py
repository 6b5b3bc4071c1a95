"""Health: one condition a row, fit for the age and gender of the row's person, of which all columns of the group tell."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from typing_extensions import override

from faasera.core.draws import AliasTables
from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.joined import ListJoiner
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.people import FullNames
from faasera.generators.semantic.person import Person, ShownNames
from faasera.generators.semantic.registry import declare
from faasera.vocabulary.reference import GENDERS, rows_of

HEALTH, HOSPITAL = "person", "hospital"
_OLDEST = 121


@cache
def _conditions() -> AliasTables:
    """Weights of the conditions for women of each age, then for men."""
    rows = rows_of("conditions.csv")
    found = []
    for gender in GENDERS:
        for age in range(_OLDEST + 1):
            found.append([float(row["weight"]) * _possible(row, gender, age) for row in rows])
    return AliasTables(found)


def _possible(row: dict[str, str], gender: str, age: int) -> bool:
    return row["gender"] in ("", gender) and int(row["from"]) <= min(age, 110) <= int(row["to"])


@cache
def _texts(column: str) -> pa.Array:
    """A text for each condition, with a capital letter."""
    return pa.array([row[column][:1].upper() + row[column][1:] for row in rows_of("conditions.csv")])


@cache
def _distinct_texts(column: str) -> pa.Array:
    return _texts(column).unique()


@dataclass(frozen=True, eq=False)
class Condition(Subject):
    """What the person of a row has.

    Attributes:
        person: whose it is.
    """

    person: Person
    kind = "health"

    @classmethod
    @override
    def of(cls, column: SemanticColumn) -> Self:
        return cls(column.group, Person.of(column))

    def indices(self, context: Context) -> npt.NDArray[np.int32]:
        """The condition of each row."""

        def draw() -> npt.NDArray[np.int32]:
            ages = np.clip(self.person.age_years(context), 0, _OLDEST)
            which = self.person.genders(context) * (_OLDEST + 1) + ages
            return _conditions().indices(self.words(context, "condition"), which).astype(np.int32)

        found: npt.NDArray[np.int32] = self.shared(context, "condition", draw)
        return found

    def texts(self, context: Context, column: str) -> pa.DictionaryArray:
        """What a column of the list says of the rows' conditions."""
        return dictionary(self.indices(context), _texts(column))


def _of(listed: str, phrase: str) -> Callable[[SemanticColumn], Made | None]:
    def compiled(column: SemanticColumn) -> Made:
        condition = Condition.of(column)
        if column.unique:
            return Choice(known_list(_distinct_texts, listed, source=phrase))
        shown, longest = f"{phrase} of the row's condition", most_characters(_texts, listed)
        return Attribute(condition, Condition.texts, shown, Facts(STRING, max_length=longest), arguments=(listed,))

    return compiled


_FOLLOW_UPS = ("Follow-up in two weeks.", "Follow-up in three months.", "Return if symptoms persist.", "Discussed with patient, questions answered.", "No follow-up needed.", "Referred to specialist.", "Laboratory tests to be repeated in six weeks.", "Patient agrees with the plan.")  # fmt: skip


@cache
def _assessments() -> pa.Array:
    """What a note says of each condition."""
    return pa.array(
        [
            f"Patient presents with {'no complaints' if row['symptoms'] == 'none' else row['symptoms']}. "
            f"Assessment: {row['diagnosis']} ({row['icd10']}). Plan: {row['treatment']}. "
            for row in rows_of("conditions.csv")
        ]
    )


@cache
def _endings() -> pa.Array:
    return pa.array(_FOLLOW_UPS)


@dataclass(frozen=True, eq=False)
class ClinicalNotes(ByContent, Generator):
    """Symptoms, assessment and plan of the row's condition.

    Attributes:
        condition: the row's.
    """

    condition: Condition

    @property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, max_length=most_characters(_assessments) + most_characters(_endings))

    @cached_property
    def _joiner(self) -> ListJoiner:
        return ListJoiner("")

    @override
    def generate(self, context: Context) -> pa.Array:
        first = dictionary(self.condition.indices(context), _assessments())
        chosen = below(self.condition.words(context, "follow-up"), len(_FOLLOW_UPS))
        return self._joiner.join([first, dictionary(chosen, _endings())])

    @override
    def describe(self) -> str:
        return "a note on the row's condition"


def _clinical_notes(column: SemanticColumn) -> Generator:
    return ClinicalNotes(Condition.of(column))


def _physician(column: SemanticColumn) -> Generator:
    group = replace(column.group, name=f"{column.group.name}/physician")
    names = ShownNames.of(replace(column, group=group, siblings={}))
    return FullNames(names, str(column.locale.data["fullName"]), "Dr. ", f"a physician's name, {group.locale}")


_SAINTS = ("Saint Agnes", "Saint Brendan", "Saint Clare", "Saint Dunstan", "Saint Elmo", "Holy Grove", "Good Harbor", "Cedar Ridge", "Lakeview", "Riverbend", "Summit", "Maple Grove", "Northgate", "Eastfield", "Westbrook", "Southhaven", "Pine Valley", "Silver Creek", "Fairmount", "Harborview", "Greenfield", "Clearwater", "Stonebridge", "Willow Park")  # fmt: skip
_HOUSES = ("Hospital", "Medical Center", "General Hospital", "Regional Medical Center", "Children's Hospital", "Community Hospital", "University Hospital", "Memorial Hospital")  # fmt: skip


@cache
def _hospitals() -> pa.Array:
    return pa.array([f"{name} {house}" for name in _SAINTS for house in _HOUSES])


@cache
def _initials() -> pa.Array:
    """The initials of each hospital."""
    names = _hospitals().to_pylist()
    return pa.array(["".join(word[0] for word in name.replace("'s", "").split()) for name in names])


def _hospital(column: SemanticColumn, listed: Callable[[], pa.Array]) -> Choice:
    hospitals = known_list(listed, source="hospitals that there are not")
    return Choice(hospitals, stream=column.group.stream("hospital", HOSPITAL))


_ICD = "ICD-10-CM; weights by common reasons of visits, rounded (CDC, NAMCS)"
_SAFE = "drawn by age and gender alone; tells of no person"
declare(name="diagnosis", kind=HEALTH, localised=True, locales=("en",), names=("diagnosis", "diagnosisname", "condition", "disease", "primarydiagnosis"), summary="Fit for the person's age and gender.", example="Essential hypertension", compile=_of("diagnosis", "diagnosis"), safe=_SAFE, source=_ICD)  # fmt: skip
declare(name="icd10-code", kind=HEALTH, names=("icd10code", "icd10", "icdcode", "diagnosiscode", "icd"), summary="The code of the row's diagnosis.", example="I10", compile=_of("icd10", "code"), safe=_SAFE, source=_ICD, pattern=r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")  # fmt: skip
declare(name="treatment", kind=HEALTH, localised=True, locales=("en",), names=("treatment", "treatmentplan", "therapy"), summary="Of the row's condition.", example="Diet and oral antidiabetics", compile=_of("treatment", "treatment"), safe=_SAFE)  # fmt: skip
declare(name="prescription", kind=HEALTH, localised=True, locales=("en",), names=("prescription", "medication", "drug", "medicine"), summary="Of the row's condition.", example="Metformin 500 mg twice daily", compile=_of("prescription", "prescription"), safe=_SAFE)  # fmt: skip
declare(name="medical-results", kind=HEALTH, localised=True, locales=("en",), names=("medicalresults", "labresult", "labresults", "testresult", "testresults"), summary="Of the row's condition.", example="HbA1c 7.8 %", compile=_of("result", "result"), safe=_SAFE)  # fmt: skip
declare(name="imaging-results", kind=HEALTH, localised=True, locales=("en",), names=("imagingresults", "imagingresult", "imaging", "radiologyreport"), summary="Of the row's condition.", example="X-ray without fracture", compile=_of("imaging", "imaging result"), safe=_SAFE)  # fmt: skip
declare(name="symptoms", kind=HEALTH, localised=True, locales=("en",), names=("symptoms", "symptom", "chiefcomplaint"), summary="Of the row's condition.", example="Thirst and frequent urination", compile=_of("symptoms", "symptoms"), safe=_SAFE)  # fmt: skip
declare(name="clinical-notes", kind=HEALTH, localised=True, locales=("en",), names=("clinicalnotes", "clinicalnote", "visitnotes", "doctorsnotes"), summary="Symptoms, assessment and plan of the row's condition.", example="Patient presents with cough. Assessment: Acute bronchitis (J20.9). Plan: rest. Follow-up in two weeks.", compile=_clinical_notes, safe=_SAFE)  # fmt: skip
declare(name="physician-name", kind="", localised=True, names=("physicianname", "physician", "doctorname", "doctor", "attendingphysician", "surgeon"), summary="The full name of a doctor, not of the row's person.", example="Dr. Henry Walker", compile=_physician, safe="given and family name are drawn apart", source="Faker, mimesis")  # fmt: skip
declare(name="hospital", kind=HOSPITAL, localised=True, locales=("en",), names=("hospital", "hospitalname", "clinic", "clinicname", "facilityname"), summary="A hospital.", example="Cedar Ridge Medical Center", compile=lambda column: _hospital(column, _hospitals), safe="made-up names")  # fmt: skip
declare(name="hospital-abbreviation", kind=HOSPITAL, localised=True, locales=("en",), names=("hospitalabbreviation", "hospitalcode", "hospitalabbr"), summary="Its initials.", example="CRMC", compile=lambda column: _hospital(column, _initials), safe="made-up names", pattern="[A-Z]{2,6}")  # fmt: skip
