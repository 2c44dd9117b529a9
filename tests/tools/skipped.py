"""Prints each skipped test of a JUnit report with the reason that the test gave for it."""
import sys
import xml.etree.ElementTree

for case in xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.find("skipped") is None:
        continue
    said = [line.strip() for line in (case.findtext("system-out") or "").splitlines() if line.strip()]
    reasons = [line for line in said if line.startswith("skipped: ")] or said[-1:] or ["no reason given"]
    print(f"Skipped: {case.get('name')}: {reasons[-1].removeprefix('skipped: ')}")
