// The small JSON files of a sweep directory: read with bounds, since anybody may have written them, and
// written so that they are JSON whatever bytes paths and names are made of.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

/// None for what is no JSON, or is nested deeper than any file of ours.
std::optional<nlohmann::ordered_json> parse_small_json(std::string_view text);

/// What is no UTF-8 in a string becomes U+FFFD.
std::string small_json_text(const nlohmann::ordered_json& json, int indent = -1);

/// Reads the members of an object that are of the expected type and size. Remembers whether all were.
class JsonFields {
 public:
  /// Of a longer text.
  static constexpr size_t most_text = size_t{1} << 20;

  /// `json` outlives this; it may be anything.
  explicit JsonFields(const nlohmann::ordered_json& json) : json_(json), are_fine_(json.is_object()) {}

  bool are_fine() const { return are_fine_; }
  bool has(const char* key) const { return json_.is_object() && json_.contains(key); }
  /// A member that has to be there.
  void want(const char* key) { are_fine_ = are_fine_ && has(key); }
  void refuse() { are_fine_ = false; }

  // What is not there leaves `into` as it is.
  void read(const char* key, std::string& into);
  void read(const char* key, bool& into);
  void read(const char* key, uint64_t& into);
  void read(const char* key, uint32_t& into);
  void read(const char* key, double& into);
  void read(const char* key, std::vector<std::string>& into);

 private:
  /// None, too, for null.
  const nlohmann::ordered_json* find(const char* key) const;

  const nlohmann::ordered_json& json_;
  bool are_fine_;
};

}  // namespace sweepd
