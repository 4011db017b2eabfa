// `liaison form facts FILE`: what the words of a form suggest, offline: nothing is asked, changed or sent. Gaps of the form do not matter here.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_form_facts(Options& options);
}
