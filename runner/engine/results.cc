#include "runner/engine/results.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "runner/core/json.h"
#include "runner/core/printable.h"
#include "runner/engine/csv.h"
#include "runner/engine/record_columns.h"
#include "runner/engine/text_table.h"

namespace sweepd {
namespace {

/// Told a record and where it stands.
using Visit = std::function<Result<void>(const ScannedRecord&, const RecordStream&)>;

/// Gathers what is printed.
class Printer {
 public:
  explicit Printer(std::FILE* out) : out_(out), is_terminal_(isatty(fileno(out)) == 1) {}

  std::string& text() { return text_; }

  Result<void> print_if_full() { return text_.size() < full ? Result<void>{} : print(); }

  Result<void> print() {
    if (is_terminal_) text_ = printable(text_);
    const bool written =
        std::fwrite(text_.data(), 1, text_.size(), out_) == text_.size() && std::fflush(out_) == 0;
    text_.clear();
    if (written) return {};
    return failure("cannot write the results: " + std::generic_category().message(errno));
  }

 private:
  static constexpr size_t full = size_t{256} << 10;
  std::FILE* out_;
  bool is_terminal_;
  std::string text_;
};

/// The records asked for.
struct Selection {
  ResultsFilter& filter;
  const ChunkFolder& chunks;

  Result<uint64_t> visit(const Visit& visit) const {
    RecordStream records(chunks);
    uint64_t count = 0;
    while (const ScannedRecord* record = records.next()) {
      if (!filter.matches(*record)) continue;
      ++count;
      if (Result<void> visited = visit(*record, records); !visited) return tl::unexpected(visited.error());
    }
    if (const Result<void> finished = records.finish(); !finished) return tl::unexpected(finished.error());
    return count;
  }
};

tl::unexpected<Error> damaged(const RecordStream& records) {
  return failure("the JSON of this record is damaged; remove the file and its points are run again",
                 records.position());
}

Result<uint64_t> print_lines(const Selection& selection, Printer& printer) {
  return selection.visit([&](const ScannedRecord& record, const RecordStream&) {
    printer.text().append(record.text).append("\n");
    return printer.print_if_full();
  });
}

Result<uint64_t> print_json(const Selection& selection, Printer& printer) {
  printer.text() = "[";
  bool is_first = true;
  Result<uint64_t> count = selection.visit([&](const ScannedRecord& record, const RecordStream&) {
    printer.text().append(std::exchange(is_first, false) ? "\n" : ",\n").append(record.text);
    return printer.print_if_full();
  });
  if (count) printer.text() += is_first ? "]\n" : "\n]\n";
  return count;
}

// Twice through the files: all fields must be known before the first row.
Result<uint64_t> print_csv(const Selection& selection, const std::vector<Column>& parameters,
                           Printer& printer) {
  RecordColumns columns(parameters);
  const Result<uint64_t> learnt =
      selection.visit([&](const ScannedRecord& record, const RecordStream& records) {
        return columns.read(record) ? Result<void>{} : damaged(records);
      });
  if (!learnt) return learnt;
  append_csv_header(printer.text(), columns);
  return selection.visit([&](const ScannedRecord& record, const RecordStream& records) -> Result<void> {
    if (!columns.read(record)) return damaged(records);
    append_csv_row(printer.text(), record, columns);
    return printer.print_if_full();
  });
}

/// Rows of a table; the first of them wait until the widths are known.
class TablePrinter {
 public:
  TablePrinter(const std::vector<Column>& parameters, Printer& printer)
      : columns_(parameters), printer_(printer) {}

  Result<void> add(const ScannedRecord& record, const RecordStream& records) {
    if (!columns_.read(record)) return damaged(records);
    std::vector<std::string> cells = row(record);
    if (table_) {
      cells.resize(std::min(cells.size(), shown_columns_));
      table_->append(printer_.text(), cells);
      return printer_.print_if_full();
    }
    waiting_.push_back(std::move(cells));
    if (waiting_.size() == sample_rows) print_waiting();
    return printer_.print_if_full();
  }

  void finish() {
    if (!table_) print_waiting();
  }

 private:
  static constexpr size_t sample_rows = 1000;

  std::vector<std::string> row(const ScannedRecord& record) {
    std::vector<std::string> cells = {std::to_string(record.index), status_text(record)};
    for (const std::string_view raw : columns_.cells()) {
      std::string text;
      append_plain(text, raw.substr(0, 8 * TextTable::max_cell_width));
      cells.push_back(terminal_text(text, TextTable::max_cell_width));
    }
    return cells;
  }

  // Such as "failed (exit: …)".
  std::string status_text(const ScannedRecord& record) {
    if (record.ok) return "ok";
    std::string text = "failed";
    if (!reader_.read(record.value, members_)) return text;
    if (const Member* kind = find(members_, "kind")) append_plain(text += " (", kind->raw);
    if (const Member* message = find(members_, "message")) append_plain(text += ": ", message->raw);
    return terminal_text(text + ')', TextTable::max_cell_width);
  }

  void print_waiting() {
    std::vector<std::string> header = {"index", "status"};
    for (std::string& name : columns_.header()) header.push_back(std::move(name));
    shown_columns_ = header.size();
    table_.emplace(std::move(header));
    for (const std::vector<std::string>& cells : waiting_) table_->learn(cells);
    table_->append_header(printer_.text());
    for (const std::vector<std::string>& cells : waiting_) table_->append(printer_.text(), cells);
    waiting_.clear();
  }

  RecordColumns columns_;
  Printer& printer_;
  RecordReader reader_;
  Members members_;
  std::vector<std::vector<std::string>> waiting_;
  std::optional<TextTable> table_;
  size_t shown_columns_ = 0;
};

Result<uint64_t> print_table(const Selection& selection, const std::vector<Column>& parameters,
                             Printer& printer) {
  TablePrinter table(parameters, printer);
  Result<uint64_t> count = selection.visit(
      [&](const ScannedRecord& record, const RecordStream& records) { return table.add(record, records); });
  if (count) table.finish();
  return count;
}

Result<uint64_t> print_as(ResultsFormat format, const Selection& selection,
                          const std::vector<Column>& parameters, Printer& printer) {
  switch (format) {
    case ResultsFormat::json:
      return print_json(selection, printer);
    case ResultsFormat::ndjson:
      return print_lines(selection, printer);
    case ResultsFormat::csv:
      return print_csv(selection, parameters, printer);
    case ResultsFormat::table:
      break;
  }
  return print_table(selection, parameters, printer);
}

}  // namespace

Result<uint64_t> print_results(ResultsFormat format, ResultsFilter& filter, const ChunkFolder& chunks,
                               const std::vector<Column>& parameters, std::FILE* out) {
  Printer printer(out);
  const Selection selection{filter, chunks};
  Result<uint64_t> count = print_as(format, selection, parameters, printer);
  const Result<void> printed = printer.print();
  if (count && !printed) return tl::unexpected(printed.error());
  return count;
}

}  // namespace sweepd
