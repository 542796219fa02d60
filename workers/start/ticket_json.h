// The one codec of what processes of a run are told: nlohmann's, by the names of the members. All of them are
// the same program, so every member has to be there.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "workers/start/tickets.h"

namespace nlohmann {

/// None is null.
template <typename T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& json, const std::optional<T>& value) {
    if (value) json = *value;
  }
  static void from_json(const json& json, std::optional<T>& value) {
    if (!json.is_null()) value = json.get<T>();
  }
};

}  // namespace nlohmann

namespace sweepd {

inline void to_json(nlohmann::json& json, const CpuSet& cpus) { json = cpus.text(); }
inline void from_json(const nlohmann::json& json, CpuSet& cpus) {
  const auto text = json.get<std::string>();
  auto parsed = text.empty() ? Result<CpuSet>(CpuSet{}) : CpuSet::parse(text);
  if (!parsed) throw nlohmann::json::other_error::create(501, parsed.error().message, &json);
  cpus = std::move(*parsed);
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorkerId, number)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorkerShare, cpus, nodes, cores, bound, gang_cores, memory_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorkerContext, worker, share, cores_elsewhere)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Post, context, slot)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SweepTicket, directory, staging, file, fingerprint, code)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InheritedSignals, ignored, blocked)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorkerTicket, sweep, post, workers, signals)

/// Fails on what is none.
template <typename T>
Result<T> parse_cbor(std::string_view bytes) {
  try {
    return nlohmann::json::from_cbor(bytes).get<T>();
  } catch (const nlohmann::json::exception& error) {
    return failure(std::string("what this process was told cannot be read (") + error.what() + ")");
  }
}

template <typename T>
std::string cbor_of(const T& value) {
  std::string bytes;
  nlohmann::json::to_cbor(nlohmann::json(value), bytes);
  return bytes;
}

}  // namespace sweepd
