#include "config_mending.hpp"

#include "config_options.hpp"
#include "config_words.hpp"
#include "mending.hpp"
#include "python_text.hpp"
#include "sample_key.hpp"

#include <algorithm>

namespace banana {
namespace mending {

std::string Mending::readable() {
    mend_syntax();
    return lines_.joined();
}

MendedConfig Mending::run() {
    mend_syntax();
    mend_section();
    mend_option_name();
    mend_value();
    MendedConfig mended;
    mended.bytes = done_.empty() ? std::string(original_) : lines_.joined();
    mended.mends = done_;
    prove(mended.bytes);
    return mended;
}

void Mending::note(Mend mend) {
    if (std::find(done_.begin(), done_.end(), mend) == done_.end()) {
        done_.push_back(mend);
    }
}

void Mending::prove(std::string_view bytes) const {
    const IniFile after = IniFile::parse(bytes);
    const IniValue key = after.error() ? IniValue() : after.get(kPluginSection, kKeyOption);
    if (!key.value || python_strip(*key.value).empty() || find_sample_key(python_strip(*key.value))) {
        refuse_to_mend(MendObstacle::not_proved);
    }
    const bool put_in = std::find(done_.begin(), done_.end(), Mend::key_put_in) != done_.end();
    if (put_in && python_strip(*key.value) != key_->reveal()) {
        refuse_to_mend(MendObstacle::not_proved);
    }
    const IniFile before = IniFile::parse(original_);
    if (before.error() || std::find(done_.begin(), done_.end(), Mend::encoding) != done_.end()) {
        return;
    }
    for (const IniSection& section : before.sections()) {
        prove_section(section, after.section(section.name == renamed_section_ ? kPluginSection : section.name));
    }
    prove_section(before.defaults(), &after.defaults());
}

void Mending::prove_section(const IniSection& before, const IniSection* after) const {
    for (const IniOption& option : before.options) {
        if (option.name == kKeyOption || changed_options_.contains(option.name)) {
            continue;
        }
        const IniOption* now = after != nullptr ? after->find(option.name) : nullptr;
        if (now == nullptr || (now->value != option.value && !ended_at_control_z(*now, option))) {
            refuse_to_mend(MendObstacle::not_proved);
        }
    }
}

bool Mending::ended_at_control_z(const IniOption& now, const IniOption& before) const {
    std::string_view value = before.value;
    while (value.ends_with('\x1A')) {
        value.remove_suffix(1);
    }
    return value != before.value && now.value == python_strip_right(value);
}

}  // namespace mending

std::string_view mend_name(Mend mend) {
    switch (mend) {
        case Mend::byte_order_mark: return "byte-order-mark";
        case Mend::encoding: return "encoding";
        case Mend::text_before_header: return "text-before-header";
        case Mend::code_fence: return "code-fence";
        case Mend::header: return "header";
        case Mend::missing_header: return "missing-header";
        case Mend::delimiter: return "delimiter";
        case Mend::slash_comment: return "slash-comment";
        case Mend::remark: return "remark";
        case Mend::control_z: return "control-z";
        case Mend::invisible: return "invisible";
        case Mend::duplicate: return "duplicate";
        case Mend::section_name: return "section-name";
        case Mend::option_name: return "option-name";
        case Mend::indentation: return "indentation";
        case Mend::key_put_in: return "key-put-in";
        case Mend::key_text: return "key-text";
        case Mend::key_comment: return "key-comment";
        case Mend::key_joined: break;
    }
    return "key-joined";
}

std::string_view obstacle_name(MendObstacle obstacle) {
    switch (obstacle) {
        case MendObstacle::key_needed: return "key-needed";
        case MendObstacle::key_unclear: return "key-unclear";
        case MendObstacle::not_text: return "not-text";
        case MendObstacle::encoding: return "encoding";
        case MendObstacle::other_format: return "other-format";
        case MendObstacle::conflict: return "conflict";
        case MendObstacle::unclear_line: return "unclear-line";
        case MendObstacle::unclear_duplicate: return "unclear-duplicate";
        case MendObstacle::unclear_section: return "unclear-section";
        case MendObstacle::interpolation: return "interpolation";
        case MendObstacle::too_many: return "too-many";
        case MendObstacle::not_proved: break;
    }
    return "not-proved";
}

std::variant<MendedConfig, MendRefusal> mend_config(std::string_view bytes, const Secret* key, KeyUse use) {
    try {
        return mending::Mending(bytes, key, use).run();
    } catch (const mending::Refused& refused) {
        return refused.refusal;
    }
}

std::variant<std::string, MendRefusal> mend_syntax(std::string_view bytes) {
    try {
        return mending::Mending(bytes, nullptr, KeyUse::where_none_is).readable();
    } catch (const mending::Refused& refused) {
        return refused.refusal;
    }
}

}  // namespace banana
