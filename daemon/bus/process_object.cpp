#include "bus/process_object.h"

#include "base/limits.h"
#include "bus/dbus_path.h"
#include "bus/dbus_text.h"
#include "definition/definition.h"

namespace takt {

ProcessObject::ProcessObject(sdbus::IConnection& connection, Requests& requests, OneReply& reply,
                             const ProcessSummary& summary)
    : AdaptorInterfaces(connection, process_path(summary.definition->name)),
      requests_(requests),
      reply_(reply),
      definition_(summary.definition),
      paused_(summary.paused) {
  registerAdaptor();
}

ProcessObject::~ProcessObject() {
  unregisterAdaptor();
}

void ProcessObject::update(const ProcessSummary& summary) {
  std::vector<std::string> changed;
  // The version is of the text; where it came from and whose children it has may change without it.
  const ProcessDefinition& was = *definition_;
  const ProcessDefinition& is = *summary.definition;
  if (was.version != is.version || was.origin != is.origin || was.user != is.user)
    changed = {"Description", "Tags",     "Enabled", "Version", "Origin", "User",
               "Overlap",     "Triggers", "Steps",   "Pool",    "Slots"};
  if (paused_ != summary.paused) changed.emplace_back("Paused");
  definition_ = summary.definition;
  paused_ = summary.paused;
  if (!changed.empty()) getObject().emitPropertiesChangedSignal(INTERFACE_NAME, changed);
}

void ProcessObject::Start(sdbus::Result<std::uint64_t, sdbus::ObjectPath>&& result, Dict inputs, Dict options) {
  requests_.start(getObject(), std::move(result), definition_->name, std::move(inputs), std::move(options));
}
void ProcessObject::Enable(sdbus::Result<>&& result, Dict options) {
  requests_.set_enabled(getObject(), std::move(result), definition_->name, true, std::move(options));
}
void ProcessObject::Disable(sdbus::Result<>&& result, Dict options) {
  requests_.set_enabled(getObject(), std::move(result), definition_->name, false, std::move(options));
}
void ProcessObject::Pause(sdbus::Result<>&& result, Dict options) {
  requests_.set_paused(getObject(), std::move(result), definition_->name, true, std::move(options));
}
void ProcessObject::Resume(sdbus::Result<>&& result, Dict options) {
  requests_.set_paused(getObject(), std::move(result), definition_->name, false, std::move(options));
}

std::string ProcessObject::Name() {
  return definition_->name;
}
std::string ProcessObject::Description() {
  return reply_.text(dbus_text(definition_->description, limits::message_bytes));
}
std::vector<std::string> ProcessObject::Tags() {
  return reply_.texts(tag_texts(*definition_));
}
bool ProcessObject::Enabled() {
  return definition_->enabled;
}
bool ProcessObject::Paused() {
  return paused_;
}
std::string ProcessObject::Version() {
  return reply_.text(definition_->version);
}
std::string ProcessObject::Origin() {
  return reply_.text(dbus_text(definition_->origin, limits::message_bytes));
}
std::string ProcessObject::User() {
  return reply_.text(dbus_text(definition_->user, limits::name_bytes));
}
std::string ProcessObject::Overlap() {
  return std::string(to_word(definition_->overlap));
}
std::vector<std::string> ProcessObject::Triggers() {
  return reply_.texts(trigger_texts(*definition_));
}
std::vector<std::string> ProcessObject::Steps() {
  std::vector<std::string> names;
  for (const Step& step : definition_->steps) names.push_back(step.name);
  return reply_.texts(std::move(names));
}
std::string ProcessObject::Pool() {
  return reply_.text(definition_->pool);
}
std::uint32_t ProcessObject::Slots() {
  return definition_->pool.empty() ? 0 : definition_->slots;
}
std::uint64_t ProcessObject::PausedUntilUSec() {
  return usec(reply_.summary(definition_->name).paused_until);
}
std::uint32_t ProcessObject::SkipNext() {
  return reply_.summary(definition_->name).skip_next;
}
std::uint64_t ProcessObject::NextUSec() {
  return usec(reply_.summary(definition_->name).next_at);
}
std::uint64_t ProcessObject::LastExecution() {
  const ProcessSummary& summary = reply_.summary(definition_->name);
  return summary.last ? summary.last->id : 0;
}
std::string ProcessObject::LastOutcome() {
  const ProcessSummary& summary = reply_.summary(definition_->name);
  return summary.last ? std::string(to_word(summary.last->state)) : std::string();
}

}  // namespace takt
