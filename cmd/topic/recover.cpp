#include <algorithm>
#include <map>

#include "base/ids.h"
#include "client/admin/elections.h"
#include "client/admin/offsets.h"
#include "client/admin/replica_ends.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/named_topics.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

constexpr int64_t patience_ms = 500, patience_afar_ms = 2000, retry_ms = 50;

// A partition that nobody leads.
struct Orphan {
  PartitionId partition;
  std::vector<BrokerId> running, missing;  // of its replicas
  std::optional<Offset> end;               // of the longest copy on a broker that runs, or of its new leader
  BrokerId leader = broker_none;           // the new one
};

struct Orphans {
  std::string topic;
  std::vector<Orphan> partitions;
};

Orphan orphan(const client::PartitionView& p, PartitionId number, const client::ReplicaEnds& ends) {
  Orphan one{.partition = number, .running = {}, .missing = p.offline, .end = std::nullopt};
  for (BrokerId id : p.replicas)
    if (!holds(p.offline, id)) one.running.push_back(id);
  for (BrokerId id : one.running)
    if (auto end = ends.find({number, id}); end != ends.end())
      one.end = std::max(one.end.value_or(end->second), end->second);
  return one;
}

Orphans orphans_of(client::Session& session, const client::TopicView& view, const NamedPartitions& wanted) {
  Orphans orphans{view.name, {}};
  const auto is_orphan = [&](size_t i) {
    const PartitionId number(static_cast<int32_t>(i));
    return view.partitions[i].leader == broker_none && wanted.covers(number);
  };
  client::ReplicaEnds ends;
  for (size_t i = 0; i < view.partitions.size(); i++) {
    if (!is_orphan(i)) continue;
    if (orphans.partitions.empty())
      ends = client::replica_ends(session, view, session.is_local() ? patience_ms : patience_afar_ms);
    orphans.partitions.push_back(orphan(view.partitions[i], PartitionId(static_cast<int32_t>(i)), ends));
  }
  return orphans;
}

Result<std::vector<Orphans>> find(client::Session& session, const NamedPartitions& wanted, Report& report) {
  BOBBIN_TRY_ASSIGN(views, those_there(session, wanted.topics, report));
  report_missing(views, wanted.partitions, report);
  std::vector<Orphans> found;
  for (const client::TopicView& view : views) {
    Orphans orphans = orphans_of(session, view, wanted);
    if (!orphans.partitions.empty()) found.push_back(std::move(orphans));
  }
  return found;
}

bool is_led(const client::TopicView& view, PartitionId number) {
  const auto at = static_cast<size_t>(number.value);
  return at < view.partitions.size() && view.partitions[at].leader != broker_none;
}

// Whether there are some that need none, and nobody leads: whoever did is dead, and not yet taken for it.
Result<bool> is_too_early(client::Session& session, const std::vector<client::Election>& elections) {
  for (const client::Election& election : elections) {
    if (election.status || election.status.error().code != Errc::election_not_needed) continue;
    BOBBIN_TRY_ASSIGN(views, client::describe_topics(session, {election.topic}));
    if (!views.empty() && !is_led(views[0], election.partition)) return true;
  }
  return false;
}

Result<std::vector<client::Election>> elect(client::Session& session, const std::vector<client::PartitionsOf>& which) {
  const int64_t give_up_at = session.now_ms() + session.target().timeout_ms;
  while (true) {
    BOBBIN_TRY_ASSIGN(elections, client::elect_leaders(session, client::ElectionType::unclean, which));
    BOBBIN_TRY_ASSIGN(too_early, is_too_early(session, elections));
    if (!too_early || session.now_ms() >= give_up_at) return elections;
    BOBBIN_TRY(session.wait({}, retry_ms));
  }
}

// Who leads now, and where that log goes on. What was not elected is left out.
Status recover(client::Session& session, std::vector<Orphans>& all, Report& report) {
  std::vector<client::PartitionsOf> which;
  for (const Orphans& of : all) {
    auto& to = which.emplace_back(client::PartitionsOf{of.topic, {}});
    for (const Orphan& one : of.partitions) to.partitions.push_back(one.partition);
  }
  BOBBIN_TRY_ASSIGN(elections, elect(session, which));
  std::map<std::string, std::vector<PartitionId>> elected;
  for (const client::Election& election : elections) {
    // Somebody may have led it meanwhile: then nothing was lost.
    if (!election.status && election.status.error().code != Errc::election_not_needed)
      report.failed(election.status.error());
    else elected[election.topic].push_back(election.partition);
  }
  for (Orphans& of : all) {
    auto& mine = elected[of.topic];
    std::erase_if(of.partitions,
                  [&](const Orphan& one) { return std::find(mine.begin(), mine.end(), one.partition) == mine.end(); });
    if (of.partitions.empty()) continue;
    // Its leaders answer when they have looked through the files of the others.
    BOBBIN_TRY_ASSIGN(ends, client::list_offsets(session, of.topic, client::At::latest(), mine));
    for (const client::PartitionOffset& end : ends) {
      auto one = std::find_if(of.partitions.begin(), of.partitions.end(),
                              [&](const Orphan& o) { return o.partition == end.partition; });
      const client::PartitionView* view = session.topology().partition(of.topic, end.partition);
      if (!end.status) report.failed(end.status.error());
      else report.done();
      one->end = end.status ? std::optional(end.offset) : std::nullopt;
      if (view) one->leader = view->leader;
    }
  }
  return {};
}

Listing listed(const std::vector<Orphans>& all) {
  Listing listing({"topic", "partition", "leader", "running", "missing", "lost_from"});
  for (const Orphans& of : all)
    for (const Orphan& one : of.partitions)
      listing.add({of.topic, one.partition.value, one.leader == broker_none ? Cell() : Cell(one.leader.value),
                   one.running, one.missing, one.end ? Cell(one.end->value) : Cell()});
  return listing;
}

size_t count(const std::vector<Orphans>& all) {
  size_t sum = 0;
  for (const Orphans& of : all) sum += of.partitions.size();
  return sum;
}

Result<int> recover(const Arguments& arguments, const NamedPartitions& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  Report report;
  BOBBIN_TRY_ASSIGN(all, find(*session, wanted, report));
  if (all.empty()) {
    const bool failed = report.exit_code() != exit_done;
    if (!failed) notice(arguments, "every partition has a leader");
    const int printed = print(listed(all), arguments);
    return failed ? report.exit_code() : printed;
  }
  if (arguments.has("accept-loss")) {
    BOBBIN_TRY(recover(*session, all, report));
    const int printed = print(listed(all), arguments);
    return report.exit_code() != exit_done ? report.exit_code() : printed;
  }
  const int printed = print(listed(all), arguments);
  report.failed(
      error(Errc::leader_not_available, "nobody leads " + std::to_string(count(all)) +
                                            " partition(s): first start the brokers that are missing, if that can be; "
                                            "--accept-loss goes on without what they alone have"));
  return printed != exit_done ? printed : exit_no;
}

int run(const Arguments& arguments) {
  auto wanted = named_partitions(arguments);
  if (!wanted) return fail(wanted.error(), "topic recover");
  auto code = recover(arguments, *wanted);
  return code ? *code : fail_list(code.error(), "", arguments);
}

constexpr Option options[] = {
    topic_names,
    partitions_of_topics,
    {.name = "accept-loss",
     .doc =
         "Make one of the replicas that run the leader. Acknowledged records that only a missing broker has are lost, "
         "also when it comes back."},
};

constexpr Example examples[] = {
    {"bobbin topic recover", "what nobody leads, and what could be lost"},
    {"bobbin topic recover orders --accept-loss", "go on with what there is"},
};

}  // namespace

extern constinit const Command topic_recover{
    .name = "topic recover",
    .arguments = "[NAME...]",
    .summary = "Lead partitions again whose in-sync replicas are all lost",
    .description =
        "For the end of the world: a partition is led by a replica that has every acknowledged record. When all of "
        "these are dead, nobody leads it, though others run that have a part of it: it waits until one comes back. "
        "Starting "
        "that broker again loses nothing. Where that cannot be, its disk being gone, this command goes on with what "
        "there is.\n\n"
        "Without --accept-loss it changes nothing: it lists the partitions that nobody leads, which of their replicas "
        "run "
        "and which are missing, and the offset from which on acknowledged records may be lost, and exits 1 if there "
        "are "
        "any. With --accept-loss one of those that run leads; before it does, it takes what the files of the others "
        "have, as "
        "far as they can be read, and the offset is where its log goes on. A replica that comes back later and has "
        "more puts that aside, under a name that ends in -damaged, or cuts it.\n\n"
        "Kafka calls this an unclean leader election. Here none is ever made by itself: "
        "unclean.leader.election.enable is refused.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
