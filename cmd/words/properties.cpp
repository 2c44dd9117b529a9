#include "cmd/words/properties.h"

#include "base/text.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

Result<bool> parse_truth(std::string_view property, std::string_view text) {
  std::string lower(trimmed(text));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "true") return true;
  if (lower == "false") return false;
  return usage(std::string(property) + " is true or false, not '" + std::string(text) + "'");
}

Error unknown_property(std::string_view name, std::span<const std::string_view> known) {
  for (std::string_view prefix : {"security.", "sasl.", "ssl."})
    if (name.starts_with(prefix))
      return usage(std::string(name) + ": TLS and SASL are not there yet; connect to a listener without them");
  auto near = nearest_name(name, known);
  std::string all;
  for (std::string_view one : known) all.append(all.empty() ? "" : ", ").append(one);
  return usage("unknown property " + std::string(name) +
               (near ? "; did you mean " + std::string(*near) + "?" : "; known are " + all));
}

}  // namespace bobbin::cmd
