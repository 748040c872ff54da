# Read by llama.cpp's build (CMAKE_PROJECT_llama.cpp_INCLUDE, see the Makefile): leaves out its command-line tools, which
# llama-cpp-python does not need and which take half of the time.
set(LLAMA_BUILD_COMMON OFF CACHE BOOL "" FORCE)
