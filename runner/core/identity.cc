#include "runner/core/identity.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runner/core/json.h"
#include "runner/core/xxh3.h"

namespace sweepd {
namespace {

/// Not-a-number and infinities have no JSON text of their own: their usual one is also a string's.
bool is_nonfinite(const Value& value) {
  return value.type() == ValueType::real && !std::isfinite(value.real());
}

bool is_canonical(const Point& point) {
  for (size_t i = 0; i < point.size(); ++i) {
    if (i > 0 && point[i].name < point[i - 1].name) return false;
    if (is_nonfinite(point[i].value) || point[i].value.is_spelled()) return false;
  }
  return true;
}

void append_canonical(std::string& out, const Point& sorted) {
  out += '{';
  for (const Parameter& parameter : sorted) {
    if (&parameter != sorted.data()) out += ',';
    append_json(out, parameter.name);
    out += ':';
    if (is_nonfinite(parameter.value))
      append_text(out, parameter.value.without_spelling());
    else
      append_json(out, parameter.value);
    if (!parameter.value.is_spelled()) continue;
    out += '=';
    append_json(out, parameter.value.spelling());
  }
  out += '}';
}

}  // namespace

Identity::Identity(std::string_view task_identity, uint64_t sweep_seed)
    : task_hash_(xxh3(task_identity)), sweep_seed_(sweep_seed) {}

PointId Identity::id(const Point& point, std::string_view params_json, uint64_t replicate) {
  scratch_.clear();
  if (is_canonical(point)) {
    scratch_.append(params_json);
  } else {
    sorted_ = point;
    std::sort(sorted_.begin(), sorted_.end(),
              [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
    append_canonical(scratch_, sorted_);
  }
  char number[24] = {'#'};
  const char* end = std::to_chars(number + 1, number + sizeof number, replicate).ptr;
  scratch_.append(number, static_cast<size_t>(end - number));
  const XXH128_hash_t hash = XXH3_128bits_withSeed(scratch_.data(), scratch_.size(), task_hash_);
  PointId id;
  write_hex(hash.high64, id.data());
  write_hex(hash.low64, id.data() + 16, 4);
  return id;
}

uint64_t Identity::seed(const PointId& id) const { return xxh3(text_of(id), sweep_seed_); }

}  // namespace sweepd
