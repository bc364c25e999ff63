// A report's content without a format: what Markdown and HTML are both written from.
#pragma once

#include "inline_text.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace banana {

struct Block;
using Blocks = std::vector<Block>;

struct Heading {
    int level = 1;  // 1 to 4
    Inline text;
};

struct Paragraph {
    Inline text;
};

// Items hold blocks, so that a step can carry its command.
struct List {
    bool ordered = false;
    std::vector<Blocks> items;
};

struct Table {
    std::vector<Inline> header;
    std::vector<std::vector<Inline>> rows;
    std::vector<bool> right_aligned;  // by column; missing ones are left-aligned
};

struct CodeBlock {
    std::string language;  // info string: letters only; empty for none
    std::string text;
};

struct Quote {
    Blocks blocks;
};

// The report's first box: the verdict in a few lines.
struct Callout {
    enum class Tone { good, caution, bad, unknown };
    Tone tone = Tone::unknown;
    Blocks blocks;
};

struct Rule {};

// The chain of calls, from the page to the upstream and back.
struct SequenceDiagram {
    enum class State { works, fails, not_reached, unknown };
    struct Step {
        std::size_t from = 0, to = 0;  // indexes of participants; equal ones are a note to oneself
        std::string label;
        State state = State::unknown;
        std::string note;  // why it fails; may be empty
    };
    std::vector<std::string> participants;
    std::vector<Step> steps;
};

// When each check ran. Formats that cannot draw leave it out: the table of checks says the same.
struct Timeline {
    struct Bar {
        std::string label;
        std::string status;  // pass, warn, fail, skip
        double start_ms = 0, duration_ms = 0;
    };
    std::string title;
    std::vector<Bar> bars;
    std::vector<Bar> phases;  // of the direct call, on its own scale; status is empty
    std::string phases_title;
};

struct Block {
    using Content =
        std::variant<Heading, Paragraph, List, Table, CodeBlock, Quote, Callout, Rule, SequenceDiagram, Timeline>;
    template <typename T>
    Block(T content) : content(std::move(content)) {}  // implicit: a block is any of these
    Content content;
};

struct Document {
    std::string language;  // BCP 47
    std::string title;
    Blocks blocks;
};

// Short cuts for the common blocks.
Block heading(int level, Inline text);
Block paragraph(Inline text);
Block code_block(std::string language, std::string text);
// A list of one-line items.
Block bullet_list(std::vector<Inline> items);
Block numbered_list(std::vector<Inline> items);

}  // namespace banana
