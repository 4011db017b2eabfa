// Every limit of Liaison in one place: what a peer, a file or a client can make a node allocate, keep or wait for.
// A decoder that needs a bound takes it from here; SECURITY.md lists the same numbers and a test compares them.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace liaison::limits {
using namespace std::chrono_literals;

// records (formats 2.1)
inline constexpr std::size_t message_bytes_max = 1 << 20;
inline constexpr std::size_t leaves_max = 4096;
inline constexpr std::size_t path_bytes_max = 64;
inline constexpr std::size_t verifier_depth_max = 16;
inline constexpr std::size_t verifier_tables_max = 10'000;
inline constexpr std::size_t decoys_min = 32;
inline constexpr std::size_t decoys_spread = 16;
inline constexpr std::size_t hops_max = 4;
inline constexpr std::size_t form_file_bytes_max = 8 << 20;
inline constexpr std::size_t policy_bytes_max = 1 << 20;
inline constexpr std::size_t policy_depth_max = 16;
inline constexpr std::size_t policy_nodes_max = 1 << 20;

// signed texts (formats 1)
inline constexpr std::size_t text_bytes_max = 64 << 10;
inline constexpr std::size_t disclosure_bytes_max = 512 << 10;
inline constexpr std::size_t signatures_max = 16;
inline constexpr std::size_t signature_block_bytes_max = 16 << 10;
inline constexpr std::size_t batch_texts_max = 4096;

// envelopes and links (formats 3, 4)
inline constexpr std::size_t plain_bytes_max = 1441792;  // 1.375 MiB
inline constexpr std::size_t envelope_bytes_max = 1536 << 10;
inline constexpr std::size_t frame_bytes_max = 2304 << 10;
inline constexpr std::size_t segment_bytes_max = 32 << 10;
inline constexpr std::size_t control_frame_bytes_max = 512 << 10;  // every frame but a batch
inline constexpr std::size_t batch_elements_max = 256;
inline constexpr std::size_t batch_bytes_max = 2 << 20;
inline constexpr std::size_t entry_bytes = 54;
inline constexpr std::uint32_t lane_window_bytes = 8 << 20;
inline constexpr std::size_t lane_window_entries = 4096;           // sent and not yet acknowledged
inline constexpr std::size_t link_logs_max = 32;                   // reported in one Hello
inline constexpr std::size_t entries_answer_max = 4096;            // asked for at once after a rollback
inline constexpr std::size_t recovered_entries_max = 1 << 18;      // taken back from a peer after a rollback
inline constexpr std::size_t reopened_bytes_max = 256 << 20;       // envelopes that travel again in a new epoch
inline constexpr std::size_t inbound_budget_bytes = 48 << 20;
inline constexpr std::size_t output_queue_bytes_max = 8 << 20;     // the sum of the next three
inline constexpr std::size_t output_control_bytes_max = 2 << 20;
inline constexpr std::size_t output_urgent_bytes_max = 2 << 20;
inline constexpr std::size_t output_routine_bytes_max = 4 << 20;
inline constexpr std::size_t sessions_max = 1024;
inline constexpr std::size_t handshakes_max = 16;
inline constexpr std::size_t certificate_chain_max = 4;
inline constexpr std::size_t certificate_bytes_max = 16 << 10;
inline constexpr std::size_t evidence_texts_max = 256;
inline constexpr std::size_t evidence_bytes_max = 4 << 10;
inline constexpr std::size_t evidence_shown_max = 16;
inline constexpr std::size_t quarantine_bytes_max = 64 << 20;
inline constexpr auto context_age_max = 5min;
inline constexpr std::uint32_t context_uses_max = 65536;
inline constexpr auto envelope_life_max = 30 * 24h;
inline constexpr auto created_age_max = 30 * 24h;
inline constexpr auto clock_ahead_max = 5min;
inline constexpr auto receipt_delay_max = 100ms;
inline constexpr std::size_t receipt_entries_max = 256;
inline constexpr std::size_t hello_waiting_bytes_max = 256 << 10;
inline constexpr auto hello_deadline = 10s;
inline constexpr auto idle_ping_after = 20s;
inline constexpr auto idle_close_after = 60s;
inline constexpr auto reconnect_max = 5min;

// node
inline constexpr std::size_t recipients_max = 256;
inline constexpr std::size_t handling_codes_max = 64;
inline constexpr std::size_t items_named_max = 256;                // in one request: held back, released, said to be no repetition
inline constexpr std::size_t statement_bytes_max = 4096;           // of one reason or origin in words
inline constexpr std::size_t previews_max = 4;                     // at once
inline constexpr std::size_t preview_fields_max = 1 << 16;         // leaves times recipients
inline constexpr std::size_t code_bytes_max = 256;
inline constexpr std::size_t outbox_refs_in_memory_max = 4096;
inline constexpr std::size_t submissions_waiting_max = 4096;
inline constexpr std::size_t submission_bytes_waiting_max = 32 << 20;
inline constexpr std::size_t store_jobs_max = 8192;
inline constexpr std::size_t group_commit_bytes_max = 4 << 20;
inline constexpr std::size_t group_commit_jobs_max = 128;
inline constexpr auto group_commit_wait_max = 3ms;
inline constexpr std::size_t audit_entry_bytes_max = 1900;
inline constexpr std::size_t hot_messages_bytes_max = 8 << 20;
inline constexpr std::size_t fetch_items_max = 256;
inline constexpr std::size_t fetch_bytes_max = 4 << 20;
inline constexpr std::size_t request_bytes_max = 12 << 20;
inline constexpr std::size_t persons_max = 4096;
inline constexpr std::size_t directory_bytes_max = 64 << 20;
inline constexpr std::size_t agencies_max = 4096;
inline constexpr std::size_t directory_piece_bytes_max = 128 << 10;  // of a delta, in one frame
inline constexpr std::size_t directory_offers_bytes_max = 64 << 20;  // deltas kept for peers that ask
inline constexpr std::size_t directory_proofs_max = 32;              // refused directories kept
inline constexpr std::size_t directory_versions_kept = 3;            // newest ones; changes of authorities are always kept
inline constexpr auto directory_answer_deadline = 5s;                // a peer that does not go on answering is given up
inline constexpr auto directory_pull_max = 60s;                      // so is one that takes longer in all
inline constexpr auto directory_ask_again_after = 30s;               // and not asked again before; likewise one whose answer was refused
inline constexpr auto directory_wait = 5s;                           // for somebody's word on the newest version, before records go to a lone peer
inline constexpr auto directory_override_max = 72h;                  // past one grace, in all

}  // namespace liaison::limits
