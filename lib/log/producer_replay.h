// What the records of a log say of its producers: read again where no snapshot remembers it.
#pragma once

#include <optional>

#include "log/producers.h"
#include "log/segments.h"

namespace bobbin::log {

// What a control batch says, by its header and what follows it; nothing if it is not the end of a transaction.
std::optional<Producers::Marker> marker_of(Bytes header, Bytes body);

// Tells `into` of the batches from `from` up to the one that begins at `below`, as if those of a segment had come when it was
// last written to, which was not after `now`. Blocks.
struct Replay {
  Offset from, below;
  Timestamp now;
  int64_t expiration_ms;  // of producers
};
Status replay_producers(Segments& segments, os::Storage& storage, const Replay& replay, Producers& into);

}  // namespace bobbin::log
