// Encodable: whether a version of a message can say what the message holds. Part of codec_body.h, and included by nobody else.
#pragma once

#include <string>
#include <type_traits>

#include "base/result.h"
#include "protocol/encoder.h"
#include "protocol/shape.h"

namespace bobbin::protocol {

class Encodable {
 public:
  explicit Encodable(int16_t version) : version_(version) {}

  template <Structure S>
  Status structure(const S& s) const {
    Status status;
    S::fields([&](const char* name, auto member, Field f) {
      if (!status) return;
      status = f.is_in(version_) ? field(s.*member, f) : absent(s, member, f);
      if (!status) status = std::move(status).error().in(name);
    });
    return status;
  }

 private:
  template <class S, class T>
  Status absent(const S& s, T S::*member, Field f) const {
    if (f.may_be_dropped || is_default(s, member)) return {};
    return error(Errc::unsupported_version, "version " + std::to_string(version_) + " of the request cannot say this");
  }

  template <class T>
  Status field(const T& v, Field f) const {
    if constexpr (is_optional<T>) {
      if (v) return value(*v);
      if (f.is_nullable_in(version_)) return {};
      return error(Errc::unsupported_version,
                   "version " + std::to_string(version_) + " of the request needs a value here");
    } else {
      return value(v);
    }
  }

  template <class T>
  Status value(const T& v) const {
    if constexpr (std::is_same_v<T, std::string>) {
      if (v.size() > string_bytes_max)
        return error(Errc::invalid_request, std::to_string(v.size()) + " bytes; Kafka's protocol carries at most " +
                                                std::to_string(string_bytes_max) + " in a string");
    } else if constexpr (is_vector<T>) {
      for (const auto& element : v) BOBBIN_TRY(value(element));
    } else if constexpr (Structure<T>) {
      return structure(v);
    }
    return {};
  }

  int16_t version_;
};

}  // namespace bobbin::protocol
