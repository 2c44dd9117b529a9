"""What two lists of answers differ in, and whether that is known: differences.txt."""
import fnmatch

import schema

REQUESTS = {name: message for name, message in schema.MESSAGES.items() if name.endswith("Request")}
MISSING = "(nothing)"


def between(wanted, got):
    """(case, path, Kafka's, ours), in the order of ours."""
    found = []
    for case in list(got) + [case for case in wanted if case not in got]:
        if case not in wanted:
            found.append((case, "(case)", "not recorded", "asked"))
        elif case not in got:
            found.append((case, "(case)", "recorded", "not asked"))
        else:
            for name, kafkas, ours in zip(("(request)", ""), wanted[case], got[case]):
                found += [(case, path, *values) for path, *values in compare(name, kafkas, ours)]
    return found


def compare(path, kafkas, ours):
    """Of two errors, or an error and none, the codes: what else is told beside them differs with them."""
    if isinstance(kafkas, dict) and isinstance(ours, dict):
        if kafkas.get("ErrorCode", 0) != ours.get("ErrorCode", 0):
            kafkas, ours = ({"ErrorCode": each.get("ErrorCode", 0)} for each in (kafkas, ours))
        for name in list(kafkas) + [name for name in ours if name not in kafkas]:
            yield from compare(f"{path}.{name}" if path else name, kafkas.get(name, MISSING), ours.get(name, MISSING))
    elif isinstance(kafkas, list) and isinstance(ours, list):
        for index in range(max(len(kafkas), len(ours))):
            yield from compare(f"{path}[{index}]", kafkas[index] if index < len(kafkas) else MISSING,
                               ours[index] if index < len(ours) else MISSING)
    elif kafkas != ours or isinstance(kafkas, bool) != isinstance(ours, bool):
        yield path or "(answer)", kafkas, ours


def told(difference):
    (api, version, name), path, kafkas, ours = difference
    return f"{api} {version} {name} | {path} | {short(kafkas)} | {short(ours)}"


def short(value):
    text = str(value).replace("\n", " ").replace("|", "/")
    return text if len(text) <= 90 else text[:87] + "..."


def listed(path):
    """(line number, pattern): the lines below a reason. A line without | is part of one."""
    out, has_reason = [], False
    with open(path, encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            text = text.rstrip("\n")
            if text.startswith("#"):
                continue
            if " | " in text:
                if not has_reason:
                    raise SystemExit(f"differences.txt, line {number}: a difference without a reason")
                out.append((number, text))
            else:
                has_reason = bool(text)
    return out


def matches(pattern, difference):
    """Cell by cell; * stands for anything, and [ is itself."""
    cells, ours = pattern.split(" | "), told(difference).split(" | ")
    return len(cells) == len(ours) and all(
        fnmatch.fnmatchcase(got, cell.replace("[", "[[]")) for cell, got in zip(cells, ours))


def judge(found, path):
    """What is wrong, a line each."""
    patterns = listed(path)
    used, wrong = set(), []
    for difference in found:
        known = [number for number, pattern in patterns if matches(pattern, difference)]
        used.update(known)
        if not known:
            wrong.append("differs: " + told(difference))
    wrong += [f"differs no longer: differences.txt, line {number}: {pattern}" for number, pattern in patterns if number not in used]
    return wrong
