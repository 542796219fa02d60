#include "runner/cli/progress_view.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>

#include "runner/cli/messages.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"

namespace sweepd {
namespace {

constexpr double file_every_s = 1;    // progress.json is replaced at most this often
constexpr double plain_every_s = 10;  // a log file should stay readable
constexpr double plain_in_job_every_s = 60;

double percent(const Progress& progress) {
  return progress.total == 0 ? 100
                             : 100 * static_cast<double>(progress.done) / static_cast<double>(progress.total);
}

std::string figures(const Progress& progress) {
  std::string text = fmt::format("{}/{}  {}", with_commas(progress.done), with_commas(progress.total),
                                 readable_rate(progress.rate));
  if (progress.eta_s) text += "  ETA " + readable_time(*progress.eta_s);
  if (progress.failed > 0) text += fmt::format("  {} failed", with_commas(progress.failed));
  return text;
}

}  // namespace

ProgressView::ProgressView(ProgressStyle style, const SweepDirectory& directory, BatchJob* job)
    : style_(style), directory_(directory), job_(job) {
  if (style_ == ProgressStyle::automatic)
    style_ = is_terminal(stderr) ? ProgressStyle::bar : ProgressStyle::plain;
}

ProgressView::~ProgressView() {
  clear_bar();
  if (job_) job_->end_showing();
}

void ProgressView::on_progress(const Progress& progress) {
  if (progress.elapsed_s - written_at_s_ >= file_every_s) {
    written_at_s_ = progress.elapsed_s;
    // Not worth stopping a sweep for, where it cannot be written.
    (void)directory_.write("progress.json", progress_json(progress), Durability::unsynced);
  }
  if (job_) job_->show(progress);
  if (style_ == ProgressStyle::bar && progress.elapsed_s > 0.3) draw_bar(progress);
  if (style_ == ProgressStyle::plain &&
      progress.elapsed_s - shown_at_s_ >= (job_ ? plain_in_job_every_s : plain_every_s)) {
    shown_at_s_ = progress.elapsed_s;
    tell("sweepd: {:.0f} %  {}\n", percent(progress), figures(progress));
  }
}

void ProgressView::on_notice(const std::string& text) {
  clear_bar();
  spdlog::warn("{}", printable(text));
}

void ProgressView::draw_bar(const Progress& progress) {
  const std::string text = fmt::format(" {:3.0f} %  {}", percent(progress), figures(progress));
  const int width = std::clamp(terminal_width(stderr) - static_cast<int>(text.size()) - 3, 0, 40);
  const int filled = static_cast<int>(percent(progress) / 100 * width);
  std::string bar(static_cast<size_t>(filled), '=');
  bar.resize(static_cast<size_t>(width), ' ');
  tell("\r\033[K[{}]{}", bar, text);
  std::fflush(stderr);
  bar_on_screen_ = true;
}

void ProgressView::clear_bar() {
  if (!bar_on_screen_) return;
  tell("\r\033[K");
  std::fflush(stderr);
  bar_on_screen_ = false;
}

}  // namespace sweepd
