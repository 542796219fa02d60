#include "runner/core/printable.h"

#include <doctest/doctest.h>

using namespace sweepd;

TEST_CASE("printable: control characters of every kind are written out and all else stays") {
  CHECK(printable("a\x1b[2Jb\r\x7f") == "a\\u001b[2Jb\\u000d\\u007f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");
  CHECK(printable("lines\n\tand \xc3\xa4, \xc2\xa0, \xe2\x82\xac") ==
        "lines\n\tand \xc3\xa4, \xc2\xa0, \xe2\x82\xac");
  CHECK(printable("ends in \xc2") == "ends in \\xc2");
  CHECK(printable("M\xfcller \x9b \xed\xa0\x80") == "M\\xfcller \\x9b \\xed\\xa0\\x80");
  CHECK(printable_line("a\x1b[2J\n\tb\xc2\x9b") == "a\\x1b[2J\\n\\tb\\x9b");
}
