// Succession: what a broker does before it leads: it looks through the other brokers' copies of the partition, and takes what they
// have and it has not (cluster/salvage.h). That is a job, and one more after each piece that was taken; who asks for the
// partition meanwhile waits.
//
// Where its records are of a later reign than the one it is to lead in, it asks for another first (older_metadata.h).
//
// What cannot be taken for want of room or of a descriptor is tried again for a second; then it leads with what it has, and says
// so.
//
// Used by the deciding thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "broker/durability.h"
#include "cluster/replicas.h"
#include "cluster/salvage.h"
#include "home/cluster_dir.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class Succession {
 public:
  Succession(os::World& world, metadata::Transactions& transactions, const home::ClusterDir& dir, BrokerId self,
             cluster::Replicas& replicas, Durability& durability, cluster::Say say)
      : world_(world), transactions_(transactions), dir_(dir), self_(self), replicas_(replicas),
        durability_(durability), say_(std::move(say)) {}

  // Looks for those that are to lead and do not yet.
  void run();
  bool is_idle() const { return under_way_ == 0; }
  std::optional<int64_t> next_deadline_ms() const;

 private:
  struct Heir {
    bool is_looking = false;
    int64_t next_ms = 0;
    std::optional<int64_t> in_trouble_since;
  };
  void look(const cluster::TopicPartition& id, Heir& heir);
  void looked(const cluster::TopicPartition& id, const cluster::SalvageWork& work);
  // Whether there was something to do that is done, or begun; an error: what kept it from being done.
  Result<bool> follow(cluster::Following& heir, const cluster::SalvageWork& work);

  os::World& world_;
  metadata::Transactions& transactions_;
  const home::ClusterDir& dir_;
  BrokerId self_;
  cluster::Replicas& replicas_;
  Durability& durability_;
  cluster::Say say_;
  std::map<cluster::TopicPartition, Heir> heirs_;
  size_t under_way_ = 0;
};

}  // namespace bobbin::broker
