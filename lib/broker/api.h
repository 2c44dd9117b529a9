// ServedApi: an API that a broker answers. Its handler's file ends with one; apis.cpp lists them, and ApiVersions is answered
// from that list.
#pragma once

#include <functional>
#include <span>

#include "protocol/api_key.h"

namespace bobbin::broker {

class Requests;
struct Request;

struct ServedApi {
  protocol::ApiKey key{};
  protocol::VersionRange advertised;  // wider than what there are messages for, for Produce alone (messages/produce.h)
  void (*serve)(Requests&, const Request&) = nullptr;
};

using ServedApis = std::span<const std::reference_wrapper<const ServedApi>>;

}  // namespace bobbin::broker
