#include "protocol/codec_errors.h"

#include <string>

namespace bobbin::protocol {

namespace {
std::string named(std::string_view message, int16_t version) {
  std::string text(message);
  text.append(" version ").append(std::to_string(version));
  return text;
}
}  // namespace

Error no_such_version(std::string_view message, int16_t version, VersionRange known) {
  std::string text = named(message, version);
  text.append(" is none of ").append(std::to_string(known.first)).append(" to ").append(std::to_string(known.last));
  return error(Errc::unsupported_version, std::move(text));
}

Error does_not_parse(std::string_view message, int16_t version, std::string_view where) {
  std::string text = named(message, version);
  text.append(" does not parse at ").append(where);
  return error(Errc::malformed, std::move(text));
}

Error names_too_much(std::string_view message, int16_t version, size_t elements_max) {
  std::string text = named(message, version);
  text.append(" names more than ").append(std::to_string(elements_max)).append(" things");
  return error(Errc::message_too_large, std::move(text));
}

Error becomes_too_large(std::string_view message, int16_t version, size_t bytes, size_t bytes_max) {
  std::string text = named(message, version);
  text.append(" would have ")
      .append(std::to_string(bytes))
      .append(" bytes, more than ")
      .append(std::to_string(bytes_max));
  return error(Errc::message_too_large, std::move(text));
}

}  // namespace bobbin::protocol
