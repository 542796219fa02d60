#include "configs/typed_value.h"

#include "configs/document.h"
#include "configs/scalars.h"
#include "runner/core/json.h"

namespace sweepd {

std::optional<std::string> json_of_typed(const std::string& text) {
  Complaints complaints("");
  const Document document = read_document(
      text, [](std::span<const std::string_view>) { return RowStream{}; }, complaints);
  if (!complaints.empty()) return std::nullopt;
  if (document.root == nullptr) return "null";
  std::string nested, json;
  const std::optional<Written> written = read_value(*document.root, "", nested, complaints);
  if (!written || !complaints.empty()) return std::nullopt;
  append_json(json, written->value);
  return json;
}

}  // namespace sweepd
