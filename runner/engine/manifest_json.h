// The form of manifest.json, one place for writer and reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/engine/sweep_directory.h"

namespace sweepd {

std::string manifest_text(const Manifest& manifest);

/// None for a text that no run has written: fields are there, of their types, and within their bounds.
std::optional<Manifest> parse_manifest(std::string_view text);

}  // namespace sweepd
