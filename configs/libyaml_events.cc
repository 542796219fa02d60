// YAML events from libyaml. The only file that knows libyaml.
#include <yaml.h>

#include <array>
#include <cstring>

#include "configs/yaml_events.h"

namespace sweepd {
namespace {

Mark mark_of(const yaml_mark_t& mark) {
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

std::string_view view_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

class Event {
 public:
  Event() = default;
  ~Event() { clear(); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void clear() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

/// Passes the events of one document on.
class Translator {
 public:
  explicit Translator(YamlSink& sink) : sink_(sink) {}

  /// False where the sink ends the reading.
  bool pass(const Event& event) {
    switch (event->type) {
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_ALIAS_EVENT:
        return sink_.alias(mark_of(event->start_mark), view_of(event->data.alias.anchor));
      case YAML_SEQUENCE_START_EVENT: {
        const auto& start = event->data.sequence_start;
        count_flow(start.style == YAML_FLOW_SEQUENCE_STYLE);
        return begin(event, start.tag, start.anchor, Collection::sequence);
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& start = event->data.mapping_start;
        count_flow(start.style == YAML_FLOW_MAPPING_STYLE);
        return begin(event, start.tag, start.anchor, Collection::mapping);
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        if (flow_depth_ > 0) --flow_depth_;
        return sink_.end();
      default:
        return true;
    }
  }

  /// libyaml's time grows with the square of the depth, so this is asked before anything deeper is read.
  bool is_too_deep(const Event& event) {
    const bool begins = event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
    const bool ends = event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
    depth_ += begins ? 1U : 0U;
    depth_ -= ends ? 1U : 0U;
    return depth_ > max_depth;
  }

  /// yaml-cpp ends a plain text in [...] and {...} at a question mark, libyaml does not.
  bool is_ambiguous(const Event& event) const {
    return flow_depth_ > 0 && event->type == YAML_SCALAR_EVENT &&
           event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           std::memchr(event->data.scalar.value, '?', event->data.scalar.length) != nullptr;
  }

 private:
  void count_flow(bool flow) {
    if (flow || flow_depth_ > 0) ++flow_depth_;
  }

  bool scalar(const Event& event) {
    const auto& scalar = event->data.scalar;
    std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    std::string_view tag = view_of(scalar.tag);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && tag.empty();
    const bool quoted = tag == "!" || (tag.empty() && !plain);
    if (tag == "!") tag = {};
    return sink_.scalar({mark_of(event->start_mark), tag, view_of(scalar.anchor)}, text, quoted);
  }

  bool begin(const Event& event, const yaml_char_t* tag_text, const yaml_char_t* anchor, Collection kind) {
    std::string_view tag = view_of(tag_text);
    if (tag == "!") tag = {};
    return sink_.begin({mark_of(event->start_mark), tag, view_of(anchor)}, kind);
  }

  YamlSink& sink_;
  size_t depth_ = 0;
  size_t flow_depth_ = 0;  ///< collections open since the outermost one in flow style
};

class LibYamlParser {
 public:
  explicit LibYamlParser(std::string_view text) : usable_(yaml_parser_initialize(&parser_) == 1) {
    if (!usable_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~LibYamlParser() {
    if (usable_) yaml_parser_delete(&parser_);
  }
  LibYamlParser(const LibYamlParser&) = delete;
  LibYamlParser& operator=(const LibYamlParser&) = delete;

  bool next(Event& event) {
    event.clear();
    return usable_ && yaml_parser_parse(&parser_, event.get()) == 1;
  }
  Mark mark() const { return mark_of(parser_.problem_mark); }
  std::string_view problem() const { return parser_.problem != nullptr ? parser_.problem : "out of memory"; }

 private:
  yaml_parser_t parser_{};
  bool usable_;
};

}  // namespace

Result<void> read_with_libyaml(const SourceText& text, const std::string& file, YamlSink& sink) {
  LibYamlParser parser(text.body());
  Event event;
  Translator translator(sink);
  int documents = 0;
  while (parser.next(event)) {
    if (event->type == YAML_STREAM_END_EVENT) return {};
    if (event->type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
      return second_document(file, mark_of(event->start_mark));
    if (translator.is_ambiguous(event))
      return syntax_error(text, file, mark_of(event->start_mark),
                          "a text with '?' in [...] or {...} must be quoted");
    if (translator.is_too_deep(event))
      return failure("lists and mappings are nested more than " + std::to_string(max_depth) + " deep",
                     {file, mark_of(event->start_mark).line, mark_of(event->start_mark).column});
    if (!translator.pass(event)) return {};
  }
  return syntax_error(text, file, parser.mark(), parser.problem());
}

}  // namespace sweepd
