// The lists of the Manager: filters in, pages out.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "bus/dbus_value.h"
#include "bus/rows.h"
#include "runtime/control.h"

namespace takt {

// Each answers one method of dbus/org.taktd.Takt1.Manager.xml. Unknown keys and wrong types of a filter are
// ErrorCode::invalid_argument; a list that does not fit into a reply and has no pages is ErrorCode::limit_exceeded.
Result<std::vector<ProcessEntry>> list_processes(Control& control, const Dict& filter);
Result<std::tuple<std::vector<ExecutionEntry>, std::string>> list_executions(Control& control, const Dict& filter,
                                                                             const std::string& cursor,
                                                                             std::uint32_t limit, bool private_too);
Result<std::vector<UpcomingEntry>> list_upcoming(Control& control, const Dict& filter, std::uint32_t count);
Result<std::vector<VersionEntry>> list_versions(Control& control, const std::string& name);
// Statistics's reply.
Result<Dict> count_statistics(Control& control, const Dict& filter);

}  // namespace takt
