#include "html_drawing.hpp"

#include "display_width.hpp"
#include "html.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace banana::html {
namespace {

constexpr double kWidth = 900;

std::string number(double value) {
    std::array<char, 32> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
    return std::string(buffer.data(), static_cast<std::size_t>(std::max(length, 0)));
}

std::string milliseconds(double value) {
    return number(value) + " ms";
}

std::string text_at(double x, double y, std::string_view text, std::string_view attributes = {}) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + (attributes.empty() ? "" : " ") +
           std::string(attributes) + ">" + escape(one_line(text)) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css_class) {
    return "<line class=\"" + std::string(css_class) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
           number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string open_svg(double height, std::string_view title) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + number(kWidth) + " " +
           number(height) + "\">\n<title>" + escape(one_line(title)) + "</title>\n";
}

// Only names that the style sheet knows become classes.
std::string_view status_class(std::string_view status) {
    for (const std::string_view known : {"pass", "warn", "fail", "skip"}) {
        if (status == known) {
            return known;
        }
    }
    return "phase";
}

double end_of(const std::vector<Timeline::Bar>& bars) {
    double end = 0;
    for (const Timeline::Bar& bar : bars) {
        end = std::max(end, bar.start_ms + bar.duration_ms);
    }
    return std::max(end, 0.001);
}

std::string bars_of(const std::vector<Timeline::Bar>& bars, std::string_view title, double& y) {
    constexpr double kLabels = 200;
    constexpr double kTimes = 100;
    constexpr double kRow = 24;
    constexpr double kSmallest = 3;
    const double scale = (kWidth - kLabels - kTimes) / end_of(bars);
    std::string svg = text_at(0, y + 14, title, "class=\"soft\"");
    y += kRow;
    const double top = y;
    for (const Timeline::Bar& bar : bars) {
        const double x = kLabels + bar.start_ms * scale;
        const double width = std::max(bar.duration_ms * scale, kSmallest);
        svg += text_at(0, y + 16, fit(bar.label, 26));
        svg += "<rect class=\"" + std::string(status_class(bar.status)) + "\" x=\"" + number(x) + "\" y=\"" +
               number(y + 4) + "\" width=\"" + number(width) + "\" height=\"15\" rx=\"3\"/>\n";
        const std::string time = bar.status == "skip" ? std::string("–") : milliseconds(bar.duration_ms);
        svg += text_at(x + width + 6, y + 16, time, "class=\"soft\"");
        y += kRow;
    }
    svg += line(kLabels, top, kLabels, y, "axis");
    y += kRow / 2;
    return svg;
}

std::string_view state_class(SequenceDiagram::State state) {
    switch (state) {
        case SequenceDiagram::State::works: return "works";
        case SequenceDiagram::State::fails: return "fails";
        case SequenceDiagram::State::not_reached: return "not_reached";
        case SequenceDiagram::State::unknown: return "unknown";
    }
    return "unknown";
}

std::string arrow(double from, double to, double y, SequenceDiagram::State state) {
    constexpr double kHead = 8;
    const std::string css = "arrow " + std::string(state_class(state));
    const double back = to > from ? -kHead : kHead;
    std::string svg = line(from, y, to, y, css);
    if (state == SequenceDiagram::State::fails) {
        const double middle = to + back * 2;
        svg += line(middle - 6, y - 6, middle + 6, y + 6, css) + line(middle - 6, y + 6, middle + 6, y - 6, css);
    }
    return svg + "<path class=\"arrow " + std::string(state_class(state)) + "\" d=\"M" + number(to + back) + " " +
           number(y - 5) + " L" + number(to) + " " + number(y) + " L" + number(to + back) + " " + number(y + 5) +
           "\"/>\n";
}

}  // namespace

std::string draw(const Timeline& timeline) {
    std::string body;
    double y = 0;
    if (!timeline.bars.empty()) {
        body += bars_of(timeline.bars, timeline.title, y);
    }
    if (!timeline.phases.empty()) {
        body += bars_of(timeline.phases, timeline.phases_title, y);
    }
    return open_svg(y, timeline.title) + body + "</svg>\n";
}

std::string draw(const SequenceDiagram& diagram) {
    constexpr double kTop = 44;
    constexpr double kRow = 46;
    if (diagram.participants.empty()) {
        return {};
    }
    const double column = kWidth / static_cast<double>(diagram.participants.size());
    const auto x_of = [&](std::size_t participant) { return column * (static_cast<double>(participant) + 0.5); };
    std::string body;
    double y = kTop + kRow;
    for (const SequenceDiagram::Step& step : diagram.steps) {
        const double from = x_of(step.from);
        const double to = step.from == step.to ? from + column * 0.3 : x_of(step.to);
        const double middle = (from + to) / 2;
        body += arrow(from, to, y, step.state);
        body += text_at(middle, y - 8, step.label, "text-anchor=\"middle\"");
        if (!step.note.empty()) {
            body += text_at(middle, y + 18, step.note, "text-anchor=\"middle\" class=\"why\"");
            y += kRow / 2;
        }
        y += kRow;
    }
    std::string svg = open_svg(y, diagram.participants.front());
    for (std::size_t index = 0; index < diagram.participants.size(); ++index) {
        const double x = x_of(index);
        svg += line(x, kTop, x, y - kRow / 2, "axis");
        svg += "<rect class=\"box\" x=\"" + number(x - column * 0.45) + "\" y=\"8\" width=\"" + number(column * 0.9) +
               "\" height=\"30\" rx=\"5\"/>\n";
        svg += text_at(x, 28, diagram.participants[index], "text-anchor=\"middle\"");
    }
    return svg + body + "</svg>\n";
}

}  // namespace banana::html
