#include "base/uuid.h"

namespace bobbin {

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

std::string to_string(const Uuid& id) {
  std::string out;
  unsigned held = 0;
  int bits = 0;
  for (unsigned char b : id.bytes) {
    held = held << 8 | b;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += alphabet[held >> bits & 63];
    }
  }
  out += alphabet[held << (6 - bits) & 63];
  return out;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  Uuid id;
  unsigned held = 0;
  int bits = 0;
  size_t at = 0;
  for (char c : text) {
    size_t v = alphabet.find(c);
    if (v == std::string_view::npos) return std::nullopt;
    held = held << 6 | static_cast<unsigned>(v);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      id.bytes[at++] = static_cast<unsigned char>(held >> bits);
    }
  }
  if ((held & 15) != 0) return std::nullopt;  // the last character carries 2 bits only
  return id;
}

}  // namespace bobbin
