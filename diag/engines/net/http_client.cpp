#include "http_client.hpp"

#include "banana/bounds.hpp"
#include "connection.hpp"
#include "name_lookup.hpp"
#include "platform.hpp"
#include "proxy_handshake.hpp"
#include "proxy_settings.hpp"
#include "response_reader.hpp"
#include "text.hpp"
#include "tls_session.hpp"
#include "watchdog.hpp"
#include "web_url.hpp"

#include <openssl/crypto.h>
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <set>
#include <stdexcept>
#include <utility>

namespace banana {
namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kRetryDelay{150};

bool is_redirect(const HttpResponse& response) {
    const int status = response.status;
    const bool moves = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return moves && !response.header("Location").empty();
}

// Nothing of the request was sent, and another attempt may fare better.
bool is_worth_retrying(const NetworkError& error) {
    const bool transient = error.failure == NetworkFailure::refused || error.failure == NetworkFailure::reset ||
                           error.failure == NetworkFailure::unreachable || error.failure == NetworkFailure::closed ||
                           error.failure == NetworkFailure::name_temporary;
    return transient && (error.phase == Phase::name || error.phase == Phase::tcp || error.phase == Phase::tls);
}

bool holds_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// A caller's mistake, not the network's: a header that would become two.
void require_sendable(const HttpRequest& request) {
    bool sound = !holds_line_break(request.method) && !(request.bearer && holds_line_break(request.bearer->reveal()));
    for (const auto& [name, value] : request.headers) {
        sound = sound && !holds_line_break(name) && !holds_line_break(value);
    }
    if (request.secret_headers != nullptr) {
        for (const SecretHeader& header : *request.secret_headers) {
            sound = sound && !holds_line_break(header.name) && !holds_line_break(header.value.reveal());
        }
    }
    if (!sound) {
        throw std::invalid_argument("line break in an HTTP header");
    }
}

// Cookies set on the way, sent back to the same host as a session of Python's requests would.
class Cookies {
public:
    void take(const HttpResponse& response) {
        for (const auto& [name, value] : response.headers) {
            const std::size_t equals = value.find('=');
            if (!equal_ignoring_case(name, "Set-Cookie") || equals == std::string::npos || holds_line_break(value)) {
                continue;
            }
            const std::string pair(trim_ascii(value.substr(0, value.find(';'))));
            values_[pair.substr(0, pair.find('='))] = pair;
        }
    }
    [[nodiscard]] std::string header() const {
        std::string line;
        for (const auto& [name, pair] : values_) {
            if (line.size() + pair.size() < bounds::kHttpCookieBytes) {
                line += (line.empty() ? "" : "; ") + pair;
            }
        }
        return line;
    }

private:
    std::map<std::string, std::string> values_;
};

// A request as it goes on the wire. It is put together in one buffer, so that no copy of the key is left behind by a
// string that grew, and the buffer is wiped.
class SensitiveText {
public:
    SensitiveText(std::string_view head, const Secret* bearer, bool key_header,
                  const std::vector<SecretHeader>* secret_headers, std::string_view body) {
        constexpr std::string_view kName = "Authorization: Bearer ";
        constexpr std::string_view kOther = "X-API-Key: ";
        constexpr std::string_view kEnd = "\r\n";
        const std::string_view key = bearer != nullptr ? bearer->reveal() : std::string_view();
        constexpr std::string_view kMark = ": ";
        std::size_t secrets = 0;
        const auto for_each_secret = [&](auto use) {
            if (secret_headers != nullptr) {
                std::for_each(secret_headers->begin(), secret_headers->end(), use);
            }
        };
        for_each_secret([&](const SecretHeader& header) {
            secrets += header.name.size() + kMark.size() + header.value.reveal().size() + kEnd.size();
        });
        text_.reserve(head.size() + kName.size() + kOther.size() + 2 * key.size() + 3 * kEnd.size() + secrets +
                      body.size());
        text_.append(head);
        for_each_secret([&](const SecretHeader& header) {
            text_.append(header.name).append(kMark).append(header.value.reveal()).append(kEnd);
        });
        if (bearer != nullptr) {
            text_.append(kName).append(key).append(kEnd);
        }
        if (bearer != nullptr && key_header) {
            text_.append(kOther).append(key).append(kEnd);
        }
        text_.append(kEnd).append(body);
    }
    ~SensitiveText() { OPENSSL_cleanse(text_.data(), text_.size()); }
    SensitiveText(const SensitiveText&) = delete;
    SensitiveText& operator=(const SensitiveText&) = delete;

    [[nodiscard]] std::string_view view() const { return text_; }

private:
    std::string text_;
};

}  // namespace

class HttpClient::Implementation {
public:
    Implementation(asio::any_io_executor executor, NameOverrides overrides)
        : executor_(executor), names_(std::move(executor)), overrides_(std::move(overrides)) {}

    asio::awaitable<void> run(const HttpRequest& request, const ExchangeOptions& options, Exchange& record);

private:
    // What one exchange keeps from hop to hop.
    struct RequestState {
        RequestState(const HttpRequest& request, const ExchangeOptions& options, Exchange& record, Watchdog& watchdog)
            : request(request),
              options(options),
              record(record),
              watchdog(watchdog),
              method(request.method),
              meanwhile(options.meanwhile) {}
        const HttpRequest& request;
        const ExchangeOptions& options;
        Exchange& record;
        Watchdog& watchdog;
        std::string method;
        std::function<void()> meanwhile;  // none once it was called
        WebUrl url;
        std::optional<ProxyServer> proxy;
        std::unique_ptr<Connection> connection;  // none: the next hop opens one
        Cookies cookies;
        std::set<std::string> seen;
        bool done = false;
        bool may_reuse = false;    // an idle connection of an earlier exchange
        bool is_reusable = false;  // the connection, after the response
    };

    asio::awaitable<bool> connect(RequestState& state);
    asio::awaitable<void> hop(RequestState& state);
    asio::awaitable<void> pause(Watchdog& watchdog);
    void follow(RequestState& state, bool reusable);
    SensitiveText request_text(RequestState& state);
    const LoadedTrust& loaded(const Trust& trust);
    void take_idle(RequestState& state);
    void keep_idle(RequestState& state);

    asio::any_io_executor executor_;
    NameLookup names_;
    NameOverrides overrides_;
    std::map<std::pair<int, std::filesystem::path>, LoadedTrust> trust_;
    std::multimap<std::string, tcp::socket> idle_;  // by origin
};

// One that the server has closed meanwhile, or still writes to, is of no use.
bool is_quiet(tcp::socket& socket) {
    boost::system::error_code error;
    char octet = 0;
    socket.non_blocking(true, error);
    socket.receive(asio::buffer(&octet, 1), tcp::socket::message_peek, error);
    return error == asio::error::would_block;
}

void HttpClient::Implementation::take_idle(RequestState& state) {
    if (!std::exchange(state.may_reuse, false)) {
        return;
    }
    for (auto found = idle_.find(state.url.origin()); found != idle_.end() && !state.connection;
         found = idle_.find(state.url.origin())) {
        tcp::socket socket = std::move(found->second);
        idle_.erase(found);
        if (is_quiet(socket)) {
            state.connection =
                std::make_unique<Connection>(executor_, names_, overrides_, state.watchdog, state.record);
            state.connection->adopt(std::move(socket));
        }
    }
}

void HttpClient::Implementation::keep_idle(RequestState& state) {
    if (!state.options.keep_connection || !state.is_reusable || idle_.size() >= bounds::kIdleConnections) {
        return;
    }
    if (std::optional<tcp::socket> socket = state.connection->release()) {
        idle_.emplace(state.url.origin(), std::move(*socket));
    }
}

const LoadedTrust& HttpClient::Implementation::loaded(const Trust& trust) {
    const auto key = std::make_pair(static_cast<int>(trust.store), trust.bundle);
    const auto found = trust_.find(key);
    return found != trust_.end() ? found->second : trust_.emplace(key, load_trust(trust)).first->second;
}

asio::awaitable<void> HttpClient::Implementation::pause(Watchdog& watchdog) {
    asio::steady_timer timer(executor_, kRetryDelay);
    const Watchdog::Guard guard(watchdog, [&timer] { timer.cancel(); });
    boost::system::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

asio::awaitable<bool> HttpClient::Implementation::connect(RequestState& state) {
    const ExchangeOptions& options = state.options;
    ConnectionPlan plan;
    plan.target = &state.url;
    plan.proxy = state.proxy ? &*state.proxy : nullptr;
    plan.verify = options.trust.store != Trust::Store::unverified;
    if (state.url.secure() || (state.proxy && state.proxy->scheme == ProxyScheme::https)) {
        plan.trust = &loaded(options.trust);
        if (!plan.trust->store) {
            state.record.error = NetworkError(Phase::tls, NetworkFailure::trust_unusable, plan.trust->error);
            co_return false;
        }
        if (options.second_trust) {
            plan.second_trust = &loaded(*options.second_trust);
        }
    }
    for (int attempt = 0;; ++attempt) {
        state.connection = std::make_unique<Connection>(executor_, names_, overrides_, state.watchdog, state.record);
        const bool opened = co_await state.connection->open(plan);
        if (opened) {
            co_return true;
        }
        const NetworkError error = *state.connection->failure();
        if (attempt >= options.connect_retries || !is_worth_retrying(error) || state.watchdog.expired()) {
            state.record.error = error;
            co_return false;
        }
        ++state.record.connect_retries;
        co_await pause(state.watchdog);
    }
}

SensitiveText HttpClient::Implementation::request_text(RequestState& state) {
    const HttpRequest& request = state.request;
    const WebUrl& url = state.url;
    const bool through_http_proxy =
        state.proxy && !url.secure() &&
        (state.proxy->scheme == ProxyScheme::http || state.proxy->scheme == ProxyScheme::https);
    const bool verified = url.secure() && state.record.tls && state.record.tls->verified;
    const bool stays_here = state.connection->reaches_loopback_directly();
    const bool may_send = verified || (stays_here && !url.secure());
    const bool is_first_hop = state.record.redirects.empty();
    const std::vector<SecretHeader>* secrets =
        is_first_hop && (may_send || stays_here) ? request.secret_headers : nullptr;
    std::string text = state.method + " " + (through_http_proxy ? url.text() : url.target) + " HTTP/1.1\r\n";
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    const auto add_default = [&](std::string_view name, std::string_view value) {
        const bool given = std::any_of(request.headers.begin(), request.headers.end(),
                                       [&](const auto& header) { return equal_ignoring_case(header.first, name); });
        const bool secretly =
            secrets != nullptr && std::any_of(secrets->begin(), secrets->end(), [&](const SecretHeader& header) {
                return equal_ignoring_case(header.name, name);
            });
        if (!given && !secretly) {
            add(name, value);
        }
    };
    add("Host", url.authority());
    add_default("User-Agent", "banana-diag/" BANANA_VERSION);
    add_default("Accept", "application/json");
    add_default("Accept-Encoding", "identity");
    const bool keep = state.options.follow_redirects || state.options.keep_connection;
    add("Connection", keep ? "keep-alive" : "close");
    for (const auto& [name, value] : request.headers) {
        add(name, value);
    }
    if (const std::string cookies = state.cookies.header(); !cookies.empty()) {
        add("Cookie", cookies);
    }
    if (through_http_proxy && state.proxy->has_credentials) {
        add("Proxy-Authorization", proxy_authorization(*state.proxy));
    }
    if (!request.body.empty()) {
        add("Content-Length", std::to_string(request.body.size()));
    }
    const bool sends_key = request.bearer && may_send;
    if (sends_key) {
        state.record.key_sent = true;
    }
    return SensitiveText(text, sends_key ? &*request.bearer : nullptr, state.options.key_header, secrets, request.body);
}

// Sets the next URL, or ends the request with the response or a redirect's error.
void HttpClient::Implementation::follow(RequestState& state, bool reusable) {
    Exchange& record = state.record;
    const HttpResponse& response = *record.response;
    const std::string location(response.header("Location"));
    const std::optional<WebUrl> target = resolve_location(state.url, location);
    Redirect redirect;
    redirect.from = state.url.text();
    redirect.to = sanitize(target ? target->text() : location, Lines::single, bounds::kHttpUrlTextBytes);
    redirect.status = response.status;
    redirect.same_origin = target && same_origin(state.url, *target);
    record.redirects.push_back(redirect);
    state.done = true;
    if (!target || !keeps_authorization(state.url, *target)) {
        record.error = NetworkError(Phase::response, NetworkFailure::redirect_other_origin, redirect.to);
        return;
    }
    state.cookies.take(response);
    // The same URL again is a loop unless the way there set another cookie, as some challenge pages do.
    const bool new_step = state.seen.insert(target->text() + "\n" + state.cookies.header()).second;
    if (!new_step || static_cast<int>(record.redirects.size()) > bounds::kHttpRedirects) {
        record.error = NetworkError(Phase::response, NetworkFailure::redirect_loop, redirect.to);
        return;
    }
    const bool keeps_method = response.status >= 307 || state.method == "GET" || state.method == "HEAD";
    if (!keeps_method) {
        state.method = "GET";
    }
    if (!reusable || !redirect.same_origin) {
        state.connection.reset();
    }
    state.url = *target;
    state.done = false;
}

asio::awaitable<void> HttpClient::Implementation::hop(RequestState& state) {
    Exchange& record = state.record;
    record.url = state.url.text();
    record.response.reset();
    take_idle(state);
    const bool reused = state.connection != nullptr;
    if (!reused) {
        const bool connected = co_await connect(state);
        if (!connected) {
            state.done = true;
            co_return;
        }
    }
    bool sent = false;
    {
        const SensitiveText text = request_text(state);
        sent = co_await state.connection->write(text.view(), Phase::request);
    }
    ++record.requests_sent;
    ResponseReading reading;
    if (sent) {
        if (const auto work = std::exchange(state.meanwhile, nullptr)) {
            work();
        }
        reading =
            co_await read_response(*state.connection, state.method == "HEAD", state.options.body_limit, record.times);
    } else {
        reading.error = state.connection->failure();
    }
    // The server may close an idle connection just as it is used again (RFC 9112 section 9.3.1).
    if (reused && !reading.response && !state.watchdog.expired()) {
        --record.requests_sent;
        state.connection.reset();
        co_return;
    }
    record.response = std::move(reading.response);
    record.error = std::move(reading.error);
    state.is_reusable = reading.reusable && !record.error;
    if (!record.error && state.options.follow_redirects && is_redirect(*record.response)) {
        follow(state, reading.reusable);
        co_return;
    }
    state.done = true;
}

asio::awaitable<void> HttpClient::Implementation::run(const HttpRequest& request, const ExchangeOptions& options,
                                                      Exchange& record) {
    const Clock::time_point started = Clock::now();
    require_sendable(request);
    record.url = sanitize(request.url, Lines::single, bounds::kHttpUrlTextBytes);
    const std::optional<WebUrl> url = parse_web_url(request.url);
    if (!url) {
        record.error = NetworkError(Phase::url, NetworkFailure::invalid_url);
        co_return;
    }
    Watchdog watchdog(executor_, options.timeout);
    RequestState state(request, options, record, watchdog);
    state.url = *url;
    state.seen.insert(url->text() + "\n");
    state.may_reuse = options.keep_connection;
    if (!options.proxy.empty()) {
        state.proxy = parse_proxy(options.proxy);
        record.via_proxy = state.proxy ? state.proxy->shown() : mask_proxy_password(options.proxy);
        if (!state.proxy) {
            record.error = NetworkError(Phase::proxy, NetworkFailure::proxy_unsupported);
            co_return;
        }
    }
    while (!state.done) {
        co_await hop(state);
    }
    record.times.total = Milliseconds(Clock::now() - started);
    if (state.connection && options.attempt_grace.count() > 0 && record.response) {
        co_await state.connection->wait_for_earlier_attempts(options.attempt_grace);
    }
    if (state.connection) {
        state.connection->note_attempts();
        keep_idle(state);
    }
}

HttpClient::HttpClient(asio::any_io_executor executor, NameOverrides overrides)
    : implementation_(std::make_unique<Implementation>(std::move(executor), std::move(overrides))) {}

HttpClient::~HttpClient() = default;

void HttpClient::prepare_tls() {
    TlsSession::prepare();
}

asio::awaitable<Exchange> HttpClient::exchange(const HttpRequest& request, ExchangeOptions options) {
    Exchange record;
    try {
        co_await implementation_->run(request, options, record);
    } catch (const boost::system::system_error& ended) {
        // The only way the coroutines below throw it: the caller's cancellation.
        record.error = NetworkError(Phase::request, NetworkFailure::cancelled, ended.code().message());
    }
    if (record.error && record.error->failure == NetworkFailure::local_resources) {
        throw platform::Exhausted(record.error->detail);
    }
    co_return record;
}

}  // namespace banana
