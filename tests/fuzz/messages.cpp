// What goes through a connection: requests as a broker gets them, answers as a client does; and records of the metadata
// log, which are written by the same codec. What parses must, written and read again, be the same.
#include <cstdint>

#include "fuzz/target.h"
#include "protocol/every_message.h"
#include "protocol/frame.h"

namespace bobbin::fuzz {

using namespace protocol;

namespace {

template <class M>
void read(Bytes body, int16_t version) {
  const auto first = decode<M>(body, version);
  if (!first) return must(!first.error().message.empty(), "what does not parse is said");
  std::string written;
  encode(*first, version, written);
  must(encodable(*first, version), "what came in a version fits into it");
  const auto second = decode<M>(written, version);
  must(second.ok() && *second == *first, "a message that was read, written and read again");
}

}  // namespace

// A frame without its size.
void request(Bytes frame) {
  const auto header = decode_request_header(frame);
  if (!header) return;
  Requests::each([&]<class M>() {
    if (M::api_key == header->api_key) read<M>(frame, header->api_version);
  });
}

// Key and version of what was asked in a byte each, then a frame without its size.
void answer(Bytes bytes) {
  if (bytes.size() < 2) return;
  const auto key = static_cast<ApiKey>(bytes[0]);
  const auto version = static_cast<int16_t>(bytes[1]);
  Bytes frame = bytes.substr(2);
  if (!decode_response_header(key, version, frame)) return;
  Responses::each([&]<class M>() {
    if (M::api_key == key) read<M>(frame, version);
  });
}

void metadata_record(Bytes bytes) {
  const auto record = metadata::decode_record(bytes);
  if (!record) return;
  const auto again = metadata::decode_record(metadata::encode_record(*record));
  must(again.ok() && *again == *record, "a metadata record that was read, written and read again");
}

}  // namespace bobbin::fuzz
