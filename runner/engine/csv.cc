#include "runner/engine/csv.h"

#include <charconv>
#include <utility>

#include "runner/core/json.h"
#include "runner/engine/merged_file.h"

namespace sweepd {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const size_t quote = text.find('"');
    out += text.substr(0, quote);
    if (quote == std::string_view::npos) break;
    out += "\"\"";
    text.remove_prefix(quote + 1);
  }
  out += '"';
}

void append_field(std::string& out, std::string_view text) {
  if (text.empty() || text.find_first_of("\",\r\n") != std::string_view::npos)
    append_quoted(out, text);
  else
    out += text;
}

void append_cell(std::string& out, std::string_view raw) {
  const char first = raw.empty() ? ' ' : raw[0];
  if (first != '"' && first != '{' && first != '[') {
    out += raw;
    return;
  }
  if (raw.find('\\') == std::string_view::npos && first == '"')
    return append_field(out, raw.substr(1, raw.size() - 2));
  std::string text;
  append_plain(text, raw);
  append_field(out, text);
}

}  // namespace

void append_csv_header(std::string& out, const RecordColumns& columns) {
  out += "index,id,status";
  for (const std::string& name : columns.header()) {
    out += ',';
    append_field(out, name);
  }
  out += '\n';
}

void append_csv_row(std::string& out, const ScannedRecord& record, const RecordColumns& columns) {
  append_json(out, record.index);
  out += ',';
  out += record.id;
  out += record.ok ? ",ok" : ",failed";
  for (const std::string_view raw : columns.cells()) {
    out += ',';
    append_cell(out, raw);
  }
  out += '\n';
}

CsvFile::CsvFile(AtomicFile file, std::string staging, const std::vector<Column>& parameters)
    : file_(std::move(file)), staging_(std::move(staging)), columns_(parameters) {}

Result<CsvFile> CsvFile::create(std::string path, std::string staging,
                                const std::vector<Column>& parameters) {
  Result<AtomicFile> file = AtomicFile::create(std::move(path), staging);
  if (!file) return tl::unexpected(file.error());
  return CsvFile(std::move(*file), std::move(staging), parameters);
}

void CsvFile::append_row(const ScannedRecord& record) {
  row_.clear();
  if (file_.size() == 0) append_csv_header(row_, columns_);
  append_csv_row(row_, record, columns_);
  file_.append(row_);
}

bool CsvFile::add(const ScannedRecord& record) {
  if (!columns_.read(record)) return false;
  if (file_.size() == 0) header_columns_ = columns_.size();
  is_stale_ = is_stale_ || columns_.size() != header_columns_;
  if (!is_stale_) append_row(record);
  return true;
}

Result<void> CsvFile::rewrite(const std::string& merged_path) {
  Result<AtomicFile> file = AtomicFile::create(file_.path(), staging_);
  if (!file) return tl::unexpected(file.error());
  file_ = std::move(*file);
  Result<MergedFile> merged = MergedFile::open(merged_path);
  if (!merged) return tl::unexpected(merged.error());
  while (const ScannedRecord* record = merged->next()) {
    columns_.read(*record);
    append_row(*record);
  }
  return merged->finish();
}

Result<void> CsvFile::finish(const std::string& merged_path) {
  if (is_stale_)
    if (Result<void> rewritten = rewrite(merged_path); !rewritten) return rewritten;
  if (file_.size() == 0) {
    append_csv_header(row_, columns_);
    file_.append(row_);
  }
  return file_.commit();
}

}  // namespace sweepd
