// The table `triggers`: the marks of what each one has fired.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "trigger/firing.h"

namespace takt {

Status write_mark(Database& database, const TriggerMark& mark);
Status forget_mark(Database& database, const ForgetMark& what);
Result<std::vector<TriggerMark>> all_marks(Database& database);

}  // namespace takt
