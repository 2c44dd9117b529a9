#!/usr/bin/env python3
"""Reads every #include of the project and names each one that crosses the floors.

The floors are read from the bobbin_library lines of lib/CMakeLists.txt, so that there is one list of them:
a folder includes itself and what it is linked with, all of that and nothing else. Besides, some headers have
one home: system calls and Boost.Interprocess in lib/os, options and TOML in cmd, and so on (HOMES below). <csignal> is
for everybody: the names of signals are words of the standard. The headers that are installed, lib/bobbin/*.h, include
each other and the standard library; one of them, bobbin/values.h, stands below all floors.

    includes.py ROOT       check the tree; exit 1 and a line for each crossing
    includes.py --self     plant each kind of crossing in a small tree and see that it is named
"""
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
LIBRARY = re.compile(r"^\s*bobbin_library\(([^)]*)\)", re.MULTILINE)
ENDINGS = {".h", ".cpp"}

# (what, headers, where they may be included)
HOMES = [
    ("system calls", re.compile(r"^(sys|linux|netinet|arpa|net)/|^(unistd|fcntl|poll|pthread|sched|signal|dirent|"
                                r"dlfcn|grp|pwd|ifaddrs|netdb|semaphore|spawn|termios|utime|glob|ftw|aio|mqueue)\.h$"),
     ["lib/os/", "tests/"]),
    ("threads", re.compile(r"^(thread|mutex|condition_variable|shared_mutex|future|semaphore|barrier|latch|stop_token)$"),
     ["lib/os/", "tests/"]),
    ("Boost.Interprocess", re.compile(r"^boost/interprocess/"), ["lib/os/"]),
    ("CLI11", re.compile(r"^CLI/"), ["cmd/"]),
    ("toml++", re.compile(r"^toml\+\+/"), ["cmd/"]),
    ("RE2", re.compile(r"^re2/"), ["cmd/"]),
    ("Catch2", re.compile(r"^catch2/"), ["tests/"]),
    ("spdlog", re.compile(r"^spdlog/"), ["lib/broker/", "cmd/"]),
]


# Nothing but types, of the standard library alone: whoever needs one includes it.
FOR_ALL = {"bobbin/values.h"}


def floors(cmake_text):
    """Folder -> the folders that it is linked with. Each stands above those."""
    links = {}
    for words in LIBRARY.findall(cmake_text):
        name, *direct = words.split()
        links[name] = set(direct)
    return links


def all_below(links, name):
    return links[name].union(*(all_below(links, link) for link in links[name]))


def sources(root):
    for top in ("lib", "cmd", "tests"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in ENDINGS and path.is_file():
                yield path


def crossing_of_public(place, header):
    """Why an installed header may not include "header" or <header>, or None."""
    if not re.fullmatch(r"lib/bobbin/[^/]+\.h", place):
        return None
    if re.fullmatch(r"bobbin/[^/]+\.h|[a-z_]+", header):
        return None
    return "an installed header needs nothing that is not installed"


def crossing_of_floors(place, header, links):
    """Why a file at `place` may not include "header" of ours, or None."""
    if header in FOR_ALL:
        return None
    target = header.split("/")[0]
    if place.startswith("lib/"):
        own = place.split("/")[1]
        if own not in links:
            return f"lib/{own} is not in lib/CMakeLists.txt"
        if target == "cmd":
            return "lib does not know cmd"
        if target in links and target != own and target not in links[own]:
            return f"{own} is not linked with {target}" if target in all_below(links, own) else f"{own} is not above {target}"
    if place.startswith(("lib/", "cmd/")) and target == "tests":
        return "tests are included by tests only"
    return None


def crossings(root):
    links = floors((root / "lib" / "CMakeLists.txt").read_text())
    if not links:
        yield "lib/CMakeLists.txt: no bobbin_library line was found"
    unused = {(own, link) for own, direct in links.items() for link in direct}
    for path in sources(root):
        place = path.relative_to(root).as_posix()
        text = path.read_text(errors="replace")
        for found in INCLUDE.finditer(text):
            header = found.group(2)
            if place.startswith("lib/"):
                unused.discard((place.split("/")[1], header.split("/")[0]))
            line = text.count("\n", 0, found.start(2)) + 1
            reasons = [crossing_of_floors(place, header, links), crossing_of_public(place, header)]
            if header.startswith("../"):
                reasons.append("ours are included as folder/file.h")
            reasons += [f"{what} is for {' and '.join(homes)}" for what, pattern, homes in HOMES
                        if pattern.search(header) and not place.startswith(tuple(homes))]
            for reason in filter(None, reasons):
                yield f"{place}:{line}: includes {header}: {reason}"
    for own, link in sorted(unused):
        yield f"lib/CMakeLists.txt: {own} is linked with {link}, and includes nothing of it"


def plant(root, place, include):
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"// planted\n#include {include}\n")


PLANTED = [  # (place, include, what must be said; None: allowed)
    ("lib/base/a.h", '"os/file.h"', "base is not above os"),
    ("lib/os/a.h", '"base/id.h"', None),
    ("lib/os/b.cpp", "<sys/mman.h>", None),
    ("lib/os/c.cpp", "<boost/interprocess/mapped_region.hpp>", None),
    ("lib/record/a.cpp", '"os/file.h"', "record is not above os"),
    ("lib/log/a.cpp", '"record/batch.h"', None),
    ("lib/log/b.cpp", "<fcntl.h>", "system calls is for lib/os/"),
    ("lib/log/c.cpp", '"metadata/image.h"', "log is not above metadata"),
    ("lib/metadata/a.cpp", '"log/log.h"', None),
    ("lib/metadata/b.cpp", "<mutex>", "threads is for lib/os/"),
    ("lib/client/a.cpp", '"broker/broker.h"', "client is not above broker"),
    ("lib/broker/a.cpp", '"base/id.h"', "broker is not linked with base"),
    ("lib/broker/b.cpp", "<spdlog/spdlog.h>", None),
    ("lib/broker/c.cpp", '"cmd/exit.h"', "lib does not know cmd"),
    ("lib/client/b.cpp", "  <toml++/toml.h>", "toml++ is for cmd/"),
    ("lib/client/c.cpp", "<CLI/CLI.hpp>", "CLI11 is for cmd/"),
    ("lib/log/d.cpp", "<catch2/catch.hpp>", "Catch2 is for tests/"),
    ("lib/log/e.cpp", "<spdlog/spdlog.h>", "spdlog is for lib/broker/ and cmd/"),
    ("lib/log/f.cpp", '"../record/batch.h"', "ours are included as"),
    ("lib/client/d.cpp", '"bobbin/producer.h"', "client is not above bobbin"),
    ("lib/broker/d.cpp", '"bobbin/producer.h"', "broker is not above bobbin"),
    ("lib/record/b.h", '"bobbin/values.h"', None),
    ("lib/bobbin/a.h", '"client/session.h"', "an installed header needs nothing that is not installed"),
    ("lib/bobbin/b.h", "<zlib.h>", "an installed header needs nothing that is not installed"),
    ("lib/bobbin/c.h", '"bobbin/internal/convert.h"', "an installed header needs nothing that is not installed"),
    ("lib/bobbin/d.h", '"bobbin/a.h"', None),
    ("lib/bobbin/e.h", "<string_view>", None),
    ("lib/bobbin/a.cpp", '"client/session.h"', None),
    ("lib/bobbin/b.cpp", '"broker/broker.h"', "bobbin is not above broker"),
    ("lib/extra/a.cpp", '"base/id.h"', "lib/extra is not in"),
    ("cmd/a.cpp", "<poll.h>", "system calls is for lib/os/"),
    ("cmd/b.cpp", '"client/session.h"', None),
    ("tests/log/a.cpp", '"log/log.h"', None),
]


def prove_itself():
    failures = []
    with tempfile.TemporaryDirectory(prefix="bobbin-architecture-") as name:
        root = pathlib.Path(name)
        for top in ("lib", "cmd", "tests"):
            (root / top).mkdir()
        (root / "lib" / "CMakeLists.txt").write_text(
            "bobbin_library(base)\nbobbin_library(os base)\nbobbin_library(record base)\n"
            "bobbin_library(log os record)\nbobbin_library(metadata log)\nbobbin_library(client metadata)\n"
            "bobbin_library(broker metadata)\nbobbin_library(bobbin client)\n")
        for place, include, _ in PLANTED:
            plant(root, place, include)
        said = list(crossings(root))
        for place, include, wanted in PLANTED:
            lines = [line for line in said if line.startswith(f"{place}:2: ")]
            if wanted is None and lines:
                failures.append(f"allowed, but named: {lines[0]}")
            if wanted is not None and not any(wanted in line for line in lines):
                failures.append(f"planted in {place}, but not named: #include {include} ({wanted})")
        links = [line for line in said if line.startswith("lib/CMakeLists.txt: ")]
        wanted = [f"lib/CMakeLists.txt: {own} is linked with {link}, and includes nothing of it"
                  for own, link in (("broker", "metadata"), ("client", "metadata"), ("log", "os"), ("record", "base"))]
        if links != wanted:
            failures.append(f"links that are of no use: {links}")
    return failures


def main():
    if sys.argv[1:] == ["--self"]:
        problems = prove_itself()
    elif len(sys.argv) == 2:
        problems = list(crossings(pathlib.Path(sys.argv[1])))
    else:
        sys.exit(__doc__)
    print("\n".join(problems) if problems else "no crossing")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
