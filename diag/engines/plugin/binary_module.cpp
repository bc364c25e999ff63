#include "binary_module.hpp"

#include "platform.hpp"
#include "text.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace banana {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::size_t kHeadSize = 4096;  // holds the tables of all headers that compilers write

// A number of `size` bytes, least byte first, as every system that the plugin has binaries for writes it.
std::optional<std::uint64_t> number_at(std::string_view bytes, std::uint64_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    for (std::size_t place = size; place > 0; --place) {
        number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at) + place - 1]);
    }
    return number;
}

enum class Format { unknown, elf, pe, mach };

Format format_of(std::string_view bytes) {
    static constexpr std::array<std::string_view, 4> kMach{"\xCF\xFA\xED\xFE"sv, "\xCA\xFE\xBA\xBE"sv,
                                                           "\xCE\xFA\xED\xFE"sv, "\xCA\xFE\xBA\xBF"sv};
    if (bytes.starts_with("\x7F"
                          "ELF")) {
        return Format::elf;
    }
    if (bytes.starts_with("MZ")) {
        return Format::pe;
    }
    for (const std::string_view start : kMach) {
        if (bytes.starts_with(start)) {
            return Format::mach;
        }
    }
    return Format::unknown;
}

std::string_view format_name(Format format) {
    switch (format) {
        case Format::elf: return "ELF";
        case Format::pe: return "PE";
        case Format::mach: return "Mach-O";
        case Format::unknown: break;
    }
    return "?";
}

Format format_for(platform::System system) {
    switch (system) {
        case platform::System::windows: return Format::pe;
        case platform::System::mac: return Format::mach;
        case platform::System::gnu_linux: break;
    }
    return Format::elf;
}

bool has_name_for(platform::System system, std::string_view file) {
    const bool mac_name = contains_ignoring_case(file, "darwin");
    return system == platform::System::windows
               ? file.ends_with(".pyd")
               : file.ends_with(".so") && (system == platform::System::mac || !mac_name);
}

// What this program was built for; its Python runs on the same processor.
constexpr std::string_view kOwnProcessor =
#if defined(__x86_64__) || defined(_M_X64)
    "x86_64";
#elif defined(__aarch64__) || defined(_M_ARM64)
    "aarch64";
#else
    "";
#endif

std::string_view elf_processor(std::uint64_t machine) {
    switch (machine) {
        case 3: return "x86";
        case 40: return "arm";
        case 62: return "x86_64";
        case 183: return "aarch64";
        case 243: return "riscv64";
        default: return "";
    }
}

std::string_view pe_processor(std::uint64_t machine) {
    switch (machine) {
        case 0x014C: return "x86";
        case 0x8664: return "x86_64";
        case 0xAA64: return "aarch64";
        default: return "";
    }
}

BinaryJudgement cut_short(std::uint64_t needed, std::uint64_t size) {
    return {BinaryFault::damaged, std::to_string(size) + " < " + std::to_string(needed) + " bytes"};
}

BinaryJudgement judge_processor(Format format, std::string_view processor) {
    if (processor.empty() || kOwnProcessor.empty() || processor == kOwnProcessor) {
        return {};
    }
    return {BinaryFault::other_processor, std::string(format_name(format)) + ", " + std::string(processor)};
}

// The loader maps the parts that the program headers name; what lies behind the file's end kills the process.
BinaryJudgement judge_elf(std::string_view bytes, std::uint64_t size) {
    constexpr std::uint64_t kLoaded = 1;
    constexpr std::uint64_t kHeader = 64;
    const bool is_64 = bytes.size() > 6 && bytes[4] == 2;
    const bool is_header = bytes.size() > 6 && (is_64 || bytes[4] == 1) && bytes[5] == 1 && bytes[6] == 1;
    if (!is_header) {
        return {};
    }
    if (size < kHeader) {
        return cut_short(kHeader, size);
    }
    BinaryJudgement processor = judge_processor(Format::elf, elf_processor(number_at(bytes, 18, 2).value_or(0)));
    if (processor.fault != BinaryFault::none || !is_64) {
        return processor;
    }
    const std::uint64_t table = number_at(bytes, 32, 8).value_or(0);
    const std::uint64_t entry_size = number_at(bytes, 54, 2).value_or(0);
    const std::uint64_t count = number_at(bytes, 56, 2).value_or(0);
    if (count > 0 && table < kHeadSize && table + count * entry_size > size) {
        return cut_short(table + count * entry_size, size);
    }
    for (std::uint64_t index = 0; index < count && table < kHeadSize; ++index) {
        const std::uint64_t at = table + index * entry_size;
        const auto offset = number_at(bytes, at + 8, 8);
        const auto length = number_at(bytes, at + 32, 8);
        // Linkers let a part without bytes of its own (.bss) begin anywhere.
        const bool is_loaded = number_at(bytes, at, 4) == kLoaded && offset && length && *length > 0;
        if (is_loaded && *length<UINT64_MAX - *offset&& * offset + *length> size) {
            return cut_short(*offset + *length, size);
        }
    }
    return {};
}

BinaryJudgement judge_pe(std::string_view bytes, std::uint64_t size) {
    const auto header = number_at(bytes, 0x3C, 4);
    if (!header || *header == 0 || number_at(bytes, *header, 4) != 0x4550) {
        return {};
    }
    BinaryJudgement processor = judge_processor(Format::pe, pe_processor(number_at(bytes, *header + 4, 2).value_or(0)));
    if (processor.fault != BinaryFault::none) {
        return processor;
    }
    const std::uint64_t sections = number_at(bytes, *header + 6, 2).value_or(0);
    const std::uint64_t first = *header + 24 + number_at(bytes, *header + 20, 2).value_or(0);
    for (std::uint64_t index = 0; index < sections; ++index) {
        const auto length = number_at(bytes, first + index * 40 + 16, 4);
        const auto offset = number_at(bytes, first + index * 40 + 20, 4);
        if (length && offset && *offset + *length > size) {
            return cut_short(*offset + *length, size);
        }
    }
    return {};
}

// The x of a name that was built for Python 3.x: ".cp312-win_amd64.pyd", ".cpython-312-x86_64-linux-gnu.so"; else 0.
int minor_in_name(std::string_view file) {
    for (const std::string_view mark : {".cp3"sv, ".cpython-3"sv}) {
        const std::size_t at = file.find(mark);
        if (at == std::string_view::npos) {
            continue;
        }
        int minor = 0;
        for (std::size_t digit = at + mark.size(); digit < file.size() && minor < 1000; ++digit) {
            if (file[digit] < '0' || file[digit] > '9') {
                break;
            }
            minor = minor * 10 + (file[digit] - '0');
        }
        return minor;
    }
    return 0;
}

BinaryJudgement judge_content(const platform::RawRead& head, platform::System system) {
    if (head.error) {
        return {};
    }
    const std::string_view bytes = head.bytes;
    if (bytes.empty()) {
        return {BinaryFault::damaged, "0 bytes"};
    }
    if (bytes.starts_with("version https://git-lfs")) {
        return {BinaryFault::damaged, "Git LFS"};
    }
    const Format format = format_of(bytes);
    if (format == Format::unknown) {
        return {BinaryFault::damaged, "not " + std::string(format_name(format_for(system)))};
    }
    if (format != format_for(system)) {
        return {BinaryFault::other_system, std::string(format_name(format))};
    }
    switch (format) {
        case Format::elf: return judge_elf(bytes, head.size);
        case Format::pe: return judge_pe(bytes, head.size);
        default: return {};
    }
}

}  // namespace

BinaryJudgement judge_binary(const fs::path& path, const TargetPython& target) {
    const std::string file = path_text(path.filename());
    if (!has_name_for(target.system, file)) {
        return {BinaryFault::other_system, {}};
    }
    const platform::RawRead head = platform::read_without_waiting(path, kHeadSize);
    BinaryJudgement judgement = judge_content(head, target.system);
    if (judgement.fault != BinaryFault::none) {
        return judgement;
    }
    const int minor = minor_in_name(file);
    if (minor > 0 && target.minor > 0 && minor != target.minor) {
        return {BinaryFault::other_python, "Python 3." + std::to_string(minor)};
    }
    return judgement;
}

BinaryJudgement judge_source(const fs::path& path) {
    const platform::RawRead head = platform::read_without_waiting(path, 64);
    const bool is_read = !head.error && head.kind == platform::FileKind::regular;
    if (is_read && head.bytes.empty()) {
        return {BinaryFault::damaged, "0 bytes"};
    }
    if (head.bytes.starts_with("version https://git-lfs")) {
        return {BinaryFault::damaged, "Git LFS"};
    }
    if (head.bytes.starts_with("<") || head.bytes.starts_with('\0')) {
        return {BinaryFault::damaged, "not Python"};
    }
    return {};
}

}  // namespace banana
