#!/usr/bin/env python3
"""Measures the house: files, functions, classes, units, tests. A figure beyond its limit is named, unless EXCEPTIONS says
why it is worth it; an exception that nothing needs any more is named, too.

    figures.py ROOT       print the figures; exit 1 and a line for each that is beyond its limit
    figures.py --self     measure small sources of which the figures are known

Lines are counted as an editor shows them. A function is counted from its first line to the brace that ends it; a class by
the member functions that it declares, without those that are defaulted or deleted. A unit is a header with its source: units
that include each other in a circle cannot be understood one after the other.
"""
import pathlib
import re
import sys

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SHORT_LINES, SHORT_SHARE_MIN = 20, 0.9
MEMBERS_MAX = 30
TEST_SHARE_MIN = 0.75

# Tables: their length is the number of their rows.
TABLES = re.compile(r"^lib/protocol/messages/|^lib/metadata/records\.h$|^lib/\w+/config_table\.cpp$|^lib/\w+/key_table\.cpp$")

# (file or file:name, why it is worth being larger than the limit)
EXCEPTIONS = {
}


# --- reading C++

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^()\s\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def blanked(text):
    """The text with comments, literals and directives blanked, line by line where it was."""
    def blank(found):
        if found.group(0)[0] == "'" and found.start() > 0 and text[found.start() - 1].isalnum():
            return found.group(0).replace("'", " ")  # 1'000'000
        return re.sub(r"[^\n]", " ", found.group(0))
    text = re.sub(r"(?<=\d)'(?=\d)", " ", text)
    text = TOKEN.sub(blank, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda found: re.sub(r"[^\n]", " ", found.group(0)), text, flags=re.MULTILINE)


def without_templates(head):
    before = None
    while before != head:
        before, head = head, re.sub(r"<[^<>;{}]*>", " ", head)
    return head


SCOPE = re.compile(r"\b(?:namespace\b|extern\s*$)")
CLASS = re.compile(r"\b(?:class|struct|union)\s+(?:\[\[[^\]]*\]\]\s*)?([A-Za-z_]\w*(?:::\w+)*)\s*(?:final\s*)?(?::[^:(][^(]*)?$")
FUNCTION = re.compile(r"([~A-Za-z_][\w:~]*|operator\s*[^\s(]+|operator\s*\(\s*\))\s*\(")
KEYWORDS = {"if", "for", "while", "switch", "catch", "return", "sizeof", "decltype", "alignas", "requires", "noexcept", "static_assert"}


def function_named(head):
    """The name of the function that a statement at the level of a namespace or class declares, or None."""
    head = re.sub(r"\brequires\s*\([^()]*\)|\[\[.*?\]\]|\balignas\s*\([^()]*\)", " ", without_templates(head))
    found = FUNCTION.search(head)
    if not found or found.group(1) in KEYWORDS:
        return None
    before = head[:found.start()]
    if "=" in before or re.search(r"\b(?:using|typedef|friend|enum)\b", before):
        return None
    return re.sub(r"\s", "", found.group(1))


class Source:
    """Functions (name, first line, lines) and classes (name -> member functions) of one file."""

    def __init__(self, text):
        self.functions = []
        self.classes = {}
        self.text = blanked(text)
        self.read(0, "")

    def line_of(self, at):
        return self.text.count("\n", 0, at) + 1

    def read(self, at, of_class):
        """Reads statements up to the brace that ends this scope; the place behind it."""
        begin = at
        while at < len(self.text):
            char = self.text[at]
            if char == ";":
                self.statement(self.text[begin:at], of_class)
                begin = at = at + 1
            elif char == "}":
                return at + 1
            elif char == "{":
                at, begin = self.block(begin, at, of_class)
            elif char == "(":
                at = self.skip(at, "(", ")")
            elif char == ":" and re.fullmatch(r"\s*(?:public|private|protected)\s*", self.text[begin:at]):
                begin = at = at + 1
            else:
                at += 1
        return at

    def block(self, begin, at, of_class):
        """The block that opens here. (where to go on, where the next statement begins)"""
        head = self.text[begin:at]
        plain = without_templates(head).strip()
        if SCOPE.search(plain) and "(" not in plain:
            end = self.read(at + 1, of_class)
            return end, end
        if (found := CLASS.search(plain)) and "=" not in plain:
            name = (of_class + "::" if of_class else "") + found.group(1)
            self.classes.setdefault(name, 0)
            return self.read(at + 1, name), begin  # up to its semicolon: nothing that counts
        end = self.skip(at, "{", "}")
        name = function_named(head)
        # A member's initializer ends in a comma or before the body.
        rest = self.text[end:end + 200].lstrip()
        if name and not rest.startswith((",", "{")) and not re.search(r"=\s*$", plain):
            first = begin + len(head) - len(head.lstrip())
            self.functions.append((name, self.line_of(first), self.line_of(end) - self.line_of(first) + 1))
            self.member(name, of_class)
            return end, end
        return end, begin

    def statement(self, head, of_class):
        plain = without_templates(head)
        if re.search(r"=\s*(?:default|delete)\s*$", plain) or "{" in head:
            return
        name = function_named(re.sub(r"=\s*0\s*$", "", head))
        if name:
            self.member(name, of_class)

    def member(self, name, of_class):
        if of_class and "::" not in name:
            self.classes[of_class] += 1

    def skip(self, at, opens, closes):
        depth = 0
        while at < len(self.text):
            depth += (self.text[at] == opens) - (self.text[at] == closes)
            at += 1
            if depth == 0:
                return at
        return at


# --- the tree

def sources(root, *tops):
    for top in tops:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in {".h", ".cpp"} and path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text(errors="replace")


def lines_of(text):
    return text.count("\n") + (not text.endswith("\n"))


INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def unit_of(place):
    return re.sub(r"\.(h|cpp)$", "", place)


def circles(includes):
    """Units that reach each other (Tarjan), each circle once."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(unit):
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        on_stack.add(unit)
        for other in sorted(includes.get(unit, ())):
            if other not in index:
                visit(other)
                low[unit] = min(low[unit], low[other])
            elif other in on_stack:
                low[unit] = min(low[unit], index[other])
        if low[unit] == index[unit]:
            circle = []
            while not circle or circle[-1] != unit:
                circle.append(stack.pop())
                on_stack.discard(circle[-1])
            if len(circle) > 1:
                found.append(sorted(circle))
    for unit in sorted(includes):
        if unit not in index:
            visit(unit)
    return found


def includes_of(files):
    """Unit -> units that it includes, of those that are there."""
    units = {unit_of(place) for place, _ in files}
    result = {unit: set() for unit in units}
    for place, text in files:
        own = unit_of(place)
        for header in INCLUDE.findall(text):
            for folder in ("lib/", ""):
                other = unit_of(folder + header)
                if other in units and other != own:
                    result[own].add(other)
    return result


def measured(files):
    """(figures to print, [(where, what is beyond its limit)])"""
    beyond, lengths, members = [], [], {}
    for place, text in files:
        count = lines_of(text)
        if count > FILE_LINES_MAX and not TABLES.search(place):
            beyond.append((place, f"has {count} lines"))
        source = Source(text)
        for name, line, length in source.functions:
            lengths.append(length)
            if length > FUNCTION_LINES_MAX:
                beyond.append((f"{place}:{name}", f"has {length} lines (line {line})"))
        for name, count in source.classes.items():
            members[f"{place}:{name}"] = count
            if count > MEMBERS_MAX:
                beyond.append((f"{place}:{name}", f"has {count} member functions"))
    for circle in circles(includes_of(files)):
        beyond.append((circle[0], "is in a circle of units: " + ", ".join(circle)))
    share = sum(length <= SHORT_LINES for length in lengths) / max(len(lengths), 1)
    if share < SHORT_SHARE_MIN:
        beyond.append(("lib, cmd", f"{share:.3f} of the functions have up to {SHORT_LINES} lines"))
    largest = max(members, key=members.get, default="")
    return [f"functions: {len(lengths)}, of up to {SHORT_LINES} lines: {share:.3f}, the longest: {max(lengths, default=0)}",
            f"classes: {len(members)}, most member functions: {members.get(largest, 0)} ({largest})"], beyond


def report(root):
    files = list(sources(root, "lib", "cmd"))
    figures, beyond = measured(files)
    source_lines = sum(lines_of(text) for _, text in files)
    test_lines = sum(lines_of(text) for _, text in sources(root, "tests"))
    figures.insert(0, f"lines: {source_lines} in lib and cmd, {test_lines} of C++ in tests: {test_lines / source_lines:.2f}")
    if test_lines < TEST_SHARE_MIN * source_lines:
        beyond.append(("tests", f"have {test_lines / source_lines:.2f} lines a line of source"))
    named = {where for where, _ in beyond}
    problems = [f"{where} {what}" for where, what in beyond if where not in EXCEPTIONS]
    problems += [f"{where}: nothing needs this exception any more" for where in EXCEPTIONS if where not in named]
    return figures, problems


# --- itself

SAMPLE = """
namespace a {
// class Hidden { void f(); };
struct Plain { int x = f(1); std::function<void(int)> call; };
class Some : public Base<int> {
 public:
  Some() = default;
  explicit Some(int a) : a_{a}, b_(a) {
    go();
  }
  ~Some();
  int get() const { return a_; }
  virtual void set(const std::map<int, Pair<int, int>>& all) = 0;
  friend void other(Some&);
  bool operator==(const Some&) const = default;
  template <class T> requires std::is_same_v<T, int>
  void take(T&& t);
  class Inner { void one(); void two() {} };
 private:
  int a_ = 1, b_{2};
  std::vector<int> v_ = {1, 2, 3};
  static constexpr const char* text_ = "} class X {";
};
int Some::outside(int x) const {
  auto f = [&](int y) { return y; };
  if (x) {
    return f(x);
  }
  return 0;
}
constexpr int table[] = {1, 2};
}  // namespace a
"""


def prove_itself():
    source = Source(SAMPLE)
    problems = []
    wanted = {"Plain": 0, "Some": 5, "Some::Inner": 2}
    if source.classes != wanted:
        problems.append(f"classes: {source.classes}, not {wanted}")
    lengths = {name: length for name, _, length in source.functions}
    if lengths != {"Some": 3, "get": 1, "two": 1, "Some::outside": 7}:
        problems.append(f"functions: {lengths}")
    found = circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()})
    if found != [["a", "b", "c"]]:
        problems.append(f"circles: {found}")
    long = "void f() {\n" + "  go();\n" * 60 + "}\n"
    _, beyond = measured([("lib/a/a.cpp", long + "//\n" * 400), ("lib/b/b.h", '#include "c/c.h"\n'), ("lib/c/c.h", '#include "b/b.h"\n')])
    if [where for where, _ in beyond] != ["lib/a/a.cpp", "lib/a/a.cpp:f", "lib/b/b", "lib, cmd"]:
        problems.append(f"beyond: {beyond}")
    return problems


def main():
    if sys.argv[1:] == ["--self"]:
        problems = prove_itself()
    elif len(sys.argv) == 2:
        figures, problems = report(pathlib.Path(sys.argv[1]))
        print("\n".join(figures))
    else:
        sys.exit(__doc__)
    print("\n".join(problems) if problems else "all is within its limits")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
