#include "cluster/checkpoint_work.h"

#include <algorithm>

namespace bobbin::cluster {

std::function<Status()> checkpoint_work(const OpenReplicas& opened, Folder& folder) {
  opened.for_each([&folder](Replica& replica) {
    const Copy& copy = *replica.copy();
    if (copy.log_end() == Offset(0)) return folder.forget(copy.name());
    // Not all that was shown, which is more where no flush is waited for: after a power cut that would be missed.
    const Offset durable = copy.durable_end();
    const Offset shown = replica.is_alone() ? durable : std::min(replica.high_watermark(), durable);
    folder.note(copy.name(), copy.id().topic, {copy.recovery_point(), shown, copy.log_start()});
  });
  return folder.checkpoint_work();
}

std::function<Status()> young_work(const OpenReplicas& opened, Folder& folder, const std::vector<TopicPartition>& ids) {
  for (const TopicPartition& id : ids)
    if (Copy* copy = opened.find_copy(id)) folder.note_young(copy->name(), id.topic, copy->durable_end());
  return folder.young_work();
}

}  // namespace bobbin::cluster
