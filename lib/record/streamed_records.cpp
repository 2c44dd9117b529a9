#include "record/streamed_records.h"

namespace bobbin::record {

Status PieceCursor::refill() {
  BOBBIN_TRY_ASSIGN(piece, source_.next());
  ended_ = piece.empty();
  at_ = piece.data();
  end_ = at_ + piece.size();
  return {};
}

Result<std::optional<int64_t>> PieceCursor::number(int bits) {
  const std::optional<int64_t> none;
  char bytes[varint_bytes_max];
  size_t n = 0;
  do {
    BOBBIN_TRY_ASSIGN(is_there, more());
    if (!is_there || left_ == 0 || n == sizeof bytes) return none;
    bytes[n++] = *at_++;
    left_--;
  } while (bytes[n - 1] & 0x80);
  int64_t v;
  return get_varint(bytes, bytes + n, v, bits) ? std::optional(v) : none;
}

namespace {

constexpr const char* cut_short = "it is longer than the batch";

Result<bool> skip(PieceCursor& in, int64_t bytes) {
  return in.pass(bytes, [](Bytes) { return Status(); });
}

}  // namespace

bool StreamedRecords::is_whole() const {
  int64_t length;
  const char* p = read_varint(in_.at_, in_.end_, length, 32);
  return p && length >= 0 && length <= in_.end_ - p;
}

Result<StreamedRecords::Wrong> StreamedRecords::read_within(Head& head) {
  Deltas deltas;
  Record record;
  if (Wrong wrong = read_any_record(in_.at_, in_.end_, deltas, record)) return wrong;
  head = {deltas.timestamp, deltas.offset, record.key.has_value()};
  return nullptr;
}

Result<StreamedRecords::Wrong> StreamedRecords::read_across(Head& head) {
  in_.begin(varint_bytes_max);  // of its length, which does not count itself
  BOBBIN_TRY_ASSIGN(length, in_.number(32));
  if (!length || *length < 0) return in_.ended() ? cut_short : "its length is no number";
  if (*length == 0) return "it is empty";
  in_.begin(*length);
  BOBBIN_TRY_ASSIGN(attributes, skip(in_, 1));
  if (!attributes) return cut_short;
  BOBBIN_TRY_ASSIGN(timestamp, in_.number(64));
  if (!timestamp) return "its timestamp is no number";
  BOBBIN_TRY_ASSIGN(offset, in_.number(32));
  if (!offset || *offset < 0) return "its offset is no number, or negative";
  bool no_key = false, no_value = false;
  BOBBIN_TRY_ASSIGN(key_wrong, pass_field(true, no_key, "its key does not fit"));
  if (key_wrong) return key_wrong;
  BOBBIN_TRY_ASSIGN(value_wrong, pass_field(true, no_value, "its value does not fit"));
  if (value_wrong) return value_wrong;
  head = {*timestamp, *offset, !no_key};
  return pass_headers();
}

Result<StreamedRecords::Wrong> StreamedRecords::pass_headers() {
  constexpr Wrong wrong = "its headers do not end where it ends";
  BOBBIN_TRY_ASSIGN(count, in_.number(32));
  if (!count) return "its count of headers is no number";
  if (*count < 0 || *count > in_.left() / 2) return wrong;
  for (int64_t i = 0; i < *count; i++) {
    bool is_null = false;
    BOBBIN_TRY_ASSIGN(key_wrong, pass_field(false, is_null, wrong));
    if (key_wrong) return key_wrong;
    BOBBIN_TRY_ASSIGN(value_wrong, pass_field(true, is_null, wrong));
    if (value_wrong) return value_wrong;
  }
  return in_.left() == 0 ? nullptr : wrong;
}

Result<StreamedRecords::Wrong> StreamedRecords::pass_field(bool may_be_null, bool& is_null, Wrong wrong) {
  BOBBIN_TRY_ASSIGN(size, in_.number(32));
  if (!size || *size < (may_be_null ? -1 : 0) || *size > in_.left()) return wrong;
  is_null = *size < 0;
  if (is_null) return nullptr;
  BOBBIN_TRY_ASSIGN(is_there, skip(in_, *size));
  return is_there ? nullptr : cut_short;
}

}  // namespace bobbin::record
