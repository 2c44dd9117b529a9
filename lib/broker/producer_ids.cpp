#include "broker/producer_ids.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "metadata/broker_changes.h"

namespace bobbin::broker {

namespace {

constexpr std::string_view file_name = "producer-ids";
constexpr int64_t block = metadata::producer_id_block;
constexpr int64_t ahead = 8 * block;  // is noted at once

}  // namespace

void ProducerIds::look_at(const std::string& folder) {
  path_ = folder + "/" + std::string(file_name);
  const auto text = os::read_whole_file(world_.storage, path_);
  const auto bound = text ? number_in<int64_t>(trimmed(*text)) : std::nullopt;
  if (bound && *bound > 0) at_least_ = noted_ = ProducerId(*bound);
}

void ProducerIds::follow() {
  const ProducerId next = transactions_.image().next_producer_id();
  if (next > ProducerId(0) && next + 2 * block > noted_) note(next + ahead);
}

void ProducerIds::take(std::function<void(Result<ProducerId>)> then) {
  if (left_ > 0) {
    left_--;
    ProducerId id = next_;
    next_ += 1;
    return then(id);
  }
  wanting_.push_back(std::move(then));
  if (is_taking_) return;
  is_taking_ = true;
  // Beside the change of the metadata: most likely it is far enough.
  const ProducerId likely = std::max(transactions_.image().next_producer_id(), at_least_);
  if (likely + 2 * block > noted_) note(likely + ahead);
  auto first = std::make_shared<ProducerId>();
  transactions_.submit(
      [first, id = self_, epoch = epoch_, at_least = at_least_](const metadata::Image& image) {
        *first = std::max(image.next_producer_id(), at_least);
        return metadata::take_producer_ids(image, id, epoch, at_least);
      },
      [this, first](Result<Offset> done) {
        if (!done) return give_up(done.error());
        at_least_ = ProducerId(0);
        taken_ = *first;
        hand_out(true);
      });
}

void ProducerIds::note(ProducerId bound) {
  if (is_noting_ || path_.empty()) return;
  is_noting_ = true;
  auto written = std::make_shared<Status>();
  world_.jobs.submit(
      [written, bound, path = path_, &storage = world_.storage] {
        *written = os::write_whole_file(storage, path, to_string(bound) + "\n");
      },
      [this, written, bound] {
        is_noting_ = false;
        if (*written) noted_ = std::max(noted_, bound);
        hand_out(bool(*written));
      });
}

// A block that was taken, once it is noted. Where nothing can be written no record is taken either, which says why.
void ProducerIds::hand_out(bool can_note) {
  if (!taken_) return;
  if (can_note && *taken_ + block > noted_ && !path_.empty()) return note(*taken_ + ahead);
  next_ = *taken_;
  left_ = block;
  taken_.reset();
  is_taking_ = false;
  for (auto& want : std::exchange(wanting_, {})) take(std::move(want));
}

void ProducerIds::give_up(const Error& why) {
  taken_.reset();
  is_taking_ = false;
  for (auto& want : std::exchange(wanting_, {})) want(why);
}

}  // namespace bobbin::broker
