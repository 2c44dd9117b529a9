#!/usr/bin/env python3
"""Reads the pages of the tree (README.md, lib/README.md) and names what they say is there and is not.

In a page, between backticks and in lines that are indented as code:
    a path      cmd/input/input.h, log/unsynced.h (below lib/), tests/sim/ or log/*_index.h  a file or folder of that name
    a class     Log, metadata::Image      declared somewhere in lib, cmd or tests
    a function  Log::append(), route()    written so somewhere there; of a class, in a file that has the class
A link leads to a file. Each folder of lib has a row in the table of floors, `folder` | those that it is linked with, as in
lib/CMakeLists.txt. And no file refers to a page (a name that ends in md) that is not in the tree.

    pages.py ROOT       check the tree; exit 1 and a line for each thing that is not there
    pages.py --self     plant each kind of wrong name in a small tree and see that it is named
"""
import pathlib
import re
import sys
import tempfile

PAGES = ("README.md", "lib/README.md")
SOURCES = {".h", ".cpp"}
TOPS = (".ci", "cmd", "completions", "lib", "man", "tests")

SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"(?<![\w$~/.<=:-])(\.?[a-z][\w.*-]*(?:/[\w.*-]+)+/?|[a-z]+/|[\w-]+\.(?:h|cpp|py|sh|md|txt))(?![\w/<])")
CLASS = re.compile(r"(?:\w+::)*[A-Z]\w*[a-z]\w*")
FUNCTION = re.compile(r"((?:\w+::)*)(\w+)\(\)")
DECLARED = re.compile(r"\b(?:class|struct|union|enum|enum class|concept|using)\s+(?:\[\[\w+\]\]\s*|alignas\([^)]*\)\s*)?([A-Z]\w*)")
CALLED = re.compile(r"\b(\w+)\(")
ROW = re.compile(r"^\| `(\w+)` \| ([\w, ]*?) *\|", re.MULTILINE)
LIBRARY = re.compile(r"^\s*bobbin_library\(([^)]*)\)", re.MULTILINE)
REFERENCE = re.compile(r"[\w./-]*\b\w+\.md\b")


class Tree:
    def __init__(self, root):
        self.root = root
        self.texts = {path.relative_to(root).as_posix(): path.read_text(errors="replace") for path in self.files()}
        self.classes, self.functions = {}, set()
        for place, text in self.texts.items():
            if pathlib.Path(place).suffix in SOURCES:
                for name in DECLARED.findall(text):
                    self.classes.setdefault(name, set()).add(place)
                self.functions.update(CALLED.findall(text))

    def files(self):
        yield from (path for path in self.root.iterdir() if path.is_file())
        for top in TOPS:
            yield from (path for path in sorted((self.root / top).rglob("*")) if path.is_file())

    def has_path(self, name, page):
        places = (self.root, self.root / "lib", (self.root / page).parent)
        return any(any(place.glob(name.rstrip("/"))) for place in places)

    def is_ours(self, name):
        """Whether the first part of a path is a folder of ours; others are files of a cluster or of the machine."""
        first = name.split("/")[0]
        return "/" not in name or first in TOPS or (self.root / "lib" / first).is_dir()

    def has_class(self, name):
        return name.split("::")[-1] in self.classes

    def has_function(self, owners, name):
        owner = owners.rstrip(":").split("::")[-1]
        if not owner or not owner[0].isupper():
            return name in self.functions
        return any(re.search(rf"\b{name}\(", self.texts[place]) for place in self.classes.get(owner, ()))


def wrong_in(tree, span, page):
    """What a span of code names and is not there."""
    for name in PATH.findall(span):
        if tree.is_ours(name) and not tree.has_path(name, page):
            yield f"there is no {name}"
    if found := FUNCTION.fullmatch(span):
        if not tree.has_function(*found.groups()):
            yield f"there is no function {span}"
    elif CLASS.fullmatch(span) and not tree.has_class(span):
        yield f"there is no class {span}"


def code_of(text):
    """(line, code) of each span between backticks, and of each line that is code."""
    for number, line in enumerate(text.splitlines(), 1):
        spans = SPAN.findall(line)
        if line.startswith("    ") and not spans:
            spans = [line.split("  #")[0]]
        yield from ((number, span) for span in spans)


def wrong_rows(tree, text, page):
    linked = {words.split()[0]: set(words.split()[1:]) - {"base"} for words in LIBRARY.findall(tree.texts["lib/CMakeLists.txt"])}
    told = {name: set(links.replace(",", " ").split()) for name, links in ROW.findall(text)}
    for name in sorted(linked.keys() | told.keys()):
        if linked.get(name) != told.get(name):
            yield f"{page}: the row of {name} says {told.get(name)}, lib/CMakeLists.txt {linked.get(name)}"


def wrong_names(root):
    tree = Tree(root)
    for page in PAGES:
        text = tree.texts.get(page, "")
        if not text:
            yield f"{page} is not there"
            continue
        for number, code in code_of(text):
            yield from (f"{page}:{number}: {what}" for what in wrong_in(tree, code, page))
        for target in LINK.findall(text):
            if "://" not in target and not (root / page).parent.joinpath(target.split("#")[0]).exists():
                yield f"{page}: a link leads to {target}, which is not there"
        if page.startswith("lib/"):
            yield from wrong_rows(tree, text, page)
    for place, text in tree.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            for name in REFERENCE.findall(line) if ".md" in line else ():
                if not tree.has_path(name.lstrip("/"), place):
                    yield f"{place}:{number}: refers to {name}, which is not in the tree"


# --- itself

GOOD = """# The house
`log/log.h` has `Log`, with `Log::append()` and `route()`; `lib/log/` and `tests/run`, `log/*.h`, `log::Log`, [it](log/log.h).
`orders-0/00.log`, `/proc/self`, `build/cmd/bobbin`, `HOST:PORT`, `a|b`, `retention.ms` and `DIR/broker-1` are no names of ours.

    tests/run -R 'log: '   # cmd/no_such

| `base` | |
| `log` | |
"""
PLANTED = [  # (what is added to the page, what must be said)
    ("`log/logs.h`", "there is no log/logs.h"),
    ("`lib/metadat/`", "there is no lib/metadat/"),
    ("`log/*.hpp`", "there is no log/*.hpp"),
    ("`Logg`", "there is no class Logg"),
    ("`log::Logg`", "there is no class log::Logg"),
    ("`Log::apend()`", "there is no function Log::apend()"),
    ("`Logg::append()`", "there is no function Logg::append()"),
    ("`rout()`", "there is no function rout()"),
    ("     of a list: `Logg`", "there is no class Logg"),
    ("    tests/runs --all", "there is no tests/runs"),
    ("[it](log/logs.h)", "a link leads to log/logs.h"),
    ("| `os` | base |", "the row of os"),
]


def say_of(page, source="class [[nodiscard]] Log {\n  void append();\n};\nvoid route();\n"):
    with tempfile.TemporaryDirectory(prefix="bobbin-pages-") as name:
        root = pathlib.Path(name)
        for place, text in {"README.md": "# The house\n", "lib/README.md": page, "lib/log/log.h": source, "tests/run": "",
                            "lib/CMakeLists.txt": "bobbin_library(base)\nbobbin_library(log base)\n"}.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(text)
        return list(wrong_names(root))


def prove_itself():
    missing = "protocol" + ".md"  # in two halves, so that this file does not find itself
    failures = [f"all is there, but named: {line}" for line in say_of(GOOD)]
    cases = [(planted, say_of(GOOD + planted + "\n"), wanted) for planted, wanted in PLANTED]
    cases.append(("a row that is missing", say_of(GOOD.replace("| `log` | |", "")), "the row of log"))
    cases.append(("a reference", say_of(GOOD, f"// {missing} 2.2\nclass Log {{ void append(); }}; void route();\n"),
                  f"lib/log/log.h:1: refers to {missing}"))
    for planted, said, wanted in cases:
        if len(said) != 1 or wanted not in said[0]:
            failures.append(f"planted: {planted}; wanted: {wanted}; named: {said}")
    return failures


def main():
    if sys.argv[1:] == ["--self"]:
        problems = prove_itself()
    elif len(sys.argv) == 2:
        problems = list(wrong_names(pathlib.Path(sys.argv[1])))
    else:
        sys.exit(__doc__)
    print("\n".join(problems) if problems else "all is there")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
