#include "cluster/checkpoint_work.h"

namespace bobbin::cluster {

std::function<Status()> checkpoint_work(const OpenReplicas& opened, Folder& folder) {
  opened.for_each_copy([&folder](const Copy& copy) {
    // Not what was shown, which is more where no flush is waited for: after a power cut that would be missed.
    if (copy.log_end() == Offset(0)) folder.forget(copy.name());
    else folder.note(copy.name(), copy.id().topic, {copy.recovery_point(), copy.durable_end(), copy.log_start()});
  });
  return folder.checkpoint_work();
}

std::function<Status()> young_work(const OpenReplicas& opened, Folder& folder, const std::vector<TopicPartition>& ids) {
  for (const TopicPartition& id : ids)
    if (Copy* copy = opened.find_copy(id))
      folder.note_young(copy->name(), id.topic, copy->durable_end(), durable_start(*copy));
  return folder.young_work();
}

}  // namespace bobbin::cluster
