"""A manifest as a DCAT description in JSON-LD, for data catalogues.

Source: Data Catalog Vocabulary (DCAT) version 3, https://www.w3.org/TR/vocab-dcat-3/; PROV-O for its origin.
"""

from collections.abc import Mapping
from typing import Any

from faasera.writers import WRITERS

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "faasera": "urn:faasera:vocabulary:",
}
_TYPES = "https://www.iana.org/assignments/media-types/"


def dcat(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a run's output; paths are relative to the manifest.

    Args:
        manifest: as it is written.
    """
    run = f"urn:uuid:{manifest['runId']}"
    engine = manifest["engine"]
    described: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": f"{run}#dataset",
        "@type": "dcat:Dataset",
        "dct:title": manifest["name"],
        "dct:identifier": f"{manifest['policyDigest']}-{manifest['seed']}",
        "dct:issued": {"@type": "xsd:dateTime", "@value": manifest["timings"]["finishedAt"]},
        "dcat:keyword": ["synthetic data"] if manifest["synthetic"] else [],
        "faasera:synthetic": manifest["synthetic"],
        "faasera:policyDigest": manifest["policyDigest"],
        "faasera:seed": str(manifest["seed"]),
        "prov:wasGeneratedBy": {
            "@id": run,
            "@type": "prov:Activity",
            "prov:wasAssociatedWith": {
                "@id": "urn:faasera:engine",
                "@type": "prov:SoftwareAgent",
                "dct:title": f"{engine['name']} {engine['version']}",
            },
            "prov:used": [
                {"@id": f"urn:faasera:input:{digest}", "@type": "prov:Entity", "dct:title": name}
                for name, digest in manifest["inputs"].items()
            ],
        },
        "dct:hasPart": [_table(table, manifest, run) for table in manifest["tables"]],
    }
    if description := manifest["policy"].get("description"):
        described["dct:description"] = description
    return described


def _table(table: Mapping[str, Any], manifest: Mapping[str, Any], run: str) -> dict[str, Any]:
    return {
        "@id": f"{run}#{table['name']}",
        "@type": "dcat:Dataset",
        "dct:title": table["name"],
        "faasera:synthetic": table["synthetic"],
        "faasera:rows": table["rows"],
        "faasera:digest": table["digest"],
        "faasera:column": [
            {
                "dct:title": column["name"],
                "faasera:dataType": column["dataType"],
                "faasera:method": column["method"],
                "faasera:marking": column["marking"],
            }
            for column in table["columns"]
        ],
        "dcat:distribution": [_file(file, manifest) for file in table["files"]],
    }


def _media_type(format: str) -> str:
    """The media type of a format's files; of any bytes where the format is not known here."""
    declared = WRITERS.get(format)
    return declared.media_type if declared is not None else "application/octet-stream"


def _file(file: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "@type": "dcat:Distribution",
        "dcat:downloadURL": {"@id": file["path"]},
        "dcat:mediaType": {"@id": _TYPES + _media_type(manifest["format"])},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file["bytes"])},
    }
    if "sha256" in file:
        described["spdx:checksum"] = {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": file["sha256"],
        }
    return described
