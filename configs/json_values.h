// Values of parameters in JSON texts, as simdjson's on-demand parser finds them.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/value.h"

namespace sweepd {

/// A JSON text being read: turns places in it into positions, and simdjson's errors into ours.
class JsonText {
 public:
  JsonText(std::string_view text, const std::string& file, uint32_t first_line)
      : text_(text), file_(file), first_line_(first_line) {}

  tl::unexpected<Error> fail(std::string message, const char* at) const {
    return failure(std::move(message), position_of(at));
  }
  tl::unexpected<Error> fail(simdjson::error_code error, const char* at) const;
  tl::unexpected<Error> fail(simdjson::error_code error, simdjson::ondemand::document& document) const;
  /// For a text that could not be begun with, so that no place in it is known.
  tl::unexpected<Error> fail(simdjson::error_code error) const;

 private:
  const char* end() const { return text_.data() + text_.size(); }
  SourcePosition position_of(const char* at) const;
  std::string_view text_;
  const std::string& file_;
  uint32_t first_line_;
};

/// The value with its spelling, or a list or object, whose canonical text `nested` then holds. A string's
/// bytes are the parser's, until it reads on.
Result<Written> read_json_value(simdjson::ondemand::value& value, const JsonText& json, std::string& nested);

}  // namespace sweepd
