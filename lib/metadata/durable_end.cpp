#include "metadata/durable_end.h"

#include <array>
#include <cstdio>

#include "base/crc32c.h"
#include "base/number.h"

namespace bobbin::metadata {
namespace {

constexpr size_t offset_digits = 19, boot_bytes = 36;
constexpr size_t checked_bytes = offset_digits + 1 + boot_bytes;
constexpr size_t line_bytes = checked_bytes + 1 + 8 + 1;

std::string checksum_of(Bytes bytes) {
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x", crc32c(bytes));
  return std::string(hex.data(), 8);
}

std::string line_of(const DurableEnd& end) {
  std::string digits = to_string(end.offset);
  std::string line(offset_digits - std::min(offset_digits, digits.size()), '0');
  line += digits + " " + end.boot;
  line.resize(checked_bytes, ' ');
  return line + " " + checksum_of(line) + "\n";
}

}  // namespace

DurableEnd read_durable_end(os::Storage& storage, const std::string& path) {
  auto file = storage.open(path, os::Open::read);
  if (!file) return {};
  std::array<char, line_bytes> bytes{};
  auto got = (*file)->read(bytes, 0);
  if (!got || *got != line_bytes) return {};
  Bytes line(bytes.data(), line_bytes);
  DurableEnd end;
  auto offset = number_in<int64_t>(line.substr(0, offset_digits), 0);
  if (!offset) return {};
  end.offset = Offset(*offset);
  end.boot = line.substr(offset_digits + 1, boot_bytes);
  end.boot.erase(end.boot.find_last_not_of(' ') + 1);
  return line_of(end) == line ? end : DurableEnd();
}

Status write_durable_end(os::Storage& storage, const std::string& path, const DurableEnd& end) {
  BOBBIN_TRY_ASSIGN(file, storage.open(path, os::Open::create));
  return file->write(line_of(end), 0);
}

}  // namespace bobbin::metadata
