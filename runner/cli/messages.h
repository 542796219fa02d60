// What is printed: results on standard output, and messages to the person at the terminal on standard error.
// That a stream takes no more (a full disk, a reader that has gone) is no reason to stop or to fail.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// Writes the text as far as the stream takes it.
void print_on(std::FILE* stream, std::string_view text);

template <typename... Values>
void put(fmt::format_string<Values...> form, Values&&... values) {
  print_on(stdout, fmt::format(form, std::forward<Values>(values)...));
}

template <typename... Values>
void tell(fmt::format_string<Values...> form, Values&&... values) {
  print_on(stderr, fmt::format(form, std::forward<Values>(values)...));
}

/// Why standard output did not take all that was put there, as errno(3); 0: it did.
int end_of_output();

/// `sweepd: error: FILE:LINE:COLUMN: what is wrong; what to do`
void report_error(const Error& error);
void report_errors(const std::vector<Error>& errors);
void report_warning(const std::string& text);

/// Sends log messages (spdlog's) to standard error, from warnings on or, when verbose, from what is done on;
/// and all of them, with times, to `file` where it is not empty.
Result<void> open_log(bool quiet, bool verbose, const std::string& file);

}  // namespace sweepd
