// The one main() of every test program.
#define BOOST_TEST_MODULE banana_diag
#include <boost/test/unit_test.hpp>
