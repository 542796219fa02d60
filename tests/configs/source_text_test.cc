#include "configs/source_text.h"

#include <doctest/doctest.h>

namespace sweepd {
namespace {

std::string verdict(std::string_view text) {
  const Result<SourceText> source = SourceText::check(text, "f");
  return source ? "" : source.error().text();
}

TEST_CASE("source text: what is not text is told with its place") {
  using namespace std::string_view_literals;
  CHECK(verdict("a\nb\0c"sv) == "f:2:2: the file holds a NUL byte; a sweep file is UTF-8 text");
  CHECK(verdict("é\xE9") == "f:1:2: the byte 0xE9 is not valid UTF-8; save the file as UTF-8");
  CHECK(verdict("a\x1b") ==
        "f:1:2: the control character U+001B is not allowed; write it as an escape in double quotes");
  CHECK(verdict("\xFF\xFE"
                "a") == "f: the file is UTF-16; save it as UTF-8");
  CHECK(verdict("a\rb") == "f:1:2: a carriage return stands without a line feed; end lines with LF or CRLF");
  CHECK(verdict("\n\n ab\u2028") ==
        "f:3:4: the line separator U+2028 is not allowed; write it as an escape in double quotes");
  CHECK(verdict("a\x7f").find("U+007F") != std::string::npos);
}

TEST_CASE("source text: invalid UTF-8 of every sort is found") {
  for (const char* bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE6\x97", "\xE6\x97z", "\xFE", "\xF0\x9F\x8E"})
    CHECK_MESSAGE(verdict(bad).find("is not valid UTF-8") != std::string::npos, bad);
  for (const char* good :
       {"\u00a0", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010ffff"})
    CHECK_MESSAGE(verdict(good).empty(), good);
}

TEST_CASE("source text: a byte order mark is skipped and CRLF becomes LF") {
  const std::string text =
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n";
  const Result<SourceText> source = SourceText::check(text, "f");
  REQUIRE(source.has_value());
  CHECK(source->body() == "a: 1\nb: 2\n");
  CHECK(source->is_ascii());
}

TEST_CASE("source text: lines indented with tabs are known, blank ones do not count") {
  const Result<SourceText> source = SourceText::check("a\n\tb\n \t\n  \tc\nd\te\n\t", "f");
  REQUIRE(source.has_value());
  CHECK(source->tabbed_lines() == std::vector<uint32_t>{2, 4});
}

}  // namespace
}  // namespace sweepd
