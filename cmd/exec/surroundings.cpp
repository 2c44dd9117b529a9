#include "cmd/exec/surroundings.h"

#include <algorithm>

#include "cmd/output/json_envelope.h"
#include "os/child.h"
#include "record/batch.h"

namespace bobbin::cmd {

namespace {

constexpr std::string_view variables_of_a_record[] = {"TOPIC",    "PARTITION", "OFFSET",       "TIMESTAMP", "KEY",
                                                      "KEY_FILE", "HEADERS",   "HEADERS_FILE", "TOMBSTONE", "ATTEMPT",
                                                      "GROUP",    "COUNT",     "LAST_OFFSET"};

bool tells_of_record(std::string_view variable) {
  constexpr std::string_view prefix = "BOBBIN_";
  const std::string_view name = variable.substr(0, variable.find('='));
  return name.starts_with(prefix) && std::find(std::begin(variables_of_a_record), std::end(variables_of_a_record),
                                               name.substr(prefix.size())) != std::end(variables_of_a_record);
}

class Teller {
 public:
  void tell(std::string_view name, std::string_view value) {
    told.variables.push_back(std::string("BOBBIN_").append(name).append("=").append(value));
  }
  void tell(std::string_view name, int64_t value) { tell(name, std::to_string(value)); }
  void tell_at_any_size(std::string_view name, std::string_view value) {
    if (value.size() <= variable_bytes_max && value.find('\0') == std::string_view::npos) return tell(name, value);
    const int fd = os::child_files_fd + static_cast<int>(told.files.size());
    tell(std::string(name).append("_FILE"), "/dev/fd/" + std::to_string(fd));
    told.files.emplace_back(value);
  }

  Surroundings told;
};

Teller teller_of(const OwnedRecord& first, std::string_view group, int attempt) {
  Teller teller;
  teller.tell("TOPIC", first.topic());
  teller.tell("PARTITION", first.partition().value);
  teller.tell("OFFSET", first.offset().value);
  teller.tell("TIMESTAMP", first.timestamp().value);
  teller.tell("GROUP", group.substr(0, group.find('\0')));
  teller.tell("ATTEMPT", attempt);
  return teller;
}

}  // namespace

std::vector<std::string> inherited_variables(const std::vector<std::string>& all) {
  std::vector<std::string> inherited;
  std::copy_if(all.begin(), all.end(), std::back_inserter(inherited),
               [](const std::string& variable) { return !tells_of_record(variable); });
  return inherited;
}

std::string headers_json(const record::Record& record) {
  std::vector<record::Header> headers;
  if (record.headers_count > 0 && !record::parse_headers(record, headers)) headers.clear();
  std::string out;
  append_json_headers(out, headers);
  return out;
}

Surroundings surroundings_of(const OwnedRecord& record, std::string_view group, int attempt) {
  Teller teller = teller_of(record, group, attempt);
  if (record.key()) teller.tell_at_any_size("KEY", *record.key());
  teller.tell_at_any_size("HEADERS", headers_json(record.record()));
  if (!record.value()) teller.tell("TOMBSTONE", 1);
  return std::move(teller.told);
}

Surroundings surroundings_of(const std::vector<const OwnedRecord*>& batch, std::string_view group, int attempt) {
  Teller teller = teller_of(*batch.front(), group, attempt);
  teller.tell("LAST_OFFSET", batch.back()->offset().value);
  teller.tell("COUNT", static_cast<int64_t>(batch.size()));
  return std::move(teller.told);
}

}  // namespace bobbin::cmd
