#include "cmd/input/record_maker.h"

namespace bobbin::cmd {
namespace {

std::vector<record::Header> views(const std::vector<HeaderText>& texts) {
  std::vector<record::Header> headers;
  for (const HeaderText& h : texts) headers.push_back({h.key, h.value ? std::optional<Bytes>(*h.value) : std::nullopt});
  return headers;
}

}  // namespace

RecordMaker::RecordMaker(const ProduceOptions& options) : options_(options), headers_(views(options.headers)) {}

std::optional<Bytes> RecordMaker::nullable(Bytes bytes) const {
  for (const std::string& text : options_.null_texts)
    if (bytes == text) return std::nullopt;
  return bytes;
}

bool RecordMaker::takes_lines_as_they_are() const {
  return !options_.json && !options_.key && !options_.key_delimiter && !options_.timestamp &&
         options_.null_texts.empty() && headers_.empty();
}

Status RecordMaker::make(Bytes line, client::OutRecord& into) {
  if (options_.json) return from_json(line, into);
  into.headers = headers_;
  into.timestamp = options_.timestamp;
  if (options_.key) into.key = *options_.key;
  Bytes value = line;
  if (options_.key_delimiter) {
    size_t at = line.find(*options_.key_delimiter);
    if (at == Bytes::npos) return error(Errc::malformed, "there is no key delimiter in it");
    into.key = nullable(line.substr(0, at));
    value = line.substr(at + options_.key_delimiter->size());
  }
  into.value = nullable(value);
  return {};
}

Status RecordMaker::from_json(Bytes line, client::OutRecord& into) {
  BOBBIN_TRY(parse_envelope(line, envelope_));
  headers_ = views(envelope_.headers);
  into.headers = headers_;
  into.key = envelope_.key ? std::optional<Bytes>(*envelope_.key) : std::nullopt;
  into.value = envelope_.value ? std::optional<Bytes>(*envelope_.value) : std::nullopt;
  into.partition = envelope_.partition;
  into.timestamp = envelope_.timestamp ? envelope_.timestamp : options_.timestamp;
  return {};
}

}  // namespace bobbin::cmd
