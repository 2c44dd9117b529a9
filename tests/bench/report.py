"""How rows look on a terminal, and in JSON."""
import dataclasses
import os
import platform

from measure import median, spread


def _number(value):
    if value is None:
        return "-"
    for least, digits in ((1000, 0), (100, 1), (1, 2)):
        if abs(value) >= least:
            return f"{value:.{digits}f}"
    return f"{value:.3g}"


def _with_unit(value, unit):
    return _number(value) + ("x" if unit == "x" else f" {unit}" if unit else "")


def _verdict(goal):
    words = []
    for name, bound in (("aim", goal.aim), ("floor", goal.floor)):
        if bound is not None:
            sign = ">=" if goal.more_is_better else "<="
            words.append(f"{name} {sign} {_with_unit(bound, goal.unit)}: {'yes' if goal.reached(bound) else 'NO'}")
    return "; ".join(words)


def _goals(row):
    return [row.compared(), *row.goals]


def print_row(row, smoke):
    print(f"{row.name}: {row.what}" + (f", beside {row.beside}" if row.beside else ""))
    if smoke:
        print("  bytes are right", flush=True)
        return
    for who, values, cpu in (("bobbin", row.bobbin, row.bobbin_cpu_ns), ("beside", row.other, row.other_cpu_ns)):
        if values:
            low, middle, high = map(_number, spread(values))
            costs = f"   {_number(median(cpu)):>8} ns CPU/record" if cpu else ""
            print(f"  {who}  min {low:>8}  median {middle:>8}  max {high:>8} {row.unit:12}{costs}   n={len(values)}")
    for goal in _goals(row):
        print(f"  {goal.text} {_with_unit(goal.value, goal.unit)}   {_verdict(goal)}".rstrip())
    for note in row.notes:
        print(f"  ({note})")
    print(flush=True)


def _bound(goal, bound):
    return "-" if bound is None else f"{_with_unit(bound, goal.unit)} {'yes' if goal.reached(bound) else 'NO'}"


def _cells(row, goal):
    """bobbin, beside, compared"""
    bobbin = _with_unit(median(row.bobbin), row.unit)
    if row.kind == "alone":
        return bobbin, "-", "-"
    sign = "+" if row.kind == "difference" and goal.value >= 0 else ""
    return bobbin, _with_unit(median(row.other), row.unit), sign + _with_unit(goal.value, goal.unit)


def print_table(rows):
    """The whole run as a table of Markdown, for the README."""
    lines = [("scenario", "bobbin", "beside", "compared", "CPU ns/record", "aim", "floor")]
    for row in rows:
        cpu = _number(median(row.bobbin_cpu_ns)) if row.bobbin_cpu_ns else "-"
        if row.other_cpu_ns:
            cpu += f" / {_number(median(row.other_cpu_ns))}"
        for index, goal in enumerate(_goals(row)):
            bounds = [_bound(goal, goal.aim), _bound(goal, goal.floor)]
            if index == 0:
                lines.append((row.name, *_cells(row, goal), cpu, *bounds))
            else:
                lines.append((f"{row.name}: {goal.text}", _with_unit(goal.value, goal.unit), "", "", "", *bounds))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for index, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def machine():
    model, memory = "unknown", 0
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) * 1024
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "memory_bytes": memory, "kernel": platform.release()}


def _judged(goal):
    return {**dataclasses.asdict(goal), "aim_reached": goal.reached(goal.aim), "floor_reached": goal.reached(goal.floor)}


def as_json(rows, failures, skipped):
    listed = [{**dataclasses.asdict(row), "pairs": row.pairs(), "compared": _judged(row.compared()),
               "goals": [_judged(goal) for goal in row.goals]} for row in rows]
    return {"machine": machine(), "rows": listed, "failed": failures, "skipped": skipped}
