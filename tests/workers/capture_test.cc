#include "workers/tasks/supervision/capture.h"

#include <doctest/doctest.h>

#include <string>

#include "runner/core/utf8.h"

using namespace sweepd;

namespace {

std::string valid(std::string_view bytes) {
  std::string text;
  append_valid_utf8(bytes, text);
  return text;
}

std::string numbered(size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

}  // namespace

TEST_CASE("capture: what fits is kept whole") {
  Capture capture(4, 4);
  capture.add("abc");
  capture.add("");
  capture.add("defgh");
  CHECK_FALSE(capture.is_cut());
  CHECK(capture.text() == "abcdefgh");
}

TEST_CASE("capture: of what does not fit, the beginning and the end are kept and the cut is marked") {
  Capture capture(4, 4);
  capture.add("abcdefghijk");
  CHECK(capture.is_cut());
  CHECK(capture.total() == 11);
  CHECK(capture.text() == "abcd\n[... 3 bytes cut ...]\nhijk");
}

TEST_CASE("capture: it does not matter in which pieces the bytes come") {
  const std::string all = numbered(200);
  for (size_t length = 0; length <= all.size(); ++length) {
    for (const size_t piece : {1, 2, 3, 5, 7, 16, 200}) {
      Capture whole(10, 7);
      Capture parts(10, 7);
      whole.add(all.substr(0, length));
      for (size_t at = 0; at < length; at += piece) parts.add(all.substr(at, std::min(piece, length - at)));
      REQUIRE(parts.text() == whole.text());
      if (length > 17) REQUIRE(parts.text().ends_with(all.substr(length - 7, 7)));
    }
  }
}

TEST_CASE("capture: one without an end keeps the beginning alone and begins anew when cleared") {
  Capture capture(4, 0);
  capture.add("abcd");
  CHECK_FALSE(capture.is_cut());
  CHECK(capture.head() == "abcd");
  capture.add("e");
  CHECK(capture.is_cut());
  CHECK(capture.head() == "abcd");
  capture.clear();
  CHECK(capture.total() == 0);
  CHECK(capture.text().empty());
}

TEST_CASE("utf-8: valid text stays as it is") {
  const std::string text = "plain, \u00E9\u20AC\U0001F600 \U0010FFFF \uD7FF \uE000";
  CHECK(valid(text) == text);
  CHECK(valid("").empty());
}

TEST_CASE("utf-8: ill-formed sequences are replaced as the Unicode Standard's examples have it") {
  CHECK(valid("a\x80z") == "a\uFFFDz");
  CHECK(valid("\xC0\xAF") == "\uFFFD\uFFFD");                      // overlong
  CHECK(valid("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(valid("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  CHECK(valid("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") ==
        "\uFFFD\uFFFD\uFFFD\uFFFD"
        "A");  // table 3-11
  CHECK(valid("cut \xF0\x9F\x98") == "cut \uFFFD");
}
