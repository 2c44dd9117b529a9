// The changes of one request on their way into the metadata.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "broker/admin/context.h"
#include "broker/request.h"
#include "metadata/placement.h"

namespace bobbin::broker {

// As Kafka, for the same reason: one request must not make a transaction of any size.
inline constexpr int64_t changes_max = 10'000;
// Errc::policy_violation: a request that changes more things than that, or makes more records (partitions, settings) of it.
Status check_changes(size_t things, int64_t records = 0);

// Where replicas may go, for a change to ask when it runs: its image knows of brokers that came a moment ago. `start` is a random
// number, the same however often it runs.
inline metadata::Placement placement_now(const AdminContext& admin, uint64_t start) {
  return {admin.metadata.live_brokers(), start};
}

// What became of each of several changes, or of all of them.
class Outcomes {
 public:
  explicit Outcomes(std::vector<Status> each) : each_(std::move(each)) {}
  static Outcomes all(Status same) {
    Outcomes outcomes{std::vector<Status>()};
    outcomes.same_ = std::move(same);
    return outcomes;
  }
  const Status& operator[](size_t i) const { return same_ ? *same_ : each_[i]; }

 private:
  std::vector<Status> each_;
  std::optional<Status> same_;
};

// `count` changes of one request that run one after the other, each of which succeeds or fails alone: change(i, image).
// `done` is told when the last has ended.
using ChangeAt = std::function<Result<std::vector<metadata::AnyRecord>>(size_t i, const metadata::Image&)>;
void submit_all(AdminContext& admin, size_t count, ChangeAt change, std::function<void(const Outcomes&)> done);

}  // namespace bobbin::broker
