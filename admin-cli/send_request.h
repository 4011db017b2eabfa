// What `send` was asked to send, as its options say it, and the Submit made of it: from the options alone, so that repeating a submission sends the same bytes.
#pragma once
#include "admin-cli/fact_questions.h"
#include "admin-cli/message_file.h"
#include "admin-cli/node_client.h"

namespace liaison::cli {

struct Send {
  MessageSource source;
  std::vector<std::string> to, handling, withhold, no_repetition;
  std::string purpose, urgency, reason, level, channel, review, submission;
  std::string thread, answers_to, expires, answers_file, authorisation, offence_class, confidentiality;
  bool yes = false, preview = false, permit_relays = false;
  ConfirmedFacts confirmed;
};

// Everything that can be wrong with the options themselves, before any file is read.
Result<void> check_options(const Send& send);
// Of checked options.
flatbuffers::Offset<api::Submit> make_submit(flatbuffers::FlatBufferBuilder& builder, const Send& send, const Bytes& message, const Uuid& submission);

}  // namespace liaison::cli
