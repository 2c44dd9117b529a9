// ProducerIds: the ids that a broker gives to producers, out of blocks that it takes from the metadata.
//
// An id that is given a second time makes a producer's records pass for those of the one before. So each broker notes in its
// folder (producer-ids) how far ids may have been given, by whomever, before any of them is: metadata that somebody put back
// from an older copy knows of less. The first block of a life begins behind that.
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class ProducerIds {
 public:
  // Both must outlive it.
  ProducerIds(os::World& world, metadata::Transactions& transactions, BrokerId self)
      : world_(world), transactions_(transactions), self_(self) {}

  // What earlier lives noted in this folder. Blocks.
  void look_at(const std::string& folder);
  void registered(BrokerEpoch epoch) { epoch_ = epoch; }
  // The metadata has changed: others may have taken blocks.
  void follow();
  // `then` gets the next one: at once, or when another block is taken.
  void take(std::function<void(Result<ProducerId>)> then);

 private:
  void note(ProducerId bound);
  void hand_out(bool can_note);
  void give_up(const Error& why);

  os::World& world_;
  metadata::Transactions& transactions_;
  BrokerId self_;
  BrokerEpoch epoch_{-1};
  std::string path_;
  ProducerId at_least_{0};  // of the first block
  ProducerId noted_{0};     // on the disk
  bool is_noting_ = false;
  ProducerId next_{0};
  int64_t left_ = 0;
  bool is_taking_ = false;
  std::optional<ProducerId> taken_;  // a block that is to be noted before it is used
  std::vector<std::function<void(Result<ProducerId>)>> wanting_;
};

}  // namespace bobbin::broker
