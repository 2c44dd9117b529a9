#include "broker/flusher.h"

namespace bobbin::broker {

void Flusher::want(const cluster::TopicPartition& id, Beside beside) {
  Beside& wanted = wanting_[id];
  wanted = std::max(wanted, beside);
}

void Flusher::start(cluster::Replicas& replicas) {
  for (auto it = wanting_.begin(); it != wanting_.end() && in_flight_.size() < in_flight_max;) {
    const auto [id, beside] = *it;
    if (beside != Beside::nothing && !in_flight_.empty() && !replicas.files().has_room()) break;
    if (in_flight_.contains(id)) {
      ++it;
      continue;
    }
    it = wanting_.erase(it);
    cluster::Copy* copy = replicas.opened().find_copy(id);
    if (!copy || copy->failed()) continue;
    if (beside != Beside::nothing) prepare_(*copy, beside);
    if (copy->failed() || !copy->is_dirty()) continue;
    log::FlushWork flush = copy->begin_flush();
    in_flight_.insert(id);
    auto status = std::make_shared<Status>();
    world_.jobs.submit([work = std::move(flush.work), status] { *status = work(); },
                       [this, id, end = flush.end, status, life = std::weak_ptr<const void>(copy->life)] {
                         in_flight_.erase(id);
                         if (!life.expired()) flushed_(id, end, *status);
                       });
  }
}

}  // namespace bobbin::broker
