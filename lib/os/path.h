// The parts of a path, as text: nothing is looked at.
#pragma once

#include <string>
#include <string_view>

namespace bobbin::os {

// The directory that a name stands in: "/a" of "/a/b", "/" of "/a", "." of "a".
std::string parent_of(std::string_view path);
// The name itself: "b" of "/a/b"; empty behind a slash.
std::string_view name_in(std::string_view path);

}  // namespace bobbin::os
