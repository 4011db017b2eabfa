# Read by ctest of the dev tree when it starts: adds the programs of the other trees (tsan, fuzz, lint) that exist by then,
# so that one ctest run and one summary cover everything. Run by tests/run; never builds anything.
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)

file(GLOB programs ${root}/build/tsan/bin/io_*)
foreach(program ${programs})
  get_filename_component(name ${program} NAME)
  add_test(tsan.${name} ${program})
  set_tests_properties(tsan.${name} PROPERTIES LABELS tsan TIMEOUT 600 ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1 second_deadlock_stack=1 suppressions=${root}/tests/thread.suppressions")
endforeach()

file(GLOB programs ${root}/build/fuzz/bin/*_fuzz)
foreach(program ${programs})
  get_filename_component(name ${program} NAME)
  if(name STREQUAL "canary_fuzz")
    add_test(fuzz.${name} ${root}/tests/fuzz/run --must-crash ${program})
  else()
    add_test(fuzz.${name} ${root}/tests/fuzz/run ${program})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endforeach()

if(EXISTS ${root}/build/lint/compile_commands.json)
  add_test(lint.unused_results ${root}/tests/lint ${root}/build/lint)
  set_tests_properties(lint.unused_results PROPERTIES LABELS lint TIMEOUT 1800 PROCESSORS 2)
endif()
