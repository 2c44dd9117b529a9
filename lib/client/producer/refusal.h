// Refusal: why a batch was not taken: the code that decides what is to be done, and the sentence for a person.
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/messages/produce.h"

namespace bobbin::client {

struct Refusal {
  Errc code = Errc::none;
  Error error;
};

// As the broker said it of the partition `name`, with what can be done about it.
Refusal refusal_of(const protocol::ProduceResponse::PartitionProduceResponse& answer, const std::string& name);

// Nothing more of this producer will be taken, in whichever partition.
bool is_fatal_to_all(Errc code);

}  // namespace bobbin::client
