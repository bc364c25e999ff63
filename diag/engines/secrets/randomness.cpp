#include "randomness.hpp"

#include "banana/ascii.hpp"
#include "key_text.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace banana {
namespace {

// Bits that a letter costs behind another one (rows: the letter before, columns: the letter), as a hexadecimal digit:
// counted over 12,000 words of identifiers, English prose and pinyin. A random letter costs 6.5 on average, a word's 4.
constexpr std::array<std::string_view, 26> kPairCost{
    "9544875a4a634375a34366886a",  // a
    "36563768357367469546388758",  // b
    "386738a34b446827a46358997b",  // c
    "4775177728957747a54747877a",  // d
    "474355697a955385623496757b",  // e
    "487633892aa4863794654a995a",  // f
    "48672854399453479446488988",  // g
    "299728a93a8667379564599a7a",  // h
    "4545555b9b845236a54385b7c6",  // i
    "36662677466766356747366667",  // j
    "47661868388565668735585888",  // k
    "387527682a938837b855579b4a",  // l
    "25862798398658439957599a8a",  // m
    "4843353849768647a833569a7a",  // n
    "6644766968644254a35545589a",  // o
    "377737865a6377348354589a5a",  // p
    "57775767477576566657176776",  // q
    "386527693b765547b544568b5b",  // r
    "5a5827843a657744973248796a",  // s
    "386727a42ba67846b3455a785a",  // t
    "4556466b4a944364a33399a8a9",  // u
    "28781789398777479777798889",  // v
    "28763683287684468458685888",  // w
    "46353587387667638752688568",  // x
    "56675668488554428534575887",  // y
    "36771773377667476767577766",  // z
};

// Costs below are tenths of a bit.
constexpr int kFirstLetter = 47;  // one of 26
constexpr int kDigitBehindDigit = 43;
constexpr int kDigitBehindMark = 45;
constexpr int kDigitBehindWord = 70;
constexpr int kDigitBehindScrap = 90;  // behind a single letter
constexpr int kLetterBehindDigit = 75;
constexpr int kCapitalBehindWord = 65;  // camelCase
constexpr int kCapitalBehindScrap = 100;
constexpr int kSmallBehindCapitals = 25;  // HTTPServer: beside the pair's cost
constexpr int kMark = -20;                // a separator, against a random character
constexpr int kWord = 3;                  // letters that make a word

struct Score {
    int tenths = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

// What a random character of the classes that occur costs.
int random_cost(std::string_view token) {
    const bool small = std::any_of(token.begin(), token.end(), is_lower);
    const bool capital = std::any_of(token.begin(), token.end(), is_upper);
    const bool digit = std::any_of(token.begin(), token.end(), is_digit);
    if (small && capital) {
        return digit ? 59 : 57;
    }
    return digit ? 52 : 47;
}

class Meter {
public:
    explicit Meter(int random) : random_(random) {}

    // What the character costs more as a part of a text than as a random one.
    int excess(char c) {
        const int cost = is_digit(c) ? digit(c) : is_letter(c) ? letter(c) : mark();
        before_ = previous_;
        previous_ = c;
        return cost;
    }

private:
    int mark() {
        word_ = 0;
        return kMark;
    }

    int digit(char) {
        const int cost = is_digit(previous_)     ? kDigitBehindDigit
                         : !is_letter(previous_) ? kDigitBehindMark
                         : word_ < 2             ? kDigitBehindScrap
                                                 : kDigitBehindWord;
        word_ = 0;
        return cost - random_;
    }

    int letter(char c) {
        if (!is_letter(previous_)) {
            word_ = 1;
            return (is_digit(previous_) ? kLetterBehindDigit : kFirstLetter) - random_;
        }
        const char pair = kPairCost[index(previous_)][index(c)];
        const int cost = 10 * hex_value(pair);
        if (is_lower(previous_) == is_lower(c)) {
            ++word_;
            return cost - random_;
        }
        if (is_lower(previous_)) {
            const int turn = word_ >= kWord ? kCapitalBehindWord : kCapitalBehindScrap;
            word_ = 1;
            return turn - random_;
        }
        const bool capitals = is_upper(before_);
        word_ += capitals ? 0 : 1;
        return cost + (capitals ? kSmallBehindCapitals : 0) - random_;
    }

    static std::size_t index(char c) { return static_cast<std::size_t>(to_lower(c) - 'a'); }

    int random_;
    char before_ = 0;
    char previous_ = 0;
    int word_ = 0;  // letters in a row that make a word
};

// The stretch that costs most more (Kadane).
Score highest(std::string_view token) {
    Meter meter(random_cost(token));
    Score best;
    Score here;
    for (std::size_t at = 0; at < token.size(); ++at) {
        const int excess = meter.excess(token[at]);
        if (here.tenths <= 0) {
            here = {0, at, at};
        }
        here.tenths += excess;
        here.end = at + 1;
        if (here.tenths > best.tenths) {
            best = here;
        }
    }
    return best;
}

// Alphabets, `xxxxxxxx`, numbers.
bool is_regular(std::string_view stretch) {
    constexpr std::size_t kFewCharacters = 8;
    std::bitset<256> seen;
    std::size_t successors = 0;
    std::size_t letters = 0;
    for (std::size_t at = 0; at < stretch.size(); ++at) {
        seen.set(static_cast<unsigned char>(stretch[at]));
        letters += is_letter(stretch[at]) ? 1 : 0;
        successors += at > 0 && stretch[at] == stretch[at - 1] + 1 ? 1 : 0;
    }
    return seen.count() < kFewCharacters || 2 * successors > stretch.size() || letters < 3;
}

// Few separators in a long token that alternates throughout.
bool is_alternating_base64(std::string_view token) {
    constexpr std::size_t kShortestToken = 30;
    constexpr std::size_t kMostSeparators = 3;
    std::size_t characters = 0;
    std::size_t changes = 0;
    std::size_t classes = 0;
    std::size_t before = 0;
    for (const char c : token) {
        const std::size_t kind = is_digit(c) ? 1 : is_upper(c) ? 2 : is_lower(c) ? 4 : 0;
        if (kind == 0) {
            continue;
        }
        changes += before != 0 && kind != before ? 1 : 0;
        classes |= kind;
        before = kind;
        ++characters;
    }
    return classes == 7 && characters >= kShortestToken && token.size() - characters <= kMostSeparators &&
           changes * 100 >= characters * 45 && !is_regular(token);
}

// A long run in which digits, capitals and small letters alternate as in no name, though its pairs may be a word's.
std::optional<Stretch> find_alternating_run(std::string_view token) {
    constexpr std::size_t kShortestRun = 24;
    if (is_alternating_base64(token)) {
        return Stretch{0, token.size()};
    }
    for (std::size_t begin = 0; begin < token.size();) {
        std::size_t end = begin;
        std::size_t changes = 0;
        std::size_t numbers = 0;
        const auto kind = [&](std::size_t at) { return is_digit(token[at]) ? 0 : is_upper(token[at]) ? 1 : 2; };
        for (; end < token.size() && is_alphanumeric(token[end]); ++end) {
            const bool first = end == begin;
            changes += !first && kind(end) != kind(end - 1) ? 1 : 0;
            numbers += kind(end) == 0 && (first || kind(end - 1) != 0) ? 1 : 0;
        }
        const std::string_view run = token.substr(begin, end - begin);
        const bool mixed =
            std::any_of(run.begin(), run.end(), is_lower) && std::any_of(run.begin(), run.end(), is_upper);
        const std::size_t least = run.size() * (mixed ? 40 : 25) / 100;
        if (run.size() >= (mixed ? kShortestRun : kShortestRun + 8) && numbers >= 2 && changes >= least &&
            !is_regular(run)) {
            return Stretch{begin, end};
        }
        begin = end + 1;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Stretch> find_random_stretch(std::string_view token) {
    constexpr std::size_t kShortest = 16;
    constexpr std::size_t kLong = 24;
    constexpr std::size_t kVeryLong = 40;
    if (token.size() < kShortest) {
        return std::nullopt;
    }
    const Score score = highest(token);
    const std::string_view stretch = token.substr(score.begin, score.end - score.begin);
    const std::size_t run = key_text::longest_word(stretch);
    const bool long_base64 = stretch.size() >= kVeryLong && std::any_of(stretch.begin(), stretch.end(), is_digit) &&
                             std::any_of(stretch.begin(), stretch.end(), is_upper) &&
                             std::any_of(stretch.begin(), stretch.end(), is_lower);
    const int least = run >= kVeryLong || long_base64 ? 30 : run >= kLong ? 45 : 140;
    if (score.tenths < least || stretch.size() < kShortest || is_regular(stretch)) {
        // A long token with such a stretch in it, however short, that no name has.
        constexpr int kNoName = 120;
        const bool mixed = std::any_of(token.begin(), token.end(), is_digit) &&
                           std::any_of(token.begin(), token.end(), is_upper) &&
                           std::any_of(token.begin(), token.end(), is_lower);
        if (mixed && key_text::longest_word(token) >= kLong - 2 && score.tenths >= kNoName && !is_regular(token)) {
            return Stretch{score.begin, score.end};
        }
        return find_alternating_run(token);
    }
    return Stretch{score.begin, score.end};
}

int randomness(std::string_view piece) {
    return highest(piece).tenths;
}

}  // namespace banana
