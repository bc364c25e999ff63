#include "plugin_imports.hpp"
#include "plugin_source.hpp"
#include "python_statements.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_plugin_imports)

BOOST_AUTO_TEST_CASE(imports_that_may_fail_are_not_required) {
    const std::vector<SourceFile> files{{"__init__.py", "from .loader_bootstrap import load_all\n"},
                                        {"loader_bootstrap.py",
                                         "try:\n    import balance_service\nexcept ImportError:\n    pass\n"
                                         "def later():\n    import api_client\n"
                                         "if TYPE_CHECKING:\n    from .types_only import Name\n"
                                         "if sys.platform == 'win32':\n    from . import windows_only\n"
                                         "else:\n    from . import others_only\n"
                                         "with contextlib.suppress(ImportError):\n    import image_codec\n"
                                         "import os, task_runner as runner\n"}};
    const std::vector<std::string> modules{"loader_bootstrap", "task_runner"};
    BOOST_TEST(scan_plugin_source(files).required_modules == modules, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
