#include "tests/configs/corpus.h"

#include <doctest/doctest.h>

#include "configs/source_text.h"
#include "configs/sweep_file.h"

namespace sweepd {
namespace {

std::string joined(const Errors& errors) {
  std::string text;
  for (const Error& error : errors) text += error.text() + "\n";
  return text;
}

TEST_CASE("corpus: every good file is read") {
  const std::vector<std::string> files = corpus("good");
  CHECK(files.size() >= 35);
  for (const std::string& file : files) {
    const auto sweep = load_sweep(file);
    CHECK_MESSAGE(sweep.has_value(), (sweep ? "" : joined(sweep.error())));
    if (sweep) CHECK_MESSAGE(sweep->size() > 0, file);
  }
}

TEST_CASE("corpus: a good file means the same when it is large enough for the faster library") {
  const std::string padding = "\n#" + std::string(size_t{1} << 20, 'x') + "\n";
  for (const std::string& file : corpus("good")) {
    const auto small = load_sweep(file);
    REQUIRE(small.has_value());
    if (small->text.find("\n...") != std::string::npos) continue;  // nothing may follow
    const auto large = parse_sweep(small->text + padding, file);
    REQUIRE_MESSAGE(large.has_value(), joined(large.error()));
    CHECK_MESSAGE(large->fingerprint() == small->fingerprint(), file);
  }
}

TEST_CASE("corpus: every bad file is refused, each error with a place in it or in no line at all") {
  for (const char* folder : {"bad-structure", "bad-meaning", "bad-yaml"}) {
    const std::vector<std::string> files = corpus(folder);
    CHECK(files.size() >= 25);
    for (const std::string& file : files) {
      const auto sweep = load_sweep(file);
      CHECK_MESSAGE(!sweep.has_value(), file);
      if (sweep) continue;
      for (const Error& error : sweep.error()) {
        CHECK_MESSAGE(error.where.file == file, error.text());
        CHECK_MESSAGE((error.where.line > 0) == (error.where.column > 0), error.text());
        CHECK_MESSAGE(error.message.size() > 10, error.text());
      }
      const auto before = [](const Error& a, const Error& b) {
        return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
      };
      CHECK_MESSAGE(std::is_sorted(sweep.error().begin(), sweep.error().end(), before),
                    joined(sweep.error()));
    }
  }
}

}  // namespace
}  // namespace sweepd
