#include "sim/model.h"

#include <algorithm>

namespace bobbin::sim {

// --- topics

void Model::created(const TopicPlan& plan, TopicId id, int32_t partitions) {
  if (topics_.contains(id)) return stage_.violate("the id of topic " + plan.name + " was given out twice");
  Topic topic;
  topic.plan = plan;
  topic.id = id;
  topic.partitions_promised = partitions;
  for (const auto& [key, value] : plan.configs) topic.configs_promised[key] = value;
  topics_[id] = std::move(topic);
  order_.push_back(id);
}

void Model::deleting(TopicId id) { topics_.at(id).state = Topic::State::perhaps; }
void Model::deleted(TopicId id) { topics_.at(id).state = Topic::State::gone; }

Topic* Model::find(TopicId id) {
  auto it = topics_.find(id);
  return it == topics_.end() ? nullptr : &it->second;
}

std::vector<TopicId> Model::topics(Topic::State state) const {
  std::vector<TopicId> out;
  for (const TopicId& id : order_)
    if (topics_.at(id).state == state) out.push_back(id);
  return out;
}

bool Model::is_os(Place place) { return topics_.at(place.topic).plan.os; }

std::string Model::text(Place place) {
  return topics_.at(place.topic).plan.name + "-" + std::to_string(place.partition);
}

// --- records

void Model::acknowledged(Place place, int64_t base, const std::vector<std::string>& values, bool all) {
  Part& part = parts_[place];
  // Its leader alone has it, and may die.
  if (!all && topics_.at(place.topic).has_others()) return;
  for (size_t i = 0; i < values.size(); i++)
    stands(place, part, base + static_cast<int64_t>(i), values[i], "acknowledged");
  if (all && !is_os(place)) part.certain_end = std::max(part.certain_end, base + static_cast<int64_t>(values.size()));
}

void Model::read(Place place, int64_t offset, const std::string& value) {
  Part& part = parts_[place];
  stands(place, part, offset, value, "read");
  if (!is_os(place)) part.certain_end = std::max(part.certain_end, offset + 1);
}

void Model::promised(Place place, int64_t high_watermark) {
  if (!is_os(place)) parts_[place].certain_end = std::max(parts_[place].certain_end, high_watermark);
}

void Model::power_cut() {
  for (auto& [place, part] : parts_)
    for (auto it = part.records.lower_bound(part.certain_end); it != part.records.end(); ++it)
      it->second.doubtful = true;
}

void Model::stands(Place place, Part& part, int64_t offset, const std::string& value, const char* how) {
  auto there = part.records.find(offset);
  if (there != part.records.end() && there->second.value == value) {
    there->second.doubtful = false;  // it survived, or was sent again and came to the same place
    return;
  }
  if (there != part.records.end()) {
    if (!there->second.doubtful)
      return stage_.violate(text(place) + " offset " + std::to_string(offset) + " was " + there->second.value +
                            ", now " + value + " is " + how);
    forget_doubtful_from(place, part, offset);
  }
  auto elsewhere = part.offsets.find(value);
  if (elsewhere != part.offsets.end()) {
    // Where retention deletes records, their producers may be forgotten with them.
    bool may_be_gone = topics_.at(place.topic).plan.trims && elsewhere->second < offset;
    if (!part.records.at(elsewhere->second).doubtful && !may_be_gone)
      return stage_.violate(text(place) + ": " + value + " stands at " + std::to_string(elsewhere->second) +
                            " and is " + how + " at " + std::to_string(offset) + ": stored twice");
    if (!may_be_gone) forget_doubtful_from(place, part, std::min(offset, elsewhere->second));
  }
  part.records[offset] = {value, false};
  part.offsets[value] = offset;
}

// A power cut took everything from here on that was there then.
void Model::forget_doubtful_from(Place place, Part& part, int64_t offset) {
  stage_.counters.add(Event::tail_lost);
  stage_.note([&] {
    return text(place) + ": the power cut took what was promised to nobody from " + std::to_string(offset) + " on";
  });
  for (auto it = part.records.lower_bound(offset); it != part.records.end();) {
    if (it->second.doubtful) {
      part.offsets.erase(it->second.value);
      it = part.records.erase(it);
    } else {
      ++it;
    }
  }
}

int64_t Model::certain_end(Place place) { return parts_[place].certain_end; }

int64_t Model::known_end(Place place) {
  Part& part = parts_[place];
  int64_t end = part.certain_end;
  for (const auto& [offset, record] : part.records)
    if (!record.doubtful) end = std::max(end, offset + 1);
  return end;
}

void Model::check_whole(Place place, int64_t start, int64_t end) {
  Part& part = parts_[place];
  if (start > 0 && !topics_.at(place.topic).plan.trims)
    return stage_.violate(text(place) + " begins at " + std::to_string(start) + ", although nothing was to be deleted");
  if (end < part.certain_end)
    return stage_.violate(text(place) + " ends at " + std::to_string(end) + ", but everything below " +
                          std::to_string(part.certain_end) + " was acknowledged for ever");
  if (end < known_end(place))
    return stage_.violate(text(place) + " ends at " + std::to_string(end) + ", but records up to " +
                          std::to_string(known_end(place)) + " were acknowledged since the last power cut");
}

std::optional<std::string> Reading::next(int64_t offset, const std::string& value) {
  size_t slash = value.find('/');
  if (slash == std::string::npos || slash + 1 == value.size()) return "a value that nobody wrote: " + value;
  int64_t number = std::atoll(value.c_str() + slash + 1);
  auto [it, is_first] = last_.try_emplace(value.substr(0, slash), number, offset);
  if (is_first) return std::nullopt;
  auto [last_number, last_offset] = it->second;
  it->second = {number, offset};
  if (number > last_number) return std::nullopt;
  return "number " + std::to_string(last_number) + " at offset " + std::to_string(last_offset) + " of " + it->first +
         " is followed by number " + std::to_string(number) + " at " + std::to_string(offset);
}

}  // namespace bobbin::sim
