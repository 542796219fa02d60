// ProgressView: progress on standard error, as a bar on a terminal or as plain lines, and in progress.json.
#pragma once

#include <string>

#include "runner/cli/batch_job.h"
#include "runner/cli/requests.h"
#include "runner/engine/progress.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

class ProgressView : public ProgressWatcher {
 public:
  /// progress.json goes to `directory`, which outlives the view. `automatic` is a bar on a terminal, else
  /// plain. `job`, which may be null, is shown it, too; its output gets a line a minute.
  ProgressView(ProgressStyle style, const SweepDirectory& directory, BatchJob* job);
  /// Takes the bar off the screen.
  ~ProgressView() override;
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void on_progress(const Progress& progress) override;
  void on_notice(const std::string& text) override;

 private:
  void draw_bar(const Progress& progress);
  void clear_bar();

  ProgressStyle style_;
  const SweepDirectory& directory_;
  BatchJob* job_;
  double written_at_s_ = -1;  // elapsed_s of the last progress.json; before the first, long ago
  double shown_at_s_ = 0;     // ... of the last plain line
  bool bar_on_screen_ = false;
};

}  // namespace sweepd
