#include "client/producer/tally.h"

namespace bobbin::client {

void Tally::settle(PartitionId partition, const Settled& settled, const Error* why, Offset first_offset) {
  acked_ += settled.acked;
  failed_ += settled.failed;
  buffered_bytes_ -= settled.bytes_freed;
  if (!settled.numbers.empty()) delivered_({partition, settled.numbers, first_offset, why});
  if (!settled.first_failed || !why) return;
  if (!first_failed_ || *settled.first_failed < first_failed_->number)
    first_failed_ = Failure{*settled.first_failed, partition, *why};
}

}  // namespace bobbin::client
