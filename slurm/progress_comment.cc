#include "slurm/progress_comment.h"

#include <algorithm>
#include <cmath>

namespace sweepd {
namespace {

constexpr double longest_s = 999.0 * 86400;
constexpr uint64_t day_minutes = 1440;

unsigned percent(const CommentFigures& figures) {
  if (figures.total == 0 || figures.done >= figures.total) return 100;
  return static_cast<unsigned>(100 * static_cast<long double>(figures.done) /
                               static_cast<long double>(figures.total));
}

std::string two_digits(uint64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

std::string short_count(uint64_t count) {
  if (count < 10'000) return std::to_string(count);
  uint64_t unit = 1000;
  const char* letter = "kMGTPE";
  while (count / unit >= 1000) {
    unit *= 1000;
    ++letter;
  }
  std::string text = std::to_string(count / unit);
  if (text.size() < 3) (text += '.') += std::to_string(count % unit / (unit / 10));
  return text + *letter;
}

std::string short_time(double seconds) {
  const double bounded = std::isfinite(seconds) ? std::clamp(seconds, 0.0, longest_s) : longest_s;
  const auto whole = static_cast<uint64_t>(std::llround(bounded));
  if (whole < 60) return std::to_string(whole) + 's';
  const uint64_t minutes = (whole + 30) / 60;
  if (minutes < 60) return std::to_string(minutes) + 'm';
  if (minutes < day_minutes) return std::to_string(minutes / 60) + 'h' + two_digits(minutes % 60) + 'm';
  const uint64_t hours = (minutes + 30) / 60;
  return std::to_string(hours / 24) + 'd' + std::to_string(hours % 24) + 'h';
}

std::string progress_comment(const CommentFigures& figures) {
  std::string text =
      std::to_string(percent(figures)) + " % " + short_count(figures.done) + '/' + short_count(figures.total);
  if (figures.failed > 0) text += ' ' + short_count(figures.failed) + " failed";
  if (figures.eta_s && figures.done < figures.total) text += " ETA " + short_time(*figures.eta_s);
  return text;
}

}  // namespace sweepd
