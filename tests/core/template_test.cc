#include "runner/core/template.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

const Point point = {{"x", Value::of(int64_t{3})}, {"name", Value::of(std::string_view("a {b} $(c)"))}};
const Point builtins = {{"index", Value::of(int64_t{12})}, {"x", Value::of(int64_t{99})}};

std::string filled(std::string_view text) {
  std::string out;
  Template::parse(text).value().append(point, builtins, out);
  return out;
}

std::string error_of(std::string_view text) { return Template::parse(text).error().message; }

}  // namespace

TEST_CASE("template: places are filled, and parameters win over built-in names") {
  CHECK(filled("--x={x}") == "--x=3");
  CHECK(filled("{index}-{x}{x}") == "12-33");
  CHECK(filled("plain") == "plain");
  CHECK(filled("") == "");
}

TEST_CASE("template: a value's own braces are left alone") { CHECK(filled("<{name}>") == "<a {b} $(c)>"); }

TEST_CASE("template: doubled braces are braces") {
  CHECK(filled("{{x}}") == "{x}");
  CHECK(filled("{{{x}}}") == "{3}");
  CHECK(filled("a}}b{{") == "a}b{");
}

TEST_CASE("template: names are told in order, and a text without any is literal") {
  const Template made = Template::parse("{b}/{a}/{b}").value();
  CHECK(made.names() == std::vector<std::string_view>{"b", "a", "b"});
  CHECK(made.text() == "{b}/{a}/{b}");
  CHECK_FALSE(made.is_literal());
  CHECK(Template::parse("{{}}").value().is_literal());
}

TEST_CASE("template: unbalanced braces and empty names are errors that name the byte") {
  CHECK(error_of("ab{x").find("byte 2") != std::string::npos);
  CHECK(error_of("ab}x").find("byte 2") != std::string::npos);
  CHECK(error_of("{a{b}").find("byte 0") != std::string::npos);
  CHECK(error_of("x{}").find("no name") != std::string::npos);
  CHECK(error_of("{").find("without its }") != std::string::npos);
}
