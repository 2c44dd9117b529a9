// Lists on stdout: aligned text, one JSON array, or tab-separated lines. Data goes to stdout, all else to stderr.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

enum class OutputForm { text, json, tsv };
OutputForm output_form(const Arguments&);

// "1,2,3"
std::string ids_text(const std::vector<BrokerId>& ids);

// One value of a list. A number is one in JSON too, ids are an array there; `none` is null there and "-" in text, as no ids are.
struct Cell {
  enum class Kind { text, number, ids, none };
  Kind kind = Kind::none;
  std::string text;

  Cell() = default;
  Cell(std::string t) : kind(Kind::text), text(std::move(t)) {}
  Cell(std::string_view t) : kind(Kind::text), text(t) {}
  Cell(const char* t) : kind(Kind::text), text(t) {}
  Cell(int64_t n) : kind(Kind::number), text(std::to_string(n)) {}
  Cell(int32_t n) : kind(Kind::number), text(std::to_string(n)) {}
  Cell(const std::vector<BrokerId>& ids) : kind(Kind::ids), text(ids_text(ids)) {}
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

// The exit code of a list that could not be made: the error is on stderr. Where the cluster said it, JSON is a list all the same, an
// empty one; where nobody answered nothing is known, and nothing printed.
int fail_list(const Error& error, std::string_view command, const Arguments& arguments);

// A notice on stderr, unless --quiet.
void notice(const Arguments& arguments, std::string_view text);

}  // namespace bobbin::cmd
