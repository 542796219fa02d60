// The events of a text, be it JSON or YAML.
#pragma once

#include <string>
#include <string_view>

#include "configs/yaml_events.h"
#include "runner/core/error.h"

namespace sweepd {

/// Passes the events of `text` on: read as JSON where it is JSON, else as YAML. A byte order mark may stand
/// before it. Fails as read_yaml() and read_json() do; of what is neither, with the error that is farther
/// from the beginning, since up to there it is what was meant.
Result<void> read_events(std::string_view text, const std::string& file, YamlSink& sink);

}  // namespace sweepd
