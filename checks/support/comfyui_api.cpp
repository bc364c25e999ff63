#include "comfyui_api.hpp"

#include "banana/bounds.hpp"
#include "banana/json_member.hpp"
#include "banana/percent_encoding.hpp"
#include "comfyui_process.hpp"
#include "gateway_page.hpp"
#include "http_client.hpp"
#include "process_view.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>

namespace banana {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view body) {
    json::error_code error;
    json::value value = json::parse(json::string_view(body.data(), body.size()), error);
    return error ? std::nullopt : std::optional(std::move(value));
}

std::string displayable_member(const json::object& object, std::string_view name) {
    return sanitize(text_member(object, name), Lines::single, bounds::kComfyuiFactTextBytes);
}

std::vector<std::string> texts_of(const json::array* list) {
    std::vector<std::string> texts;
    if (list == nullptr) {
        return texts;
    }
    for (const json::value& entry : *list) {
        if (entry.is_string() && texts.size() < bounds::kComfyuiListEntries) {
            texts.push_back(sanitize(std::string_view(entry.get_string()), Lines::single, bounds::kComfyuiPathBytes));
        }
    }
    return texts;
}

// The server that /system_stats describes; none where it is no answer of ComfyUI's.
std::optional<Server> read_system_stats(std::string_view body) {
    const std::optional<json::value> value = parse_json(body);
    const json::object* stats = if_object(value);
    const json::object* system = stats != nullptr ? object_member(*stats, "system") : nullptr;
    if (system == nullptr || array_member(*stats, "devices") == nullptr) {
        return std::nullopt;
    }
    Server server;
    server.version = displayable_member(*system, "comfyui_version");
    server.python_version = displayable_member(*system, "python_version");
    server.os = displayable_member(*system, "os");
    server.embedded_python = flag_member(*system, "embedded_python").value_or(false);
    server.argv = texts_of(array_member(*system, "argv"));
    return server;
}

// /queue of ComfyUI: the second witness where /system_stats fails, as with a lost graphics device.
bool is_queue(std::string_view body) {
    const std::optional<json::value> value = parse_json(body);
    const json::object* queue = if_object(value);
    return queue != nullptr && queue->contains("queue_running") && queue->contains("queue_pending");
}

bool is_time_out(NetworkFailure failure) {
    return failure == NetworkFailure::timed_out;
}

bool ran_into_time_out(NetworkFailure failure) {
    return is_time_out(failure) || failure == NetworkFailure::connect_timeout ||
           failure == NetworkFailure::name_timeout;
}

// Nothing listens, as far as this machine can tell.
bool is_down(NetworkFailure failure) {
    switch (failure) {
        case NetworkFailure::invalid_url:
        case NetworkFailure::name_not_found:
        case NetworkFailure::name_temporary:
        case NetworkFailure::name_timeout:
        case NetworkFailure::refused:
        case NetworkFailure::unreachable:
        case NetworkFailure::connect_timeout: return true;
        default: return false;
    }
}

// A TLS server closes on plain HTTP without a byte, resets, or sends an alert that is no HTTP.
bool may_speak_tls(const Exchange& exchange) {
    if (exchange.response && exchange.response->status == 400) {
        return contains_ignoring_case(exchange.response->body, "https");
    }
    return !exchange.response && exchange.error &&
           (exchange.error->failure == NetworkFailure::closed || exchange.error->failure == NetworkFailure::reset ||
            exchange.error->failure == NetworkFailure::malformed_response);
}

bool redirects_to_https(const Exchange& exchange, const WebUrl& asked) {
    if (!exchange.response || exchange.response->status < 300 || exchange.response->status >= 400) {
        return false;
    }
    const std::optional<WebUrl> target = resolve_location(asked, exchange.response->header("Location"));
    return target && !asked.secure() && target->secure() && target->host == asked.host;
}

ServerKind kind_of_answer(const HttpResponse& response) {
    const int status = response.status;
    if (is_login_page(response) || status == 401 || status == 403 || (status >= 300 && status < 400)) {
        return ServerKind::access_denied;
    }
    // A reverse proxy whose ComfyUI does not run.
    return status == 502 || status == 503 || status == 504 ? ServerKind::down : ServerKind::other;
}

ServerKind kind_of_error(const NetworkError& error, bool asked_secure) {
    if (is_down(error.failure)) {
        return ServerKind::down;
    }
    // A plain server answers a TLS greeting with HTTP/1.0 400 or by closing.
    if (asked_secure && error.phase == Phase::tls && !is_time_out(error.failure)) {
        return ServerKind::speaks_http;
    }
    return is_time_out(error.failure) ? ServerKind::unresponsive : ServerKind::other;
}

// Where the user's headers may go: the address that the user named; without one, where ComfyUI's own process listens.
bool takes_headers(const RunContext& context, const WebUrl& url) {
    if (context.comfyui_headers.empty()) {
        return false;
    }
    if (context.options.comfyui_url.empty()) {
        return context.headers_allowed_at.contains(url.host_and_port());
    }
    const std::optional<WebUrl> named = parse_web_url(candidate_urls(context).front());
    return named && named->host == url.host && named->port == url.port;
}

asio::awaitable<Exchange> get_text(RunContext& context, std::string url, std::function<void()> meanwhile = nullptr) {
    Exchange exchange =
        co_await local_get(context, std::move(url), context.options.timeout, Asked::freely, std::move(meanwhile));
    co_return exchange;
}

// The body of a complete 200 answer.
std::optional<std::string> usable_body(Exchange exchange) {
    if (!exchange.ok() || exchange.response->status != 200 || !exchange.response->body_complete) {
        return std::nullopt;
    }
    return std::move(exchange.response->body);
}

// Before a server that broke off is asked again.
constexpr std::array<std::chrono::milliseconds, 3> kPauses{
    {std::chrono::milliseconds(100), std::chrono::milliseconds(300), std::chrono::milliseconds(900)}};

bool broke_off(const Exchange& exchange) {
    return exchange.error &&
           (exchange.error->failure == NetworkFailure::closed || exchange.error->failure == NetworkFailure::reset);
}

// A process that runs ComfyUI's main file listens at this address of this machine's. What its answer looks like proves
// nothing: any program can answer like that, and another user's ComfyUI does.
bool is_proved_comfyui(const RunContext& context, const WebUrl& url) {
    if (!is_loopback_host(url.host)) {
        return false;
    }
    if (!context.surroundings.search_machine) {
        return true;  // an embedded world, whose servers are its own
    }
    const std::optional<int> process = listening_process(context, url.port);
    return process && runs_comfyui(*process);
}

asio::awaitable<bool> handshake_succeeds(RunContext& context, std::string base_url) {
    const Exchange exchange = co_await get_text(context, "https" + base_url.substr(4) + "/system_stats");
    co_return exchange.response.has_value();
}

// Whose environment decides about the plugin's proxies, trust and .netrc.
void describe_process(const RunContext& context, const WebUrl& url, Server& server) {
    if (!is_loopback_host(url.host)) {
        return;
    }
    if (!context.surroundings.search_machine) {
        server.process_environment = context.surroundings.environment;
        return;
    }
    server.pid = comfyui_process(context, {url.port},
                                 context.found.install ? context.found.install->comfyui_dir : std::filesystem::path());
    if (server.pid) {
        server.process_environment = process_environment(*server.pid);
    }
}

asio::awaitable<void> complete_server(RunContext& context, const WebUrl& url, Identification& found) {
    found.kind = ServerKind::comfyui;
    found.server->base_url = found.base_url;
    // A look at the processes takes as long as the answer does.
    bool is_described = false;
    const std::function<void()> describe = [&] {
        describe_process(context, url, *found.server);
        is_described = true;
    };
    std::optional<std::vector<std::string>> folders = co_await custom_nodes_folders(context, found.base_url, describe);
    if (!is_described) {
        describe();
    }
    if (folders) {
        found.server->custom_nodes_dirs = std::move(*folders);
    }
}

template <typename Result>
struct Group {
    explicit Group(const asio::any_io_executor& executor, std::size_t count)
        : results(count), signals(count), remaining(count), all_ended(executor) {
        all_ended.expires_at(asio::steady_timer::time_point::max());
    }
    std::vector<Result> results;
    std::deque<asio::cancellation_signal> signals;
    std::exception_ptr failure;  // the first
    std::size_t remaining;
    asio::steady_timer all_ended;
};

template <typename Result>
void start_in(const std::shared_ptr<Group<Result>>& all, const asio::any_io_executor& executor, std::size_t index,
              asio::awaitable<Result> task) {
    auto on_end = [all, index](std::exception_ptr failure, Result result) {
        if (!failure) {
            all->results[index] = std::move(result);
        } else if (!all->failure) {
            all->failure = failure;
        }
        if (--all->remaining == 0) {
            all->all_ended.cancel();
        }
    };
    asio::co_spawn(executor, std::move(task),
                   asio::bind_cancellation_slot(all->signals[index].slot(), std::move(on_end)));
}

template <typename Result>
asio::awaitable<void> end_of(std::shared_ptr<Group<Result>> all) {
    if (all->remaining > 0) {
        boost::system::error_code ignored;
        co_await all->all_ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (all->remaining > 0) {
        // Cancelled from outside: what was started here ends with it.
        for (asio::cancellation_signal& signal : all->signals) {
            signal.emit(asio::cancellation_type::terminal);
        }
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

}  // namespace

std::vector<std::string> candidate_urls(const RunContext& context) {
    if (!context.options.comfyui_url.empty()) {
        std::string given = context.options.comfyui_url;
        const bool is_port = given.size() <= 5 && given.find_first_not_of("0123456789") == std::string::npos;
        given = is_port ? "127.0.0.1:" + given : given;
        const std::optional<WebUrl> url =
            parse_web_url(given.find("://") == std::string::npos ? "http://" + given : given);
        // As parsed: a user name and password in it are for nobody's eyes, and what a browser's address bar shows
        // behind a question mark is none of the base.
        const std::string text = url ? url->text() : given;
        const std::string base = without_trailing_slash(text.substr(0, text.find('?')));
        constexpr std::string_view kApi = "/api";
        if (base.ends_with(kApi)) {
            return {without_trailing_slash(base.substr(0, base.size() - kApi.size())), base};
        }
        return {base};
    }
    std::vector<std::string> urls;
    for (const std::uint16_t port : context.surroundings.usual_ports) {
        for (const std::string_view host : {std::string_view("127.0.0.1"), std::string_view("[::1]")}) {
            urls.push_back("http://" + std::string(host) + ":" + std::to_string(port));
        }
    }
    return urls;
}

asio::awaitable<Exchange> local_get(RunContext& context, std::string url, std::chrono::milliseconds timeout,
                                    Asked asked, std::function<void()> meanwhile) {
    HttpRequest request;
    request.url = std::move(url);
    ExchangeOptions options;
    options.timeout = timeout;
    options.trust.store = Trust::Store::unverified;
    options.follow_redirects = false;
    options.keep_connection = asked == Asked::freely;
    options.meanwhile = std::move(meanwhile);
    const std::optional<WebUrl> target = parse_web_url(request.url);
    if (target && takes_headers(context, *target)) {
        request.secret_headers = &context.comfyui_headers;
        const bool elsewhere = target->secure() && !is_loopback_host(target->host);
        if (elsewhere) {
            // Another machine has to prove that it is the one that was named.
            ExchangeOptions verified = options;
            verified.trust.store = context.options.ca_file ? Trust::Store::bundle : Trust::Store::system;
            verified.trust.bundle = context.options.ca_file.value_or(std::filesystem::path());
            Exchange exchange = co_await context.http.exchange(request, std::move(verified));
            const bool unproved = !exchange.response && exchange.error && exchange.error->phase == Phase::tls &&
                                  exchange.error->failure != NetworkFailure::timed_out;
            if (!unproved) {
                co_return exchange;
            }
            context.headers_unproved_at.insert(target->host_and_port());
            request.secret_headers = nullptr;
        }
    }
    Exchange exchange = co_await context.http.exchange(request, std::move(options));
    co_return exchange;
}

asio::awaitable<Identification> examine_server(RunContext& context, std::string base_url) {
    Identification found;
    found.base_url = without_trailing_slash(std::move(base_url));
    const std::optional<WebUrl> url = parse_web_url(found.base_url);
    const auto silent = context.silent_servers.find(found.base_url);
    // Who waits for ComfyUI to appear asks again.
    if (silent != context.silent_servers.end() && context.options.wait.count() == 0) {
        found.exchange = silent->second;
        found.kind = kind_of_error(*found.exchange.error, url && url->secure());
        co_return found;
    }
    found.exchange = co_await get_text(context, found.base_url + "/system_stats");
    if (!url) {
        co_return found;
    }
    const bool may_be_tls = !url->secure() && may_speak_tls(found.exchange);
    if (redirects_to_https(found.exchange, *url)) {
        found.kind = ServerKind::speaks_https;
        co_return found;
    }
    if (may_be_tls) {
        const bool speaks_tls = co_await handshake_succeeds(context, found.base_url);
        if (speaks_tls) {
            found.kind = ServerKind::speaks_https;
            co_return found;
        }
    }
    // A ComfyUI that ended while it was asked does not listen any more, once the system has put it away; another
    // program does the same again.
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    for (std::size_t asked = 0; asked < kPauses.size() && broke_off(found.exchange); ++asked) {
        asio::steady_timer timer(executor, kPauses[asked]);
        co_await timer.async_wait(asio::use_awaitable);
        found.exchange = co_await get_text(context, found.base_url + "/system_stats");
    }
    if (!found.exchange.ok()) {
        found.kind = found.exchange.error ? kind_of_error(*found.exchange.error, url->secure()) : ServerKind::other;
        if (found.exchange.error && ran_into_time_out(found.exchange.error->failure)) {
            context.silent_servers.emplace(found.base_url, found.exchange);
        }
        co_return found;
    }
    const bool is_for_headers = !context.comfyui_headers.empty() && context.options.comfyui_url.empty() &&
                                !context.headers_allowed_at.contains(url->host_and_port()) &&
                                is_proved_comfyui(context, *url);
    if (is_for_headers) {
        context.headers_allowed_at.insert(url->host_and_port());
    }
    if (is_for_headers && kind_of_answer(*found.exchange.response) == ServerKind::access_denied) {
        Exchange second = co_await get_text(context, found.base_url + "/system_stats");
        if (second.ok()) {
            found.exchange = std::move(second);
        }
    }
    const HttpResponse& response = *found.exchange.response;
    found.server = response.status == 200 ? read_system_stats(response.body) : std::nullopt;
    const bool ask_again = !found.server && (response.status == 500 || response.status == 404);
    if (ask_again) {
        Exchange second = co_await get_text(context, found.base_url + "/queue");
        const std::optional<std::string> body = usable_body(std::move(second));
        if (body && is_queue(*body)) {
            found.server.emplace();
        }
    }
    if (!found.server) {
        found.kind = kind_of_answer(response);
        co_return found;
    }
    co_await complete_server(context, *url, found);
    co_return found;
}

asio::awaitable<std::vector<Exchange>> local_get_all(RunContext& context, std::vector<std::string> urls,
                                                     std::chrono::milliseconds timeout) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto all = std::make_shared<Group<Exchange>>(executor, urls.size());
    for (std::size_t index = 0; index < urls.size(); ++index) {
        start_in(all, executor, index, local_get(context, std::move(urls[index]), timeout));
    }
    co_await end_of(all);
    if (all->failure) {
        std::rethrow_exception(all->failure);
    }
    co_return std::move(all->results);
}

asio::awaitable<std::vector<Identification>> examine_servers(RunContext& context, std::vector<std::string> base_urls) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto all = std::make_shared<Group<Identification>>(executor, base_urls.size());
    for (std::size_t index = 0; index < base_urls.size(); ++index) {
        all->results[index].base_url = base_urls[index];
        start_in(all, executor, index, examine_server(context, base_urls[index]));
    }
    co_await end_of(all);
    // An address that could not be asked counts where no other is ComfyUI's.
    const bool answered = std::any_of(all->results.begin(), all->results.end(),
                                      [](const Identification& result) { return result.server.has_value(); });
    if (all->failure && !answered) {
        std::rethrow_exception(all->failure);
    }
    co_return std::move(all->results);
}

asio::awaitable<std::optional<std::vector<std::string>>> custom_nodes_folders(RunContext& context, std::string base_url,
                                                                              std::function<void()> meanwhile) {
    Exchange exchange = co_await get_text(context, base_url + "/internal/folder_paths", std::move(meanwhile));
    const std::optional<std::string> body = usable_body(std::move(exchange));
    const std::optional<json::value> value = body ? parse_json(*body) : std::nullopt;
    const json::object* folders = if_object(value);
    const json::value* nodes = folders != nullptr ? find_member(*folders, "custom_nodes") : nullptr;
    if (nodes == nullptr) {
        co_return std::nullopt;
    }
    co_return texts_of(if_array(nodes));
}

asio::awaitable<std::optional<json::object>> node_class(RunContext& context, std::string base_url, std::string name,
                                                        std::function<void()> meanwhile) {
    Exchange exchange =
        co_await get_text(context, base_url + "/object_info/" + percent_encode(name), std::move(meanwhile));
    const std::optional<std::string> body = usable_body(std::move(exchange));
    std::optional<json::value> value = body ? parse_json(*body) : std::nullopt;
    if (!value || !value->is_object()) {
        co_return std::nullopt;
    }
    json::value* description = find_member(value->get_object(), name);
    if (description == nullptr || !description->is_object()) {
        co_return json::object();
    }
    co_return std::move(description->get_object());
}

asio::awaitable<std::optional<std::vector<std::string>>> web_extensions(RunContext& context, std::string base_url) {
    Exchange exchange = co_await get_text(context, base_url + "/extensions");
    const std::optional<std::string> body = usable_body(std::move(exchange));
    const std::optional<json::value> value = body ? parse_json(*body) : std::nullopt;
    if (!value || !value->is_array()) {
        co_return std::nullopt;
    }
    std::vector<std::string> paths;
    for (const json::value& entry : value->get_array()) {
        const bool fits = entry.is_string() && entry.get_string().size() <= bounds::kComfyuiPathBytes &&
                          paths.size() < bounds::kComfyuiListEntries;
        if (fits) {
            paths.emplace_back(std::string_view(entry.get_string()));
        }
    }
    co_return paths;
}

asio::awaitable<std::optional<std::string>> log_ring(RunContext& context, std::string base_url) {
    Exchange exchange = co_await get_text(context, base_url + "/internal/logs/raw");
    const std::optional<std::string> body = usable_body(std::move(exchange));
    const std::optional<json::value> value = body ? parse_json(*body) : std::nullopt;
    const json::object* answer = if_object(value);
    const json::array* entries = answer != nullptr ? array_member(*answer, "entries") : nullptr;
    if (entries == nullptr) {
        co_return std::nullopt;
    }
    std::string log;
    for (const json::value& entry : *entries) {
        const json::object* write = entry.if_object();
        log += write != nullptr ? text_member(*write, "m") : std::string_view();
    }
    co_return log;
}

HeadersGiven headers_given_to(const RunContext& context, const std::string& base_url) {
    const std::optional<WebUrl> url = parse_web_url(base_url);
    if (!url || context.comfyui_headers.empty()) {
        return HeadersGiven::none;
    }
    if (!takes_headers(context, *url)) {
        return HeadersGiven::not_proved;
    }
    return context.headers_unproved_at.contains(url->host_and_port()) ? HeadersGiven::unverified : HeadersGiven::sent;
}

asio::awaitable<void> pause_for(std::chrono::milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace banana
