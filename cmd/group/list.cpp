#include <algorithm>
#include <map>

#include "base/text.h"
#include "client/admin/group_list.h"
#include "client/admin/groups.h"
#include "cmd/cluster.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

// Kafka's words, those of its newer groups among them.
constexpr std::string_view states[] = {"Stable", "Empty",     "PreparingRebalance", "CompletingRebalance",
                                       "Dead",   "Assigning", "Reconciling"};

bool same_word(std::string_view a, std::string_view b) {
  auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

// None: all.
Result<std::vector<std::string_view>> wanted_states(const Arguments& arguments) {
  std::vector<std::string_view> wanted;
  for (const std::string& text : arguments.all("state"))
    for (std::string_view part : split(text, ',')) {
      auto found = std::find_if(std::begin(states), std::end(states),
                                [&](std::string_view state) { return same_word(state, part); });
      if (found == std::end(states)) {
        auto near = nearest_name(part, states);
        return usage("--state: there is no state '" + std::string(part) + "'" +
                     (near ? "; did you mean " + std::string(*near) + "?" : ""));
      }
      wanted.push_back(*found);
    }
  return wanted;
}

// Its members are told by its coordinator; of a group of another kind, nobody.
std::vector<Cell> row(const client::ListedGroup& listed, const client::GroupDescription& described) {
  const bool is_known = described.status.ok();
  const std::string& state = is_known ? described.state : listed.state;
  auto cell = [](const std::string& text) { return text.empty() ? Cell() : Cell(text); };
  return {listed.name,
          cell(state),
          cell(listed.protocol_type),
          cell(described.protocol),
          is_known ? Cell(static_cast<int64_t>(described.members.size())) : Cell(),
          described.coordinator == broker_none ? Cell() : Cell(described.coordinator.value)};
}

Result<int> list(const Arguments& arguments, const std::vector<std::string_view>& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY_ASSIGN(listed, client::list_groups(*session));
  std::vector<std::string> names;
  for (const client::ListedGroup& group : listed.groups) names.push_back(group.name);
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(*session, names));
  Report report;
  for (const Error& why : listed.missing) report.failed(why);
  Listing listing({"group", "state", "type", "protocol", "members", "coordinator"});
  for (size_t i = 0; i < names.size(); i++) {
    std::vector<Cell> cells = row(listed.groups[i], described[i]);
    // It went since it was listed.
    if (!described[i].status && described[i].status.error().code == Errc::group_id_not_found &&
        (listed.groups[i].type.empty() || listed.groups[i].type == "classic"))
      continue;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), cells[1].text) == wanted.end()) continue;
    report.done();
    listing.add(std::move(cells));
  }
  const int printed = print(listing, arguments);
  return report.exit_code() != exit_done ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  if (!arguments.words().empty())
    return fail_usage("group list", "'" + arguments.words()[0] + "' is one word too many; group describe takes names");
  auto wanted = wanted_states(arguments);
  if (!wanted) return fail(wanted.error(), "group list");
  auto code = list(arguments, *wanted);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    {.name = "state",
     .value = "STATE[,STATE...]",
     .doc = "Only groups in one of these states: Stable, Empty (positions, and no members), PreparingRebalance, "
            "CompletingRebalance, Dead; of Kafka's newer groups also Assigning and Reconciling.",
     .repeats = true},
};

constexpr Example examples[] = {
    {"bobbin group list", "state, assignor and number of members of each"},
    {"bobbin group list --state Empty --output json | jq -r '.[].group'", "the names of those that nobody works for"},
};

}  // namespace

extern constinit const Command group_list{
    .name = "group list",
    .arguments = "",
    .summary = "List the consumer groups",
    .description =
        "Lists every consumer group by name: its state, the type of its protocol (consumer; none where somebody only "
        "keeps positions under its name), the assignor that its members agreed on, how many they are, and which broker "
        "coordinates it. Every broker is asked; one that does not answer is told of on stderr, and the exit code is "
        "1.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
