#include "broker/admin/submitting.h"

#include <memory>

namespace bobbin::broker {

Status check_changes(size_t things, int64_t records) {
  auto refuse = [](int64_t count, const char* what) {
    return error(Errc::policy_violation,
                 std::to_string(count) + what + std::to_string(changes_max) + " go into one request");
  };
  if (records > changes_max) return refuse(records, " partitions or settings are too many: at most ");
  if (static_cast<int64_t>(things) > changes_max)
    return refuse(static_cast<int64_t>(things), " changes are too many: at most ");
  return {};
}

void submit_all(AdminContext& admin, size_t count, ChangeAt change, std::function<void(const Outcomes&)> done) {
  struct Gathered {
    std::vector<Status> results;
    size_t left;
    ChangeAt change;
    std::function<void(const Outcomes&)> done;
  };
  if (count == 0) return done(Outcomes({}));
  auto gathered =
      std::make_shared<Gathered>(Gathered{std::vector<Status>(count), count, std::move(change), std::move(done)});
  for (size_t i = 0; i < count; i++)
    admin.transactions.submit(
        [gathered, i](const metadata::Image& image) { return gathered->change(i, image); },
        [&admin, gathered, i](Result<Offset> offset) {
          if (!offset && (is_write_refused(offset.error().code) || offset.error().code == Errc::io_error))
            admin.log.storage_trouble("the metadata is not changed: " + offset.error().message);
          if (!offset) gathered->results[i] = std::move(offset).error();
          if (--gathered->left == 0) gathered->done(Outcomes(std::move(gathered->results)));
        });
}

}  // namespace bobbin::broker
