#include "record/control.h"

namespace bobbin::record {

Result<std::string> control_batch(ControlType type, Bytes value, Timestamp timestamp, BatchFields fields) {
  fields.compression = Compression::none;
  fields.control = true;
  fields.base_sequence = Sequence(-1);
  char key[4];
  store_be(key, int16_t{0});  // version
  store_be(key + 2, static_cast<int16_t>(type));
  BatchBuilder builder;
  builder.add(timestamp, Bytes(key, sizeof key), value);
  return builder.seal(fields);
}

std::string end_transaction_value(int32_t coordinator_epoch) {
  std::string value;
  append_be(value, int16_t{0});  // version
  append_be(value, coordinator_epoch);
  return value;
}

Result<ControlType> control_type(const Record& record) {
  // Later versions may only add behind these four bytes.
  if (!record.key || record.key->size() < 4 || load_be<int16_t>(record.key->data()) < 0)
    return error(Errc::malformed, "control record " + to_string(record.offset) + " has no type");
  return static_cast<ControlType>(load_be<int16_t>(record.key->data() + 2));
}

Result<int32_t> coordinator_epoch(const Record& record) {
  if (!record.value || record.value->size() < 6 || load_be<int16_t>(record.value->data()) < 0)
    return error(Errc::malformed,
                 "the end of a transaction at " + to_string(record.offset) + " does not name its coordinator's epoch");
  return load_be<int32_t>(record.value->data() + 2);
}

}  // namespace bobbin::record
