// What `sweepd results` prints: the records of chunk files, chosen by a filter, in one of four forms. It
// streams; only a table keeps its first rows, to learn the widths from.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/space.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/results_filter.h"

namespace sweepd {

enum class ResultsFormat {
  json,    ///< a list of the records, `run` included
  ndjson,  ///< the lines as they are
  csv,     ///< as results.csv
  table,   ///< for a terminal: columns of the first 1000 records, without id; long values are cut
};
constexpr std::string_view name_of(ResultsFormat format) {
  switch (format) {
    case ResultsFormat::json:
      return "json";
    case ResultsFormat::ndjson:
      return "ndjson";
    case ResultsFormat::csv:
      return "csv";
    case ResultsFormat::table:
      return "table";
  }
  return {};
}

/// Returns how many records were printed. Fails, with what came before printed, on a damaged file and where
/// `out` takes no more.
Result<uint64_t> print_results(ResultsFormat format, ResultsFilter& filter, const ChunkFolder& chunks,
                               const std::vector<Column>& parameters, std::FILE* out);

}  // namespace sweepd
