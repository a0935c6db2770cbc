// taktctl's own version, from the build.
#pragma once

namespace takt {

const char* taktctl_version();

}  // namespace takt
