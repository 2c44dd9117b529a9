// Invariants: what is true of the cluster at every moment, whoever is dead, stopped or behind: predicates on the images, roles and
// disks of all brokers together, which no client and no broker can see. The simulation asks after each step, so that a broken rule
// is told near the step that breaks it, not by the record that somebody misses later.
//
//   I1   A new leader's log has everything that was ever committed.
//   I2   So has the log of whoever is in sync or eligible, as it lies on the disk; unless the folder is gone, and its broker has
//        not registered since.
//   I3   A leader that may commit waits for everybody who is in sync or eligible.
//   I4   No two different batches are committed at one offset. What is committed is what lies below a leader's high watermark.
//   I5   Logs agree below what their brokers know as committed, with what was (and I7: nothing else is ever shown).
//   I6   The same offset and epoch: the same batch, in any two logs.
//   I10  Neither leader epochs, partition epochs and broker epochs go back, nor how far the metadata was read; a partition epoch is
//        one state of the partition, a broker epoch one life, a leader epoch the reign of one life.
//   I11  The high watermark does not go back in a reign.
//   I12  What counts is on the disk: where the flush is what is promised, no power cut takes it.
//   I14  Nobody is in sync and eligible; nobody is eligible where enough are in sync; the leader is in sync; nobody who is fenced
//        is; both are replicas.
//   I15  A broker's image is the replay of the metadata log up to its offset.
//   I17  log start <= high watermark <= log end.
//   R5   A leader takes nothing of a producer that waits for all, where fewer than min.insync.replicas are in sync.
//   I21  A copy that was there before a move goes when everybody who stays is in sync, and no other goes but one that a move brought.
//   I18  A producer's sequences follow each other in the log, without a hole.
//
// I8, and I4 and I7 for what clients were told, are the Model's (model.h); I9 is I17 of a follower whose log was cut. I13, I16, I19
// and I20 are of what is not simulated: shared memory, processes, transactions, groups.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cluster/replica.h"
#include "sim/disk_log.h"
#include "sim/model.h"
#include "sim/node.h"

namespace bobbin::sim {

class Invariants {
 public:
  Invariants(Stage& stage, Nodes& nodes, Model& model) : stage_(stage), nodes_(nodes), model_(model) {}

  void after_step();
  // What flush.policy=os promised is void.
  void power_cut();
  // A broker's folder is gone, with all that it held.
  void lost_folder(BrokerId who);
  // Whether no promise is broken when that happens: others have everything, and no other loss is being made good.
  bool can_spare(BrokerId who);
  // Whether every move is done, as the newest image has it.
  bool nothing_moves();
  // Nothing is under way any more: what is costly, or true only then.
  void at_rest();

 private:
  using PartitionOf = cluster::TopicPartition;
  // What was committed of a partition: what any leader ever showed.
  struct Committed {
    bool is_os = false;
    Offset start{0}, end{0};
    Offset deleted{0};  // what lies before it, by some leader's retention
    std::vector<DiskBatch> batches;
  };
  struct Role {
    bool leads = false;
    LeaderEpoch epoch{-1};
    Offset shown{0}, durable{0}, start{0}, end{0};
    bool has_enough = false;
    bool operator==(const Role&) const = default;
  };
  struct Life {  // the last one of a broker, as far as it was seen
    uint64_t number = 0;
    Offset image{0};
    std::map<PartitionOf, int32_t> partition_epochs;
    std::map<BrokerId, BrokerEpoch> broker_epochs;
    std::unordered_map<PartitionOf, Role> roles;
  };
  // A partition in an image, which must outlive it.
  struct Known {
    const metadata::Image& image;
    const metadata::Topic& topic;
    const metadata::Partition& partition;
    PartitionOf id;
    std::string name() const { return topic.name + "-" + to_string(id.partition); }
    bool has_config(std::string_view key, std::string_view value) const;
    bool is_os() const { return has_config("flush.policy", "os"); }
    // By retention; or by who coordinates its groups, once all that counts is written again behind it.
    bool is_trimmed() const { return has_config("retention.bytes", {}) || topic.name == "__consumer_offsets"; }
    std::vector<BrokerId> candidates() const;
    std::string text() const;  // for people
  };

  void find_newest();
  void look_at_image(Node& node);
  void look_at_brokers(const metadata::Image& image, Life& life, const std::string& who);
  void look_at_state(const Known& which, const std::string& who);
  void look_at_move(const metadata::Partition& before, const Known& which);
  void look_at_shape(const Known& which);
  void look_at_roles(Node& node);
  void look_at_role(Node& node, Role& before, const Role& now, const Known& which);
  bool begins_anew(const cluster::Copy& copy, const Known& which) const;
  void begin_reign(Node& node, const Known& which, LeaderEpoch epoch);
  void commit(Node& node, const Known& which, Offset high_watermark);
  void look_at_logs();
  void look_at_candidates(const Known& which);
  void look_at_leader(const Known& which);
  void look_at_waiting(const Known& which);
  void look_at_refused(Node& node, Offset from, const Known& which);
  cluster::Leading* leading(const Known& which);  // of this very reign; nullptr: nobody does
  void look_at_copy(Node& node, const Known& which);
  void look_at_replay(Node& node);
  void compare_copies(const Known& which);
  void look_at_sequences(const Known& which);

  std::optional<Known> find(const metadata::Image& image, const PartitionOf& id) const;
  template <class Visit>
  void for_each_partition(const metadata::Image& image, const Visit& visit);
  DiskLog& log_of(BrokerId who, const Known& which);
  Offset start_of(BrokerId who, const Known& which);
  bool has_changed(const Known& which) const;
  bool is_going(const Known& which) const;
  // Why a log is not what was committed below there; nothing: it is.
  std::optional<std::string> missing(const DiskLog& log, const Known& which, Offset from, Offset below) const;
  bool is_exempt(BrokerId who) const;
  Node* ready(BrokerId id);
  void violate(const char* rule, const std::string& what) { stage_.violate(std::string(rule) + ": " + what); }

  Stage& stage_;
  Nodes& nodes_;
  Model& model_;
  home::ClusterDir dir_{std::string(cluster_root)};
  uint64_t steps_ = 0;
  const metadata::Image* newest_ = nullptr;  // nothing: nobody who lives has it
  Offset newest_offset_{0};                  // of any that was seen
  std::map<BrokerId, Life> lives_;
  std::map<PartitionOf, std::map<int32_t, metadata::Partition>> states_;  // by partition epoch
  std::map<std::pair<BrokerId, BrokerEpoch>, Uuid> incarnations_;
  std::map<std::pair<PartitionOf, LeaderEpoch>, std::pair<BrokerId, uint64_t>> reigns_;  // of whom, in which life
  std::unordered_map<PartitionOf, Committed> committed_;
  std::unordered_map<std::string, DiskLog> logs_;  // by folder
  std::set<std::string> changed_;                  // folders, since they were looked at
  std::set<PartitionOf> unlooked_;                 // or what is known of them
  bool look_now_ = false;
  std::map<BrokerId, BrokerEpoch> lost_;  // whose folders were, and how long the metadata log was
};

}  // namespace bobbin::sim
