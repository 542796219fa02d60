// A parameter's value: a scalar of YAML 1.2's core schema, or the JSON text of a list or mapping, in 16
// bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace sweepd {

/// `json`: a list or a mapping, as its canonical JSON text (configs/nested_value.h).
enum class ValueType : uint8_t { null, boolean, integer, real, string, json };

/// Trivially copyable. A text's bytes are not owned: they live as long as the ParameterSpace
/// they came from. A null, boolean or number may have a spelling: what the user wrote where that is not
/// how sweepd would write it, such as 1.10 or 007. Programs are given it; results and kernels are not.
class Value {
 public:
  constexpr Value() : integer_(0) {}
  static constexpr Value null() { return Value(); }
  static constexpr Value of(bool value) { return Value(ValueType::boolean, int64_t{value}); }
  static constexpr Value of(int64_t value) { return Value(ValueType::integer, value); }
  static constexpr Value of(double value) { return Value(value); }
  static constexpr Value of(std::string_view value) { return Value(ValueType::string, value); }
  static constexpr Value json(std::string_view text) { return Value(ValueType::json, text); }

  /// The bytes that spelled() wants in front of a spelling.
  static constexpr size_t spelled_head = sizeof(int64_t);
  /// Writes those of a value without a spelling.
  void write_head(char* out) const { std::memcpy(out, &integer_, spelled_head); }
  /// `typed` with a spelling, in front of which its head stands.
  static Value spelled(const Value& typed, std::string_view spelling) {
    Value value(typed.type_, spelling);
    value.is_spelled_ = true;
    return value;
  }

  constexpr ValueType type() const { return type_; }
  constexpr bool boolean() const { return integer() != 0; }
  constexpr int64_t integer() const { return is_spelled_ ? head<int64_t>() : integer_; }
  constexpr double real() const { return is_spelled_ ? head<double>() : real_; }
  constexpr std::string_view string() const { return {text_, length_}; }
  /// Of a list or a mapping.
  constexpr std::string_view json() const { return {text_, length_}; }
  constexpr bool has_text() const { return type_ >= ValueType::string; }
  constexpr bool is_number() const { return type_ == ValueType::integer || type_ == ValueType::real; }
  /// The number as a double; 0 for what is not a number.
  constexpr double number() const {
    return type_ == ValueType::real      ? real()
           : type_ == ValueType::integer ? static_cast<double>(integer())
                                         : 0.0;
  }

  constexpr bool is_spelled() const { return is_spelled_; }
  constexpr std::string_view spelling() const { return {text_, length_}; }
  Value without_spelling() const {
    Value plain = *this;
    if (!is_spelled_) return plain;
    plain.integer_ = head<int64_t>();
    plain.length_ = 0;
    plain.is_spelled_ = false;
    return plain;
  }

  /// Equal type and equal text: 1, 1.0 and 01 differ, 0.0 and -0.0 differ, a NaN equals a NaN.
  friend constexpr bool operator==(const Value& a, const Value& b) {
    if (a.type_ != b.type_ || a.is_spelled_ != b.is_spelled_) return false;
    if (a.is_spelled_) return a.spelling() == b.spelling();
    switch (a.type_) {
      case ValueType::null:
        return true;
      case ValueType::boolean:
      case ValueType::integer:
        return a.integer_ == b.integer_;
      case ValueType::real:
        return std::bit_cast<uint64_t>(a.real_) == std::bit_cast<uint64_t>(b.real_) ||
               (a.real_ != a.real_ && b.real_ != b.real_);
      case ValueType::string:
      case ValueType::json:
        return a.string() == b.string();
    }
    return false;
  }

 private:
  constexpr Value(ValueType type, int64_t value) : integer_(value), type_(type) {}
  constexpr explicit Value(double value) : real_(value), type_(ValueType::real) {}
  constexpr Value(ValueType type, std::string_view text)
      : text_(text.data()), length_(static_cast<uint32_t>(text.size())), type_(type) {}

  template <typename Number>
  constexpr Number head() const {
    Number number{};
    std::memcpy(&number, text_ - spelled_head, spelled_head);
    return number;
  }

  union {
    int64_t integer_;
    double real_;
    const char* text_;
  };
  uint32_t length_ = 0;
  ValueType type_ = ValueType::null;
  bool is_spelled_ = false;
};

static_assert(sizeof(Value) == 16);

/// A value as it is read, before anything keeps its spelling.
struct Written {
  Written(const Value& read) : value(read) {}  // NOLINT(google-explicit-constructor): most have no spelling
  Written(const Value& read, std::string_view text) : value(read), spelling(text) {}

  Value value;
  std::optional<std::string_view> spelling;  ///< none: sweepd's own
};

}  // namespace sweepd
