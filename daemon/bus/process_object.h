// The D-Bus object of one process (dbus/org.taktd.Takt1.Process.xml).
#pragma once

#include "process_adaptor.h"

#include "bus/one_reply.h"
#include "bus/requests.h"

namespace takt {

// Owns its place on the bus. Keeps the definition it was last told of; what changes with every execution it asks for.
class ProcessObject final : public sdbus::AdaptorInterfaces<org::taktd::Takt1::Process_adaptor> {
 public:
  ProcessObject(sdbus::IConnection& connection, Requests& requests, OneReply& reply, const ProcessSummary& summary);
  ~ProcessObject();
  ProcessObject(const ProcessObject&) = delete;
  ProcessObject& operator=(const ProcessObject&) = delete;

  // Takes it over, and tells the bus which properties changed. Throws sdbus::Error.
  void update(const ProcessSummary& summary);
  // To those who follow the ObjectManager. Throw sdbus::Error.
  void tell_added() { getObject().emitInterfacesAddedSignal({INTERFACE_NAME}); }
  void tell_removed() { getObject().emitInterfacesRemovedSignal({INTERFACE_NAME}); }

 private:
  void Start(sdbus::Result<std::uint64_t, sdbus::ObjectPath>&& result, Dict inputs, Dict options) override;
  void Enable(sdbus::Result<>&& result, Dict options) override;
  void Disable(sdbus::Result<>&& result, Dict options) override;
  void Pause(sdbus::Result<>&& result, Dict options) override;
  void Resume(sdbus::Result<>&& result, Dict options) override;

  std::string Name() override;
  std::string Description() override;
  std::vector<std::string> Tags() override;
  bool Enabled() override;
  bool Paused() override;
  std::string Version() override;
  std::string Origin() override;
  std::string User() override;
  std::string Overlap() override;
  std::vector<std::string> Triggers() override;
  std::vector<std::string> Steps() override;
  std::string Pool() override;
  std::uint32_t Slots() override;
  std::uint64_t PausedUntilUSec() override;
  std::uint32_t SkipNext() override;
  std::uint64_t NextUSec() override;
  std::uint64_t LastExecution() override;
  std::string LastOutcome() override;

  Requests& requests_;
  OneReply& reply_;
  Definition definition_;
  bool paused_;
};

}  // namespace takt
