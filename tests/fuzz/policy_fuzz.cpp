// Any text as a policy and as its test file. What compiles decides every field, has a fingerprint of its own text, and equals itself.
#include "core/policy/diff.h"
#include "core/policy/test_cases.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  using namespace liaison::policy;
  const std::string_view chars = text({data, size});
  const auto tests = parse_test_file(chars);
  static const auto direct = *Policy::direct();
  if (tests) static_cast<void>(run_tests(*direct, *tests));
  const auto policy = Policy::compile(chars);
  if (!policy) {
    liaison_assert(policy.error().code == Errc::invalid_settings || policy.error().code == Errc::limit_exceeded);
    return 0;
  }
  liaison_assert((*Policy::compile(chars))->ref().fingerprint == (*policy)->ref().fingerprint);
  const FieldTable& fields = shipped_fields().front();
  liaison_assert((*policy)->decide_fields(fields, {}).size() == fields.fields().size());
  static_cast<void>((*policy)->screen({}));
  const auto same = diff_policies(*policy, *policy, 10);
  liaison_assert(!same || (same->changes.empty() && !same->loosens));
  return 0;
}
