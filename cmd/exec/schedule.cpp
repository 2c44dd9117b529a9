#include "cmd/exec/schedule.h"

#include <algorithm>

namespace bobbin::cmd {

// --- records come ---

void Schedule::add(OwnedRecord record) {
  const bool has_key = rules_.by_key && record.key().has_value();
  Name name{record.place(), has_key, has_key ? *record.key() : std::string()};
  const auto [at, is_new] = names_.try_emplace(std::move(name), lanes_made_ + 1);
  const LaneId id = at->second;
  if (is_new) {
    lanes_made_++;
    Lane lane{at->first, {}};
    lane.batch_max = rules_.batch_records_max;
    lanes_.emplace(id, std::move(lane));
  }
  Lane& lane = lanes_.at(id);
  records_++;
  bytes_ += record.bytes();
  lane.records.push_back(std::move(record));
  lane.numbers.push_back(++records_seen_);
  if (is_new) wait_for_turn(id, lane);
}

Schedule::Lane* Schedule::find(LaneId id) {
  const auto found = lanes_.find(id);
  return found == lanes_.end() ? nullptr : &found->second;
}

void Schedule::wait_for_turn(LaneId id, const Lane& lane) {
  if (lane.pause_until) pauses_.emplace(*lane.pause_until, id);
  else line_.emplace(lane.numbers.front(), id);
}

void Schedule::leave_line(LaneId id, const Lane& lane) {
  line_.erase({lane.numbers.front(), id});
  if (lane.pause_until) pauses_.erase({*lane.pause_until, id});
}

// --- turns ---

// One at least.
size_t Schedule::batch_of(const Lane& lane) const {
  const size_t most = std::min(lane.batch_max, lane.records.size());
  size_t count = 1;
  for (size_t bytes = lane.records[0].bytes(); count < most; count++) {
    bytes += lane.records[count].bytes();
    if (bytes > rules_.batch_bytes_max) break;
  }
  return count;
}

std::optional<Schedule::Turn> Schedule::next(int64_t now_ms) {
  while (!pauses_.empty() && pauses_.begin()->first <= now_ms) {
    const LaneId id = pauses_.begin()->second;
    pauses_.erase(pauses_.begin());
    Lane& lane = lanes_.at(id);
    lane.pause_until.reset();
    wait_for_turn(id, lane);
  }
  if (line_.empty()) return std::nullopt;
  const LaneId id = line_.begin()->second;
  line_.erase(line_.begin());
  Lane& lane = lanes_.at(id);
  lane.running = batch_of(lane);
  Turn turn{id, lane.failures + 1, {}};
  for (size_t i = 0; i < lane.running; i++) turn.records.push_back(&lane.records[i]);
  return turn;
}

std::vector<OwnedRecord> Schedule::succeeded(LaneId id) {
  std::vector<OwnedRecord> done;
  Lane* lane = find(id);
  if (!lane || lane->running == 0) return done;
  for (; lane->running > 0; lane->running--) {
    OwnedRecord& first = lane->records.front();
    records_--;
    bytes_ -= first.bytes();
    auto [end, is_new] = ends_.try_emplace(first.place(), first.offset());
    end->second = std::max(end->second, first.offset());
    done.push_back(std::move(first));
    lane->records.pop_front();
    lane->numbers.pop_front();
  }
  lane->failures = 0;
  lane->batch_max = std::min(lane->batch_max * 2, rules_.batch_records_max);
  if (!lane->records.empty()) {
    wait_for_turn(id, *lane);
  } else {
    names_.erase(lane->name);
    lanes_.erase(id);
  }
  if (is_winding_down_) trim();
  return done;
}

// A dead one runs on until it is buried: what is behind it waits.
Schedule::Failed Schedule::failed(LaneId id, int64_t now_ms) {
  Lane* lane = find(id);
  if (!lane || lane->running == 0) return {};
  Failed failed{Failed::Then::dead, 0, ++lane->failures, &lane->records.front()};
  if (lane->failures > rules_.retries && lane->running == 1) return failed;
  failed.then = Failed::Then::again;
  if (lane->failures > rules_.retries) {
    failed.then = Failed::Then::smaller;
    lane->batch_max = lane->running / 2;
    lane->failures = 0;
  } else {
    failed.pause_ms = rules_.backoff.after_ms(lane->failures);
    if (failed.pause_ms > 0) lane->pause_until = now_ms + failed.pause_ms;
  }
  lane->running = 0;
  wait_for_turn(id, *lane);
  if (is_winding_down_) {
    trim();
    if (!find(id)) failed.record = nullptr;
  }
  return failed;
}

void Schedule::withdrawn(LaneId id) {
  Lane* lane = find(id);
  if (!lane || lane->running == 0) return;
  lane->running = 0;
  wait_for_turn(id, *lane);
  if (is_winding_down_) trim();
}

// --- ends ---

void Schedule::drop_behind(LaneId id, size_t kept) {
  Lane& lane = lanes_.at(id);
  if (kept >= lane.records.size()) return;
  if (kept == 0) leave_line(id, lane);
  for (; lane.records.size() > kept; lane.records.pop_back(), lane.numbers.pop_back()) {
    records_--;
    bytes_ -= lane.records.back().bytes();
  }
  if (kept > 0) return;
  names_.erase(lane.name);
  lanes_.erase(id);
}

// What runs may be done, so what lies before it has to be.
void Schedule::trim() {
  std::map<client::Place, Offset> needed = ends_;
  for (const auto& [id, lane] : lanes_) {
    if (lane.running == 0) continue;
    const OwnedRecord& last = lane.records[lane.running - 1];
    auto [end, is_new] = needed.try_emplace(last.place(), last.offset());
    end->second = std::max(end->second, last.offset());
  }
  for (auto at = lanes_.begin(); at != lanes_.end();) {
    const auto& [id, lane] = *at++;
    const auto end = needed.find(lane.records.front().place());
    const auto beyond = std::find_if(lane.records.begin(), lane.records.end(), [&](const OwnedRecord& each) {
      return end == needed.end() || each.offset() > end->second;
    });
    drop_behind(id, static_cast<size_t>(beyond - lane.records.begin()));
  }
}

void Schedule::wind_down() {
  is_winding_down_ = true;
  trim();
}

void Schedule::drop_waiting() {
  for (auto at = lanes_.begin(); at != lanes_.end();) {
    const auto& [id, lane] = *at++;
    drop_behind(id, lane.running);
  }
}

void Schedule::forget() {
  lanes_.clear();
  names_.clear();
  line_.clear();
  pauses_.clear();
  ends_.clear();
  records_ = bytes_ = 0;
  is_winding_down_ = false;
}

}  // namespace bobbin::cmd
