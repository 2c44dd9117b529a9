#!/usr/bin/env python3
"""In a manual page that promises something, a comment behind each promise names the tests that show it:

    .\\" Shown by tests/process/replicas.sh tests/cluster/in_sync_test.cpp

shown.py ROOT    each of them is there and is run by ctest; the page about replication has them. Exit 1, and a line for each
                 that is not.
shown.py --self  plants a name that is not there, and sees that it is told
"""
import pathlib
import re
import sys
import tempfile

SHOWN = re.compile(r'^\.\\" Shown by (.*)$', re.MULTILINE)
PAGES_WITH = ("bobbin-replication.7",)


def is_run(root, name):
    path = root / name
    if not path.is_file():
        return False
    if path.suffix == ".cpp":  # built by a pattern, into the test of its folder or the simulation
        return True
    return re.search(rf"\b{path.stem}\b", (path.parent / "CMakeLists.txt").read_text()) is not None


def faults(root):
    for page in sorted((root / "man").glob("*.7")):
        named = [name for line in SHOWN.findall(page.read_text()) for name in line.split()]
        if page.name in PAGES_WITH and not named:
            yield f"{page.name}: names no test"
        for name in named:
            if not is_run(root, name):
                yield f"{page.name}: {name} is not there, or ctest does not run it"


def try_it():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "man").mkdir()
        (root / "tests/cli").mkdir(parents=True)
        (root / "tests/cli/CMakeLists.txt").write_text("cli_test(a)\n")
        for name in ("a.sh", "b.sh"):
            (root / "tests/cli" / name).write_text("")
        page = root / "man/bobbin-replication.7"
        page.write_text(".Sh NAME\n")
        assert len(list(faults(root))) == 1
        page.write_text('.\\" Shown by tests/cli/a.sh\n')
        assert not list(faults(root))
        page.write_text('.\\" Shown by tests/cli/a.sh tests/cli/b.sh tests/cli/c.sh\n')
        assert len(list(faults(root))) == 2


def main():
    if sys.argv[1] == "--self":
        try_it()
        return 0
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "all that is promised is shown")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
