// Records of a stream that comes in pieces (decompressor.h): a record that lies within a piece is read there; one that does
// not, however large, is passed over as its pieces come and never held. Inside this folder only.
#pragma once

#include "record/decompressor.h"
#include "record/record_layout.h"

namespace bobbin::record {

// The bytes of a stream, in order, whatever its pieces.
class PieceCursor {
 public:
  explicit PieceCursor(Decompressor& source) : source_(source) {}

  // Whether there is another byte at at_.
  Result<bool> more() {
    if (at_ == end_ && !ended_) BOBBIN_TRY(refill());
    return at_ != end_;
  }
  bool ended() const { return ended_ && at_ == end_; }

  // Numbers and bytes of one record: none reaches beyond its end.
  void begin(int64_t bytes) { left_ = bytes; }
  int64_t left() const { return left_; }
  // Nothing: it is none, or cut short.
  Result<std::optional<int64_t>> number(int bits);
  // Calls take(Bytes) -> Status for the next `bytes`, piece by piece. False: the stream has fewer.
  template <class Take>
  Result<bool> pass(int64_t bytes, Take&& take) {
    left_ -= bytes;
    while (bytes > 0) {
      BOBBIN_TRY_ASSIGN(is_there, more());
      if (!is_there) return false;
      const int64_t some = std::min<int64_t>(bytes, end_ - at_);
      BOBBIN_TRY(take(Bytes(at_, static_cast<size_t>(some))));
      at_ += some;
      bytes -= some;
    }
    return true;
  }

  const char* at_ = nullptr;  // of the piece, for those who read on there
  const char* end_ = nullptr;

 private:
  Status refill();
  Decompressor& source_;
  bool ended_ = false;
  int64_t left_ = 0;
};

class StreamedRecords {
 public:
  explicit StreamedRecords(Decompressor& source) : in_(source) {}

  // What a broker's judgement needs of a record.
  struct Head {
    int64_t timestamp_delta = 0;
    int64_t offset_delta = 0;
    bool has_key = false;
  };

  // Calls visit_plain(number, PlainRecord) or visit(number, Head) for `count` records. Errc::malformed names the record by its number;
  // other errors are the source's.
  template <class VisitPlain, class Visit>
  Status walk(int32_t count, VisitPlain&& visit_plain, Visit&& visit) {
    for (int32_t i = 0; i < count; i++) {
      // Most are plain, and lie in a row.
      const char* at = in_.at_;
      for (PlainRecord plain; i < count && read_plain_record(at, in_.end_, plain); i++) visit_plain(i, plain);
      in_.at_ = at;
      if (i == count) break;
      if (at == in_.end_) BOBBIN_TRY(in_.more());
      Head head;
      BOBBIN_TRY_ASSIGN(wrong, is_whole() ? read_within(head) : read_across(head));
      if (wrong) [[unlikely]]
        return error(Errc::malformed, "record " + std::to_string(i) + " of a batch: " + wrong);
      visit(i, head);
    }
    BOBBIN_TRY_ASSIGN(goes_on, in_.more());
    if (goes_on) return error(Errc::malformed, "a batch has bytes behind its last record");
    return {};
  }

 private:
  // What is wrong with the record; nullptr: nothing.
  using Wrong = const char*;
  bool is_whole() const;
  Result<Wrong> read_within(Head& head);
  Result<Wrong> read_across(Head& head);
  Result<Wrong> pass_field(bool may_be_null, bool& is_null, Wrong wrong);
  Result<Wrong> pass_headers();

  PieceCursor in_;
};

}  // namespace bobbin::record
