#include "client/consumer/batch_checks.h"

namespace bobbin::client {

Status BatchChecks::check_shape(Bytes rest, Offset at) const {
  using record::magic_at;
  if (rest[magic_at] != record::magic_v2)
    return error(Errc::unsupported_for_message_format, where(at) + " is of Kafka 0.10 or older (message format " +
                                                           std::to_string(static_cast<int>(rest[magic_at])) +
                                                           ") and cannot be read");
  auto size = record::batch_size(rest);
  if (!size) return error(Errc::damaged, where(at) + " is damaged (its length cannot be)");
  if (*size > bytes_max_)
    return error(Errc::message_too_large, where(at) + " has " + std::to_string(*size) + " bytes; at most " +
                                              std::to_string(bytes_max_) + " are taken");
  if (*size > rest.size()) return {};
  record::BatchView batch(rest.substr(0, *size));
  if (batch.last_offset_delta() < 0 || batch.base_offset().value < 0)
    return error(Errc::damaged, where(at) + " is damaged (its offsets cannot be)");
  return {};
}

Status BatchChecks::check_crc(const record::BatchView& batch) const {
  if (batch.crc_is_valid()) return {};
  return error(Errc::damaged, where(batch.base_offset()) + " is damaged (its checksum is wrong)");
}

}  // namespace bobbin::client
