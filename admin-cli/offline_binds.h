// The options of the commands that need no node (form, keys, csr, ca, directory), and their hand-over to the functions that do the work.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_form_blank(Options& options);
Action bind_form_check(Options& options);
Action bind_form_convert(Options& options);
Action bind_keys_init(Options& options);
Action bind_keys_show(Options& options);
Action bind_keys_rotate(Options& options);
Action bind_keys_install(Options& options);
Action bind_csr(Options& options);
Action bind_ca_init(Options& options);
Action bind_ca_request(Options& options);
Action bind_ca_issuing(Options& options);
Action bind_ca_issue(Options& options);
Action bind_ca_renew(Options& options);
Action bind_ca_revoke(Options& options);
Action bind_ca_crl(Options& options);
Action bind_ca_list(Options& options);
Action bind_ca_ocsp(Options& options);
Action bind_directory_init(Options& options);
Action bind_directory_add(Options& options);
Action bind_directory_sign(Options& options);
Action bind_directory_show(Options& options);
Action bind_directory_change(Options& options);
Action bind_directory_suspend(Options& options);
Action bind_directory_resume(Options& options);
Action bind_directory_remove(Options& options);
Action bind_directory_rename(Options& options);
Action bind_directory_succeed(Options& options);
Action bind_directory_group(Options& options);
Action bind_directory_competence(Options& options);
Action bind_directory_revoke(Options& options);
Action bind_directory_authority(Options& options);
Action bind_directory_validity(Options& options);
Action bind_directory_make(Options& options);
Action bind_directory_merge(Options& options);
Action bind_directory_diff(Options& options);
Action bind_directory_key(Options& options);
}  // namespace liaison::cli
