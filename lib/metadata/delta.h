// Delta: what a change of the metadata touched, so that those who follow it look at nothing else.
#pragma once

#include <set>

#include "metadata/image.h"

namespace bobbin::metadata {

struct Delta {
  bool anew = false;            // it was read from its start: anything may be another
  bool broker_configs = false;  // what stands behind the topics' own configs
  std::set<TopicId> topics;     // made, changed, deleted

  static Delta all() { return {true, true, {}}; }
  // `after`: the image with the record, and whatever came behind it in the same change.
  void note(const AnyRecord& record, const Image& after);
};

}  // namespace bobbin::metadata
