// Result<T>: a value, or an Error that says what went wrong and what to do. For what can happen; check() is for
// what cannot.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/errc.h"

namespace bobbin {

struct [[nodiscard]] Error {
  Errc code = Errc::unknown_server_error;
  std::string message;  // for a person: what failed, where, and what to do next

  // The same error as seen one floor up: "orders-0: segment 42: crc mismatch". A place that it begins with already, or one
  // in it ("orders-0/42.log: ..."), is not said twice.
  Error in(std::string_view where) && {
    if (!begins_with(where)) {
      message.insert(0, ": ");
      message.insert(0, where);
    }
    return std::move(*this);
  }

 private:
  bool begins_with(std::string_view place) const {
    if (!message.starts_with(place) || message.size() == place.size()) return false;
    return std::string_view(":/,").find(message[place.size()]) != std::string_view::npos;
  }
};

inline Error error(Errc code, std::string message = {}) { return Error{code, std::move(message)}; }

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error e) : v_(std::in_place_index<1>, std::move(e)) {}

  explicit operator bool() const { return v_.index() == 0; }
  bool ok() const { return v_.index() == 0; }

  T& value() & {
    check(ok(), "value of a failed Result");
    return *std::get_if<0>(&v_);
  }
  const T& value() const& {
    check(ok(), "value of a failed Result");
    return *std::get_if<0>(&v_);
  }
  T&& value() && {
    check(ok(), "value of a failed Result");
    return std::move(*std::get_if<0>(&v_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & {
    check(!ok(), "error of a Result that is good");
    return *std::get_if<1>(&v_);
  }
  const Error& error() const& {
    check(!ok(), "error of a Result that is good");
    return *std::get_if<1>(&v_);
  }
  Error&& error() && { return std::move(error()); }

 private:
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error e) : e_(std::move(e)) {}

  explicit operator bool() const { return !e_; }
  bool ok() const { return !e_; }
  Error& error() & {
    check(!ok(), "error of a Status that is good");
    return *e_;
  }
  const Error& error() const& {
    check(!ok(), "error of a Status that is good");
    return *e_;
  }
  Error&& error() && { return std::move(error()); }

 private:
  std::optional<Error> e_;
};

using Status = Result<void>;

// Leaves the function with the error, if there is one.
#define BOBBIN_TRY(expression)                                                                \
  do {                                                                                        \
    if (auto try_result_ = (expression); !try_result_) return std::move(try_result_).error(); \
  } while (false)

// Binds `name` to the value, or leaves the function with the error.
#define BOBBIN_TRY_ASSIGN(name, expression)                      \
  auto name##_result_ = (expression);                            \
  if (!name##_result_) return std::move(name##_result_).error(); \
  auto& name = *name##_result_

}  // namespace bobbin
