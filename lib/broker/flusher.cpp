#include "broker/flusher.h"

namespace bobbin::broker {

void Flusher::want(const cluster::TopicPartition& id, Beside beside) {
  Beside& wanted = wanting_[id];
  wanted = std::max(wanted, beside);
}

void Flusher::start(cluster::Partitions& partitions) {
  for (auto it = wanting_.begin(); it != wanting_.end() && in_flight_.size() < in_flight_max;) {
    const auto [id, beside] = *it;
    if (beside != Beside::nothing && !in_flight_.empty() && !partitions.has_room()) break;
    if (in_flight_.contains(id)) {
      ++it;
      continue;
    }
    it = wanting_.erase(it);
    cluster::Partition* partition = partitions.find_open(id);
    if (!partition || partition->log().failed()) continue;
    if (beside != Beside::nothing) prepare_(*partition, beside);
    if (partition->log().failed() || !partition->log().is_dirty()) continue;
    log::FlushWork flush = partition->log().begin_flush();
    in_flight_.insert(id);
    auto status = std::make_shared<Status>();
    world_.jobs.submit([work = std::move(flush.work), status] { *status = work(); },
                       [this, id, end = flush.end, status] {
                         in_flight_.erase(id);
                         flushed_(id, end, *status);
                       });
  }
}

}  // namespace bobbin::broker
