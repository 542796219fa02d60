#include "configs/yaml_events.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace sweepd {
namespace {

constexpr size_t large = size_t{1} << 20;

/// Only `%YAML 1.x` may stand before the document: about others the libraries differ.
Result<void> check_directives(std::string_view body, const std::string& file) {
  for (uint32_t line = 1; !body.empty(); ++line) {
    const std::string_view text = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), text.size() + 1));
    const size_t content = text.find_first_not_of(" \t");
    if (content == std::string_view::npos || text[content] == '#') continue;
    if (text[0] != '%') return {};
    const std::string_view directive = text.substr(0, text.find_last_not_of(" \t") + 1);
    if (directive != "%YAML 1.2" && directive != "%YAML 1.1")
      return failure("the YAML directive '" + std::string(directive) + "' is not supported; leave it out",
                     {file, line, 1});
  }
  return {};
}

/// What one event says, marks aside, as a number.
class EventHash {
 public:
  explicit EventHash(char kind) : hash_(static_cast<size_t>(kind)) {}
  EventHash& with(std::string_view text) {
    hash_ = (hash_ ^ std::hash<std::string_view>()(text)) * 0x9E3779B97F4A7C15u;
    return *this;
  }
  EventHash& with(const NodeProperties& node) { return with(node.tag).with(node.anchor); }
  size_t value() const { return hash_; }

 private:
  size_t hash_;
};

/// Turns each event into a number and hands it to `see`.
class HashingSink : public YamlSink {
 public:
  bool scalar(const NodeProperties& node, std::string_view text, bool quoted) override {
    // yaml-cpp does not tell how a null is written.
    const bool is_null = !quoted && node.tag.empty() && is_null_text(text);
    return see(EventHash(quoted ? 'q' : 's').with(node).with(is_null ? "" : text).value(), node.mark);
  }
  bool begin(const NodeProperties& node, Collection kind) override {
    return see(EventHash(kind == Collection::sequence ? '[' : '{').with(node).value(), node.mark);
  }
  bool end() override { return see(EventHash('e').value(), {}); }
  bool alias(Mark mark, std::string_view anchor) override {
    return see(EventHash('*').with(anchor).value(), mark);
  }

 protected:
  virtual bool see(size_t hash, Mark mark) = 0;
};

class Recording : public HashingSink {
 public:
  std::vector<size_t> hashes;

 protected:
  bool see(size_t hash, Mark) override {
    hashes.push_back(hash);
    return true;
  }
};

/// Passes events on for as long as they are those of the recording.
class Agreement : public HashingSink {
 public:
  Agreement(const Recording& expected, YamlSink& next) : expected_(expected.hashes), next_(next) {}

  bool scalar(const NodeProperties& node, std::string_view text, bool quoted) override {
    return HashingSink::scalar(node, text, quoted) && go_on(next_.scalar(node, text, quoted));
  }
  bool begin(const NodeProperties& node, Collection kind) override {
    return HashingSink::begin(node, kind) && go_on(next_.begin(node, kind));
  }
  bool end() override { return HashingSink::end() && go_on(next_.end()); }
  bool alias(Mark mark, std::string_view anchor) override {
    return HashingSink::alias(mark, anchor) && go_on(next_.alias(mark, anchor));
  }

  bool broken() const { return broken_ || (!ended_by_sink_ && seen_ < expected_.size()); }
  Mark where() const { return where_; }

 protected:
  bool see(size_t hash, Mark mark) override {
    if (mark.line > 0) where_ = mark;
    broken_ = seen_ >= expected_.size() || expected_[seen_] != hash;
    ++seen_;
    return !broken_;
  }

 private:
  bool go_on(bool wanted) {
    ended_by_sink_ = !wanted;
    return wanted;
  }

  const std::vector<size_t>& expected_;
  YamlSink& next_;
  size_t seen_ = 0;
  bool broken_ = false;
  bool ended_by_sink_ = false;
  Mark where_;
};

}  // namespace

Result<void> read_yaml(const SourceText& text, const std::string& file, YamlSink& sink) {
  if (Result<void> checked = check_directives(text.body(), file); !checked) return checked;
  if (text.body().size() > large) return read_with_libyaml(text, file, sink);
  Recording first;
  if (Result<void> judged = read_with_libyaml(text, file, first); !judged) return judged;
  Agreement both(first, sink);
  if (Result<void> read = read_with_yaml_cpp(text, file, both); !read) return read;
  if (both.broken())
    return failure("YAML libraries read this differently; write it more plainly, or quote it",
                   {file, both.where().line, both.where().column});
  return {};
}

tl::unexpected<Error> syntax_error(const SourceText& text, const std::string& file, Mark mark,
                                   std::string_view problem) {
  for (const uint32_t line : {mark.line, mark.line + 1, mark.line - 1})
    if (text.is_tabbed(line))
      return failure("line " + std::to_string(line) + " is indented with a tab; YAML allows only spaces",
                     {file, line, 1});
  // Patterns such as *.csv are what an alias looks like.
  const bool is_name = problem == "did not find expected alphabetic or numeric character";
  // YAML has no pairs of surrogates, which is what JSON writers make of characters beyond U+FFFF.
  const bool is_surrogate = problem.find("Unicode character escape") != std::string_view::npos;
  return failure(
      "this is not valid YAML: " + std::string(problem) +
          (is_name        ? "; quote a text that begins with *, & or !"
           : is_surrogate ? "; write the character itself (json.dumps: ensure_ascii=False), or all of the "
                            "file as JSON"
                          : ""),
      {file, mark.line, mark.column});
}

tl::unexpected<Error> second_document(const std::string& file, Mark mark) {
  return failure(
      "text follows after the end of the YAML document; a sweep file is one document (is this line indented "
      "as "
      "it should be?)",
      {file, mark.line, mark.column});
}

}  // namespace sweepd
