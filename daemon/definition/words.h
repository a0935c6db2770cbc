// The words of the definition's enumerations: one table each, for reading and for writing.
#pragma once

#include "definition/definition.h"
#include "definition/table_reader.h"

namespace takt {

inline constexpr std::array<Word<Outcome>, 6> outcome_words{{{"succeeded", Outcome::succeeded},
                                                             {"failed", Outcome::failed},
                                                             {"timed-out", Outcome::timed_out},
                                                             {"cancelled", Outcome::cancelled},
                                                             {"skipped", Outcome::skipped},
                                                             {"interrupted", Outcome::interrupted}}};
// Those that a retry may be for: the others are nobody's failure, or `on_interrupt`'s.
inline constexpr std::array<Word<Outcome>, 2> retry_words{
    {{"failed", Outcome::failed}, {"timed-out", Outcome::timed_out}}};
inline constexpr std::array<Word<InputType>, 6> input_type_words{{{"string", InputType::string},
                                                                  {"integer", InputType::integer},
                                                                  {"number", InputType::number},
                                                                  {"boolean", InputType::boolean},
                                                                  {"array", InputType::array},
                                                                  {"object", InputType::object}}};
inline constexpr std::array<Word<CatchUp>, 3> catch_up_words{
    {{"none", CatchUp::none}, {"latest", CatchUp::latest}, {"all", CatchUp::all}}};
inline constexpr std::array<Word<DaylightSaving>, 2> dst_words{
    {{"takt", DaylightSaving::takt}, {"systemd", DaylightSaving::systemd}}};
inline constexpr std::array<Word<Anchor>, 2> anchor_words{{{"start", Anchor::start}, {"finish", Anchor::finish}}};
inline constexpr std::array<Word<PathEvent>, 3> path_event_words{
    {{"created", PathEvent::created}, {"modified", PathEvent::modified}, {"deleted", PathEvent::deleted}}};
inline constexpr std::array<Word<ResultSource>, 4> result_words{{{"file", ResultSource::file},
                                                                 {"stdout", ResultSource::standard_output},
                                                                 {"lines", ResultSource::lines},
                                                                 {"none", ResultSource::none}}};
inline constexpr std::array<Word<OnInterrupt>, 2> on_interrupt_words{
    {{"fail", OnInterrupt::fail}, {"retry", OnInterrupt::retry}}};
inline constexpr std::array<Word<Overlap>, 4> overlap_words{
    {{"skip", Overlap::skip}, {"queue", Overlap::queue}, {"replace", Overlap::replace}, {"allow", Overlap::allow}}};
inline constexpr std::array<Word<Excess>, 2> excess_words{{{"skip", Excess::skip}, {"coalesce", Excess::coalesce}}};
inline constexpr std::array<Word<UnitState>, 3> unit_state_words{
    {{"active", UnitState::active}, {"inactive", UnitState::inactive}, {"failed", UnitState::failed}}};
inline constexpr std::array<Word<PressureResource>, 3> pressure_words{
    {{"cpu", PressureResource::cpu}, {"memory", PressureResource::memory}, {"io", PressureResource::io}}};
inline constexpr std::array<Word<NetworkState>, 1> network_words{{{"online", NetworkState::online}}};
inline constexpr std::array<Word<BusKind>, 2> bus_words{{{"system", BusKind::system}, {"session", BusKind::session}}};

}  // namespace takt
