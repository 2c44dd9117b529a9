#include "broker/groups/loading.h"

#include "record/batch.h"
#include "record/compression.h"

namespace bobbin::broker {

namespace {
constexpr size_t piece_bytes = 128 << 10;
constexpr size_t decompressed_bytes_max = 64 << 20;
}  // namespace

void Loading::begin() {
  const cluster::Leading* leading = replicas_.opened().find_leading(id_);
  if (!leading) return;
  next_ = leading->copy().log_start();
  end_ = leading->copy().log_end();
  turns_.begin([self = shared_from_this()] { return self->step(); });
}

// True: it goes on elsewhere, or is over.
bool Loading::step() {
  if (abandoned_) return true;
  cluster::Leading* leading = replicas_.opened().find_leading(id_);
  if (!leading || leading->epoch() != epoch_) return true;
  if (next_ >= end_) {
    done_({});
    return true;
  }
  Result<std::string> read = std::string();
  auto look = [&] { read = leading->read(next_, piece_bytes, true, cluster::Leading::Below::log_end); };
  if (!cold_.try_now(look)) {
    cold_.bring_in(world_, [self = shared_from_this()] { self->turns_.begin([self] { return self->step(); }); });
    return true;
  }
  cold_ = {};
  const Offset before = next_;
  Status replayed = read ? replay(*read) : Status(read.error());
  if (replayed && next_ == before) replayed = error(Errc::damaged, "there is no batch at offset " + to_string(next_));
  if (replayed) return false;
  done_(std::move(replayed));
  return true;
}

// Whole batches, and maybe a part of one more.
Status Loading::replay(Bytes batches) {
  while (batches.size() >= record::batch_header_bytes) {
    const auto size = record::batch_size(batches);
    if (!size || *size > batches.size()) break;
    const record::BatchView batch(batches.substr(0, *size));
    batches.remove_prefix(*size);
    const Offset next = batch.next_offset();
    if (!batch.is_control()) {
      record::RecordReader reader;
      BOBBIN_TRY(reader.open(batch, decompressed_bytes_max));
      record::Record record;
      for (;;) {
        BOBBIN_TRY_ASSIGN(more, reader.next(record));
        if (!more) break;
        if (record.key && record.offset >= next_) BOBBIN_TRY(shard_.replay(*record.key, record.value));
      }
    }
    next_ = std::max(next_, next);
  }
  return {};
}

}  // namespace bobbin::broker
