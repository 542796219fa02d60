// A YAML text as a stream of events: the one interface to both YAML libraries. Knows syntax, not meaning:
// tags, anchors and merge keys are passed on as they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "configs/source_text.h"
#include "runner/core/error.h"

namespace sweepd {

/// Lists and mappings may be nested this deep; what is deeper is refused.
inline constexpr size_t max_depth = 96;

/// Whether a plain scalar says null.
inline bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

/// A place in the text; lines and columns (in characters) count from 1.
struct Mark {
  uint32_t line = 0;
  uint32_t column = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// What may stand before a node. Views live until the call returns.
struct NodeProperties {
  Mark mark;                ///< of the first of anchor, tag and content
  std::string_view tag;     ///< in full, such as "tag:yaml.org,2002:str"; empty: none
  std::string_view anchor;  ///< empty: none
};

enum class Collection : uint8_t { sequence, mapping };

/// Takes the events of one document. Each function returns false to end the reading there.
class YamlSink {
 public:
  virtual ~YamlSink() = default;
  /// `quoted`: quoted, a block scalar, or tagged `!`: never anything but a string. Untagged plain nulls
  /// (nothing, ~, null, Null, NULL) all come as an empty text that is not quoted, with a mark that is only
  /// roughly right.
  virtual bool scalar(const NodeProperties& node, std::string_view text, bool quoted) = 0;
  virtual bool begin(const NodeProperties& node, Collection kind) = 0;
  virtual bool end() = 0;
  virtual bool alias(Mark mark, std::string_view anchor) = 0;
};

/// Passes the events of `text` on. A text of nothing but comments has no events. Fails on bad syntax and on a
/// second document; a sink that ends the reading is no failure.
///
/// yaml-cpp is the parser of the sweep files people write. It takes some texts that are no YAML (a
/// quote that is never closed, tabs as indentation), so libyaml judges first, and what the two read
/// differently is refused. Texts above 1 MiB, the lists that programs write, are read by libyaml alone: 45 MB
/// (10^6 points) take yaml-cpp's events 11 s and libyaml's 1.2 s.
Result<void> read_yaml(const SourceText& text, const std::string& file, YamlSink& sink);

Result<void> read_with_yaml_cpp(const SourceText& text, const std::string& file, YamlSink& sink);
Result<void> read_with_libyaml(const SourceText& text, const std::string& file, YamlSink& sink);

/// A syntax error in words, the same for both libraries.
tl::unexpected<Error> syntax_error(const SourceText& text, const std::string& file, Mark mark,
                                   std::string_view problem);
tl::unexpected<Error> second_document(const std::string& file, Mark mark);

}  // namespace sweepd
