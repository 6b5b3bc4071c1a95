"""What a check found as JUnit XML, for the test pages of pipelines.

Source: the schema that Jenkins and GitLab read, https://github.com/testmoapp/junitxml.
"""

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from faasera.run.check.findings import FAILED, SKIPPED

if TYPE_CHECKING:
    from faasera.run.check.report import CheckReport

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: "CheckReport") -> str:
    """A test suite for each table, a test case for each promise."""
    counts = {"failures": len(report.failed), "skipped": len(report.skipped), "errors": 0}
    root = ElementTree.Element(
        "testsuites", name=_text(report.name), tests=str(len(report.findings)), time=f"{report.seconds:.3f}"
    )
    root.attrib |= {name: str(value) for name, value in counts.items()}
    for table in dict.fromkeys(finding.table for finding in report.findings):
        findings = [finding for finding in report.findings if finding.table == table]
        suite = ElementTree.SubElement(root, "testsuite", name=_text(table), tests=str(len(findings)))
        suite.set("failures", str(sum(finding.status == FAILED for finding in findings)))
        suite.set("skipped", str(sum(finding.status == SKIPPED for finding in findings)))
        for finding in findings:
            about = " ".join(part for part in (finding.kind, finding.subject) if part)
            case = ElementTree.SubElement(
                suite, "testcase", classname=_text(f"{report.name}.{table}"), name=_text(about)
            )
            if finding.status == FAILED:
                failure = ElementTree.SubElement(
                    case, "failure", message=_text(finding.detail or "broken"), type=finding.kind
                )
                failure.text = _text("\n".join(json.dumps(one, ensure_ascii=False) for one in finding.samples))
            elif finding.status == SKIPPED:
                ElementTree.SubElement(case, "skipped", message=_text(finding.detail))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _text(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write."""
    return _FORBIDDEN.sub("\ufffd", text)
