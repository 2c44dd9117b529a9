// An image as the records that make it, the reverse of Image::apply(): for snapshots, and for changes that write a part anew.
#pragma once

#include <vector>

#include "metadata/image.h"
#include "metadata/records.h"

namespace bobbin::metadata {

// The same image as records, in an order that Image::apply() accepts. next_offset() is not in them.
std::vector<AnyRecord> to_records(const Image& image);

// The record that makes it so, and the one that registers it so.
PartitionRecord record_of(const TopicId& topic, PartitionId number, const Partition& p);
RegisterBrokerRecord record_of(const Broker& broker);

}  // namespace bobbin::metadata
