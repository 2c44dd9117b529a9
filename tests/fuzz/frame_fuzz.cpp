// libFuzzer's way into lib/protocol: a request frame as a broker gets it, without its size. Key and version choose the
// message; a first byte of 0xff chooses what a client reads instead: a response of the key and version that follow;
// 0xfe a record of the metadata log. It must neither crash, nor read beyond its input, and what parses must, written
// and read again, be the same.
#include <cstdint>
#include <cstdlib>

#include "protocol/every_message.h"
#include "protocol/frame.h"

namespace {

using namespace bobbin;
using namespace bobbin::protocol;

void must(bool holds) {
  if (!holds) std::abort();
}

template <class M>
void read(Bytes body, int16_t version) {
  const auto first = decode<M>(body, version);
  if (!first) return;
  std::string written;
  encode(*first, version, written);
  must(encodable(*first, version).ok());
  const auto second = decode<M>(written, version);
  must(second.ok() && *second == *first);
}

void read_request(Bytes frame) {
  const auto header = decode_request_header(frame);
  if (!header) return;
  Requests::each([&]<class M>() {
    if (M::api_key == header->api_key) read<M>(frame, header->api_version);
  });
}

void read_response(Bytes bytes) {
  if (bytes.size() < 2) return;
  const auto key = static_cast<ApiKey>(bytes[0]);
  const auto version = static_cast<int16_t>(bytes[1]);
  Bytes frame = bytes.substr(2);
  if (!decode_response_header(key, version, frame)) return;
  Responses::each([&]<class M>() {
    if (M::api_key == key) read<M>(frame, version);
  });
}

void read_record(Bytes bytes) {
  const auto record = metadata::decode_record(bytes);
  if (!record) return;
  const auto again = metadata::decode_record(metadata::encode_record(*record));
  must(again.ok() && *again == *record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with('\xff'))
    read_response(input.substr(1));
  else if (input.starts_with('\xfe'))
    read_record(input.substr(1));
  else
    read_request(input);
  return 0;
}
