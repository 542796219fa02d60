#include "runner/core/space/digest.h"

#include <bit>

#include "runner/core/xxh3.h"

namespace sweepd {
namespace {

constexpr uint64_t spelled_types = 256;  // added to the type of what has a spelling

/// What tells values of one type apart, texts and spellings excepted; the same for every NaN.
uint64_t bits_of(const Value& value) {
  switch (value.type()) {
    case ValueType::boolean:
      return value.boolean();
    case ValueType::integer:
      return static_cast<uint64_t>(value.integer());
    case ValueType::real:
      return value.real() != value.real() ? 0x7ff8000000000000u : std::bit_cast<uint64_t>(value.real());
    default:
      return 0;
  }
}

}  // namespace

Digest& Digest::add(uint64_t number) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i) & 0xff);
  bytes_.append(bytes, sizeof bytes);
  fold();
  return *this;
}

Digest& Digest::add(std::string_view text) {
  add(uint64_t{text.size()});
  bytes_ += text;
  fold();
  return *this;
}

Digest& Digest::add(const Value& value) {
  add(static_cast<uint64_t>(value.type()) + (value.is_spelled() ? spelled_types : 0));
  if (value.is_spelled()) return add(value.spelling());
  if (value.has_text()) return add(value.string());
  return add(bits_of(value));
}

// Keeps the buffer small however much is added.
void Digest::fold() {
  constexpr size_t block = 4096;
  if (bytes_.size() < block) return;
  const uint64_t hash = xxh3(bytes_);
  bytes_.clear();
  add(hash);
}

uint64_t Digest::value() const { return xxh3(bytes_); }

uint64_t hash_of_name(std::string_view name) { return xxh3(name); }

uint64_t hash_of(const Value& value, uint64_t name_hash) {
  constexpr uint64_t golden = 0x9e3779b97f4a7c15u;
  const uint64_t key = name_hash + static_cast<uint64_t>(value.type()) * golden;
  if (value.is_spelled()) return xxh3(value.spelling(), key + spelled_types * golden);
  if (value.has_text()) return xxh3(value.string(), key);
  return mix64(mix64(bits_of(value) ^ key) + key);
}

uint64_t hash_of(const Point& point) {
  uint64_t sum = 0;
  for (const Parameter& parameter : point) sum += hash_of(parameter.value, hash_of_name(parameter.name));
  return sum;
}

}  // namespace sweepd
