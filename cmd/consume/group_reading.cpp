#include "cmd/consume/group_reading.h"

#include "client/admin/groups.h"
#include "client/admin/offsets.h"
#include "client/group/commits.h"

namespace bobbin::cmd {

namespace {

client::MembershipOptions membership(const ConsumeOptions& options, std::vector<std::string> topics) {
  client::MembershipOptions made;
  made.group = *options.group;
  made.topics = std::move(topics);
  return made;
}

constexpr int64_t commit_ms_max = 5000;  // how long the end of a reading waits for its last commit

}  // namespace

GroupReading::GroupReading(client::Session& session, const ConsumeOptions& options, std::vector<std::string> topics,
                           Say say)
    : session_(session), options_(options), topics_(std::move(topics)), say_(std::move(say)),
      member_(session, membership(options, topics_)) {}

Result<std::unique_ptr<GroupReading>> GroupReading::open(client::Session& session, const ConsumeOptions& options,
                                                         std::vector<std::string> topics, Say say) {
  auto made = std::unique_ptr<GroupReading>(new GroupReading(session, options, std::move(topics), std::move(say)));
  if (options.is_bounded()) BOBBIN_TRY(made->find_ends());
  return made;
}

Status GroupReading::find_ends() {
  for (const std::string& topic : topics_) {
    BOBBIN_TRY_ASSIGN(ends, client::list_offsets(session_, topic, client::At::latest()));
    for (const auto& end : ends) {
      BOBBIN_TRY(end.status);
      ends_[{topic, end.partition}] = end.offset;
    }
  }
  return {};
}

Result<GroupReading::Step> GroupReading::advance() {
  BOBBIN_TRY(member_.advance());
  using State = client::Membership::State;
  if (member_.state() == State::handing_over) return has_partitions_ ? Step::hand_over : (handed_over(), Step::wait);
  if (member_.term() == term_) return has_partitions_ ? Step::read : Step::wait;
  if (has_partitions_) return Step::lost;
  if (member_.state() != State::stable) return Step::wait;
  return Step::begin;
}

std::string GroupReading::awaited() const {
  return term_ > 0 ? "a partition: the other members of the group have them all" : "the group " + *options_.group;
}

Result<std::unique_ptr<client::Consumer>> GroupReading::open_consumer() {
  term_ = member_.term();
  if (member_.assigned().empty()) return std::unique_ptr<client::Consumer>();
  BOBBIN_TRY_ASSIGN(committed, client::committed_positions(session_, *options_.group));
  bool goes_on = false;
  client::ConsumerOptions consumer;
  consumer.start = options_.start;
  consumer.timeout_ms = session_.target().timeout_ms;
  // What is committed may be older than what retention has left.
  consumer.out_of_range = client::OutOfRange::beginning;
  for (const auto& of : member_.assigned()) {
    client::Subscription subscription{of.topic, of.partitions};
    for (PartitionId p : of.partitions) {
      if (auto at = committed.find({of.topic, p}); at != committed.end()) subscription.starts[p] = at->second;
      goes_on |= subscription.starts.contains(p);
      if (!options_.is_bounded()) continue;
      auto end = ends_.find({of.topic, p});
      subscription.stops[p] = end == ends_.end() ? Offset(0) : end->second;
    }
    consumer.topics.push_back(std::move(subscription));
  }
  if (options_.has_start && goes_on && !std::exchange(is_start_told_, true))
    say_("group " + *options_.group +
         " has positions already, and goes on there: -o counts for partitions without one");
  has_partitions_ = true;
  return client::Consumer::open(session_, consumer);
}

void GroupReading::forget(bool is_more_owed) {
  has_partitions_ = false;
  const bool is_owed = is_more_owed || !taken.is_all_taken() || !taken.positions().empty() || committing_;
  if (options_.commit != ConsumeOptions::Commit::none && is_owed) {
    has_failed_ = true;
    say_("group " + *options_.group +
         " took this member for gone and gave its partitions away: what it read since its last commit is read again");
  }
  taken.forget();
}

// --- commits

void GroupReading::commit() {
  committing_ = taken.give();
  const bool sent = client::commit(session_, member_, *committing_, [self = self_](Status done) {
    if (!*self) return;
    GroupReading& reading = **self;
    if (!reading.committing_) return;
    if (!done) {
      reading.taken.give_back(*reading.committing_);
      reading.refused_ = done.error();
    }
    reading.committing_.reset();
  });
  if (sent) return;
  taken.give_back(*committing_);
  committing_.reset();
}

void GroupReading::commit_if_due() {
  using Commit = ConsumeOptions::Commit;
  if (options_.commit != Commit::each && options_.commit != Commit::batch) return;
  if (!committing_ && !taken.positions().empty()) commit();
}

Status GroupReading::commit_now() {
  if (options_.commit == ConsumeOptions::Commit::none) return {};
  const int64_t until = session_.now_ms() + commit_ms_max;
  while (committing_ || !taken.positions().empty()) {
    if (!committing_) {
      refused_.reset();
      commit();
    }
    if (session_.now_ms() >= until)
      return error(Errc::no_answer, "the positions of group " + *options_.group + " are not committed" +
                                        (refused_ ? ": " + refused_->message : std::string()));
    const bool is_lost =
        refused_ && (refused_->code == Errc::illegal_generation || refused_->code == Errc::unknown_member_id ||
                     refused_->code == Errc::fenced_instance_id);
    if (is_lost && !committing_) {
      has_failed_ = true;
      return *refused_;
    }
    BOBBIN_TRY(member_.advance());
    BOBBIN_TRY(session_.wait({}, 10));
  }
  return {};
}

}  // namespace bobbin::cmd
