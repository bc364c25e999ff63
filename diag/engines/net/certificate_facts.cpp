#include "certificate_facts.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace banana {
namespace {

std::string one_line(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    const char* text = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &text);
    return sanitize(std::string_view(text, length > 0 ? static_cast<std::size_t>(length) : 0), Lines::single,
                    bounds::kCertificateNameTextBytes);
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return {};
    }
    using namespace std::chrono;
    constexpr int kLastYear = 2261;  // the clock's nanoseconds end in 2262
    const year_month_day date{year(std::min(parts.tm_year + 1900, kLastYear)),
                              month(static_cast<unsigned>(parts.tm_mon + 1)),
                              day(static_cast<unsigned>(parts.tm_mday))};
    return time_point_cast<system_clock::duration>(sys_days(date)) + hours(parts.tm_hour) + minutes(parts.tm_min) +
           seconds(parts.tm_sec);
}

std::string address_text(const ASN1_OCTET_STRING* address) {
    const unsigned char* const octets = ASN1_STRING_get0_data(address);
    const int length = ASN1_STRING_length(address);
    std::array<char, 8> part{};
    std::string text;
    if (length == 4) {
        for (int index = 0; index < length; ++index) {
            text += (index > 0 ? "." : "") + std::to_string(octets[index]);
        }
    } else if (length == 16) {
        for (int index = 0; index < length; index += 2) {
            std::snprintf(part.data(), part.size(), "%x", octets[index] * 256 + octets[index + 1]);
            text += (index > 0 ? ":" : "") + std::string(part.data());
        }
    }
    return text;
}

std::vector<std::string> alternative_names(const X509* certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> entries(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    const int count = std::min(entries ? sk_GENERAL_NAME_num(entries.get()) : 0, bounds::kCertificateNames);
    for (int index = 0; index < count; ++index) {
        const GENERAL_NAME* const entry = sk_GENERAL_NAME_value(entries.get(), index);
        if (entry->type == GEN_DNS) {
            const auto* const text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(entry->d.dNSName));
            names.push_back(sanitize({text, static_cast<std::size_t>(ASN1_STRING_length(entry->d.dNSName))},
                                     Lines::single, bounds::kCertificateNameTextBytes));
        } else if (entry->type == GEN_IPADD) {
            names.push_back(address_text(entry->d.iPAddress));
        }
    }
    return names;
}

}  // namespace

CertificateFacts certificate_facts(const X509* certificate) {
    CertificateFacts facts;
    facts.subject = one_line(X509_get_subject_name(certificate));
    facts.issuer = one_line(X509_get_issuer_name(certificate));
    facts.names = alternative_names(certificate);
    facts.not_before = time_of(X509_get0_notBefore(certificate));
    facts.not_after = time_of(X509_get0_notAfter(certificate));
    return facts;
}

std::vector<CertificateFacts> certificate_facts(const STACK_OF(X509) * chain) {
    std::vector<CertificateFacts> facts;
    const int count = std::min(chain != nullptr ? sk_X509_num(chain) : 0, bounds::kChainCertificates);
    for (int index = 0; index < count; ++index) {
        facts.push_back(certificate_facts(sk_X509_value(chain, index)));
    }
    return facts;
}

}  // namespace banana
