// What a zone is, for those who go through it instant by instant: the spans of time in which its offset stays the same.
#pragma once

#include <string>

#include "calendar/tzif.h"
#include "calendar/zone.h"

namespace takt {

struct Zone::Impl {
  std::string name;
  ZoneTable table;

  [[nodiscard]] OffsetSpan span_at(WallTime at) const;
};

}  // namespace takt
