// Repairs: what becomes of copies that are not what they were: a batch's checksum is wrong, files are gone, a log cannot be opened,
// a sync has failed. The broker renounces such a copy (metadata::renounce_copies): where another broker can lead, it leads, and this
// one is in sync no more. Then, if what is wrong is in the files, they are put aside, and the copy begins anew from its leader's.
// Where no other copy could take its place it stays: records with holes are better than none.
//
// Used by the deciding thread.
#pragma once

#include <map>
#include <optional>

#include "broker/registration.h"
#include "cluster/replicas.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class Repairs {
 public:
  Repairs(os::World& world, metadata::Transactions& transactions, cluster::Replicas& replicas,
          const Registration& registration, BrokerId self, cluster::Say say)
      : world_(world), transactions_(transactions), replicas_(replicas), registration_(registration), self_(self),
        say_(std::move(say)) {}

  // What is wrong with that copy was found, and told. Whether another one is in sync, so that its broker will lead.
  bool note(const cluster::TopicPartition& id);
  void run();
  std::optional<int64_t> next_deadline_ms() const;

 private:
  struct Case {
    bool is_asked = false;
    int64_t next_ms = 0;
  };
  enum class Place { nothing_to_do, others_count, this_counts };
  const metadata::Partition* find(const cluster::TopicPartition& id) const;
  Place place_of(const cluster::TopicPartition& id) const;
  bool is_done(const cluster::TopicPartition& id, Case& one);
  void renounce(const cluster::TopicPartition& id);
  void renounce_all();

  os::World& world_;
  metadata::Transactions& transactions_;
  cluster::Replicas& replicas_;
  const Registration& registration_;
  BrokerId self_;
  cluster::Say say_;
  std::map<cluster::TopicPartition, Case> cases_;
  bool has_renounced_all_ = false;  // since its folder is offline
};

}  // namespace bobbin::broker
