// Topics and partitions as they are named on the command line, and which of them a cluster has.
#pragma once

#include <string>
#include <vector>

#include "client/session.h"
#include "cmd/output/report.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

struct NamedPartitions {
  std::vector<std::string> topics;      // by name, each once; none: all
  std::vector<PartitionId> partitions;  // none: all of these topics

  // Of a topic that is meant.
  bool covers(PartitionId number) const;
};
// Errc::usage: a name that none can have, or partitions of no topic.
Result<NamedPartitions> named_partitions(const Arguments&);

// Those of these topics that are there, or all if none is named; that another is not there is reported.
Result<std::vector<client::TopicView>> those_there(client::Session&, const std::vector<std::string>& topics, Report&);
// Reports the partitions that one of the topics does not have.
void report_missing(const std::vector<client::TopicView>& topics, const std::vector<PartitionId>& partitions, Report&);

}  // namespace bobbin::cmd
