// A parameter's value: a scalar of YAML 1.2's core schema in 16 bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace sweepd {

enum class ValueType : uint8_t { null, boolean, integer, real, string };

/// Trivially copyable. A string's bytes are not owned: they live as long as the ParameterSpace
/// they came from.
class Value {
 public:
  constexpr Value() : integer_(0) {}
  static constexpr Value null() { return Value(); }
  static constexpr Value of(bool value) { return Value(ValueType::boolean, int64_t{value}); }
  static constexpr Value of(int64_t value) { return Value(ValueType::integer, value); }
  static constexpr Value of(double value) { return Value(value); }
  static constexpr Value of(std::string_view value) { return Value(value); }

  constexpr ValueType type() const { return type_; }
  constexpr bool boolean() const { return integer_ != 0; }
  constexpr int64_t integer() const { return integer_; }
  constexpr double real() const { return real_; }
  constexpr std::string_view string() const { return {string_, length_}; }
  constexpr bool is_number() const { return type_ == ValueType::integer || type_ == ValueType::real; }
  /// The number as a double; 0 for what is not a number.
  constexpr double number() const {
    return type_ == ValueType::real      ? real_
           : type_ == ValueType::integer ? static_cast<double>(integer_)
                                         : 0.0;
  }

  /// Equal type and equal text: 1 and 1.0 differ, 0.0 and -0.0 differ, a NaN equals a NaN.
  friend constexpr bool operator==(const Value& a, const Value& b) {
    if (a.type_ != b.type_) return false;
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
        return a.string() == b.string();
    }
    return false;
  }

 private:
  constexpr Value(ValueType type, int64_t value) : integer_(value), type_(type) {}
  constexpr explicit Value(double value) : real_(value), type_(ValueType::real) {}
  constexpr explicit Value(std::string_view value)
      : string_(value.data()), length_(static_cast<uint32_t>(value.size())), type_(ValueType::string) {}

  union {
    int64_t integer_;
    double real_;
    const char* string_;
  };
  uint32_t length_ = 0;
  ValueType type_ = ValueType::null;
};

static_assert(sizeof(Value) == 16);

}  // namespace sweepd
