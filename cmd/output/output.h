// Lists on stdout: aligned text, one JSON array, or tab-separated lines. Data goes to stdout, all else to stderr.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/words/arguments.h"

namespace bobbin::cmd {

enum class OutputForm { text, json, tsv };
OutputForm output_form(const Arguments&);

// One value of a list. A number is one in JSON too; `none` is null there and "-" in text.
struct Cell {
  enum class Kind { text, number, none };
  Kind kind = Kind::none;
  std::string text;

  Cell() = default;
  Cell(std::string t) : kind(Kind::text), text(std::move(t)) {}
  Cell(std::string_view t) : kind(Kind::text), text(t) {}
  Cell(const char* t) : kind(Kind::text), text(t) {}
  Cell(int64_t n) : kind(Kind::number), text(std::to_string(n)) {}
  Cell(int32_t n) : kind(Kind::number), text(std::to_string(n)) {}
};

class Listing {
 public:
  // Names as in JSON; text shows them in capitals.
  explicit Listing(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  std::string render(OutputForm form) const;

 private:
  std::string text() const;
  std::string json() const;
  std::string tsv() const;

  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// Writes all of it to stdout and returns the exit code: a closed stdout is a quiet 0, a full one is 1 and said.
int print(std::string_view text);
// print(listing), for a command that has nothing else to say.
int print(const Listing& listing, const Arguments& arguments);

// A notice on stderr, unless --quiet.
void notice(const Arguments& arguments, std::string_view text);

}  // namespace bobbin::cmd
