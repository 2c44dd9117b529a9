#include "broker/producer_ids.h"

#include <memory>
#include <utility>

#include "metadata/broker_changes.h"

namespace bobbin::broker {

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
  auto first = std::make_shared<ProducerId>();
  transactions_.submit(
      [first, id = self_, epoch = epoch_](const metadata::Image& image) {
        *first = image.next_producer_id();
        return metadata::take_producer_ids(image, id, epoch);
      },
      [this, first](Result<Offset> done) {
        is_taking_ = false;
        auto wanting = std::exchange(wanting_, {});
        if (done) {
          next_ = *first;
          left_ = metadata::producer_id_block;
        }
        for (auto& want : wanting) {
          if (done) take(std::move(want));
          else want(done.error());
        }
      });
}

}  // namespace bobbin::broker
