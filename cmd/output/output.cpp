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

std::string shown(const Cell& cell) {
  const bool is_nothing = cell.kind == Cell::Kind::none || (cell.kind == Cell::Kind::ids && cell.text.empty());
  return is_nothing ? "-" : escaped_for_line(cell.text);
}

std::string json_of(const Cell& cell) {
  if (cell.kind == Cell::Kind::number) return cell.text;
  if (cell.kind == Cell::Kind::ids) return "[" + cell.text + "]";
  if (cell.kind == Cell::Kind::none) return "null";
  std::string out;
  append_json_text(out, cell.text);
  return out;
}

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
      out.append(i ? ",\"" : "\"").append(columns_[i]).append("\":").append(json_of(rows_[r][i]));
    }
    out += "}";
  }
  return out + "]\n";
}

std::string Listing::tsv() const {
  std::string out;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); i++) out.append(i ? "\t" : "").append(row[i].text.empty() ? "" : shown(row[i]));
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

int fail_list(const Error& error, std::string_view command, const Arguments& arguments) {
  const int code = fail(error, command);
  if (code == exit_no) (void)print(Listing({}), arguments);
  return code;
}

int print(const Listing& listing, const Arguments& arguments) { return print(listing.render(output_form(arguments))); }

std::string ids_text(const std::vector<BrokerId>& ids) {
  std::string out;
  for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
  return out;
}

void notice(const Arguments& arguments, std::string_view text) {
  if (arguments.has("quiet")) return;
  os::complain("bobbin: " + escaped_for_line(text) + "\n");
}

}  // namespace bobbin::cmd
