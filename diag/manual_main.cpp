// A tool of the build: prints the manual page or a shell's completion, for packages.
//   banana-manual man DATE|bash|zsh
#include "manual.hpp"
#include "messages.hpp"

#include <iostream>
#include <string>

int main(int count, char** words) {
    const std::string wanted = count > 1 ? words[1] : "";
    const banana::Catalog& texts = banana::catalog("en");
    if (wanted == "man" && count > 2) {
        std::cout << banana::manual_page(texts, BANANA_VERSION, words[2]);
    } else if (wanted == "bash") {
        std::cout << banana::bash_completion();
    } else if (wanted == "zsh") {
        std::cout << banana::zsh_completion(texts);
    } else {
        std::cerr << "usage: banana-manual man DATE | bash | zsh\n";
        return 2;
    }
    return 0;
}
