/* What compilers call a function that others find by its name, and one that is to be part of who calls it. */

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define EXPORT __attribute__((visibility("default")))
#else
#define INLINE static __forceinline
#define EXPORT __declspec(dllexport)
#endif
