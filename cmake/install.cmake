# Everything that is installed beside the programs. A distribution's package sets CMAKE_INSTALL_PREFIX=/usr; the folders of
# systemd are its own answer, whatever the prefix.

pkg_get_variable(TAKT_SYSTEM_UNIT_DEFAULT systemd systemdsystemunitdir)
pkg_get_variable(TAKT_USER_UNIT_DEFAULT systemd systemduserunitdir)
pkg_get_variable(TAKT_SYSUSERS_DEFAULT systemd sysusersdir)
set(TAKT_SYSTEM_UNIT_DIR "${TAKT_SYSTEM_UNIT_DEFAULT}" CACHE PATH "Folder of the system's units")
set(TAKT_USER_UNIT_DIR "${TAKT_USER_UNIT_DEFAULT}" CACHE PATH "Folder of the users' units")
set(TAKT_SYSUSERS_DIR "${TAKT_SYSUSERS_DEFAULT}" CACHE PATH "Folder of sysusers.d(5)")

# takt_install(DIR FILES…): files as they are; what ends in .in with the build's paths filled in.
function(takt_install dir)
  foreach(file ${ARGN})
    if(file MATCHES "\\.in$")
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE relative)
      string(REGEX REPLACE "\\.in$" "" relative ${relative})
      configure_file(${file} ${CMAKE_BINARY_DIR}/generated/${relative} @ONLY)
      set(file ${CMAKE_BINARY_DIR}/generated/${relative})
    endif()
    install(FILES ${file} DESTINATION ${dir})
  endforeach()
endfunction()

file(GLOB system_units CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/units/*.service.in ${CMAKE_SOURCE_DIR}/units/*.socket)
file(GLOB user_units CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/units/user/*.service.in ${CMAKE_SOURCE_DIR}/units/user/*.socket)
takt_install(${TAKT_SYSTEM_UNIT_DIR} ${system_units})
takt_install(${TAKT_USER_UNIT_DIR} ${user_units})
takt_install(${TAKT_SYSUSERS_DIR} ${CMAKE_SOURCE_DIR}/units/sysusers.d/takt.conf)

# The administrator's settings and folder, and the processes that ship with their programs.
file(GLOB processes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/etc/processes/*.toml)
file(GLOB process_programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/etc/processes/*)
list(REMOVE_ITEM process_programs ${processes})
file(GLOB settings CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/etc/*.toml)
takt_install(${TAKT_SYSCONF_DIR} ${settings})
install(DIRECTORY DESTINATION ${TAKT_SYSCONF_DIR}/processes)
takt_install(${TAKT_VENDOR_DIR}/processes ${processes})
file(GLOB user_processes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/etc/user-processes/*.toml)
takt_install(${TAKT_VENDOR_DIR}/user-processes ${user_processes})
takt_install(${TAKT_VENDOR_DIR} ${process_programs})

# Templates of definitions, and the programs that they run.
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/*)
takt_install(${TAKT_TEMPLATE_DIR} ${templates})

# D-Bus: the interfaces, the policy, and activation on the system's and the session's bus.
file(GLOB interfaces CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dbus/*.xml)
file(GLOB policy CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dbus/*.conf)
file(GLOB system_services CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dbus/*.service ${CMAKE_SOURCE_DIR}/dbus/*.service.in)
file(GLOB session_services CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dbus/session/*.service
  ${CMAKE_SOURCE_DIR}/dbus/session/*.service.in)
takt_install(${CMAKE_INSTALL_DATADIR}/dbus-1/interfaces ${interfaces})
takt_install(${CMAKE_INSTALL_DATADIR}/dbus-1/system.d ${policy})
takt_install(${CMAKE_INSTALL_DATADIR}/dbus-1/system-services ${system_services})
takt_install(${CMAKE_INSTALL_DATADIR}/dbus-1/services ${session_services})

# Manual pages, named NAME.SECTION.scd.
find_program(TAKT_SCDOC scdoc)
file(GLOB manuals CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.scd)
if(TAKT_SCDOC)
  foreach(source ${manuals})
    get_filename_component(page ${source} NAME_WLE)
    string(REGEX MATCH "[1-9]$" section ${page})
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/man/${page} DEPENDS ${source} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
      COMMAND sh -c "exec \"$1\" < \"$2\" > \"$3\"" sh ${TAKT_SCDOC} ${source} ${CMAKE_BINARY_DIR}/man/${page})
    list(APPEND pages ${CMAKE_BINARY_DIR}/man/${page})
    install(FILES ${CMAKE_BINARY_DIR}/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_target(takt_man ALL DEPENDS ${pages})
else()
  message(STATUS "scdoc not found: no manual pages")
endif()

# Completions of taktctl, as far as a shell's is there.
file(GLOB bash_completions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/completions/taktctl ${CMAKE_SOURCE_DIR}/completions/*.bash)
file(GLOB zsh_completions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/completions/_taktctl)
file(GLOB fish_completions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/completions/*.fish)
foreach(file ${bash_completions})
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME taktctl)
endforeach()
takt_install(${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions ${zsh_completions})
takt_install(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${fish_completions})

# Documentation. CMAKE_INSTALL_DOCDIR is share/doc/takt.
file(GLOB guides CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
file(GLOB examples CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/examples/*.toml)
takt_install(${CMAKE_INSTALL_DOCDIR} ${CMAKE_SOURCE_DIR}/README.md ${guides})
takt_install(${CMAKE_INSTALL_DOCDIR}/examples ${examples})
