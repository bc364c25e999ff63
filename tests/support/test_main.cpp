// The one main() of every test program. What was skipped is said, and where BANANA_SKIPPED names a file, counted there:
// a line a test.
#define BOOST_TEST_MODULE banana_diag
#include <boost/test/framework.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace {

class SkippedTests : public boost::unit_test::test_observer {
public:
    SkippedTests() { boost::unit_test::framework::register_observer(*this); }
    ~SkippedTests() override { boost::unit_test::framework::deregister_observer(*this); }

    void test_unit_skipped(const boost::unit_test::test_unit& unit, boost::unit_test::const_string reason) override {
        if (reason == "disabled") {
            return;  // not asked for: --run_test named other suites
        }
        std::cout << "skipped: " << unit.full_name() << ": " << reason << '\n';
        if (const char* file = std::getenv("BANANA_SKIPPED")) {
            std::ofstream(file, std::ios::app) << unit.full_name() << ": " << reason << '\n';
        }
    }
};

}  // namespace

// As a fixture: a configuration is destroyed while the framework goes through its observers.
BOOST_TEST_GLOBAL_FIXTURE(SkippedTests);
