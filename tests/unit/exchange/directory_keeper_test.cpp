// The directory in running nodes (directory_keeper.h, directory_store.h): published at one, taken by the other, refused with its reason and kept as proof,
// changes of authorities in order, sessions of removed agencies, the grace and its override, and that nothing is decided under one version and stored under another.
#include "core/exchange/directory_keeper.h"

#include <gtest/gtest.h>

#include "core/exchange/directory_store.h"
#include "tests/unit/exchange/pair.h"

namespace liaison::exchange::test {
namespace {
using sim::DirectoryEdit;
using sim::make_directory_file;

Hash hash_of(const Bytes& file) { return directory::parse_label(file)->hash; }

struct Directories : testing::Test {
  Pair pair;
  Party& gs = pair.gs;
  Party& ke = pair.ke;
  const Hash first = sim::federation().directory->hash();
  Bytes v2 = make_directory_file({.version = 2, .previous = first});

  template <class Make>
  static Bytes call(Make make) {
    flatbuffers::FlatBufferBuilder builder;
    const auto request = make(builder);
    builder.Finish(api::CreateCall(builder, kind_of(request), request.Union()));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
  template <class T>
  static api::Request kind_of(flatbuffers::Offset<T>) { return api::RequestTraits<T>::enum_value; }

  // Version and "known", or the code of the refusal.
  std::string publish(Party& at, const Bytes& file, const std::string& person = "admin-1") {
    const auto& answer = pair.ask(at, person, call([&](auto& builder) { return api::CreatePublishDirectory(builder, builder.CreateVector(file)); }));
    if (const auto* refusal = answer.reply_as_Refusal()) return refusal->code()->str();
    const auto* done = answer.reply_as_DirectoryInForce();
    return std::to_string(done->version()) + (done->known() ? " known" : "");
  }
  std::string allow(Party& at, std::uint32_t hours, const std::string& reason = "the authority is being moved") {
    const auto& answer = pair.ask(at, "admin-1", call([&](auto& builder) { return api::CreateOverrideDirectory(builder, hours, builder.CreateString(reason)); }));
    if (const auto* refusal = answer.reply_as_Refusal()) return refusal->code()->str();
    return "allowed";
  }
  std::uint64_t version(Party& at) { return pair.node(at).context()->directory->version(); }
  void connect() {
    if (!pair.linked) pair.link();
    pair.settle_hello();
  }
  std::size_t audited(Party& at, audit::Event event, std::string_view reason) const {
    const auto rows = at.site.disk.memory.scan(Table::audit_entry, {}, 10'000).value();
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const Row& row) {
      const auto entry = audit::decode(row.second).value();
      return entry.event == event && entry.reason == reason;
    }));
  }
  std::size_t proofs(Party& at) const { return at.site.disk.memory.scan(Table::directory, {Bytes{0xFF}, {}}, 1000).value().size(); }
  // A node that holds, and hands on, what no node would have taken.
  void plant(Party& at, const Bytes& file, const directory::AuthorityPins& pins) {
    auto context = std::make_shared<Context>(*pair.node(at).context());
    context->directory = directory::Directory::load(file, pins).value();
    pair.node(at).replace_context(std::move(context));
    WriteSet set;
    set.ops.push_back({OpKind::put, Table::directory, key_of(pair.node(at).context()->directory->version()), file});
    liaison_assert(at.site.disk.commit(std::span(&set, 1)).front() == Outcome::committed);
  }
  static directory::AuthorityPins pins_of(const Bytes& file) { return directory::parse_label(file)->authorities; }
  void pass(Milliseconds time) {
    gs.now += time;
    ke.now = gs.now;
    for (Party* one : {&gs, &ke}) pair.node(*one).on_tick();
    pair.settle_hello();
  }
};
}  // namespace

TEST_F(Directories, published_at_one_node_is_taken_by_the_other_without_restart) {
  connect();
  EXPECT_EQ(publish(gs, v2), "2");
  pair.settle_hello();
  EXPECT_EQ(version(gs), 2U);
  EXPECT_EQ(version(ke), 2U);
  EXPECT_TRUE(pair.linked);
  EXPECT_EQ(audited(gs, audit::Event::directory, "directory_published"), 1U);
  EXPECT_EQ(audited(ke, audit::Event::directory, "directory_taken"), 1U);
  EXPECT_EQ(publish(ke, v2), "2 known");
  for (Party* one : {&gs, &ke}) {
    pair.restart(*one);
    EXPECT_EQ(version(*one), 2U);
  }
}

TEST_F(Directories, whoever_was_away_asks_after_the_hello) {
  EXPECT_EQ(publish(gs, v2), "2");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = hash_of(v2)})), "3");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 9, .previous = Hash{1}})), "9");  // ordinary versions may be left out
  connect();
  EXPECT_EQ(version(ke), 9U);
  EXPECT_EQ(audited(ke, audit::Event::directory, "directory_taken"), 1U);
}

TEST_F(Directories, changes_of_authorities_are_taken_in_order_and_survive_a_restart) {
  const Bytes change = make_directory_file({.version = 2, .previous = first, .authority = sim::second_authority, .signers = {sim::first_authority, sim::second_authority}});
  const DirectoryEdit by_second{.version = 3, .previous = hash_of(change), .authority = sim::second_authority, .signers = {sim::second_authority}};
  const Bytes v3 = make_directory_file(by_second);
  EXPECT_EQ(publish(gs, v3), "chain_broken");  // the change is left out
  EXPECT_TRUE(pair.has_alarm(gs, "directory_refused"));
  EXPECT_EQ(proofs(gs), 1U);
  EXPECT_EQ(publish(gs, change), "2");
  EXPECT_EQ(publish(gs, v3), "3");
  for (std::uint64_t number = 4; number < 10; ++number) {
    DirectoryEdit next = by_second;
    next.version = number;
    next.previous = pair.node(gs).context()->directory->hash();
    ASSERT_EQ(publish(gs, make_directory_file(next)), std::to_string(number));
  }
  EXPECT_TRUE(load_directory_file(gs.site.disk.memory, 2).value()) << "a change of authorities is kept";
  EXPECT_FALSE(load_directory_file(gs.site.disk.memory, 4).value()) << "old ordinary versions are not";
  connect();
  EXPECT_EQ(version(ke), 9U);
  EXPECT_EQ(audited(ke, audit::Event::directory, "directory_taken"), 2U);
  pair.restart(ke);
  EXPECT_EQ(version(ke), 9U);
}

TEST_F(Directories, every_refusal_leaves_the_old_one_in_force) {
  ASSERT_EQ(publish(gs, v2), "2");
  const Hash second = hash_of(v2);
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = second, .signers = {}})), "bad_signature");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = second, .signers = {sim::second_authority}})), "bad_signature");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = first})), "chain_broken");
  EXPECT_EQ(publish(gs, sim::federation().directory_file), "superseded");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 2, .previous = first, .group = "other"})), "conflicting_version");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 1, .group = "other"})), "superseded") << "its number is not kept any more, so nothing contradicts it";
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = second, .grace = "2026-03-03T00:00:00.000Z", .expires = "2026-03-02T00:00:00.000Z"})), "directory_stale");
  EXPECT_EQ(publish(gs, to_bytes("no directory at all")), "bad_format");
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = second}), "officer"), "not_permitted");
  EXPECT_EQ(version(gs), 2U);
  EXPECT_TRUE(pair.has_alarm(gs, "directory_conflict"));
  EXPECT_EQ(audited(gs, audit::Event::refused, "bad_signature"), 2U);
  EXPECT_GE(proofs(gs), 5U);
  EXPECT_EQ(publish(gs, make_directory_file({.version = 3, .previous = second})), "3");
}

TEST_F(Directories, two_versions_of_one_number_are_kept_as_proof_and_neither_replaces_the_other) {
  const Bytes other = make_directory_file({.version = 2, .previous = first, .group = "other"});
  ASSERT_EQ(publish(gs, v2), "2");
  ASSERT_EQ(publish(ke, other), "2");
  connect();
  for (const auto& [one, own, theirs] : {std::tuple{&gs, hash_of(v2), hash_of(other)}, {&ke, hash_of(other), hash_of(v2)}}) {
    EXPECT_EQ(pair.node(*one).context()->directory->hash(), own);
    EXPECT_TRUE(pair.has_alarm(*one, "directory_conflict"));
    const auto kept = one->site.disk.memory.scan(Table::directory, {Bytes{0xFF}, {}}, 10).value();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(hash_of(kept.front().second), theirs);
  }
  // A later version of the authority ends it.
  EXPECT_EQ(publish(gs, make_directory_file({.version = 4, .previous = Hash{5}})), "4");
  pair.settle_hello();
  EXPECT_EQ(version(ke), 4U);
}

TEST_F(Directories, a_peer_that_hands_on_what_nobody_signed_is_believed_nothing) {
  const Bytes forged = make_directory_file({.version = 3, .previous = Hash{9}, .authority = sim::second_authority, .signers = {sim::second_authority}});
  plant(gs, forged, pins_of(forged));
  connect();
  EXPECT_EQ(version(ke), 1U);
  EXPECT_TRUE(pair.has_alarm(ke, "directory_refused"));
  EXPECT_EQ(proofs(ke), 1U);
  EXPECT_EQ(audited(ke, audit::Event::refused, "chain_broken"), 1U);
  pass(Seconds{1});
  EXPECT_EQ(audited(ke, audit::Event::refused, "chain_broken"), 1U) << "not asked again at once";
}

TEST_F(Directories, a_removed_peer_loses_its_session_and_gets_no_other) {
  connect();
  ASSERT_TRUE(pair.linked);
  const Uuid waiting = [&] {
    pair.unlink();
    return pair.submit(gs, 1);
  }();
  connect();
  pair.unlink();
  const Uuid second = pair.submit(gs, 2);
  ASSERT_EQ(publish(gs, make_directory_file({.version = 2, .previous = first, .without = {"ke.customs"}})), "2");
  pair.link();
  pair.settle_hello();
  EXPECT_FALSE(pair.linked) << "ended before a frame";
  EXPECT_GE(audited(gs, audit::Event::refused, "not_admitted"), 1U);
  EXPECT_EQ(version(ke), 1U) << "an agency that is no member gets no directory over the link";
  pass(Seconds{2});
  const auto left = gs.site.disk.memory.scan(Table::outbox, {}, 100).value();
  EXPECT_TRUE(left.empty()) << "what waited is returned";
  const auto row = gs.site.disk.memory.get(Table::disclosure, key_of(RecordKey{"int.gs", second, 1}, "ke.customs")).value();
  ASSERT_TRUE(row);
  EXPECT_EQ(decode_disclosure_row(*row)->state, DisclosureState::refused);
  EXPECT_EQ(decode_disclosure_row(*row)->reason, "not_admitted");
  EXPECT_EQ(pair.times_in_inbox(ke, waiting), 1U);
  EXPECT_EQ(pair.times_in_inbox(ke, second), 0U);
}

TEST_F(Directories, an_open_session_ends_when_its_agency_is_removed_or_a_key_was_stolen) {
  connect();
  ASSERT_EQ(publish(gs, make_directory_file({.version = 2, .previous = first, .compromised = {"ke.customs"}})), "2");
  EXPECT_FALSE(pair.linked);
  EXPECT_EQ(audited(gs, audit::Event::refused, "key_not_valid"), 1U);
  EXPECT_FALSE(pair.node(gs).context()->directory->current_key("ke.customs", crypto::KeyRole::seal, gs.now));
  connect();
  ASSERT_EQ(publish(gs, make_directory_file({.version = 3, .previous = pair.node(gs).context()->directory->hash(), .without = {"ke.customs"}})), "3");
  EXPECT_FALSE(pair.linked);
  EXPECT_GE(audited(gs, audit::Event::refused, "not_admitted"), 1U);
}

TEST_F(Directories, a_crash_between_store_and_swap_finds_the_new_one_in_force) {
  auto next = check_new_directory(*pair.node(gs).context(), v2).value();
  ASSERT_EQ(gs.site.disk.commit(std::span(&next.set, 1)).front(), Outcome::committed);
  EXPECT_EQ(version(gs), 1U);
  pair.restart(gs);
  EXPECT_EQ(version(gs), 2U);
  // The same file once more, from a node that had not seen its own commit.
  EXPECT_EQ(publish(gs, v2), "2 known");
}

TEST_F(Directories, a_commit_that_fails_is_tried_again_and_one_of_unknown_outcome_is_looked_up) {
  gs.site.disk.memory.script({support::Fault::refuse});
  EXPECT_EQ(publish(gs, v2), "outcome_unknown");
  EXPECT_EQ(version(gs), 1U);
  EXPECT_TRUE(pair.node(gs).may_decide());
  gs.site.disk.memory.script({support::Fault::apply_and_unknown});
  EXPECT_EQ(publish(gs, v2), "2");
  connect();
  EXPECT_EQ(version(ke), 2U);
  const Bytes v3 = make_directory_file({.version = 3, .previous = hash_of(v2)});
  ke.site.disk.memory.script({support::Fault::refuse});
  EXPECT_EQ(publish(gs, v3), "3");
  pair.settle_hello();
  EXPECT_EQ(version(ke), 2U);
  pass(Seconds{3});
  EXPECT_EQ(version(ke), 3U);
}

TEST_F(Directories, what_was_decided_under_one_version_is_not_stored_under_the_next) {
  auto item = dispatched(gs, "ke.customs", submission("ke.customs"));
  Prepared prepared;
  prepared.policy = pair.node(gs).context()->policy->ref().fingerprint;
  prepared.directory = pair.node(gs).context()->directory->hash();
  prepared.items.push_back(std::move(item));
  WriteSet row;
  row.ops.push_back({OpKind::put, Table::outbox, key_of_outbox("ke.customs", Lane::routine, 0), encode(prepared.items.front().row)});
  ASSERT_EQ(gs.site.disk.commit(std::span(&row, 1)).front(), Outcome::committed);
  OutboundLog log{{"ke.customs", Direction::outbound, 0, Lane::routine, 0}, {}};
  const NextOutboxSeq seqs = [&](const std::string& peer, Lane lane) { return pair.node(gs).next_outbox_seq(peer, lane); };
  auto done = finish_dispatch(*pair.node(gs).context(), log, std::move(prepared), {seqs, pair.node(gs).held_seqs()}).value();
  ASSERT_EQ(publish(gs, v2), "2");
  EXPECT_EQ(gs.site.disk.commit(std::span(&done.set, 1)).front(), Outcome::conflict);
}

TEST_F(Directories, past_the_grace_records_wait_and_a_newer_version_still_comes) {
  const Uuid id = pair.submit(gs, 1);
  gs.now = parse_time("2027-07-02T00:00:00.000Z").value();
  ke.now = gs.now;
  connect();
  pass(Milliseconds{300});
  EXPECT_TRUE(pair.linked);
  EXPECT_TRUE(pair.has_alarm(gs, "directory_stale"));
  EXPECT_EQ(pair.times_in_inbox(ke, id), 0U);
  EXPECT_EQ(publish(gs, make_directory_file({.version = 2, .previous = first, .grace = "2027-10-01T00:00:00.000Z", .expires = "2027-09-01T00:00:00.000Z"})), "2");
  pair.settle_hello();
  EXPECT_EQ(version(ke), 2U);
}

TEST_F(Directories, an_override_lasts_as_many_hours_as_allowed_and_no_more_than_seventy_two) {
  EXPECT_EQ(allow(gs, 1), "not_permitted") << "it has not expired";
  gs.now = parse_time("2027-06-02T00:00:00.000Z").value();
  ke.now = gs.now;
  for (Party* one : {&gs, &ke}) pair.node(*one).on_tick();
  pair.settle_hello();
  EXPECT_TRUE(pair.has_alarm(gs, "directory_expired"));
  EXPECT_TRUE(pair.node(gs).context()->check_fresh()) << "expired is a warning";
  gs.now = parse_time("2027-07-03T00:00:00.000Z").value();
  ke.now = gs.now;
  EXPECT_EQ(pair.node(gs).context()->check_fresh().error().code, Errc::directory_stale);
  EXPECT_EQ(allow(gs, 0), "not_permitted");
  EXPECT_EQ(allow(gs, 73), "not_permitted");
  EXPECT_EQ(allow(gs, 24, ""), "invalid_argument");
  EXPECT_EQ(allow(gs, 24, "two\nlines"), "invalid_argument");
  EXPECT_EQ(allow(gs, 24), "allowed");
  EXPECT_EQ(audited(gs, audit::Event::directory, "override_24h"), 1U);
  EXPECT_TRUE(pair.has_alarm(gs, "directory_override"));
  EXPECT_TRUE(pair.node(gs).context()->check_fresh());
  pair.restart(gs);
  EXPECT_TRUE(pair.node(gs).context()->check_fresh()) << "also after a restart";
  EXPECT_EQ(allow(gs, 48), "allowed");
  EXPECT_EQ(allow(gs, 1), "not_permitted");
  gs.now += std::chrono::hours{72};
  EXPECT_TRUE(pair.node(gs).context()->check_fresh());
  gs.now += Seconds{1};
  EXPECT_FALSE(pair.node(gs).context()->check_fresh()) << "ends hard";
}

// Two of twelve agencies are linked; the others have endpoints, so somebody else might know better.
struct Lonely : Directories {
  Lonely() {
    v2 = make_directory_file({.version = 2, .previous = first, .endpoint = "192.0.2.1:4650"});
    for (Party* one : {&gs, &ke}) {
      EXPECT_EQ(publish(*one, v2), "2");
      pair.restart(*one);
    }
  }
};

TEST_F(Lonely, records_wait_for_a_second_opinion_and_not_for_ever) {
  const Uuid id = pair.submit(gs, 1);
  connect();
  EXPECT_EQ(pair.times_in_inbox(ke, id), 0U);
  pass(limits::directory_wait - Milliseconds{100});
  EXPECT_EQ(pair.times_in_inbox(ke, id), 0U);
  pass(Milliseconds{200});
  EXPECT_EQ(pair.times_in_inbox(ke, id), 1U);
}

TEST_F(Lonely, a_batch_that_came_early_is_neither_stored_nor_acknowledged) {
  const Uuid id = pair.submit(gs, 1);
  connect();
  gs.now += limits::directory_wait;  // gs goes first
  pair.node(gs).on_tick();
  pair.settle_hello();
  EXPECT_EQ(load_head(ke.site.disk.memory, Pair::log(gs, Direction::inbound)).value().frontier.size(), 0U);
  EXPECT_EQ(pair.times_in_inbox(ke, id), 0U);
  ke.now = gs.now;
  pair.node(ke).on_tick();
  pair.settle_hello();
  EXPECT_EQ(pair.times_in_inbox(ke, id), 1U);
}

}  // namespace liaison::exchange::test
