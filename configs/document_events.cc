#include "configs/document_events.h"

#include <utility>

#include "configs/json_events.h"
#include "configs/source_text.h"

namespace sweepd {
namespace {

/// The first where both are at the same place.
Error farther(const Error& first, const Error& second) {
  const auto place = [](const Error& error) { return std::pair(error.where.line, error.where.column); };
  return place(second) > place(first) ? second : first;
}

}  // namespace

// JSON is no YAML where it has escaped pairs of surrogates, tabs before other text, or unusual line
// separators.
Result<void> read_events(std::string_view text, const std::string& file, YamlSink& sink) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const bool may_be_json = begins_as_json(text);
  const Result<void> json = may_be_json ? check_json(text, file) : Result<void>();
  if (may_be_json && json) return read_json(text, file, sink);
  const Result<SourceText> source = SourceText::check(text, file);
  const Result<void> yaml = source ? read_yaml(*source, file, sink) : tl::unexpected(source.error());
  if (yaml || json) return yaml;
  return tl::unexpected(source ? farther(json.error(), yaml.error()) : farther(yaml.error(), json.error()));
}

}  // namespace sweepd
