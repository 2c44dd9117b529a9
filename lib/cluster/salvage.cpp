#include "cluster/salvage.h"

#include <tuple>

namespace bobbin::cluster {

namespace {

constexpr size_t bytes_at_once = 8 << 20;

}  // namespace

SalvageWork::SalvageWork(log::Files& files, const Following& to, std::vector<Other> others)
    : files_(files.for_job()), topic_(to.id().topic), dense_(!to.copy().settings().compact_policy),
      epoch_(to.epoch()), own_{to.copy().log_end(), to.last_epoch(), to.committed(),
                               to.copy().log_end() == to.copy().log_start()},
      others_(std::move(others)) {}

void SalvageWork::run() {
  std::optional<log::OtherLog> best;
  for (const Other& other : others_) {
    auto log = log::OtherLog::look(files_, {other.dir, topic_, dense_, own_.end});
    if (!log && log.error().code != Errc::not_found) trouble_ = log.error();
    if (!log || !is_better(*log, best)) continue;
    best.emplace(std::move(*log));
    best_ = other.broker;
  }
  if (!best) return;
  if (Status compared = compare(*best); !compared) trouble_ = compared.error();
}

bool SalvageWork::is_better(const log::OtherLog& other, const std::optional<log::OtherLog>& best) const {
  if (other.last_epoch() == leader_epoch_none) return false;
  // Of records that were here and are not any more only how far they went is known: what ends before that lacks some of them.
  if (own_.last_epoch == leader_epoch_none && other.end() < own_.end) return false;
  auto than = best ? std::tuple(best->last_epoch(), best->end()) : std::tuple(own_.last_epoch, own_.end);
  return std::tuple(other.last_epoch(), other.end()) > than;
}

// Where both have the same epoch at our end, all before it is the same, too.
Status SalvageWork::compare(log::OtherLog& best) {
  bool fits = own_.is_empty;
  if (!fits) {
    BOBBIN_TRY_ASSIGN(epoch, best.epoch_at(own_.end - 1));
    fits = epoch == own_.last_epoch;
  }
  if (fits) {
    BOBBIN_TRY_ASSIGN(batches, best.read(std::max(own_.end, best.start()), bytes_at_once));
    batches_ = std::move(batches);
    return {};
  }
  BOBBIN_TRY_ASSIGN(end, best.end_of(own_.last_epoch));
  // I9: a copy that lacks what was committed is none to follow.
  if (end.end >= own_.committed) parts_at_ = end;
  return {};
}

}  // namespace bobbin::cluster
