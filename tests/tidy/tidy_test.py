#!/usr/bin/env python3
"""Tests of tidy: every check reports its bad sample, with the line, and stays silent on the good one.

Each sample is a small tree in a temporary folder. Run by ctest as tidy.self; `tests/tidy/tidy_test.py -v` shows the names.
"""
import pathlib
import tempfile
import unittest

import code_rules
import documents
import modules
import tested
import tidy
from source import Tree, bare, functions

HEAD = "// What this file is for, in a sentence of some length so that the head is accepted as one,\n// and what it never does.\n"
TABLE = """| module | purpose | may use | third-party headers |
|---|---|---|---|
| core/base | basics | - | Boost.System |
| core/merkle | trees | base | OpenSSL crypto (one file) |
| io/net | sockets | core | Asio, OpenSSL |
| app | wires | everything | CLI11 |
"""
CMAKE = """liaison_module(core/base LIBS Boost::headers)
liaison_module(core/merkle DEPENDS base LIBS OpenSSL::Crypto)
liaison_module(io/net DEPENDS exchange LIBS OpenSSL::SSL Boost::headers)
liaison_module(app DEPENDS net LIBS CLI11::CLI11)
"""


class TidyTest(unittest.TestCase):
    """A tree per test."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with  # closed in tearDown
        self.root = pathlib.Path(self._folder.name)

    def tearDown(self):
        self._folder.cleanup()

    def named(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Tree(self.root)

    def found(self, check, files):
        return [str(p) for p in check(self.named(files))]

    def assert_reports(self, check, files, *parts):
        found = self.found(check, files)
        self.assertTrue(any(all(p in f for p in parts) for f in found), f"{check.__name__} did not report {parts}: {found}")

    def assert_clean(self, check, files):
        self.assertEqual(self.found(check, files), [])


class Modules(TidyTest):
    """Module table, links, includes."""

    def base(self, **more):
        files = {"node/README.md": TABLE, "node/CMakeLists.txt": CMAKE, "node/core/base/a.h": HEAD, "node/core/merkle/t.h": HEAD, "node/io/net/n.h": HEAD, "node/app/m.cpp": HEAD}
        files.update(more)
        return files

    def test_a_good_tree_is_clean(self):
        for check in modules.CHECKS:
            self.assert_clean(check, self.base())

    def test_missing_table_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/README.md": "no table"}), "no module table")

    def test_folder_without_row_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/core/extra/x.h": HEAD}), "node/core/extra has no row")

    def test_link_that_the_row_lacks_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/CMakeLists.txt": CMAKE.replace("core/base LIBS", "core/base DEPENDS merkle LIBS")}), "core/base links ['merkle']")

    def test_library_that_the_row_lacks_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/CMakeLists.txt": CMAKE.replace("LIBS Boost::headers)", "LIBS Boost::headers ICU::uc)", 1)}), "ICU::uc")

    def test_module_without_link_line_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/CMakeLists.txt": CMAKE.replace("liaison_module(app", "# (app")}), "no liaison_module(app")

    def test_row_that_looks_downwards_is_reported(self):
        self.assert_reports(modules.check_table, self.base(**{"node/README.md": TABLE.replace("basics | -", "basics | merkle")}), "dependencies point upwards")

    def test_include_of_a_lower_module_is_reported_with_its_line(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/base/a.h": HEAD + '#include "core/merkle/t.h"\n'}), "node/core/base/a.h:3", "may not use core/merkle")

    def test_core_including_io_is_reported(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/merkle/t.h": HEAD + '#include "io/net/n.h"\n'}), "may not use io/net")

    def test_third_party_header_in_the_wrong_module_is_reported(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/base/a.h": HEAD + "#include <openssl/evp.h>\n"}), "belongs to OpenSSL")

    def test_system_header_in_core_is_reported(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/base/a.h": HEAD + "#include <sys/socket.h>\n"}), "no system headers")

    def test_thread_in_core_is_reported(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/base/a.h": HEAD + "#include <mutex>\n"}), "no files, clocks, threads")

    def test_relative_include_is_reported(self):
        self.assert_reports(modules.check_includes, self.base(**{"node/core/base/a.h": HEAD + '#include "b.h"\n'}), "relative to node/")

    def test_command_line_including_the_store_is_reported(self):
        self.assert_reports(modules.check_clients, {"admin-cli/x.cpp": HEAD + '#include "io/store/lmdb_store.h"\n'}, "ask the node over its bus")

    def test_output_in_core_is_reported(self):
        self.assert_reports(modules.check_sockets, {"node/core/base/a.cpp": HEAD + "void f() { std::cout << 1; }\n"}, "std::cout in core")


class Coroutines(TidyTest):
    """Rules 1 to 4."""

    def reports(self, statement, part):
        self.assert_reports(code_rules.check_coroutines, {"node/io/net/a.cpp": HEAD + statement + "\n"}, "a.cpp:3", part)

    def test_condition_is_reported(self):
        self.reports("if (co_await f()) g();", "in a condition")
        self.reports("while (x && (co_await f(a(b)))) g();", "in a condition")

    def test_ternary_is_reported(self):
        self.reports("auto x = y ? co_await f() : 1;", "under ?:")

    def test_two_in_one_statement_are_reported(self):
        self.reports("auto x = add(co_await f(), co_await g());", "two co_await")

    def test_braced_temporary_is_reported(self):
        self.reports("auto x = co_await f(Options{1, 2});", "braced temporary")

    def test_lambda_in_the_expression_is_reported(self):
        self.reports("auto x = co_await run_on(pool, [&] { return 1; });", "lambda inside")

    def test_capturing_lambda_as_coroutine_is_reported(self):
        self.reports("auto f = [this](int a) -> asio::awaitable<void> { co_return; };", "capturing lambda")

    def test_view_as_parameter_is_reported(self):
        self.reports("asio::awaitable<void> f(std::string_view name);", "dangles")

    def test_good_forms_are_clean(self):
        good = """Options options{1};
auto x = co_await f(std::move(options));
if (x) co_await g();
for (auto& y : x) { auto z = co_await h(y[0]); use({z}); }
auto r = co_await (read_loop() || write_loop());
auto [a, b] = co_await stream.async_read_some(buffer, as_tuple(use_awaitable));
// if (co_await f()) is wrong
asio::awaitable<void> k(std::string name) { co_return; }
"""
        self.assert_clean(code_rules.check_coroutines, {"node/io/net/a.cpp": HEAD + good})


class Words(TidyTest):
    """Banned words, unfinished marks, machine paths."""

    def reports(self, statement, part, name="node/io/net/a.cpp"):
        self.assert_reports(code_rules.check_banned, {name: HEAD + statement + "\n"}, ":3", part)

    def test_each_banned_word_is_reported(self):
        self.reports("co_spawn(e, f(), asio::detached);", "supervise")
        self.reports("std::this_thread::sleep_for(1s);", "never sleep")
        self.reports("std::this_thread::sleep_for(1s);", "never sleep", "tests/io/net/a_test.cpp")
        self.reports("auto t = std::chrono::system_clock::now();", "Clock port")
        self.reports("auto t = std::chrono::steady_clock::now();", "given its time", "node/core/link/a.cpp")
        self.reports("int x = rand();", "Random port")
        self.reports("std::mt19937 engine;", "Random port")
        self.reports("return memcmp(a, b, 32) == 0;", "CRYPTO_memcmp")
        self.reports("auto* p = new Thing(1);", "make_unique")
        self.reports("delete p;", "smart pointer")
        self.reports("assert(x);", "liaison_assert")

    def test_good_code_is_clean(self):
        good = "Thing(const Thing&) = delete;\nstd::unique_ptr<Thing> p(new Thing(1));\n// rand() and new Thing\nauto s = \"delete p\";\nfs::last_write_time(p);\nusing T = std::chrono::system_clock;\n"
        self.assert_clean(code_rules.check_banned, {"node/io/net/a.cpp": HEAD + good})
        self.assert_clean(code_rules.check_banned, {"node/io/runtime/clock.cpp": HEAD + "auto t = std::chrono::system_clock::now();\n"})

    def test_unfinished_mark_is_reported(self):
        self.assert_reports(code_rules.check_unfinished, {"node/a.h": HEAD + "// TO" + "DO later\n"}, "a.h:3", "finish it")

    def test_machine_path_is_reported(self):
        self.assert_reports(code_rules.check_unfinished, {"README.md": "see /ho" + "me/me/x\n"}, "path of one machine")


class Sizes(TidyTest):
    """Lengths and heads."""

    def test_long_file_is_reported(self):
        self.assert_reports(code_rules.check_lengths, {"node/a.cpp": HEAD + "int x;\n" * 500}, "502 lines")

    def test_long_function_is_reported_by_name(self):
        body = "namespace a {\nResult<int> Thing::work(int x) const {\n" + "  x = 1;\n" * 70 + "}\n}\n"
        self.assert_reports(code_rules.check_lengths, {"node/a.cpp": HEAD + body}, "a.cpp:4", "Thing::work has 72 lines")

    def test_long_python_function_is_reported(self):
        self.assert_reports(code_rules.check_lengths, {"tests/a.py": '"""Head."""\ndef f():\n' + "    x = 1\n" * 70}, "f has 71 lines")

    def test_functions_are_found_between_data_classes_and_directives(self):
        text = bare("#define X(a) \\\n  { a }\nnamespace n {\nconst T t = {{1, 2}, {3}};\nclass C {\n  int f() { return 1; }\n  int g_ = 0;\n};\nvoid C::h(int a)\n{\n  if (a) { b(); }\n}\n}\n")
        self.assertEqual([(n, lines) for n, _, lines in functions(text)], [("f", 1), ("C::h", 4)])

    def test_missing_head_is_reported(self):
        self.assert_reports(code_rules.check_heads, {"node/a.h": "#pragma once\n"}, "head comment of 0 lines")
        self.assert_reports(code_rules.check_heads, {"tests/a.py": "import os\n"}, "head comment of 0 lines")

    def test_endless_head_is_reported(self):
        self.assert_reports(code_rules.check_heads, {"node/a.h": "// word word word word word word\n" * 7}, "head comment of 7 lines")

    def test_good_heads_are_clean(self):
        self.assert_clean(code_rules.check_heads, {"node/a.h": HEAD + "#pragma once\n", "tests/a.py": '#!/usr/bin/env python3\n"""What this is for, said in one sentence.\n\nMore.\n"""\n'})


class Tested(TidyTest):
    """Tests, fuzz targets, seeds, folder documents."""

    HEADER = HEAD + "namespace liaison::link {\nResult<Entry> decode_entry(ByteView bytes);\nclass Log {\n public:\n  static Result<Log> parse(ByteView bytes);\n};\n}\n"

    def test_untested_header_is_reported(self):
        self.assert_reports(tested.check_unit_tests, {"node/core/link/entry.h": HEAD}, "write tests/unit/link/entry_test.cpp")

    def test_tested_header_is_clean(self):
        self.assert_clean(tested.check_unit_tests, {"node/core/link/entry.h": HEAD, "tests/unit/link/entry_test.cpp": HEAD})

    def test_header_used_only_inside_its_folder_needs_no_test_of_its_own(self):
        self.assert_clean(tested.check_unit_tests, {"node/core/link/inner.h": HEAD, "node/core/link/a.cpp": HEAD + '#include "core/link/inner.h"\n'})

    def test_decoder_without_fuzz_target_is_reported(self):
        files = {"node/core/link/entry.h": self.HEADER}
        self.assert_reports(tested.check_fuzz, files, "entry.h:4", "no fuzz target calls decode_entry")
        self.assert_reports(tested.check_fuzz, files, "entry.h:7", "no fuzz target calls Log::parse")

    def test_fuzzed_decoder_is_clean(self):
        fuzz = HEAD + "void f() { link::decode_entry(x); link::Log::parse(x); }\n"
        self.assert_clean(tested.check_fuzz, {"node/core/link/entry.h": self.HEADER, "tests/fuzz/entry_fuzz.cpp": fuzz})

    def test_decoder_named_only_in_a_comment_is_reported(self):
        self.assert_reports(tested.check_fuzz, {"node/core/link/entry.h": self.HEADER, "tests/fuzz/entry_fuzz.cpp": "// decode_entry( Log::parse(\n"}, "decode_entry")

    def test_target_without_seeds_is_reported(self):
        self.assert_reports(tested.check_seeds, {"tests/fuzz/entry_fuzz.cpp": HEAD}, "tests/fuzz/corpus/entry/")

    def test_target_with_seeds_and_canary_are_clean(self):
        self.assert_clean(tested.check_seeds, {"tests/fuzz/entry_fuzz.cpp": HEAD, "tests/fuzz/corpus/entry/one": "x", "tests/fuzz/canary_fuzz.cpp": HEAD})

    def test_folder_without_readme_is_reported(self):
        self.assert_reports(tested.check_readmes, {"pki/a.h": HEAD}, "pki/README.md")


class Documents(TidyTest):
    """Facts in code and documents."""

    LIMITS = "inline constexpr std::size_t a_bytes_max = 3 << 20;\ninline constexpr auto b_max = 30 * 24h;\n"

    def test_wrong_limit_is_reported(self):
        text = "## Limits\n\n| name | value |\n|---|---|\n| `a_bytes_max` | 2 MiB |\n| `b_max` | 30 days |\n"
        self.assert_reports(documents.check_limits, {"node/core/base/limits.h": self.LIMITS, "SECURITY.md": text}, "SECURITY.md:5", "a_bytes_max")

    def test_missing_and_foreign_limits_are_reported(self):
        text = "## Limits\n\n| name | value |\n|---|---|\n| `a_bytes_max` | 3 MiB |\n| `c_max` | 1 |\n"
        files = {"node/core/base/limits.h": self.LIMITS, "SECURITY.md": text}
        self.assert_reports(documents.check_limits, files, "b_max", "is missing")
        self.assert_reports(documents.check_limits, files, "c_max", "does not exist")

    def test_error_code_in_the_wrong_group_is_reported(self):
        code = "enum class Errc : std::uint16_t {\n  // retry_later: x\n  busy = 1,\n  // close_link: y\n  bad_frame = 200,\n};\n"
        text = "## Error codes\n\n| what to do | codes |\n|---|---|\n| `retry_later` | `busy`, `bad_frame` |\n"
        self.assert_reports(documents.check_errors, {"node/core/base/result.h": code, "schemas/PROTOCOL.md": text}, "bad_frame is close_link")

    def test_missing_table_is_reported(self):
        code = "enum class Table : std::uint8_t {\n  meta,  // x\n  outbox,\n};\n"
        self.assert_reports(documents.check_tables, {"node/core/exchange/tables.h": code, "ARCHITECTURE.md": "## Storage\n\n| table | x |\n|---|---|\n| `meta` | y |\n"}, "table outbox")

    def test_missing_event_is_reported(self):
        code = "enum class Event : std::uint8_t { received = 1, refused, };\n"
        self.assert_reports(documents.check_events, {"node/core/audit/entry.h": code, "schemas/PROTOCOL.md": "### Audit events\n\n| event | x |\n|---|---|\n| `received` | y |\n"}, "event refused")

    def test_missing_tag_is_reported(self):
        code = 'inline constexpr auto field = "liaison/field/v1\\0"sv;\n'
        self.assert_reports(documents.check_tags, {"node/core/base/tags.h": code, "schemas/PROTOCOL.md": "### Domain tags\n\n| tag | x |\n|---|---|\n| `liaison/leaf/v1` | y |\n"}, "liaison/field/v1")

    def test_missing_and_foreign_settings_are_reported(self):
        code = "table Bus {\n  endpoints:[string] (id: 0);\n}\ntable SettingsFile {\n  agency:string (id: 0);\n  bus:Bus (id: 1);\n}\n"
        files = {"schemas/settings.fbs": code, "deploy/README.md": "## Settings\n\n| name | x |\n|---|---|\n| `agency` | y |\n| `port` | y |\n"}
        self.assert_reports(documents.check_settings, files, "setting bus.endpoints")
        self.assert_reports(documents.check_settings, files, "port", "does not exist")

    def test_dead_link_is_reported(self):
        self.assert_reports(documents.check_links, {"docs/a.md": "see [b](../b.md)\n"}, "docs/a.md:1", "leads nowhere")
        self.assert_clean(documents.check_links, {"docs/a.md": "see [b](../b.md#x)\n", "b.md": ""})


class Whole(unittest.TestCase):
    """The program itself."""

    def test_every_check_has_a_sample_above(self):
        used = pathlib.Path(__file__).read_text(encoding="utf-8")
        for part in (modules, code_rules, tested, documents):
            for check in part.CHECKS:
                self.assertIn(f"{part.__name__}.{check.__name__},", used, "write a bad sample for it")

    def test_unknown_check_is_refused(self):
        self.assertEqual(tidy.main(["no_such"]), 2)


if __name__ == "__main__":
    unittest.main()
