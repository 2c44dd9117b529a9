// Fetcher: what is asked of the leaders for the partitions that are read, and what becomes of their answers. One Fetch is
// under way to each leader; what a leader of this machine shows is taken without asking (in_place.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/consumer/in_place.h"
#include "client/consumer/options.h"
#include "client/consumer/partition_reader.h"
#include "protocol/messages/fetch.h"

namespace bobbin::client {

class Session;

class Fetcher {
 public:
  // Both must outlive it, and so must every reader that something was asked for.
  Fetcher(Session& session, const ReadOptions& options);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // Asks for what is missing, those partitions first that begin at `first`. True: a question leaves with the next flush.
  Result<bool> ask(std::span<const std::unique_ptr<PartitionReader>> readers, size_t first);
  // When it was asked last, some leader was not there or not connected.
  bool is_blocked() const { return is_blocked_; }
  bool is_shown_more(const PartitionReader& reader) const { return in_place_.is_shown_more(reader); }
  // An answer after which nothing can be asked any more.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct Asked {
    PartitionReader* reader;
    Offset from;
    bool in_place;
  };
  struct Fetching {
    BrokerId node;
    std::vector<Asked> asked;
  };

  Status find_leader(PartitionReader& reader, BrokerId leader, int64_t now);
  void ask_leader(BrokerId node, const std::vector<PartitionReader*>& readers, int32_t wait_ms);
  void take_answer(const Fetching& fetching, Result<RawAnswer> raw);
  void take_partition(const Asked& asked, BrokerId leader, const protocol::FetchResponse::PartitionData& data,
                      std::shared_ptr<const std::string> frame);
  void take_records(const Asked& asked, BrokerId leader, const protocol::FetchResponse::PartitionData& data,
                    std::shared_ptr<const std::string> frame);
  std::shared_ptr<const std::string> hold(std::unique_ptr<std::string> frame);
  void refused(PartitionReader& reader, Errc code, const std::optional<std::string>& damage);

  Session& session_;
  const ReadOptions& options_;
  InPlace in_place_{session_};
  std::shared_ptr<size_t> held_bytes_ = std::make_shared<size_t>(0);  // of answers of which something is not read yet
  std::set<BrokerId> fetching_;                                       // brokers with a Fetch under way
  bool is_blocked_ = false;
  std::optional<Error> failure_;
  std::shared_ptr<Fetcher*> self_;  // answers that come after the end find nobody
};

}  // namespace bobbin::client
