// The installed plugin as a reader of the report meets it, each fact with where it is from.
#pragma once

#include "run_context.hpp"

#include <boost/json/object.hpp>

namespace banana {

// Members of `subject.plugin`, each {"value", "from"} with "observed" (the running server shows it), "source" (the
// installed files say it) or "known" (of its family): `version`, `base_url`, `line`, `node` (its name in ComfyUI's
// menus), `key_box`, `buttons` (a list), `loader_header`, `key_elsewhere` ("task-center" or "workflow": where else the
// page takes a key from). What is not known is left out.
boost::json::object plugin_profile(const RunContext& context);

}  // namespace banana
