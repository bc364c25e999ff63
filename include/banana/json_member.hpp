// Members of JSON objects, by name or by a path of names, as the kind that is asked for. What comes from outside may
// lack any of them or hold something else in its place: both read as absent.
#pragma once

#include <boost/json/value.hpp>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace banana {

// A value as the kind asked for; null, empty or none where there is no value or one of another kind.
inline const boost::json::object* if_object(const boost::json::value* value) {
    return value != nullptr ? value->if_object() : nullptr;
}

inline const boost::json::object* if_object(const std::optional<boost::json::value>& value) {
    return value ? value->if_object() : nullptr;
}

inline const boost::json::array* if_array(const boost::json::value* value) {
    return value != nullptr ? value->if_array() : nullptr;
}

inline const boost::json::string* if_string(const boost::json::value* value) {
    return value != nullptr ? value->if_string() : nullptr;
}

inline std::string_view text_or_empty(const boost::json::value* value) {
    const boost::json::string* text = if_string(value);
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

inline std::optional<bool> if_flag(const boost::json::value* value) {
    return value != nullptr && value->is_bool() ? std::optional(value->get_bool()) : std::nullopt;
}

// Finite numbers only: JSON may write one that no double holds.
inline std::optional<double> if_number(const boost::json::value* value) {
    const double number = value != nullptr && value->is_number() ? value->to_number<double>() : NAN;
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

inline const boost::json::value* find_member(const boost::json::object& object, std::string_view name) {
    return object.if_contains(name);
}

inline boost::json::value* find_member(boost::json::object& object, std::string_view name) {
    return object.if_contains(name);
}

inline const boost::json::value* find_member(const boost::json::object& object,
                                             std::initializer_list<std::string_view> path) {
    const boost::json::object* level = &object;
    const boost::json::value* found = nullptr;
    for (const std::string_view name : path) {
        found = level != nullptr ? find_member(*level, name) : nullptr;
        level = if_object(found);
    }
    return found;
}

inline const boost::json::object* object_member(const boost::json::object& object, std::string_view name) {
    return if_object(find_member(object, name));
}

inline const boost::json::array* array_member(const boost::json::object& object, std::string_view name) {
    return if_array(find_member(object, name));
}

inline const boost::json::string* string_member(const boost::json::object& object, std::string_view name) {
    return if_string(find_member(object, name));
}

inline std::string_view text_member(const boost::json::object& object, std::string_view name) {
    return text_or_empty(find_member(object, name));
}

inline std::optional<bool> flag_member(const boost::json::object& object, std::string_view name) {
    return if_flag(find_member(object, name));
}

inline std::optional<double> number_member(const boost::json::object& object, std::string_view name) {
    return if_number(find_member(object, name));
}

}  // namespace banana
