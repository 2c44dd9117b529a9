#include <algorithm>
#include <set>

#include "client/admin/groups.h"
#include "client/admin/offsets.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/exec/dead_letter.h"
#include "cmd/exit.h"
#include "cmd/group/names.h"
#include "cmd/group/redriving.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {
namespace {

struct Wanted {
  std::string group;
  std::vector<std::string> topics;
};

// The group is the first word, unless it was given as an option.
Result<Wanted> read(const Arguments& arguments) {
  Wanted wanted;
  std::vector<std::string> words = arguments.words();
  if (auto group = arguments.text("group")) {
    wanted.group = *group;
  } else if (!words.empty()) {
    wanted.group = words.front();
    words.erase(words.begin());
  }
  if (wanted.group.empty()) return usage("name the group");
  std::set<std::string> topics(words.begin(), words.end());
  for (const std::string& topic : arguments.all("topic")) topics.insert(topic);
  if (topics.empty()) return usage("name the topics that the dead letters came from");
  wanted.topics.assign(topics.begin(), topics.end());
  BOBBIN_TRY(check_names(wanted.topics));
  for (const std::string& topic : wanted.topics) BOBBIN_TRY(dead_letters_of(topic, wanted.group));
  return wanted;
}

// The topics of dead letters that are there. A topic that is not there is an error; one of which nothing failed is not.
Result<Redriving::Topics> letters_there(client::Session& session, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(all, client::list_topics(session));
  const auto is_there = [&all = all](const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const client::TopicView& each) { return each.name == name; });
  };
  Redriving::Topics topics;
  for (const std::string& topic : wanted.topics) {
    if (!is_there(topic))
      return error(
          Errc::unknown_topic_or_partition,
          "there is no topic " + topic + " (`bobbin topic list` names those that there are); nothing was done");
    BOBBIN_TRY_ASSIGN(name, dead_letters_of(topic, wanted.group));
    if (is_there(name)) topics.emplace(name, topic);
  }
  return topics;
}

// What a redrive would read of one topic of dead letters.
Result<int64_t> count_waiting(client::Session& session, const std::string& group, const std::string& letters) {
  BOBBIN_TRY_ASSIGN(positions, client::committed_positions(session, Redriving::group_of(group)));
  BOBBIN_TRY_ASSIGN(firsts, client::list_offsets(session, letters, client::At::earliest()));
  BOBBIN_TRY_ASSIGN(ends, client::list_offsets(session, letters, client::At::latest()));
  int64_t count = 0;
  for (size_t i = 0; i < ends.size(); i++) {
    BOBBIN_TRY(firsts[i].status);
    BOBBIN_TRY(ends[i].status);
    const auto at = positions.find({letters, ends[i].partition});
    const Offset from = at == positions.end() ? firsts[i].offset : std::max(at->second, firsts[i].offset);
    count += std::max<int64_t>(ends[i].offset.value - from.value, 0);
  }
  return count;
}

Result<int> show_waiting(const Arguments& arguments, client::Session& session, const Wanted& wanted,
                         const Redriving::Topics& topics) {
  Listing listing({"topic", "dead_letters", "waiting"});
  for (const auto& [letters, topic] : topics) {
    BOBBIN_TRY_ASSIGN(count, count_waiting(session, wanted.group, letters));
    listing.add({topic, letters, count});
  }
  notice(arguments, "would send these back; nothing was done");
  return print(listing, arguments);
}

Result<int> redrive(const Arguments& arguments, const Wanted& wanted, std::optional<int>& signal) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY_ASSIGN(topics, letters_there(*session, wanted));
  if (arguments.has("dry-run")) return show_waiting(arguments, *session, wanted, topics);
  Redriving redriving(arguments, *session, wanted.group, topics);
  Status outcome = topics.empty() ? Status() : redriving.run();
  Listing listing({"topic", "dead_letters", "redriven"});
  for (const std::string& topic : wanted.topics) {
    BOBBIN_TRY_ASSIGN(letters, dead_letters_of(topic, wanted.group));
    listing.add({topic, letters, static_cast<int64_t>(redriving.count(topic))});
  }
  int code = print(listing, arguments);
  if (redriving.strays() > 0) code = exit_no;
  if (!outcome) code = fail(outcome.error());
  signal = redriving.signal();
  return code;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "group redrive");
  std::optional<int> signal;
  auto code = redrive(arguments, *wanted, signal);
  if (signal) os::die_of_signal(*signal);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_name,
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC",
     .doc = "A topic that dead letters came from, for those who write it as an option.",
     .repeats = true},
    {.name = "dry-run", .doc = "Only print how many would be sent back."},
};

constexpr Example examples[] = {
    {"bobbin group redrive workers jobs", "what failed is tried again"},
    {"bobbin group redrive workers jobs --dry-run", "how much that would be"},
    {"bobbin consume jobs.workers.dlq -e -J", "to look at it first"},
};

}  // namespace

extern constinit const Command group_redrive{
    .name = "group redrive",
    .arguments = "GROUP TOPIC...",
    .summary = "Send a group's dead letters back",
    .description =
        "Sends the records that the commands of a group gave up (consume --exec) from TOPIC.GROUP.dlq back to the "
        "topic and "
        "the partition that they came from, behind what is there: with their keys, values, times and own headers, and "
        "without those that told why they failed. A time that is older than what the topic keeps becomes that of now. "
        "Prints how many were acknowledged.\n\n"
        "The group GROUP.redrive keeps how far it has come, so that each is sent back once, and again only if it fails "
        "again; redrives at the same time share the work. One that is killed or fails may leave some to be sent twice. "
        "What "
        "lies "
        "among the dead letters and is none stays there, is told, and makes the exit code 1. The dead letters "
        "themselves "
        "stay, too, until they are deleted.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
