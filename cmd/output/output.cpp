#include "cmd/output/output.h"

#include "base/text.h"
#include "cmd/exit.h"
#include "cmd/output/json_envelope.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {

// Characters, not bytes: what a column is wide.
size_t width_of(std::string_view text) {
  size_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}

std::string shown(const Cell& cell) { return cell.kind == Cell::Kind::none ? "-" : escaped_for_line(cell.text); }

}  // namespace

OutputForm output_form(const Arguments& arguments) {
  auto form = arguments.text("output").value_or("text");
  return form == "json" ? OutputForm::json : form == "tsv" ? OutputForm::tsv : OutputForm::text;
}

std::string Listing::render(OutputForm form) const {
  return form == OutputForm::json ? json() : form == OutputForm::tsv ? tsv() : text();
}

std::string Listing::text() const {
  if (rows_.empty()) return "";
  std::vector<size_t> widths;
  for (const std::string& name : columns_) widths.push_back(name.size());
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], width_of(shown(row[i])));
  std::string out;
  auto put = [&](std::string_view cell, size_t i, bool right) {
    std::string pad(widths[i] - std::min(widths[i], width_of(cell)), ' ');
    bool last = i + 1 == columns_.size();
    out.append(right ? pad : "").append(cell).append(right || last ? "" : pad).append(last ? "\n" : "  ");
  };
  for (size_t i = 0; i < columns_.size(); i++) {
    std::string name = columns_[i];
    for (char& c : name) c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    put(name, i, rows_[0][i].kind == Cell::Kind::number);
  }
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); i++) put(shown(row[i]), i, row[i].kind == Cell::Kind::number);
  return out;
}

std::string Listing::json() const {
  std::string out = "[";
  for (size_t r = 0; r < rows_.size(); r++) {
    out += r ? ",\n{" : "{";
    for (size_t i = 0; i < columns_.size(); i++) {
      const Cell& cell = rows_[r][i];
      out.append(i ? ",\"" : "\"").append(columns_[i]).append("\":");
      if (cell.kind == Cell::Kind::text) append_json_text(out, cell.text);
      else out += cell.kind == Cell::Kind::number ? cell.text : "null";
    }
    out += "}";
  }
  return out + "]\n";
}

std::string Listing::tsv() const {
  std::string out;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); i++)
      out.append(i ? "\t" : "").append(row[i].kind == Cell::Kind::none ? "" : shown(row[i]));
    out += '\n';
  }
  return out;
}

int print(std::string_view text) {
  Status written = os::write_all(os::stdout_fd, text);
  if (written || written.error().code == Errc::disconnected) return exit_done;
  fail(written.error());
  return exit_no;
}

int print(const Listing& listing, const Arguments& arguments) { return print(listing.render(output_form(arguments))); }

void notice(const Arguments& arguments, std::string_view text) {
  if (arguments.has("quiet")) return;
  os::complain("bobbin: " + escaped_for_line(text) + "\n");
}

}  // namespace bobbin::cmd
