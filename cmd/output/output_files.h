// What a command writes must not be what it reads: a file that is read is never emptied or appended to by the same
// command, under whatever name, through whatever option or redirection. All of it is asked before anything is touched, and
// told as Errc::usage. Where standard error is such a file, what is said goes to standard output from then on, or nowhere.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "home/cluster_dir.h"

namespace bobbin::cmd {

// Every command reads the files of its cluster (records, logs, settings): standard output and error are none of them.
Status check_standard_outputs(const home::ClusterDir& cluster);

struct Inputs {
  std::vector<int> descriptors;
  std::string topic;  // whose log grows by what is read
};
struct Outputs {
  std::string file;          // that an option names; empty: none. It need not exist
  bool prints_data = false;  // else standard output gets nothing
};
// `cluster`: the local one, or nullptr.
Status check_outputs(const Inputs& inputs, const Outputs& outputs, const home::ClusterDir* cluster);

}  // namespace bobbin::cmd
