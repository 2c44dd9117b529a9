#include "metadata/names.h"

#include <algorithm>

namespace bobbin::metadata {

std::string collision_form(std::string_view name) {
  std::string form(name);
  std::replace(form.begin(), form.end(), '.', '_');
  return form;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" || name == "__share_group_state";
}

bool is_reserved_topic(std::string_view name) {
  return name == "__cluster_metadata" || name == "__consumer_offsets" || name == "__transaction_state";
}

}  // namespace bobbin::metadata
