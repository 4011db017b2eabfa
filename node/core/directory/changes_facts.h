// The part of changes.h that compares entries as they stand: keys, certificate authorities, revocations, endpoints, standings, groups, competences, federation policies,
// and who may sign the directory. Pure; never fails. Who reads and relays because of them is decided in changes.cpp.
#pragma once
#include "core/directory/changes.h"

namespace liaison::directory {

void compare_facts(const Directory* before, const Directory& after, std::vector<Change>& out);

}  // namespace liaison::directory
