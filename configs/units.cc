#include "configs/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace sweepd {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double kilo = 1e3, kibi = 1024;
constexpr std::array<Unit, 15> size_units = {{{"B", 1},
                                              {"k", kilo},
                                              {"kB", kilo},
                                              {"K", kilo},
                                              {"KB", kilo},
                                              {"M", kilo* kilo},
                                              {"MB", kilo* kilo},
                                              {"G", kilo* kilo* kilo},
                                              {"GB", kilo* kilo* kilo},
                                              {"T", kilo* kilo* kilo* kilo},
                                              {"TB", kilo* kilo* kilo* kilo},
                                              {"KiB", kibi},
                                              {"MiB", kibi* kibi},
                                              {"GiB", kibi* kibi* kibi},
                                              {"TiB", kibi* kibi* kibi* kibi}}};
constexpr std::array<Unit, 5> time_units = {{{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
constexpr double longest_days = 36500;
constexpr double most_bytes = 9.2e18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `[0-9]+(\.[0-9]+)?` at the start of `text`, which is shortened by it.
std::optional<double> take_number(std::string_view& text) {
  size_t end = 0;
  const auto digits = [&] {
    const size_t begin = end;
    while (end < text.size() && is_digit(text[end])) ++end;
    return end - begin;
  };
  if (digits() == 0) return std::nullopt;
  if (end < text.size() && text[end] == '.') {
    ++end;
    if (digits() == 0) return std::nullopt;
  }
  double number = 0;
  if (std::from_chars(text.data(), text.data() + end, number).ec != std::errc()) return std::nullopt;
  text.remove_prefix(end);
  return number;
}

std::string quoted(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

/// The number in `text` times its unit; no unit gives `bare`.
template <size_t count>
Result<double> parse_with_unit(std::string_view text, const std::array<Unit, count>& units,
                               std::string_view what, std::string_view forms, std::string_view bare) {
  std::string_view rest = text;
  const std::optional<double> number = take_number(rest);
  if (number && rest.empty()) return failure(quoted(text) + std::string(bare));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (number)
    for (const Unit& unit : units)
      if (rest == unit.name) return *number * unit.factor;
  return failure(quoted(text) + " is not a " + std::string(what) + "; write " + std::string(forms));
}

std::optional<double> whole(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Seconds of `a:b:c`, whose fields weigh as `weights` says; nothing where that is not its form.
std::optional<double> sum_fields(std::string_view text, std::array<double, 3> weights, size_t least,
                                 size_t most) {
  double seconds = 0;
  for (size_t count = 1; count <= most; ++count) {
    const size_t colon = text.find(':');
    const std::optional<double> field = whole(text.substr(0, colon));
    if (!field) return std::nullopt;
    seconds += *field * weights[count - 1];
    if (colon == std::string_view::npos) return count >= least ? std::optional(seconds) : std::nullopt;
    text.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

std::optional<double> slurm_seconds(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    const bool hours = text.find(':') != text.rfind(':');
    return hours ? sum_fields(text, {3600, 60, 1}, 3, 3) : sum_fields(text, {60, 1, 0}, 2, 2);
  }
  const std::optional<double> days = whole(text.substr(0, dash));
  const std::optional<double> rest = sum_fields(text.substr(dash + 1), {3600, 60, 1}, 1, 3);
  if (!days || !rest) return std::nullopt;
  return *days * 86400 + *rest;
}

}  // namespace

Result<uint64_t> parse_size(std::string_view text) {
  const Result<double> bytes =
      parse_with_unit(text, size_units, "size", "a number and a unit, such as 500M or 2GiB",
                      " has no unit; write 500M, 2GiB or the like (Slurm means MiB here, others bytes)");
  if (!bytes) return tl::unexpected(bytes.error());
  if (*bytes > most_bytes) return failure(quoted(text) + " is too large a size; write at most 8000000T");
  return static_cast<uint64_t>(std::floor(*bytes));
}

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view forms = "500ms, 90s, 10m, 2h, 1d, or as Slurm 30:00 or 1-02:00:00";
  constexpr std::string_view bare =
      " has no unit; write 30m or 30s (Slurm takes a bare number for minutes, others for seconds)";
  const bool slurm = text.find_first_of(":-") != std::string_view::npos;
  Result<double> seconds = failure(quoted(text) + " is not a duration; write " + std::string(forms));
  if (!slurm)
    seconds = parse_with_unit(text, time_units, "duration", forms, bare);
  else if (const std::optional<double> sum = slurm_seconds(text))
    seconds = *sum;
  if (!seconds) return tl::unexpected(seconds.error());
  if (*seconds > longest_days * 86400)
    return failure(quoted(text) + " is longer than 36500 days; write less");
  return Duration(std::llround(*seconds * 1e9));
}

}  // namespace sweepd
