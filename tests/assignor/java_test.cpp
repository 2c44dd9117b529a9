// What Java's assignors of Kafka 4.3.1 made of groups, some of them even, some not, in which members came, went and had been
// away (tests/golden/assignor/java.txt). Its members wrote their subscriptions as bytes, which are here.
//
// A Java client keeps members and moves in hash maps: ids and names in the file are such that those are in order, too.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "assignor/assignors.h"
#include "assignor/group_maker.h"

using namespace bobbin;
using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

struct Fact {
  std::string text;  // all its lines
  std::string assignor;
  Group group;
  std::string outcome;
};

std::string from_digits(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

void read_line(Fact& fact, const std::string& line) {
  fact.text += line + "\n";
  const std::vector<std::string> said = words(line);
  const std::string rest = line.substr(std::min(line.size(), said[0].size() + 1));
  if (said[0] == "assignor") fact.assignor = said[1];
  if (said[0] == "topics")
    for (const auto& [topic, count] : partitions(rest)) fact.group.partition_counts[topic] = count[0].value;
  if (said[0] == "member") {
    Member& member = fact.group.members.emplace_back();
    member.id = said[1];
    if (said[2] != "-") member.instance_id = said[2];
    member.subscription = decode_subscription(from_digits(said[3])).value();
  }
  if (said[0] == "gets") fact.outcome += (fact.outcome.empty() ? "" : "; ") + rest;
}

std::vector<Fact> facts() {
  std::ifstream in(BOBBIN_GOLDEN_DIR "/assignor/java.txt");
  REQUIRE(in);
  std::vector<Fact> all(1);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) all.emplace_back();
    else read_line(all.back(), line);
  }
  std::erase_if(all, [](const Fact& fact) { return fact.assignor.empty(); });
  return all;
}

}  // namespace

TEST_CASE("Assignors: they give what Java's give") {
  std::map<std::string, size_t> counts;
  for (const Fact& fact : facts()) {
    CAPTURE(fact.text);
    const Assignor* assignor = find_assignor(fact.assignor);
    REQUIRE(assignor);
    CHECK(shown(assignor->assign(fact.group)) == fact.outcome);
    counts[fact.assignor]++;
  }
  for (const Assignor& assignor : assignors()) CHECK(counts[std::string(assignor.name)] >= 6);
}
