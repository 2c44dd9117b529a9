// Refusals: batches of idempotent producers that were refused for a reason that passes (no room, not yet the leader, a
// topic that is not known here yet), and what must not overtake them.
//
// A producer that nobody knows in a partition may begin with any sequence (its state may have been forgotten). If its
// first batch is refused and the second, which was on its way already, is let in, their order is lost for good, and the
// first can never be stored. So what lies behind a refused batch on its connection is refused too, until the batch itself
// comes again, or the partition knows the producer in that epoch: then its log tells what is missing (log/producers.h). Such a
// batch may have been stored by another leader meanwhile, and will not come again here.
//
// Owned by the Broker, used by the deciding thread alone.
#pragma once

#include <map>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "transport/peer.h"

namespace bobbin::broker {

class Refusals {
 public:
  struct Sender {
    transport::ConnectionId connection{};
    std::string topic;  // as the request names it; empty: by id
    TopicId topic_id;
    int32_t partition = 0;
    ProducerId producer = producer_id_none;
    ProducerEpoch epoch{};
    auto operator<=>(const Sender&) const = default;
  };

  // Whether a batch with this first sequence lies behind one that was refused.
  bool is_behind(const Sender& sender, Sequence first) const {
    auto it = refused_.find(sender);
    return it != refused_.end() && it->second != first;
  }
  // What became of a batch. Errors that do not pass leave things as they are: its sender will not send it again.
  void note(const Sender& sender, Sequence first, const Status& outcome);
  void forget(transport::ConnectionId connection);
  size_t size() const { return refused_.size(); }

 private:
  static constexpr size_t refused_max = 10000;  // a hostile client; beyond, the oldest connection's are forgotten
  std::map<Sender, Sequence> refused_;
};

}  // namespace bobbin::broker
