// ProducerIds: the ids that a broker gives to producers, out of blocks that it takes from the metadata.
#pragma once

#include <functional>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "metadata/transactions.h"

namespace bobbin::broker {

class ProducerIds {
 public:
  ProducerIds(metadata::Transactions& transactions, BrokerId self) : transactions_(transactions), self_(self) {}

  void registered(BrokerEpoch epoch) { epoch_ = epoch; }
  // `then` gets the next one: at once, or when another block is taken.
  void take(std::function<void(Result<ProducerId>)> then);

 private:
  metadata::Transactions& transactions_;
  BrokerId self_;
  BrokerEpoch epoch_{-1};
  ProducerId next_{0};
  int64_t left_ = 0;
  bool is_taking_ = false;
  std::vector<std::function<void(Result<ProducerId>)>> wanting_;
};

}  // namespace bobbin::broker
