// GroupReading: a consume that is a member of a group: which partitions are its own, where it goes on in each, and which
// positions are committed when.
//
// A partition is handed over when what was read of it is written, taken by the reader, and committed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"
#include "client/group/membership.h"
#include "cmd/consume/options.h"
#include "cmd/consume/taken.h"

namespace bobbin::cmd {

class GroupReading {
 public:
  // Blocks until the ends of the partitions are known, if they are wanted. `say` is told what a person should know.
  using Say = std::function<void(const std::string&)>;
  static Result<std::unique_ptr<GroupReading>> open(client::Session& session, const ConsumeOptions& options,
                                                    std::vector<std::string> topics, Say say);

  // Before each wait. What is to be done then:
  enum class Step {
    wait,       // it has no partitions, or not yet
    begin,      // it has got others: open_consumer()
    read,       // it goes on
    hand_over,  // it has to give up what it has: end the reading, then handed_over()
    lost        // it has lost what it had: forget()
  };
  Result<Step> advance();
  // When to call it although nothing happened, in the session's milliseconds.
  int64_t due_ms() const { return member_.due_ms(); }
  Result<std::unique_ptr<client::Consumer>> open_consumer();
  // It has what the group gave it, which may be nothing, and goes on having it as far as it knows.
  bool is_settled() const { return member_.state() == client::Membership::State::stable && member_.term() == term_; }
  // Of one that has no partitions, for people.
  std::string awaited() const;
  void handed_over() { member_.handed_over(); }
  // `is_more_owed`: something is done beside what `taken` knows.
  void forget(bool is_more_owed = false);
  void leave() { member_.leave(); }

  Taken taken;

  // Commits what is taken, if it is time. An error: it is not its own any more.
  void commit_if_due();
  // Waits for what is under way, then for everything that is taken.
  Status commit_now();
  // Something that was read is not committed, and is read again by somebody.
  bool has_failed() const { return has_failed_; }

 private:
  GroupReading(client::Session& session, const ConsumeOptions& options, std::vector<std::string> topics, Say say);
  Status find_ends();
  void commit();

  client::Session& session_;
  const ConsumeOptions& options_;
  std::vector<std::string> topics_;
  Say say_;
  client::Membership member_;
  uint64_t term_ = 0;
  bool has_partitions_ = false;
  client::Positions ends_;  // of its start
  bool is_start_told_ = false;
  std::shared_ptr<GroupReading*> self_ = std::make_shared<GroupReading*>(this);
  std::optional<client::Positions> committing_;
  std::optional<Error> refused_;
  bool has_failed_ = false;

 public:
  ~GroupReading() { *self_ = nullptr; }
};

}  // namespace bobbin::cmd
