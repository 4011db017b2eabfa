// Directory frames over a session: round trips, the feature both Hellos must have, one question at a time, pieces nobody asked for or larger than allowed.
#include <gtest/gtest.h>

#include "core/link/frames.h"
#include "core/link/segments.h"
#include "tests/support/link_party.h"

namespace liaison::link {
namespace {

using support::LinkPair;
using support::LinkParty;

const DirectoryMark held{7, Hash{1, 2, 3}};

struct DirectoryFrames : testing::Test {
  LinkParty ke{"ke.customs", "int.gs", 1};
  LinkParty gs{"int.gs", "ke.customs", 2};
  LinkPair pair{ke, gs};

  template <class T>
  std::vector<T> events(Session& session) {
    std::vector<T> out;
    for (auto& event : session.take_events())
      if (auto* found = std::get_if<T>(&event)) out.push_back(std::move(*found));
    return out;
  }
  // From a to b without b's party looking at it.
  void carry() {
    for (Bytes bytes = pair.at_a.take_output(1 << 20); !bytes.empty(); bytes = pair.at_a.take_output(1 << 20)) ASSERT_TRUE(pair.at_b.on_bytes(bytes, pair.now));
  }
  template <class T>
  Result<void> feed(const T& frame) {
    SegmentQueue queue;
    queue.push(Channel::control, encode(frame));
    return pair.at_b.on_bytes(queue.take(limits::frame_bytes_max * 2), pair.now);
  }
};

TEST_F(DirectoryFrames, NoticeQuestionAndAnswerArriveAsTheyWere) {
  ASSERT_TRUE(pair.settle());
  ASSERT_TRUE(pair.at_a.tell_directory(held));
  ASSERT_TRUE(pair.at_a.ask_directory({held, 9, 77}));
  carry();
  std::vector<Event> seen = pair.at_b.take_events();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(std::get<DirectoryTold>(seen[0]).held, held);
  const auto& question = std::get<DirectoryAsked>(seen[1]).question;
  EXPECT_EQ(question.held, held);
  EXPECT_EQ(question.step, 9U);
  EXPECT_EQ(question.offset, 77U);
  const DirectoryMark next{9, Hash{4}};
  ASSERT_TRUE(pair.at_b.send_directory({next, 100, 77, Bytes(23, 5)}));
  const Bytes bytes = pair.at_b.take_output(1 << 20);
  ASSERT_TRUE(pair.at_a.on_bytes(bytes, pair.now));
  const auto came = events<DirectoryCame>(pair.at_a);
  ASSERT_EQ(came.size(), 1U);
  EXPECT_EQ(came[0].piece.to, next);
  EXPECT_EQ(came[0].piece.total, 100U);
  EXPECT_EQ(came[0].piece.offset, 77U);
  EXPECT_EQ(came[0].piece.bytes, Bytes(23, 5));
}

TEST_F(DirectoryFrames, OneQuestionAtATime) {
  EXPECT_EQ(pair.at_a.ask_directory({held, 0, 0}).error().code, Errc::conflict) << "before the Hello";
  ASSERT_TRUE(pair.settle());
  ASSERT_TRUE(pair.at_a.ask_directory({held, 0, 0}));
  EXPECT_EQ(pair.at_a.ask_directory({held, 0, 0}).error().code, Errc::conflict);
  EXPECT_EQ(pair.at_b.send_directory({held, 0, 0, {}}).error().code, Errc::conflict) << "nobody asked yet";
  ASSERT_TRUE(feed(DirectoryRequestFrame{{held, 0, 0}}));
  EXPECT_EQ(feed(DirectoryRequestFrame{{held, 0, 0}}).error().code, Errc::protocol_violation);
}

TEST_F(DirectoryFrames, AnswersNobodyAskedForEndTheConnection) {
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(feed(DirectoryPieceFrame{{held, 10, 0, Bytes(10)}}).error().code, Errc::protocol_violation);
}

TEST_F(DirectoryFrames, QuestionFromTheMiddleOfNothing) {
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(feed(DirectoryRequestFrame{{held, 0, 5}}).error().code, Errc::protocol_violation);
}

struct Piece {
  const char* name;
  DirectoryPiece piece;
  Errc code;
};
void PrintTo(const Piece& piece, std::ostream* out) { *out << piece.name; }
class BadPieces : public DirectoryFrames, public testing::WithParamInterface<Piece> {};

TEST_P(BadPieces, EndTheConnection) {
  ASSERT_TRUE(pair.settle());
  ASSERT_TRUE(pair.at_b.ask_directory({held, 0, 0}));
  EXPECT_EQ(feed(DirectoryPieceFrame{GetParam().piece}).error().code, GetParam().code);
  EXPECT_TRUE(events<DirectoryCame>(pair.at_b).empty());
}
INSTANTIATE_TEST_SUITE_P(All, BadPieces,
                         testing::Values(Piece{"beyond_its_total", {held, 10, 5, Bytes(6)}, Errc::bad_frame}, Piece{"offset_beyond_its_total", {held, 10, 11, Bytes(1)}, Errc::bad_frame},
                                         Piece{"empty", {held, 10, 0, {}}, Errc::bad_frame}, Piece{"larger_than_a_directory", {held, 0xFFFFFFFF, 0, Bytes(1)}, Errc::limit_exceeded},
                                         Piece{"larger_than_a_piece", {held, 1 << 20, 0, Bytes(limits::directory_piece_bytes_max + 1)}, Errc::limit_exceeded}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_F(DirectoryFrames, APeerWithoutTheFeatureIsLeftAlone) {
  HelloFrame old;
  old.versions = {1};
  old.realm = ke.realm;
  old.from = ke.agency;
  old.to = gs.agency;
  ASSERT_TRUE(feed(old));
  EXPECT_TRUE(pair.at_b.ready());
  EXPECT_FALSE(pair.at_b.passes_directories());
  EXPECT_EQ(pair.at_b.tell_directory(held).error().code, Errc::conflict);
  EXPECT_EQ(pair.at_b.ask_directory({held, 0, 0}).error().code, Errc::conflict);
  EXPECT_EQ(feed(DirectoryNoticeFrame{held}).error().code, Errc::protocol_violation);
}

TEST_F(DirectoryFrames, TruncatedAtEveryLength) {
  const auto check = [](const EncodedFrame& frame) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const Bytes part(frame.data(), frame.data() + size);
      EXPECT_FALSE(decode_frame(part) && size + 4 < frame.size()) << size;  // the last bytes may be padding
    }
    const Bytes whole(frame.data(), frame.data() + frame.size());
    EXPECT_TRUE(decode_frame(whole));
  };
  check(encode(DirectoryNoticeFrame{held}));
  check(encode(DirectoryRequestFrame{{held, 9, 77}}));
  check(encode(DirectoryPieceFrame{{held, 100, 77, Bytes(23, 5)}}));
}

}  // namespace
}  // namespace liaison::link
