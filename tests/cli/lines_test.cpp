#include "cmd/input/lines.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

// What came out, a record a text; "<too long N>" and "<torn>" for what is none.
std::vector<std::string> drain(Lines& lines, std::string* framed = nullptr) {
  std::vector<std::string> out;
  Line line;
  while (true) {
    switch (lines.next(line)) {
      case Lines::Next::record:
        out.push_back(line.too_long ? "<too long " + std::to_string(line.length) + ">" : std::string(line.bytes));
        if (framed) *framed += line.framed;
        CHECK((line.too_long || line.length == line.bytes.size()));
        break;
      case Lines::Next::torn:
        out.push_back("<torn>");
        break;
      default:
        return out;
    }
  }
}

std::vector<std::string> whole(const Framing& framing, Bytes input) {
  Lines lines(framing, input);
  return drain(lines);
}

// The same input in pieces of `step` bytes.
std::vector<std::string> pieces(const Framing& framing, Bytes input, size_t step, std::string* spilled = nullptr) {
  Lines lines(framing);
  if (spilled) lines.spill_into([spilled](Bytes b) { *spilled += b; });
  std::vector<std::string> out;
  while (!input.empty()) {
    std::span<char> room = lines.room();
    size_t n = std::min({step, room.size(), input.size()});
    std::copy_n(input.data(), n, room.data());
    lines.filled(n);
    input.remove_prefix(n);
    for (std::string& s : drain(lines)) out.push_back(std::move(s));
  }
  lines.end();
  for (std::string& s : drain(lines)) out.push_back(std::move(s));
  return out;
}

using Records = std::vector<std::string>;

}  // namespace

TEST_CASE("Lines: empty lines are records, CR and NUL stay, a last line needs no newline") {
  std::string input("a\r\n\nb\0c\n\n\xff\nlast", 15);
  Records expected{"a\r", "", std::string("b\0c", 3), "", "\xff", "last"};
  CHECK(whole({}, input) == expected);
  for (size_t step : {1u, 2u, 3u, 5u, 100u}) CHECK(pieces({}, input, step) == expected);
}

TEST_CASE("Lines: no input is no record, one newline is one empty record") {
  CHECK(whole({}, "").empty());
  CHECK(whole({}, "\n") == Records{""});
  CHECK(whole({}, "x\n") == Records{"x"});
  CHECK(pieces({}, "", 1).empty());
}

TEST_CASE("Lines: a delimiter of several bytes is found across reads") {
  Framing framing{.delimiter = "--"};
  Records expected{"a", "-b", "", "c-"};
  CHECK(whole(framing, "a---b----c-") == expected);
  for (size_t step : {1u, 2u, 3u, 4u}) CHECK(pieces(framing, "a---b----c-", step) == expected);
}

TEST_CASE("Lines: what was framed comes back byte for byte") {
  std::string input = "one\n\nthree";
  Lines lines({}, input);
  std::string framed;
  drain(lines, &framed);
  CHECK(framed == input);
}

TEST_CASE("Lines: a line over the limit is counted, not kept, and its neighbours are whole") {
  Framing framing{.record_bytes_max = 5};
  std::string input = "12345\n123456\n\n1234567890\nend";
  Records expected{"12345", "<too long 6>", "", "<too long 10>", "end"};
  CHECK(whole(framing, input) == expected);
  for (size_t step : {1u, 4u, 6u, 7u, 50u}) CHECK(pieces(framing, input, step) == expected);
  CHECK(pieces(framing, "1234567890", 3) == Records{"<too long 10>"});
}

TEST_CASE("Lines: what is too long is spilled as it lay in the input") {
  Framing framing{.delimiter = "\r\n", .record_bytes_max = 3};
  for (size_t step : {1u, 2u, 3u, 50u}) {
    std::string spilled;
    CHECK(pieces(framing, "ab\r\n12\r345\r\ncd\r\n6789", step, &spilled) ==
          Records{"ab", "<too long 6>", "cd", "<too long 4>"});
    CHECK(spilled == "12\r345\r\n6789");
  }
  Framing sized{.frame = Frame::u32be, .record_bytes_max = 1};
  std::string spilled;
  CHECK(pieces(sized, Bytes("\0\0\0\2xy\0\0\0\1z", 11), 1, &spilled) == Records{"<too long 2>", "z"});
  CHECK(spilled == std::string("\0\0\0\2xy", 6));
}

TEST_CASE("Lines: memory is bounded however long a line is") {
  Framing framing{.record_bytes_max = 1000};
  Lines lines(framing);
  Line line;
  uint64_t fed = 0;
  for (int i = 0; i < 400; i++) {
    std::span<char> room = lines.room();
    REQUIRE(room.size() < 2'000'000);
    std::fill(room.begin(), room.end(), 'x');
    lines.filled(room.size());
    fed += room.size();
    REQUIRE(lines.next(line) == Lines::Next::more);
  }
  lines.end();
  REQUIRE(lines.next(line) == Lines::Next::record);
  CHECK(line.too_long);
  CHECK(line.length == fed);
  CHECK(lines.next(line) == Lines::Next::end);
}

TEST_CASE("Lines: a line much longer than a read is whole") {
  std::string big(3'000'000, 'b');
  Framing framing{.record_bytes_max = 4'000'000};
  CHECK(pieces(framing, big + "\nx\n", 65536) == Records{big, "x"});
}

TEST_CASE("Lines: records that follow their length, and one that is torn") {
  Framing framing{.frame = Frame::u32be, .record_bytes_max = 100};
  Bytes input("\0\0\0\3abc\0\0\0\0\0\0\0\1\n", 16);
  for (size_t step : {1u, 3u, 5u, 16u}) CHECK(pieces(framing, input, step) == Records{"abc", "", "\n"});
  CHECK(whole(framing, input.substr(0, 6)) == Records{"<torn>"});
  CHECK(whole(framing, input.substr(0, 2)) == Records{"<torn>"});
  CHECK(pieces(framing, Bytes("\0\0\1\0abc", 7), 2) == Records{"<torn>"});
  CHECK(whole(framing, "").empty());
}

TEST_CASE("Lines: the whole input as one record, also an empty one") {
  Framing framing{.frame = Frame::whole, .record_bytes_max = 10};
  CHECK(whole(framing, "a\nb\n") == Records{"a\nb\n"});
  CHECK(pieces(framing, "a\nb\n", 1) == Records{"a\nb\n"});
  CHECK(whole(framing, "") == Records{""});
  CHECK(pieces(framing, "", 1) == Records{""});
  CHECK(pieces(framing, "12345678901", 4) == Records{"<too long 11>"});
}

TEST_CASE("Lines: numbers count from one, over refused ones too") {
  Lines lines(Framing{.record_bytes_max = 1}, "a\nlong\nb");
  Line line;
  std::vector<uint64_t> numbers;
  while (lines.next(line) == Lines::Next::record) numbers.push_back(line.number);
  CHECK(numbers == std::vector<uint64_t>{1, 2, 3});
}
