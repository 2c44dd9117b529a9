#include "client/topic_watch.h"

#include "client/session.h"

namespace bobbin::client {

namespace {
constexpr int64_t missing_ms_local = 1000;
constexpr int64_t missing_ms_tcp = 5000;
}  // namespace

Status TopicWatch::check(Session& session) {
  const TopicView* view = session.topology().topic(name_);
  if (view && view->error == Errc::none && !view->id.is_zero() && !id_.is_zero() && view->id != id_)
    return error(Errc::inconsistent_topic_id,
                 "topic " + name_ + " was deleted and made anew meanwhile; start again to use the new one");
  if (!view || view->error != Errc::unknown_topic_or_partition) {
    missing_since_ = 0;
    return {};
  }
  session.refresh_metadata();
  if (missing_since_ == 0) missing_since_ = session.now_ms();
  if (session.now_ms() - missing_since_ < (session.is_local() ? missing_ms_local : missing_ms_tcp)) return {};
  return error(Errc::unknown_topic_or_partition, "topic " + name_ + " was deleted meanwhile");
}

}  // namespace bobbin::client
