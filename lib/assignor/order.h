// In which order Java's assignors take members: they compare strings by UTF-16 units.
#pragma once

#include <string_view>

#include "assignor/group.h"

namespace bobbin::assignor {

// Of texts in UTF-8: as their bytes, but that U+E000 to U+FFFF come after what UTF-16 needs two units for.
bool utf16_before(std::string_view a, std::string_view b);

bool by_id(const Member& a, const Member& b);

// Static members first, by their instance ids, which they keep when they start again under another id; then the others.
bool static_first(const Member& a, const Member& b);

}  // namespace bobbin::assignor
