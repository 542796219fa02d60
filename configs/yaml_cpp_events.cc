// YAML events from yaml-cpp. The only file that knows yaml-cpp; its exceptions end here.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>

#include "configs/yaml_events.h"

namespace sweepd {
namespace {

/// An input stream over bytes that someone else owns.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; an input stream never writes
    setg(begin, begin, begin + text.size());
  }
};

/// yaml-cpp counts columns in bytes. Walks from the last place asked for, as events come nearly in order.
class CharacterColumns {
 public:
  explicit CharacterColumns(const SourceText& text) : body_(text.body()), direct_(text.is_ascii()) {}

  Mark at(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    const auto line = static_cast<uint32_t>(mark.line) + 1;
    const auto bytes = static_cast<size_t>(mark.column);
    if (direct_) return {line, static_cast<uint32_t>(bytes) + 1};
    const size_t target = std::min(static_cast<size_t>(mark.pos), body_.size());
    if (line != line_ || target < offset_)
      line_ = line, offset_ = target - std::min(target, bytes), column_ = 0;
    for (; offset_ < target; ++offset_)
      if ((body_[offset_] & 0xC0) != 0x80) ++column_;
    return {line, column_ + 1};
  }

 private:
  std::string_view body_;
  bool direct_;
  uint32_t line_ = 0;
  size_t offset_ = 0;
  uint32_t column_ = 0;  ///< characters between the line's start and offset_
};

/// Thrown through yaml-cpp, which has no other way to be stopped.
struct Stopped {};
struct SecondDocument {
  Mark mark;
};

class EventTranslator : public YAML::EventHandler {
 public:
  EventTranslator(const SourceText& text, YamlSink& sink) : sink_(sink), columns_(text), body_(text.body()) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw SecondDocument{columns_.at(mark)};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    go_on(sink_.scalar({columns_.at(mark), {}, name_of(anchor)}, null_at(mark), false));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    go_on(sink_.alias(columns_.at(mark), name_of(anchor)));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    go_on(sink_.scalar({columns_.at(mark), tag_of(tag), name_of(anchor)}, text, tag == "!"));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    go_on(sink_.begin({columns_.at(mark), tag_of(tag), name_of(anchor)}, Collection::sequence));
  }
  void OnSequenceEnd() override { go_on(sink_.end()); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    go_on(sink_.begin({columns_.at(mark), tag_of(tag), name_of(anchor)}, Collection::mapping));
  }
  void OnMapEnd() override { go_on(sink_.end()); }
  void OnAnchor(const YAML::Mark&, const std::string& name) override { pending_anchor_ = name; }

  Mark mark(const YAML::Mark& mark) { return columns_.at(mark); }

 private:
  static void go_on(bool wanted) {
    if (!wanted) throw Stopped{};
  }
  static std::string_view tag_of(std::string_view tag) { return tag == "?" || tag == "!" ? "" : tag; }

  /// How a null is written, of which yaml-cpp tells only where it, or what stands before it, begins.
  std::string_view null_at(const YAML::Mark& mark) const {
    std::string_view text = body_.substr(std::min(static_cast<size_t>(std::max(mark.pos, 0)), body_.size()));
    while (text.starts_with('&') || text.starts_with('!')) {
      text.remove_prefix(std::min(text.find_first_of(" \t\n"), text.size()));
      text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    }
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n,]}:#"));
    return is_null_text(word) ? word : std::string_view();
  }

  /// yaml-cpp numbers anchors; a number is new where a node has just been named.
  std::string_view name_of(YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return {};
    return anchors_.try_emplace(anchor, pending_anchor_).first->second;
  }

  YamlSink& sink_;
  CharacterColumns columns_;
  std::string_view body_;
  std::map<YAML::anchor_t, std::string> anchors_;
  std::string pending_anchor_;
  int documents_ = 0;
};

}  // namespace

Result<void> read_with_yaml_cpp(const SourceText& text, const std::string& file, YamlSink& sink) {
  ViewBuffer buffer(text.body());
  std::istream stream(&buffer);
  EventTranslator translator(text, sink);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(translator)) continue;
    return {};
  } catch (const Stopped&) {
    return {};
  } catch (const SecondDocument& second) {
    return second_document(file, second.mark);
  } catch (const YAML::ParserException& error) {
    return syntax_error(text, file, translator.mark(error.mark), error.msg);
  } catch (const std::exception& error) {
    return failure(std::string("the YAML could not be read: ") + error.what(), {file, 0, 0});
  }
}

}  // namespace sweepd
