// The groups of a cluster, put together from what each broker coordinates. Blocks until answered, or until the target's time-out
// is over.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace bobbin::client {

class Session;

struct ListedGroup {
  std::string name;
  std::string protocol_type;  // "consumer"; empty: nobody has joined it, somebody only keeps positions
  std::string state;          // empty: the cluster is too old to tell
  std::string type;           // "classic", "consumer", "share"; empty: the cluster is too old to tell
};
struct ListedGroups {
  std::vector<ListedGroup> groups;  // by name
  std::vector<Error> missing;       // of brokers that did not tell: their groups may be left out
};
Result<ListedGroups> list_groups(Session&);

}  // namespace bobbin::client
