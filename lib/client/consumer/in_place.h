// InPlace: a consumer's reading of a cluster of this machine, from the files of its leaders. A Fetch answer tells where records
// lie (place) and where its leader shows what comes next (tail); from then on nobody is asked as long as the file goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/id.h"
#include "base/result.h"
#include "client/consumer/partition_reader.h"
#include "log/segment_view.h"
#include "protocol/messages/fetch.h"
#include "region/region.h"

namespace bobbin::client {

class Session;

class InPlace {
 public:
  explicit InPlace(Session& session) : session_(session) {}

  // Hands the records of that place to the reader. False: it is to ask again, later, perhaps not for a place.
  bool take(PartitionReader& reader, BrokerId leader, const protocol::FetchResponse::Place& place);
  void take_tail(PartitionReader& reader, BrokerId leader, const protocol::FetchResponse::Tail& tail);
  // Whether looking is worth while: there may be more, or the leader has to be asked.
  bool is_shown_more(const PartitionReader& reader) const;
  // Takes what lies behind fetch_offset() in the file that is being read, as far as its leader shows it. False: nothing was
  // taken; if its tail is gone as well (a segment that was rolled, a leader that went, anything that is not as expected),
  // the leader is to be asked.
  bool take_shown(PartitionReader& reader, BrokerId leader);

 private:
  struct File {
    BrokerId broker;
    Offset segment;
    uint64_t end;  // so much is there
    uint64_t capacity;
    uint64_t from;  // reading goes on there
  };
  Result<std::shared_ptr<const log::SegmentView>> view_of(const PartitionReader& reader, const File& file);
  static std::optional<region::ReadableEnd> shown_end(const PartitionReader& reader);

  Session& session_;
};

}  // namespace bobbin::client
