#include "fuzz/target.h"

#include <algorithm>
#include <iterator>

#include "record/batch.h"
#include "record/batch_builder.h"

namespace bobbin::fuzz {

namespace {

constexpr Target all[] = {
    {"request", request},
    {"answer", answer},
    {"metadata_record", metadata_record},
    {"group_records", group_records},
    {"batch", batch},
    {"fetched", fetched},
    {"gzip", gzip},
    {"snappy", snappy},
    {"lz4", lz4},
    {"zstd", zstd},
    {"metadata_log", metadata_log},
    {"segment", segment, 16384},
    {"offset_index", offset_index, 16384},
    {"time_index", time_index, 16384},
    {"checkpoint", checkpoint},
    {"topic_ids", topic_ids},
    {"leader_epochs", leader_epochs},
    {"producer_snapshot", producer_snapshot},
    {"partition_metadata", partition_metadata},
    {"clean_shutdown", clean_shutdown},
    {"meta_properties", meta_properties},
    {"durable_end", durable_end},
    {"cluster_properties", cluster_properties},
    {"broker_state", broker_state},
    {"stop_order", stop_order},
    {"config_file", config_file, 16384},
    {"subscription", subscription},
    {"assignment", assignment},
    {"assign", assign},
};

}  // namespace

std::span<const Target> targets() { return all; }

const Target* find_target(std::string_view name) {
  auto found = std::find_if(std::begin(all), std::end(all), [&](const Target& t) { return t.name == name; });
  return found == std::end(all) ? nullptr : found;
}

void seal_batches(std::string& log) {
  for (size_t at = 0; log.size() - at >= record::batch_header_bytes;) {
    auto bytes = record::batch_size(Bytes(log).substr(at));
    if (!bytes || *bytes > log.size() - at) return;
    record::BatchView view(Bytes(log).substr(at, *bytes));
    record::stamp_producer(log.data() + at, *bytes, view.producer_id(), view.producer_epoch(), view.base_sequence());
    at += *bytes;
  }
}

}  // namespace bobbin::fuzz
