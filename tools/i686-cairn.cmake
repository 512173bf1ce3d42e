# CMake: -DCMAKE_TOOLCHAIN_FILE=.../sysroot/share/i686-cairn.cmake
#
# The sysroot is the folder above the one of this file.

get_filename_component(CAIRN_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

# CMake knows no system of this name; Generic has no shared libraries either.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CAIRN TRUE)
set(UNIX TRUE)

set(CMAKE_C_COMPILER "${CAIRN_SYSROOT}/bin/i686-cairn-gcc")
# C++ is there after "make cxx".
if(EXISTS "${CAIRN_SYSROOT}/usr/lib/libstdc++.a")
    set(CMAKE_CXX_COMPILER "${CAIRN_SYSROOT}/bin/i686-cairn-g++")
endif()
set(CMAKE_ASM_COMPILER "${CAIRN_SYSROOT}/bin/i686-cairn-gcc")
set(CMAKE_AR "${CAIRN_SYSROOT}/bin/i686-cairn-ar" CACHE FILEPATH "")
set(CMAKE_C_COMPILER_AR "${CAIRN_SYSROOT}/bin/i686-cairn-gcc-ar"
    CACHE FILEPATH "")
set(CMAKE_RANLIB "${CAIRN_SYSROOT}/bin/i686-cairn-ranlib" CACHE FILEPATH "")
set(CMAKE_C_COMPILER_RANLIB "${CAIRN_SYSROOT}/bin/i686-cairn-gcc-ranlib"
    CACHE FILEPATH "")
set(CMAKE_NM "${CAIRN_SYSROOT}/bin/i686-cairn-nm" CACHE FILEPATH "")
set(CMAKE_OBJCOPY "${CAIRN_SYSROOT}/bin/i686-cairn-objcopy" CACHE FILEPATH "")
set(CMAKE_OBJDUMP "${CAIRN_SYSROOT}/bin/i686-cairn-objdump" CACHE FILEPATH "")
set(CMAKE_READELF "${CAIRN_SYSROOT}/bin/i686-cairn-readelf" CACHE FILEPATH "")
set(CMAKE_STRIP "${CAIRN_SYSROOT}/bin/i686-cairn-strip" CACHE FILEPATH "")
# What runs the programs that a project builds, also for ctest.
set(CMAKE_CROSSCOMPILING_EMULATOR "${CAIRN_SYSROOT}/bin/cairn-run")
set(PKG_CONFIG_EXECUTABLE "${CAIRN_SYSROOT}/bin/i686-cairn-pkg-config"
    CACHE FILEPATH "")

set(CMAKE_SYSROOT "${CAIRN_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH "${CAIRN_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
