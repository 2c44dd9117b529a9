#!/usr/bin/env python3
"""security_page.py PAGE BUILD: every sentence of bobbin-security(7) is followed by the test that holds it,

    .\\" test: NAME          as ctest knows it in BUILD, one or several lines
    .\\" no test: REASON     for what no test can say

and every test that is named is there. Without BUILD's tests there is nothing to compare with, which is a failure.
"""
import re
import subprocess
import sys

page, build = sys.argv[1:]
listed = subprocess.run(["ctest", "--test-dir", build, "-N"], capture_output=True, text=True, check=True).stdout
tests = set(re.findall(r"^\s*Test\s+#\d+: (.*)$", listed, re.MULTILINE))
assert len(tests) > 100, f"ctest knows {len(tests)} tests only"

wrong = []
named = 0
said = False  # nothing: what was said last is a sentence that waits for its test
where = 0
section = ""
for number, line in enumerate(open(page).read().splitlines(), 1):
    note = re.match(r'\.\\" (no test|test): (.+)$', line)
    if note:
        if note[1] == "test":
            named += 1
            if note[2] not in tests:
                wrong.append(f"{page}:{number}: there is no test '{note[2]}'")
        said = False
        continue
    if line.startswith((".Sh", ".Ss")):
        section = line.split(" ", 1)[1]
    if said:
        wrong.append(f"{page}:{where}: this sentence names no test")
        said = False
    # A sentence ends its line, as mdoc wants it; so does a macro's full stop, behind a blank.
    if section not in ("NAME", "SEE ALSO", "") and line.endswith(".") and not line.startswith((".Sh", ".Ss")):
        said, where = True, number
if said:
    wrong.append(f"{page}:{where}: this sentence names no test")
print("\n".join(wrong))
print(f"{named} tests are named")
sys.exit(1 if wrong or named < 30 else 0)
