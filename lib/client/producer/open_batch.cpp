#include "client/producer/open_batch.h"

#include <utility>

#include "base/check.h"

namespace bobbin::client {

void OpenBatch::begin(uint64_t first_number, int64_t now, std::optional<transport::FrameMemory::Piece> piece) {
  first_number_ = first_number;
  opened_at_ = now;
  pushed_ = false;
  if (piece) {
    piece_ = std::move(*piece);
    builder_.lend(piece_.bytes().subspan(frame_head_bytes));
    return;
  }
  if (!spares_ || spares_->empty()) return;
  builder_.reuse(std::move(spares_->back()));
  spares_->pop_back();
}

Result<OutBatch> OpenBatch::seal(const SealFields& fields, Sequence base) {
  check(!is_empty(), "an empty batch is not sealed");
  OutBatch batch;
  batch.records = builder_.count();
  batch.first_number = first_number_;
  batch.numbers = std::exchange(numbers_, {});
  numbers_.reserve(batch.numbers.size());
  batch.base_sequence = base;
  pushed_ = false;
  transport::FrameMemory::Piece piece = std::move(piece_);
  if (builder_.is_lent() && fields.compression == record::Compression::none) {
    batch.in_piece = builder_.seal_lent(fields.of_batch(base));
    batch.piece = std::move(piece);
  } else {
    BOBBIN_TRY_ASSIGN(bytes, builder_.seal(fields.of_batch(base)));
    batch.owned = std::move(bytes);
  }
  sealed_bytes_ = batch.bytes().size();
  return batch;
}

void OpenBatch::drop() {
  numbers_.clear();
  pushed_ = false;
  if (is_empty()) return;
  builder_.clear();
  piece_.give_back();
}

}  // namespace bobbin::client
