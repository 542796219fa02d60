// A JSON text as the events of a YAML text, so that what reads sweep files need not know which it was.
#pragma once

#include <string>
#include <string_view>

#include "configs/yaml_events.h"
#include "runner/core/error.h"

namespace sweepd {

/// Whether `text` begins with a list or an object, behind white space and lines of comment (#!...,
/// #SBATCH ...), if any. It may still be YAML in flow style.
bool begins_as_json(std::string_view text);

/// Passes the events of a text that begins as JSON on: strings are quoted scalars, all else is plain, also
/// NaN, Infinity and -Infinity as Python writes them, which YAML takes for texts. Fails on what else is not
/// RFC 8259, on invalid UTF-8 and on depth beyond max_depth. The sink's concern are names that stand twice,
/// and escapes of half a surrogate pair: these come as the three bytes that UTF-8 would have for them.
Result<void> read_json(std::string_view text, const std::string& file, YamlSink& sink);

/// The same, without passing anything on.
Result<void> check_json(std::string_view text, const std::string& file);

}  // namespace sweepd
