// Our field lists against the facts of Kafka's own definitions (golden/protocol): for every message and version, the
// same fields in the same order, of the same type, null where they may be null, under the same tags and defaults.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "protocol/every_message.h"
#include "protocol/shape.h"

namespace bobbin::protocol {
namespace {

struct Versions {
  int first = never_flexible;
  int last = 0;
  bool contains(int v) const { return first <= v && v <= last; }
};

// "3+", "0-12", "5"; none: "-", "none".
Versions parse_versions(const std::string& text) {
  if (text == "-" || text == "none") return {};
  const int first = std::stoi(text);
  if (text.back() == '+') return {first, INT16_MAX};
  const auto dash = text.find('-');
  return {first, dash == std::string::npos ? first : std::stoi(text.substr(dash + 1))};
}

std::string in_snake_case(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    const bool upper = name[i] >= 'A' && name[i] <= 'Z';
    if (upper && i > 0 && name[i - 1] != '.') out += '_';
    out += upper ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return out;
}

struct FieldFacts {
  std::string path;
  std::string type;
  Versions versions;
  Versions nullable;
  std::string tag;
  std::string default_value;
  bool ignorable = false;
};

struct MessageFacts {
  std::string number;
  Versions versions;
  Versions flexible;
  std::vector<FieldFacts> fields;
};

const std::vector<std::string> primitive_types = {"bool",  "int8",  "int16", "uint16",
                                                  "int32", "int64", "uuid",  "string"};

// As type_of() says it.
std::string general_type(std::string type) {
  const bool array = type.starts_with("[]");
  if (array) type = type.substr(2);
  if (type == "records") type = "bytes";
  const bool primitive = std::count(primitive_types.begin(), primitive_types.end(), type) || type == "bytes";
  return (array ? "[]" : "") + (primitive ? type : "struct");
}

// The default that a field has if the definition names none.
std::string general_default(const std::string& type, const std::string& given) {
  if (type == "bool") return given == "-" ? "false" : given;
  const bool number = type.find("int") != std::string::npos && type[0] != '[';
  if (number) return given == "-" ? "0" : std::to_string(std::stoll(given, nullptr, 0));
  return given;
}

std::map<std::string, MessageFacts> read_facts(const std::string& file) {
  std::ifstream in(std::string(BOBBIN_GOLDEN_DIR) + "/protocol/" + file);
  REQUIRE(in);
  std::map<std::string, MessageFacts> facts;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    MessageFacts& message = facts[cells.at(0)];
    if (cells.size() == 4) {
      message.number = cells[1];
      message.versions = parse_versions(cells[2]);
      message.flexible = parse_versions(cells[3]);
      continue;
    }
    const std::string type = general_type(cells.at(2));
    message.fields.push_back({in_snake_case(cells[1]), type, parse_versions(cells.at(3)), parse_versions(cells.at(4)),
                              cells.at(5), general_default(type, cells.at(6)), cells.at(7) == "ignorable"});
  }
  return facts;
}

template <class T>
std::string type_of() {
  if constexpr (is_optional<T>) return type_of<typename T::value_type>();
  else if constexpr (is_vector<T>) return "[]" + type_of<typename T::value_type>();
  else if constexpr (std::is_same_v<T, bool>) return "bool";
  else if constexpr (std::is_same_v<T, uint16_t>) return "uint16";
  else if constexpr (std::integral<T>) return "int" + std::to_string(8 * sizeof(T));
  else if constexpr (std::is_same_v<T, Uuid>) return "uuid";
  else if constexpr (std::is_same_v<T, std::string>) return "string";
  else if constexpr (std::is_same_v<T, Bytes>) return "bytes";
  else return "struct";
}

template <class T>
std::string default_of(const T& v) {
  if constexpr (std::is_same_v<T, bool>) return v ? "true" : "false";
  else if constexpr (std::integral<T>) return std::to_string(v);
  else if constexpr (is_optional<T>) return v ? "-" : "null";
  else return "-";
}

template <class T>
struct Innermost {
  using type = T;
};
template <class T>
struct Innermost<std::vector<T>> : Innermost<T> {};
template <class T>
struct Innermost<Elements<T>> : Innermost<T> {};
template <class T>
struct Innermost<std::optional<T>> : Innermost<T> {};

// One line for each field of a version, as it goes onto the wire: a tagged one after those that are not, by its tag.
template <Structure S>
void our_lines(int16_t version, VersionRange all, const std::string& before, std::vector<std::string>& out) {
  const S defaults{};
  S::fields([&]<class T>(const char* name, T S::*member, Field f) {
    CHECK((is_optional<T> || f.nullable_from == INT16_MAX));
    if (!f.is_in(version) || f.tag_number >= private_tag) return;
    const bool nullable = f.is_nullable_in(version);
    const bool everywhere = f.first <= all.first && f.last >= all.last;
    std::string line = before + name + " " + type_of<T>();
    if (nullable) line += " nullable";
    if (f.is_tagged()) line += " tag " + std::to_string(f.tag_number);
    // Of what may be null, our default is null, unless it is told apart on the wire.
    if (!is_optional<T> || f.is_tagged()) line += " default " + default_of(defaults.*member);
    if (!everywhere && f.may_be_dropped) line += " ignorable";
    out.push_back(line);
    if constexpr (Structure<typename Innermost<T>::type>)
      our_lines<typename Innermost<T>::type>(version, all, before + name + ".", out);
  });
}

std::string kafka_line(const FieldFacts& f, int16_t version, VersionRange all, bool ever_nullable) {
  const bool everywhere = f.versions.first <= all.first && f.versions.last >= all.last;
  std::string line = f.path + " " + f.type;
  if (f.nullable.contains(version)) line += " nullable";
  if (f.tag != "-") line += " tag " + f.tag;
  if (!ever_nullable || f.tag != "-") line += " default " + f.default_value;
  if (!everywhere && f.ignorable) line += " ignorable";
  return line;
}

// The fields right below `before`, tagged ones last, each followed by what is below it.
void kafka_lines(const MessageFacts& m, int16_t version, VersionRange all, const std::string& before,
                 std::vector<std::string>& out) {
  std::vector<const FieldFacts*> here;
  for (const auto& f : m.fields) {
    const bool below = f.path.starts_with(before) && f.path.find('.', before.size()) == std::string::npos;
    if (below && f.versions.contains(version)) here.push_back(&f);
  }
  auto order = [](const FieldFacts* f) { return f->tag == "-" ? -1 : std::stoi(f->tag); };
  std::stable_sort(here.begin(), here.end(), [&](auto* a, auto* b) { return order(a) < order(b); });
  for (const FieldFacts* f : here) {
    out.push_back(kafka_line(*f, version, all, f->nullable.first <= f->nullable.last));
    if (f->type.ends_with("struct")) kafka_lines(m, version, all, f->path + ".", out);
  }
}

template <class M>
void compare(const std::map<std::string, MessageFacts>& facts) {
  INFO(M::message_name);
  const MessageFacts& kafka = facts.at(std::string(M::message_name));
  CHECK(kafka.versions.first == M::versions.first);
  CHECK(kafka.versions.last >= M::versions.last);
  CHECK(kafka.flexible.first == M::flexible_from);
  for (int16_t v = M::versions.first; v <= M::versions.last; v++) {
    INFO("version " << v);
    std::vector<std::string> ours;
    std::vector<std::string> theirs;
    our_lines<M>(v, M::versions, "", ours);
    kafka_lines(kafka, v, M::versions, "", theirs);
    CHECK(ours == theirs);
  }
}

TEST_CASE("Messages: every version has the fields of Kafka's definitions") {
  const auto facts = read_facts("messages.tsv");
  auto with_key = [&]<class M>() {
    compare<M>(facts);
    CHECK(facts.at(std::string(M::message_name)).number == std::to_string(static_cast<int>(M::api_key)));
  };
  Requests::each(with_key);
  Responses::each(with_key);
  CHECK(facts.size() == 66);
}

template <class List>
void compare_records(const std::string& file, size_t count) {
  const auto facts = read_facts(file);
  List::each([&]<class R>() {
    compare<R>(facts);
    const MessageFacts& kafka = facts.at(std::string(R::message_name));
    CHECK(kafka.versions.last == R::versions.last);
    if constexpr (requires { R::record_type; }) CHECK(kafka.number == std::to_string(R::record_type));
  });
  CHECK(facts.size() == count);
}

TEST_CASE("Metadata records: every version has the fields of Kafka's definitions, and the newest is written") {
  compare_records<Records>("records.tsv", 17);
}

TEST_CASE("Group records: every version has the fields of Kafka's definitions") {
  compare_records<GroupRecords>("group_records.tsv", 4);
}

TEST_CASE("Messages: the table of APIs agrees with them") {
  size_t count = 0;
  Requests::each([&]<class M>() {
    INFO(M::message_name);
    const Api* api = find_api(M::api_key);
    REQUIRE(api);
    CHECK(std::string(api->name) + "Request" == M::message_name);
    CHECK(api->versions == M::versions);
    CHECK(api->flexible_from == M::flexible_from);
    count++;
  });
  Responses::each([&]<class M>() {
    CHECK(find_api(M::api_key)->versions == M::versions);
    CHECK(find_api(M::api_key)->flexible_from == M::flexible_from);
  });
  CHECK(known_apis().size() == count);
  CHECK_FALSE(find_api(ApiKey{-1}));
  CHECK_FALSE(find_api(ApiKey::end_txn));
  CHECK_FALSE(find_api(ApiKey{999}));
}

}  // namespace
}  // namespace bobbin::protocol
