// When systemd would fire for a calendar expression, as systemd-analyze(1) tells: the witness of what a timer did.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace takt {

// At most `count` instants after `from`, to the second; `zone` is that of expressions that name none.
// ErrorCode::not_supported when there is no systemd-analyze that can tell.
Result<std::vector<WallTime>> systemd_instants(const std::string& expression, WallTime from, const std::string& zone,
                                               std::size_t count);

// The instants in what `systemd-analyze calendar` prints. Pure.
std::vector<WallTime> instants_in(std::string_view told);

}  // namespace takt
