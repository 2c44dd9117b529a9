#!/usr/bin/env python3
"""run.py check|record|show ADDRESS [FOLDER]: asks the broker at ADDRESS all cases. `record` writes its answers into FOLDER, the
recorded answers of Kafka (tests/golden/answers); `check` compares with them, field by field; `show` prints what differs, as
differences.txt tells it.

A difference that is not in differences.txt fails, and so does a line of it that is none any more.
"""
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import differences  # noqa: E402
from asking import Asking  # noqa: E402
from cases import run_all  # noqa: E402

GOLDEN = os.path.join(HERE, "..", "..", "golden", "answers")
HEAD = """# Answers of Apache Kafka 4.3.1 to the cases of tests/clients/answers, written by tests/clients/answers_record.sh.
# Of each case: version and name; > what was asked; < what was answered. normal.py says which values are replaced by names.
"""


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def record(asking, folder):
    for old in glob.glob(os.path.join(folder, "*.txt")):
        os.remove(old)
    os.makedirs(folder, exist_ok=True)
    for api in sorted({api for api, _, _ in asking.cases}):
        with open(os.path.join(folder, api + ".txt"), "w", encoding="ascii") as out:
            out.write(HEAD)
            for (of, version, name), (asked, answered) in asking.cases.items():
                if of == api:
                    out.write(f"\n{version} {name}\n> {line(asked)}\n< {line(answered)}\n")


def recorded(folder):
    cases = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        api = os.path.basename(path)[:-len(".txt")]
        with open(path, encoding="ascii") as lines:
            case = None
            for text in lines.read().split("\n"):
                if text[:2] in ("> ", "< "):
                    cases[case].append(json.loads(text[2:]))
                elif text and not text.startswith("#"):
                    version, _, name = text.partition(" ")
                    case = (api, int(version), name)
                    cases[case] = []
    return cases


def not_asked(asking):
    """The versions that the broker serves, and that no case has."""
    answer = asking.quietly("ApiVersions", 0, {})
    keys = {message.key: name[:-len("Request")] for name, message in differences.REQUESTS.items()}
    served = {(keys.get(each["ApiKey"], each["ApiKey"]), version)
              for each in answer["ApiKeys"] for version in range(each["MinVersion"], each["MaxVersion"] + 1)}
    return sorted(f"{api} {version}" for api, version in served - asking.asked)


def main():
    action, address = sys.argv[1:3]
    folder = sys.argv[3] if len(sys.argv) > 3 else GOLDEN
    asking = Asking(address)
    run_all(asking)
    print(f"{len(asking.cases)} cases")
    if action == "record":
        return record(asking, folder)
    found = differences.between(recorded(folder), {case: list(both) for case, both in asking.cases.items()})
    if action == "show":
        return print("\n".join(differences.told(each) for each in found))
    wrong = differences.judge(found, os.path.join(HERE, "differences.txt"))
    wrong += [f"served, and not asked: {each}" for each in not_asked(asking)]
    asking.close()
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
