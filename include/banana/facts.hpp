// What each check states beside its findings, typed once: a check fills the struct, `to_json` writes it under the
// members' own names, and `read` takes it back from a report, which something else may have written. Names that scripts
// rely on are those of the project's interface; a member that was added stays.
//
// A plain or optional member is left out where it is unset; an OrNull is null then.
#pragma once

#include "banana/json_member.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/array.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace banana::facts {

using Texts = std::vector<std::string>;

template <typename T>
struct OrNull : std::optional<T> {
    using std::optional<T>::optional;
    OrNull(std::optional<T> fact) : std::optional<T>(std::move(fact)) {}
};

inline OrNull<std::string> text_or_null(std::string text) {
    return text.empty() ? OrNull<std::string>() : OrNull<std::string>(std::move(text));
}

// install.plugin, where no plugin was found in a ComfyUI.
struct Place {
    std::optional<std::string> comfyui_dir;
    std::optional<std::string> found_by;
};
BOOST_DESCRIBE_STRUCT(Place, (), (comfyui_dir, found_by))

// install.plugin. What is read of the plugin's source: null where there is none to read.
struct Install {
    OrNull<std::string> comfyui_dir;
    std::string found_by;
    std::string plugin_dir;
    std::string folder_name;
    std::string family;
    OrNull<std::string> version;
    bool compiled = false;
    std::string system;
    OrNull<std::string> default_base_url;
    OrNull<bool> knows_sample_spellings;
    OrNull<Texts> route_parameters;
    Texts missing;
    std::optional<Texts> route_files;
    Texts shadowed;
    boost::json::object landmarks;  // by name: {file, line, text}
    Texts copies;
};
BOOST_DESCRIBE_STRUCT(Install, (),
                      (comfyui_dir, found_by, plugin_dir, folder_name, family, version, compiled, system,
                       default_base_url, knows_sample_spellings, route_parameters, missing, route_files, shadowed,
                       landmarks, copies))

// config.key: `api_key` of the parser, before any strip.
struct ApiKey {
    bool present = false;
    OrNull<std::size_t> length;  // code points
    OrNull<std::string> sha256_8;
};
BOOST_DESCRIBE_STRUCT(ApiKey, (), (present, length, sha256_8))

struct TestMode {
    std::string file, variable;
};
BOOST_DESCRIBE_STRUCT(TestMode, (), (file, variable))

struct Config {
    std::string file;
    OrNull<std::string> python_error;
    OrNull<int> error_line;
    ApiKey api_key;
    boost::json::object options;  // by name, as read; null where absent
    std::optional<TestMode> test_mode;
};
BOOST_DESCRIBE_STRUCT(Config, (), (file, python_error, error_line, api_key, options, test_mode))

// upstream.api. Milliseconds; null where a phase was not reached or not needed.
struct Phases {
    OrNull<double> dns, tcp, proxy, tls, first_byte, total;
};
BOOST_DESCRIBE_STRUCT(Phases, (), (dns, tcp, proxy, tls, first_byte, total))

struct Address {
    std::string address;
    std::uint16_t port = 0;
    bool ipv6 = false;
    std::string outcome;
    double ms = 0;
};
BOOST_DESCRIBE_STRUCT(Address, (), (address, port, ipv6, outcome, ms))

struct Tls {
    OrNull<std::string> version, cipher, subject, issuer;
    OrNull<Texts> names;
    OrNull<std::string> not_before, not_after;
    OrNull<std::int64_t> days_left;
    bool verified = false;
    std::size_t chain = 0;
};
BOOST_DESCRIBE_STRUCT(Tls, (),
                      (version, cipher, subject, issuer, names, not_before, not_after, days_left, verified, chain))

struct Proxies {
    std::string source;
    OrNull<std::string> https, variable;
    std::string environment;
    std::optional<std::string> bypass;
};
BOOST_DESCRIBE_STRUCT(Proxies, (), (source, https, variable, environment, bypass))

struct RedirectSeen {
    int status = 0;
    std::string from, to;
};
BOOST_DESCRIBE_STRUCT(RedirectSeen, (), (status, from, to))

struct KeyAnswer {
    std::string key_source;
    OrNull<int> http_status;
    boost::json::value balance;
};
BOOST_DESCRIBE_STRUCT(KeyAnswer, (), (key_source, http_status, balance))

struct Upstream {
    OrNull<std::string> url;
    OrNull<int> http_status;
    OrNull<std::vector<Address>> addresses;
    OrNull<Phases> phases_ms;
    OrNull<Tls> tls;
    OrNull<std::string> via_proxy;
    int queries = 0;             // that count against the service's limit
    boost::json::value balance;  // of the key under test
    std::optional<Proxies> proxies;
    std::optional<std::string> trust;
    std::optional<std::string> peer_address, address_kind;
    std::optional<int> connect_retries;
    std::optional<std::vector<RedirectSeen>> redirects;
    std::optional<std::int64_t> clock_difference_seconds;
    std::optional<std::string> direct_way, proxied_way;
    std::optional<bool> key_tried;
    std::optional<bool> host_known;                // false: nobody could say which host the button asks
    std::optional<std::string> plugin_asks;        // where --base-url names another address than the plugin asks
    std::optional<Texts> accepted_keys;            // their sources
    std::optional<std::vector<KeyAnswer>> by_key;  // where several were tried
};
BOOST_DESCRIBE_STRUCT(Upstream, (),
                      (url, http_status, addresses, phases_ms, tls, via_proxy, queries, balance, proxies, trust,
                       peer_address, address_kind, connect_retries, redirects, clock_difference_seconds, direct_way,
                       proxied_way, key_tried, host_known, plugin_asks, accepted_keys, by_key))

// local.server
struct Server {
    std::optional<std::int64_t> waited_ms;
    std::string url;
    std::optional<std::string> version, python_version, os;
    std::optional<Texts> argv, custom_nodes_dirs;
    std::optional<bool> is_examined_install;
    std::optional<int> pid;
    std::optional<bool> process_environment_known;
    std::optional<double> answered_ms;
    std::optional<boost::json::object> node;  // {class, display_name, lines, default_line}
};
BOOST_DESCRIBE_STRUCT(Server, (),
                      (waited_ms, url, version, python_version, os, argv, custom_nodes_dirs, is_examined_install, pid,
                       process_environment_known, answered_ms, node))

// route.registration
struct Route {
    bool with_api_prefix = false, without_api_prefix = false;
    int status_with_api = 0, status_without_api = 0;
    bool appeared_late = false;
    std::optional<std::string> node_loaded, node_folder, extension_served;
    std::optional<std::string> page_asks;  // what the page asks instead of the route of the known releases
};
BOOST_DESCRIBE_STRUCT(Route, (),
                      (with_api_prefix, without_api_prefix, status_with_api, status_without_api, appeared_late,
                       node_loaded, node_folder, extension_served, page_asks))

// frontend.extension
struct Script {
    std::optional<std::size_t> extensions;
    std::optional<std::string> path;
    std::optional<bool> same_as_on_disk;
    std::optional<std::string> called_path;
    std::optional<Texts> parameters;
    std::optional<int> line;
    std::optional<bool> sends_node_key;
};
BOOST_DESCRIBE_STRUCT(Script, (), (extensions, path, same_as_on_disk, called_path, parameters, line, sends_node_key))

// startup.log
struct LogNote {
    OrNull<int> line;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(LogNote, (), (line, text))

struct Log {
    std::string source;
    bool complete = false, start_seen = false, server_ready = false;
    int loader_titles = 0;
    OrNull<bool> node_file_loaded;
    OrNull<std::string> load_failure, failure_summary, config_error;
    std::vector<LogNote> lines;
};
BOOST_DESCRIBE_STRUCT(Log, (),
                      (source, complete, start_seen, server_ready, loader_titles, node_file_loaded, load_failure,
                       failure_summary, config_error, lines))

struct OldLog {
    std::string source;
    bool outdated = true;
};
BOOST_DESCRIBE_STRUCT(OldLog, (), (source, outdated))

// proxy.round-trip
struct Query {
    std::string url;
    bool page_path = false, key_sent = false, key_withheld = false;
    std::optional<std::string> line;
    std::optional<bool> host_known;      // false: not asked, since nobody could say which line the button asks
    std::optional<bool> insecure;        // true: not asked, since the key would travel in the clear
    std::optional<bool> config_written;  // it made the plugin write the config.ini that was missing
    std::optional<double> answered_ms;
    std::optional<int> http_status;
    std::optional<bool> success;
    std::optional<boost::json::object> balance;
    std::optional<Texts> summary_lines;
    std::optional<bool> cached, stale;
    std::optional<double> cost_factor;
    std::optional<std::string> message;
    std::optional<int> upstream_queries;  // made by the plugin for this, where more than one
};
BOOST_DESCRIBE_STRUCT(Query, (),
                      (url, page_path, key_sent, key_withheld, line, host_known, insecure, config_written, answered_ms,
                       http_status, success, balance, summary_lines, cached, stale, cost_factor, message,
                       upstream_queries))

// deep.key-override
struct Override {
    std::string way;
    int upstream_queries = 0;
    bool key_used = false;
};
BOOST_DESCRIBE_STRUCT(Override, (), (way, upstream_queries, key_used))

// deep.key-destination
struct Destination {
    std::string listener;
    std::optional<int> requests;
    std::optional<std::string> held;
};
BOOST_DESCRIBE_STRUCT(Destination, (), (listener, requests, held))

namespace detail {

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool is_or_null = false;
template <typename T>
inline constexpr bool is_or_null<OrNull<T>> = true;
template <typename T>
inline constexpr bool is_list = false;
template <typename T>
inline constexpr bool is_list<std::vector<T>> = true;
template <typename T>
inline constexpr bool is_described = boost::describe::has_describe_members<T>::value;

template <typename T, typename Use>
void for_each_member(const Use& use) {
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(use);
}

}  // namespace detail

template <typename T>
boost::json::value value_of(const T& fact);

template <typename T>
boost::json::object to_json(const T& facts) {
    boost::json::object object;
    detail::for_each_member<T>([&](auto member) {
        const auto& fact = facts.*member.pointer;
        using Fact = std::remove_cvref_t<decltype(fact)>;
        if constexpr (detail::is_optional<Fact>) {
            if (fact) {
                object[member.name] = value_of(*fact);
            }
        } else {
            object[member.name] = value_of(fact);
        }
    });
    return object;
}

template <typename T>
boost::json::value value_of(const T& fact) {
    if constexpr (detail::is_or_null<T>) {
        return fact ? value_of(*fact) : boost::json::value();
    } else if constexpr (detail::is_list<T>) {
        boost::json::array list;
        for (const auto& each : fact) {
            list.push_back(value_of(each));
        }
        return list;
    } else if constexpr (detail::is_described<T>) {
        return to_json(fact);
    } else {
        return boost::json::value(fact);
    }
}

// Whether the value is of the fact's kind; the fact stays as it was where it is not.
template <typename T>
bool read_value(const boost::json::value& value, T& fact);

template <typename T>
T read(const boost::json::object& object) {
    T facts;
    detail::for_each_member<T>([&](auto member) {
        if (const boost::json::value* value = find_member(object, member.name)) {
            read_value(*value, facts.*member.pointer);
        }
    });
    return facts;
}

template <typename T>
bool read_value(const boost::json::value& value, T& fact) {
    if constexpr (detail::is_or_null<T> || detail::is_optional<T>) {
        typename T::value_type inner{};
        if (!read_value(value, inner)) {
            return false;
        }
        fact.emplace(std::move(inner));
        return true;
    } else if constexpr (detail::is_list<T>) {
        const boost::json::array* list = value.if_array();
        for (std::size_t index = 0; list != nullptr && index < list->size(); ++index) {
            typename T::value_type inner{};
            if (read_value((*list)[index], inner)) {
                fact.push_back(std::move(inner));
            }
        }
        return list != nullptr;
    } else if constexpr (detail::is_described<T>) {
        const boost::json::object* object = value.if_object();
        fact = object != nullptr ? read<T>(*object) : std::move(fact);
        return object != nullptr;
    } else if constexpr (std::is_same_v<T, bool>) {
        fact = value.is_bool() ? value.get_bool() : fact;
        return value.is_bool();
    } else if constexpr (std::is_arithmetic_v<T>) {
        boost::system::error_code error = boost::json::error::not_number;
        const T number = value.is_number() ? value.to_number<T>(error) : T{};
        fact = error ? fact : number;
        return !error;
    } else if constexpr (std::is_same_v<T, std::string>) {
        const boost::json::string* text = value.if_string();
        fact = text != nullptr ? std::string(std::string_view(*text)) : std::move(fact);
        return text != nullptr;
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        fact = value.is_object() ? value.get_object() : std::move(fact);
        return value.is_object();
    } else {
        fact = value;
        return true;
    }
}

}  // namespace banana::facts
