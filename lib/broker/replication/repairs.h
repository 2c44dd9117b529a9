// Repairs: what becomes of copies that are not what they were: a batch's checksum is wrong, files are gone, a log cannot be opened,
// a sync has failed. The broker renounces such a copy: where another broker can lead, it leads, and this one is in sync no more.
// Where no other copy could take its place it stays: records with holes are better than none.
//
// If what is wrong is in the files, the copy is made anew: the broker's life ends for the metadata (metadata::give_up_copy), and
// when it has begun the next one, before it asks anybody for that partition, the files are put aside.
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

  enum class Fault { in_files, of_disk };
  // What is wrong with that copy was found, and told. Whether another one is in sync, so that its broker will lead.
  bool note(const cluster::TopicPartition& id, Fault fault);
  void run();
  std::optional<int64_t> next_deadline_ms() const;

 private:
  struct Case {
    Fault fault;
    BrokerEpoch life;  // in which it was found
    bool is_asked = false;
    bool is_given_up = false;  // in that life
    int64_t next_ms = 0;
  };
  enum class Place { nothing_to_do, others_count, this_counts };
  const metadata::Partition* find(const cluster::TopicPartition& id) const;
  Place place_of(const cluster::TopicPartition& id) const;
  bool is_done(const cluster::TopicPartition& id, Case& one);
  bool is_made_anew(const cluster::TopicPartition& id, Case& one);
  void renounce(const cluster::TopicPartition& id, Case& one);
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
