#include "report_data.hpp"

#include "base64.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

namespace banana {
namespace {

constexpr std::string_view kDataMark = "banana-diag report data 1 ";
constexpr std::string_view kOpening = "<!-- ";
constexpr std::string_view kClosing = " -->";
constexpr std::string_view kPlainMark = "<!-- banana-diag report -->";
constexpr std::string_view kTooLargeMark = "<!-- banana-diag report: too large for its data -->";

// A text within one window of the format needs no larger one, nor more memory for its tables than for itself.
std::string deflated(std::string text) {
    const int window_bits = std::clamp(static_cast<int>(std::bit_width(text.size())), 9, MAX_WBITS);
    const int memory_level = std::clamp(window_bits - 7, 5, MAX_MEM_LEVEL);
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        return {};
    }
    std::string packed(::deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int code = ::deflate(&stream, Z_FINISH);
    packed.resize(code == Z_STREAM_END ? stream.total_out : 0);
    ::deflateEnd(&stream);
    return packed;
}

// None where the checksum is wrong, or the text larger than any report.
std::optional<std::string> inflated(std::string_view packed) {
    std::string text(bounds::kReportBytes, '\0');
    uLongf size = static_cast<uLongf>(text.size());
    const int code = ::uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                                  reinterpret_cast<const Bytef*>(packed.data()), static_cast<uLong>(packed.size()));
    if (code != Z_OK) {
        return std::nullopt;
    }
    text.resize(size);
    return text;
}

std::variant<std::string, ReportError> unpack(std::string_view data) {
    std::size_t wanted = 0;
    const auto [stop, error] = std::from_chars(data.data(), data.data() + data.size(), wanted);
    if (error != std::errc{} || wanted > kReportDataBytes) {
        return ReportError{ReportError::Kind::data_changed, {}};
    }
    data.remove_prefix(static_cast<std::size_t>(stop - data.data()));
    data = data.substr(0, data.find("--"));
    std::string characters;
    for (const char c : data) {
        if ((is_base64_digit(c) || c == '=') && characters.size() < wanted) {
            characters += c;
        }
    }
    if (characters.size() < wanted) {
        return ReportError{ReportError::Kind::data_cut,
                           std::to_string(characters.size()) + "/" + std::to_string(wanted)};
    }
    const std::optional<std::string> packed = base64_decode(characters);
    std::optional<std::string> text = packed ? inflated(*packed) : std::nullopt;
    if (!text) {
        return ReportError{ReportError::Kind::data_changed, {}};
    }
    return std::move(*text);
}

bool looks_like_a_document(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first != std::string_view::npos && (text[first] == '#' || text[first] == '<' || text[first] == '>');
}

}  // namespace

std::string data_comment(const Report& report, Data data) {
    if (data == Data::left_out) {
        return std::string(kPlainMark);
    }
    const std::string encoded = base64_encode(deflated(write_json_data(report)));
    std::string comment = std::string(kOpening) + std::string(kDataMark) + std::to_string(encoded.size()) + " " +
                          encoded + std::string(kClosing);
    return comment.size() <= kReportDataBytes ? comment : std::string(kTooLargeMark);
}

bool ends_as_a_report(std::string_view end) {
    while (end.ends_with('\n') || end.ends_with('\r')) {
        end.remove_suffix(1);
    }
    const std::size_t start = end.rfind('\n');
    const std::string_view last = start == std::string_view::npos ? end : end.substr(start + 1);
    return last == kPlainMark || last == kTooLargeMark ||
           (last.starts_with(std::string(kOpening) + std::string(kDataMark)) && last.ends_with(kClosing));
}

std::variant<Report, ReportError> read_any_report(std::string_view text,
                                                  const std::function<void(boost::json::value&)>& prepare) {
    if (text.size() > bounds::kReportBytes) {
        return ReportError{ReportError::Kind::too_large, {}};
    }
    const std::size_t mark = text.rfind(kDataMark);
    if (mark == std::string_view::npos) {
        if (looks_like_a_document(text)) {
            return ReportError{ReportError::Kind::no_data, {}};
        }
        return read_json(text, prepare);
    }
    const auto unpacked = unpack(text.substr(mark + kDataMark.size()));
    if (const auto* error = std::get_if<ReportError>(&unpacked)) {
        return *error;
    }
    return read_json(std::get<std::string>(unpacked), prepare);
}

}  // namespace banana
