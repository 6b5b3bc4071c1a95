"""Health: one condition a row, fit for the age and gender of the row's person, of which all columns of the group tell."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.draws import AliasTables
from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.people import FullNames
from faasera.generators.semantic.person import Attribute, Person, longest
from faasera.generators.semantic.registry import Member, Subject, declare
from faasera.vocabulary.reference import GENDERS, rows_of

HEALTH, HOSPITAL = "person", "hospital"
_OLDEST = 121


class Condition(Subject):
    """What the person of a row has."""

    kind = "health"

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self._person = Person.of(member)
        self.rows = rows_of("conditions.csv")

    @cached_property
    def _tables(self) -> AliasTables:
        """Weights of the conditions for women of each age, then for men."""
        found = []
        for gender in GENDERS:
            for age in range(_OLDEST + 1):
                found.append([float(row["weight"]) * self._possible(row, gender, age) for row in self.rows])
        return AliasTables(found)

    @staticmethod
    def _possible(row: dict[str, str], gender: str, age: int) -> bool:
        return row["gender"] in ("", gender) and int(row["from"]) <= min(age, 110) <= int(row["to"])

    def indices(self, context: Context) -> npt.NDArray[np.int32]:
        """The condition of each row."""

        def draw() -> npt.NDArray[np.int32]:
            ages = np.clip(self._person.age_years(context), 0, _OLDEST)
            which = self._person.genders(context) * (_OLDEST + 1) + ages
            return self._tables.indices(self.words(context, "condition"), which).astype(np.int32)

        found: npt.NDArray[np.int32] = self.shared(context, "condition", draw)
        return found

    def listed(self, texts: list[str]) -> Callable[[Context], pa.Array]:
        """A text for each condition, by row."""
        values = pa.array(texts)

        def make(context: Context) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(self.indices(context)), values, safe=False)

        return make


def _of(column: str, phrase: str) -> Callable[[Member], Choice | Generator | None]:
    def compiled(member: Member) -> Choice | Generator:
        condition = Condition.of(member)
        texts = [row[column][:1].upper() + row[column][1:] for row in condition.rows]
        if member.scope.unique:
            return Choice(ListDomain(pa.array(texts).unique(), STRING, phrase))
        return Attribute(
            condition.listed(texts), f"{phrase} of the row's condition", max_length=longest(pa.array(texts))
        )

    return compiled


_FOLLOW_UPS = ("Follow-up in two weeks.", "Follow-up in three months.", "Return if symptoms persist.", "Discussed with patient, questions answered.", "No follow-up needed.", "Referred to specialist.", "Laboratory tests to be repeated in six weeks.", "Patient agrees with the plan.")  # fmt: skip


def _clinical_notes(member: Member) -> Generator:
    condition = Condition.of(member)
    texts = [
        f"Patient presents with {'no complaints' if row['symptoms'] == 'none' else row['symptoms']}. "
        f"Assessment: {row['diagnosis']} ({row['icd10']}). Plan: {row['treatment']}. "
        for row in condition.rows
    ]
    first, endings, joiner = condition.listed(texts), pa.array(_FOLLOW_UPS), ListJoiner("")

    def make(context: Context) -> pa.Array:
        chosen = below(condition.words(context, "follow-up"), len(endings)).astype(np.int32)
        return joiner.join([first(context), pa.DictionaryArray.from_arrays(pa.array(chosen), endings, safe=False)])

    return Attribute(make, "a note on the row's condition", max_length=longest(pa.array(texts), endings))


def _physician(member: Member) -> Generator:
    physician = Person.of(replace(member, group=f"{member.group}/physician", siblings={}))
    names = FullNames(physician, str(member.locale.data["fullName"]), "Dr. ")
    return Attribute(names, f"a physician's name, {member.locale.name}", max_length=names.max_length)


_SAINTS = ("Saint Agnes", "Saint Brendan", "Saint Clare", "Saint Dunstan", "Saint Elmo", "Holy Grove", "Good Harbor", "Cedar Ridge", "Lakeview", "Riverbend", "Summit", "Maple Grove", "Northgate", "Eastfield", "Westbrook", "Southhaven", "Pine Valley", "Silver Creek", "Fairmount", "Harborview", "Greenfield", "Clearwater", "Stonebridge", "Willow Park")  # fmt: skip
_HOUSES = ("Hospital", "Medical Center", "General Hospital", "Regional Medical Center", "Children's Hospital", "Community Hospital", "University Hospital", "Memorial Hospital")  # fmt: skip


def _hospitals() -> tuple[list[str], list[str]]:
    names = [f"{name} {house}" for name in _SAINTS for house in _HOUSES]
    short = ["".join(word[0] for word in name.replace("'s", "").split()) for name in names]
    return names, short


def _hospital(member: Member, which: int) -> Choice:
    texts = pa.array(_hospitals()[which])
    return Choice(ListDomain(texts, STRING, "hospitals that there are not"), stream=member.stream("hospital", HOSPITAL))


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
declare(name="hospital", kind=HOSPITAL, localised=True, locales=("en",), names=("hospital", "hospitalname", "clinic", "clinicname", "facilityname"), summary="A hospital.", example="Cedar Ridge Medical Center", compile=lambda member: _hospital(member, 0), safe="made-up names")  # fmt: skip
declare(name="hospital-abbreviation", kind=HOSPITAL, localised=True, locales=("en",), names=("hospitalabbreviation", "hospitalcode", "hospitalabbr"), summary="Its initials.", example="CRMC", compile=lambda member: _hospital(member, 1), safe="made-up names", pattern="[A-Z]{2,6}")  # fmt: skip
