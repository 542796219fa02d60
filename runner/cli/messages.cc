#include "runner/cli/messages.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "runner/cli/terminal.h"
#include "runner/core/printable.h"

namespace sweepd {
namespace {

std::string coloured(const char* code, const char* text) {
  return colour_wanted(stderr) ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

// Of the first write to standard output that failed.
int output_error = 0;

}  // namespace

void print_on(std::FILE* stream, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream) < text.size() && stream == stdout && output_error == 0)
    output_error = errno;
}

int end_of_output() {
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
  return std::ferror(stdout) != 0 && output_error == 0 ? EIO : output_error;
}

void report_error(const Error& error) {
  tell("sweepd: {} {}\n", coloured("1;31", "error:"), printable(error.text()));
}

void report_errors(const std::vector<Error>& errors) {
  for (const Error& error : errors) report_error(error);
}

void report_warning(const std::string& text) {
  tell("sweepd: {} {}\n", coloured("1;33", "warning:"), printable(text));
}

Result<void> open_log(bool quiet, bool verbose, const std::string& file) {
  auto console = std::make_shared<spdlog::sinks::stderr_sink_st>();
  console->set_pattern("sweepd: %v");
  console->set_level(quiet ? spdlog::level::err : verbose ? spdlog::level::debug : spdlog::level::warn);
  std::vector<spdlog::sink_ptr> sinks = {console};
  try {
    if (!file.empty()) {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_st>(file));
      sinks.back()->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    }
  } catch (const spdlog::spdlog_ex& error) {
    return failure(std::string("--log-file: ") + error.what());
  }
  auto logger = std::make_shared<spdlog::logger>("sweepd", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace sweepd
