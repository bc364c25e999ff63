#include "home_folders.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_home_folders)

BOOST_AUTO_TEST_CASE(home_folders_are_written_as_a_tilde_in_every_spelling) {
    for (const auto& [text, shown] : std::initializer_list<std::pair<std::string, std::string>>{
             {"/home/otto/ComfyUI", "~/ComfyUI"},
             {"/home/otto is full", "~ is full"},
             {"/Users/otto/x", "~/x"},
             {R"(C:\Users\otto\x)", R"(~\x)"},
             {R"(c:\users\otto\x)", R"(~\x)"},
             {R"(C:\Users\Zhang San\x)", R"(~\x)"},
             {R"(at C:\Users\Zhang San\x and D:\y)", R"(at ~\x and D:\y)"},
             {R"("C:\Users\张 三\ComfyUI")", R"("~\ComfyUI")"},
             {R"("C:\Users\张 三")", R"("~")"},
             {R"('C:\Users\Zhang San')", R"('~')"},
             {R"(C:\Users\张三)", "~"},
             {R"(C:\Users\otto, and D:\x)", R"(~, and D:\x)"},
             {R"(in C:\Users\otto and D:\x)", R"(in ~ and D:\x)"},
             {R"("C:\\Users\\Zhang San\\x")", R"("~\\x")"},
             {R"("C:\\Users\\\u5f20 \u4e09\\x")", R"("~\\x")"},
             {"C:/Users/Zhang San/x", "~/x"},
             {"file:///C:/Users/Zhang%20San/x", "file:///~/x"},
             {R"(\Device\HarddiskVolume3\Users\otto)", "~"},
             {R"(\Device\HarddiskVolume3\Users\Zhang San\x)", R"(~\x)"},
             {R"(\\?\C:\Users\otto\x)", R"(~\x)"},
             {R"(\\server\Users\otto\x)", R"(\\server\Users\otto\x)"},
             {"C:%5CUsers%5Czhao", "~"},
             {"path=C%3A%5CUsers%5CZhang%20San%5Cx&y", "path=~%5Cx&y"},
             {"/mnt/c/Users/zhao/x", "~/x"},
             {"/mnt/c/Users/Zhang San/x", "~/x"},
             {"/cygdrive/d/Users/zhao/x", "~/x"},
             {"/c/Users/zhao/x", "~/x"},
             {R"(HOMEPATH=\Users\zhao)", "HOMEPATH=~"},
             {R"(C:\Documents and Settings\Zhang San\x)", R"(~\x)"},
             {R"(D:\Benutzer\x)", R"(D:\Benutzer\x)"},
             {R"(C:\Users\Public\x)", R"(C:\Users\Public\x)"},
             {"https://example.org/Users/otto", "https://example.org/Users/otto"},
             {"https://api.example/home/x", "https://api.example/home/x"},
             {"the users/home question", "the users/home question"}}) {
        BOOST_TEST(without_home_folders(text) == shown);
    }
}

BOOST_AUTO_TEST_SUITE_END()
